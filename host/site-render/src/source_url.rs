//! URLs of Git and Helm repositories, as far as a mistake in one can be seen without asking it.

use crate::codes;
use crate::fields::Fields;
use crate::finding::Finding;
use crate::suggestion::nearest;

/// The kind of a repository.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Repository {
    /// Commits.
    Git,
    /// Charts. One in an OCI registry has no scheme in Argo CD.
    Helm,
}

impl Repository {
    fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::Git => &["https", "ssh", "http", "git", "file"],
            Self::Helm => &["https", "http", "oci"],
        }
    }
}

/// Returns the URL of a required key, and refuses one that no repository can have.
pub(crate) fn read_url<'n>(
    fields: &Fields<'n>,
    key: &str,
    repository: Repository,
) -> Result<&'n str, Box<Finding>> {
    let url = fields.required(key)?;
    let (why, hint) = match url.split_once("://") {
        _ if url.contains(char::is_whitespace) => ("contains a space", None),
        Some((scheme, _)) if !repository.schemes().contains(&scheme) => {
            let near = nearest(scheme, repository.schemes().iter().copied());
            ("has an unknown scheme", near.map(|near| format!("did you mean `{near}://`?")))
        }
        Some(("file", path)) if path.starts_with('/') => return Ok(url),
        Some((_, rest)) if !starts_with_host(rest) => ("has no host", None),
        None if matches!(repository, Repository::Git) && !is_path_of_git(url) => {
            ("has no scheme", Some(format!("did you mean `https://{url}`?")))
        }
        _ => return Ok(url),
    };
    let all = || format!("use {}://", repository.schemes().join("://, "));
    let finding = codes::SOURCE_URL.finding(format!("`{}` {why}: `{url}`", fields.name(key)));
    let place = fields.place(key);
    Err(Box::new(finding.at(place).hint(hint.unwrap_or_else(all))))
}

/// Returns one text for the spellings of a Git URL that are one repository for Argo CD (3.5.7,
/// `git.NormalizeGitURL`).
pub(crate) fn normalize_git_url(url: &str) -> String {
    let mut url = url.trim().to_lowercase();
    let is_scp = |(user, rest): (&str, &str)| !user.contains(['/', ':']) && !rest.contains('@');
    if url.split_once('@').is_some_and(is_scp) {
        url = url.replacen(':', "/", 1);
    }
    let url = url.strip_suffix(".git").unwrap_or(&url);
    url.strip_prefix("ssh://").unwrap_or(url).to_owned()
}

/// Returns whether the part of a URL after its scheme starts with a host, after user information
/// if there is any.
fn starts_with_host(rest: &str) -> bool {
    let authority = rest.split('/').next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    host.starts_with(|c: char| c.is_alphanumeric() || c == '[')
}

/// Returns whether Git reads a text without a scheme as `user@host:path` or as a local path.
fn is_path_of_git(url: &str) -> bool {
    url.starts_with(['/', '.']) || url.split('/').next().is_some_and(|first| first.contains(':'))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::finding::Stage;
    use crate::keys::PROFILE;
    use crate::origin::SourceFile;
    use crate::yaml;

    /// Returns the message and the hint on a URL, if it is refused.
    fn refused(url: &str, repository: Repository) -> Option<(String, String)> {
        let text = format!("deploy_url: '{url}'\n");
        let parsed = yaml::read(&Arc::new(SourceFile::new("p.yaml", &text))).unwrap();
        let top = Fields::of(&parsed.root, "a profile", PROFILE.table, Stage::Gate).unwrap();
        let finding = read_url(&top, "deploy_url", repository).err()?;
        assert_eq!(finding.place.as_ref().unwrap().at.line, 1);
        Some((finding.message.clone(), finding.hint.clone().unwrap()))
    }

    #[test]
    fn urls_that_argo_cd_can_fetch_are_accepted() {
        for url in [
            "https://git.example.net/fleet.git",
            "ssh://git@git.example.net:2222/fleet.git",
            "git@git.example.net:team/fleet.git",
            "https://user:word@[2001:db8::1]/fleet.git",
            "file:///srv/fleet",
            "/srv/fleet",
        ] {
            assert_eq!(refused(url, Repository::Git), None, "{url}");
        }
        for url in ["https://charts.example.net/", "oci://registry.example.net/charts", "quay.io/c"]
        {
            assert_eq!(refused(url, Repository::Helm), None, "{url}");
        }
    }

    #[test]
    fn a_url_that_nothing_can_fetch_is_refused() {
        let cases = [
            ("htps://typo", Repository::Helm, "did you mean `https://`?"),
            ("ftp://charts.example.net", Repository::Helm, "use https://, http://, oci://"),
            ("oci://registry.example.net", Repository::Git, "use https://, ssh://"),
            ("https:///charts", Repository::Helm, "use https://"),
            ("https://user:word@/charts", Repository::Git, "use https://"),
            ("git.example.net/fleet.git", Repository::Git, "did you mean `https://git.example"),
            ("https://git.example.net/a b", Repository::Git, "use https://"),
        ];
        for (url, repository, hint) in cases {
            let (message, hinted) = refused(url, repository).unwrap();
            assert!(
                message.starts_with("`deploy_url` ") && hinted.contains(hint),
                "{message} {hinted}"
            );
        }
    }
}
