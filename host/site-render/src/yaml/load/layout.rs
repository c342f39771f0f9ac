//! Details of indentation that the parser does not report.

use crate::origin::Position;

use super::{CheckResult, CollectionBody, Loader};
use crate::yaml::entries::PendingKey;
use crate::yaml::mark::tab_error;

impl Loader<'_> {
    /// Returns the position of a list's first dash. The parser reports the position after that
    /// dash for a list that is not indented below its key.
    pub(super) fn first_dash(&self, at: Position) -> Position {
        let Some(CollectionBody::Mapping(entries)) = self.stack.last().map(|open| &open.body)
        else {
            return at;
        };
        match entries.key {
            Some(PendingKey::Named(_, key) | PendingKey::Merge(key)) if key.line < at.line => {
                self.lines.dash_position(at.line).unwrap_or(at)
            }
            _ => at,
        }
    }

    /// Returns whether the position is in brackets.
    pub(super) fn in_flow(&self) -> bool {
        self.stack.last().is_some_and(|open| open.flow)
    }

    /// Rejects a tab in the indentation.
    pub(super) fn reject_tab(&self, at: Position) -> CheckResult {
        if !self.tabs || self.in_flow() || !self.lines.tab_before(at) {
            return Ok(());
        }
        Err(tab_error(self.file, at).into())
    }
}
