//! Texts are shortened in one place, after their secrets are hidden.

use super::sources;

/// The only file that cuts a text for a reader.
const OWNER: &str = "host/site-render/src/disclosure/clip.rs";

/// Files that read positions in characters.
const POSITIONS: [&str; 3] = [
    "host/site-cmp/src/lock_digest_stamp/edit.rs",
    "host/site-cmp/src/report/line.rs",
    "host/site-render/src/disclosure/shown_line.rs",
];

/// A cut may split a secret, whose parts are not recognised.
#[test]
fn one_module_cuts_texts() {
    for (path, text) in sources("host").into_iter().filter(|(path, _)| path != OWNER) {
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let line: String = code.split_whitespace().collect();
        for word in [".chars().take(", ".char_indices().nth(", ".char_indices().take("] {
            let is_position = POSITIONS.contains(&&*path);
            assert!(is_position || !line.contains(word), "{path} has `{word}`: use `clip_text`");
        }
    }
}
