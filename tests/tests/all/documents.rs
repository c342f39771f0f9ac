//! What the documents show is what the program does: every console block in them is run.
//!
//! In a block of language `console`, a line that begins with a dollar sign is run by `sh`
//! beside a copy of `site-profiles`, `cmp` and `cargo run --release --` being the program
//! under test; the lines up to the next such line are what it says, on both streams.

use std::fs;
use std::path::Path;
use std::process::Command;

use site_cmp_tests::{Scratch, repo};

use crate::BINARY;

struct Step {
    command: String,
    expected: String,
}

const OPEN: &str = "```console\n";
const CLOSE: &str = "```";

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
    let scratch = Scratch::new();
    fs::rename(scratch.path(), scratch.outside().join("site-profiles")).unwrap();
    let bin = scratch.outside().join(".bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(BINARY, bin.join("cmp")).unwrap();
    let mut parts = text.split(OPEN);
    let mut now = parts.next().unwrap().to_owned();
    let mut ran = 0;
    for part in parts {
        let (block, rest) = part.split_once(CLOSE).unwrap();
        now += OPEN;
        for step in steps(block) {
            now += &format!("$ {}\n{}", step.command, run(&step, scratch.outside(), &bin));
            ran += 1;
        }
        now += CLOSE;
        now += rest;
    }
    assert!(ran > 0, "{document} shows nothing");
    if std::env::var_os("UPDATE_CASES").is_some() {
        fs::write(&path, &now).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), now, "{document} shows something else");
}

fn run(step: &Step, folder: &Path, bin: &Path) -> String {
    let command = step.command.replace("cargo run --release -- ", "cmp ");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
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
fn the_readme_shows_what_happens() {
    check("README.md");
}
