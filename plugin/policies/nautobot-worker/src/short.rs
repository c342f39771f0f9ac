//! Shortens texts of the base values for a message.

use std::borrow::Cow;

/// The most characters of a text in a message.
const MAX_CHARACTERS: usize = 120;

/// Returns the text, cut if it is long.
pub(crate) fn shorten(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => [text.get(..end).unwrap_or_default(), "..."].concat().into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests;
