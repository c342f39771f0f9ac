//! A simple command of a script: reserved words before it, and what it does to the script's
//! own variables and arguments.

use super::variables::Scope;
use super::{Command, Reader, assignment};
use crate::command::expand::Texts;
use crate::command::program::is_shell;
use crate::command::words::Word;
use crate::variables::broker::CELERYS;

/// The most shells within one script that get its variables.
const MOST_SHELLS: usize = 8;

impl Reader<'_, '_, '_> {
    /// Ends a command, and applies it to the script if it is one of the shell's own.
    pub(super) fn end_command(&mut self) {
        self.end_word();
        self.skips_next = false;
        let words = std::mem::take(&mut self.words);
        let words = self.behind_reserved(&words);
        let Some(first) = words.first() else { return };
        let exports =
            matches!(&*first.text, "export" | "declare" | "typeset" | "readonly" | "local");
        if exports {
            self.declare(words.get(1..).unwrap_or_default(), first.text == "export");
        } else if words.iter().all(|word| change(&word.text).is_some()) {
            self.declare(words, false);
        } else {
            self.run_builtin(words);
            self.push_command(words.to_vec());
        }
    }

    /// Returns the words behind those that the shell keeps for itself.
    fn behind_reserved<'w>(&mut self, words: &'w [Word]) -> &'w [Word] {
        let mut rest = words;
        while let Some((word, after)) = rest.split_first().filter(|(word, _)| word.is_known) {
            match &*word.text {
                "then" | "do" | "!" | "time" => {}
                "if" | "while" | "until" | "{" => self.variables.open(Scope::Branch),
                "else" | "elif" => {
                    self.variables.close(Scope::Branch);
                    self.variables.open(Scope::Branch);
                }
                "fi" | "done" | "esac" | "}" => self.variables.close(Scope::Branch),
                "for" | "select" => {
                    self.variables.open(Scope::Branch);
                    if let Some(name) = after.first() {
                        self.variables.set(&name.text, None, false);
                    }
                    return &[];
                }
                "case" => {
                    self.variables.open(Scope::Branch);
                    return &[];
                }
                "function" => {
                    self.knows_arguments = false;
                    rest = after.get(1..).unwrap_or_default();
                    continue;
                }
                _ => break,
            }
            rest = after;
        }
        rest
    }

    /// Applies `NAME=VALUE`, `NAME+=VALUE` and, of `export`, `NAME`.
    fn declare(&mut self, words: &[Word], exports: bool) {
        for word in words {
            let Some((name, value, appends)) = change(&word.text) else {
                if exports && !word.text.starts_with('-') {
                    let text = self.variables.get(&word.text);
                    self.variables.set(&word.text, text, true);
                }
                continue;
            };
            let value = word.is_known.then(|| value.to_owned());
            let value = if appends {
                self.variables.get(name).zip(value).map(|(before, more)| before + &more)
            } else {
                value
            };
            self.variables.set(name, value, exports);
        }
    }

    /// Applies a command of the shell that changes variables or arguments.
    fn run_builtin(&mut self, words: &[Word]) {
        let Some((first, rest)) = words.split_first() else { return };
        match &*first.text {
            "unset" => {
                for word in rest {
                    self.variables.set(&word.text, word.is_known.then(String::new), true);
                }
            }
            "read" | "mapfile" | "readarray" | "getopts" => {
                for word in rest {
                    self.variables.set(&word.text, None, false);
                }
            }
            "printf" if rest.first().is_some_and(|word| word.text == "-v") => {
                if let Some(name) = rest.get(1) {
                    self.variables.set(&name.text, None, false);
                }
            }
            "set" => self.set_arguments(rest),
            "shift" => {
                let count: Option<usize> =
                    rest.first().map_or(Some(1), |word| word.text.parse().ok());
                self.knows_arguments &= count.is_some() && !self.variables.is_inside();
                let end = self.arguments.len().min(count.unwrap_or(0).saturating_add(1));
                if end > 1 {
                    self.arguments.drain(1..end);
                }
            }
            _ => {}
        }
    }

    /// Applies `set -- WORDS`, and `set` with options alone to nothing.
    fn set_arguments(&mut self, words: &[Word]) {
        let mut rest = words;
        while let Some((word, after)) = rest.split_first() {
            rest = after;
            let text = word.text.as_str();
            if text == "--" || !text.starts_with(['-', '+']) {
                let from = if text == "--" { after } else { words };
                // Without `--` an option may have a value of its own.
                self.knows_arguments = text == "--" && !self.variables.is_inside();
                self.arguments.truncate(1);
                if self.arguments.is_empty() {
                    self.arguments.push(self.script.with("sh".to_owned(), true));
                }
                self.arguments.extend(from.iter().cloned());
                return;
            }
            if text.ends_with('o') {
                rest = after.get(1..).unwrap_or_default();
            }
        }
    }

    fn push_command(&mut self, words: Vec<Word>) {
        let has_shell = words.iter().any(is_shell);
        self.shells += usize::from(has_shell);
        let words = if self.shells > MOST_SHELLS && has_shell {
            vec![self.script.with("sh".to_owned(), false)]
        } else {
            words
        };
        let exported = if has_shell && self.shells <= MOST_SHELLS {
            self.variables.all_exported()
        } else {
            Texts::new()
        };
        let broker = CELERYS.iter().find_map(|name| {
            let text = self.variables.exported(name)?.clone();
            let is_known = text.is_some();
            Some((*name, self.script.with(text.unwrap_or_default(), is_known)))
        });
        self.commands.push(Command { words, exported, broker });
    }
}

/// Returns name and value of `NAME=VALUE` or `NAME+=VALUE`, and whether it is the latter.
fn change(word: &str) -> Option<(&str, &str, bool)> {
    if let Some((name, value)) = assignment(word) {
        return Some((name, value, false));
    }
    let (name, value) = word.split_once("+=")?;
    super::is_name(name).then_some((name, value, true))
}
