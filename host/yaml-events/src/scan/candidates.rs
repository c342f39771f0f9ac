//! Tokens that may become keys.

use std::collections::VecDeque;

use crate::cursor::{Cursor, Mark};
use crate::error::SyntaxError;

use super::Scanned;

/// The characters from the start of a key within which its colon must follow (YAML 1.1, section
/// 7.3.1).
const KEY_CHARACTERS: usize = 1024;

/// A token that may become a key.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Candidate {
    /// Whether it may still become one.
    pub(super) possible: bool,
    /// Whether its block has a key at its column, so that anything else is an error.
    required: bool,
    /// The number of the token.
    pub(super) number: usize,
    /// The place of the token.
    pub(super) at: Mark,
    /// The number of characters before it.
    index: usize,
}

/// The candidates: one for each level of brackets, and one outside of them.
#[derive(Debug)]
pub(super) struct Candidates {
    levels: Vec<Candidate>,
    /// The numbers for which the queue waits, ascending, each with its level.
    ///
    /// As in go-yaml, an empty pair of brackets ends the waiting for its own first token, and a
    /// key that begins there is not found.
    waiting: VecDeque<(usize, usize)>,
}

impl Default for Candidates {
    fn default() -> Self {
        Self { levels: vec![Candidate::default()], waiting: VecDeque::new() }
    }
}

impl Candidates {
    pub(super) fn flow_level(&self) -> usize {
        self.levels.len() - 1
    }

    /// Returns whether the token with a number may still become a key.
    pub(super) fn may_be_key(&mut self, number: usize, cursor: &Cursor<'_>) -> Scanned<bool> {
        while self.waiting.front().is_some_and(|(waiting, _)| *waiting < number) {
            self.waiting.pop_front();
        }
        match self.waiting.front() {
            Some((waiting, level)) if *waiting == number => {
                let level = *level;
                self.levels.get_mut(level).map_or(Ok(false), |candidate| candidate.check(cursor))
            }
            _ => Ok(false),
        }
    }

    /// Returns the candidate of the innermost level, if it may still become a key.
    pub(super) fn innermost(&mut self, cursor: &Cursor<'_>) -> Scanned<Option<Candidate>> {
        let Some(candidate) = self.levels.last_mut() else { return Ok(None) };
        let is_valid = candidate.check(cursor)?;
        Ok(is_valid.then_some(*candidate))
    }

    /// Makes the next token the candidate of the innermost level.
    pub(super) fn save(
        &mut self,
        number: usize,
        required: bool,
        cursor: &Cursor<'_>,
    ) -> Scanned<()> {
        self.discard()?;
        let level = self.flow_level();
        let (at, index) = (cursor.mark(), cursor.index());
        if let Some(candidate) = self.levels.last_mut() {
            *candidate = Candidate { possible: true, required, number, at, index };
        }
        self.stop_waiting(number);
        self.waiting.push_back((number, level));
        Ok(())
    }

    /// Discards the candidate of the innermost level.
    pub(super) fn discard(&mut self) -> Scanned<()> {
        let Some(candidate) = self.levels.last_mut() else { return Ok(()) };
        if !candidate.possible {
            return Ok(());
        }
        if candidate.required {
            return Err(candidate.missing_colon());
        }
        candidate.possible = false;
        let number = candidate.number;
        self.stop_waiting(number);
        Ok(())
    }

    /// Ends the search for the colon of the innermost level's candidate, which was found.
    pub(super) fn confirm(&mut self) {
        if let Some(candidate) = self.levels.last_mut() {
            candidate.possible = false;
            let number = candidate.number;
            self.stop_waiting(number);
        }
    }

    /// Enters brackets, whose first token has a number.
    pub(super) fn open_level(&mut self, number: usize) {
        self.levels.push(Candidate { number, ..Candidate::default() });
    }

    /// Leaves brackets.
    pub(super) fn close_level(&mut self) {
        if self.flow_level() > 0
            && let Some(closed) = self.levels.pop()
        {
            self.stop_waiting(closed.number);
        }
    }

    /// Ends all candidates at the end of the text.
    pub(super) fn end(&mut self) -> Scanned<()> {
        self.discard()?;
        self.waiting.clear();
        let mut open = self.levels.iter_mut().filter(|candidate| candidate.possible);
        open.try_for_each(|candidate| {
            candidate.possible = false;
            if candidate.required { Err(candidate.missing_colon()) } else { Ok(()) }
        })
    }

    fn stop_waiting(&mut self, number: usize) {
        if let Ok(at) = self.waiting.binary_search_by_key(&number, |(waiting, _)| *waiting) {
            self.waiting.remove(at);
        }
    }
}

impl Candidate {
    /// Returns whether the candidate may still become a key at the cursor.
    fn check(&mut self, cursor: &Cursor<'_>) -> Scanned<bool> {
        let is_near =
            self.at.line == cursor.line() && self.index + KEY_CHARACTERS >= cursor.index();
        if self.possible && !is_near {
            if self.required {
                return Err(self.missing_colon());
            }
            self.possible = false;
        }
        Ok(self.possible)
    }

    fn missing_colon(&self) -> SyntaxError {
        SyntaxError::at(self.at, "a `:` is missing behind this key")
    }
}
