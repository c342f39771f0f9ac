//! What the documents show is what the program does: every console block in them is run.
//!
//! A block opens with ```console. A line that begins with `$ ` is run by `sh` in a copy of
//! the repo's `site-profiles`, `cmp` and `cargo run --release --` being the program under
//! test; the lines up to the next `$ ` are what it has to say, both streams together.

use std::fs;
use std::path::Path;
use std::process::Command;

use site_cmp_tests::{Scratch, repo};

use crate::BINARY;

struct Step {
    command: String,
    expected: String,
}

fn blocks(text: &str) -> Vec<Vec<Step>> {
    let mut blocks = Vec::new();
    for part in text.split("```console\n").skip(1) {
        let body = part.split("```").next().unwrap();
        let mut steps: Vec<Step> = Vec::new();
        for line in body.lines() {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => {
                    steps.push(Step { command: command.to_owned(), expected: String::new() })
                }
                (None, Some(step)) => step.expected += &format!("{line}\n"),
                (None, None) => panic!("`{line}` comes of no command"),
            }
        }
        blocks.push(steps);
    }
    blocks
}

/// Runs all blocks of a document, in their order, in one copy of the fleet.
fn check(document: &str) {
    let text = fs::read_to_string(repo().join(document)).unwrap();
    let blocks = blocks(&text);
    assert!(!blocks.is_empty(), "{document} shows nothing");
    let scratch = Scratch::new();
    fs::rename(scratch.path(), scratch.outside().join("site-profiles")).unwrap();
    let bin = scratch.outside().join(".bin");
    fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(BINARY, bin.join("cmp")).unwrap();
    let mut text = text.clone();
    for step in blocks.iter().flatten() {
        let said = run(step, scratch.outside(), &bin);
        if std::env::var_os("UPDATE_CASES").is_some() {
            let block = |body: &str| format!("$ {}\n{body}", step.command);
            text = text.replace(&block(&step.expected), &block(&said));
            fs::write(repo().join(document), &text).unwrap();
        } else {
            assert_eq!(said, step.expected, "{document}: $ {}", step.command);
        }
    }
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
