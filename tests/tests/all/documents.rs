//! What the documents show is what the program does: every console block in them is run.
//!
//! In a block of language `console`, a line that begins with a dollar sign is run by `sh`
//! beside a copy of `site-profiles`, `cmp` and `cargo run --release --` being the program
//! under test; the lines up to the next such line are what it says, on both streams. A block
//! of `console argocd` is run where Argo CD's servers are at hand, one of `console openssl`
//! where that is, and left alone elsewhere.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use site_cmp_tests::{Scratch, argocd_peer, openssl, repo};

use crate::{BINARY, argo};

struct Step {
    command: String,
    expected: String,
}

const OPEN: &str = "```console";
const CLOSE: &str = "```";

/// Where a document's folder has the program.
const BIN: &str = ".bin";

/// What stands behind the opening of a block that needs Argo CD's servers.
const ARGO_CD: &str = " argocd\n";

/// The same for openssl.
const OPENSSL: &str = " openssl\n";

fn steps(block: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => {
                steps.push(Step { command: command.to_owned(), expected: String::new() });
            }
            (None, Some(step)) => step.expected += &format!("{line}\n"),
            (None, None) => panic!("`{line}` comes of no command"),
        }
    }
    steps
}

/// Runs all blocks of a document, in their order, in one copy of the fleet.
fn check(document: &str) {
    let path = repo().join(document);
    let text = fs::read_to_string(&path).unwrap();
    let scratch = beside_the_example();
    let argocd = text.contains(ARGO_CD) && argocd(scratch.outside());
    let openssl = text.contains(OPENSSL) && openssl().is_some();
    let _ends = Ends(scratch.outside());
    let mut parts = text.split(OPEN);
    let mut now = parts.next().unwrap().to_owned();
    let mut ran = 0;
    for part in parts {
        let (block, rest) = part.split_once(CLOSE).unwrap();
        let (kind, block) = block.split_at(block.find('\n').unwrap() + 1);
        now += &format!("{OPEN}{kind}");
        for step in steps(block) {
            let said = match kind {
                ARGO_CD if !argocd => step.expected,
                OPENSSL if !openssl => step.expected,
                _ => run(&step, scratch.outside()),
            };
            now += &format!("$ {}\n{said}", step.command);
            ran += 1;
        }
        now += CLOSE;
        now += rest;
    }
    assert!(ran > 0, "{document} shows nothing");
    if std::env::var_os("UPDATE_CASES").is_some() {
        fs::write(&path, &now).unwrap();
    }
    let shown = fs::read_to_string(&path).unwrap();
    if without_positions(&shown) != without_positions(&now) {
        assert_eq!(shown, now, "{document} shows something else");
    }
}

/// Returns a text without line numbers and the columns that widen with them: a comment in the
/// example fleet may move its lines, and no document is wrong because of that.
fn without_positions(text: &str) -> String {
    let mut result = String::new();
    for line in text.lines() {
        let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
        // A quoted source line begins with its number and a bar.
        let quoted = words.split_once(" | ").filter(|(number, _)| number.parse::<u32>().is_ok());
        let words = quoted.map_or(&*words, |(_, source)| source);
        let mut parts = words.split(':');
        result += parts.next().unwrap_or_default();
        for part in parts {
            result.push(':');
            result += part.trim_start_matches(|letter: char| letter.is_ascii_digit());
        }
        result.push('\n');
    }
    result
}

#[test]
fn only_positions_may_differ_from_a_document() {
    let one = "  --> a.yaml:9:16\n9 | a: 1\n";
    assert_eq!(without_positions(one), without_positions("   --> a.yaml:10:16\n10 | a: 1\n"));
    assert_ne!(without_positions(one), without_positions("  --> b.yaml:9:16\n9 | a: 1\n"));
    assert_ne!(without_positions(one), without_positions("  --> a.yaml:9:16\n9 | a: 2\n"));
}

/// A folder with the example fleet as `site-profiles` and the program as `cmp`.
fn beside_the_example() -> Scratch {
    let scratch = Scratch::example();
    let bin = scratch.outside().join(BIN);
    fs::create_dir(&bin).unwrap();
    symlink(BINARY, bin.join("cmp")).unwrap();
    scratch
}

/// Runs the commands of one section of a document, and returns the fleet `fleet` that they make.
pub(crate) fn follow(document: &str, heading: &str) -> Scratch {
    let text = fs::read_to_string(repo().join(document)).unwrap();
    let (_, section) = text.split_once(&format!("\n{heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let scratch = beside_the_example();
    for block in section.split(OPEN).skip(1) {
        let block = block.split_once(CLOSE).unwrap().0;
        for step in steps(block.trim_start_matches('\n')) {
            assert_eq!(run(&step, scratch.outside()), step.expected, "{}", step.command);
        }
    }
    scratch.at("fleet")
}

/// Ends what a document that failed half-way has started.
struct Ends<'a>(&'a Path);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        let command = "cat argo/*.pid 2>/dev/null | xargs -r kill 2>/dev/null";
        // Mostly all have ended.
        let _ = Command::new("sh").args(["-c", command]).current_dir(self.0).status();
    }
}

/// Puts Argo CD's servers where a reader of the document has them, if they are at hand.
fn argocd(folder: &Path) -> bool {
    let Some(peer) = argocd_peer().filter(|_| argo::can_serve_repos()) else { return false };
    fs::create_dir_all(folder.join("target/peers")).unwrap();
    symlink(peer, folder.join("target/peers/argocd-peer")).unwrap();
    symlink(repo().join("tests"), folder.join("tests")).unwrap();
    true
}

fn run(step: &Step, folder: &Path) -> String {
    let command = step.command.replace("cargo run --release -- ", "cmp ");
    let path = format!("{}:{}", folder.join(BIN).display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .current_dir(folder)
        .env("PATH", path)
        .env("SITE_CMP_CACHE", folder.join(".cache"))
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_on_jsonnet_shows_what_happens() {
    check("docs/jsonnet.md");
}

#[test]
fn the_readme_shows_what_happens() {
    check("README.md");
}

#[test]
fn each_page_of_the_docs_shows_what_happens() {
    let mut pages = 0;
    for entry in fs::read_dir(repo().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if fs::read_to_string(&path).unwrap().contains(OPEN) {
            check(path.strip_prefix(repo()).unwrap().to_str().unwrap());
            pages += 1;
        }
    }
    assert!(pages > 0);
}

#[test]
fn what_the_guide_tells_both_servers_is_what_they_are_tested_with() {
    let guide = fs::read_to_string(repo().join("docs/guide.md")).unwrap();
    let (_, settings) = guide.split_once("```text\n# pg_hba.conf").unwrap();
    let settings = settings.split(CLOSE).next().unwrap();
    let stage = fs::read_to_string(repo().join("tests/mtls/servers.py")).unwrap();
    let said = settings.lines().skip(1).filter(|line| !line.starts_with('#'));
    let mut count = 0;
    for line in said {
        let option = line.split_once(' ').map(|(name, value)| format!("\"{name}\": \"{value}\""));
        assert!(
            stage.contains(line) || option.is_some_and(|option| stage.contains(&option)),
            "{line}"
        );
        count += 1;
    }
    assert_eq!(count, 2);
}

/// The wire's test makes queues known to Nautobot by the command that the guide shows.
#[test]
fn the_guides_command_for_queues_is_the_tested_one() {
    let guide = fs::read_to_string(repo().join("docs/guide.md")).unwrap();
    let stage = fs::read_to_string(repo().join("tests/mtls/global_side.py")).unwrap();
    let (_, command) = stage.split_once("KNOW_QUEUES = \"\"\"\n").unwrap();
    let (command, _) = command.split_once("\"\"\"").unwrap();
    assert!(guide.contains(command), "{command}");
}
