//! What `argocd.argoproj.io/manifest-generate-paths` makes the repo-server send: the
//! common folder of the application's folder and of all paths in it, reckoned as Argo CD
//! 3.5 does (its `reposerver/repository/utils.go`). A pattern is a name like any other.

/// The annotation's name.
pub(super) const ANNOTATION: &str = "argocd.argoproj.io/manifest-generate-paths";

/// The folder of the repo that is sent; the repo's own is the empty path.
pub(super) fn root(app: &str, annotation: &str) -> String {
    let app = parts(app);
    let mut common = app.clone();
    let (mut is_empty, mut is_cut) = (true, false);
    for word in annotation.split(';').filter(|word| !word.is_empty()) {
        is_empty = false;
        let path = resolve(&app, word);
        let same = common.iter().zip(&path).take_while(|(a, b)| a == b).count();
        if same < common.len().min(path.len()) {
            common.truncate(same);
            is_cut = true;
        } else if !is_cut {
            // After a cut Argo CD no longer shortens for a path that is a folder above.
            common.truncate(path.len());
        }
    }
    if is_empty { String::new() } else { common.join("/") }
}

/// What to write so that a folder above the application's is sent, and no more.
pub(super) fn advice(app: &str, folder: &str) -> String {
    let above = parts(app).len() - parts(folder).len();
    if above == 0 { ".".to_owned() } else { vec![".."; above].join("/") }
}

/// A path of the annotation from the repo's root, which it cannot leave.
fn resolve<'a>(app: &[&'a str], word: &'a str) -> Vec<&'a str> {
    let mut path = if word.starts_with('/') { Vec::new() } else { app.to_vec() };
    for part in word.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(path.pop()),
            name => path.push(name),
        }
    }
    path
}

/// The components of a path.
fn parts(path: &str) -> Vec<&str> {
    resolve(&[], path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_folder_is_the_one_that_argo_cd_sends() {
        for (annotation, sent) in [
            ("", ""),
            (";", ""),
            (".", "fleet/sites/a"),
            ("../..", "fleet"),
            ("/fleet", "fleet"),
            ("/fleet/sites/a", "fleet/sites/a"),
            (".;../../policies.lock", "fleet"),
            ("../../environments/*;.", "fleet"),
            (".;/shared", ""),
            ("../../../../../..", ""),
            ("/", ""),
            ("values.yaml", "fleet/sites/a"),
            // The quirk: a fork first, then a folder above it.
            ("../b;/", "fleet/sites"),
            ("/;../b", ""),
        ] {
            assert_eq!(root("fleet/sites/a", annotation), sent, "{annotation}");
        }
        assert_eq!(root(".", "."), "");
    }

    #[test]
    fn the_advice_sends_the_folder_and_no_more() {
        for (app, folder, word) in [
            ("fleet/sites/a", "fleet", "../.."),
            ("sites/a", "", "../.."),
            ("a", "a", "."),
            ("./a//b/", "a", ".."),
        ] {
            assert_eq!(advice(app, folder), word);
            assert_eq!(root(app, word), folder);
        }
    }
}
