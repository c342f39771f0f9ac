//! Bad input: one clear error each, exit 1, nothing written, the place shown.

mod commands;
mod config;
mod fleets;
mod files;
mod gates;
mod pod;
mod policies;
mod values;
mod yaml;

use site_cmp_tests::{Output, Scratch};

use crate::BINARY;

/// The site that the cases spoil, and its profile.
const SITE: &str = "rax-dev-iad3";
const PROFILE: &str = "sites/rax-dev-iad3/profile.yaml";
const VALUES: &str = "sites/rax-dev-iad3/nautobot-worker/values.yaml";

/// A render that must fail with exit code 1, an empty stdout and these words.
fn refused(fleet: &Scratch, words: &[&str]) -> Output {
    let output = fleet.render(BINARY, SITE, &["--target", "application"]).failure(1).says(words);
    let lines: Vec<&str> = output.stderr.lines().filter(|line| line.starts_with("error")).collect();
    assert!(!lines.is_empty(), "no line begins with error:\n{}", output.stderr);
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    output
}

/// A render that must succeed and still say these words.
fn accepted(fleet: &Scratch, words: &[&str]) -> Output {
    fleet.render(BINARY, SITE, &["--target", "application", "-o", "json"]).success().says(words)
}
