//! Parameters of a script, behind a `$`: variables and arguments, as far as they are known.

use super::Reader;
use crate::command::words::Word;

/// Operators of `${NAME...}` that give a default.
const DEFAULTS: [&str; 4] = [":-", ":=", "-", "="];

impl Reader<'_, '_, '_> {
    /// Reads what follows a `$`: a variable, an argument, or what only a run could tell.
    pub(super) fn dollar(&mut self, is_quoted: bool) {
        match self.chars.peek().copied() {
            Some('(') => {
                self.chars.next();
                let inner = self.balanced(')');
                self.push_text(&["$(", &inner, ")"].concat(), false);
            }
            Some('{') => self.braces(is_quoted),
            Some(digit) if digit.is_ascii_digit() => {
                self.chars.next();
                let index = usize::try_from(digit.to_digit(10).unwrap_or_default());
                let text = index.ok().and_then(|index| self.argument(index));
                self.put_variable(text, &format!("${digit}"), is_quoted);
            }
            Some(sign @ ('@' | '*')) => {
                self.chars.next();
                self.all_arguments(sign, is_quoted);
            }
            Some(letter) if letter == '_' || letter.is_ascii_alphabetic() => {
                let name = self.name();
                let text = self.variables.get(&name);
                self.put_variable(text, &["$", &name].concat(), is_quoted);
            }
            Some(sign @ ('\'' | '?' | '!' | '#' | '-' | '$')) => {
                self.chars.next();
                self.push_text(&format!("${sign}"), false);
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

    /// Returns an argument of the script; one that is not there is empty.
    fn argument(&self, index: usize) -> Option<String> {
        // In a function each call has arguments of its own; few words are before its name.
        let is_function = self.words.iter().take(4).any(|word| word.text == "function");
        let is_known = self.knows_arguments && !is_function;
        match self.arguments.get(index) {
            _ if index > 0 && !is_known => None,
            None => Some(String::new()),
            Some(word) => (word.is_known && self.environment.affords(word.text.len()))
                .then(|| word.text.clone()),
        }
    }

    fn all_arguments(&mut self, sign: char, is_quoted: bool) {
        let arguments = self.arguments.get(1..).unwrap_or_default();
        let bytes = arguments.iter().map(|word| word.text.len() + 1).sum();
        let is_joined = sign == '*' && is_quoted;
        if is_joined || !self.knows_arguments || !self.environment.affords(bytes) {
            return self.push_text(&format!("${sign}"), false);
        }
        let arguments = arguments.to_vec();
        self.splice(arguments);
    }

    /// Adds a variable's text; outside quotes one with blanks becomes several words. One that is
    /// not known is added as it is written.
    fn put_variable(&mut self, text: Option<String>, written: &str, is_quoted: bool) {
        match text {
            Some(text) if !is_quoted && text.contains([' ', '\t', '\n']) => {
                let parts = text.split_ascii_whitespace();
                let parts = parts.map(|part| self.script.with(part.to_owned(), true)).collect();
                self.splice(parts);
            }
            Some(text) if !is_quoted && text.is_empty() => {}
            Some(text) => self.push_text(&text, true),
            None => self.push_text(written, false),
        }
    }

    fn splice(&mut self, mut words: Vec<Word>) {
        let last = words.pop();
        for word in words {
            self.push_text(&word.text, word.is_known);
            self.end_word();
        }
        if let Some(last) = last {
            self.push_text(&last.text, last.is_known);
        }
    }

    /// Reads `${NAME}`; a variable that is known wins over a default in it.
    fn braces(&mut self, is_quoted: bool) {
        self.chars.next();
        let inner = self.balanced('}');
        let end = inner.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
        let (name, rest) = inner.split_at(end.unwrap_or(inner.len()));
        let written = ["${", &inner, "}"].concat();
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            let index = name.parse::<usize>().ok().filter(|_| rest.is_empty());
            let text = index.and_then(|index| self.argument(index));
            return self.put_variable(text, &written, is_quoted);
        }
        let default = DEFAULTS.iter().find_map(|sign| Some((*sign, rest.strip_prefix(*sign)?)));
        let is_whole = rest.is_empty() || rest.starts_with('?') || rest.starts_with(":?");
        let text = match (self.variables.get(name), default) {
            (text, None) => text.filter(|_| is_whole),
            (Some(text), Some(_)) if !text.is_empty() => Some(text),
            // Whether one is empty or not set matters without the colon.
            (Some(_), Some((sign, default))) if sign.starts_with(':') => self.default(default),
            _ => None,
        };
        self.put_variable(text, &written, is_quoted);
    }

    /// Returns a default where it is a plain text or another variable.
    fn default(&self, text: &str) -> Option<String> {
        let text = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
        let Some(name) = text.strip_prefix('$') else {
            return (!text.contains(['$', '`', '\\', '\'', '"'])).then(|| text.to_owned());
        };
        let name = name.strip_prefix('{').and_then(|n| n.strip_suffix('}')).unwrap_or(name);
        super::is_name(name).then(|| self.variables.get(name)).flatten()
    }
}
