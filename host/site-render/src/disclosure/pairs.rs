//! Pairs of a name and a value without a key between them: a list of two items, or a mapping of two keys
//! without values, in YAML `[DB_PASSWORD, x]` and `{DB_PASSWORD, x}`.

use super::key_names::{Sensitivity, is_secret_file, sensitivity};
use super::literals::is_variable_name;

/// Returns whether the first of two items names a secret whose value is the second. Each is given if it is
/// a text.
pub(super) fn is_pair(name: Option<&str>, value: Option<&str>) -> bool {
    let Some(name) = name.map(str::trim) else { return false };
    // `[password, user]` and `[A_PASSWORD, A_USER]` are lists of names, and files of a Secret have none.
    let is_word = |value: &str| value.chars().all(|c| c.is_alphabetic() || "_-.".contains(c));
    let may_be_name = if is_variable(name) { is_variable_name } else { is_word };
    sensitivity(name) >= Sensitivity::Likely
        && !is_secret_file(name)
        && !value.is_some_and(may_be_name)
}

fn is_variable(name: &str) -> bool {
    !name.contains(|c: char| c.is_ascii_lowercase())
}

/// Returns whether two keys without values are such a pair. `{token: null, user: null}` is not, so only the
/// name of a variable counts here.
pub(super) fn is_pair_of_keys(name: &str, value: &str) -> bool {
    is_variable(name) && is_pair(Some(name), Some(value))
}

/// Returns whether the words before and behind a comma of a line are such a pair in brackets. A sentence
/// has words in brackets too.
pub(super) fn is_pair_in_brackets(line: &str, name: &str, start: usize, comma: usize) -> bool {
    let rest = &line[comma + 1..];
    let end = rest.find([',', ']', '}', ')', '[', '{', '(']).unwrap_or(rest.len());
    let is_closed = rest[end..].starts_with([']', '}', ')']);
    line[..start].trim_end().ends_with(['[', '{', '('])
        && is_closed
        && is_pair_of_keys(name, rest[..end].trim())
}
