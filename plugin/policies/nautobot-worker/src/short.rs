//! Texts of the base values in a message: as much of one as a message is read for.

use std::borrow::Cow;

/// The most characters that are shown.
const MOST: usize = 120;

/// Returns the text, cut where it is long.
pub(crate) fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => [text.get(..end).unwrap_or_default(), "..."].concat().into(),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests;
