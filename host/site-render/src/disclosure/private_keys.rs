//! Finds private keys in the text forms of PEM, `OpenPGP`, SSH and `PuTTY`.

use std::ops::Range;

/// Words of the first and the last line of a block.
const BLOCKS: &[&str] = &["PRIVATE KEY", "OpenVPN Static key"];

/// The longest rest of such a line, in bytes: ` BLOCK-----`, ` V1-----`.
const REST: usize = 16;

/// The longest beginning of such a line, in bytes: `-----BEGIN ENCRYPTED`.
const HEAD: usize = 40;

/// The lines before and behind the private part of a file of `PuTTY`.
const PUTTY: (&str, &str) = ("Private-Lines:", "Private-MAC:");

/// Adds private keys: from the first line to the last, or to the end of the text.
pub(super) fn add_private_keys(text: &str, found: &mut Vec<Range<usize>>) {
    for words in BLOCKS {
        let mut done = 0;
        while let Some(line) = block_line(text, words, done) {
            let last = block_line(text, words, line.end);
            done = last.map_or(text.len(), |last| last.end);
            found.push(line.start..done);
        }
    }
    let (first, last) = PUTTY;
    let mut done = 0;
    while let Some(start) = text[done..].find(first).map(|at| done + at + first.len()) {
        done = text[start..].find(last).map_or(text.len(), |length| start + length);
        found.push(start..done);
    }
}

/// Returns the next first or last line of a block from an offset on.
fn block_line(text: &str, words: &str, from: usize) -> Option<Range<usize>> {
    let mut next = from;
    while let Some(at) = text[next..].find(words).map(|at| next + at) {
        next = at + words.len();
        let rest = &text[next..text.floor_char_boundary(next + REST)];
        let dashes = rest.find("---").filter(|at| is_title(&rest[..*at]));
        if let Some(dashes) = dashes {
            let end = next + dashes;
            let end = text[end..].find(|c| c != '-').map_or(text.len(), |length| end + length);
            let head = text.floor_char_boundary(at.saturating_sub(HEAD)).max(from);
            let start = text[head..at].rfind("--").map_or(at, |dash| {
                let before = text[head..head + dash].trim_end_matches('-');
                head + before.len()
            });
            return Some(start..end);
        }
    }
    None
}

/// Returns whether a text may be between words and dashes in a line.
fn is_title(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' ')
}

#[cfg(test)]
mod tests {
    use super::add_private_keys;
    use crate::disclosure::escapes::texts_found;

    fn hidden(text: &str) -> Vec<&str> {
        texts_found(text, add_private_keys)
    }

    #[test]
    fn a_private_key_is_found_in_each_form() {
        for key in [
            "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQ\n-----END PGP PRIVATE KEY BLOCK-----",
            "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/\n---- END SSH2 ENCRYPTED PRIVATE KEY ----",
            "-----BEGIN OpenVPN Static key V1-----\n0a\n-----END OpenVPN Static key V1-----",
        ] {
            assert_eq!(hidden(&format!("k: {key}\nb")), [key]);
            let open = key.split("END").next().unwrap().trim_end_matches(['-', ' ']);
            assert_eq!(hidden(open), [open], "without its end");
        }
        let putty = "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 1\nAAA\nPrivate-MAC: 0";
        assert_eq!(hidden(putty), [" 1\nAAA\n"]);
        assert_eq!(hidden("Private-Lines: 1\nAAA"), [" 1\nAAA"]);
    }

    #[test]
    fn words_about_a_key_are_shown() {
        for text in ["filterPEM \"EC PRIVATE KEY\"", "a PRIVATE KEY is ---", "PRIVATE KEY: ---"] {
            assert_eq!(hidden(text), Vec::<&str>::new());
        }
    }
}
