//! Text that may be shown: the only text that a console takes, other than documents.

use std::borrow::Cow;

use anstream::adapter::strip_str;
use site_render::disclosure::shown_text;

/// A text without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShownText(String);

impl ShownText {
    /// Returns a text for people without its secrets. It keeps its colours unless it has a secret:
    /// their codes are beside words, and may be within one.
    pub(crate) fn of(text: &str) -> Self {
        match shown_text(&strip_str(text).to_string()) {
            Cow::Borrowed(_) => Self(text.to_owned()),
            Cow::Owned(shown) => Self(shown),
        }
    }

    /// Returns a text whose values were without secrets before they were written as JSON or YAML.
    pub(super) fn of_data(text: String) -> Self {
        Self(text)
    }

    /// Returns the text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}
