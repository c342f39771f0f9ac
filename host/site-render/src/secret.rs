//! Heuristics for names and texts that hold a secret.

/// Last words of keys that hold a secret, lower case, without `-` and `_`.
const SECRET_KEYS: &[&str] = &[
    "password",
    "passwd",
    "secretkey",
    "apitoken",
    "authtoken",
    "apikey",
    "accesskey",
    "privatekey",
    "clientsecret",
];

/// Prefixes of values that refer to a secret.
const REFERENCES: &[&str] = &["$(", "${", "{{", "ref+", "vault:"];

/// Returns whether a key is the name of a secret.
pub(crate) fn is_named_by(key: &str) -> bool {
    // Most keys do not end in one of these letters: this check saves a copy.
    if !key.ends_with(['d', 'D', 'y', 'Y', 'n', 'N', 't', 'T']) {
        return false;
    }
    let plain: String =
        key.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect();
    !plain.starts_with("existing") && SECRET_KEYS.iter().any(|word| plain.ends_with(word))
}

/// Returns whether a text is a value and not a reference to a secret.
pub(crate) fn is_literal(text: &str) -> bool {
    !text.is_empty() && !REFERENCES.iter().any(|start| text.starts_with(start))
}

/// Returns whether a text begins like a URL with a password in it.
pub(crate) fn is_in_url(text: &str) -> bool {
    let userinfo = |text: &str| {
        let (_, rest) = text.split_once("://")?;
        let (user, _) = rest.split(['/', ' ', '\n']).next()?.split_once('@')?;
        user.split_once(':').map(|(_, password)| is_literal(password))
    };
    userinfo(text).unwrap_or(false)
}
