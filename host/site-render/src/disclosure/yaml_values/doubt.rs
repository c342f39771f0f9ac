//! Hides the values of a broken text's lines where they may be secrets.

use std::ops::Range;

use crate::disclosure::key_names::names_secret;

/// Returns the end of the top-level block around an offset.
pub(super) fn end_of_block(text: &str, at: usize) -> usize {
    let begins = |line: &str| line.starts_with(|c: char| c.is_alphanumeric() || "\"'-".contains(c));
    let mut end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
    for line in text[end..].split_inclusive('\n') {
        if begins(line) {
            break;
        }
        end += line.len();
    }
    end
}

/// Returns whether a text that is not valid YAML may have a secret: a word names one, or a key may be
/// written in another way.
pub(super) fn is_doubtful(text: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    let follows = |mark: char| {
        text.match_indices(mark).any(|(at, _)| text[at + 1..].starts_with(char::is_alphanumeric))
    };
    let has_escape = ["\\x", "\\u", "\\U", "\\\n", "? "].iter().any(|mark| text.contains(mark));
    has_escape || follows('&') || follows('*') || text.split(|c| !is_part(c)).any(names_secret)
}

/// Hides what follows the first key of each line, or the line.
pub(super) fn hide_lines(text: &str, region: Range<usize>, found: &mut Vec<Range<usize>>) {
    let mut start = region.start;
    for line in text[region].split_inclusive('\n') {
        let mut keys = line.match_indices(':').map(|(at, _)| at + 1);
        let value = keys.find(|at| !line[*at..].starts_with("//")).unwrap_or_default();
        let lead = line[value..].len()
            - line[value..].trim_start_matches([' ', '\t', '-', '{', '[', '"', '\'']).len();
        let end = line.trim_end().len();
        if line.get(value + lead..end).is_some_and(|rest| rest.contains(char::is_alphanumeric)) {
            found.push(start + value + lead..start + end);
        }
        start += line.len();
    }
}
