//! Reads a text in the ways of programs that decode its escapes.
//!
//! Messages and source lines are often escaped, some more than once: a token may follow `\n`, and a
//! URL may begin with `https:\/\/`, `https:~1~1` (JSON Pointer) or `https%3A%2F%2F`. Each search
//! for secrets therefore looks at the text itself and at its decoded forms.

use std::ops::Range;

/// How many times a text is decoded.
pub(super) const LEVELS: usize = 3;

/// The longest control sequence of a terminal, in bytes.
const SEQUENCE: usize = 16;

/// The meaning of an escaped quote in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum EscapedQuotes {
    /// A part of the quoted text around it, which does not end there.
    Kept,
    /// A quote, as in the value that the text repeats.
    Decoded,
}

type TextSearch<'s> = &'s dyn Fn(&str, &mut Vec<Range<usize>>);

/// Adds what a search finds in a text, and in the forms of it without escapes.
pub(super) fn search_all_forms(text: &str, found: &mut Vec<Range<usize>>, search: TextSearch<'_>) {
    search_forms(text, found, search, EscapedQuotes::Kept, LEVELS);
}

/// Adds the ranges where a search finds a value that a text repeats, escaped or not.
pub(super) fn search_repeated(text: &str, found: &mut Vec<Range<usize>>, search: TextSearch<'_>) {
    search_forms(text, found, search, EscapedQuotes::Decoded, LEVELS);
}

fn search_forms(
    text: &str,
    found: &mut Vec<Range<usize>>,
    search: TextSearch<'_>,
    quotes: EscapedQuotes,
    levels: usize,
) {
    search(text, found);
    let Some(decoded) = Decoded::of(text, quotes).filter(|_| levels > 0) else { return };
    let mut inner = Vec::new();
    search_forms(&decoded.text, &mut inner, search, quotes, levels - 1);
    found.extend(inner.into_iter().map(|range| decoded.original(&range)));
}

/// Returns a text as a program reads it, if it has an escape.
pub(super) fn unescaped(text: &str) -> Option<String> {
    let decoded = Decoded::of(text, EscapedQuotes::Decoded)?;
    Some(decoded.text)
}

/// Returns the parts of a text that a search finds.
#[cfg(test)]
pub(super) fn texts_found(text: &str, search: fn(&str, &mut Vec<Range<usize>>)) -> Vec<&str> {
    let mut found = Vec::new();
    search(text, &mut found);
    found.into_iter().map(|range| &text[range]).collect()
}

/// A text without its escapes.
struct Decoded {
    text: String,
    /// Offsets in this text and in the original, before and behind each escape.
    steps: Vec<(usize, usize)>,
}

impl Decoded {
    /// Decodes a text, if it has an escape.
    fn of(text: &str, quotes: EscapedQuotes) -> Option<Self> {
        let mut decoded = Self { text: String::new(), steps: Vec::new() };
        let (mut done, mut next) = (0, 0);
        while let Some(at) = text[next..].find(['\\', '%', '~', '\x1b']).map(|at| next + at) {
            next = at + 1;
            if let Some((letter, length)) = escape(&text[at..], quotes) {
                decoded.text.push_str(&text[done..at]);
                decoded.steps.push((decoded.text.len(), at));
                decoded.text.push(letter);
                next = at + length;
                done = next;
                decoded.steps.push((decoded.text.len(), done));
            }
        }
        decoded.text.push_str(&text[done..]);
        (done > 0).then_some(decoded)
    }

    /// Returns a range of this text in the original.
    fn original(&self, range: &Range<usize>) -> Range<usize> {
        self.offset(range.start)..self.offset(range.end)
    }

    fn offset(&self, at: usize) -> usize {
        let before = self.steps.partition_point(|(decoded, _)| *decoded <= at);
        let (decoded, original) = before.checked_sub(1).map_or((0, 0), |step| self.steps[step]);
        original + (at - decoded)
    }
}

/// Returns the letter that an escape stands for, and the length of the escape.
fn escape(text: &str, quotes: EscapedQuotes) -> Option<(char, usize)> {
    let bytes = text.as_bytes();
    match (bytes[0], *bytes.get(1)?) {
        (b'~', b'0') => Some(('~', 2)),
        (b'~', b'1') => Some(('/', 2)),
        (b'%', _) => number(text, 1, 2, 16),
        (b'\\', b'x') => number(text, 2, 2, 16),
        (b'\\', b'u') if bytes.get(2) == Some(&b'{') => {
            let digits = bytes[3..].iter().take(8).position(|byte| *byte == b'}')?;
            number(text, 3, digits, 16).map(|(letter, length)| (letter, length + 1))
        }
        (b'\\', b'u') => number(text, 2, 4, 16),
        (b'\\', b'U') => number(text, 2, 8, 16),
        (b'\\', b'0'..=b'7') => {
            let octal = |byte: &&u8| (b'0'..=b'7').contains(*byte);
            number(text, 1, bytes[1..].iter().take(3).take_while(octal).count(), 8)
        }
        (b'\\', letter @ (b'/' | b'\\')) => Some((letter.into(), 2)),
        (b'\\', quote @ (b'"' | b'\'' | b'`')) if quotes == EscapedQuotes::Decoded => {
            Some((quote.into(), 2))
        }
        (b'\\', b'n' | b'r' | b'N' | b'L' | b'P') => Some(('\n', 2)),
        (b'\\', b't' | b'b' | b'f' | b'v' | b'a' | b'e' | b'_') => Some(('\t', 2)),
        // A colour of a terminal ends in a letter.
        (0x1b, b'[') => {
            let ends = |byte: &u8| byte.is_ascii_alphabetic();
            let length = bytes[2..].iter().take(SEQUENCE).position(ends)?;
            Some(('\t', 2 + length + 1))
        }
        _ => None,
    }
}

/// Reads the number of a character.
fn number(text: &str, from: usize, digits: usize, radix: u32) -> Option<(char, usize)> {
    let digits = text.get(from..from + digits)?;
    let is_number = digits.chars().all(|digit| digit.is_digit(radix));
    let number = u32::from_str_radix(digits, radix).ok().filter(|_| is_number)?;
    // Half of a surrogate pair is a letter too.
    let letter = char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER);
    Some((letter, from + digits.len()))
}

#[cfg(test)]
mod tests {
    use super::{Decoded, EscapedQuotes, search_all_forms};

    #[test]
    fn each_style_of_escape_is_decoded() {
        for (text, plain) in [
            (r"a\nb\tc", "a\nb\tc"),
            (r"\x3d\u003d\U0000003d\u{3d}\75", "====="),
            ("%3A%2f%2F", "://"),
            ("https:~1~1h~0", "https://h~"),
            (r"https:\/\/h", "https://h"),
            (r#"\\\"a\""#, r#"\\"a\""#),
            ("\x1b[1;31mx", "\tx"),
            (r"\ud83dx", "\u{fffd}x"),
        ] {
            let decoded = Decoded::of(text, EscapedQuotes::Kept).unwrap();
            assert_eq!(decoded.text, plain, "{text}");
        }
        for text in ["", "100% ~ \\", "%", "%é1", r"\u12", r"\u{", r"\d", "~", "\x1b["] {
            assert!(Decoded::of(text, EscapedQuotes::Kept).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_found_in_a_decoded_form_is_at_its_place_in_the_text() {
        for text in [r"é\n<x\u0041>\\é", r"\u003cx\\n>%", r"\\u003cx\\n\u003e"] {
            let mut found = Vec::new();
            search_all_forms(text, &mut found, &|text, found| {
                found.extend(text.find('<').map(|at| at..text.find('>').unwrap_or(at) + 1));
            });
            let last = found.last().unwrap();
            assert!(text[last.clone()].contains('x') && !text[last.clone()].contains('é'));
        }
    }
}
