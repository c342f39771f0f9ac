//! Which program a command line starts: Celery's worker, something else, or what nobody can
//! read here. Shells and wrappers are looked through.

use super::celery;
use super::celery::Worker;
use super::expand::Environment;
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
const BUILTINS: [&str; 13] = [
    "cd", "export", "set", "unset", "umask", "ulimit", "mkdir", "wait", "trap", "test", "[",
    "exit", ":",
];

/// A program that a command starts.
#[derive(Debug)]
pub(super) enum Program {
    /// Celery's worker, with its options.
    Worker(Box<Worker>),
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
        word.is_known && (SHELLS.contains(&name) || name == "celery" || name == "nautobot-server")
    };
    let Some(start) = words.iter().position(known) else {
        let what = first.map(|word| word.text.as_str()).unwrap_or_default();
        let is_named = first.is_some_and(|word| word.is_known);
        let what = if is_named { what } else { "a program that is not known" };
        return unread(&["it starts ", &short(what)].concat());
    };
    let line = words.get(start..).unwrap_or_default();
    let Some((program, rest)) = line.split_first() else { return Vec::new() };
    match program.program() {
        "celery" => vec![celery::read(rest, None)],
        "nautobot-server" => vec![nautobot_server(rest)],
        _ if depth >= DEEPEST => unread("too many shells are in one another"),
        _ => in_shell(rest, environment, depth).unwrap_or_else(|| unread("it starts a script")),
    }
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
    let commands = shell::commands(script, arguments, environment);
    let mut workers = Vec::new();
    let mut others = Vec::new();
    for program in commands.iter().flat_map(|words| programs(words, environment, depth + 1)) {
        match program {
            Program::Worker(_) => workers.push(program),
            Program::Other { .. } | Program::Unread { .. } => others.push(program),
        }
    }
    if !workers.is_empty() {
        return Some(workers);
    }
    // One that cannot be read may start a worker, whatever else runs.
    let unread = others.iter().position(|program| matches!(program, Program::Unread { .. }));
    let index = unread.unwrap_or(others.len().saturating_sub(1));
    (index < others.len()).then(|| vec![others.swap_remove(index)])
}
