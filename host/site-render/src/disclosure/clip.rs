//! Shortens texts of unknown length for messages, logs and tables.
//!
//! A cut may split a secret, and its part is not recognised as one: a token loses its length, a URL
//! its `@`. So texts are cut here alone, after their secrets are hidden.

use super::shown_text::{HIDDEN, shown_text};

/// How much more of a long text is read than is shown, in characters: a secret may be partly in
/// the part that is shown.
pub(crate) const MARGIN: usize = 4_096;

/// The longest word that begins a text and is read to its end, in bytes. Nothing of a longer one is shown.
const LONGEST_WORD: usize = 64 << 10;

/// Returns the first characters of a text without the secrets in it, with `…` if it is longer. It
/// reads little more than that of the text.
pub fn clip_text(text: &str, characters: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(characters.saturating_add(MARGIN)) else {
        return cut(&shown_text(text), characters);
    };
    let shown = shown_text(&text[..end]);
    // The last word may be the beginning of a secret.
    if let Some(end) = shown.rfind(char::is_whitespace) {
        return shown[..end].chars().take(characters).chain(['…']).collect();
    }
    let word = text.find(char::is_whitespace).unwrap_or(text.len());
    let shown = if word > LONGEST_WORD { HIDDEN.into() } else { shown_text(&text[..word]) };
    shown.chars().take(characters).chain(['…']).collect()
}

/// Returns the first characters of a text that has no secrets, with `…` if it is longer.
pub(super) fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_WORD, MARGIN, clip_text};

    #[test]
    fn the_start_of_a_text_has_no_part_of_a_secret() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        for length in [30, 45] {
            let start = clip_text(&format!("{} {token} end", "x".repeat(20)), length);
            assert!(start.starts_with(&format!("{} ***", "x".repeat(20))), "{start}");
        }
        let hidden = format!("password: \"{}\" ", "p".repeat(MARGIN));
        let text = format!("{hidden}{token} and more");
        for length in 5..60 {
            let start = clip_text(&text, length);
            assert!(!start.contains("ghp") && start.ends_with('…'), "{length}: {start}");
        }
        assert_eq!(clip_text(&"é".repeat(2 * MARGIN), 3), "ééé…");
        for word in [
            format!("https://user:{}@host/x", "p".repeat(2 * MARGIN)),
            format!("eyJ{}.eyJ{}.{}", "a1B2".repeat(9), "c3D4".repeat(MARGIN), "e5F6".repeat(9)),
        ] {
            let start = clip_text(&word, 60);
            assert!(start.contains("***") && !start.contains("ppp") && !start.contains("c3D4"));
            assert_eq!(
                clip_text(&format!("{word} and more"), 60).replace('…', ""),
                start.replace('…', "")
            );
        }
        assert_eq!(clip_text(&"p".repeat(2 * LONGEST_WORD), 60), "***…");
        assert_eq!(clip_text("short", 5), "short");
    }

    #[test]
    fn no_cut_shows_a_part_of_a_secret() {
        for (before, secret) in [
            ("owner is ", format!("ghp_{}", "a1B2".repeat(9))),
            ("https://", format!("user:{}@h.example/x", "a1B2".repeat(9))),
            ("https://aaaaaaaaaaaaaaaaaaaa:", format!("{}@h.example/x", "a1B2".repeat(9))),
            ("dsn host=h password=", "a1B2".repeat(9)),
        ] {
            for rest in [String::new(), " x".repeat(2 * MARGIN), "x".repeat(2 * MARGIN)] {
                let text = format!("{before}{secret}{rest}");
                for length in 0..text.len().min(120) {
                    let start = clip_text(&text, length);
                    assert!(!start.contains("a1"), "{length}: {start}");
                }
            }
        }
    }
}
