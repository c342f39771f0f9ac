//! `docs/errors.md`: every code of the host and of the policies, generated from the catalogues.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use site_cmp_tests::{policies, repo};
use site_render::finding::Code;

use crate::cmp;
use crate::tidy::codes::{CatalogueEntry, parse_catalogue};

/// Codes that the host and a policy report for the same mistake in different documents: the sandbox
/// separates them, so each has its own catalogue.
const SHARED: [&str; 1] = ["secret/literal"];

/// The page, whose entries `cmp explain --code` prints.
const PAGE: &str = "docs/errors.md";

const INTRODUCTION: &str = "\
# Codes of findings

Every finding (an error, a warning or a note) has a code, which stays the same when its message
changes. This page lists all codes of site-cmp and of the policies in `plugin/policies`, with the
cause and the fix of each. `cmp explain --code CODE` prints an entry.

Severity and stage are the usual ones: a few places report a code with another. An error stops
the render; a warning or a note does not. `Reported by` names the policy, or the stage of the
render: `sources` (reading files and options), `profile`, `gate` (is the component enabled at the
site? If it is, the site is called open), `inputs` (environment, base values, configuration),
`policies`, `overlay`, `merge`, `resources`, `validate`, `emit` (writing documents), or `render`
(any stage).

This page is generated from the catalogues in the code. After a change of a catalogue, run
`UPDATE_DOCS=1 cargo test -p site-cmp-tests --test all errors::`.
";

/// One way in which a code is reported.
struct Entry {
    severity: String,
    reported_by: String,
    cause: String,
    fix: String,
}

fn host_codes() -> impl Iterator<Item = &'static Code> {
    let pipeline = site_render::codes::all().chain(site_cmp::codes::all());
    pipeline.chain(policy_sandbox::codes::all()).chain(jsonnet_worker::codes::all())
}

/// Returns the entries of each code of the policies, with its code. They are read from the sources,
/// so that the folder of the policies stays their only list.
fn policy_entries() -> impl Iterator<Item = (String, Entry)> {
    // A library, whose code two policies report.
    let shared = "the policies `mtls-clients` and `site-invariants`".to_owned();
    let libraries = [("plugin/worker-connections".to_owned(), shared)];
    let own = policies().into_iter().map(|name| {
        let reported_by = format!("the policy `{name}`");
        (format!("plugin/policies/{name}"), reported_by)
    });
    own.chain(libraries).flat_map(|(folder, reported_by)| read_catalogue(&folder, &reported_by))
}

/// Reads the catalogue of a policy; one that reports no findings has none.
fn read_catalogue(folder: &str, reported_by: &str) -> Vec<(String, Entry)> {
    let path = repo().join(folder).join("src/codes.rs");
    let Ok(source) = fs::read_to_string(path) else { return Vec::new() };
    let entry = |CatalogueEntry { severity, code, cause, fix, .. }| {
        let (severity, reported_by) = (severity.to_lowercase(), reported_by.to_owned());
        (code, Entry { severity, reported_by, cause, fix })
    };
    parse_catalogue(folder, &source).into_iter().map(entry).collect()
}

/// Returns the entries of each code, sorted by code.
fn entries() -> BTreeMap<String, Vec<Entry>> {
    let host = host_codes().map(|code| {
        let entry = Entry {
            severity: code.severity.to_string(),
            reported_by: format!("the stage `{}`", code.stage),
            cause: code.cause.to_owned(),
            fix: code.fix.to_owned(),
        };
        (code.name.to_owned(), entry)
    });
    let mut entries = BTreeMap::<_, Vec<_>>::new();
    for (code, entry) in host.chain(policy_entries()) {
        entries.entry(code).or_default().push(entry);
    }
    entries
}

fn render_page() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut last_area = "";
    let entries = entries();
    for (code, entries) in &entries {
        let area = code.split('/').next().unwrap();
        if area != last_area {
            write!(page, "\n## {area}\n").unwrap();
            last_area = area;
        }
        write!(page, "\n### `{code}`\n").unwrap();
        for Entry { severity, reported_by, cause, fix } in entries {
            write!(page, "\nSeverity: {severity}. Reported by: {reported_by}.\n").unwrap();
            write!(page, "\nCause: {cause}\n\nFix: {fix}\n").unwrap();
        }
    }
    page
}

#[test]
fn the_page_of_errors_is_the_catalogues() {
    let page = render_page();
    let path = repo().join(PAGE);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap() == page,
        "{PAGE} is out of date: run `UPDATE_DOCS=1 cargo test -p site-cmp-tests --test all errors::`"
    );
}

#[test]
fn a_code_is_an_area_and_a_name() {
    let is_word = |word: &str| {
        !word.is_empty()
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    for code in entries().into_keys() {
        let parts = code.split_once('/');
        assert!(parts.is_some_and(|(area, name)| is_word(area) && is_word(name)), "{code}");
    }
}

/// Of the host's crates one owns a code, and the others use it. Two policies may report the
/// same code, but no policy one of the host.
#[test]
fn a_code_is_in_one_catalogue() {
    let mut known = Vec::new();
    for code in host_codes() {
        assert!(!known.contains(&code.name), "{} is in two catalogues", code.name);
        known.push(code.name);
    }
    let mut own = BTreeSet::new();
    for (code, Entry { reported_by, .. }) in policy_entries() {
        let is_host_code = known.contains(&&*code) && !SHARED.contains(&&*code);
        assert!(!is_host_code, "{reported_by} reports {code}, a code of the host");
        assert!(own.insert((code.clone(), reported_by.clone())), "{reported_by}: {code} twice");
    }
    assert!(own.len() > 70, "only {} codes: the catalogues have another form", own.len());
}

#[test]
fn a_code_has_a_cause_and_a_fix() {
    let is_sentence = |text: &str| text.ends_with('.') && !text.contains('\n');
    let entries = entries();
    let incomplete = entries.iter().filter(|(_, entries)| {
        entries.iter().any(|entry| !is_sentence(&entry.cause) || !is_sentence(&entry.fix))
    });
    let codes: Vec<_> = incomplete.map(|(code, _)| code).collect();
    assert!(codes.is_empty(), "codes without a cause or a fix: {codes:?}");
}

#[test]
fn explain_prints_the_entry_of_a_code() {
    let entry = &entries()["sources/no-fleet"][0];
    let output = cmp().args(["explain", "--code", "sources/no-fleet"]).run().success();
    for text in ["error[sources/no-fleet]", &*entry.cause, &*entry.fix] {
        assert!(output.stdout.contains(text), "{}", output.stdout);
    }
    let output =
        cmp().args(["explain", "--code", "sources/no-fleet", "-o", "json"]).run().success();
    let listed: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(listed[0]["code"], "sources/no-fleet");
    assert_eq!(listed[0]["fix"], entry.fix);
    let output = cmp().args(["explain", "--code", "source/no-fleet"]).run().failure(1);
    output.says(&["explain/code", "did you mean `sources/no-fleet`?"]);
}
