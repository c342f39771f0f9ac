//! Finds keys that are followed by a value, in any language: `key: value`, `"key": "value"`,
//! `KEY = value`, `key=value`, `x["key"] = value`, `get("key", value)`.

use std::ops::Range;

use super::key_names::{FORMS, is_secret_file, names_secret};
use super::pairs::is_pair_in_brackets;

/// A key of a line, and where its value begins.
#[derive(Clone, Debug)]
pub(super) struct Assignment<'t> {
    /// The key, without quotes.
    pub(super) key: &'t str,
    /// The offset of the key, with its quote.
    pub(super) start: usize,
    /// The offset of the value. It may be the end of the line.
    pub(super) value: usize,
    /// Whether only punctuation precedes the key.
    pub(super) leads: bool,
    /// Whether the key is within brackets that the same line opens.
    pub(super) in_brackets: bool,
    /// The byte between the two: `:`, `=` or `,`.
    pub(super) separator: u8,
    /// The quote of the key, if it has one.
    pub(super) quote: Option<char>,
}

impl Assignment<'_> {
    /// Returns whether the key names a secret. Two words count too: `api key: value`.
    pub(super) fn names_secret(&self, line: &str) -> bool {
        let before = line[..self.start].strip_suffix(' ').unwrap_or_default();
        let word = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let is_form = || FORMS.iter().any(|form| self.key.eq_ignore_ascii_case(form));
        // A list of a Secret's keys has names of files, and not their contents.
        let is_listed = self.separator == b',' && is_secret_file(self.key);
        names_secret(self.key) && !is_listed
            || self.names_secret_unescaped()
            || self.quote.is_none()
                && !word.is_empty()
                && names_secret(&format!("{word} {}", self.key))
                && (!names_secret(word) || is_form())
    }

    /// Returns whether the key names a secret once a shell has read it: `pass\\word`.
    fn names_secret_unescaped(&self) -> bool {
        self.key.contains('\\')
            && (self.key.rsplit('\\').next().is_some_and(names_secret)
                || names_secret(&self.key.replace('\\', "")))
    }
}

/// The longest run of spaces and operators around a separator, and the longest key, in bytes.
/// Each is read once for each separator of a line.
const GAP: usize = 64;
const KEY: usize = 256;

/// Returns all keys of a line that have a value or may have one on the next line.
pub(super) fn assignments(line: &str) -> Vec<Assignment<'_>> {
    let mut found: Vec<Assignment<'_>> = Vec::new();
    let mut depth = 0_usize;
    let lead = line.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(line.len());
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b':' | b'=' | b',' => {
                let value = value_start(line, at);
                if let Some(one) = assignment(line, at, value)
                    && found.last().is_none_or(|last| last.value < value)
                {
                    let (leads, in_brackets) = (one.start <= lead, depth > 0);
                    found.push(Assignment { leads, in_brackets, ..one });
                }
            }
            _ => {}
        }
    }
    found
}

/// Returns the assignment of a separator, if a key precedes it.
fn assignment(line: &str, at: usize, value: usize) -> Option<Assignment<'_>> {
    let separator = line.as_bytes()[at];
    if line[at..].starts_with("://") {
        return None;
    }
    let left = trim_end_within(&line[..at], |c| " \t+|?!:=])".contains(c));
    let (key, quote) = last_key(left)?;
    let start = key.start - quote.map_or(0, char::len_utf8);
    // A list of words has commas too; a call has a name in quotes before its value.
    let has_name = || quote.is_some() || is_pair_in_brackets(line, &line[key.clone()], start, at);
    if separator == b',' && (left.len() < at || !has_name()) {
        return None;
    }
    let key = line[key].trim_matches('\\');
    Some(Assignment { key, start, value, separator, quote, leads: false, in_brackets: false })
}

/// Returns the offset of the value after a separator.
fn value_start(line: &str, at: usize) -> usize {
    let skipped = |byte: &u8| b" \t:=>~,+".contains(byte);
    let gap = line.as_bytes()[at..].iter().take(GAP).take_while(|byte| skipped(byte)).count();
    // `key: > text` is the head of a folded block.
    at + gap - usize::from(line[at..at + gap].ends_with(" >"))
}

/// Returns a text without the letters at its end that match, of the last [`GAP`] bytes.
fn trim_end_within(text: &str, matches: impl Fn(char) -> bool) -> &str {
    let from = text.floor_char_boundary(text.len().saturating_sub(GAP));
    &text[..from + text[from..].trim_end_matches(matches).len()]
}

/// Returns the range of the key at the end of a text, and its quote.
fn last_key(left: &str) -> Option<(Range<usize>, Option<char>)> {
    let last = left.chars().last()?;
    let from = left.floor_char_boundary(left.len().saturating_sub(KEY));
    if matches!(last, '"' | '\'' | '`') {
        let end = left.len() - 1;
        let start = from + left[from..end.max(from)].rfind(last)? + 1;
        return Some((start..end, Some(last)));
    }
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '\\');
    let start = from + left[from..].trim_end_matches(part).len();
    (start < left.len()).then_some((start..left.len(), None))
}

#[cfg(test)]
mod tests {
    use super::assignments;

    fn secrets(line: &str) -> Vec<(&str, &str)> {
        let found = assignments(line).into_iter().filter(|one| one.names_secret(line));
        found.map(|one| (one.key, &line[one.value..])).collect()
    }

    #[test]
    fn a_key_is_found_in_each_language() {
        for (line, rest) in [
            ("  password: x", "x"),
            ("- {\"password\":\"x\"}", "\"x\"}"),
            ("PASSWORD = 'x'", "'x'"),
            ("host=h password=x", "x"),
            ("?user=u&token=x", "x"),
            ("D[\"PASSWORD\"] = 'x'", "'x'"),
            ("getenv(\"DB_PASSWORD\", 'x')", "'x')"),
            ("password:: 'x',", "'x',"),
            ("password+: 'x'", "'x'"),
            ("'password' => 'x'", "'x'"),
            ("PASSWORD: str = 'x'", "str = 'x'"),
            ("{\\\"password\\\": \\\"x\\\"}", "\\\"x\\\"}"),
            ("the api key: x", "x"),
            ("password:", ""),
            ("pass\\word=x", "x"),
            ("C:\\dir\\password=x", "x"),
            ("run 'a\\nto\\ken: x'", "x'"),
            ("[DB_PASSWORD, x]", "x]"),
            ("a: {DB_PASSWORD, x}", "x}"),
            ("[[A, b], [ PASSWORD, x y]]", "x y]]"),
        ] {
            assert_eq!(secrets(line).first().map(|one| one.1), Some(rest), "{line}");
        }
        for line in [
            "[\"tls.key\", \"ca.crt\"]",
            "passwords of users, x",
            "a, password",
            "token://x",
            "passwordKey: x",
            "pass\\wordKey=x",
            "[DB_PASSWORD, DB_USER]",
            "[DB_PASSWORD, a, b]",
            "(password, user)",
        ] {
            assert_eq!(secrets(line), Vec::new(), "{line}");
        }
    }
}
