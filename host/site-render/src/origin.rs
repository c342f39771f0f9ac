//! Where a value comes from: a place in a file, a policy and its reason, or somebody who
//! asked for it.

use std::fmt;
use std::sync::Arc;

/// A text file that was read, kept whole so that an error can show the line.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path as a user would write it, relative to the tree.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A position in a text, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1; 0 where there is none.
    pub line: u32,
    /// Column, from 1; 0 where there is none.
    pub column: u32,
}

/// A position in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// Where in it.
    pub at: Position,
}

impl Place {
    /// The same place in a file whose text is not shown: what stands there is a secret.
    #[must_use]
    pub fn without_text(self) -> Self {
        let file = SourceFile { name: self.file.name.clone(), text: String::new() };
        Self { file: Arc::new(file), at: self.at }
    }

    /// The line it stands on, without its end, if the file has such a line.
    pub fn line_text(&self) -> Option<&str> {
        self.file.text.lines().nth(self.at.line.checked_sub(1)? as usize)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.name, self.at.line, self.at.column)
    }
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A file.
    File {
        /// The file.
        file: Arc<SourceFile>,
        /// Where the value begins.
        at: Position,
        /// Where its key begins, for a value in a mapping.
        key: Position,
    },
    /// A policy's edit.
    Policy(Arc<PolicyOrigin>),
    /// A setting from outside the fleet, by its name: `parameter worker.replicas`.
    Override(Arc<str>),
    /// The program itself, and why: a default.
    Built(&'static str),
}

/// The policy that set a value, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct PolicyOrigin {
    /// The policy's name.
    pub policy: String,
    /// Its reason.
    pub reason: String,
}

impl Origin {
    /// Where the value stands, if it stands in a file.
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::File { file, at, .. } => Some(Place { file: file.clone(), at: *at }),
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

    /// Where the value's key stands, else where the value does.
    pub fn key_place(&self) -> Option<Place> {
        match self {
            Self::File { file, key, .. } if key.line > 0 => {
                Some(Place { file: file.clone(), at: *key })
            }
            _ => self.place(),
        }
    }
}
