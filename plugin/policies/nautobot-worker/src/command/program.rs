//! Which program a command line starts: Celery's worker, something else, or what nobody can
//! read here. Shells and wrappers are looked through.

use super::celery;
use super::celery::{Broker, Worker};
use super::expand::Environment;
use super::prefix::Prefix;
use super::shell;
use super::words::Word;
use crate::short::short;

/// How many shells within shells are looked through.
const DEEPEST: usize = 4;
/// Shells, also as a word of busybox.
const SHELLS: [&str; 6] = ["sh", "bash", "dash", "ash", "zsh", "ksh"];
/// Programs that are known to serve no queue, whatever their arguments.
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
    Worker(Box<Worker>),
    /// Celery's scheduler.
    Beat { place: Option<String> },
    /// Something that serves no queue.
    Other { what: String, place: Option<String> },
    /// Something that may or may not.
    Unread { why: String, place: Option<String> },
}

/// Returns the workers that a command line starts; where it starts none, what it is instead.
pub(super) fn programs(
    words: &[Word],
    environment: &Environment<'_>,
    depth: usize,
) -> Vec<Program> {
    let place = words.iter().find_map(Word::place);
    let unread = |why: &str| vec![Program::Unread { why: why.to_owned(), place: place.clone() }];
    let first =
        words.iter().find(|word| shell::assignment(&word.text).is_none() && word.text != "exec");
    if let Some(first) = first.filter(|word| word.is_known && IDLE.contains(&word.program())) {
        return vec![Program::Other { what: short(&first.text).into_owned(), place }];
    }
    if first.is_some_and(|word| depth > 0 && BUILTINS.contains(&&*word.text)) {
        return Vec::new();
    }
    let known = |word: &Word| {
        let name = word.program();
        is_shell(word) || (word.is_known && matches!(name, "celery" | "nautobot-server"))
    };
    let Some(start) = words.iter().position(known) else {
        let what = first.map(|word| word.text.as_str()).unwrap_or_default();
        let is_named = first.is_some_and(|word| word.is_known);
        let what = if is_named { what } else { "a program that is not known" };
        return unread(&["it starts ", &short(what)].concat());
    };
    let (before, line) = words.split_at(start);
    if let Some(adding) = before.iter().find(|word| ADDING.contains(&word.program())) {
        return unread(&[adding.program(), " gives it arguments"].concat());
    }
    let Some((program, rest)) = line.split_first() else { return Vec::new() };
    let mut prefix = Prefix::read(before);
    let broker = prefix.broker.take();
    let mut found = match program.program() {
        "celery" => vec![celery::read(rest, None)],
        "nautobot-server" => vec![nautobot_server(rest)],
        _ if depth >= DEEPEST => unread("too many shells are in one another"),
        _ => in_shell(rest, &prefix.environment(environment), depth)
            .unwrap_or_else(|| unread("it starts a script")),
    };
    give_broker(&mut found, broker.as_ref());
    found
}

/// Gives workers a broker that their own command lines do not name.
fn give_broker(programs: &mut [Program], broker: Option<&Broker>) {
    for program in programs {
        if let Program::Worker(worker) = program {
            worker.broker = worker.broker.take().or_else(|| broker.cloned());
        }
    }
}

/// Returns whether a word is the name of a shell.
pub(super) fn is_shell(word: &Word) -> bool {
    word.is_known && SHELLS.contains(&word.program())
}

/// Reads the words behind `nautobot-server`: `celery ARGUMENTS` passes the arguments to Celery, and reads `-c` and
/// `--config-path` anywhere among them itself (nautobot/core/cli/__init__.py and
/// nautobot/core/management/commands/celery.py, 3.1.8; run).
fn nautobot_server(words: &[Word]) -> Program {
    let place = words.iter().find_map(Word::place);
    let end = words.iter().position(|word| word.text == "--").unwrap_or(words.len());
    let options = words.get(..end).unwrap_or_default();
    let config = options.iter().find(|word| {
        let long = word.text.split('=').next().unwrap_or_default();
        (word.text.starts_with("-c") && !word.text.starts_with("--"))
            || (long.len() > "--con".len() && "--config-path".starts_with(long))
    });
    if let Some(at) = words.iter().position(|word| word.is_known && word.text == "celery") {
        return celery::read(words.get(at + 1..).unwrap_or_default(), config);
    }
    match words.iter().find(|word| !word.text.starts_with('-')) {
        Some(word) if word.is_known => {
            Program::Other { what: ["nautobot-server ", &short(&word.text)].concat(), place }
        }
        _ => Program::Unread { why: "it starts nautobot-server".to_owned(), place },
    }
}

/// Returns the programs of `sh -c SCRIPT ARGUMENTS`; none for a script in a file.
fn in_shell(words: &[Word], environment: &Environment<'_>, depth: usize) -> Option<Vec<Program>> {
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
    for command in shell::commands(script, arguments, environment) {
        let inner = environment.with(command.exported, false);
        let mut found = programs(&command.words, &inner, depth + 1);
        let broker = command.broker.map(|(what, url)| Broker { what, url });
        give_broker(&mut found, broker.as_ref());
        for program in found {
            match program {
                Program::Worker(_) | Program::Beat { .. } => workers.push(program),
                Program::Other { .. } | Program::Unread { .. } => others.push(program),
            }
        }
    }
    // A scheduler beside something that is not known may be beside a worker.
    if workers.iter().any(|program| matches!(program, Program::Worker(_))) {
        return Some(workers);
    }
    // One that cannot be read may start a worker, whatever else runs.
    let unread = others.iter().position(|program| matches!(program, Program::Unread { .. }));
    let index = unread.unwrap_or(others.len().saturating_sub(1));
    if index < others.len() {
        workers.push(others.swap_remove(index));
    }
    (!workers.is_empty()).then_some(workers)
}
