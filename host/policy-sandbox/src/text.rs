//! Untrusted text that people read in terminals and in Argo CD's UI.
//!
//! A policy's texts are accepted unchanged or rejected: [`first_hidden_char`] finds characters that
//! could forge a line or repaint a terminal. Texts that we quote are passed through
//! [`escape_controls`], which escapes such characters.

/// Maximum length of quoted untrusted text, in characters.
const QUOTATION: usize = 200;

/// Returns the first character that a reader would not see: a control character (including line ends,
/// so that a reason cannot forge a second line), or a mark that reorders or breaks a line.
pub(crate) fn first_hidden_char(text: &str) -> Option<char> {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return None;
    }
    text.chars().find(|&c| is_misleading(c))
}

/// Makes untrusted text safe to print within a sentence: escapes control characters and truncates it.
pub(crate) fn escape_controls(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(QUOTATION));
    for (count, c) in text.chars().enumerate() {
        if count == QUOTATION {
            shown.push_str("...");
            break;
        }
        if is_misleading(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

fn is_misleading(c: char) -> bool {
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
