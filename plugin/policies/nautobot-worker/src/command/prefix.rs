//! Reads the words before a program: wrappers such as `env`, and assignments to its variables.

use super::celery::BrokerOverride;
use super::expand::{Environment, VariableTexts};
use super::shell::split_assignment;
use super::words::Word;
use crate::variables::broker::CELERYS;

/// The changes of variables in the words before a program.
#[derive(Default)]
pub(super) struct Prefix {
    changed: VariableTexts,
    clears: bool,
    /// The broker that one of the variables sets.
    pub(super) broker: Option<BrokerOverride>,
}

impl Prefix {
    /// Reads the words before a program: `env -u NAME NAME=VALUE`, or a shell's assignments.
    pub(super) fn read(words: &[Word]) -> Self {
        let mut prefix = Self::default();
        let mut rest = words;
        let mut is_env = false;
        while let Some((word, after)) = rest.split_first() {
            rest = after;
            let text = word.text.as_str();
            is_env |= word.program_name() == "env";
            if let Some((name, value)) = split_assignment(text) {
                prefix.record_assignment(word, name, value);
            } else if is_env && matches!(text, "-i" | "-" | "--ignore-environment") {
                prefix.clears = true;
            } else if is_env && text == "-u" {
                prefix.record_unset(after.first().map(|name| name.text.as_str()));
            } else if is_env {
                let name = text.strip_prefix("--unset=").or_else(|| text.strip_prefix("-u"));
                prefix.record_unset(name);
            }
        }
        prefix
    }

    /// Returns the environment of the program after these changes.
    pub(super) fn apply_to<'a>(self, before: &Environment<'a>) -> Environment<'a> {
        before.with_changes(self.changed, self.clears)
    }

    fn record_assignment(&mut self, word: &Word, name: &str, value: &str) {
        let text = word.is_known.then(|| value.to_owned());
        if let Some(variable) = CELERYS.iter().find(|variable| **variable == name) {
            let url = word.with_text(value.to_owned(), word.is_known);
            self.broker = Some(BrokerOverride { what: variable, url });
        }
        self.changed.insert(name.to_owned(), text);
    }

    fn record_unset(&mut self, name: Option<&str>) {
        self.changed.extend(name.map(|name| (name.to_owned(), Some(String::new()))));
    }
}
