//! One part of a pattern between slashes, as a regular expression.
//!
//! The rules are those of `doublestar` 4.10: `*`, `?`, `[class]`, `[!class]`, `{one,other}`, and `\`
//! before a character that means itself. Names have no slashes, so `*` is any text.

use std::iter::Peekable;
use std::str::Chars;

/// Returns the regular expression for whole names; nothing for a part that `doublestar` refuses.
pub(super) fn regex_of(part: &str) -> Option<String> {
    let mut regex = r"(?s)\A(?:".to_owned();
    let mut open = 0_usize;
    let mut left = part.chars().peekable();
    while let Some(c) = left.next() {
        match c {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '[' => regex.push_str(&class(&mut left)?),
            '{' => {
                open += 1;
                regex.push_str("(?:");
            }
            ',' if open > 0 => regex.push('|'),
            '}' => {
                open = open.checked_sub(1)?;
                regex.push(')');
            }
            '\\' => regex.push_str(&escaped(left.next()?)),
            c => regex.push_str(&escaped(c)),
        }
    }
    regex.push_str(r")\z");
    (open == 0).then_some(regex)
}

/// Reads a class after its bracket.
fn class(left: &mut Peekable<Chars<'_>>) -> Option<String> {
    let negated = left.next_if(|c| matches!(c, '!' | '^')).is_some();
    if *left.peek()? == ']' {
        return None;
    }
    let mut items = String::new();
    let mut last: Option<char> = None;
    loop {
        let c = left.next()?;
        if c == ']' {
            break;
        }
        if let Some(first) = last.filter(|_| c == '-' && left.peek() != Some(&']')) {
            left.next_if_eq(&'\\');
            let end = left.next()?;
            // A range that ends before it begins has no characters.
            if first <= end {
                items.extend([&*escaped(first), "-", &*escaped(end)]);
            }
            last = None;
            continue;
        }
        let c = if c == '\\' { left.next()? } else { c };
        items.push_str(&escaped(c));
        last = Some(c);
    }
    Some(format!("[{}{items}]", if negated { "^" } else { "" }))
}

fn escaped(c: char) -> String {
    format!(r"\x{{{:X}}}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_doublestar() {
        for (part, matching, others) in [
            ("*.yaml", "a.yaml .yaml a.b.yaml", "a.yml a.yamlx"),
            ("?", "a é - .", "ab"),
            ("[a-c]x", "ax bx cx", "dx -x"),
            ("[!a-c]x", "dx éx", "ax"),
            ("[^a]", "b", "a"),
            ("[a-]", "a -", "b"),
            ("[-a]", "a -", "b"),
            (r"[\]a]", "] a", r"\"),
            (r"[a\-c]", "a - c", "b"),
            ("[z-a]", "z", "a -"),
            ("[!z-a]", "a", "z"),
            ("[a-cx-z]", "b y", "m -"),
            ("{a,b{c,d}}*", "a bc bdx", "b c"),
            ("{a,}x", "ax x", "bx"),
            (r"\*a", "*a", "aa"),
            ("a,b.(c)+", "a,b.(c)+", "a,bx(c)"),
            ("a**b", "ab axxb", "ba"),
        ] {
            let regex = regex::Regex::new(&regex_of(part).unwrap()).unwrap();
            for name in matching.split_whitespace() {
                assert!(regex.is_match(name), "{part} {name}");
            }
            for name in others.split_whitespace() {
                assert!(!regex.is_match(name), "{part} {name}");
            }
        }
        for part in ["[", "[a", "[]", "[!]", "[]a]", "{a", "a}", r"a\", r"[a\", "[a-"] {
            assert_eq!(regex_of(part), None, "{part}");
        }
    }
}
