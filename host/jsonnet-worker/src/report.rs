//! Builds the findings of this crate: file, line, stack trace and hint.

use std::sync::Arc;

use site_render::disclosure::{HIDDEN, clip_text};
use site_render::finding::{Code, Fault, Finding};
use site_render::origin::{Location, Position, SourceFile};
use worker_process::WorkerExit;

use crate::codes;
use crate::failure::{Failure, FailureKind, MESSAGE, STEPS, TraceStep};
use crate::limits::Limits;

/// A limit: its description, and its key in the limits file.
pub(crate) type Limit = (&'static str, &'static str);

pub(crate) const IMPORTS: Limit = ("imported files", "imports");
pub(crate) const IMPORT_BYTES: Limit = ("bytes of imported files", "importBytes");
const TIME: Limit = ("milliseconds of time", "milliseconds");
const MEMORY: Limit = ("bytes of memory", "memoryBytes");
const DEPTH: Limit = ("nested calls", "stackDepth");
const OUTPUT: Limit = ("bytes of JSON", "outputBytes");

/// The message in place of one that may repeat a secret.
const NOT_SHOWN: &str =
    "evaluation fails; the message is not shown, because it may repeat a secret of its files";

/// The code of every limit.
const LIMIT: &Code = &codes::JSONNET_LIMIT;

/// Returns the finding for an exceeded limit.
pub(crate) fn limit_finding(
    file: &Arc<SourceFile>,
    (what, key): Limit,
    limits: &Limits,
) -> Finding {
    let number = match key {
        "milliseconds" => limits.milliseconds,
        "memoryBytes" => limits.memory_bytes,
        "stackDepth" => limits.stack_depth as u64,
        "outputBytes" => limits.output_bytes,
        "imports" => limits.imports as u64,
        _ => limits.import_bytes,
    };
    let message = format!("{} takes more than {number} {what}", file.name);
    LIMIT
        .finding(message)
        .at(start_of(file))
        .hint(format!("fix the recursion or list that grows without end; the operator can raise jsonnet.{key} in the limits file"))
}

/// Returns the finding for a refused import.
pub(crate) fn import_finding(import: &str, why: &str) -> Finding {
    let message = format!("`{}` cannot be imported: {why}", escape_text(import));
    codes::JSONNET_IMPORT
        .finding(message)
        .hint("an import is relative to its file's folder and must stay in the fleet")
}

/// Finds the place of an import in a file's text.
pub(crate) fn place_of_import(file: &Arc<SourceFile>, import: &str) -> Location {
    let quoted = ['"', '\''].map(|quote| format!("{quote}{import}{quote}"));
    let found = quoted.iter().find_map(|text| file.text.find(text.as_str()));
    Location { file: file.clone(), at: position_of(&file.text, found.unwrap_or_default()) }
}

/// Returns the finding for a failure that a worker reported. `files` are those of its evaluation,
/// the document first.
pub(crate) fn failure_finding(
    failure: &Failure,
    files: &[&Arc<SourceFile>],
    limits: &Limits,
) -> Finding {
    let file = files[0];
    let place = |step: &TraceStep| {
        let (name, offset) = step.at.as_ref()?;
        let file = files.iter().find(|file| file.name == *name)?;
        let at = position_of(&file.text, *offset as usize);
        Some(Location { file: (*file).clone(), at })
    };
    let first = failure.trace.iter().find_map(place).unwrap_or_else(|| start_of(file));
    let may_show = |text: &str| may_show(text, files);
    let message = if failure.computed.as_deref().is_none_or(may_show) {
        escape_text(&failure.message)
    } else {
        NOT_SHOWN.to_owned()
    };
    let trace = format_trace(failure, place, may_show);
    let finding = match failure.kind {
        FailureKind::Syntax => codes::JSONNET_SYNTAX.finding(message),
        FailureKind::Evaluate => codes::JSONNET_EVALUATE.finding(message),
        FailureKind::Import => codes::JSONNET_IMPORT.finding(message),
        FailureKind::Depth => limit_finding(file, DEPTH, limits),
        FailureKind::Output => limit_finding(file, OUTPUT, limits),
    };
    let finding = if failure.kind == FailureKind::Output { finding } else { finding.at(first) };
    match (trace, finding.hint.clone()) {
        (Some(trace), None) => finding.hint(trace),
        (None, None) if failure.kind == FailureKind::Syntax => {
            finding.hint("fix the Jsonnet syntax here")
        }
        (None, None) => finding.hint(format!("evaluated for {}", file.name)),
        _ => finding,
    }
}

/// Returns whether a text that a document computed may be shown: no file has a secret, or one has
/// the text outside of its secrets. Any other may be a secret in another form: joined, decoded,
/// in capital letters.
fn may_show(text: &str, files: &[&Arc<SourceFile>]) -> bool {
    !files.iter().any(|file| file.has_secrets()) || files.iter().any(|file| file.shows(text))
}

/// Formats the stack trace.
fn format_trace(
    failure: &Failure,
    place: impl Fn(&TraceStep) -> Option<Location>,
    may_show: impl Fn(&str) -> bool,
) -> Option<String> {
    let describe = |what: &str| {
        let name = what.split_once('<').and_then(|(_, name)| Some(name.rsplit_once('>')?.0));
        match name.filter(|name| !may_show(name)) {
            Some(name) => describe_step(&what.replace(name, HIDDEN)),
            None => describe_step(what),
        }
    };
    let described: Vec<&TraceStep> =
        failure.trace.iter().filter(|step| !step.what.is_empty()).collect();
    let steps: Vec<String> = described
        .iter()
        .take(STEPS)
        .map(|step| match place(step) {
            Some(place) => format!("{} at {place}", describe(&step.what)),
            None => describe(&step.what),
        })
        .collect();
    let more = match failure.more + described.len() - steps.len() {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    (!steps.is_empty()).then(|| format!("the trace: {}{more}", steps.join(", ")))
}

/// Describes a step, without the evaluator's internal terms.
fn describe_step(what: &str) -> String {
    let what = what.strip_suffix(" manifestification").unwrap_or(what);
    escape_text(what.strip_suffix(" evaluation").unwrap_or(what))
}

/// Returns the finding for a worker that ended without an answer.
pub(crate) fn exit_finding(end: WorkerExit, file: &Arc<SourceFile>, limits: &Limits) -> Finding {
    match end {
        WorkerExit::Memory => limit_finding(file, MEMORY, limits),
        WorkerExit::Stack => limit_finding(file, DEPTH, limits),
        WorkerExit::Time => limit_finding(file, TIME, limits),
        // Its last words name the place in its own source code, which helps no reader.
        WorkerExit::Crashed(_words) => codes::JSONNET_BROKEN
            .finding(format!("the evaluator crashed on an expression of {}", file.name))
            .at(start_of(file))
            .hint("write the expression in another way; the process was replaced"),
        WorkerExit::Environment(why) => worker_finding(&why),
    }
}

/// Returns the finding for a worker that could not be started.
pub(crate) fn worker_finding(why: &str) -> Finding {
    let message = format!("the process that evaluates Jsonnet failed: {}", escape_text(why));
    codes::JSONNET_WORKER.finding(message).blame(Fault::Environment).hint(
        "check that the program can start itself and that jsonnet.memoryBytes leaves room for it",
    )
}

/// Returns the finding for a result that is not a valid document.
pub(crate) fn unreadable_finding(file: &Arc<SourceFile>, why: &str) -> Finding {
    let message =
        format!("the result of {} is not a valid document: {}", file.name, escape_text(why));
    codes::JSONNET_LIMIT
        .finding(message)
        .at(start_of(file))
        .hint("a document may have at most 127 levels")
}

fn start_of(file: &Arc<SourceFile>) -> Location {
    Location { file: file.clone(), at: Position { line: 1, column: 1 } }
}

/// Returns the line and column of a byte offset.
fn position_of(text: &str, offset: usize) -> Position {
    let before = &text[..text.floor_char_boundary(offset)];
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let count = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
    Position {
        line: count(before.matches('\n').count()),
        column: count(before[line..].chars().count()),
    }
}

/// Makes untrusted text safe within a sentence: on one line, escaped, shortened and without secrets.
fn escape_text(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown = String::new();
    for c in clip_text(&words, MESSAGE).chars() {
        if c.is_control() { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

#[cfg(test)]
mod tests;
