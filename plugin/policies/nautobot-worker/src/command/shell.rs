//! A shell's script as far as it starts programs: words, quotes, variables and separators.
//!
//! Not a shell: loops and conditions are read as the commands in them, and what only a run
//! could tell makes a word unknown; its text is then what the script has.

mod parameters;
mod reading;
mod simple;
mod variables;

use std::iter::Peekable;
use std::str::Chars;

use super::expand::{Environment, Texts};
use super::words::Word;

use variables::{Scope, Variables};

/// A simple command of a script.
pub(super) struct Command {
    pub(super) words: Vec<Word>,
    /// Variables of the script that it sees, where it is a shell.
    pub(super) exported: Texts,
    /// A variable of the script that gives Celery a broker.
    pub(super) broker: Option<(&'static str, Word)>,
}

/// Returns a script's simple commands, each as its words.
pub(super) fn commands(
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
        variables: Variables::new(environment),
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

struct Reader<'a, 'b, 'e> {
    chars: Peekable<Chars<'a>>,
    script: &'a Word,
    /// `$0` and what follows.
    arguments: Vec<Word>,
    /// Whether these are the arguments at this place.
    knows_arguments: bool,
    environment: &'b Environment<'e>,
    variables: Variables<'b, 'e>,
    commands: Vec<Command>,
    /// How many of the commands are shells.
    shells: usize,
    words: Vec<Word>,
    word: Option<(String, bool)>,
    /// The next word is where a stream is redirected.
    skips_next: bool,
    /// `&&` or `||` is the last that was read.
    is_chained: bool,
    /// Words that end the here-documents of this line.
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
                '&' | '|' => self.operator(letter),
                '(' => self.parenthesis(),
                ')' => self.closing_parenthesis(),
                '#' if self.word.is_none() => while self.chars.next_if(|c| *c != '\n').is_some() {},
                '\'' => self.single_quoted(),
                '"' => self.double_quoted(),
                '\\' => match self.chars.next() {
                    Some('\n') | None => {}
                    Some(escaped) => self.push(escaped),
                },
                '$' => self.dollar(false),
                '`' => self.backticks(),
                '<' | '>' => self.redirection(letter),
                other => self.push(other),
            }
        }
        self.end_list(';');
    }

    fn end_list(&mut self, letter: char) {
        self.end_command();
        self.variables.close(Scope::Chain);
        if letter == '\n' {
            self.skip_here_documents();
        }
    }

    /// Reads `&`, `&&`, `|` and `||`. What follows the double ones may not run.
    fn operator(&mut self, letter: char) {
        if self.chars.next_if_eq(&letter).is_some() {
            self.end_command();
            self.variables.chain(letter == '|');
            self.is_chained = true;
        } else if letter == '&' {
            self.end_list(letter);
        } else {
            self.end_command();
        }
    }

    fn push(&mut self, letter: char) {
        self.word.get_or_insert_with(|| (String::new(), true)).0.push(letter);
    }

    fn push_text(&mut self, text: &str, is_known: bool) {
        let (word, was_known) = self.word.get_or_insert_with(|| (String::new(), true));
        word.push_str(text);
        *was_known &= is_known;
    }

    fn single_quoted(&mut self) {
        self.push_text("", true);
        while let Some(letter) = self.chars.next_if(|letter| *letter != '\'') {
            self.push(letter);
        }
        self.chars.next();
    }

    fn double_quoted(&mut self) {
        self.push_text("", true);
        while let Some(letter) = self.chars.next() {
            match letter {
                '"' => return,
                '\\' => match self.chars.next() {
                    Some('\n') | None => {}
                    Some(escaped @ ('$' | '`' | '"' | '\\')) => self.push(escaped),
                    Some(other) => {
                        self.push('\\');
                        self.push(other);
                    }
                },
                '$' => self.dollar(true),
                '`' => self.backticks(),
                other => self.push(other),
            }
        }
    }

    fn backticks(&mut self) {
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
            self.words.push(self.script.with(text, is_known));
        }
    }
}

/// Returns name and value of `NAME=VALUE`.
pub(super) fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    is_name(name).then_some((name, value))
}

fn is_name(name: &str) -> bool {
    name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit())
}

impl Word {
    /// Returns whether words of the script may be known. One with a `$(...)` that the kubelet leaves is known but for that substitution,
    /// which the shell reads; one with a template of Helm's is not known at all.
    fn is_known_but_for_substitutions(&self) -> bool {
        self.is_known || !self.text.contains("{{")
    }
}

#[cfg(test)]
mod tests;
