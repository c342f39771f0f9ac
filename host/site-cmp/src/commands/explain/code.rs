//! `cmp explain --code`: prints the entry of a code in the list of errors.

use serde::Serialize;
use site_render::finding::Finding;
use site_render::suggestion::nearest;

use crate::codes;

/// The list of errors. It has the codes of every policy of this project too, which this crate
/// does not depend on.
const PAGE: &str = include_str!("../../../../../docs/errors.md");

/// The beginning of an entry's heading, up to its code.
const HEADING: &str = "\n### `";

/// An entry of the list. A code that several policies report has several.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorEntry {
    code: &'static str,
    severity: String,
    reported_by: String,
    cause: &'static str,
    fix: &'static str,
}

/// Returns the entries of a code.
pub(super) fn find_entries(code: &str) -> Result<Vec<ErrorEntry>, Box<Finding>> {
    let entries = parse_page(PAGE);
    if !entries.iter().any(|entry| entry.code == code) {
        return Err(Box::new(unknown_code(code, &entries)));
    }
    Ok(entries.into_iter().filter(|entry| entry.code == code).collect())
}

/// Renders entries as text.
pub(super) fn render_entries(entries: &[ErrorEntry]) -> String {
    let texts = entries.iter().map(|entry| {
        let ErrorEntry { code, severity, reported_by, cause, fix } = entry;
        format!("{severity}[{code}], reported by {reported_by}\n\nCause: {cause}\n\nFix: {fix}\n")
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn unknown_code(code: &str, entries: &[ErrorEntry]) -> Finding {
    let finding = codes::EXPLAIN_CODE.finding(format!("unknown code `{code}`"));
    match nearest(code, entries.iter().map(|entry| entry.code)) {
        Some(known) => finding.hint(format!("did you mean `{known}`?")),
        None => finding.hint(format!(
            "write the code as a finding shows it, such as {}",
            site_render::codes::GATE_NOT_BOOLEAN.name
        )),
    }
}

fn parse_page(page: &'static str) -> Vec<ErrorEntry> {
    let sections = page.split(HEADING).skip(1);
    sections.filter_map(parse_section).flatten().collect()
}

/// Parses a section: a code, then for each place that reports it one paragraph each with the
/// severity and the place, the cause, and the fix.
fn parse_section(section: &'static str) -> Option<Vec<ErrorEntry>> {
    let (code, body) = section.split_once("`\n")?;
    let mut entries = Vec::new();
    for line in body.lines() {
        if let Some(text) = line.strip_prefix("Severity: ") {
            let (severity, reported_by) = text.split_once(". Reported by: ")?;
            entries.push(ErrorEntry {
                code,
                severity: severity.to_owned(),
                reported_by: reported_by.trim_end_matches('.').replace('`', ""),
                ..ErrorEntry::default()
            });
        } else if let (Some(text), Some(entry)) = (line.strip_prefix("Cause: "), entries.last_mut())
        {
            entry.cause = text;
        } else if let (Some(text), Some(entry)) = (line.strip_prefix("Fix: "), entries.last_mut()) {
            entry.fix = text;
        }
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_of_the_page_is_an_entry() {
        let entries = parse_page(PAGE);
        let mut codes: Vec<_> = entries.iter().map(|entry| entry.code).collect();
        codes.dedup();
        assert_eq!(codes.len(), PAGE.matches(HEADING).count());
        assert!(codes.contains(&codes::EXPLAIN_CODE.name));
        assert!(entries.iter().all(|entry| !entry.severity.is_empty()));
    }

    #[test]
    fn an_unknown_code_gets_a_suggestion() {
        let finding = find_entries("gate/close").unwrap_err();
        assert_eq!(finding.hint.as_deref(), Some("did you mean `gate/closed`?"));
        assert_eq!(find_entries("gate/closed").unwrap().len(), 1);
    }
}
