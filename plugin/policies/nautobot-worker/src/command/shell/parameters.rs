//! Expands parameters of a script after a `$`: variables and arguments, as far as they are known.

use super::Reader;
use crate::command::words::Word;

/// The operators of `${NAME...}` that set a default.
const DEFAULTS: [&str; 4] = [":-", ":=", "-", "="];

impl Reader<'_, '_, '_> {
    /// Expands the parameter after a `$`. A value that depends on the run makes the word unknown.
    pub(super) fn read_dollar(&mut self, is_quoted: bool) {
        match self.chars.peek().copied() {
            Some('(') => {
                self.chars.next();
                let inner = self.take_balanced(')');
                self.push_text(&["$(", &inner, ")"].concat(), false);
            }
            Some('{') => self.read_braces(is_quoted),
            Some(digit) if digit.is_ascii_digit() => {
                self.chars.next();
                let index = usize::try_from(digit.to_digit(10).unwrap_or_default());
                let text = index.ok().and_then(|index| self.script_argument(index));
                self.put_variable(text, &format!("${digit}"), is_quoted);
            }
            Some(sign @ ('@' | '*')) => {
                self.chars.next();
                self.push_all_arguments(sign, is_quoted);
            }
            Some(letter) if letter == '_' || letter.is_ascii_alphabetic() => {
                let name = self.read_name();
                let text = self.variables.get(&name);
                self.put_variable(text, &["$", &name].concat(), is_quoted);
            }
            Some(sign @ ('\'' | '?' | '!' | '#' | '-' | '$')) => {
                self.chars.next();
                self.push_text(&format!("${sign}"), false);
            }
            _ => self.push_letter('$'),
        }
    }

    fn read_name(&mut self) -> String {
        let mut name = String::new();
        while let Some(letter) =
            self.chars.next_if(|letter| *letter == '_' || letter.is_ascii_alphanumeric())
        {
            name.push(letter);
        }
        name
    }

    /// Returns an argument of the script; a missing one is empty.
    fn script_argument(&self, index: usize) -> Option<String> {
        // In a function each call has its own arguments; only a few words precede its name.
        let is_function = self.words.iter().take(4).any(|word| word.text == "function");
        let is_known = self.knows_arguments && !is_function;
        match self.arguments.get(index) {
            _ if index > 0 && !is_known => None,
            None => Some(String::new()),
            Some(word) => (word.is_known && self.environment.fits_budget(word.text.len()))
                .then(|| word.text.clone()),
        }
    }

    /// Expands `$@` or `$*`.
    fn push_all_arguments(&mut self, sign: char, is_quoted: bool) {
        let arguments = self.arguments.get(1..).unwrap_or_default();
        let bytes = arguments.iter().map(|word| word.text.len() + 1).sum();
        let is_joined = sign == '*' && is_quoted;
        if is_joined || !self.knows_arguments || !self.environment.fits_budget(bytes) {
            return self.push_text(&format!("${sign}"), false);
        }
        let arguments = arguments.to_vec();
        self.push_words(arguments);
    }

    /// Adds a variable's text, which outside quotes is split at blanks. An unknown variable is
    /// added as it is written.
    fn put_variable(&mut self, text: Option<String>, written: &str, is_quoted: bool) {
        match text {
            Some(text) if !is_quoted && text.contains([' ', '\t', '\n']) => {
                let parts = text.split_ascii_whitespace();
                let parts =
                    parts.map(|part| self.script.with_text(part.to_owned(), true)).collect();
                self.push_words(parts);
            }
            Some(text) if !is_quoted && text.is_empty() => {}
            Some(text) => self.push_text(&text, true),
            None => self.push_text(written, false),
        }
    }

    /// Adds words; the last one stays open, as text may follow it.
    fn push_words(&mut self, mut words: Vec<Word>) {
        let last = words.pop();
        for word in words {
            self.push_text(&word.text, word.is_known);
            self.end_word();
        }
        if let Some(last) = last {
            self.push_text(&last.text, last.is_known);
        }
    }

    /// Expands `${NAME}`; a known variable wins over a default in it.
    fn read_braces(&mut self, is_quoted: bool) {
        self.chars.next();
        let inner = self.take_balanced('}');
        let end = inner.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
        let (name, rest) = inner.split_at(end.unwrap_or(inner.len()));
        let written = ["${", &inner, "}"].concat();
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            let index = name.parse::<usize>().ok().filter(|_| rest.is_empty());
            let text = index.and_then(|index| self.script_argument(index));
            return self.put_variable(text, &written, is_quoted);
        }
        let default = DEFAULTS.iter().find_map(|sign| Some((*sign, rest.strip_prefix(*sign)?)));
        let is_whole = rest.is_empty() || rest.starts_with('?') || rest.starts_with(":?");
        let text = match (self.variables.get(name), default) {
            (text, None) => text.filter(|_| is_whole),
            (Some(text), Some(_)) if !text.is_empty() => Some(text),
            // Without the colon an empty variable differs from one that is not set.
            (Some(_), Some((sign, default))) if sign.starts_with(':') => {
                self.default_value(default)
            }
            _ => None,
        };
        self.put_variable(text, &written, is_quoted);
    }

    /// Returns a default that is a plain text or another variable.
    fn default_value(&self, text: &str) -> Option<String> {
        let text = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
        let Some(name) = text.strip_prefix('$') else {
            return (!text.contains(['$', '`', '\\', '\'', '"'])).then(|| text.to_owned());
        };
        let name = name.strip_prefix('{').and_then(|n| n.strip_suffix('}')).unwrap_or(name);
        super::is_name(name).then(|| self.variables.get(name)).flatten()
    }
}
