//! The configuration against what policies want of it.
//!
//! A policy names environment variables that the configuration has to read; one that can be
//! read here and never reads one of them is refused.

use crate::config::Config;
use crate::finding::{Finding, Stage};
use crate::origin::{Place, Position};
use crate::policy::ConfigChoice;
use crate::request::Answer;

/// Errors on the configuration that the policies' plans ask for.
pub(super) fn check(config: Option<&Config>, answers: &[Answer]) -> Vec<Finding> {
    let choices = answers.iter().filter_map(|answer| Some((answer, answer.plan.config.as_ref()?)));
    choices.flat_map(|(answer, choice)| unread(&answer.policy, choice, config)).collect()
}

fn unread(policy: &str, choice: &ConfigChoice, config: Option<&Config>) -> Vec<Finding> {
    let Some((config, file)) = config.and_then(|config| Some((config, config.text.as_ref()?)))
    else {
        return Vec::new();
    };
    let missing = choice.must_read.iter().filter(|name| !config.reads.contains(name.as_str()));
    missing
        .map(|name| {
            let message =
                format!("{} never reads {name}: {} (policy {policy})", file.name, choice.reason);
            Finding::error(Stage::Validate, "config/must-read", message)
                .at(Place { file: file.clone(), at: Position { line: 1, column: 1 } })
                .hint(format!("read os.environ[\"{name}\"] in it, or choose a config that does"))
        })
        .collect()
}
