//! Finds the end of a value in a line: of a plain scalar, a quoted text, or code in brackets.

/// Where a value ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ValueEnd {
    /// In this line, before an offset.
    At(usize),
    /// In a later line, with what is still open.
    Open(OpenSyntax),
}

/// The quotes and brackets of a value that are still open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OpenSyntax {
    quote: Option<String>,
    depth: usize,
}

/// Returns the end of the value that begins at an offset of a line.
///
/// A value in brackets ends at a comma or at the closing bracket; any other at the end of the
/// line.
pub(super) fn value_end(line: &str, at: usize, in_brackets: bool) -> ValueEnd {
    let value = &line[at..];
    if !in_brackets && is_plain(value) {
        return ValueEnd::At(line.len());
    }
    let mut open = OpenSyntax::default();
    end_of(line, at, in_brackets, &mut open)
}

/// Returns the end of a value that an earlier line has left open.
pub(super) fn continued_end(line: &str, mut open: OpenSyntax) -> ValueEnd {
    end_of(line, 0, open.depth > 0, &mut open)
}

fn end_of(line: &str, from: usize, in_brackets: bool, open: &mut OpenSyntax) -> ValueEnd {
    let was_open = open.quote.is_some() || open.depth > 0;
    let mut at = from;
    while let Some(letter) = line[at..].chars().next() {
        let next = at + letter.len_utf8();
        if let Some(quote) = &open.quote {
            if letter == '\\' {
                at = next + line[next..].chars().next().map_or(0, char::len_utf8);
                continue;
            }
            let closes = line[at..].starts_with(quote.as_str());
            at = if closes { at + quote.len() } else { next };
            if closes {
                open.quote = None;
            }
            continue;
        }
        match letter {
            '"' | '\'' | '`' if opens_quote(line, from, at) => {
                let triple: String = std::iter::repeat_n(letter, 3).collect();
                let is_triple = line[at..].starts_with(&triple);
                let quote = if is_triple { triple } else { letter.to_string() };
                at += quote.len();
                open.quote = Some(quote);
                continue;
            }
            '{' | '[' | '(' => open.depth += 1,
            '}' | ']' | ')' if open.depth == 0 && in_brackets => return ValueEnd::At(at),
            '}' | ']' | ')' => open.depth = open.depth.saturating_sub(1),
            ',' if open.depth == 0 && in_brackets && !was_open => return ValueEnd::At(at),
            _ => {}
        }
        at = next;
    }
    if open.quote.is_some() || open.depth > 0 {
        ValueEnd::Open(std::mem::take(open))
    } else {
        ValueEnd::At(line.len())
    }
}

/// Returns whether a value is neither quoted nor code, so that quotes in it are its text.
pub(super) fn is_plain(value: &str) -> bool {
    let quote = |text: &str| text.starts_with(['"', '\'', '`', '{', '[', '(']);
    let prefix = value.trim_start_matches(|c: char| "fFbBrRuU".contains(c));
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let after_name = value.trim_start_matches(name);
    let is_call = after_name.len() < value.len() && after_name.starts_with('(');
    let has_prefix = value.len() - prefix.len() <= 2 && quote(prefix);
    !(quote(value) || has_prefix || is_call)
}

/// Returns whether the quote at an offset opens a text: it is the first letter of the value, or a
/// prefix of Python or punctuation precedes it.
fn opens_quote(line: &str, from: usize, at: usize) -> bool {
    let before = &line[from..at];
    let prefix = before.trim_end_matches(|c: char| "fFbBrRuU".contains(c));
    let letters = before.len() - prefix.len();
    letters <= 2 && !prefix.ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::{ValueEnd, continued_end, value_end};

    fn rest(line: &str, in_brackets: bool) -> Option<&str> {
        match value_end(line, 0, in_brackets) {
            ValueEnd::At(end) => Some(&line[end..]),
            ValueEnd::Open(_) => None,
        }
    }

    #[test]
    fn a_value_ends_with_its_syntax() {
        assert_eq!(rest("a, it's b", false), Some(""));
        assert_eq!(rest("x, user: y}", true), Some(", user: y}"));
        assert_eq!(rest("'a, b', user: y}", true), Some(", user: y}"));
        assert_eq!(rest("[a, b], c", true), Some(", c"));
        assert_eq!(rest("\"a\\\"b\" + f'c'", false), Some(""));
        for open in ["'a", "\"\"\"a", "(", "\"\".join([", "str(\"x\"", "{a: b"] {
            assert_eq!(rest(open, false), None, "{open}");
        }
        let ValueEnd::Open(open) = value_end("['a,", 0, false) else { panic!() };
        let line = "b', 'c'], x";
        assert_eq!(continued_end(line, open), ValueEnd::At(line.len()));
    }
}
