//! Values that continue in the lines below them.

use crate::disclosure::assignments::assignments;
use crate::disclosure::key_names::Sensitivity;
use crate::disclosure::value_end::OpenSyntax;

/// A value that may continue in the next line.
pub(super) struct OpenValue {
    /// The column of its key; deeper lines belong to it.
    pub(super) column: usize,
    /// Its quotes and brackets that are still open.
    pub(super) syntax: Option<OpenSyntax>,
    /// The column below which lines are text without keys.
    pub(super) text_below: Option<usize>,
    /// The column below which lines refer to secrets and are shown.
    pub(super) shown_below: Option<usize>,
    /// Whether its first part was read.
    pub(super) has_begun: bool,
    /// Whether a mapping in it is a reference.
    pub(super) is_ambiguous: bool,
}

impl OpenValue {
    pub(super) fn below(column: usize, sensitivity: Sensitivity) -> Self {
        Self {
            column,
            syntax: None,
            text_below: None,
            shown_below: None,
            has_begun: false,
            is_ambiguous: sensitivity == Sensitivity::Ambiguous,
        }
    }

    /// Returns whether a line belongs to the value.
    pub(super) fn contains(&self, line: &str, column: usize) -> bool {
        let text = line.trim_start();
        let is_item = text.starts_with("- ") || text == "-";
        let has_key =
            || assignments(line).first().is_some_and(|one| one.leads && one.separator != b',');
        column > self.column
            || column == self.column && is_item && self.text_below.is_none()
            || !self.has_begun
                && (text.starts_with([':', '"', '\'', '|']) || !is_item)
                && (text.starts_with(':') || !has_key())
                && !text.starts_with(['}', ']', ')', '#'])
    }
}
