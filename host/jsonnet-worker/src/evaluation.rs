//! Evaluates one file from a fresh state and returns JSON.
//!
//! Only the standard library is available: no external variables, native functions or top-level
//! arguments. `std.trace` prints nothing.

use std::cell::RefCell;
use std::rc::Rc;

use jrsonnet_evaluator::error::{Error, ErrorKind};
use jrsonnet_evaluator::manifest::JsonFormat;
use jrsonnet_evaluator::stack::limit_stack_depth;
use jrsonnet_evaluator::{Span, State};
use jrsonnet_gcmodule::collect_thread_cycles;
use site_render::disclosure::clip_text;

use crate::failure::{Failure, FailureKind, MESSAGE, STEPS, TraceStep};
use crate::imports::{self, ImportRequests};
use crate::library::Library;
use crate::worker::{Channel, EvaluationBudget};

/// Evaluates a file to JSON.
pub(crate) fn evaluate(
    channel: &Rc<RefCell<Channel>>,
    name: &[u8],
    content: Vec<u8>,
    budget: EvaluationBudget,
) -> Result<String, Failure> {
    let name = String::from_utf8_lossy(name);
    let outcome =
        evaluate_file(ImportRequests::new(channel.clone(), &name, content), &name, budget);
    // Frees values in reference cycles, which reference counting alone does not.
    collect_thread_cycles();
    outcome
}

fn evaluate_file(
    files: ImportRequests,
    name: &str,
    budget: EvaluationBudget,
) -> Result<String, Failure> {
    let mut builder = State::builder();
    builder.import_resolver(files).context_initializer(Library::new());
    let state = builder.build();
    let _entered = state.enter();
    let _depth = limit_stack_depth(budget.depth);
    let json = state
        .import_resolved(imports::source_path(name))
        .and_then(|value| value.manifest(JsonFormat::minify()))
        .map_err(|error| to_failure(&error))?;
    if json.len() as u64 > budget.output {
        let message = format!("it evaluates to {} bytes of JSON", json.len());
        let kind = FailureKind::Output;
        return Err(Failure { kind, message, computed: None, trace: Vec::new(), more: 0 });
    }
    Ok(json)
}

fn to_failure(error: &Error) -> Failure {
    let (kind, message) = match error.error() {
        ErrorKind::ImportSyntaxError { error, .. } => (FailureKind::Syntax, error.message.clone()),
        ErrorKind::StaticAnalysisError(found) => {
            let message: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
            (FailureKind::Syntax, message.join("; "))
        }
        ErrorKind::StackOverflow => (FailureKind::Depth, "nested calls".to_owned()),
        ErrorKind::ImportBadFileUtf8(path) => {
            (FailureKind::Import, format!("{} is not UTF-8", imports::file_name(path)))
        }
        ErrorKind::RuntimeError(message) => (FailureKind::Evaluate, message.to_string()),
        other => (FailureKind::Evaluate, other.to_string()),
    };
    let mut steps: Vec<TraceStep> = match error.error() {
        ErrorKind::StaticAnalysisError(found) => {
            found.iter().map(|found| to_step(found.span.as_ref(), "")).collect()
        }
        ErrorKind::ImportSyntaxError { error, .. } => vec![to_step(Some(&error.location), "")],
        _ => Vec::new(),
    };
    let trace = error.trace().0.iter();
    steps.extend(trace.map(|element| to_step(element.location.as_ref(), &element.desc)));
    steps.dedup_by(|later, earlier| later.at.is_some() && later.at == earlier.at);
    let more = steps.len().saturating_sub(STEPS + 1);
    steps.truncate(STEPS + 1);
    // The files are searched for it, so it has no mark.
    let computed = computed_part(error.error(), &message)
        .map(|text| clip_text(text, MESSAGE).trim_end_matches('…').to_owned());
    Failure { kind, message: clip_text(&message, MESSAGE), computed, trace: steps, more }
}

/// Returns the part of a message that the document computed.
fn computed_part<'e>(error: &'e ErrorKind, message: &'e str) -> Option<&'e str> {
    match error {
        ErrorKind::AssertionFailed(text) | ErrorKind::RuntimeError(text) => Some(text),
        ErrorKind::NoSuchField(name, _)
        | ErrorKind::DuplicateFieldName(name)
        | ErrorKind::AttemptedIndexAnArrayWithString(name)
        | ErrorKind::UndefinedExternalVariable(name)
        | ErrorKind::IntrinsicNotFound(name) => Some(name),
        ErrorKind::ConvertNumValue(_)
        | ErrorKind::Format(_)
        | ErrorKind::InvalidUnicodeCodepointGot(_) => Some(message),
        _ => None,
    }
}

fn to_step(span: Option<&Span>, what: &str) -> TraceStep {
    let at =
        span.map(|Span(source, offset, _)| (imports::file_name(source.source_path()), *offset));
    TraceStep { at, what: clip_text(what, MESSAGE) }
}
