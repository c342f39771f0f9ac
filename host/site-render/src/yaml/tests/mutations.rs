//! Broken documents are errors, never panics.

use super::super::{decode, read};
use super::verdicts::text;

/// A small pseudorandom generator with the same numbers on every system.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit.max(1)
    }
}

const PIECES: &[&str] = &[
    "\n",
    " ",
    "  ",
    "\t",
    ":",
    ": ",
    "- ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a ",
    "!",
    "!!int ",
    "|",
    ">",
    "|2",
    "\"",
    "'",
    "\\",
    "#",
    " #",
    "%",
    "---\n",
    "...\n",
    "<<: ",
    "~",
    "\r",
    "\u{e9}",
    "%TAG ! x\n",
    "!<",
    "%41",
    "\\x",
    "\u{feff}",
    "1e3",
    "@",
    "`",
    "\0",
];

fn mutate(document: &str, numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = document.as_bytes().to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        match numbers.below(4) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => {
                bytes.remove(at);
            }
            2 => {
                let other = numbers.below(bytes.len() + 1);
                let copy = bytes[at.min(other)..at.max(other)].to_vec();
                bytes.splice(at..at, copy);
            }
            _ => {
                let piece = PIECES[numbers.below(PIECES.len())].bytes();
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}

#[test]
fn no_document_makes_the_reader_panic() {
    let inputs = format!("\n{}", text("documents.txt"));
    let documents: Vec<&str> = inputs
        .split("\n=== ")
        .filter_map(|part| part.split_once('\n').map(|(_, body)| body))
        .collect();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let rounds = std::env::var("MUTATIONS").ok().and_then(|n| n.parse().ok());
    let mut accepted = 0;
    for round in 0..rounds.unwrap_or(20_000) {
        let bytes = mutate(documents[round % documents.len()], &mut numbers);
        let seen = std::panic::catch_unwind(|| match decode("m.yaml", &bytes) {
            Ok(file) => read(&file).is_ok(),
            Err(_) => false,
        });
        match seen {
            Ok(good) => accepted += usize::from(good),
            Err(cause) => panic!("{cause:?} at {:?}", String::from_utf8_lossy(&bytes)),
        }
    }
    assert!(accepted > 1000, "only {accepted} are valid at all");
}
