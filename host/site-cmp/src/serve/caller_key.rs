//! The key by which calls share the server: the Argo CD project of their Application.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The longest project or repository in a key, in bytes. Longer ones that begin alike share a key.
const NAME_BYTES: usize = 512;

/// A group of calls that have one share of the server together. Argo CD's repo-server sets both
/// variables that it is read from, so a repo cannot choose its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct CallerKey(Arc<str>);

impl CallerKey {
    /// Returns the key of a call's variables: its project, else its repository, else the key of
    /// all calls that name neither.
    pub(super) fn from_variables(variables: &BTreeMap<String, String>) -> Self {
        let named = |name: &str| variables.get(name).filter(|value| !value.is_empty());
        let project = named("ARGOCD_APP_PROJECT_NAME").map(|name| key_text("project", name));
        let key = project
            .or_else(|| named("ARGOCD_APP_SOURCE_REPO_URL").map(|url| key_text("repository", url)));
        key.map_or_else(Self::unknown, |key| Self(key.into()))
    }

    /// Returns the key of the calls on a connection that have not named anything yet.
    pub(super) fn of_connection(number: u64) -> Self {
        Self(format!("connection {number}").into())
    }

    /// Returns the key of calls that have not named a project or a repository.
    pub(super) fn unknown() -> Self {
        Self("".into())
    }
}

/// Returns the key of a project.
#[cfg(test)]
pub(super) fn key_of(project: &str) -> CallerKey {
    let project = ("ARGOCD_APP_PROJECT_NAME".to_owned(), project.to_owned());
    CallerKey::from_variables(&[project].into())
}

/// Returns a key that is different for a project and a repository of the same name.
fn key_text(kind: &str, name: &str) -> String {
    format!("{kind} {}", &name[..name.floor_char_boundary(NAME_BYTES)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(variables: &[(&str, &str)]) -> CallerKey {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        CallerKey::from_variables(&variables.iter().map(owned).collect())
    }

    #[test]
    fn a_project_is_the_key_and_a_repository_where_none_is_named() {
        let project = ("ARGOCD_APP_PROJECT_NAME", "one");
        let repository = ("ARGOCD_APP_SOURCE_REPO_URL", "one");
        assert_eq!(key(&[project, repository]), key(&[project]));
        assert_eq!(key(&[("ARGOCD_APP_PROJECT_NAME", ""), repository]), key(&[repository]));
        assert_ne!(key(&[project]), key(&[repository]));
        assert_eq!(key(&[]), CallerKey::unknown());
        assert_ne!(key(&[project]), CallerKey::unknown());
    }

    #[test]
    fn a_long_name_takes_no_more_memory_than_a_key_may() {
        let long = "é".repeat(1 << 20);
        let CallerKey(text) = key(&[("ARGOCD_APP_PROJECT_NAME", &long)]);
        assert!(text.len() <= NAME_BYTES + "project ".len());
    }
}
