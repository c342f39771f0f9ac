//! Reads parts of a script that span several words: parentheses, redirections, here-documents.

use super::Reader;
use super::variables::ScriptScope;

impl Reader<'_, '_, '_> {
    /// Reads the array, the function or the subshell that a parenthesis begins.
    pub(super) fn open_parenthesis(&mut self) {
        let array = self.word.as_ref().and_then(|(text, _)| text.strip_suffix('='));
        let array = array.map(|name| name.strip_suffix('+').unwrap_or(name).to_owned());
        if let Some(name) = array.filter(|name| super::is_name(name)) {
            self.word = None;
            self.take_balanced(')');
            self.variables.set(&name, None, false);
            return;
        }
        let mut ahead = self.chars.clone();
        while ahead.next_if(|letter| matches!(letter, ' ' | '\t')).is_some() {}
        if ahead.next() == Some(')') {
            // Each call of a function has its own arguments.
            self.chars = ahead;
            self.knows_arguments = false;
            self.end_word();
            self.words.pop();
            self.words.pop_if(|word| word.text == "function");
            return;
        }
        self.end_command();
        self.variables.open_scope(ScriptScope::Subshell);
    }

    /// Ends a subshell, or a pattern of `case`.
    pub(super) fn close_parenthesis(&mut self) {
        if self.variables.is_in_subshell() {
            self.end_command();
            self.variables.close_scope(ScriptScope::Subshell);
        } else if self.words.iter().any(|word| word.text == "case") {
            self.end_command();
        } else {
            self.word = None;
            self.words.clear();
        }
    }

    /// Reads up to the matching closing sign, and returns the text before it.
    pub(super) fn take_balanced(&mut self, end: char) -> String {
        let begin = if end == ')' { '(' } else { '{' };
        let mut all = String::new();
        let mut depth = 1;
        let mut quote = None;
        while let Some(letter) = self.chars.next() {
            match (letter, quote) {
                ('\\', None | Some('"')) => {
                    all.push(letter);
                    all.extend(self.chars.next());
                    continue;
                }
                ('"', None) => quote = Some(letter),
                // In quoted braces a single quote has no special meaning.
                ('\'', None) if end == ')' => quote = Some(letter),
                (_, Some(open)) if open == letter => quote = None,
                (_, Some(_)) => {}
                _ => depth += i32::from(letter == begin) - i32::from(letter == end),
            }
            if depth == 0 {
                break;
            }
            all.push(letter);
        }
        all
    }

    /// Reads a redirection, and drops the descriptor before it and the file after it.
    pub(super) fn read_redirection(&mut self, sign: char) {
        if self.word.as_ref().is_some_and(|(text, _)| text.bytes().all(|b| b.is_ascii_digit())) {
            self.word = None;
        }
        self.end_word();
        let mut signs = String::from(sign);
        while let Some(more) = self.chars.next_if(|c| matches!(c, '<' | '>' | '&' | '|')) {
            signs.push(more);
        }
        if signs == "<<" {
            self.read_here_document();
        } else {
            self.skips_next = true;
        }
    }

    /// Reads the word that ends a here-document.
    fn read_here_document(&mut self) {
        self.chars.next_if_eq(&'-');
        while self.chars.next_if(|letter| matches!(letter, ' ' | '\t')).is_some() {}
        let mut end = String::new();
        while let Some(letter) =
            self.chars.next_if(|c| !c.is_whitespace() && !matches!(c, ';' | '&' | '|' | ')' | '>'))
        {
            if !matches!(letter, '\'' | '"' | '\\') {
                end.push(letter);
            }
        }
        self.here_documents.push(end);
    }

    /// Skips here-documents, which begin after the line that names them.
    pub(super) fn skip_here_documents(&mut self) {
        for end in std::mem::take(&mut self.here_documents) {
            loop {
                let mut line = String::new();
                let mut is_last = true;
                for letter in self.chars.by_ref() {
                    if letter == '\n' {
                        is_last = false;
                        break;
                    }
                    line.push(letter);
                }
                if is_last || line.trim_start_matches('\t') == end {
                    break;
                }
            }
        }
    }
}
