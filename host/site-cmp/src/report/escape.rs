//! Escapes text from an input, so that it cannot control a terminal.

use std::borrow::Cow;

/// Escapes every character that controls a terminal, or that hides, moves or reorders its
/// neighbours. Line ends and tabs are escaped too.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    escape(text, is_control)
}

/// Escapes a line of a file in the same way, except for its tabs.
pub(super) fn visible_line(text: &str) -> Cow<'_, str> {
    escape(text, |c| c != '\t' && is_control(c))
}

fn escape(text: &str, is_bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_bad) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_bad(character) {
            escaped.extend(character.escape_default());
        } else {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}
