//! The table of attacks: what each sends, and the answer that the server owes for it.

mod archives;
mod callers;
mod expansion;
mod findings;
mod growth;
mod helm;
mod policies;
mod schemas;
mod secrets;

pub use callers::SHORT as SHORT_LIMITS;
pub use schemas::hostile_schemas;

use std::path::Path;

use futures_util::future::join_all;

use super::call::{Answer, Call};
use super::fleet::HostileFleet;
use super::streams::{Misuse, hold_connections, open_calls, open_connections};

/// Words that only the sources and the systems of whoever built the server have.
const PLACES: [&str; 3] = ["panicked at", ".rs:", "/registry/"];

/// One recipe of an attack.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The number of its kind.
    pub kind: u8,
    /// Its name, unique among all.
    pub name: &'static str,
    /// Builds it. Two seeds give two different repos of the same kind.
    pub attack: fn(u64) -> Attack,
    /// The answer that is owed for each call of it.
    pub owed: Owed,
    /// The operator's limits under which it is made.
    pub limits: &'static str,
}

/// What is sent.
#[derive(Clone, Debug)]
pub enum Attack {
    /// Calls that begin at the same time.
    Calls(Vec<Call>),
    /// So many streams that begin well and go wrong.
    Streams(Misuse, Call, usize),
    /// So many connections without a request.
    Connections(usize),
    /// So many connections without a request, each with these first bytes, that are opened again when
    /// the server closes them.
    Returning(usize, &'static [u8]),
    /// So many calls without a message.
    Unbegun(Call, usize),
}

/// The answer that a server owes a hostile call, before the call's deadline.
#[derive(Clone, Copy, Debug)]
pub enum Owed {
    /// An error that contains these words.
    Error(&'static [&'static str]),
    /// The manifests, because the work is small if it is done well.
    Manifests,
    /// Either.
    Any,
    /// Either, without this text anywhere, and none of it in the log.
    Without(&'static str),
}

/// The beginning of tonic's words for a connection that the server has closed.
const CLOSED: &str = "transport error: connection error";

/// Errors of limits that calls share: places, memory, and time.
const SHARED: [&str; 5] = [
    "error[call/deadline]",
    "error[render/limit]",
    "error[server/in-flight-bytes]",
    "error[server/queue]",
    "error[stream/stalled]",
];

/// Returns all attacks, in the order of their kinds.
pub fn cases() -> Vec<Case> {
    let mut all: Vec<Case> = [
        schemas::CASES,
        expansion::CASES,
        findings::CASES,
        helm::CASES,
        policies::CASES,
        growth::CASES,
        secrets::CASES,
        callers::CASES,
        archives::CASES,
    ]
    .concat();
    all.sort_by_key(|case| case.kind);
    all
}

impl Case {
    /// Returns a case under default limits.
    const fn new(kind: u8, name: &'static str, attack: fn(u64) -> Attack, owed: Owed) -> Self {
        Self { kind, name, attack, owed, limits: "" }
    }

    /// Returns the case under other limits.
    const fn under(self, limits: &'static str) -> Self {
        Self { limits, ..self }
    }
}

impl Attack {
    /// Makes the attack and returns how each of its calls ended.
    pub async fn run(&self, socket: &Path) -> Vec<Answer> {
        match self {
            Self::Calls(calls) => join_all(calls.iter().map(|call| call.send(socket))).await,
            Self::Streams(misuse, call, streams) => misuse.run(socket, call, *streams).await,
            Self::Connections(count) => {
                open_connections(socket, *count).await;
                Vec::new()
            }
            Self::Returning(count, first) => {
                hold_connections(socket, *count, first).await;
                Vec::new()
            }
            Self::Unbegun(call, count) => {
                open_calls(socket, call, *count).await;
                Vec::new()
            }
        }
    }
}

impl Owed {
    /// Returns why an answer is not the owed one, if it is not.
    pub fn complaint(&self, answer: &Answer) -> Option<String> {
        let text = match answer {
            Answer::Manifests(manifests) => manifests.concat(),
            Answer::Refused(_, message) => message.clone(),
            Answer::Lost(why) => return Some(format!("no answer: {why}")),
        };
        if let Some(place) = PLACES.iter().find(|place| text.contains(**place)) {
            return Some(format!("`{place}` is in: {text}"));
        }
        match (self, answer) {
            (Self::Error(_), Answer::Manifests(_)) => Some("it was answered".to_owned()),
            (Self::Error(words), _) => {
                let missing = words.iter().find(|word| !text.contains(**word));
                missing.map(|word| format!("`{word}` is not in: {text}"))
            }
            (Self::Manifests, Answer::Refused(..)) => Some(format!("it was refused: {text}")),
            (Self::Without(secret), _) => {
                text.contains(secret).then(|| format!("`{secret}` is in: {text}"))
            }
            _ => None,
        }
    }

    /// Returns why an answer is not the owed one beside other attacks, if it is not. There the
    /// limits that all calls share may refuse a call first, and a call without a place may lose its
    /// connection.
    pub fn complaint_when_full(&self, answer: &Answer) -> Option<String> {
        let shared = |text: &String| SHARED.iter().any(|code| text.starts_with(code));
        match answer {
            Answer::Refused(_, text) if shared(text) => match self {
                Self::Without(_) => self.complaint(answer),
                _ => Self::Any.complaint(answer),
            },
            Answer::Lost(why) if why.starts_with(CLOSED) => None,
            _ => self.complaint(answer),
        }
    }
}

/// Returns a call for the site's manifests.
fn site_call(fleet: &HostileFleet, seed: u64) -> Call {
    seeded(fleet, seed).site_call()
}

/// Returns a call for a target of the site.
fn target_call(fleet: &HostileFleet, seed: u64, target: &str) -> Call {
    site_call(fleet, seed).with_parameter("target", target)
}

/// Returns a call for the objects of the global cluster.
fn global_call(fleet: &HostileFleet, seed: u64) -> Call {
    seeded(fleet, seed).global_call()
}

/// Returns the fleet with one file more, so that its archive is another for each seed.
fn seeded(fleet: &HostileFleet, seed: u64) -> HostileFleet {
    fleet.clone().file("seed", seed.to_string())
}

/// Returns an attack with the same call for each processor: one alone would leave the others free.
fn on_each_core(call: Call) -> Attack {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Attack::Calls(vec![call; cores])
}
