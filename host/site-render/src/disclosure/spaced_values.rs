//! Finds secrets behind a space, in elements of XML and in signed queries: `PASSWORD 'x'` in SQL,
//! `ENV DB_PASSWORD x`, `machine h login u password x`, `curl -u me:x`, `<password>x</password>`,
//! `?X-Amz-Signature=x`.
//!
//! A sentence has such words too, so each form needs more than a secret's name: a command or quotes.

use std::ops::Range;

use super::command_options::is_value;
use super::key_names::names_secret;
use super::literals::may_be_shown;
use super::token_shapes::end_of_word;

/// The words before a value that are compared.
const WORDS: usize = 5;

/// The longest name and attributes of an element, in bytes.
const TAG: usize = 256;

/// Options of `curl` whose value is `user:password`.
const USER_OPTIONS: &[&str] = &["-u", "-U", "--user", "--proxy-user"];

/// Parameters of a query that give access to what it names, in lower case.
const SIGNATURES: &[&str] = &["x-amz-signature=", "x-goog-signature=", "signature=", "sig="];

/// Adds the byte ranges of the secrets in a text.
pub(super) fn add_spaced_values(text: &str, found: &mut Vec<Range<usize>>) {
    add_after_words(text, found);
    add_elements(text, found);
    add_signatures(text, found);
}

/// Adds a value if it may not be shown.
fn add_value(text: &str, value: Range<usize>, found: &mut Vec<Range<usize>>) {
    let word = text[value.clone()].trim_end_matches(['\\', ',', ';', ')', ']']);
    if is_value(word) && !may_be_shown(word) && !may_be_shown(&text[value.clone()]) {
        found.push(value.start..value.start + word.len());
    }
}

fn add_after_words(text: &str, found: &mut Vec<Range<usize>>) {
    let mut before = LastWords { text, last: std::array::from_fn(|_| 0..0) };
    let (mut next, mut done, mut has_curl) = (0, 0, false);
    while let Some(start) = text[next..].find(|c| !is_between(c)).map(|at| next + at) {
        let end = text[start..].find(is_between).map_or(text.len(), |length| start + length);
        next = end;
        let word = &text[start..end];
        if let Some(value) = before.value(start, has_curl).filter(|value| value.start >= done) {
            done = value.end;
            add_value(text, value, found);
        }
        has_curl |= word == "curl" || word.ends_with("/curl");
        before.push(start..end);
    }
}

/// Returns whether a character separates words.
fn is_between(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '"' | '\'' | '`' | ',' | ';' | '(' | '[' | ']' | '\\')
}

/// The last words of a text, the latest first.
struct LastWords<'t> {
    text: &'t str,
    last: [Range<usize>; WORDS],
}

impl<'t> LastWords<'t> {
    fn push(&mut self, word: Range<usize>) {
        self.last.rotate_right(1);
        self.last[0] = word;
    }

    fn word(&self, nth: usize) -> &'t str {
        &self.text[self.last[nth].clone()]
    }

    fn is(&self, nth: usize, word: &str) -> bool {
        self.word(nth).eq_ignore_ascii_case(word)
    }

    /// Returns the secret that begins at a word, or at the quote before it.
    fn value(&self, start: usize, has_curl: bool) -> Option<Range<usize>> {
        if self.names_in_sql()
            && let Some(value) = self.quoted(start)
        {
            return Some(value);
        }
        if has_curl && USER_OPTIONS.contains(&self.word(0)) {
            let value = self.plain(start);
            let (user, _password) = self.text[value.clone()].split_once(':')?;
            return Some(value.start + user.len() + 1..value.end);
        }
        let is_netrc = self.word(0) == "password"
            && self.word(2) == "login"
            && (self.word(4) == "machine" || self.word(3) == "default");
        (is_netrc || self.sets_variable()).then(|| self.plain(start))
    }

    /// Returns whether the last words say in SQL that a password in quotes follows.
    fn names_in_sql(&self) -> bool {
        let name = self.word(0);
        let at = name.len().saturating_sub("password".len());
        name.get(at..).is_some_and(|end| end.eq_ignore_ascii_case("password"))
            || self.is(0, "by") && self.is(1, "identified")
            || (self.is(0, "by") || self.is(0, "as"))
                && self.is(2, "with")
                && self.is(3, "identified")
    }

    /// Returns whether the last words set a variable whose value follows.
    fn sets_variable(&self) -> bool {
        let name = self.word(0);
        let is_command = self.is(1, "setx")
            || self.is(1, "setenv")
            || self.word(2) == "set" && self.word(1).starts_with('-') && self.word(1).contains('x')
            || self.word(1) == "ENV" && self.begins_sentence(1);
        is_command && !name.contains(|c: char| c.is_ascii_lowercase()) && names_secret(name)
    }

    /// Returns whether no word precedes one, other than behind punctuation.
    fn begins_sentence(&self, nth: usize) -> bool {
        let before = self.text[..self.last[nth].start].trim_end_matches([' ', '\t']);
        !before.ends_with(|c: char| c.is_alphanumeric())
    }

    /// Returns the quoted text behind the last word and a space.
    fn quoted(&self, start: usize) -> Option<Range<usize>> {
        let end = self.last[0].end;
        let gap = self.text[end..start].strip_prefix(' ')?.trim_start_matches([' ', '\\']);
        let quote = gap.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        let value = start - gap.len() + 1;
        let length = self.text[value..].find(quote).unwrap_or(self.text.len() - value);
        Some(value..value + length)
    }

    /// Returns the word at an offset, with its spaces if it is quoted.
    fn plain(&self, start: usize) -> Range<usize> {
        let quote = self.text[..start].chars().next_back();
        let end = quote
            .filter(|quote| matches!(quote, '"' | '\''))
            .and_then(|quote| self.text[start..].find(quote).map(|length| start + length));
        start..end.unwrap_or_else(|| end_of_word(self.text, start))
    }
}

/// Adds the texts of elements whose name is that of a secret.
fn add_elements(text: &str, found: &mut Vec<Range<usize>>) {
    let ends: Vec<usize> = text.match_indices("</").map(|(at, _)| at).collect();
    for (at, _) in text.match_indices('<') {
        let limit = text.floor_char_boundary(at + TAG);
        let Some((tag, _)) = text[at + 1..limit.max(at + 1)].split_once('>') else { continue };
        let name = tag.split(char::is_whitespace).next().unwrap_or_default();
        let start = at + 1 + tag.len() + 1;
        let Some(end) = ends.get(ends.partition_point(|end| *end < start)) else { break };
        let closes = text[end + 2..].strip_prefix(name).is_some_and(|rest| rest.starts_with('>'));
        let local = name.rsplit(':').next().unwrap_or_default();
        if closes && names_secret(local) {
            add_value(text, start..*end, found);
        }
    }
}

/// Adds the signatures in queries of URLs.
fn add_signatures(text: &str, found: &mut Vec<Range<usize>>) {
    for (at, separator) in text.match_indices(['?', '&', ';']) {
        let start = at + separator.len();
        let name = SIGNATURES.iter().find(|name| {
            let own = text.get(start..start + name.len());
            own.is_some_and(|own| own.eq_ignore_ascii_case(name))
        });
        if let Some(name) = name {
            let start = start + name.len();
            // Each of these ends a value, so that no value is read twice.
            let ends = |c: char| is_between(c) || matches!(c, '?' | '&' | '#' | '<' | '>' | ')');
            let length = text[start..].find(ends).unwrap_or(text.len() - start);
            add_value(text, start..start + length, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::disclosure::shown_text::shown_text;

    #[test]
    fn the_value_of_each_form_is_hidden() {
        for (text, shown) in [
            ("<password>HIDE</password>", "<password>***</password>"),
            (
                "<db:password type=\"x\">HIDE y</db:password>",
                "<db:password type=\"x\">***</db:password>",
            ),
            ("a <user>u</user><apiKey>HIDE</apiKey>", "a <user>u</user><apiKey>***</apiKey>"),
            ("CREATE USER x WITH PASSWORD 'HIDE y';", "CREATE USER x WITH PASSWORD '***';"),
            ("alter role x password \"HIDE\" login", "alter role x password \"***\" login"),
            ("CREATE USER x IDENTIFIED BY 'HIDE'", "CREATE USER x IDENTIFIED BY '***'"),
            ("IDENTIFIED WITH mysql_x BY 'HIDE'", "IDENTIFIED WITH mysql_x BY '***'"),
            ("\"PASSWORD \\\"HIDE\\\" x\"", "\"PASSWORD \\\"***\\\" x\""),
            ("setx DB_PASSWORD HIDE", "setx DB_PASSWORD ***"),
            ("set -x DB_PASSWORD HIDE", "set -x DB_PASSWORD ***"),
            ("set -gx DB_PASSWORD 'HIDE y'", "set -gx DB_PASSWORD '***'"),
            ("\"ENV DB_PASSWORD HIDE\" is no", "\"ENV DB_PASSWORD ***\" is no"),
            ("x\\nENV TOKEN HIDE", "x\\nENV TOKEN ***"),
            ("machine h login u password HIDE", "machine h login u password ***"),
            ("default login u password HIDE", "default login u password ***"),
            ("machine h\n  login u\n  password HIDE\n", "machine h\n  login u\n  password ***\n"),
            ("curl --user me:HIDE https://h", "curl --user me:*** https://h"),
            ("/usr/bin/curl -s -u me:HIDE h", "/usr/bin/curl -s -u me:*** h"),
            ("[\"curl\", \"-u\", \"me:HIDE\"]", "[\"curl\", \"-u\", \"me:***\"]"),
            ("https://h/x?X-Amz-Signature=HIDE", "https://h/x?X-Amz-Signature=***"),
            ("https://h/x?a=b&sig=HIDE&c=d", "https://h/x?a=b&sig=***&c=d"),
        ] {
            assert_eq!(shown_text(text), shown);
            assert_eq!(shown_text(shown), shown, "again");
        }
    }

    #[test]
    fn sentences_are_shown() {
        for text in [
            "the password is wrong",
            "password required",
            "login with password failed",
            "the ENV DB_PASSWORD is missing",
            "set DB_PASSWORD in the environment",
            "unexpected token '}' at line 3",
            "no Secret \"web-db\" for the token 'x'",
            "PASSWORD '$(DB_PASSWORD)'",
            "<password></password>, <password>$(X)</password>",
            "use <token> or <password> in </a>",
            "docker run -u app:app x",
            "curl -u me https://h",
            "curl -u me:$(PASSWORD) https://h",
            "the signature=x of f",
        ] {
            assert_eq!(shown_text(text), text);
        }
    }

    #[test]
    fn reading_is_linear() {
        for part in ["<password>", "</", "password '", "ENV ", "?sig=", "curl -u ", "by "] {
            assert!(shown_text(&part.repeat(50_000)).len() < 600_000);
        }
    }
}
