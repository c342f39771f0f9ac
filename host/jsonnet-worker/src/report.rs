//! What went wrong, for a person: the file, the line, what led there, and what to do.

use std::sync::Arc;

use site_render::finding::{Code, Fault, Finding};
use site_render::origin::{Place, Position, SourceFile};

use crate::codes;
use crate::failure::{Failure, Kind, MESSAGE, STEPS, Step};
use crate::limits::Limits;
use crate::process::End;

/// A limit: what it is of, and its key in the operator's file.
pub(crate) type Limit = (&'static str, &'static str);

pub(crate) const IMPORTS: Limit = ("files that it imports", "imports");
pub(crate) const IMPORT_BYTES: Limit = ("bytes of files that it imports", "importBytes");
const TIME: Limit = ("milliseconds of time", "milliseconds");
const MEMORY: Limit = ("bytes of memory", "memoryBytes");
const DEPTH: Limit = ("calls within calls", "stackDepth");
const OUTPUT: Limit = ("bytes of JSON", "outputBytes");

/// The code of every limit.
const LIMIT: &Code = &codes::JSONNET_LIMIT;

/// A limit was met.
pub(crate) fn over(file: &Arc<SourceFile>, (what, key): Limit, limits: &Limits) -> Finding {
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
        .at(start(file))
        .hint(format!("mend what grows without end; the operator's limit is jsonnet.{key}"))
}

/// Something that may not be imported.
pub(crate) fn no_import(import: &str, why: &str) -> Finding {
    let message = format!("`{}` cannot be imported: {why}", plain(import));
    codes::JSONNET_IMPORT
        .finding(message)
        .hint("an import starts from its file's own folder and stays in the fleet")
}

/// Where a file imports something, as far as its text tells.
pub(crate) fn place_of_import(file: &Arc<SourceFile>, import: &str) -> Place {
    let quoted = ['"', '\''].map(|quote| format!("{quote}{import}{quote}"));
    let found = quoted.iter().find_map(|text| file.text.find(text.as_str()));
    Place { file: file.clone(), at: position(&file.text, found.unwrap_or_default()) }
}

/// What a worker said instead of a result; `text` gives the files of its evaluation.
pub(crate) fn failure<'a>(
    failure: &Failure,
    file: &'a Arc<SourceFile>,
    limits: &Limits,
    text: impl Fn(&str) -> Option<&'a Arc<SourceFile>>,
) -> Finding {
    let place = |step: &Step| {
        let (name, offset) = step.at.as_ref()?;
        let file = text(name)?.clone();
        let at = position(&file.text, *offset as usize);
        Some(Place { file, at })
    };
    let first = failure.trace.iter().find_map(place).unwrap_or_else(|| start(file));
    let said = plain(&failure.message);
    let trace = traced(failure, place);
    let finding = match failure.kind {
        Kind::Syntax => codes::JSONNET_SYNTAX.finding(said),
        Kind::Evaluate => codes::JSONNET_EVALUATE.finding(said),
        Kind::Import => codes::JSONNET_IMPORT.finding(said),
        Kind::Depth => over(file, DEPTH, limits),
        Kind::Output => over(file, OUTPUT, limits),
    };
    let finding = if failure.kind == Kind::Output { finding } else { finding.at(first) };
    match (trace, finding.hint.clone()) {
        (Some(trace), None) => finding.hint(trace),
        (None, None) if failure.kind == Kind::Syntax => finding.hint("Jsonnet does not read it"),
        (None, None) => finding.hint(format!("evaluated for {}", file.name)),
        _ => finding,
    }
}

/// The steps that led to where it went wrong.
fn traced(failure: &Failure, place: impl Fn(&Step) -> Option<Place>) -> Option<String> {
    let told: Vec<&Step> = failure.trace.iter().filter(|step| !step.what.is_empty()).collect();
    let steps: Vec<String> = told
        .iter()
        .take(STEPS)
        .map(|step| match place(step) {
            Some(place) => format!("{} at {place}", did(&step.what)),
            None => did(&step.what),
        })
        .collect();
    let more = match failure.more + told.len() - steps.len() {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    (!steps.is_empty()).then(|| format!("the trace: {}{more}", steps.join(", ")))
}

/// What was done in a step, without the evaluator's own words for its phases.
fn did(what: &str) -> String {
    let what = what.strip_suffix(" manifestification").unwrap_or(what);
    plain(what.strip_suffix(" evaluation").unwrap_or(what))
}

/// A worker that ended without an answer.
pub(crate) fn ended(end: End, file: &Arc<SourceFile>, limits: &Limits) -> Finding {
    match end {
        End::Memory => over(file, MEMORY, limits),
        End::Stack => over(file, DEPTH, limits),
        End::Time => over(file, TIME, limits),
        End::Broken(words) => {
            let message = format!("the evaluator broke on {}: {}", file.name, plain(&words));
            codes::JSONNET_BROKEN
                .finding(message)
                .at(start(file))
                .hint("write it in another way; the process that evaluates was replaced")
        }
        End::Machine(why) => no_worker(&why),
    }
}

/// No worker could be had.
pub(crate) fn no_worker(why: &str) -> Finding {
    let message = format!("the process that evaluates Jsonnet failed: {}", plain(why));
    codes::JSONNET_WORKER.finding(message).blame(Fault::Environment).hint(
        "check that the program can start itself and that jsonnet.memoryBytes leaves room for it",
    )
}

/// A result that is no document.
pub(crate) fn unreadable(file: &Arc<SourceFile>, why: &str) -> Finding {
    let message = format!("what {} comes to cannot be read: {}", file.name, plain(why));
    LIMIT.finding(message).at(start(file)).hint("a document has at most 127 levels")
}

fn start(file: &Arc<SourceFile>) -> Place {
    Place { file: file.clone(), at: Position { line: 1, column: 1 } }
}

/// Where in a text a byte stands.
fn position(text: &str, offset: usize) -> Position {
    let before = &text[..text.floor_char_boundary(offset)];
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let count = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
    Position {
        line: count(before.matches('\n').count()),
        column: count(before[line..].chars().count()),
    }
}

/// A stranger's text within a sentence: on one line, cut where it becomes long.
fn plain(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown = String::new();
    for (at, c) in words.chars().enumerate() {
        if at == MESSAGE {
            shown.push('…');
            break;
        }
        if c.is_control() { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

#[cfg(test)]
mod tests;
