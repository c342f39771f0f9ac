//! Finds out fast that no text repeats a value: of the thousands of values of a document, a text of a
//! policy repeats a few.

use super::escapes::{LEVELS, unescaped};

/// The pairs of bytes of a value that are looked up.
const PAIRS: usize = 8;

/// The pairs in a row of the shortest part of a value that is looked up.
const PART: usize = 3;

/// The pairs of adjacent bytes of some texts, also of their forms without escapes.
pub(crate) struct RepeatedBy {
    /// A bit for each pair.
    pairs: Box<[u64; 1 << 10]>,
    is_empty: bool,
}

impl RepeatedBy {
    /// Reads texts.
    pub(crate) fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut all = Self { pairs: Box::new([0; 1 << 10]), is_empty: true };
        for text in texts.into_iter().filter(|text| !text.is_empty()) {
            all.is_empty = false;
            all.add(text, LEVELS);
        }
        all
    }

    fn add(&mut self, text: &str, levels: usize) {
        for (word, bit) in pairs(text) {
            self.pairs[word] |= bit;
        }
        if levels > 0
            && let Some(decoded) = unescaped(text)
        {
            self.add(&decoded, levels - 1);
        }
    }

    /// Returns whether there is no text.
    pub(crate) fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Returns whether a text may repeat a value of two bytes or more.
    pub(crate) fn may_repeat(&self, value: &str) -> bool {
        pairs(value).take(PAIRS).all(|pair| self.has(pair))
    }

    /// Returns whether a text may repeat a part of a value that is long enough to be noticed.
    pub(super) fn may_repeat_part(&self, value: &str) -> bool {
        let mut row = 0;
        pairs(value).any(|pair| {
            row = if self.has(pair) { row + 1 } else { 0 };
            row >= PART
        })
    }

    fn has(&self, (word, bit): (usize, u64)) -> bool {
        self.pairs[word] & bit != 0
    }
}

/// Returns the pairs of a text, each as the index of a word and its bit.
fn pairs(text: &str) -> impl Iterator<Item = (usize, u64)> {
    text.as_bytes().windows(2).map(|pair| {
        let number = usize::from(pair[0]) << 8 | usize::from(pair[1]);
        (number >> 6, 1 << (number & 63))
    })
}

#[cfg(test)]
mod tests {
    use super::RepeatedBy;

    #[test]
    fn no_value_that_a_text_repeats_is_missed() {
        let texts = ["connects with hunter2", "", "ü€ and \u{0}\u{1}"];
        let repeated = RepeatedBy::texts(texts);
        for text in texts.iter().filter(|text| text.len() > 1) {
            for (from, _) in text.char_indices() {
                for to in (from + 2..=text.len()).filter(|to| text.is_char_boundary(*to)) {
                    assert!(repeated.may_repeat(&text[from..to]), "{text}: {from} to {to}");
                }
            }
        }
        assert!(repeated.may_repeat_part("https://u:hunter2@h"));
        assert!(!repeated.may_repeat_part("https://u:HUNTER2@h"));
        assert!(RepeatedBy::texts([r#"a\"b\n"#]).may_repeat("a\"b\n"));
        assert!(!repeated.may_repeat("hunter3") && !repeated.may_repeat("€2"));
        assert!(!repeated.is_empty() && RepeatedBy::texts([""]).is_empty());
    }
}
