//! Suggests a known name for a misspelled one.

/// The least likeness (Jaro-Winkler) of a name that is suggested.
const LEAST_LIKENESS: f64 = 0.8;

/// Returns the known name that is most like this one, if any is like it.
pub(crate) fn closest_name<'k>(
    name: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<&'k str> {
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(likeness, _)| *likeness > LEAST_LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}
