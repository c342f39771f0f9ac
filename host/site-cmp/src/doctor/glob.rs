//! Patterns of excluded files, matched as Go's `filepath.Match` does: against a whole path, and
//! `*` and `?` never match a `/`.

/// Returns whether a pattern excludes a path: the path itself or a folder above it.
pub(super) fn is_excluded(patterns: &[&str], path: &str) -> bool {
    let parts = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    let mut folders = parts.map(|end| &path[..end]);
    folders.any(|folder| patterns.iter().any(|pattern| matches_path(pattern, folder)))
}

/// Returns whether a pattern matches a whole path.
fn matches_path(pattern: &str, path: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let path: Vec<char> = path.chars().collect();
    // The last star and the position where it stopped: if a later part does not match, that
    // star takes one character more. This backtracks over one star only, so many stars take no
    // exponential time.
    let (mut at, mut seen, mut star) = (0, 0, None);
    loop {
        if pattern.get(at) == Some(&'*') {
            star = Some((at + 1, seen));
            at += 1;
            continue;
        }
        match (pattern.get(at).is_some(), path.get(seen)) {
            (false, None) => return true,
            (true, Some(c)) => {
                if let Some(next) = match_char(&pattern, at, *c) {
                    (at, seen) = (next, seen + 1);
                    continue;
                }
            }
            _ => {}
        }
        match star {
            Some((after, taken)) if path.get(taken).is_some_and(|c| *c != '/') => {
                star = Some((after, taken + 1));
                (at, seen) = (after, taken + 1);
            }
            _ => return false,
        }
    }
}

/// Returns whether Go accepts a pattern; a pattern that it rejects fails every call.
pub(super) fn is_sound(pattern: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    while at < pattern.len() {
        let next = match pattern[at] {
            '[' => match_class(&pattern, at + 1, ' ').map(|(_, next)| next),
            '\\' => (at + 1 < pattern.len()).then_some(at + 2),
            _ => Some(at + 1),
        };
        let Some(next) = next else {
            return false;
        };
        at = next;
    }
    true
}

/// Matches one character and returns the position after it in the pattern.
fn match_char(pattern: &[char], at: usize, c: char) -> Option<usize> {
    match pattern[at] {
        '?' => (c != '/').then_some(at + 1),
        '[' => match_class(pattern, at + 1, c).and_then(|(is_in, next)| is_in.then_some(next)),
        '\\' => (*pattern.get(at + 1)? == c).then_some(at + 2),
        plain => (plain == c).then_some(at + 1),
    }
}

/// Matches a character class that begins at `at`. Returns whether it contains the character and
/// the position after the class, or `None` for an invalid class.
fn match_class(pattern: &[char], at: usize, c: char) -> Option<(bool, usize)> {
    let is_negated = pattern.get(at) == Some(&'^');
    let mut at = at + usize::from(is_negated);
    let mut is_in = false;
    let mut is_empty = true;
    while *pattern.get(at)? != ']' || is_empty {
        let (low, next) = class_char(pattern, at)?;
        let (high, next) = match pattern.get(next) {
            Some('-') => class_char(pattern, next + 1)?,
            _ => (low, next),
        };
        is_in |= (low..=high).contains(&c);
        (at, is_empty) = (next, false);
    }
    Some((is_in != is_negated, at + 1))
}

/// Returns one character of a class and the position of the next; Go requires `]` and `-` to be
/// escaped.
fn class_char(pattern: &[char], at: usize) -> Option<(char, usize)> {
    match *pattern.get(at)? {
        ']' | '-' => None,
        '\\' => Some((*pattern.get(at + 1)?, at + 2)),
        plain => Some((plain, at + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, path, expected) in [
            (".git", ".git", true),
            (".git/*", ".git/HEAD", true),
            (".git/*", ".git", false),
            ("*.md", "README.md", true),
            ("*.md", "docs/README.md", false),
            ("docs/*.md", "docs/a.md", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b-d", false),
            ("?", "é", true),
            ("?", "/", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("[^a-c]x", "dx", true),
            ("[^a]", "/", true),
            ("[!a]", "a", true),
            ("a]", "a]", true),
            (r"[\]]", "]", true),
            (r"\*", "*", true),
            (r"\*", "a", false),
            ("*", "", true),
            ("**", "a/b", false),
            ("", "", true),
            ("[", "[", false),
            ("[]a]", "a", false),
            ("[-]", "-", false),
            ("a[", "a", false),
        ] {
            assert_eq!(matches_path(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_folder_that_is_left_out_takes_all_in_it_along() {
        assert!(is_excluded(&["x", "policies"], "policies/a/b.wasm"));
        assert!(is_excluded(&["policies/*"], "policies/a/b.wasm"));
        assert!(!is_excluded(&["a"], "policies/a/b.wasm"));
        assert!(!is_excluded(&[], "policies"));
    }

    #[test]
    fn a_pattern_that_go_refuses_is_known() {
        for sound in ["", "*", ".git/*", "[a-c]", r"[\]]", r"\*", "a]", "[^a]"] {
            assert!(is_sound(sound), "{sound}");
        }
        for broken in ["[", "[]a]", "[-]", "a[", r"a\", "[a", "[a-]", "x/[/y"] {
            assert!(!is_sound(broken), "{broken}");
        }
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "*a".repeat(200);
        assert!(!matches_path(&pattern, &"a".repeat(190)));
    }
}
