//! Decides whether the code between `{{` and `}}` reads its value from elsewhere.

/// Functions whose quoted arguments are names or messages, and not the value.
const NAMING: &[&str] = &[
    "dig",
    "env",
    "filterPEM",
    "fromSecret",
    "get",
    "hasKey",
    "include",
    "index",
    "lookup",
    "pluck",
    "required",
    "secret",
    "template",
    "vault",
];

/// Returns whether code of a template reads its value from elsewhere: it names something, and no
/// quoted text in it may be the value.
pub(super) fn is_template_reference(code: &str) -> bool {
    let mut rest = code.trim_start_matches('-');
    let mut function = "";
    let mut has_name = false;
    while let Some(letter) = rest.chars().next() {
        let length = match letter {
            '"' | '\'' | '`' => {
                let Some(length) = quoted_length(rest, letter) else { return false };
                if !NAMING.contains(&function) && !is_format(&rest[1..length - 1]) {
                    return false;
                }
                length
            }
            '|' | '(' | ')' | '=' => {
                function = "";
                1
            }
            letter if is_in_word(letter) => {
                let length = rest.find(|c| !is_in_word(c)).unwrap_or(rest.len());
                has_name |= rest[..length].contains(char::is_alphabetic);
                if function.is_empty() {
                    function = &rest[..length];
                }
                // `env('NAME')`: the brackets belong to the function.
                length + usize::from(rest[length..].starts_with('('))
            }
            other => other.len_utf8(),
        };
        rest = &rest[length..];
    }
    has_name
}

fn is_in_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '.' | '$')
}

/// Returns the length of a quoted text at the beginning of code, with its quotes, which may be
/// escaped by a text around it.
fn quoted_length(code: &str, quote: char) -> Option<usize> {
    code[1..].find(quote).map(|end| 1 + end + 1)
}

/// Returns whether a text has nothing but places of `printf` and punctuation: `%s:%s`.
fn is_format(text: &str) -> bool {
    let mut after_percent = false;
    text.chars().all(|letter| {
        let is_verb = after_percent && letter.is_ascii_lowercase();
        after_percent = letter == '%';
        is_verb || !letter.is_alphanumeric()
    })
}

#[cfg(test)]
mod tests {
    use super::is_template_reference;

    #[test]
    fn code_that_has_its_value_is_no_reference() {
        for code in [
            " .Values.x ",
            "- .Values.x | b64enc -",
            " .key | filterPEM \"EC PRIVATE KEY\" ",
            " include \"app.password\" . ",
            " index .Values \"a\" \"b\" ",
            " printf \"%s:%s\" .user .password ",
            " required \"a password is needed\" .Values.x ",
            " $secret.data ",
            " lookup(\"v1\", \"Secret\") ",
            " quote .x",
            " include \\\"app\\\" . ",
        ] {
            assert!(is_template_reference(code), "{code}");
        }
        for code in [
            " \"hunter2\" ",
            " `hunter2` | quote ",
            " 'hunter2' ",
            " .x | default \"hunter2\" ",
            " default (\"hunter2\") .x ",
            " include \"a\" . | default \"hunter2\" ",
            " \\\"hunter2\\\" ",
            " printf \"hunter%s\" .x ",
            " 12345678 ",
            "",
            " \"hunter2",
        ] {
            assert!(!is_template_reference(code), "{code}");
        }
    }
}
