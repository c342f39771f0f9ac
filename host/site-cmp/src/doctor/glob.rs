//! Patterns of what the repo-server leaves out, matched as Go's `filepath.Match` does:
//! against a whole path, `*` and `?` never over a `/`.

/// Whether a pattern leaves out a path: the path itself or a folder that it lies in.
pub(super) fn leave_out(patterns: &[&str], path: &str) -> bool {
    let parts = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    let mut folders = parts.map(|end| &path[..end]);
    folders.any(|folder| patterns.iter().any(|pattern| matches(pattern, folder)))
}

/// Whether a pattern matches a whole path.
fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let path: Vec<char> = path.chars().collect();
    // The last star, and where it stopped: a star that took too little takes one more.
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
                if let Some(next) = step(&pattern, at, *c) {
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

/// Whether Go takes a pattern at all; one that it refuses fails every call.
pub(super) fn is_sound(pattern: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    while at < pattern.len() {
        let next = match pattern[at] {
            '[' => class(&pattern, at + 1, ' ').map(|(_, next)| next),
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

/// Where a pattern goes on after one character, if it takes that.
fn step(pattern: &[char], at: usize, c: char) -> Option<usize> {
    match pattern[at] {
        '?' => (c != '/').then_some(at + 1),
        '[' => class(pattern, at + 1, c).and_then(|(is_in, next)| is_in.then_some(next)),
        '\\' => (*pattern.get(at + 1)? == c).then_some(at + 2),
        plain => (plain == c).then_some(at + 1),
    }
}

/// Whether a class of characters, whose first one is at `at`, takes one, and where the
/// pattern goes on; nothing for a class that is none.
fn class(pattern: &[char], at: usize, c: char) -> Option<(bool, usize)> {
    let is_negated = pattern.get(at) == Some(&'^');
    let mut at = at + usize::from(is_negated);
    let mut is_in = false;
    let mut is_empty = true;
    while *pattern.get(at)? != ']' || is_empty {
        let (low, next) = one(pattern, at)?;
        let (high, next) = match pattern.get(next) {
            Some('-') => one(pattern, next + 1)?,
            _ => (low, next),
        };
        is_in |= (low..=high).contains(&c);
        (at, is_empty) = (next, false);
    }
    Some((is_in != is_negated, at + 1))
}

/// One character of a class, and where the next begins; Go wants `]` and `-` escaped.
fn one(pattern: &[char], at: usize) -> Option<(char, usize)> {
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
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_folder_that_is_left_out_takes_all_in_it_along() {
        assert!(leave_out(&["x", "policies"], "policies/a/b.wasm"));
        assert!(leave_out(&["policies/*"], "policies/a/b.wasm"));
        assert!(!leave_out(&["a"], "policies/a/b.wasm"));
        assert!(!leave_out(&[], "policies"));
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
        assert!(!matches(&pattern, &"a".repeat(190)));
    }
}
