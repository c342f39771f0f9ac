//! Distinguishes values from references to values.

/// Beginnings of texts that refer to a secret.
const REFERENCES: &[&str] = &["$(", "${", "{{", "ref+", "vault:"];

/// Words that are values of other types, or say that there is no value.
const CONSTANTS: &[&str] =
    &["true", "false", "null", "none", "nil", "~", "yes", "no", "{}", "[]", "\"\"", "''", "()"];

/// The longest text that may be shown after a key, in bytes: a line may have many keys, and each is
/// compared with the rest of the line.
const LONGEST: usize = 4 << 10;

/// Returns whether a text is a value and not a reference to a secret.
pub(crate) fn is_literal(text: &str) -> bool {
    !text.is_empty() && !REFERENCES.iter().any(|start| text.starts_with(start))
}

/// Returns whether the text after a key in a file or a message may be shown: it is empty, a
/// constant, already hidden, or refers to a secret.
pub(super) fn may_be_shown(text: &str) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    let text = text.trim().trim_end_matches([',', ';']).trim_end();
    let bare = text.trim_matches(['"', '\'']);
    bare.is_empty()
        || bare == super::shown_text::HIDDEN
        || CONSTANTS.iter().any(|constant| text.eq_ignore_ascii_case(constant))
        || (!is_literal(bare) && !has_rest(bare))
        || (text.starts_with(['{', '[']) && text.contains("KeyRef"))
        || reads_environment(text)
}

/// Returns whether a text continues behind a reference, such as `$(USER):hunter2`.
fn has_rest(text: &str) -> bool {
    let closing = match text.get(..2) {
        Some("$(") => ")",
        Some("${") => "}",
        Some("{{") => "}}",
        _ => return false,
    };
    text.find(closing).is_some_and(|end| {
        let rest = text[end + closing.len()..].trim_start();
        !rest.is_empty() && !rest.starts_with(['#', ',', '}', ']', ')', '$', '{'])
    })
}

/// Returns whether code reads a variable of the environment and has no default value.
fn reads_environment(text: &str) -> bool {
    let reader = ["os.", "environ", "getenv", "std.extVar"];
    let mut quoted = text.split(['"', '\'']).skip(1).step_by(2);
    reader.iter().any(|start| text.starts_with(start)) && quoted.all(is_variable_name)
}

/// Returns whether a text such as `DB_PASSWORD` is the name of a variable and not its value.
pub(crate) fn is_variable_name(text: &str) -> bool {
    text.contains('_')
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::may_be_shown;

    #[test]
    fn a_reference_is_shown_and_a_value_is_not() {
        for text in [
            "",
            "\"\"",
            "true",
            "null",
            "$(DB_PASSWORD)",
            "${DB_PASSWORD}",
            "{{ .Values.x }}",
            "ref+vault://x",
            "os.environ[\"DB_PASSWORD\"]",
            "os.getenv('DB_PASSWORD')",
            "{secretKeyRef: {name: x}}",
            "***",
            "\"$(A)\",",
        ] {
            assert!(may_be_shown(text), "{text}");
        }
        for text in [
            "hunter2",
            "\"hunter2\"",
            "$(A)hunter2",
            "os.environ.get(\"DB_PASSWORD\", \"hunter2\")",
            "[hunter2]",
            "12345",
        ] {
            assert!(!may_be_shown(text), "{text}");
        }
    }
}
