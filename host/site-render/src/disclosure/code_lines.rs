//! Hides the texts in lines of Python and Jsonnet that may assign a secret in a way that reading
//! keys and values does not find: to several names, in a loop or a comparison, under an escaped name.

use std::ops::Range;

use super::key_names::{names_secret, without_width};
use super::literals::is_variable_name;

/// Words of Jsonnet before the path of a file.
const IMPORTS: &[&str] = &["import", "importstr", "importbin"];

/// Functions that read a variable of the environment.
const READERS: &[&str] = &["getenv(", "environ.get(", "extVar("];

/// Adds the ranges of texts in lines that may assign a secret.
pub(super) fn add_code_texts(text: &str, found: &mut Vec<Range<usize>>) {
    let (mut start, mut depth) = (0, 0_usize);
    let (mut is_doubtful, mut continues) = (false, false);
    for line in text.split_inclusive('\n') {
        is_doubtful = is_doubtful && continues || may_assign_secret(line);
        if is_doubtful {
            let texts = texts(line).into_iter().filter(|text| !is_name(line, text));
            found.extend(texts.map(|text| start + text.start..start + text.end));
        }
        for byte in line.bytes() {
            match byte {
                b'(' | b'[' => depth += 1,
                b')' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        continues = depth > 0 || line.trim_end().ends_with(['\\', '+', '=']);
        start += line.len();
    }
}

/// Returns whether a word of a line names a secret, or a name may be written with escapes.
fn may_assign_secret(line: &str) -> bool {
    let mut letters = line.chars().peekable();
    let mut plain = String::with_capacity(line.len());
    while let Some(letter) = letters.next() {
        match letter {
            // `'PASS' + 'WORD'` is one text.
            '"' | '\'' => while letters.next_if(|next| " +\"'".contains(*next)).is_some() {},
            '\\' if letters.peek().is_some_and(|next| "xuUN01234567".contains(*next)) => {
                return true;
            }
            _ => {}
        }
        // A name of Python may have wide letters.
        plain.push(without_width(letter));
    }
    let is_part = |c: char| c.is_alphanumeric() || "_-".contains(c);
    plain.split(|c| !is_part(c)).any(names_secret)
}

/// Returns the ranges of the quoted texts of a line, with their quotes.
fn texts(line: &str) -> Vec<Range<usize>> {
    let (mut found, mut open, mut is_escaped) = (Vec::new(), None, false);
    for (at, letter) in line.char_indices() {
        match open {
            _ if is_escaped => is_escaped = false,
            Some(_) if letter == '\\' => is_escaped = true,
            Some((start, quote)) if letter == quote => {
                found.push(start..at + 1);
                open = None;
            }
            None if matches!(letter, '"' | '\'') => open = Some((at, letter)),
            _ => {}
        }
    }
    found.extend(open.map(|(start, _)| start..line.trim_end().len().max(start)));
    found
}

/// Returns whether a text is a name: of a variable that is read, of an item, a key or a file.
pub(super) fn is_name(line: &str, text: &Range<usize>) -> bool {
    let before = line[..text.start].trim_end();
    let after = line[text.end..].trim_start();
    let name = line[text.clone()].trim_matches(['"', '\'']);
    let is_item = before.strip_suffix('[').is_some_and(|list| {
        list.ends_with(|c: char| c.is_alphanumeric() || "_)]".contains(c)) && after.starts_with(']')
    });
    let is_key = after.starts_with(':') && (before.is_empty() || before.ends_with(['{', ',']));
    let is_read = READERS.iter().any(|reader| before.ends_with(reader)) && is_variable_name(name);
    let is_path = IMPORTS.iter().any(|import| before.ends_with(import));
    name.is_empty() || is_item || is_key || is_read || is_path
}

#[cfg(test)]
mod tests {
    use crate::disclosure::shown_text::replace_ranges;
    use crate::disclosure::source_text::{Language, hidden_ranges_of};

    #[test]
    fn a_line_that_may_assign_a_secret_shows_no_text() {
        for line in [
            "{ 'pass\\u0077ord': 'HIDE', x: }",
            "PASSWORD, X = 'HIDE', 1 1",
            "for PASSWORD in ['HIDE'] 1:",
            "*PASSWORD, = ['HIDE'] 1",
            "if PASSWORD in ('HIDE',) 1:",
            "PASSWORD = 'x' + \\\n'HIDE' 1",
            "{'PASS\\x57ORD': 'HIDE'} 1",
            "{'PASS' 'WORD': 'HIDE'} 1",
            "{'PASS' + \"WORD\": 'HIDE'} 1",
            "ＰＡＳＳＷＯＲＤ = 'HIDE' 1",
            "return ('HIDE', DB_PASSWORD",
            "PASSWORDS.append('HIDE') 1",
            "set_password(\n  'HIDE') 1",
            "while 'HIDE' != API_TOKEN 1:",
        ] {
            let shown = replace_ranges(line, hidden_ranges_of(line, Language::Code));
            assert!(!shown.contains("HIDE"), "{line}\n{shown}");
        }
    }

    #[test]
    fn names_and_other_lines_are_shown() {
        for line in [
            "PASSWORD = os.environ['DB_PASSWORD'] 1",
            "PASSWORD = os.getenv('DB_PASSWORD') 1",
            "D['x']['PASSWORD'] = os.environ[\"A_B\"] 1",
            "HOST = 'db' + 'x' 1",
            "  local x = import 'a.libsonnet';",
            "(import '/etc/passwd') + {}",
            "existingSecret: 'web-db',",
        ] {
            assert!(hidden_ranges_of(line, Language::Code).is_empty(), "{line}");
        }
    }
}
