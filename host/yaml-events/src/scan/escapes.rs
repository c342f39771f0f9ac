//! Escapes in double quotes.

use crate::cursor::Mark;
use crate::error::SyntaxError;

use super::{Scanned, Scanner};

impl Scanner<'_> {
    /// Takes an escape behind its backslash.
    pub(super) fn take_escape(&mut self, at: Mark) -> Scanned<char> {
        let (character, digits) = match self.cursor.peek() {
            b'0' => ('\0', 0),
            b'a' => ('\u{7}', 0),
            b'b' => ('\u{8}', 0),
            b't' | b'\t' => ('\t', 0),
            b'n' => ('\n', 0),
            b'v' => ('\u{b}', 0),
            b'f' => ('\u{c}', 0),
            b'r' => ('\r', 0),
            b'e' => ('\u{1b}', 0),
            b' ' => (' ', 0),
            b'"' => ('"', 0),
            b'\'' => ('\'', 0),
            b'\\' => ('\\', 0),
            b'N' => ('\u{85}', 0),
            b'_' => ('\u{a0}', 0),
            b'L' => ('\u{2028}', 0),
            b'P' => ('\u{2029}', 0),
            b'x' => ('\0', 2),
            b'u' => ('\0', 4),
            b'U' => ('\0', 8),
            b'/' => {
                let message = "Helm does not know the escape `\\/`; write `/`";
                return Err(SyntaxError::at(at, message));
            }
            _ => return Err(SyntaxError::at(at, "YAML has no such escape in double quotes")),
        };
        self.cursor.advance(1);
        if digits == 0 { Ok(character) } else { self.take_code(at, digits) }
    }

    /// Takes the hexadecimal number of a character.
    fn take_code(&mut self, at: Mark, digits: usize) -> Scanned<char> {
        let mut code = 0;
        for ahead in 0..digits {
            let Some(digit) = char::from(self.cursor.peek_at(ahead)).to_digit(16) else {
                let message = "`\\x`, `\\u` and `\\U` need 2, 4 and 8 hexadecimal digits";
                return Err(SyntaxError::at(at, message));
            };
            code = code << 4 | digit;
        }
        self.cursor.advance(digits);
        let message = "an escape has the number of no character";
        char::from_u32(code).ok_or_else(|| SyntaxError::at(at, message))
    }
}
