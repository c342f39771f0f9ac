//! Tests of the reader and the writer against the results of the real Go library.

mod limits;
mod mutations;
mod nasty;
mod places;
mod verdicts;
mod writer;

use std::sync::Arc;

use crate::finding::Finding;
use crate::json;
use crate::origin::SourceFile;

use super::Parsed;

fn file(text: &str) -> Arc<SourceFile> {
    Arc::new(SourceFile::new("site.yaml", text))
}

fn read(text: &str) -> Result<Parsed, Box<Finding>> {
    super::read(&file(text))
}

fn json(text: &str) -> String {
    json::to_string(&read(text).unwrap().root.value)
}

/// Returns the code and the place of the error.
fn error(text: &str) -> String {
    let finding = read(text).unwrap_err();
    let at = finding.place.as_ref().map_or_else(String::new, ToString::to_string);
    format!("{at} {}", finding.code)
}

fn warnings(text: &str) -> Vec<String> {
    let warnings = read(text).unwrap().warnings;
    warnings.iter().map(ToString::to_string).collect()
}
