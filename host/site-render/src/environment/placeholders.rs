//! Placeholders in the paths of an environment, such as `{{site}}`.

use crate::codes;
use crate::fields::with_suggestion_or;
use crate::finding::FindingResult as Result;
use crate::origin::Location;

/// Those of a path that each site has.
pub(super) const OF_SITE: &[&str] = &["site", "environment", "deploy_path"];
/// Those of a path of the global cluster.
pub(super) const OF_ENVIRONMENT: &[&str] = &["environment"];
/// Those of a path in a profile.
pub(crate) const NONE: &[&str] = &[];

/// Refuses a placeholder that nothing replaces: the path would name a file with braces.
pub(super) fn check_placeholders(
    path: &str,
    known: &[&str],
    place: Option<&Location>,
) -> Result<()> {
    for rest in path.split("{{").skip(1) {
        let name = rest.split_once("}}").map(|(name, _)| name);
        if name.is_some_and(|name| known.contains(&name)) {
            continue;
        }
        let name = name.unwrap_or(rest);
        let message = format!("`{path}`: nothing replaces `{{{{{name}`");
        let finding = codes::REFERENCE_PLACEHOLDER.finding(message).at(place.cloned());
        let all = || match known {
            [] => "write the path without placeholders".to_owned(),
            known => format!("use one of {{{{{}}}}}", known.join("}}, {{")),
        };
        let finding = with_suggestion_or(finding, name.trim(), known.iter().copied(), all);
        return Err(Box::new(finding));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_replaces_is_refused() {
        let check = |path: &str, known: &[&str]| {
            let refused = check_placeholders(path, known, None).err()?;
            Some(format!("{} ({})", refused.message, refused.hint.unwrap_or_default()))
        };
        for path in ["a/b.yaml", "{{site}}/{{deploy_path}}-{{environment}}.yaml", "a}}b", "{a}", ""]
        {
            assert_eq!(check(path, OF_SITE), None, "{path}");
        }
        let refused = |path: &str, known: &[&str]| check(path, known).unwrap_or_default();
        assert_eq!(
            refused("x/{{sites}}/v", OF_SITE),
            "`x/{{sites}}/v`: nothing replaces `{{sites` (did you mean `site`?)"
        );
        assert!(refused("{{ site }}", OF_SITE).contains("did you mean `site`"));
        assert!(refused("{{site}}", OF_ENVIRONMENT).contains("use one of {{environment}}"));
        assert!(refused("{{site", OF_SITE).contains("nothing replaces `{{site`"));
        assert!(refused("{{site}}", NONE).contains("without placeholders"));
    }
}
