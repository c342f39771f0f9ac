//! Suggests a known word for a misspelled one.

/// The least likeness (Jaro-Winkler) of a word that is suggested.
const LEAST_LIKENESS: f64 = 0.84;

/// Returns the known word nearest to `word`, if it is near enough to be a typo.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > LEAST_LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
