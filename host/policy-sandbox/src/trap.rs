//! From the engine's errors to sentences that name the limit and how it is raised.

use std::fmt;

use wasmtime::{Trap, WasmBacktrace};

use crate::codes;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::text::plain;

/// How many frames of a trap are named.
const FRAMES: usize = 6;

/// A limit that our own side of the border watches.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    /// The size that a memory would have had, in bytes.
    Memory(u64),
    /// The size that a table would have had, in elements.
    Table(u64),
    /// Too many reads.
    Reads,
    /// Too much read.
    ReadBytes,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for Stop {}

/// Why a call ended.
pub(crate) fn refusal(error: &wasmtime::Error, limits: &Limits) -> Refusal {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return stopped(*stop, limits);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Refusal::input(
            &codes::POLICY_FUEL,
            format!("it spent its fuel of {} and was not done", limits.fuel),
        )
        .limit("fuel"),
        Some(Trap::Interrupt) => Refusal::input(
            &codes::POLICY_TIME,
            format!("it took longer than {} ms", limits.milliseconds),
        )
        .limit("milliseconds"),
        Some(Trap::StackOverflow) => Refusal::input(
            &codes::POLICY_STACK,
            format!(
                "its calls went deeper than {} bytes of stack{}",
                limits.stack_bytes,
                frames(error)
            ),
        )
        .hint("look for a recursion that does not end; the limit is stackBytes"),
        Some(trap) => Refusal::input(&codes::POLICY_TRAP, format!("{trap}{}", frames(error)))
            .hint("a bug of the policy; `cmp policy test` runs it on your machine"),
        None => broken_border(error, limits),
    }
}

/// Why a component was not accepted by the pool, or not linked.
pub(crate) fn misfit(error: &wasmtime::Error, limits: &Limits) -> Refusal {
    let why = format!("{error:#}");
    let limit = |code, message: String, key| Refusal::input(code, message).limit(key);
    // wasmtime has no kinds for these; tests hold the words to its version.
    if why.contains("core module instances, which") {
        let message = format!("it has more than {} core instances", limits.core_instances);
        return limit(&codes::POLICY_INSTANCES, message, "coreInstances (or choose tier: wide)");
    }
    if why.contains("tables, which") || why.contains("defined tables count") {
        let message = format!("it has more than {} tables", limits.tables);
        return limit(&codes::POLICY_TABLES, message, "tables");
    }
    if why.contains("minimum element size") {
        let message =
            format!("a table of it begins with more than {} elements", limits.table_elements);
        return limit(&codes::POLICY_TABLES, message, "tableElements");
    }
    if why.contains("memories") {
        return Refusal::input(&codes::POLICY_MEMORY, "it has more than one linear memory");
    }
    if why.contains("minimum byte size") {
        let message = format!("its memory begins with more than {} bytes", limits.memory_bytes);
        return limit(&codes::POLICY_MEMORY, message, "memoryBytes");
    }
    if why.contains("instance allocation for this") {
        let message = format!("its instances need more bookkeeping than allowed: {}", plain(&why));
        return limit(&codes::POLICY_INSTANCES, message, "coreInstanceBytes or instanceBytes");
    }
    Refusal::input(&codes::POLICY_IMPORT, format!("it cannot be linked: {}", plain(&why)))
}

fn stopped(stop: Stop, limits: &Limits) -> Refusal {
    match stop {
        Stop::Memory(wanted) => Refusal::input(
            &codes::POLICY_MEMORY,
            format!("it wanted {wanted} bytes of memory, the limit is {}", limits.memory_bytes),
        )
        .limit("memoryBytes"),
        Stop::Table(wanted) => Refusal::input(
            &codes::POLICY_TABLES,
            format!(
                "it wanted a table of {wanted} elements, the limit is {}",
                limits.table_elements
            ),
        )
        .limit("tableElements"),
        Stop::Reads => Refusal::input(
            &codes::POLICY_READS,
            format!("it read its documents more than {} times", limits.reads),
        )
        .limit("reads"),
        Stop::ReadBytes => Refusal::input(
            &codes::POLICY_READS,
            format!("it read more than {} bytes of its documents", limits.read_bytes),
        )
        .limit("readBytes"),
    }
}

/// What is neither a limit nor a trap: bytes that do not follow the calling convention.
fn broken_border(error: &wasmtime::Error, limits: &Limits) -> Refusal {
    let why = format!("{:#}", error.root_cause());
    if why.contains("fuel allocated for hostcalls") {
        return Refusal::input(
            &codes::POLICY_TOO_LARGE,
            format!("it handed over more than {} bytes at once", limits.plan_bytes),
        )
        .limit("planBytes");
    }
    Refusal::input(
        &codes::POLICY_TRAP,
        format!("it broke the rules of the component model: {}{}", plain(&why), frames(error)),
    )
    .hint("a bug of the policy or of the tool that built it")
}

/// The functions on the stack, the innermost first, where the artifact names them.
fn frames(error: &wasmtime::Error) -> String {
    let Some(trace) = error.downcast_ref::<WasmBacktrace>() else {
        return String::new();
    };
    let names: Vec<String> = trace
        .frames()
        .iter()
        .filter_map(|frame| frame.func_name())
        .take(FRAMES)
        .map(plain)
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!(" in {}", names.join(", called by "))
}
