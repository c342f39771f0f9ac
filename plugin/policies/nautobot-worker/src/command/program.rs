//! Finds the programs that a command line starts: Celery's worker, another program, or one that
//! cannot be evaluated. Shells and wrappers are followed to the program that they start.

use super::celery;
use super::celery::{BrokerOverride, WorkerCommand};
use super::expand::Environment;
use super::prefix::Prefix;
use super::shell;
use super::words::Word;
use crate::short::shorten;

/// The deepest shells within shells that are followed.
const MAX_DEPTH: usize = 4;
/// Names of shells, also as an argument of busybox.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "zsh", "ksh"];
/// Programs that never serve a queue, whatever their arguments.
const IDLE: [&str; 8] = ["sleep", "tail", "cat", "true", "false", "echo", "printf", "pause"];

/// Commands of a shell that start nothing.
const BUILTINS: [&str; 20] = [
    "cd",
    "export",
    "set",
    "unset",
    "umask",
    "ulimit",
    "mkdir",
    "wait",
    "trap",
    "test",
    "[",
    "[[",
    "exit",
    "return",
    ":",
    "read",
    "shift",
    "getopts",
    "mapfile",
    "readarray",
];
/// Programs that add arguments of their own to the program they start.
const ADDING: [&str; 2] = ["xargs", "parallel"];

/// A program that a command starts.
#[derive(Debug)]
pub(super) enum Program {
    /// Celery's worker, with its options.
    Worker(Box<WorkerCommand>),
    /// Celery's scheduler.
    Beat { place: Option<String> },
    /// A program that serves no queue.
    Other { what: String, place: Option<String> },
    /// A program that may serve a queue.
    Unread { why: String, place: Option<String> },
}

/// Returns the workers that a command line starts, or the program that it starts instead.
pub(super) fn find_programs(
    words: &[Word],
    environment: &Environment<'_>,
    depth: usize,
) -> Vec<Program> {
    let place = words.iter().find_map(Word::place);
    let unread = |why: &str| vec![Program::Unread { why: why.to_owned(), place: place.clone() }];
    let first = words
        .iter()
        .find(|word| shell::split_assignment(&word.text).is_none() && word.text != "exec");
    if let Some(first) = first.filter(|word| word.is_known && IDLE.contains(&word.program_name())) {
        return vec![Program::Other { what: shorten(&first.text).into_owned(), place }];
    }
    if first.is_some_and(|word| depth > 0 && BUILTINS.contains(&&*word.text)) {
        return Vec::new();
    }
    let known = |word: &Word| {
        let name = word.program_name();
        is_shell(word) || (word.is_known && matches!(name, "celery" | "nautobot-server"))
    };
    let Some(start) = words.iter().position(known) else {
        let what = first.map(|word| word.text.as_str()).unwrap_or_default();
        let is_named = first.is_some_and(|word| word.is_known);
        let what = if is_named { what } else { "an unknown program" };
        return unread(&["it starts ", &shorten(what)].concat());
    };
    let (before, line) = words.split_at(start);
    if let Some(adding) = before.iter().find(|word| ADDING.contains(&word.program_name())) {
        return unread(&[adding.program_name(), " adds arguments to it"].concat());
    }
    let Some((program, rest)) = line.split_first() else { return Vec::new() };
    let mut prefix = Prefix::read(before);
    let broker = prefix.broker.take();
    let mut programs = match program.program_name() {
        "celery" => vec![celery::parse_command(rest, None)],
        "nautobot-server" => vec![read_nautobot_server(rest)],
        _ if depth >= MAX_DEPTH => unread("too many shells are nested"),
        _ => read_shell(rest, &prefix.apply_to(environment), depth)
            .unwrap_or_else(|| unread("it starts a script")),
    };
    set_broker(&mut programs, broker.as_ref());
    programs
}

/// Sets the broker of workers whose own command lines do not set one.
fn set_broker(programs: &mut [Program], broker: Option<&BrokerOverride>) {
    for program in programs {
        if let Program::Worker(worker) = program {
            worker.broker = worker.broker.take().or_else(|| broker.cloned());
        }
    }
}

/// Returns whether a word is the name of a shell.
pub(super) fn is_shell(word: &Word) -> bool {
    word.is_known && SHELLS.contains(&word.program_name())
}

/// Parses the words after `nautobot-server`. `nautobot-server celery ARGUMENTS` passes the
/// arguments to Celery, but itself reads `-c` and `--config-path` anywhere among them
/// (nautobot/core/cli/__init__.py and nautobot/core/management/commands/celery.py of 3.1.8;
/// verified by running it).
fn read_nautobot_server(words: &[Word]) -> Program {
    let place = words.iter().find_map(Word::place);
    let end = words.iter().position(|word| word.text == "--").unwrap_or(words.len());
    let options = words.get(..end).unwrap_or_default();
    let config = options.iter().find(|word| {
        let long = word.text.split('=').next().unwrap_or_default();
        (word.text.starts_with("-c") && !word.text.starts_with("--"))
            || (long.len() > "--con".len() && "--config-path".starts_with(long))
    });
    if let Some(at) = words.iter().position(|word| word.is_known && word.text == "celery") {
        return celery::parse_command(words.get(at + 1..).unwrap_or_default(), config);
    }
    match words.iter().find(|word| !word.text.starts_with('-')) {
        Some(word) if word.is_known => {
            Program::Other { what: ["nautobot-server ", &shorten(&word.text)].concat(), place }
        }
        _ => Program::Unread { why: "it starts nautobot-server".to_owned(), place },
    }
}

/// Returns the programs of `sh -c SCRIPT ARGUMENTS`, or `None` for a script in a file.
fn read_shell(words: &[Word], environment: &Environment<'_>, depth: usize) -> Option<Vec<Program>> {
    let mut rest = words;
    loop {
        let (word, after) = rest.split_first()?;
        let text = word.text.as_str();
        if !word.is_known || !text.starts_with(['-', '+']) {
            return None;
        }
        let is_long = text.starts_with("--");
        rest = if !is_long && text.ends_with('o') { after.get(1..)? } else { after };
        if !is_long && text.contains('c') {
            break;
        }
    }
    let is_end = rest.first().is_some_and(|word| word.text == "--");
    let (script, arguments) = rest.get(usize::from(is_end)..)?.split_first()?;
    let mut workers = Vec::new();
    let mut others = Vec::new();
    for command in shell::parse_script(script, arguments, environment) {
        let inner = environment.with_changes(command.exported, false);
        let mut programs = find_programs(&command.words, &inner, depth + 1);
        let broker = command.broker.map(|(what, url)| BrokerOverride { what, url });
        set_broker(&mut programs, broker.as_ref());
        for program in programs {
            match program {
                Program::Worker(_) | Program::Beat { .. } => workers.push(program),
                Program::Other { .. } | Program::Unread { .. } => others.push(program),
            }
        }
    }
    // A scheduler beside an unknown program may still run beside a worker.
    if workers.iter().any(|program| matches!(program, Program::Worker(_))) {
        return Some(workers);
    }
    // A program that cannot be evaluated may start a worker, whatever else runs.
    let unread = others.iter().position(|program| matches!(program, Program::Unread { .. }));
    let index = unread.unwrap_or(others.len().saturating_sub(1));
    if index < others.len() {
        workers.push(others.swap_remove(index));
    }
    (!workers.is_empty()).then_some(workers)
}
