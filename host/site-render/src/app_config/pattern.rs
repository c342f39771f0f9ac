//! The names that the patterns of `match` bind.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Identifier, Pattern};

/// Returns the name that a pattern itself binds; nested patterns may bind others.
pub(super) fn captured_name(pattern: &Pattern) -> Option<&Identifier> {
    match pattern {
        Pattern::MatchAs(captured) => captured.name.as_ref(),
        Pattern::MatchStar(rest) => rest.name.as_ref(),
        Pattern::MatchMapping(mapping) => mapping.rest.as_ref(),
        _ => None,
    }
}

/// Returns all names that a pattern binds, and whether each is bound to the whole subject.
pub(super) fn captured_names(pattern: &Pattern) -> Vec<(&Identifier, bool)> {
    let mut captures = PatternNames { whole: pattern, names: Vec::new() };
    captures.visit_pattern(pattern);
    captures.names
}

struct PatternNames<'a> {
    whole: &'a Pattern,
    names: Vec<(&'a Identifier, bool)>,
}

impl<'a> Visitor<'a> for PatternNames<'a> {
    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        let whole = std::ptr::eq(pattern, self.whole) && matches!(pattern, Pattern::MatchAs(_));
        self.names.extend(captured_name(pattern).map(|name| (name, whole)));
        visitor::walk_pattern(self, pattern);
    }
}
