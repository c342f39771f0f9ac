//! Decides by the name of a key whether its value is a secret.
//!
//! Names are compared without regard to their style: `dbPassword`, `DB_PASSWORD`, `db-password`
//! and `db.password` are the same name.

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

/// Endings of names of secrets, in lower case and without separators.
const CERTAIN: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secretkey",
    "apitoken",
    "authtoken",
    "apikey",
    "accesskey",
    "privatekey",
    "clientsecret",
];

/// Endings of names of probable secrets, in the same form.
const LIKELY: &[&str] = &[
    "accountkey",
    "authkey",
    "connectionstring",
    "encryptionkey",
    "hmackey",
    "jwtkey",
    "licensekey",
    "masterkey",
    "passcode",
    "pwd",
    "sessionkey",
    "sharedkey",
    "signingkey",
    "sshkey",
    "storagekey",
    "token",
    "webhooksecret",
];

/// Last words of names of probable secrets.
const LIKELY_WORDS: &[&str] = &[
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "creds",
    "passwords",
    "passwds",
    "tokens",
];

/// Words that end in `pass` and are about no password.
const NO_PASS: &[&str] = &["bypass", "compass", "overpass", "surpass", "underpass"];

/// Last words that say in which form a secret is written.
const FORMS: &[&str] = &[
    "b64",
    "base64",
    "current",
    "data",
    "default",
    "encoded",
    "hash",
    "literal",
    "new",
    "old",
    "plain",
    "plaintext",
    "previous",
    "primary",
    "raw",
    "secondary",
    "string",
    "text",
    "value",
];

/// Words before `secret` in names of keys whose value is the name of a Kubernetes Secret.
const SECRET_OBJECTS: &[&str] = &[
    "ca",
    "cert",
    "certificate",
    "env",
    "existing",
    "external",
    "image",
    "mtls",
    "pull",
    "tls",
    "vars",
];

/// Keys of a mapping that refers to a secret by the name of an object or a variable.
const REFERENCES: &[&str] = &[
    "configmapkeyref",
    "configmapref",
    "credentialsref",
    "envvar",
    "existingsecret",
    "existingsecretkey",
    "fromsecret",
    "passwordkey",
    "remoteref",
    "secretkeyref",
    "secretname",
    "secretref",
    "valuefrom",
];

/// Returns how likely the value of a key is a secret.
pub(crate) fn sensitivity(key: &str) -> Sensitivity {
    // Most keys have no such part: this check saves copies.
    if !has_stem(key.as_bytes()) {
        return Sensitivity::Plain;
    }
    let words = words(key);
    let form = |word: &String| {
        FORMS.contains(&word.as_str()) || word.bytes().all(|byte| byte.is_ascii_digit())
    };
    let end = words.iter().rposition(|word| !form(word)).map_or(words.len(), |at| at + 1);
    let mut shorter = words[..end].to_vec();
    if let Some(word) = shorter.last_mut() {
        word.truncate(word.trim_end_matches(|c: char| c.is_ascii_digit()).len());
    }
    match (of_words(&words), of_words(&shorter)) {
        (Sensitivity::Plain, shorter) => shorter.min(Sensitivity::Likely),
        (whole, _) => whole,
    }
}

/// Returns whether a key has a part that every name of a secret has.
fn has_stem(key: &[u8]) -> bool {
    (0..key.len()).any(|at| {
        let stems: &[&str] = match key[at].to_ascii_lowercase() {
            b'a' => &["authorization"],
            b'c' => &["connection", "cookie", "cred"],
            b'k' => &["key"],
            b'p' => &["pass", "pwd"],
            b's' => &["secret"],
            b't' => &["token"],
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
    let Some(last) = words.last() else { return Sensitivity::Plain };
    if words[0].starts_with("existing") {
        return Sensitivity::Plain;
    }
    let name = words.concat();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let is_pass = last.ends_with("pass") && !NO_PASS.contains(&last.as_str());
    if ends(CERTAIN) {
        Sensitivity::Certain
    } else if ends(LIKELY) || is_pass || LIKELY_WORDS.contains(&last.as_str()) {
        Sensitivity::Likely
    } else if last.ends_with("secret")
        && !words.iter().any(|word| SECRET_OBJECTS.contains(&word.as_str()))
    {
        Sensitivity::Ambiguous
    } else {
        Sensitivity::Plain
    }
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
