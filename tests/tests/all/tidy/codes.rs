//! Codes of findings: each in one catalogue, and each provoked by a test.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::lexer::{Kind, product, tests, tokens};
use super::{files, root, sources};

/// Codes that no test can provoke, each with its reason.
const UNPROVOKED: &[(&str, &str)] = &[
    ("emit/target", "the command line and the parameters are checked before"),
    ("jsonnet/broken", "a bug of the evaluator ends its process"),
    ("policy/cache", "the system knows no home folder of the user"),
    ("policy/compiler-busy", "no tier allows a policy of that size"),
    ("policy/compiling", "a call waits for the compiler and does not show the code"),
    ("policy/engine", "wasmtime cannot reserve its memory"),
    ("policy/page-scan", "the kernel lacks an ioctl that the sandbox can do without"),
    ("policy/sandbox-bug", "a bug of the sandbox"),
    ("policy/watchdog", "the system gives no thread"),
    ("program/bug", "a bug of the program"),
    ("certs/duration", "the schema of mtls-clients admits no such duration"),
    ("server/memory-file", "the system has no memory or descriptor left"),
    ("server/reflection", "the protocol's descriptors are broken at build time"),
    ("server/signals", "the system takes no signal handler"),
    ("server/threads", "the system gives no thread"),
    ("server/traces", "needs the feature otlp and a broken exporter"),
    ("server/transport", "the socket breaks while the server listens"),
    ("socket/stale", "the folder of the socket became read-only"),
    ("stream/broken", "the client breaks HTTP/2 itself"),
];

/// Names of something else that equal a code: (file, name).
const OTHER_NAMES: [(&str, &str); 1] =
    // A check of `cmp doctor`, in its public output.
    [("host/site-cmp/src/doctor/socket.rs", "socket/name")];

/// Returns each catalogued code with the name of its constant.
fn catalogue() -> BTreeMap<String, String> {
    let mut codes = BTreeMap::new();
    for folder in ["host", "plugin/policies"] {
        for (path, text) in sources(folder).into_iter().filter(|(path, _)| is_catalogue(path)) {
            let entries = parse_catalogue(&path, &text).into_iter();
            codes.extend(entries.map(|entry| (entry.code, entry.constant)));
        }
    }
    assert!(codes.len() > 200, "only {} codes: the catalogues have another form", codes.len());
    codes
}

fn is_catalogue(path: &str) -> bool {
    path.ends_with("src/codes.rs") || path.contains("/src/codes/")
}

/// An entry of a catalogue, as its source writes it.
pub(crate) struct CatalogueEntry {
    constant: String,
    /// `Error`, `Warning` or `Note`.
    pub(crate) severity: String,
    pub(crate) code: String,
    pub(crate) cause: String,
    pub(crate) fix: String,
}

/// Returns the entries in the source of a catalogue, whose path is for the message of a failure.
pub(crate) fn parse_catalogue(path: &str, source: &str) -> Vec<CatalogueEntry> {
    let texts = tokens(source).into_iter().filter(|token| token.kind == Kind::Text);
    let texts: Vec<String> = texts.map(|token| token.text).collect();
    // Each entry has three literals: the code, its cause and its fix.
    let (literals, rest) = texts.as_chunks::<3>();
    let heads: Vec<(&str, &str)> = source.lines().filter_map(catalogue_entry).collect();
    assert!(rest.is_empty(), "{path}: {texts:?}");
    assert_eq!(literals.len(), heads.len(), "{path}: {literals:?} {heads:?}");
    let entry = |([code, cause, fix], (constant, severity)): (&[String; 3], (&str, &str))| {
        let (code, cause, fix) = (code.clone(), cause.clone(), fix.clone());
        let (constant, severity) = (constant.to_owned(), severity.to_owned());
        CatalogueEntry { constant, severity, code, cause, fix }
    };
    literals.iter().zip(heads).map(entry).collect()
}

/// Returns the constant and the severity of an entry's line: `NAME: Error, Inputs, "area/name",`.
fn catalogue_entry(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.trim().split_once(": ")?;
    let severity = rest.split(',').next()?;
    let is_name =
        name.chars().all(|letter| letter.is_ascii_uppercase() || "_0123456789".contains(letter));
    (is_name && matches!(severity, "Error" | "Warning" | "Note")).then_some((name, severity))
}

/// Returns the text of all tests: test code, expected outputs and the commands of documents.
fn tests_text() -> String {
    let mut text = String::new();
    for (path, source) in files("tests", &[".rs", "stdout", "stderr", "ours"]) {
        if !path.ends_with("tidy/codes.rs") {
            text += &source;
        }
    }
    for folder in ["host", "plugin"] {
        for (path, source) in files(folder, &[".rs"]) {
            let is_test = path.ends_with("tests.rs") || path.contains("/tests/");
            text += if is_test { &source } else { tests(&source) };
        }
    }
    let pages = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    for page in pages.chain([root().join("README.md")]) {
        text += &shown_output(&page);
    }
    text
}

/// Returns the blocks of a document that a test runs and compares.
fn shown_output(page: &Path) -> String {
    let text = fs::read_to_string(page).unwrap_or_default();
    let blocks = text.split("```console").skip(1);
    blocks.filter_map(|block| block.split("```").next()).collect()
}

fn holds(text: &str, word: &str, is_part: impl Fn(char) -> bool) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        !before.is_some_and(&is_part) && !after.is_some_and(&is_part)
    })
}

#[test]
fn each_code_is_provoked_by_a_test() {
    let text = tests_text();
    let mut wrong = Vec::new();
    for (code, name) in &catalogue() {
        let provoked =
            holds(&text, code, |letter| letter.is_alphanumeric() || "-/".contains(letter))
                || holds(&text, name, |letter| letter.is_alphanumeric() || letter == '_');
        let excused = UNPROVOKED.iter().any(|(unprovoked, _)| unprovoked == code);
        match (provoked, excused) {
            (false, false) => wrong.push(format!("no test provokes {code}")),
            (true, true) => wrong.push(format!("a test provokes {code}: take it off the list")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (code, reason) in UNPROVOKED {
        assert!(catalogue().contains_key(*code), "{code} ({reason}) is in no catalogue");
    }
}

#[test]
fn a_code_is_written_in_its_catalogue_alone() {
    let codes = catalogue();
    let mut wrong = Vec::new();
    for folder in ["host", "plugin"] {
        let product_files = sources(folder).into_iter().filter(|(path, _)| !is_catalogue(path));
        for (path, source) in product_files {
            for token in tokens(product(&source)) {
                let is_other = OTHER_NAMES.contains(&(&*path, &*token.text));
                if token.kind == Kind::Text && codes.contains_key(&token.text) && !is_other {
                    wrong.push(format!("{path}:{}: \"{}\"", token.line, token.text));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "use the catalogue's constant:\n{}", wrong.join("\n"));
}
