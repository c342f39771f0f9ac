//! Words before a program: wrappers such as `env`, and assignments that change its variables.

use super::celery::Broker;
use super::expand::{Environment, Texts};
use super::shell::assignment;
use super::words::Word;
use crate::variables::broker::CELERYS;

/// Changes of variables in the words before a program.
#[derive(Default)]
pub(super) struct Prefix {
    changed: Texts,
    clears: bool,
    /// A broker among the variables.
    pub(super) broker: Option<Broker>,
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
            is_env |= word.program() == "env";
            if let Some((name, value)) = assignment(text) {
                prefix.change(word, name, value);
            } else if is_env && matches!(text, "-i" | "-" | "--ignore-environment") {
                prefix.clears = true;
            } else if is_env && text == "-u" {
                prefix.unset(after.first().map(|name| name.text.as_str()));
            } else if is_env {
                let name = text.strip_prefix("--unset=").or_else(|| text.strip_prefix("-u"));
                prefix.unset(name);
            }
        }
        prefix
    }

    /// Returns the environment of the program.
    pub(super) fn environment<'a>(self, before: &Environment<'a>) -> Environment<'a> {
        before.with(self.changed, self.clears)
    }

    fn change(&mut self, word: &Word, name: &str, value: &str) {
        let text = word.is_known.then(|| value.to_owned());
        if let Some(variable) = CELERYS.iter().find(|variable| **variable == name) {
            let url = word.with(value.to_owned(), word.is_known);
            self.broker = Some(Broker { what: variable, url });
        }
        self.changed.insert(name.to_owned(), text);
    }

    fn unset(&mut self, name: Option<&str>) {
        self.changed.extend(name.map(|name| (name.to_owned(), Some(String::new()))));
    }
}
