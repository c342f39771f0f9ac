//! Clips texts of unknown length.

/// Clips an untrusted text for a message: at most so many characters, with `…` if cut.
pub(crate) fn clip_text(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
