//! Ends simple commands of a script: skips reserved words before them, and applies those that
//! change the script's variables or arguments.

use super::variables::ScriptScope;
use super::{Command, Reader, split_assignment};
use crate::command::expand::VariableTexts;
use crate::command::program::is_shell;
use crate::command::words::Word;
use crate::variables::broker::CELERYS;

/// The most shells within one script that receive its variables, because each gets a copy.
const MAX_SHELLS: usize = 8;

impl Reader<'_, '_, '_> {
    /// Ends a command, and applies it to the script if it is a builtin of the shell.
    pub(super) fn end_command(&mut self) {
        self.end_word();
        self.skips_next = false;
        let words = std::mem::take(&mut self.words);
        let words = self.skip_reserved_words(&words);
        let Some(first) = words.first() else { return };
        let exports =
            matches!(&*first.text, "export" | "declare" | "typeset" | "readonly" | "local");
        if exports {
            self.declare_variables(words.get(1..).unwrap_or_default(), first.text == "export");
        } else if words.iter().all(|word| split_change(&word.text).is_some()) {
            self.declare_variables(words, false);
        } else {
            self.run_builtin(words);
            self.push_command(words.to_vec());
        }
    }

    /// Returns the words after the shell's reserved words.
    fn skip_reserved_words<'w>(&mut self, words: &'w [Word]) -> &'w [Word] {
        let mut rest = words;
        while let Some((word, after)) = rest.split_first().filter(|(word, _)| word.is_known) {
            match &*word.text {
                "then" | "do" | "!" | "time" => {}
                "if" | "while" | "until" | "{" => self.variables.open_scope(ScriptScope::Branch),
                "else" | "elif" => {
                    self.variables.close_scope(ScriptScope::Branch);
                    self.variables.open_scope(ScriptScope::Branch);
                }
                "fi" | "done" | "esac" | "}" => self.variables.close_scope(ScriptScope::Branch),
                "for" | "select" => {
                    self.variables.open_scope(ScriptScope::Branch);
                    if let Some(name) = after.first() {
                        self.variables.set(&name.text, None, false);
                    }
                    return &[];
                }
                "case" => {
                    self.variables.open_scope(ScriptScope::Branch);
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

    /// Applies `NAME=VALUE`, `NAME+=VALUE` and, after `export`, `NAME`.
    fn declare_variables(&mut self, words: &[Word], exports: bool) {
        for word in words {
            let Some((name, value, appends)) = split_change(&word.text) else {
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

    /// Applies a builtin that changes variables or arguments.
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

    /// Applies `set -- WORDS`; `set` with options only changes no arguments.
    fn set_arguments(&mut self, words: &[Word]) {
        let mut rest = words;
        while let Some((word, after)) = rest.split_first() {
            rest = after;
            let text = word.text.as_str();
            if text == "--" || !text.starts_with(['-', '+']) {
                let from = if text == "--" { after } else { words };
                // Without `--` the first word may be the value of an option.
                self.knows_arguments = text == "--" && !self.variables.is_inside();
                self.arguments.truncate(1);
                if self.arguments.is_empty() {
                    self.arguments.push(self.script.with_text("sh".to_owned(), true));
                }
                self.arguments.extend(from.iter().cloned());
                return;
            }
            if text.ends_with('o') {
                rest = after.get(1..).unwrap_or_default();
            }
        }
    }

    /// Adds a command with the variables that it sees.
    fn push_command(&mut self, words: Vec<Word>) {
        let has_shell = words.iter().any(is_shell);
        self.shells += usize::from(has_shell);
        let words = if self.shells > MAX_SHELLS && has_shell {
            vec![self.script.with_text("sh".to_owned(), false)]
        } else {
            words
        };
        let exported = if has_shell && self.shells <= MAX_SHELLS {
            self.variables.all_exported()
        } else {
            VariableTexts::new()
        };
        let broker = CELERYS.iter().find_map(|name| {
            let text = self.variables.exported_text(name)?.clone();
            let is_known = text.is_some();
            Some((*name, self.script.with_text(text.unwrap_or_default(), is_known)))
        });
        self.commands.push(Command { words, exported, broker });
    }
}

/// Returns the name and the value of `NAME=VALUE` or `NAME+=VALUE`, and whether it appends.
fn split_change(word: &str) -> Option<(&str, &str, bool)> {
    if let Some((name, value)) = split_assignment(word) {
        return Some((name, value, false));
    }
    let (name, value) = word.split_once("+=")?;
    super::is_name(name).then_some((name, value, true))
}
