//! Text that strangers wrote and people read, in terminals and in Argo CD's UI.
//!
//! A policy's words are shown as they are or not at all: [`hidden`] finds what could
//! forge a line or repaint a terminal. Words that we quote ourselves go through
//! [`plain`], which shows such characters instead of sending them.

/// The longest quotation of a stranger's text inside our own sentence, in characters.
const QUOTATION: usize = 200;

/// The first character that a reader would not see as it is: control characters (with
/// line ends, so that a reason cannot forge a second line), and the marks that reorder
/// or break a line.
pub(crate) fn hidden(text: &str) -> Option<char> {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return None;
    }
    text.chars().find(|&c| misleads(c))
}

/// Somebody else's text, safe to print within a sentence: control characters escaped,
/// cut where it becomes long.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(QUOTATION));
    for (count, c) in text.chars().enumerate() {
        if count == QUOTATION {
            shown.push_str("...");
            break;
        }
        if misleads(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

fn misleads(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            // Bidirectional marks and overrides, line and paragraph separators, the
            // byte order mark.
            '\u{061c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

#[cfg(test)]
mod tests;
