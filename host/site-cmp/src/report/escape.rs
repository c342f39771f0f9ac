//! Text from an input, made harmless to a terminal.

use std::borrow::Cow;

/// The text with every character written out that would steer a terminal or hide, move or
/// reorder its neighbours: line ends and tabs too.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    escape(text, steers)
}

/// The same for a line of a file, whose tabs are shown as such.
pub(super) fn visible_line(text: &str) -> Cow<'_, str> {
    escape(text, |c| c != '\t' && steers(c))
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

fn steers(character: char) -> bool {
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
