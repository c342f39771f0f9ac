//! The references of a component's `valueFiles`, as Argo CD resolves them for one site.
//!
//! Argo CD (3.5.7, `getResolvedValueFiles`) replaces build variables in a path and a pattern by the
//! files that match it, and reads a file that is listed twice at its first position only; a file that
//! is listed by its name, too, has no place among those of a pattern. The Application gets the
//! resolved references, so older versions, which do none of this, get the same values.

use std::collections::BTreeSet;

use super::pattern::{self, EntryBudget, is_pattern};
use super::reference::{Located, fill_template, locate_file, split_reference};
use crate::codes;
use crate::fields::with_suggestion_or;
use crate::files::FleetFiles;
use crate::finding::{Finding, Problems};
use crate::gate::OpenSite;
use crate::origin::Location;
use crate::refresh_paths::clean;
use crate::source_url::normalize_git_url;
use crate::sources::LONGEST_PATH;

/// A values file of one site.
#[derive(Clone)]
pub(super) struct ValuesFile<'e> {
    /// The text in the environment.
    pub(super) template: &'e str,
    /// The text for Argo CD.
    pub(super) reference: String,
    pub(super) place: Option<Location>,
    /// The file, if its source is available.
    pub(super) located: Option<Located>,
}

impl ValuesFile<'_> {
    /// Returns whether it stands for all files that match it: none do, or its source is not
    /// available.
    pub(super) fn is_pattern(&self) -> bool {
        split_reference(&self.reference).is_some_and(|(_, path)| is_pattern(&clean(path)))
    }
}

/// Resolves the references of a site, in order, and reports those that have no effect.
pub(super) fn resolve_value_files<'s>(
    files: &FleetFiles,
    site: &'s OpenSite,
) -> Result<(Vec<ValuesFile<'s>>, Vec<Finding>), Problems> {
    let variables = build_variables(site);
    let listed = site.component.value_files.iter().map(|(template, place)| {
        let reference = resolve_text(site, template, &variables, place.as_ref())?;
        let located = locate_file(files, site, &reference, place.clone())?;
        let file = ValuesFile { template, reference, place: place.clone(), located };
        Ok((file_key(site, &file), file))
    });
    let listed = listed.collect::<Result<Vec<_>, Problems>>()?;
    let named = listed.iter().filter(|(_, file)| !file.is_pattern());
    let named: BTreeSet<_> = named.map(|(key, _)| key.clone()).collect();
    let mut seen = BTreeSet::new();
    let mut budget = EntryBudget::default();
    let (mut resolved, mut findings) = (Vec::new(), Vec::new());
    for (key, file) in listed {
        if file.is_pattern() && file.located.is_some() {
            let matches = expand(&file, &mut budget)?;
            if matches.is_empty() {
                resolved.push(file);
            }
            resolved.extend(matches.into_iter().filter(|file| {
                let key = file_key(site, file);
                !named.contains(&key) && seen.insert(key)
            }));
        } else if seen.insert(key) {
            resolved.push(file);
        } else {
            let message =
                format!("{} is listed a second time, which has no effect", file.reference);
            let hint = "Argo CD reads a file once, at its first position; remove one of the two";
            findings.push(codes::VALUES_REPEATED.finding(message).at(file.place).hint(hint));
        }
    }
    Ok((resolved, findings))
}

/// Returns the text of a reference with its placeholders and variables replaced.
fn resolve_text(
    site: &OpenSite,
    template: &str,
    variables: &[(&str, String)],
    place: Option<&Location>,
) -> Result<String, Problems> {
    let filled = fill_template(template, site);
    match filled.split_once('/') {
        // A longer one is refused as a path.
        Some((source, path)) if filled.len() <= LONGEST_PATH => {
            let path = substitute(path, variables)
                .map_err(|name| unknown_variable(&filled, &name, variables, place.cloned()))?;
            Ok(format!("{source}/{path}"))
        }
        _ => Ok(filled),
    }
}

/// Returns the files that match a pattern.
fn expand<'e>(
    pattern: &ValuesFile<'e>,
    budget: &mut EntryBudget,
) -> Result<Vec<ValuesFile<'e>>, Problems> {
    let refuse = |why: String| {
        let finding = codes::VALUES_PATTERN.finding(format!("pattern {} {why}", pattern.reference));
        finding.at(pattern.place.clone()).hint("list the files one by one")
    };
    let Some(located) = &pattern.located else { return Ok(Vec::new()) };
    let (folder, path) = located.in_source();
    let found = pattern::expand(&*located.tree, folder, path, budget).map_err(refuse)?;
    let (source, _) = split_reference(&pattern.reference).unwrap_or_default();
    let files = found.iter().filter_map(|path| located.beside(path)).map(|file| {
        let reference = format!("${source}/{}", file.in_source().1);
        file.check_links(&reference, pattern.place.clone())?;
        if is_pattern(file.in_source().1) || file.path.contains('$') {
            let why = format!("matches {reference}, which Argo CD would not read as a file's name");
            return Err(refuse(why).into());
        }
        Ok(ValuesFile { reference, located: Some(file), ..pattern.clone() })
    });
    files.collect()
}

/// Returns the variables of Argo CD's build environment that are known before a sync, as they are for
/// the chart's source. Those of the resolved revision are not.
fn build_variables(site: &OpenSite) -> [(&'static str, String); 6] {
    let component = &site.component;
    [
        ("ARGOCD_APP_NAME", site.application_name()),
        ("ARGOCD_APP_NAMESPACE", component.namespace.clone()),
        ("ARGOCD_APP_PROJECT_NAME", component.project.0.clone()),
        ("ARGOCD_APP_SOURCE_PATH", String::new()),
        ("ARGOCD_APP_SOURCE_REPO_URL", component.repository.clone()),
        ("ARGOCD_APP_SOURCE_TARGET_REVISION", component.version.clone()),
    ]
}

/// Replaces `$NAME` and `${NAME}`, as `os.Expand` of Go; fails with the first unknown name. It stops
/// when the path is too long, which is refused.
fn substitute(path: &str, variables: &[(&str, String)]) -> Result<String, String> {
    let mut parts = path.split('$');
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = match part.strip_prefix('{') {
            Some(inner) => inner.split_once('}').unwrap_or((part, "")),
            None => part.split_at(
                part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len()),
            ),
        };
        let known = variables.iter().find(|(known, _)| *known == name);
        let (_, value) = known.ok_or_else(|| name.to_owned())?;
        result.push_str(value);
        result.push_str(rest);
        if result.len() > LONGEST_PATH {
            break;
        }
    }
    Ok(result)
}

/// Argo CD replaces an unknown variable by nothing, and then reads another file.
fn unknown_variable(
    reference: &str,
    name: &str,
    variables: &[(&str, String)],
    place: Option<Location>,
) -> Finding {
    let finding =
        codes::REFERENCE_VARIABLE.finding(format!("`{reference}`: variable `{name}` is not known"));
    let known = variables.iter().map(|(name, _)| *name);
    let all = known.clone().collect::<Vec<_>>().join(", ");
    with_suggestion_or(finding, name, known, || format!("use one of {all}")).at(place)
}

/// Returns one text for each spelling of a file: two sources may be one repository, and Argo CD
/// resolves a link at the end of a path.
fn file_key(site: &OpenSite, file: &ValuesFile<'_>) -> (String, String) {
    let (source, path) = split_reference(&file.reference).unwrap_or((&file.reference, ""));
    let url = site.sources.get(source).map_or(source, |(url, _)| url);
    let linked = file.located.as_ref().and_then(|located| {
        located.tree.link(&located.path)?;
        Some(located.beside(&located.end_of_links()?)?.in_source().1.to_owned())
    });
    (normalize_git_url(url), linked.unwrap_or_else(|| clean(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_as_go_does() {
        let variables = [("A", "1".to_owned()), ("A_B", "2".to_owned()), ("NONE", String::new())];
        for (path, expected) in [
            ("x/y", Ok("x/y")),
            ("$A/y", Ok("1/y")),
            ("x-$A_B.yaml", Ok("x-2.yaml")),
            ("${A}_B/$A-B", Ok("1_B/1-B")),
            ("x$NONE/y", Ok("x/y")),
            ("$AB", Err("AB")),
            ("x/$", Err("")),
            ("x/$$A", Err("")),
            ("${A", Err("{A")),
            ("${}", Err("")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(substitute(path, &variables), expected, "{path}");
        }
    }
}
