//! Suggests a known word for a misspelled one.

use std::cell::Cell;

/// The least likeness (Jaro-Winkler) of a word that is suggested.
const LEAST_LIKENESS: f64 = 0.84;

/// The longest word that is compared, in bytes: nobody types a longer one by hand, and the time of
/// a comparison grows with the square of the length.
const LONGEST_WORD: usize = 128;

/// How many words a [`Suggester`] compares: the names of a thousand objects, each with each.
const COMPARISONS: usize = 500_000;

/// Returns the known word nearest to `word`, if it is near enough to be a typo.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    known
        .filter(|candidate| candidate.len() <= LONGEST_WORD)
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > LEAST_LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Suggests words for many misspelled ones, until it has made enough comparisons: an input chooses
/// the number of both.
#[derive(Debug)]
pub(crate) struct Suggester {
    comparisons: Cell<usize>,
}

impl Default for Suggester {
    fn default() -> Self {
        Self { comparisons: Cell::new(COMPARISONS) }
    }
}

impl Suggester {
    /// Returns the nearest to `word` among `count` known words, or `None` also where too many words
    /// were compared already.
    pub(crate) fn nearest<'a>(
        &self,
        word: &str,
        count: usize,
        known: impl Iterator<Item = &'a str>,
    ) -> Option<&'a str> {
        self.comparisons.set(self.comparisons.get().checked_sub(count)?);
        nearest(word, known)
    }

    /// Returns whether it has compared so many words that it makes no more suggestions among
    /// `count` words.
    pub(crate) fn is_exhausted(&self, count: usize) -> bool {
        self.comparisons.get() < count
    }
}

#[cfg(test)]
mod tests {
    use super::{COMPARISONS, LONGEST_WORD, Suggester, nearest};

    #[test]
    fn a_long_word_is_not_compared() {
        let long = "x".repeat(LONGEST_WORD + 1);
        assert_eq!(nearest(&long, [long.as_str()].into_iter()), None);
        assert_eq!(nearest("replica", [long.as_str(), "replicas"].into_iter()), Some("replicas"));
    }

    #[test]
    fn a_suggester_stops_after_its_comparisons() {
        let known = vec!["replicas"; COMPARISONS / 2];
        let suggester = Suggester::default();
        let found = || suggester.nearest("replica", known.len(), known.iter().copied());
        assert_eq!([found(), found(), found()], [Some("replicas"), Some("replicas"), None]);
        assert!(suggester.is_exhausted(1));
    }
}
