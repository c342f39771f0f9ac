//! Shortens a list of paths. A shorter list covers at least the same files.

use std::collections::{BTreeMap, BTreeSet};

use super::is_in;

/// The most paths of one folder: with more, the folder itself is listed.
const SIBLINGS: usize = 4;

/// The most paths, and the most bytes that they have together. All annotations of an object may
/// have 256 KiB (Kubernetes, `TotalAnnotationSizeLimitB`).
const PATHS: usize = 100;
const BYTES: usize = 8 << 10;

/// Returns the paths, sorted, none of them below another. A path below `own` becomes that folder.
/// The paths of a folder in `split` become the folder only if the list is too long otherwise.
pub(crate) fn compact(
    paths: BTreeSet<String>,
    own: Option<&str>,
    split: &[&str],
) -> BTreeSet<String> {
    let own = own.filter(|own| !own.is_empty());
    let mut paths = paths.into_iter().map(|path| match own {
        Some(own) if is_in(&path, own) => writable(own.to_owned()),
        _ => writable(path),
    });
    let mut paths = without_covered(paths.by_ref().collect());
    loop {
        let mut sizes = BTreeMap::<&str, usize>::new();
        for (folder, _) in paths.iter().filter_map(|path| path.rsplit_once('/')) {
            *sizes.entry(folder).or_default() += 1;
        }
        let is_crowded = |(folder, size): (&str, usize)| {
            (size > SIBLINGS && !split.contains(&folder)).then(|| folder.to_owned())
        };
        let crowded: Vec<String> = sizes.into_iter().filter_map(is_crowded).collect();
        if crowded.is_empty() {
            break;
        }
        paths.extend(crowded);
        paths = without_covered(paths);
    }
    while paths.len() > PATHS || paths.iter().map(|path| path.len() + 2).sum::<usize>() > BYTES {
        let depth = |path: &str| path.matches('/').count();
        let deepest = paths.iter().map(|path| depth(path)).max().unwrap_or_default();
        let widen = |path: String| if depth(&path) == deepest { parent(&path) } else { path };
        paths = without_covered(paths.into_iter().map(widen).collect());
    }
    paths
}

/// Returns the path if an annotation can contain it and Argo CD finds it there; otherwise the nearest
/// folder.
fn writable(mut path: String) -> String {
    // Argo CD reads changed files from `git diff`, which writes such a name in quotes. A quoted name
    // is in no folder but the root.
    let is_quoted = |c: char| !c.is_ascii() || c.is_ascii_control() || matches!(c, '"' | '\\');
    if path.contains(is_quoted) {
        return String::new();
    }
    if path.len() > BYTES {
        path.truncate(BYTES);
        path = parent(&path);
    }
    while path.contains(';') || path.ends_with(' ') {
        path = parent(&path);
    }
    path
}

fn parent(path: &str) -> String {
    path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

/// Removes each path that is below another.
fn without_covered(paths: BTreeSet<String>) -> BTreeSet<String> {
    let is_covered = |path: &str| {
        let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        (!path.is_empty() && paths.contains("")) || folders.any(|folder| paths.contains(folder))
    };
    paths.iter().filter(|path| !is_covered(path)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(paths: &[&str]) -> String {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        let paths = compact(paths, Some("sites/a"), &["", "sites"]);
        paths.into_iter().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_folder_replaces_what_is_below_it() {
        for (paths, expected) in [
            (&["sites/a/profile.yaml", "sites/ab/x", "sites/a"][..], "sites/a sites/ab/x"),
            (&["x", "x/y/z", "x-y", "x.z/a"], "x x-y x.z/a"),
            (&["p/1", "p/2", "p/3", "p/4"], "p/1 p/2 p/3 p/4"),
            (&["p/1", "p/2", "p/3", "p/4", "p/5", "q/1"], "p q/1"),
            (&["b/p/1", "b/p/2", "b/p/3", "b/p/4", "b/p/5", "b/1", "b/2", "b/3", "b/4"], "b"),
            (&["1", "2", "3", "4", "5", "6"], "1 2 3 4 5 6"),
            (
                &["sites/1/x", "sites/2/x", "sites/3/x", "sites/4", "sites/5"],
                "sites/1/x sites/2/x sites/3/x sites/4 sites/5",
            ),
            (&["", "a"], ""),
            (&[], ""),
        ] {
            assert_eq!(short(paths), expected, "{paths:?}");
        }
    }

    #[test]
    fn a_name_that_an_annotation_cannot_contain_is_widened() {
        for (path, expected) in [
            ("a/b;c/d", "a"),
            ("a/b;", "a"),
            ("a/b ", "a"),
            ("a/ /b", "a/ /b"),
            ("a/*[?]", "a/*[?]"),
            ("a/ö", ""),
            ("a/\"b", ""),
            ("a/b\\c", ""),
            ("a/b\nc", ""),
        ] {
            assert_eq!(short(&[path]), expected, "{path:?}");
        }
    }

    #[test]
    fn the_list_is_bounded() {
        let of = |count: usize, name: &str| {
            let each = |number| format!("top/{}/{name}/{number}/file", number / 3);
            compact((0..count).map(each).collect(), None, &[])
        };
        assert_eq!(of(5, "x").len(), 5);
        assert_eq!(of(PATHS, "x").len(), PATHS);
        let many = of(PATHS + 1, "x");
        assert_eq!((many.len(), many.first().map(String::as_str)), (34, Some("top/0/x")));
        let long = of(6, &"x".repeat(2000));
        assert!(long.iter().map(String::len).sum::<usize>() < BYTES, "{long:?}");
        let own = compact(BTreeSet::from(["ö/x".to_owned()]), Some("ö"), &[]);
        assert_eq!(own, BTreeSet::from([String::new()]));
    }
}
