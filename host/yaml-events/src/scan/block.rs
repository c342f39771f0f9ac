//! Block scalars (`|` and `>`).

use std::borrow::Cow;

use crate::cursor::{Mark, is_blank, is_break_or_end};
use crate::error::SyntaxError;
use crate::event::Style;
use crate::token::{Token, TokenKind};

use super::{Scanned, Scanner};

/// The treatment of the line breaks behind the last line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chomping {
    /// One is kept.
    Clip,
    /// None is kept (`-`).
    Strip,
    /// All are kept (`+`).
    Keep,
}

impl Scanner<'_> {
    /// Scans a block scalar.
    pub(super) fn scan_block_scalar(&mut self, style: Style) -> Scanned<()> {
        self.candidates.discard()?;
        self.key_allowed = true;
        let at = self.cursor.mark();
        self.cursor.advance(1);
        let (chomping, indentation) = self.take_header(at)?;
        let given = indentation.map(|more| self.margin.saturating_sub(1) + more);
        let mut empty = 0;
        let column = self.skip_empty_lines(given, &mut empty)?;
        let text = self.take_block(style, chomping, column, empty)?;
        self.tokens.push_back(Token { at, kind: TokenKind::Scalar(Cow::Owned(text), style) });
        Ok(())
    }

    /// Takes the header: chomping and indentation in any order, and a comment.
    fn take_header(&mut self, at: Mark) -> Scanned<(Chomping, Option<usize>)> {
        let mut chomping = self.take_chomping();
        let mut indentation = None;
        let byte = self.cursor.peek();
        if byte.is_ascii_digit() {
            if byte == b'0' {
                let message = "the indentation of a block is 1 to 9, not 0";
                return Err(SyntaxError::at(at, message));
            }
            indentation = Some(usize::from(byte - b'0'));
            self.cursor.advance(1);
            chomping = chomping.or_else(|| self.take_chomping());
        }
        self.cursor.advance_while(is_blank);
        self.cursor.skip_comment();
        if !self.cursor.skip_break() && !self.cursor.is_at_end() {
            let message = "only a comment may follow on the line that begins a block";
            return Err(SyntaxError::at(at, message));
        }
        Ok((chomping.unwrap_or(Chomping::Clip), indentation))
    }

    fn take_chomping(&mut self) -> Option<Chomping> {
        let chomping = match self.cursor.peek() {
            b'+' => Chomping::Keep,
            b'-' => Chomping::Strip,
            _ => return None,
        };
        self.cursor.advance(1);
        Some(chomping)
    }

    /// Moves over empty lines, which it counts, and over the indentation of the next line. Returns
    /// the column of the block: the given one, or that of the first line with content, where a
    /// longer empty line before it counts too.
    fn skip_empty_lines(&mut self, column: Option<usize>, count: &mut usize) -> Scanned<usize> {
        let mut widest = 0;
        loop {
            let is_inside = |at: usize| column.is_none_or(|column| at < column);
            let start = self.cursor.column();
            let rest = self.cursor.rest();
            let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
            let wanted = column.map_or(spaces, |column| column.saturating_sub(start));
            self.cursor.advance(spaces.min(wanted));
            widest = widest.max(self.cursor.column());
            if is_inside(self.cursor.column()) && self.cursor.peek() == b'\t' {
                return Err(SyntaxError::tab(self.cursor.mark()));
            }
            if !self.cursor.skip_break() {
                break;
            }
            *count += 1;
        }
        Ok(column.unwrap_or_else(|| widest.max(self.margin).max(1)))
    }

    /// Takes the lines of a block at a column; so many empty lines are before them.
    fn take_block(
        &mut self,
        style: Style,
        chomping: Chomping,
        column: usize,
        mut empty: usize,
    ) -> Scanned<String> {
        let mut text = String::new();
        // Whether a line is above, and whether it begins with a blank: such lines are not folded.
        let (mut has_line, mut was_indented) = (false, false);
        while self.cursor.column() == column && self.cursor.peek() != 0 {
            let is_indented = is_blank(self.cursor.peek());
            let is_folded = style == Style::Folded && has_line && !was_indented && !is_indented;
            if is_folded && empty == 0 {
                text.push(' ');
            }
            let break_of_line = usize::from(has_line && !is_folded);
            text.extend(std::iter::repeat_n('\n', break_of_line + empty));
            let from = self.cursor.offset();
            self.cursor.advance_while(|byte| !is_break_or_end(byte));
            text.push_str(self.cursor.since(from));
            was_indented = is_indented;
            has_line = self.cursor.skip_break();
            empty = 0;
            self.skip_empty_lines(Some(column), &mut empty)?;
        }
        if chomping != Chomping::Strip && has_line {
            text.push('\n');
        }
        if chomping == Chomping::Keep {
            text.extend(std::iter::repeat_n('\n', empty));
        }
        Ok(text)
    }
}
