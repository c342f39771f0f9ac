//! Words of a command: from the base values, and what of them is known.

use std::rc::Rc;

use policy_sdk::{Document, Finding, Kind};

use crate::short::short;

/// The longest word that Linux starts a program with (`MAX_ARG_STRLEN`, binfmts.h); a command
/// as a whole is not read beyond it either.
pub(super) const LONGEST: usize = 128 << 10;
/// The worker's command in a message.
pub(super) const OF_WORKER: &str = "the worker's command";
/// The most words that are read.
const MOST_WORDS: u32 = 4096;

/// One word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Whether the text is what the program will see.
    pub(super) is_known: bool,
    /// Where the base values have it; none where the chart writes it.
    place: Option<Rc<str>>,
}

/// A list of words, or why it is none.
pub(super) enum Read {
    Words(Vec<Word>),
    Refused(Box<Finding>),
}

impl Word {
    /// A word of the chart.
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), is_known: true, place: None }
    }

    /// Another text at the same place.
    pub(super) fn with(&self, text: String, is_known: bool) -> Self {
        Self { text, is_known, place: self.place.clone() }
    }

    /// Returns the pointer to it.
    pub(super) fn place(&self) -> Option<String> {
        self.place.as_deref().map(str::to_owned)
    }

    /// The same word with its place in the whole of a document's part.
    pub(super) fn inside(self, part: &Document) -> Self {
        let place = self.place.as_deref().map(|place| part.path(place).into());
        Self { place, ..self }
    }

    /// Returns the name of the program in a path.
    pub(super) fn program(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }
}

/// Reads `command` or `args` at a place.
pub(super) fn read(values: &Document, place: &str) -> Read {
    match values.kind(place) {
        Kind::Missing | Kind::Null => Read::Words(Vec::new()),
        Kind::Sequence if values.size(place) > MOST_WORDS => {
            refused(unread(place, &format!("it has more than {MOST_WORDS} words")))
        }
        Kind::Sequence => read_items(values, place),
        // The chart renders templates of strings: only then may a list come of one.
        Kind::Text if is_template(&values.scalar(place).unwrap_or_default()) => {
            refused(unread(place, "it is a template"))
        }
        _ => refused(
            Finding::error(
                "worker/command",
                "has to be a list of words; Kubernetes refuses anything else",
            )
            .at(place)
            .hint("write each word as an item of a list, or one script as [sh, -c, SCRIPT]"),
        ),
    }
}

fn read_items(values: &Document, place: &str) -> Read {
    let mut words = Vec::new();
    for index in 0..values.size(place) {
        let item = [place, "/", &index.to_string()].concat();
        let text = values.scalar(&item).unwrap_or_default();
        if values.kind(&item) != Kind::Text {
            return refused(
                Finding::error(
                    "worker/command",
                    format!(
                        "{} is not a string; Kubernetes takes strings alone as words of a command",
                        short(&text)
                    ),
                )
                .at(item)
                .hint("put it in quotes"),
            );
        }
        let is_known = !is_template(&text);
        words.push(Word { text, is_known, place: Some(item.into()) });
    }
    Read::Words(words)
}

/// Returns a finding on words that no program is started with.
pub(super) fn too_long(words: &[Word]) -> Option<Finding> {
    let total: usize = words.iter().map(|word| word.text.len()).sum();
    let first = words.iter().find_map(Word::place)?;
    (total > LONGEST).then(|| unread(&first, "it is longer than Linux starts a program with"))
}

/// Returns a finding on the worker's command, which is not judged.
pub(super) fn unread(place: &str, why: &str) -> Finding {
    unread_of(OF_WORKER, place, why)
}

/// Returns a finding on a container's command that is not judged.
pub(super) fn unread_of(whose: &str, place: &str, why: &str) -> Finding {
    Finding::warning(
        "worker/command-unread",
        format!("which queues {whose} serves cannot be read: {why}"),
    )
    .at(place)
    .hint("make sure that it serves $(CELERY_TASK_QUEUES), or leave the command to the chart")
}

fn is_template(text: &str) -> bool {
    text.contains("{{")
}

fn refused(finding: Finding) -> Read {
    Read::Refused(Box::new(finding))
}
