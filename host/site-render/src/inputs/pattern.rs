//! Patterns of `valueFiles`, expanded as Argo CD expands them.
//!
//! Argo CD (3.5.7, with `doublestar.FilepathGlob` 4.10) lists a folder before the folders in it, and
//! its names by their bytes. The Application gets the files instead of the pattern: Argo CD then reads
//! what the policies saw, and older versions, which know no patterns, read the same files.

use regex::{Regex, RegexBuilder};

use super::pattern_part::regex_of;
use crate::refresh_paths::join;
use crate::tree::{EntryKind, Tree, TreeError};

/// The characters with which a path is a pattern (`isGlobPath` of Argo CD).
const PATTERN: [char; 3] = ['*', '?', '['];

/// The most entries of folders that are compared with the patterns of one site.
const MOST_ENTRIES: usize = 10_000;

/// The longest part between slashes, in bytes, and the largest program for it.
const LONGEST_PART: usize = 256;
const MOST_REGEX_BYTES: usize = 1 << 20;

/// Returns whether a path is a pattern for Argo CD.
pub(super) fn is_pattern(path: &str) -> bool {
    path.contains(PATTERN)
}

/// How many more entries may be compared with the patterns of a site.
#[derive(Debug)]
pub(super) struct EntryBudget(usize);

impl Default for EntryBudget {
    fn default() -> Self {
        Self(MOST_ENTRIES)
    }
}

/// Returns the paths below `folder` that match a pattern, in their order; fails with the reason why
/// the pattern is not usable.
pub(super) fn expand(
    tree: &dyn Tree,
    folder: &str,
    pattern: &str,
    budget: &mut EntryBudget,
) -> Result<Vec<String>, String> {
    let names: Vec<&str> = pattern.split('/').collect();
    let fixed =
        names.iter().take_while(|name| !name.contains(PATTERN) && !name.contains(['{', '\\']));
    let fixed = fixed.count();
    let parts =
        names[fixed..].iter().map(|name| PatternPart::new(name)).collect::<Result<Vec<_>, _>>()?;
    let mut search = PatternSearch { tree, budget, found: Vec::new() };
    search.visit(&join(folder, &names[..fixed].join("/")), &parts)?;
    Ok(search.found)
}

/// One part of a pattern between slashes.
enum PatternPart {
    /// `**`: any folders.
    Folders,
    /// The names that match.
    Names(Regex),
}

impl PatternPart {
    fn new(part: &str) -> Result<Self, String> {
        if part == "**" {
            return Ok(Self::Folders);
        }
        if part.len() > LONGEST_PART {
            return Err(format!("has a part of more than {LONGEST_PART} bytes"));
        }
        let regex = regex_of(part).ok_or_else(|| format!("is not valid in `{part}`"))?;
        let regex = RegexBuilder::new(&regex).size_limit(MOST_REGEX_BYTES).build();
        // Only the size can be wrong.
        regex.map(Self::Names).map_err(|_| format!("is too large in `{part}`"))
    }
}

struct PatternSearch<'t> {
    tree: &'t dyn Tree,
    budget: &'t mut EntryBudget,
    found: Vec<String>,
}

impl PatternSearch<'_> {
    /// Finds what matches in a folder.
    fn visit(&mut self, folder: &str, parts: &[PatternPart]) -> Result<(), String> {
        let Some((part, rest)) = parts.split_first() else { return Ok(()) };
        let PatternPart::Names(names) = part else { return self.descend(folder, rest) };
        for (name, kind) in self.list(folder)?.unwrap_or_default() {
            if !names.is_match(&name) {
                continue;
            }
            let path = join(folder, &name);
            if rest.is_empty() {
                self.found.push(path);
            } else if kind == EntryKind::Folder {
                self.visit(&path, rest)?;
            }
        }
        Ok(())
    }

    /// Finds what matches in a folder and in all folders below it.
    fn descend(&mut self, folder: &str, rest: &[PatternPart]) -> Result<(), String> {
        let Some(entries) = self.list(folder)? else { return Ok(()) };
        if rest.is_empty() {
            // Helm refuses a folder, so it is an error, as in Argo CD.
            self.found.push(folder.to_owned());
        } else {
            self.visit(folder, rest)?;
        }
        for (name, kind) in entries {
            let path = join(folder, &name);
            if kind == EntryKind::Folder {
                self.descend(&path, rest)?;
            } else if rest.is_empty() {
                self.found.push(path);
            }
        }
        Ok(())
    }

    /// Lists a folder; nothing for one that does not exist.
    fn list(&mut self, folder: &str) -> Result<Option<Vec<(String, EntryKind)>>, String> {
        let entries = match self.tree.list(folder) {
            Ok(entries) => entries,
            Err(error @ TreeError::Unreadable(_)) => {
                return Err(format!("needs the names in `{folder}`: {error}"));
            }
            Err(_) => return Ok(None),
        };
        // A folder counts itself, so that empty ones are limited too.
        let left = self.budget.0.checked_sub(entries.len() + 1);
        self.budget.0 = left.ok_or_else(|| {
            format!("and those before it are compared with more than {MOST_ENTRIES} files")
        })?;
        Ok(Some(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::tree_of;

    #[test]
    fn files_are_found_in_the_order_of_argo_cd() {
        let files = [
            "b.yaml",
            "a/z.yaml",
            "a/b/c.yaml",
            "a-b/x.yaml",
            ".h.yaml",
            "a/b/[1].yaml",
            "a/é.yaml",
        ];
        let tree = tree_of(&files);
        let expand = |folder: &str, pattern: &str| {
            expand(&*tree, folder, pattern, &mut EntryBudget::default())
        };
        let found = |pattern: &str| expand("", pattern).map(|found| found.join(" "));
        for (pattern, expected) in [
            ("*.yaml", ".h.yaml b.yaml"),
            ("**/*.yaml", ".h.yaml b.yaml a/z.yaml a/é.yaml a/b/[1].yaml a/b/c.yaml a-b/x.yaml"),
            ("a/**/c.yaml", "a/b/c.yaml"),
            ("*/?.yaml", "a/z.yaml a/é.yaml a-b/x.yaml"),
            ("a/b/[^a-b].yaml", "a/b/c.yaml"),
            ("{a,a-b}/[xz].yaml", "a/z.yaml a-b/x.yaml"),
            ("a/**", "a a/b a/b/[1].yaml a/b/c.yaml a/z.yaml a/é.yaml"),
            ("none/*", ""),
            ("b.yaml/*", ""),
        ] {
            assert_eq!(found(pattern).as_deref(), Ok(expected), "{pattern}");
        }
        assert_eq!(expand("a", "*.yaml").unwrap(), ["a/z.yaml", "a/é.yaml"]);
        for pattern in ["[a", "[]a]*", "{a*", "a}*", "*\\", "{a/b,c}/*"] {
            assert!(found(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_repeats_itself_is_limited() {
        let files: Vec<String> = (0..200).map(|i| format!("a{i}/b/c/d/e/f.yaml")).collect();
        let tree = tree_of(&files.iter().map(String::as_str).collect::<Vec<_>>());
        let mut budget = EntryBudget::default();
        let mut search = || expand(&*tree, "", "**/f.yaml", &mut budget);
        assert_eq!(search().unwrap().len(), 200);
        let refused = (0..10).find_map(|_| search().err()).unwrap();
        assert!(refused.contains("more than 10000 files"), "{refused}");
        let refused = expand(&*tree, "", &"[a-z]".repeat(60), &mut budget).unwrap_err();
        assert!(refused.contains("more than 256 bytes"), "{refused}");
    }
}
