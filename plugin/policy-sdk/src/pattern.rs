//! JSON with blanks, written once for many objects that differ only in a few strings.
//!
//! A policy of scope global creates an object for each of thousands of sites, and its fuel is
//! limited. Most of the cost of an object is writing the text that all of them share.

use crate::Json;
use crate::json::write_text;

/// Separates text from blanks. JSON text never contains it, because strings escape it.
const MARK: char = '\0';

/// JSON text with blanks.
///
/// ```
/// use policy_sdk::{Json, Pattern};
///
/// let name = Pattern::blank(0);
/// let pattern = Pattern::new(&Json::map([("kind", "Secret".into()), ("name", name)]));
/// assert_eq!(pattern.fill(&["a"]).to_text(), r#"{"kind":"Secret","name":"a"}"#);
/// ```
#[derive(Debug)]
pub struct Pattern {
    /// A text, and the number of the blank that follows it.
    pieces: Vec<(String, Option<usize>)>,
}

impl Pattern {
    /// Returns the blank with this number, to put where a string belongs.
    pub fn blank(number: usize) -> Json {
        Json::Raw(format!("{MARK}{number}{MARK}"))
    }

    /// Builds a pattern from JSON that contains blanks.
    pub fn new(json: &Json) -> Self {
        let text = json.to_text();
        let mut pieces = Vec::new();
        let mut parts = text.split(MARK);
        while let Some(before) = parts.next() {
            let blank = parts.next().and_then(|number| number.parse().ok());
            pieces.push((before.to_owned(), blank));
        }
        Self { pieces }
    }

    /// Returns the JSON with each blank replaced by the string of its number; a blank without a
    /// string becomes empty text.
    pub fn fill(&self, strings: &[&str]) -> Json {
        let length = self.pieces.iter().map(|(text, _)| text.len() + 64).sum();
        let mut out = String::with_capacity(length);
        for (text, blank) in &self.pieces {
            out.push_str(text);
            if let Some(number) = blank {
                write_text(strings.get(*number).copied().unwrap_or_default(), &mut out);
            }
        }
        Json::Raw(out)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use crate::Json;

    #[test]
    fn a_pattern_writes_what_the_json_itself_would() {
        let object = |name: Json, user: Json| {
            let list = Json::List(vec![name.clone(), "\0".into(), user]);
            Json::map([("name", name), ("list", list)])
        };
        let pattern = Pattern::new(&object(Pattern::blank(0), Pattern::blank(1)));
        for (name, user) in [("a", "b"), ("", "\"\\\n\0"), ("\u{7f}é", "0")] {
            let expected = object(name.into(), user.into()).to_text();
            assert_eq!(pattern.fill(&[name, user]).to_text(), expected);
        }
        assert_eq!(Pattern::new(&"x".into()).fill(&[]).to_text(), "\"x\"");
    }
}
