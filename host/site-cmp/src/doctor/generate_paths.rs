//! The folder that the repo-server sends because of
//! `argocd.argoproj.io/manifest-generate-paths`: the common parent of the application's folder
//! and of all paths in the annotation, computed as in Argo CD 3.5
//! (`reposerver/repository/utils.go`). Argo CD treats a pattern as a literal name there.

/// The annotation's name.
pub(super) const ANNOTATION: &str = "argocd.argoproj.io/manifest-generate-paths";

/// Returns the folder of the repo that is sent; the repo's root is the empty path.
pub(super) fn sent_root(app: &str, annotation: &str) -> String {
    let app = path_parts(app);
    let mut common = app.clone();
    let (mut is_empty, mut is_cut) = (true, false);
    for word in annotation.split(';').filter(|word| !word.is_empty()) {
        is_empty = false;
        let path = resolve_path(&app, word);
        let same = common.iter().zip(&path).take_while(|(a, b)| a == b).count();
        if same < common.len().min(path.len()) {
            common.truncate(same);
            is_cut = true;
        } else if !is_cut {
            // Argo CD quirk: once the common path was cut, a path that is a parent folder no
            // longer shortens it.
            common.truncate(path.len());
        }
    }
    if is_empty { String::new() } else { common.join("/") }
}

/// Returns the annotation that sends exactly one folder at or above the application's.
pub(super) fn advise_annotation(app: &str, folder: &str) -> String {
    let above = path_parts(app).len() - path_parts(folder).len();
    if above == 0 { ".".to_owned() } else { vec![".."; above].join("/") }
}

/// Resolves a path of the annotation from the repo's root, which it cannot leave.
fn resolve_path<'a>(app: &[&'a str], word: &'a str) -> Vec<&'a str> {
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

/// Returns the components of a path.
fn path_parts(path: &str) -> Vec<&str> {
    resolve_path(&[], path)
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
            assert_eq!(sent_root("fleet/sites/a", annotation), sent, "{annotation}");
        }
        assert_eq!(sent_root(".", "."), "");
    }

    #[test]
    fn the_advice_sends_the_folder_and_no_more() {
        for (app, folder, word) in [
            ("fleet/sites/a", "fleet", "../.."),
            ("sites/a", "", "../.."),
            ("a", "a", "."),
            ("./a//b/", "a", ".."),
        ] {
            assert_eq!(advise_annotation(app, folder), word);
            assert_eq!(sent_root(app, word), folder);
        }
    }
}
