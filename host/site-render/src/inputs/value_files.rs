//! The references of a component's `valueFiles`, as Argo CD resolves them for one site.
//!
//! Argo CD (3.5.7, `getResolvedValueFiles`) replaces build variables in a path, and reads a file that
//! is listed twice at its first position only. The Application gets the resolved references, so older
//! versions, which read such a file twice, get the same values.

use std::collections::BTreeSet;

use super::reference::{fill_template, split_reference};
use crate::codes;
use crate::fields::with_suggestion_or;
use crate::finding::{Finding, Problems};
use crate::gate::OpenSite;
use crate::origin::Location;
use crate::sources::LONGEST_PATH;

/// The characters with which a path is a pattern (`isGlobPath` of Argo CD).
const PATTERN: [char; 3] = ['*', '?', '['];

/// A reference for one site.
pub(super) struct ValuesReference<'e> {
    /// The text in the environment.
    pub(super) template: &'e str,
    /// The text for Argo CD.
    pub(super) reference: String,
    pub(super) place: Option<Location>,
}

impl ValuesReference<'_> {
    /// Returns whether Argo CD reads all files that match it.
    pub(super) fn is_pattern(&self) -> bool {
        self.reference.contains(PATTERN)
    }
}

/// Resolves the references of a site, in order, and reports those that have no effect.
pub(super) fn resolve_value_files(
    site: &OpenSite,
) -> Result<(Vec<ValuesReference<'_>>, Vec<Finding>), Problems> {
    let variables = build_variables(site);
    let mut seen = BTreeSet::new();
    let mut references = Vec::new();
    let mut findings = Vec::new();
    for (template, place) in &site.component.value_files {
        let filled = fill_template(template, site);
        let reference = match filled.split_once('/') {
            // A longer one is refused as a path.
            Some((source, path)) if filled.len() <= LONGEST_PATH => {
                let path = substitute(path, &variables)
                    .map_err(|name| unknown_variable(&filled, &name, &variables, place.clone()))?;
                format!("{source}/{path}")
            }
            _ => filled,
        };
        if !seen.insert(file_key(site, &reference)) {
            let message = format!("{reference} is listed a second time, which has no effect");
            let hint = "Argo CD reads a file once, at its first position; remove one of the two";
            findings.push(codes::VALUES_REPEATED.finding(message).at(place.clone()).hint(hint));
            continue;
        }
        references.push(ValuesReference { template, reference, place: place.clone() });
    }
    Ok((references, findings))
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

/// Returns one text for each spelling of a file: two sources may be one repository.
fn file_key(site: &OpenSite, reference: &str) -> (String, String) {
    let (source, path) = split_reference(reference).unwrap_or((reference, ""));
    let repository = site.sources.get(source).map_or(source, |(url, _)| url).trim_end_matches('/');
    let repository = repository.strip_suffix(".git").unwrap_or(repository).to_ascii_lowercase();
    (repository, crate::refresh_paths::clean(path))
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
