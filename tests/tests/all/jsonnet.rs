//! Jsonnet in the place of YAML: it means the same, it cannot leave its tree, and whatever
//! it does ends within its limits.

mod hostile;
mod imports;
mod places;
mod serving;
mod values;

use site_cmp_tests::{Output, Scratch};

use crate::{BINARY, cmp};

/// The site whose profile is Jsonnet.
const SITE: &str = "rax-dev-den1";
const PROFILE: &str = "sites/rax-dev-den1/profile.jsonnet";
const ENVIRONMENT: &str = "environments/dev/environment.yaml";

/// The example fleet with this as that site's profile.
fn profile(text: &str) -> Scratch {
    Scratch::new().with(PROFILE, text)
}

/// A fleet whose Jsonnet site cannot be rendered, with these words and an error of a line.
fn refused(fleet: &Scratch, words: &[&str]) -> Output {
    let output = fleet.render(BINARY, SITE, &["--target", "application"]).failure(1).says(words);
    assert!(output.stderr.starts_with("error["), "{}", output.stderr);
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    output
}

/// What a site's Application is.
fn application(fleet: &Scratch, site: &str) -> serde_json::Value {
    let output = fleet.render(BINARY, site, &["--target", "application", "-o", "json"]).success();
    serde_json::from_str(&output.stdout).unwrap()
}
