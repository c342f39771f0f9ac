//! Rust text taken apart into comments and string literals: enough for rules on words.

/// A comment or a string literal, with the line on which it begins.
#[derive(Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A comment of one line, docs too, without its slashes.
    Comment,
    /// A literal's text, its escapes as spaces.
    Text,
}

/// Returns the comments and the string literals of a file, in their order.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let letters: Vec<char> = source.chars().collect();
    let mut lexer = Lexer { letters: &letters, at: 0, line: 1, tokens: Vec::new() };
    while lexer.at < letters.len() {
        lexer.step();
    }
    lexer.tokens
}

/// Returns a file without its inline test module, which is its end.
pub(crate) fn product(source: &str) -> &str {
    source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

/// Returns the inline test module of a file, if it has one.
pub(crate) fn tests(source: &str) -> &str {
    source.split_once("#[cfg(test)]\nmod tests {").map_or("", |(_, tests)| tests)
}

struct Lexer<'t> {
    letters: &'t [char],
    at: usize,
    line: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> char {
        self.letters.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn next(&mut self) -> char {
        let letter = self.peek(0);
        self.at += 1;
        self.line += usize::from(letter == '\n');
        letter
    }

    fn step(&mut self) {
        let in_word = self.at > 0 && is_word(self.letters[self.at - 1]);
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => self.comment(),
            ('"', _) => self.text(),
            ('r', '"' | '#') if !in_word => self.raw(1),
            ('b', 'r') if !in_word && matches!(self.peek(2), '"' | '#') => self.raw(2),
            ('\'', _) => self.quote(),
            _ => drop(self.next()),
        }
    }

    fn comment(&mut self) {
        let line = self.line;
        let mut text = String::new();
        while self.at < self.letters.len() && self.peek(0) != '\n' {
            text.push(self.next());
        }
        let text = text.trim_start_matches(['/', '!']).trim().to_owned();
        self.tokens.push(Token { line, kind: Kind::Comment, text });
    }

    fn text(&mut self) {
        let line = self.line;
        let mut text = String::new();
        self.next();
        while self.at < self.letters.len() {
            match self.next() {
                '"' => break,
                '\\' => {
                    let escaped = self.next();
                    text.push(if escaped == '"' { '"' } else { ' ' });
                }
                letter => text.push(letter),
            }
        }
        self.tokens.push(Token { line, kind: Kind::Text, text });
    }

    /// A raw string, or a raw identifier such as `r#type`.
    fn raw(&mut self, prefix: usize) {
        let hashes = (prefix..prefix + 256).take_while(|ahead| self.peek(*ahead) == '#').count();
        if self.peek(prefix + hashes) != '"' {
            self.next();
            return;
        }
        let line = self.line;
        for _ in 0..=prefix + hashes {
            self.next();
        }
        let mut text = String::new();
        let closes = |lexer: &Self| {
            lexer.peek(0) == '"' && (1..=hashes).all(|ahead| lexer.peek(ahead) == '#')
        };
        while self.at < self.letters.len() && !closes(self) {
            text.push(self.next());
        }
        for _ in 0..=hashes {
            self.next();
        }
        self.tokens.push(Token { line, kind: Kind::Text, text });
    }

    /// A character, whose quotes may hold a quotation mark; a lifetime has no second quote.
    fn quote(&mut self) {
        let length = match (self.peek(1), self.peek(2)) {
            ('\\', _) => (3..12).find(|ahead| self.peek(*ahead) == '\'').unwrap_or(0),
            (_, '\'') => 2,
            _ => 0,
        };
        for _ in 0..=length {
            self.next();
        }
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[test]
fn comments_and_texts_are_told_from_code() {
    let source = "/// One \"two\".\nlet a = 'x'; let b: &'static str = \"a//b\\n\\\"c\"; // three\n\
                  let r = r#\"raw \"text\"\"#; let q = '\"'; let r#type = '\\'';\n";
    let found: Vec<(usize, Kind, String)> =
        tokens(source).into_iter().map(|token| (token.line, token.kind, token.text)).collect();
    let expected = [
        (1, Kind::Comment, "One \"two\"."),
        (2, Kind::Text, "a//b \"c"),
        (2, Kind::Comment, "three"),
        (3, Kind::Text, "raw \"text\""),
    ];
    assert_eq!(found, expected.map(|(line, kind, text)| (line, kind, text.to_owned())));
}
