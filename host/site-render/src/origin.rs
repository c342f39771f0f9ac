//! The origin of a value: a place in a file, a policy and its reason, or an override.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::disclosure::known_values::{
    NOT_SHOWN, all_hidden_values, hidden_values, hide_known_values,
};
use crate::disclosure::shown_line::{self, ShownLine};
use crate::disclosure::shown_text::shown_text;
use crate::disclosure::source_text::{Language, hidden_ranges_of};

/// A text file that was read, with all its text so that an error can show the line.
#[derive(Debug)]
pub struct SourceFile {
    /// Its path relative to the tree, as a user writes it.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The files that it imports, if it is Jsonnet: their values are its own.
    imports: Vec<Arc<SourceFile>>,
    /// The parts of the text that must not be shown; found when the first message needs them.
    hidden: OnceLock<HiddenParts>,
}

/// The parts of a text that must not be shown.
#[derive(Debug)]
struct HiddenParts {
    /// Their bytes, in order.
    ranges: Vec<Range<usize>>,
    /// The line where each begins, from 1.
    lines: Vec<usize>,
}

impl HiddenParts {
    fn of(name: &str, text: &str) -> Self {
        let ranges = hidden_ranges_of(text, language_of(name));
        let (mut line, mut done) = (1, 0);
        let lines = ranges.iter().map(|range| {
            line += text[done..range.start].matches('\n').count();
            done = range.start;
            line
        });
        let lines = lines.collect();
        Self { ranges, lines }
    }
}

impl SourceFile {
    /// Returns a file with its name and its text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let hidden = OnceLock::new();
        Self { name: name.into(), text: text.into(), imports: Vec::new(), hidden }
    }

    /// Returns the same file with the files that it imports.
    #[must_use]
    pub fn with_imports(&self, imports: Vec<Arc<SourceFile>>) -> Self {
        Self { imports, ..Self::new(self.name.clone(), self.text.clone()) }
    }

    /// Returns the length of its text and of those that it imports, in bytes.
    pub fn text_bytes(&self) -> u64 {
        let imported: u64 = self.imports.iter().map(|file| file.text_bytes()).sum();
        self.text.len() as u64 + imported
    }

    /// Returns whether a part of its text must not be shown.
    pub fn has_secrets(&self) -> bool {
        !self.hidden().ranges.is_empty()
    }

    /// Returns whether the parts of its text that may be shown have another text in them.
    pub fn shows(&self, text: &str) -> bool {
        let mut done = 0;
        let ends = self.hidden().ranges.iter().map(|range| (range.start, range.end));
        ends.chain([(self.text.len(), 0)]).any(|(start, next)| {
            let shown = &self.text[done..start];
            done = next;
            shown.contains(text)
        })
    }

    /// Returns a text without the values that are hidden in the file and in its imports. If they
    /// are too many, none of the text is shown.
    pub(crate) fn without_values<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut shown = match all_hidden_values(&self.text, &self.hidden().ranges) {
            Some(values) => hide_known_values(text, values.iter().map(|value| &**value)),
            None if text.is_empty() => Cow::Borrowed(text),
            None => Cow::Owned(NOT_SHOWN.to_owned()),
        };
        for file in &self.imports {
            if let Cow::Owned(hidden) = file.without_values(&shown) {
                shown = Cow::Owned(hidden);
            }
        }
        shown
    }

    /// Returns the values that are hidden in the file and in its imports: evaluated Jsonnet has lost the
    /// names that its text gives them.
    pub(crate) fn hidden_values(&self) -> Vec<Cow<'_, str>> {
        let own = all_hidden_values(&self.text, &self.hidden().ranges).unwrap_or_default();
        let imported = self.imports.iter().flat_map(|file| file.hidden_values());
        own.into_iter().chain(imported).collect()
    }

    fn hidden(&self) -> &HiddenParts {
        self.hidden.get_or_init(|| HiddenParts::of(&self.name, &self.text))
    }
}

impl PartialEq for SourceFile {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text
    }
}

impl Eq for SourceFile {}

/// A line and a column in a text, both from 1; a column is a number of characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1; 0 if it is unknown.
    pub line: u32,
    /// The column, from 1; 0 if it is unknown.
    pub column: u32,
}

/// A position in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The position in it.
    pub at: Position,
}

impl Location {
    /// Returns the same place without the text of its file, because that line has a secret.
    #[must_use]
    pub fn without_text(self) -> Self {
        Self { file: Arc::new(SourceFile::new(self.file.name.clone(), "")), at: self.at }
    }

    /// Returns the line of the place without secrets; `line` are its bytes in the file, without
    /// its end.
    pub fn shown_line(&self, line: Range<usize>) -> ShownLine {
        let start = line.start;
        let line = &self.file.text[line];
        let hidden = &self.file.hidden().ranges;
        shown_line::without_ranges(line, start, self.at.column, hidden, &self.near_values())
    }

    /// Returns the values that are hidden in the file, those nearest to the place if there are many,
    /// and those in its imports.
    fn near_values(&self) -> Vec<&str> {
        let HiddenParts { ranges, lines } = self.file.hidden();
        let next = lines.partition_point(|line| *line <= self.at.line as usize);
        let imports = self.file.imports.iter();
        let imported = imports.flat_map(|file| hidden_values(&file.text, &file.hidden().ranges, 0));
        hidden_values(&self.file.text, ranges, next).into_iter().chain(imported).collect()
    }

    /// Hides the values in texts that are hidden in the file.
    pub(crate) fn hide_values_in<'t>(&self, texts: impl IntoIterator<Item = &'t mut String>) {
        let values = self.near_values();
        for text in texts {
            let shown = if is_jsonnet(&self.file.name) {
                self.file.without_values(text)
            } else {
                hide_known_values(text, values.iter().copied())
            };
            if let Cow::Owned(shown) = shown {
                *text = shown;
            }
        }
    }

    /// Returns a text without the values that are hidden in the file: all of them if the file
    /// computes its values, else those nearest to the place if there are many.
    pub(crate) fn without_values<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if is_jsonnet(&self.file.name) {
            return self.file.without_values(text);
        }
        hide_known_values(text, self.near_values())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = shown_text(&self.file.name);
        write!(f, "{name}:{}:{}", self.at.line, self.at.column)
    }
}

/// The origin of a value.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A file.
    File {
        /// The file.
        file: Arc<SourceFile>,
        /// The position of the value.
        at: Position,
        /// The position of its key, for a value in a mapping.
        key: Position,
    },
    /// A policy's edit.
    Policy(Arc<PolicyOrigin>),
    /// A setting from outside the fleet, by its name: `parameter worker.replicas`.
    Override(Arc<str>),
    /// The program itself, with the reason, such as a default.
    Built(&'static str),
}

/// The policy that set a value, with its reason.
#[derive(Debug, PartialEq, Eq)]
pub struct PolicyOrigin {
    /// The policy's name.
    pub policy: String,
    /// Its reason.
    pub reason: String,
}

impl Origin {
    /// Returns the place of a value in a file.
    pub fn place(&self) -> Option<Location> {
        match self {
            Self::File { file, at, .. } => Some(Location { file: file.clone(), at: *at }),
            Self::Policy(_) | Self::Override(_) | Self::Built(_) => None,
        }
    }

    /// Returns the name of the override that set the value.
    pub fn override_name(&self) -> Option<&str> {
        match self {
            Self::Override(name) => Some(name),
            _ => None,
        }
    }

    /// Returns the place, the policy or the override that set the value, for a person.
    pub fn describe(&self) -> Option<String> {
        match self {
            Self::File { .. } => self.place().map(|place| place.to_string()),
            Self::Policy(origin) => Some(format!("policy {}", origin.policy)),
            Self::Override(name) => Some(name.to_string()),
            Self::Built(_) => None,
        }
    }

    /// Returns the place of the value's key, else of the value.
    pub fn key_place(&self) -> Option<Location> {
        match self {
            Self::File { file, key, .. } if key.line > 0 => {
                Some(Location { file: file.clone(), at: *key })
            }
            _ => self.place(),
        }
    }
}

/// Returns the language of a file by its name.
fn language_of(name: &str) -> Language {
    if name.strip_suffix(".py").is_some() || is_jsonnet(name) {
        Language::Code
    } else {
        Language::Yaml
    }
}

/// Returns whether a file name is that of a Jsonnet file.
pub(crate) fn is_jsonnet(name: &str) -> bool {
    [".jsonnet", ".libsonnet"].iter().any(|ending| name.ends_with(ending))
}
