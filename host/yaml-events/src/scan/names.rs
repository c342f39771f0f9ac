//! Anchors, aliases and tags.

use std::borrow::Cow;

use crate::cursor::{Mark, is_blank_or_end, is_name};
use crate::error::SyntaxError;
use crate::token::{TagText, Token, TokenKind};

use super::{Scanned, Scanner};

impl<'t> Scanner<'t> {
    /// Scans an anchor or an alias.
    pub(super) fn scan_anchor(&mut self, is_anchor: bool) -> Scanned<()> {
        self.save_candidate()?;
        self.key_allowed = false;
        let at = self.cursor.mark();
        self.cursor.advance(1);
        let name = self.take_name();
        let is_end = |byte| is_blank_or_end(byte) || b"?:,]}%@`".contains(&byte);
        if name.is_empty() || !is_end(self.cursor.peek()) {
            let message = "the name of an anchor or an alias has only letters, digits, `-` and `_`";
            return Err(SyntaxError::at(at, message));
        }
        let kind = if is_anchor { TokenKind::Anchor(name) } else { TokenKind::Alias(name) };
        self.tokens.push_back(Token { at, kind });
        Ok(())
    }

    fn take_name(&mut self) -> &'t str {
        let start = self.cursor.offset();
        self.cursor.advance_while(is_name);
        self.cursor.since(start)
    }

    /// Scans a tag.
    pub(super) fn scan_tag(&mut self) -> Scanned<()> {
        self.save_candidate()?;
        self.key_allowed = false;
        let at = self.cursor.mark();
        self.cursor.advance(1);
        let tag = if self.cursor.peek() == b'<' {
            self.cursor.advance(1);
            let suffix = self.take_uri(at, String::new(), true)?;
            if self.cursor.peek() != b'>' {
                return Err(SyntaxError::at(at, "the `>` of this tag is missing"));
            }
            self.cursor.advance(1);
            TagText { handle: None, suffix }
        } else {
            self.take_short_tag(at)?
        };
        if !is_blank_or_end(self.cursor.peek()) {
            return Err(SyntaxError::at(at, "a blank must follow a tag"));
        }
        self.tokens.push_back(Token { at, kind: TokenKind::Tag(tag) });
        Ok(())
    }

    /// Takes a tag with a handle (`!!int`, `!e!x`), a local tag (`!x`) or `!`.
    fn take_short_tag(&mut self, at: Mark) -> Scanned<TagText<'t>> {
        let name = self.take_name();
        if self.cursor.peek() == b'!' {
            self.cursor.advance(1);
            let suffix = self.take_uri(at, String::new(), true)?;
            return Ok(TagText {
                handle: Some(self.cursor.slice(at.offset, at.offset + name.len() + 2)),
                suffix,
            });
        }
        let suffix = self.take_uri(at, name.to_owned(), false)?;
        Ok(if suffix.is_empty() {
            TagText { handle: None, suffix: Cow::Borrowed("!") }
        } else {
            TagText { handle: Some("!"), suffix }
        })
    }

    /// Takes the rest of a tag, which begins with a text.
    fn take_uri(&mut self, at: Mark, begin: String, needed: bool) -> Scanned<Cow<'t, str>> {
        let start = self.cursor.offset();
        let mut bytes = begin.into_bytes();
        loop {
            let from = self.cursor.offset();
            self.cursor
                .advance_while(|byte| is_name(byte) || b";/?:@&=+$,.!~*'()[]".contains(&byte));
            bytes.extend_from_slice(self.cursor.since(from).as_bytes());
            if self.cursor.peek() != b'%' {
                break;
            }
            self.take_escaped_character(at, &mut bytes)?;
        }
        if needed && self.cursor.offset() == start {
            return Err(SyntaxError::at(at, "this tag has no name"));
        }
        // Go keeps bytes that are not UTF-8; no tag with a meaning has any.
        Ok(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Takes a character whose bytes are written as `%41`.
    fn take_escaped_character(&mut self, at: Mark, bytes: &mut Vec<u8>) -> Scanned<()> {
        let invalid = SyntaxError::at(at, "a `%` of this tag does not begin a character");
        let mut length = 1;
        let mut count = 0;
        while count < length {
            let digits = [1, 2].map(|ahead| char::from(self.cursor.peek_at(ahead)).to_digit(16));
            let [Some(high), Some(low)] = digits else { return Err(invalid) };
            let byte = u8::try_from(high << 4 | low).unwrap_or_default();
            if self.cursor.peek() != b'%' || count > 0 && byte & 0xc0 != 0x80 {
                return Err(invalid);
            }
            if count == 0 {
                length = match byte {
                    0..=0x7f => 1,
                    0xc0..=0xdf => 2,
                    0xe0..=0xef => 3,
                    0xf0..=0xf7 => 4,
                    _ => return Err(invalid),
                };
            }
            bytes.push(byte);
            self.cursor.advance(3);
            count += 1;
        }
        Ok(())
    }
}
