//! Findings: the errors, warnings and notes of the pipeline, in one form.
//!
//! A finding is data. Colours, exit codes and JSON belong to the front doors.
//!
//! No text of a finding has a secret: the functions that set them hide what [`disclosure`] hides,
//! and what is hidden in the file of the finding's place.

mod code;
mod display;
mod problems;

use std::borrow::Cow;
use std::sync::Arc;

pub(crate) use crate::disclosure::clip_text;
pub use code::Code;
pub use problems::Problems;

use crate::disclosure::known_values::KnownSecrets;
use crate::disclosure::{self, RepeatedBy, shown_text};
use crate::origin::{Location, SourceFile};
use crate::value::Node;

/// How severe a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Stops the render.
    Error,
    /// Reported; the render continues.
    Warning,
    /// Useful to know.
    Note,
}

/// The cause of a finding, which selects the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The rendered tree, a policy, or anything else that the author of the input can fix.
    Input,
    /// The environment: an unreadable cache folder, a missing program.
    Environment,
    /// This program.
    Bug,
}

/// The stage that reports a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading files.
    Sources,
    /// The site's profile.
    Profile,
    /// `site.enabled` and the component's switch.
    Gate,
    /// Environment, base values, config layers.
    Inputs,
    /// Loading and evaluating policies.
    Policies,
    /// Combining plans.
    Overlay,
    /// Merging the overlay into base values.
    Merge,
    /// Combining objects beside the chart.
    Resources,
    /// Validating the final values.
    Validate,
    /// Writing documents.
    Emit,
    /// The render as a whole: a call ended before the stage was known.
    Render,
}

/// One thing a human should know.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How severe it is.
    pub severity: Severity,
    /// Whose fault it is.
    pub fault: Fault,
    /// The stage that reports it.
    pub stage: Stage,
    /// A stable code, `area/what`.
    pub code: Cow<'static, str>,
    /// One sentence without a final full stop.
    pub message: String,
    /// The place in a file.
    pub place: Option<Location>,
    /// JSON Pointer into the document of the message.
    pub path: Option<String>,
    /// How to fix it.
    pub hint: Option<String>,
    /// True if a later attempt may succeed without any change: a policy is being compiled.
    pub is_pending: bool,
    /// How many other findings it stands for, which are not listed.
    pub stands_for: u32,
}

/// The result of a read that fails with one finding.
pub(crate) type FindingResult<T> = Result<T, Box<Finding>>;

impl Finding {
    /// Returns a finding of the input, without place, pointer and hint.
    fn new(
        severity: Severity,
        stage: Stage,
        code: impl Into<Cow<'static, str>>,
        message: String,
    ) -> Self {
        Self {
            severity,
            fault: Fault::Input,
            stage,
            code: match code.into() {
                Cow::Borrowed(code) => Cow::Borrowed(code),
                Cow::Owned(code) => Cow::Owned(shown_text(&code).into_owned()),
            },
            message: shown(message),
            place: None,
            path: None,
            hint: None,
            is_pending: false,
            stands_for: 0,
        }
    }

    /// Returns the finding of a policy, whose codes are its own.
    pub(crate) fn of_policy(severity: Severity, code: String, message: String) -> Self {
        Self::new(severity, Stage::Policies, code, message)
    }

    /// Returns the same finding with another severity than its code's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Returns the same finding, reported by another stage than its code's.
    #[must_use]
    pub fn stage(mut self, stage: Stage) -> Self {
        self.stage = stage;
        self
    }

    /// Returns the same finding with another message.
    #[must_use]
    pub fn reworded(mut self, message: impl Into<String>) -> Self {
        self.message = shown(message.into());
        if let Some(place) = &self.place {
            hide_in(&mut self.message, None, |text| place.without_values(text));
        }
        self
    }

    /// Returns the same finding with its place in a file, if it is known.
    #[must_use]
    pub fn at(mut self, place: impl Into<Option<Location>>) -> Self {
        self.place = place.into();
        if let Some(place) = &self.place {
            hide_in(&mut self.message, self.hint.as_mut(), |text| place.without_values(text));
        }
        self
    }

    /// Returns the same finding with a pointer into its document.
    #[must_use]
    pub fn on(mut self, path: impl Into<String>) -> Self {
        self.path = Some(shown(path.into()));
        self
    }

    /// Returns the same finding with a hint how to fix it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        let mut hint = shown(hint.into());
        if let Some(place) = &self.place {
            hide_in(&mut hint, None, |text| place.without_values(text));
        }
        self.hint = Some(hint);
        self
    }

    /// Returns the same finding without the secrets of a document in its texts, for the output of
    /// a program that got the document.
    #[must_use]
    pub fn without_secrets_of(mut self, document: &Node) -> Self {
        let texts = RepeatedBy::texts(self.texts());
        self.hide_secrets(&disclosure::known_secrets([document], &texts));
        self
    }

    /// Returns the texts that may repeat a value.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let optional = [&self.path, &self.hint].into_iter().flatten().map(String::as_str);
        [&*self.code, &self.message].into_iter().chain(optional)
    }

    /// Hides secrets in all texts.
    pub(crate) fn hide_secrets(&mut self, secrets: &KnownSecrets<'_>) {
        // A code of our own repeats nothing.
        if let Cow::Owned(code) = &mut self.code {
            secrets.hide_in_name(code);
        }
        self.path.iter_mut().for_each(|path| secrets.hide_in_name(path));
        secrets.hide_in(&mut self.message);
        self.hint.iter_mut().for_each(|hint| secrets.hide_in(hint));
    }

    /// Returns the same finding without the values that are hidden in files, for the output of a
    /// program that read them.
    #[must_use]
    pub fn without_secrets_in<'f>(
        mut self,
        files: impl IntoIterator<Item = &'f Arc<SourceFile>>,
    ) -> Self {
        for file in files {
            hide_in(&mut self.message, self.hint.as_mut(), |text| file.without_values(text));
        }
        self
    }

    /// Returns the same finding with another cause than the input.
    #[must_use]
    pub fn blame(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }

    /// Marks the finding as pending: a later attempt may succeed without any change.
    #[must_use]
    pub fn pending(mut self) -> Self {
        self.is_pending = true;
        self
    }

    /// Returns whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The longest text of a finding, in characters: it may quote a value of any length.
const LONGEST: usize = 16 << 10;

/// Returns a text without secrets, shortened if it is very long.
fn shown(text: String) -> String {
    if text.len() > LONGEST {
        return clip_text(&text, LONGEST);
    }
    match shown_text(&text) {
        Cow::Owned(shown) => shown,
        Cow::Borrowed(_) => text,
    }
}

/// Replaces a text, and another one if there is one, by what is shown of it.
fn hide_in(text: &mut String, other: Option<&mut String>, hide: impl Fn(&str) -> Cow<'_, str>) {
    for text in [Some(text), other].into_iter().flatten() {
        if let Cow::Owned(shown) = hide(text) {
            *text = shown;
        }
    }
}
