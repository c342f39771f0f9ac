//! Tests of merging, reading and rejecting layers.

mod merging;
mod reading;
mod refusing;

use std::sync::Arc;

use super::{ConfigLayer, MergedConfig, Module, env_reads, merge_layers};
use crate::finding::{Finding, Problems, Severity};

/// Returns a layer with this text, named by its number.
fn layer(number: usize, text: &str) -> ConfigLayer {
    let name = format!("{}.py", ["base", "environment", "site", "fourth"][number]);
    let module = Module::read(&name, text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    ConfigLayer { reference: format!("$deploy/{name}"), module: Arc::new(module) }
}

fn layers(texts: &[&str]) -> Vec<ConfigLayer> {
    texts.iter().enumerate().map(|(number, text)| layer(number, text)).collect()
}

fn merged(texts: &[&str]) -> MergedConfig {
    merge_layers(&layers(texts)).unwrap_or_else(|problems| panic!("{:?}", problems.0))
}

/// Returns the text without the comments that name layers, and without empty lines.
fn code(merged: &MergedConfig) -> String {
    let lines = merged.text.lines();
    lines
        .filter(|line| !line.starts_with("# layer ") && !line.is_empty())
        .map(|line| format!("{line}\n"))
        .collect()
}

/// Returns the errors of a merge.
fn refused(texts: &[&str]) -> Vec<Finding> {
    let Err(Problems(findings)) = merge_layers(&layers(texts)) else { panic!("it was merged") };
    findings.into_iter().filter(Finding::is_error).collect()
}

/// Returns severity, code and place of each finding.
fn told(findings: &[Finding]) -> Vec<String> {
    let word = |finding: &Finding| match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let place = |finding: &Finding| finding.place.as_ref().map(ToString::to_string);
    findings
        .iter()
        .map(|finding| {
            format!("{} {} {}", word(finding), finding.code, place(finding).unwrap_or_default())
        })
        .collect()
}

/// Returns the variables that these layers read.
fn variables(texts: &[&str]) -> Vec<String> {
    let layers = layers(texts);
    let modules: Vec<&Module> = layers.iter().map(|layer| &*layer.module).collect();
    env_reads::find_variables(&modules).into_iter().collect()
}

/// Returns the findings for one layer: the error, or the problems.
fn problems(bytes: &[u8]) -> Vec<Finding> {
    match Module::read("layer.py", bytes) {
        Ok(module) => module.problems,
        Err(finding) => vec![*finding],
    }
}
