//! The config file against what policies want of it.
//!
//! A policy names environment variables that the config has to read; a config that can
//! be read here and never names one of them outside a comment is refused. Several layers
//! are not merged yet: a policy that asks for that is told so.

use crate::finding::{Finding, Stage};
use crate::inputs::{ConfigFile, Inputs};
use crate::origin::{Place, Position, SourceFile};
use crate::policy::ConfigChoice;
use crate::request::Answer;

/// Errors on the config that the policies' plans ask for.
pub(crate) fn check(inputs: &Inputs, answers: &[Answer]) -> Vec<Finding> {
    let choices = answers.iter().filter_map(|answer| Some((answer, answer.plan.config.as_ref()?)));
    choices
        .flat_map(|(answer, choice)| one(&answer.policy, choice, inputs.config.as_ref()))
        .collect()
}

fn one(policy: &str, choice: &ConfigChoice, config: Option<&ConfigFile>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let chosen: Vec<&str> = config.iter().map(|config| config.reference.as_str()).collect();
    if !choice.layers.is_empty() && choice.layers != chosen {
        let message =
            format!("policy `{policy}` wants the config made of {}", choice.layers.join(", "));
        findings.push(
            Finding::error(Stage::Validate, "config/layers", message).hint(
                "this version delivers the one file that the profile or the environment names",
            ),
        );
    }
    if let Some(file) = config.and_then(|config| config.text.as_ref()) {
        findings.extend(choice.must_read.iter().filter(|name| !reads(file, name)).map(|name| {
            let message =
                format!("{} never reads {name}: {} (policy {policy})", file.name, choice.reason);
            Finding::error(Stage::Validate, "config/must-read", message)
                .at(Place { file: file.clone(), at: Position { line: 1, column: 1 } })
                .hint(format!("read os.environ[\"{name}\"] in it, or choose a config that does"))
        }));
    }
    findings
}

/// Whether a line names a variable, as a word and before any comment.
fn reads(file: &SourceFile, name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    file.text.lines().any(|line| {
        let code = line.split('#').next().unwrap_or_default();
        code.match_indices(name).any(|(at, _)| {
            !code[..at].ends_with(word) && !code[at + name.len()..].starts_with(word)
        })
    })
}
