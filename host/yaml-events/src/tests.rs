//! Tests of events, places and errors.

mod errors;
mod scalars;
mod structure;

use super::{EventKind, Parser, Style, SyntaxError};

/// Returns the events of a text, in a short notation.
fn events(text: &str) -> Result<String, SyntaxError> {
    let mut parser = Parser::new(text);
    let mut events = Vec::new();
    loop {
        let event = parser.next_event()?;
        let properties = |properties: &super::Properties<'_>| {
            let anchor = properties.anchor.map(|anchor| format!("&{anchor}")).unwrap_or_default();
            let tag = properties.tag.as_ref().map(|tag| format!("<{tag}>")).unwrap_or_default();
            anchor + &tag
        };
        events.push(match &event.kind {
            EventKind::StreamEnd => return Ok(events.join(" ")),
            EventKind::DocumentStart { explicit } => if *explicit { "---" } else { "-" }.to_owned(),
            EventKind::DocumentEnd => "...".to_owned(),
            EventKind::Alias(name) => format!("*{name}"),
            EventKind::Scalar { text, style, properties: of } => {
                let mark = match style {
                    Style::Plain => "=",
                    Style::SingleQuoted => "'",
                    Style::DoubleQuoted => "\"",
                    Style::Literal => "|",
                    Style::Folded => ">",
                };
                format!("{}{mark}{}", properties(of), text.escape_debug())
            }
            EventKind::SequenceStart(of) => format!("{}[", properties(of)),
            EventKind::SequenceEnd => "]".to_owned(),
            EventKind::MappingStart(of) => format!("{}{{", properties(of)),
            EventKind::MappingEnd => "}".to_owned(),
        });
    }
}

/// Returns the events of a single document, without its start and end.
fn document(text: &str) -> String {
    let all = events(text).unwrap_or_else(|error| panic!("{text:?}: {error:?}"));
    let inner = all.strip_prefix("- ").or_else(|| all.strip_prefix("--- "));
    inner.and_then(|inner| inner.strip_suffix(" ...")).unwrap_or(&all).to_owned()
}

/// Returns the message of the error with its line and column.
fn error(text: &str) -> String {
    let error = events(text).expect_err(text);
    format!("{}:{} {}", error.at.line, error.at.column, error.message)
}
