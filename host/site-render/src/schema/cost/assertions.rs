//! The steps of keywords without schemas, and the errors that they may report.

use serde_json::Value as Json;

use super::{Counted, StepCounter, children};

/// Keywords that never report an error themselves.
const ANNOTATIONS: &[&str] = &[
    "$schema",
    "$id",
    "$comment",
    "$defs",
    "definitions",
    "title",
    "description",
    "default",
    "examples",
];

/// The steps of a match that may go back in its text, beside those of its length.
const BACKTRACKING: u64 = 500;

impl StepCounter<'_, '_> {
    /// Counts a keyword without schemas.
    pub(super) fn visit_assertion(
        &mut self,
        keyword: &str,
        argument: &Json,
        value: &Json,
    ) -> Counted {
        match (keyword, argument, value) {
            ("enum" | "const", argument, value) => self.add_comparisons(argument, value)?,
            ("uniqueItems", _, Json::Array(_)) => self.add_size(value, 8)?,
            ("pattern", Json::String(pattern), Json::String(text)) => {
                self.add_match(pattern, text)?;
            }
            ("format" | "minLength" | "maxLength", _, Json::String(text)) => {
                self.add(1 + text.len() / 8)?;
            }
            ("required" | "dependentRequired", argument, Json::Object(_)) => {
                self.add_size(argument, 1)?;
            }
            _ => self.add(1)?,
        }
        if is_satisfied(keyword, argument, value) { Ok(()) } else { self.add_error(value) }
    }

    /// Counts the comparisons of a value with each allowed one.
    fn add_comparisons(&mut self, allowed: &Json, value: &Json) -> Counted {
        match value {
            Json::Array(_) | Json::Object(_) => self.add_size(allowed, 1),
            Json::String(text) => {
                let count = allowed.as_array().map_or(1, Vec::len);
                self.add(count.saturating_mul(1 + text.len() / 64))
            }
            _ => self.add(allowed.as_array().map_or(1, Vec::len)),
        }
    }

    pub(super) fn add_match(&mut self, pattern: &str, text: &str) -> Counted {
        let fixed = if may_backtrack(pattern) { BACKTRACKING } else { 1 };
        self.steps.verdict = self.steps.verdict.saturating_add(fixed);
        self.add(text.len() / 4)
    }

    /// Counts every value in a tree, this often.
    fn add_size(&mut self, value: &Json, times: usize) -> Counted {
        self.add(times)?;
        children(value).try_for_each(|child| self.add_size(child, times))
    }

    /// Counts the error that a keyword may report. Those of a choice own a copy of the value.
    pub(super) fn add_error(&mut self, value: &Json) -> Counted {
        self.steps.errors = self.steps.errors.saturating_add(1);
        if self.choices == 0 {
            return Ok(());
        }
        let before = self.steps.verdict;
        self.add_size(value, 1)?;
        self.steps.copies += 1 + self.steps.verdict - before;
        Ok(())
    }
}

/// Returns whether a keyword certainly reports no error: an annotation, or a type or a list of names
/// that fits.
fn is_satisfied(keyword: &str, argument: &Json, value: &Json) -> bool {
    match (keyword, argument, value) {
        ("type", Json::String(kind), value) => is_of_kind(kind, value),
        ("type", Json::Array(kinds), value) => {
            kinds.iter().filter_map(Json::as_str).any(|kind| is_of_kind(kind, value))
        }
        ("required", Json::Array(names), Json::Object(entries)) => {
            names.iter().filter_map(Json::as_str).all(|name| entries.contains_key(name))
        }
        _ => ANNOTATIONS.contains(&keyword),
    }
}

/// Returns whether a value certainly has a type.
fn is_of_kind(kind: &str, value: &Json) -> bool {
    match value {
        Json::Null => kind == "null",
        Json::Bool(_) => kind == "boolean",
        Json::Number(number) if kind == "integer" => number.is_i64() || number.is_u64(),
        Json::Number(_) => kind == "number",
        Json::String(_) => kind == "string",
        Json::Array(_) => kind == "array",
        Json::Object(_) => kind == "object",
    }
}

/// Returns whether a regular expression may have lookaround, back references or possessive
/// quantifiers, which the validator matches by trying.
fn may_backtrack(pattern: &str) -> bool {
    let groups = pattern.match_indices("(?").any(|(at, _)| !pattern[at + 2..].starts_with(':'));
    let escapes = pattern.split('\\').skip(1);
    let escapes = escapes.filter_map(|rest| rest.chars().next());
    let mut escapes = escapes.filter(|c| matches!(c, '1'..='9' | 'k' | 'g' | 'G' | 'K'));
    groups
        || escapes.next().is_some()
        || ["++", "*+", "?+", "}+"].iter().any(|q| pattern.contains(q))
}
