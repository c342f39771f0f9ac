//! Reads the words of a command from the base values.

use std::rc::Rc;

use policy_sdk::{Document, Finding, Kind};

use crate::codes;
use crate::short::shorten;

/// The longest word that Linux passes to a program (`MAX_ARG_STRLEN`, binfmts.h). It also limits
/// the length of a whole command that is read here.
pub(super) const MAX_LENGTH: usize = 128 << 10;
/// The name of the worker's command in a message.
pub(super) const OF_WORKER: &str = "the worker's command";
/// The most words that are read, because a call has limited fuel.
const MAX_WORDS: u32 = 4096;

/// One word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Whether the program sees exactly this text.
    pub(super) is_known: bool,
    /// The pointer to it in the base values; `None` where the chart writes it.
    place: Option<Rc<str>>,
}

/// The words of a command, or the finding on a value that has none.
pub(super) enum CommandWords {
    Words(Vec<Word>),
    Rejected(Box<Finding>),
}

impl Word {
    /// Returns a word of the chart's template.
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), is_known: true, place: None }
    }

    /// Returns a word with another text from the same place.
    pub(super) fn with_text(&self, text: String, is_known: bool) -> Self {
        Self { text, is_known, place: self.place.clone() }
    }

    /// Returns the pointer to the word.
    pub(super) fn place(&self) -> Option<String> {
        self.place.as_deref().map(str::to_owned)
    }

    /// Returns the word with its pointer resolved from a part of a document to the whole.
    pub(super) fn at_document(self, part: &Document) -> Self {
        let place = self.place.as_deref().map(|place| part.path(place).into());
        Self { place, ..self }
    }

    /// Returns the file name of a program's path.
    pub(super) fn program_name(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }
}

/// Reads `command` or `args` at a place.
pub(super) fn read_words(values: &Document, place: &str) -> CommandWords {
    match values.kind(place) {
        Kind::Missing | Kind::Null => CommandWords::Words(Vec::new()),
        Kind::Sequence if values.size(place) > MAX_WORDS => {
            reject(unread_command(place, &format!("the command has more than {MAX_WORDS} words")))
        }
        Kind::Sequence => read_items(values, place),
        // The chart renders strings as templates, and a template may result in a list.
        Kind::Text if is_template(&values.scalar(place).unwrap_or_default()) => {
            reject(unread_command(place, "the command is a template"))
        }
        _ => reject(
            codes::COMMAND
                .finding("the command must be a list of strings; Kubernetes refuses anything else")
                .at(place)
                .hint("write each word as an item of a list, or one script as [sh, -c, SCRIPT]"),
        ),
    }
}

/// Reads the items of a list.
fn read_items(values: &Document, place: &str) -> CommandWords {
    let mut words = Vec::new();
    for index in 0..values.size(place) {
        let item = [place, "/", &index.to_string()].concat();
        let text = values.scalar(&item).unwrap_or_default();
        if values.kind(&item) != Kind::Text {
            return reject(
                codes::COMMAND
                    .finding(format!(
                        "{} is not a string; Kubernetes accepts only strings as words of a command",
                        shorten(&text),
                    ))
                    .at(item)
                    .hint("put it in quotes"),
            );
        }
        let is_known = !is_template(&text);
        words.push(Word { text, is_known, place: Some(item.into()) });
    }
    CommandWords::Words(words)
}

/// Returns a finding on a command that is too long to run.
pub(super) fn too_long_finding(words: &[Word]) -> Option<Finding> {
    let total: usize = words.iter().map(|word| word.text.len()).sum();
    let first = words.iter().find_map(Word::place)?;
    (total > MAX_LENGTH).then(|| unread_command(&first, "the command is longer than Linux allows"))
}

/// Returns a finding on the worker's command, which cannot be evaluated.
pub(super) fn unread_command(place: &str, why: &str) -> Finding {
    unread_command_of(OF_WORKER, place, why)
}

/// Returns a finding on a container's command that cannot be evaluated.
pub(super) fn unread_command_of(whose: &str, place: &str, why: &str) -> Finding {
    codes::COMMAND_UNREAD
        .finding(format!(
            "the queues that {whose} serves are not known: {why}"
        ))
        .at(place)
        .hint(
            "make sure that it serves $(CELERY_TASK_QUEUES), or remove it so that the chart's command runs",
        )
}

fn is_template(text: &str) -> bool {
    text.contains("{{")
}

fn reject(finding: Finding) -> CommandWords {
    CommandWords::Rejected(Box::new(finding))
}
