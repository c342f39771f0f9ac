//! Decides by the name of a key whether its value is a secret.
//!
//! Names are compared without regard to their style: `dbPassword`, `DB_PASSWORD`, `db-password`
//! and `db.password` are the same name.

pub(super) use vocabulary::FORMS;
use vocabulary::{
    ABOUT, CERTAIN, FILES, LIKELY, LIKELY_WORDS, NO_PASS, OWNERS, REFERENCES, SECRET_OBJECTS, TEXTS,
};

/// How likely the value of a key is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sensitivity {
    /// The value is not a secret.
    Plain,
    /// The value is a secret or the name of one: `secret`. A mapping below it is a reference.
    Ambiguous,
    /// The value is probably a secret, so it is not shown.
    Likely,
    /// The value is a secret: as a literal it is rejected.
    Certain,
}

/// Returns how likely the value of a key is a secret.
pub(crate) fn sensitivity(key: &str) -> Sensitivity {
    if !key.is_ascii() {
        let plain: String = key.chars().map(without_accent).collect();
        return if plain.is_ascii() { sensitivity(&plain) } else { of_key(&plain) };
    }
    of_key(key)
}

fn of_key(key: &str) -> Sensitivity {
    // Most keys have no such part: this check saves copies.
    if !has_stem(key.as_bytes()) {
        return Sensitivity::Plain;
    }
    if is_secret_file(key) {
        return Sensitivity::Likely;
    }
    of_words(&words(key))
}

/// Returns whether a key is the name of a file that is a secret.
pub(super) fn is_secret_file(key: &str) -> bool {
    FILES.iter().any(|name| key.eq_ignore_ascii_case(name))
}

/// Returns a letter of the Latin alphabet without its accent, and a wide one as a usual one.
fn without_accent(letter: char) -> char {
    const ACCENTED: &str = "ÀÁÂÃÄÅàáâãäåÈÉÊËèéêëÌÍÎÏìíîïÒÓÔÕÖØòóôõöøÙÚÛÜùúûüÇçÑñÝýÿ";
    const PLAIN: &str = "AAAAAAaaaaaaEEEEeeeeIIIIiiiiOOOOOOooooooUUUUuuuuCcNnYyy";
    let accented = ACCENTED.chars().zip(PLAIN.chars()).find(|one| one.0 == letter);
    accented.map_or_else(|| without_width(letter), |one| one.1)
}

/// Returns a wide letter or sign as the usual one.
pub(super) fn without_width(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(letter) - 0xff01 + u32::from('!')).unwrap_or(letter)
        }
        _ => letter,
    }
}

/// Returns whether a key has a part that every name of a secret has.
fn has_stem(key: &[u8]) -> bool {
    (0..key.len()).any(|at| {
        let stems: &[&str] = match key[at].to_ascii_lowercase() {
            b'a' => &["auth"],
            b'b' => &["bearer"],
            b'c' => &["community", "connection", "cookie", "cred"],
            b'd' => &["dek", "dkim", "dockerc", "dsn"],
            b'i' => &["id_"],
            b'j' => &["jwt"],
            b'k' => &["kek", "kennwort", "key", "kubeconfig"],
            b'm' => &["mnemonic"],
            b'n' => &["netrc"],
            b'o' => &["otp"],
            b'p' => &["pass", "pin", "private", "psk", "pw"],
            b'r' => &["recovery"],
            b's' => &["secret", "seed", "service", "session"],
            b't' => &["token"],
            b'w' => &["webhook"],
            _ => &[],
        };
        stems.iter().any(|stem| {
            let part = key.get(at..at + stem.len());
            part.is_some_and(|part| part.eq_ignore_ascii_case(stem.as_bytes()))
        })
    })
}

/// Returns whether a key names a value that must not be shown.
pub(crate) fn names_secret(key: &str) -> bool {
    sensitivity(key) > Sensitivity::Plain
}

/// Returns whether a literal value of a key is rejected.
pub(crate) fn is_certain(key: &str) -> bool {
    sensitivity(key) == Sensitivity::Certain
}

/// Returns whether the value of a key refers to a secret by the name of an object.
pub(crate) fn is_reference(key: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    REFERENCES.contains(&plain.to_ascii_lowercase().as_str())
}

fn of_words(words: &[String]) -> Sensitivity {
    let digits = |word: &&String| word.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = words.iter().rev().take_while(digits).count();
    let words = &words[..words.len() - numbers];
    let Some(last) = words.last() else { return Sensitivity::Plain };
    if words.iter().any(|word| word.starts_with("existing")) {
        return Sensitivity::Plain;
    }
    let name = words.concat();
    let (certain, likely) = (end_of_any(&name, CERTAIN), end_of_likely(words, &name));
    if TEXTS.contains(&last.as_str()) {
        return Sensitivity::Ambiguous;
    }
    let Some(end) = certain.max(likely).filter(|end| !is_about(&name, *end, last)) else {
        return of_secret(words);
    };
    match &name[end..] {
        rest if OWNERS.iter().any(|owner| rest.trim_end_matches('s').ends_with(owner)) => {
            Sensitivity::Ambiguous
        }
        "" if certain == Some(end) && numbers == 0 => Sensitivity::Certain,
        // Where the keys of an object are named.
        "s" if name.ends_with("secretkeys") => Sensitivity::Ambiguous,
        rest if rest.len() > 1 && is_secret(last) => of_secret(words),
        _ => Sensitivity::Likely,
    }
}

/// Returns how likely a name is that of a secret because it ends in `secret` or `secrets`.
fn of_secret(words: &[String]) -> Sensitivity {
    let end = words.iter().rposition(|word| !FORMS.contains(&word.as_str()));
    let last = end.map_or("", |end| words[end].as_str());
    let of_object = |word: &String| SECRET_OBJECTS.contains(&word.as_str());
    if is_secret(last) && !words.iter().any(of_object) {
        Sensitivity::Ambiguous
    } else {
        Sensitivity::Plain
    }
}

fn is_secret(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    word.ends_with("secret") || word.ends_with("secrets")
}

/// Returns the end of the last of several names in a name.
fn end_of_any(name: &str, parts: &[&str]) -> Option<usize> {
    parts.iter().filter_map(|part| name.rfind(part).map(|at| at + part.len())).max()
}

/// Returns the end of the last name of a probable secret in a name, which is the end of a word
/// too: `tokenizer` names nothing secret.
fn end_of_likely(words: &[String], name: &str) -> Option<usize> {
    let (mut end, mut found) = (0, None);
    for word in words {
        end += word.len();
        // Of several.
        let one = word.strip_suffix('s').filter(|one| !one.ends_with('s')).unwrap_or(word);
        let one = one.trim_end_matches(|c: char| c.is_ascii_digit());
        let before = &name[..end - word.len() + one.len()];
        let is_pass = one.ends_with("pass") && !NO_PASS.contains(&one);
        if is_pass
            || LIKELY_WORDS.contains(&one)
            || LIKELY.iter().any(|ending| before.ends_with(ending))
        {
            found = Some(before.len());
        }
    }
    found
}

/// Returns whether the last word of a name, or what follows the secret's name in it, says that the
/// value is something about the secret.
fn is_about(name: &str, end: usize, last: &str) -> bool {
    let rest = &name[end.max(name.len() - last.len())..];
    let rest = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    let one = rest.strip_suffix('s').unwrap_or(rest);
    !rest.is_empty() && ABOUT.split_whitespace().any(|about| about == rest || about == one)
}

/// Splits a name into words in lower case: at separators, and where its case changes.
fn words(key: &str) -> Vec<String> {
    let letters: Vec<char> = key.chars().collect();
    let mut words = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        let next_is_lower = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let starts =
            letter.is_uppercase() && at > 0 && (!letters[at - 1].is_uppercase() || next_is_lower);
        if starts || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests;
mod vocabulary;
