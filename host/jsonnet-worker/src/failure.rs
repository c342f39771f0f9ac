//! What a worker says when there is no result. It is a stranger's word: whoever hears it
//! takes no file's name and no position for given.

use serde::{Deserialize, Serialize};

/// Characters of a message that are told.
pub(crate) const MESSAGE: usize = 400;

/// Steps of a trace that are told.
pub(crate) const STEPS: usize = 4;

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// What kind of thing went wrong.
    pub(crate) kind: Kind,
    /// What went wrong.
    pub(crate) message: String,
    /// Where, innermost first.
    pub(crate) trace: Vec<Step>,
    /// How many more there are.
    pub(crate) more: usize,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// It is no Jsonnet.
    Syntax,
    /// It cannot be evaluated.
    Evaluate,
    /// A file cannot be imported as what it is imported as.
    Import,
    /// Calls within calls, too many.
    Depth,
    /// More JSON than allowed.
    Output,
}

/// A step of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// The file, by its name, and where in it, in bytes; the evaluator does not always know.
    pub(crate) at: Option<(String, u32)>,
    /// What was done there.
    pub(crate) what: String,
}
