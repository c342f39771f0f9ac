//! What a line's indentation says and the parser does not.

use crate::origin::Position;

use super::{Body, Checked, Loader};
use crate::yaml::entries::Key;
use crate::yaml::mark::tab;

impl Loader<'_> {
    /// The parser marks a list that is flush with its key behind its first dash.
    pub(super) fn first_dash(&self, at: Position) -> Position {
        let Some(Body::Mapping(entries)) = self.stack.last().map(|open| &open.body) else {
            return at;
        };
        match entries.key {
            Some(Key::Named(_, key) | Key::Merge(key)) if key.line < at.line => {
                self.lines.dash(at.line).unwrap_or(at)
            }
            _ => at,
        }
    }

    pub(super) fn in_flow(&self) -> bool {
        self.stack.last().is_some_and(|open| open.flow)
    }

    pub(super) fn refuse_tab(&self, at: Position) -> Checked {
        if !self.tabs || self.in_flow() || !self.lines.tab_before(at) {
            return Ok(());
        }
        Err(tab(self.file, at).into())
    }
}
