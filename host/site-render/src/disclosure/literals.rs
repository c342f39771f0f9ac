//! Distinguishes values from references to values.

use super::templates::is_template_reference;

/// Words that are values of other types, or say that there is no value.
const CONSTANTS: &[&str] =
    &["true", "false", "null", "none", "nil", "~", "yes", "no", "{}", "[]", "\"\"", "''", "()"];

/// The longest text that may be shown after a key, in bytes: a line may have many keys, and each is
/// compared with the rest of the line.
const LONGEST: usize = 4 << 10;

/// The longest reference, in bytes.
const REFERENCE: usize = 4 << 10;

/// Returns whether a text is a value: it is neither empty, nor does all of it refer to secrets.
pub(crate) fn is_literal(text: &str) -> bool {
    !text.is_empty() && behind_references(text).is_none_or(|rest| !rest.is_empty())
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
        || behind_references(bare).is_some_and(ends_value)
        || (text.starts_with(['{', '[']) && text.contains("KeyRef"))
        || reads_environment(text)
}

/// Returns what follows the references at the beginning of a text, if it begins with one.
fn behind_references(text: &str) -> Option<&str> {
    let mut rest = behind_reference(text)?;
    loop {
        let next = rest.trim_start_matches([':', '/', '-', '_', '.', '@', ' ']);
        match behind_reference(next) {
            Some(behind) => rest = behind,
            None => return Some(if next.is_empty() { next } else { rest }),
        }
    }
}

/// Returns what follows the reference at the beginning of a text, if it begins with one.
fn behind_reference(text: &str) -> Option<&str> {
    let text_of = |open: &str, close: &str| {
        let rest = text.strip_prefix(open)?;
        rest[..rest.floor_char_boundary(REFERENCE)].find(close).map(|end| rest.split_at(end))
    };
    if let Some((name, rest)) = text_of("$(", ")") {
        return is_name(name).then(|| &rest[1..]);
    }
    if let Some((name, rest)) = text_of("${", "}") {
        // After `:?` stands a message, after `:-` the value itself.
        let name = name.split_once(":?").map_or(name, |(name, _message)| name);
        return is_name(name.trim_end_matches([':', '-'])).then(|| &rest[1..]);
    }
    if let Some((code, rest)) = text_of("{{", "}}") {
        return is_template_reference(code).then(|| &rest[2..]);
    }
    let end = text.find(|c: char| c.is_whitespace() || "\"',".contains(c)).unwrap_or(text.len());
    let (address, rest) = text.split_at(end);
    // References of vals, whose provider `echo` repeats them, and of Bank-Vaults.
    let of_vals = address.strip_prefix("ref+").and_then(|address| address.split_once("://"));
    let of_vault = address.strip_prefix("vault:").and_then(|address| address.split_once('#'));
    let is_path = of_vals.is_some_and(|(provider, _)| is_name(provider) && provider != "echo")
        || of_vault.is_some_and(|(path, key)| path.contains('/') && is_name(key));
    is_path.then_some(rest)
}

/// Returns whether a text is the name of a variable or a field.
fn is_name(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(part)
}

/// Returns whether a value ends where this text begins: with the line, a comment, brackets, or
/// before the next key.
fn ends_value(rest: &str) -> bool {
    let text = rest.trim_start_matches(['"', '\'', '}', ']', ')', ' ', '\t']);
    let Some(next) = text.strip_prefix(',') else {
        return text.is_empty() || text.starts_with('#') && rest.starts_with([' ', '\t']);
    };
    let next = next.trim_start().trim_start_matches(['"', '\'']);
    let key = next.split([':', '=', '"', '\'']).next().unwrap_or_default();
    key.len() < next.len() && is_name(key)
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
    use super::{is_literal, may_be_shown};

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

    #[test]
    fn only_all_of_a_text_is_a_reference() {
        for text in [
            "",
            "$(A)",
            "${DB_PASSWORD}",
            "${A:?it is missing}",
            "$(USER):$(PASSWORD)",
            "{{ .Values.a }}-{{ .Values.b }}",
            "{{ include \"a.b\" . }}",
            "ref+vault://secret/a#/b",
            "ref+awsssm://path/x",
            "vault:secret/data/db#PASSWORD",
        ] {
            assert!(!is_literal(text), "{text}");
        }
        for text in [
            "hunter2",
            "${A}hunter2",
            "$(A)$(B)hunter2",
            "${A:-hunter2}",
            "${A-hunter2}x",
            "$(echo hunter2)",
            "{{ \"hunter2\" }}",
            "{{ .a }}hunter2",
            "vault:hunter2",
            "vault:hunter2#x",
            "ref+hunter2",
            "ref+echo://hunter2",
            "ref+vault://x hunter2",
            "$(hunter2",
            "{{hunter2",
        ] {
            assert!(is_literal(text), "{text}");
            assert!(!may_be_shown(text), "{text}");
        }
        for text in ["$(A), hunter2", "$(A)#hunter2", "\"$(A)\" hunter2", "$(A)}hunter2"] {
            assert!(!may_be_shown(text), "{text}");
        }
        for text in ["$(A), user: x", "\"$(A)\", \"user\": x", "$(A) # x", "$(A)}, b: c"] {
            assert!(may_be_shown(text), "{text}");
        }
    }
}
