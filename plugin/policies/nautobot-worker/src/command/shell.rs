//! Finds the commands of a shell script: it parses words, quotes, variables and separators.
//!
//! It does not run the script. Loops and conditions are read as the commands in them. A word that
//! depends on the run is unknown, and its text is then the one written in the script.

mod parameters;
mod reading;
mod simple;
mod variables;

use std::iter::Peekable;
use std::str::Chars;

use super::expand::{Environment, VariableTexts};
use super::words::Word;

use variables::{ScriptScope, ScriptVariables};

/// A simple command of a script.
pub(super) struct Command {
    pub(super) words: Vec<Word>,
    /// The script's exported variables, if the command is a shell.
    pub(super) exported: VariableTexts,
    /// The variable of the script that sets Celery's broker, and its value.
    pub(super) broker: Option<(&'static str, Word)>,
}

/// Returns the simple commands of a script, each as its words.
pub(super) fn parse_script(
    script: &Word,
    arguments: &[Word],
    environment: &Environment<'_>,
) -> Vec<Command> {
    let mut reader = Reader {
        chars: script.text.chars().peekable(),
        script,
        arguments: arguments.to_vec(),
        knows_arguments: true,
        environment,
        variables: ScriptVariables::new(environment),
        commands: Vec::new(),
        shells: 0,
        words: Vec::new(),
        word: None,
        skips_next: false,
        is_chained: false,
        here_documents: Vec::new(),
    };
    reader.run();
    reader.commands
}

/// The state of reading a script.
struct Reader<'a, 'b, 'e> {
    chars: Peekable<Chars<'a>>,
    script: &'a Word,
    /// `$0`, `$1` and so on.
    arguments: Vec<Word>,
    /// Whether `arguments` are those at this point of the script.
    knows_arguments: bool,
    environment: &'b Environment<'e>,
    variables: ScriptVariables<'b, 'e>,
    commands: Vec<Command>,
    /// The number of commands that are shells.
    shells: usize,
    words: Vec<Word>,
    word: Option<(String, bool)>,
    /// Whether the next word is the target of a redirection.
    skips_next: bool,
    /// Whether the last token was `&&` or `||`.
    is_chained: bool,
    /// The words that end the here-documents of this line.
    here_documents: Vec<String>,
}

impl Reader<'_, '_, '_> {
    fn run(&mut self) {
        while let Some(letter) = self.chars.next() {
            let was_chained = self.is_chained && letter.is_ascii_whitespace();
            self.is_chained = was_chained;
            match letter {
                ' ' | '\t' | '\r' => self.end_word(),
                '\n' if was_chained => {}
                '\n' | ';' => self.end_list(letter),
                '&' | '|' => self.read_operator(letter),
                '(' => self.open_parenthesis(),
                ')' => self.close_parenthesis(),
                '#' if self.word.is_none() => while self.chars.next_if(|c| *c != '\n').is_some() {},
                '\'' => self.read_single_quoted(),
                '"' => self.read_double_quoted(),
                '\\' => match self.chars.next() {
                    Some('\n') | None => {}
                    Some(escaped) => self.push_letter(escaped),
                },
                '$' => self.read_dollar(false),
                '`' => self.read_backticks(),
                '<' | '>' => self.read_redirection(letter),
                other => self.push_letter(other),
            }
        }
        self.end_list(';');
    }

    fn end_list(&mut self, letter: char) {
        self.end_command();
        self.variables.close_scope(ScriptScope::Chain);
        if letter == '\n' {
            self.skip_here_documents();
        }
    }

    /// Reads `&`, `&&`, `|` and `||`. Commands after the double ones may not run.
    fn read_operator(&mut self, letter: char) {
        if self.chars.next_if_eq(&letter).is_some() {
            self.end_command();
            self.variables.open_chain(letter == '|');
            self.is_chained = true;
        } else if letter == '&' {
            self.end_list(letter);
        } else {
            self.end_command();
        }
    }

    fn push_letter(&mut self, letter: char) {
        self.word.get_or_insert_with(|| (String::new(), true)).0.push(letter);
    }

    fn push_text(&mut self, text: &str, is_known: bool) {
        let (word, was_known) = self.word.get_or_insert_with(|| (String::new(), true));
        word.push_str(text);
        *was_known &= is_known;
    }

    fn read_single_quoted(&mut self) {
        self.push_text("", true);
        while let Some(letter) = self.chars.next_if(|letter| *letter != '\'') {
            self.push_letter(letter);
        }
        self.chars.next();
    }

    fn read_double_quoted(&mut self) {
        self.push_text("", true);
        while let Some(letter) = self.chars.next() {
            match letter {
                '"' => return,
                '\\' => match self.chars.next() {
                    Some('\n') | None => {}
                    Some(escaped @ ('$' | '`' | '"' | '\\')) => self.push_letter(escaped),
                    Some(other) => {
                        self.push_letter('\\');
                        self.push_letter(other);
                    }
                },
                '$' => self.read_dollar(true),
                '`' => self.read_backticks(),
                other => self.push_letter(other),
            }
        }
    }

    fn read_backticks(&mut self) {
        let mut written = String::from('`');
        for letter in self.chars.by_ref() {
            written.push(letter);
            if letter == '`' {
                break;
            }
        }
        self.push_text(&written, false);
    }

    fn end_word(&mut self) {
        if let Some((text, is_known)) = self.word.take() {
            if self.skips_next {
                self.skips_next = false;
                return;
            }
            let is_known = is_known && self.script.is_known_but_for_substitutions();
            self.words.push(self.script.with_text(text, is_known));
        }
    }
}

/// Returns the name and the value of `NAME=VALUE`.
pub(super) fn split_assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    is_name(name).then_some((name, value))
}

fn is_name(name: &str) -> bool {
    name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit())
}

impl Word {
    /// Returns whether words of the script may be known. In a script with a `$(...)` that the
    /// kubelet leaves only that substitution is unknown; in one with a Helm template all is.
    fn is_known_but_for_substitutions(&self) -> bool {
        self.is_known || !self.text.contains("{{")
    }
}

#[cfg(test)]
mod tests;
