//! Finds secrets in arguments of commands: `--password VALUE` or `-password VALUE`, also in lists.

use std::ops::Range;

use super::key_names::names_secret;
use super::literals::is_literal;
use super::token_shapes::end_of_word;

/// The longest name of an option, and the longest gap before its value, in bytes.
const NAME: usize = 64;
const GAP: usize = 64;

/// Returns the name of the option that a text is: `password` of `--password` and `-password`.
pub(crate) fn option_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix("--").or_else(|| text.strip_prefix('-'))?;
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    (begins && name.chars().all(is_in_name)).then_some(name)
}

fn is_in_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.')
}

/// Adds the value behind each option that names a secret.
pub(super) fn add_option_values(text: &str, found: &mut Vec<Range<usize>>) {
    let mut next = 0;
    while let Some(at) = text[next..].find('-').map(|at| next + at) {
        next = at + if text[at..].starts_with("--") { 2 } else { 1 };
        let limit = text.floor_char_boundary(next + NAME);
        let Some(end) = text[next..limit].find(|c| !is_in_name(c)).map(|length| next + length)
        else {
            continue;
        };
        let starts = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-');
        let name = option_name(&text[at..end]).filter(|name| starts && names_secret(name));
        next = end;
        if name.is_none() {
            continue;
        }
        let Some(value) = value_start(text, end) else { continue };
        let quote = text[..value].chars().next_back().filter(|last| matches!(last, '"' | '\''));
        let end = match quote {
            Some(quote) => text[value..].find(quote).map_or(text.len(), |length| value + length),
            None => end_of_word(text, value),
        };
        let word = text[value..end].trim_end_matches(['\\', ',', ']']);
        if is_value(word) {
            found.push(value..value + word.len());
            next = value + word.len();
        }
    }
}

/// Returns whether the text behind an option is its value: not another option, and no reference.
pub(crate) fn is_value(text: &str) -> bool {
    let is_sign = |c: char| !c.is_alphanumeric();
    is_literal(text) && !text.starts_with('-') && !text.chars().all(is_sign)
}

/// Returns where the value of an option begins: behind spaces, or behind the quotes, the comma or
/// the dash between two items of a list.
fn value_start(text: &str, from: usize) -> Option<usize> {
    let gap = &text[from..text.floor_char_boundary(from + GAP)];
    let value = gap.trim_start_matches(|c: char| c.is_whitespace() || "\\\"',".contains(c));
    // The next item of a list in YAML.
    let value = match value.strip_prefix("- ") {
        Some(item) if gap.contains('\n') => item.trim_start().trim_start_matches(['"', '\'']),
        _ => value,
    };
    let is_gap = value.len() < gap.len() && !value.is_empty();
    is_gap.then(|| from + gap.len() - value.len())
}

#[cfg(test)]
mod tests {
    use super::add_option_values;
    use crate::disclosure::escapes::texts_found;

    fn hidden(text: &str) -> Vec<&str> {
        texts_found(text, add_option_values)
    }

    #[test]
    fn the_value_of_an_option_is_found() {
        for text in [
            "x --password HIDE --user u",
            "args: [\"--password\", \"HIDE\"]",
            "[--db-password, HIDE]",
            "['--api-key','HIDE','-v']",
            "- --token\n- HIDE\n- x",
            "  - \"--token\"\n  - \"HIDE\"\n",
            "run -password HIDE",
            "[-db-password, HIDE]",
            "[\\\"--password\\\", \\\"HIDE\\\"]",
        ] {
            assert_eq!(hidden(text), ["HIDE"], "{text}");
        }
        assert_eq!(hidden("--client-secret 'a b' c"), ["a b"]);
    }

    #[test]
    fn options_without_a_value_are_shown() {
        for text in [
            "--password --user u",
            "--password $(PASSWORD)",
            "[\"--password\", \"$(PASSWORD)\"]",
            "--password-file /run/x",
            "--user u",
            "--password",
            "---token x",
            "--password=x",
            "--token\n",
        ] {
            assert_eq!(hidden(text), Vec::<&str>::new(), "{text}");
        }
    }
}
