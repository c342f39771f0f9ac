//! A shell's script as far as it starts programs: words, quotes, variables and separators.
//!
//! Not a shell: loops and conditions are read as the commands in them, and what only a run
//! could tell makes a word unknown.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use super::expand::Environment;
use super::words::Word;

/// Returns a script's simple commands, each as its words.
pub(super) fn commands(
    script: &Word,
    arguments: &[Word],
    environment: &Environment<'_>,
) -> Vec<Vec<Word>> {
    let mut reader = Reader {
        chars: script.text.chars().peekable(),
        script,
        arguments,
        environment,
        locals: BTreeMap::new(),
        commands: Vec::new(),
        words: Vec::new(),
        word: None,
        skips_next: false,
    };
    reader.run();
    reader.commands
}

struct Reader<'a, 'e> {
    chars: Peekable<Chars<'a>>,
    script: &'a Word,
    /// `$0` and what follows.
    arguments: &'a [Word],
    environment: &'a Environment<'e>,
    /// Variables that the script sets; none where it is not known to what.
    locals: BTreeMap<String, Option<String>>,
    commands: Vec<Vec<Word>>,
    words: Vec<Word>,
    word: Option<(String, bool)>,
    /// The next word is where a stream is redirected.
    skips_next: bool,
}

impl Reader<'_, '_> {
    fn run(&mut self) {
        while let Some(letter) = self.chars.next() {
            match letter {
                ' ' | '\t' | '\r' => self.end_word(),
                '\n' | ';' | '&' | '|' | '(' | ')' => self.end_command(),
                '#' if self.word.is_none() => while self.chars.next_if(|c| *c != '\n').is_some() {},
                '\'' => self.single_quoted(),
                '"' => self.double_quoted(),
                '\\' => match self.chars.next() {
                    Some('\n') | None => {}
                    Some(escaped) => self.push(escaped),
                },
                '$' => self.dollar(false),
                '`' => self.backticks(),
                '<' | '>' => self.redirection(),
                other => self.push(other),
            }
        }
        self.end_command();
    }

    fn push(&mut self, letter: char) {
        self.word.get_or_insert_with(|| (String::new(), true)).0.push(letter);
    }

    fn push_known(&mut self, text: Option<&str>) {
        let (word, is_known) = self.word.get_or_insert_with(|| (String::new(), true));
        match text {
            Some(text) => word.push_str(text),
            None => *is_known = false,
        }
    }

    fn single_quoted(&mut self) {
        self.push_known(Some(""));
        while let Some(letter) = self.chars.next_if(|letter| *letter != '\'') {
            self.push(letter);
        }
        self.chars.next();
    }

    fn double_quoted(&mut self) {
        self.push_known(Some(""));
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

    /// Reads what follows a `$`: a variable, an argument, or what only a run could tell.
    fn dollar(&mut self, is_quoted: bool) {
        match self.chars.peek().copied() {
            Some('(') => self.substitution(),
            Some('{') => self.braces(is_quoted),
            Some(digit) if digit.is_ascii_digit() => {
                self.chars.next();
                let index = usize::try_from(digit.to_digit(10).unwrap_or_default());
                let argument = index.ok().and_then(|index| self.arguments.get(index));
                let text = argument
                    .map_or(Some(String::new()), |word| word.is_known.then(|| word.text.clone()));
                self.push_known(text.as_deref());
            }
            Some('@' | '*') => {
                self.chars.next();
                let arguments = self.arguments.get(1..).unwrap_or_default().to_vec();
                self.splice(arguments);
            }
            Some(letter) if letter == '_' || letter.is_ascii_alphabetic() => {
                let name = self.name();
                let text = self.variable(&name);
                self.put_variable(text, is_quoted);
            }
            Some('\'' | '?' | '!' | '#' | '-' | '$') => {
                self.chars.next();
                self.push_known(None);
            }
            _ => self.push('$'),
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(letter) =
            self.chars.next_if(|letter| *letter == '_' || letter.is_ascii_alphanumeric())
        {
            name.push(letter);
        }
        name
    }

    /// Adds a variable's text; outside quotes one with blanks becomes several words.
    fn put_variable(&mut self, text: Option<String>, is_quoted: bool) {
        match text {
            Some(text) if !is_quoted && text.contains([' ', '\t', '\n']) => {
                let parts = text
                    .split_ascii_whitespace()
                    .map(|part| self.script.with(part.to_owned(), true));
                let parts = parts.collect();
                self.splice(parts);
            }
            Some(text) if !is_quoted && text.is_empty() => {}
            text => self.push_known(text.as_deref()),
        }
    }

    fn splice(&mut self, mut words: Vec<Word>) {
        let last = words.pop();
        for word in words {
            self.push_known(word.is_known.then_some(&*word.text));
            self.end_word();
        }
        if let Some(last) = last {
            self.push_known(last.is_known.then_some(&*last.text));
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        match self.locals.get(name) {
            Some(local) => local.clone(),
            None => self.environment.get(name),
        }
    }

    /// Reads `${NAME}`; a variable that is known wins over a default in it.
    fn braces(&mut self, is_quoted: bool) {
        self.chars.next();
        let name = self.name();
        let mut rest = String::new();
        let mut depth = 1;
        for letter in self.chars.by_ref() {
            depth += i32::from(letter == '{') - i32::from(letter == '}');
            if depth == 0 {
                break;
            }
            rest.push(letter);
        }
        let operators = [":-", "-", ":=", "=", ":?", "?"];
        let is_plain = rest.is_empty() || operators.iter().any(|sign| rest.starts_with(sign));
        let text = if is_plain && !name.is_empty() { self.variable(&name) } else { None };
        self.put_variable(text, is_quoted);
    }

    fn substitution(&mut self) {
        let mut depth = 0;
        for letter in self.chars.by_ref() {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            if depth == 0 {
                break;
            }
        }
        self.push_known(None);
    }

    fn backticks(&mut self) {
        while self.chars.next().is_some_and(|letter| letter != '`') {}
        self.push_known(None);
    }

    /// Takes the descriptor before it and the file behind it out of the words.
    fn redirection(&mut self) {
        if self.word.as_ref().is_some_and(|(text, _)| text.bytes().all(|b| b.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        while self.chars.next_if(|letter| matches!(letter, '<' | '>' | '&' | '|')).is_some() {}
        self.skips_next = true;
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

    fn end_command(&mut self) {
        self.end_word();
        self.skips_next = false;
        let words = std::mem::take(&mut self.words);
        let exports = words.first().is_some_and(|word| word.text == "export");
        let assignments = words.get(usize::from(exports)..).unwrap_or_default();
        if assignments.iter().all(|word| assignment(&word.text).is_some()) {
            for word in assignments {
                if let Some((name, value)) = assignment(&word.text) {
                    let value = word.is_known.then(|| value.to_owned());
                    self.locals.insert(name.to_owned(), value);
                }
            }
        } else {
            self.commands.push(words);
        }
    }
}

/// Returns name and value of `NAME=VALUE`.
pub(super) fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    is_name.then_some((name, value))
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
