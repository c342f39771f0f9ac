//! One evaluation, from a fresh state: text in, JSON out.
//!
//! There is the standard library, and nothing beside it: no external variables, no native
//! functions, no top-level arguments. What `std.trace` says goes nowhere.

use std::cell::RefCell;
use std::rc::Rc;

use jrsonnet_evaluator::error::{Error, ErrorKind};
use jrsonnet_evaluator::function::CallLocation;
use jrsonnet_evaluator::manifest::JsonFormat;
use jrsonnet_evaluator::stack::limit_stack_depth;
use jrsonnet_evaluator::trace::PathResolver;
use jrsonnet_evaluator::{IStr, Span, State};
use jrsonnet_gcmodule::{Acyclic, collect_thread_cycles};
use jrsonnet_stdlib::{ContextInitializer, TracePrinter};

use crate::failure::{Failure, Kind, MESSAGE, STEPS, Step};
use crate::imports::{self, Asked};
use crate::worker::{Budget, Channel};

/// Hears what `std.trace` says.
#[derive(Acyclic)]
struct Nobody;

impl TracePrinter for Nobody {
    fn print_trace(&self, _: CallLocation<'_>, _: IStr) {}
}

/// The JSON that a file comes to.
pub(crate) fn evaluate(
    channel: &Rc<RefCell<Channel>>,
    name: &[u8],
    content: Vec<u8>,
    budget: Budget,
) -> Result<String, Failure> {
    let name = String::from_utf8_lossy(name);
    let outcome = run(Asked::new(channel.clone(), &name, content), &name, budget);
    // What refers to itself goes only so.
    collect_thread_cycles();
    outcome
}

fn run(files: Asked, name: &str, budget: Budget) -> Result<String, Failure> {
    let library = ContextInitializer::new(PathResolver::Absolute);
    library.settings_mut().trace_printer = Rc::new(Nobody);
    let mut builder = State::builder();
    builder.import_resolver(files).context_initializer(library);
    let state = builder.build();
    let _entered = state.enter();
    let _depth = limit_stack_depth(budget.depth);
    let json = state
        .import_resolved(imports::path(name))
        .and_then(|value| value.manifest(JsonFormat::minify()))
        .map_err(|error| failure(&error))?;
    if json.len() as u64 > budget.output {
        let message = format!("it comes to {} bytes of JSON", json.len());
        return Err(Failure { kind: Kind::Output, message, trace: Vec::new(), more: 0 });
    }
    Ok(json)
}

fn failure(error: &Error) -> Failure {
    let (kind, said) = match error.error() {
        ErrorKind::ImportSyntaxError { error, .. } => (Kind::Syntax, error.message.clone()),
        ErrorKind::StaticAnalysisError(found) => {
            let said: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
            (Kind::Syntax, said.join("; "))
        }
        ErrorKind::StackOverflow => (Kind::Depth, "calls within calls".to_owned()),
        ErrorKind::ImportBadFileUtf8(path) => {
            (Kind::Import, format!("{} is not UTF-8", imports::name(path)))
        }
        ErrorKind::RuntimeError(said) => (Kind::Evaluate, said.to_string()),
        other => (Kind::Evaluate, other.to_string()),
    };
    let mut steps: Vec<Step> = match error.error() {
        ErrorKind::StaticAnalysisError(found) => {
            found.iter().map(|found| step(found.span.as_ref(), "")).collect()
        }
        ErrorKind::ImportSyntaxError { error, .. } => vec![step(Some(&error.location), "")],
        _ => Vec::new(),
    };
    let trace = error.trace().0.iter();
    steps.extend(trace.map(|element| step(element.location.as_ref(), &element.desc)));
    steps.dedup_by(|later, earlier| later.at.is_some() && later.at == earlier.at);
    let more = steps.len().saturating_sub(STEPS + 1);
    steps.truncate(STEPS + 1);
    Failure { kind, message: cut(&said), trace: steps, more }
}

fn step(span: Option<&Span>, what: &str) -> Step {
    let at = span.map(|Span(source, offset, _)| (imports::name(source.source_path()), *offset));
    Step { at, what: cut(what) }
}

/// As much of a text as is told.
fn cut(text: &str) -> String {
    text.chars().take(MESSAGE + 1).collect()
}
