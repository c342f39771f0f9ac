//! Turns the engine's errors into messages that name the limit and its key.

use std::fmt;

use wasmtime::{Trap, WasmBacktrace};

use crate::codes;
use crate::limits::Limits;
use crate::reject_error::RejectError;
use crate::text::escape_controls;

/// Maximum number of stack frames in a message.
const FRAMES: usize = 6;

/// A limit that the host enforces during a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LimitHit {
    /// The size that a memory would have had, in bytes.
    Memory(u64),
    /// The size that a table would have had, in elements.
    Table(u64),
    /// More reads than allowed.
    Reads,
    /// More bytes read than allowed.
    ReadBytes,
}

impl fmt::Display for LimitHit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for LimitHit {}

/// Converts the error of a call.
pub(crate) fn call_error(error: &wasmtime::Error, limits: &Limits) -> RejectError {
    if let Some(stop) = error.downcast_ref::<LimitHit>() {
        return limit_error(*stop, limits);
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => RejectError::input(
            &codes::POLICY_FUEL,
            format!("it used all of its fuel ({}) before it finished", limits.fuel),
        )
        .limit("fuel"),
        Some(Trap::Interrupt) => RejectError::input(
            &codes::POLICY_TIME,
            format!("it took longer than {} ms", limits.milliseconds),
        )
        .limit("milliseconds"),
        Some(Trap::StackOverflow) => RejectError::input(
            &codes::POLICY_STACK,
            format!(
                "its calls need more than {} bytes of stack{}",
                limits.stack_bytes,
                stack_frames(error)
            ),
        )
        .hint("look for a recursion that does not end; the limit is stackBytes"),
        Some(trap) => {
            RejectError::input(&codes::POLICY_TRAP, format!("{trap}{}", stack_frames(error)))
                .hint("a bug of the policy; its unit tests run natively, where you can debug it")
        }
        None => memory_error(&format!("{error:#}"))
            .unwrap_or_else(|| component_model_error(error, limits)),
    }
}

/// Returns the error of a process without memory for a policy, if it is one. The policy is not its
/// cause: what the process did before may have taken the memory.
fn memory_error(why: &str) -> Option<RejectError> {
    // The system's text of ENOMEM, which wasmtime passes on without a kind.
    why.contains("Cannot allocate memory").then(|| {
        RejectError::environment(&codes::POLICY_ENGINE, "the process has no memory left for it")
    })
}

/// Converts an error of loading or linking a component.
pub(crate) fn link_error(error: &wasmtime::Error, limits: &Limits) -> RejectError {
    let why = format!("{error:#}");
    if let Some(error) = memory_error(&why) {
        return error;
    }
    let limit = |code, message: String, key| RejectError::input(code, message).limit(key);
    // wasmtime has no error kinds for these; tests check the texts against the pinned version.
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
            format!("one of its tables starts with more than {} elements", limits.table_elements);
        return limit(&codes::POLICY_TABLES, message, "tableElements");
    }
    if why.contains("memories") {
        return RejectError::input(&codes::POLICY_MEMORY, "it has more than one linear memory");
    }
    if why.contains("minimum byte size") {
        let message = format!("its memory starts with more than {} bytes", limits.memory_bytes);
        return limit(&codes::POLICY_MEMORY, message, "memoryBytes");
    }
    if why.contains("instance allocation for this") {
        let message = format!(
            "its instances need more internal memory than allowed: {}",
            escape_controls(&why)
        );
        return limit(&codes::POLICY_INSTANCES, message, "coreInstanceBytes or instanceBytes");
    }
    RejectError::input(
        &codes::POLICY_IMPORT,
        format!("it cannot be linked: {}", escape_controls(&why)),
    )
}

fn limit_error(stop: LimitHit, limits: &Limits) -> RejectError {
    match stop {
        LimitHit::Memory(requested) => RejectError::input(
            &codes::POLICY_MEMORY,
            format!(
                "it requested {requested} bytes of memory, the limit is {}",
                limits.memory_bytes
            ),
        )
        .limit("memoryBytes"),
        LimitHit::Table(requested) => RejectError::input(
            &codes::POLICY_TABLES,
            format!(
                "it requested a table of {requested} elements, the limit is {}",
                limits.table_elements
            ),
        )
        .limit("tableElements"),
        LimitHit::Reads => RejectError::input(
            &codes::POLICY_READS,
            format!("it read its documents more than {} times", limits.reads),
        )
        .limit("reads"),
        LimitHit::ReadBytes => RejectError::input(
            &codes::POLICY_READS,
            format!("it read more than {} bytes of its documents", limits.read_bytes),
        )
        .limit("readBytes"),
    }
}

/// Converts an error that is neither a limit nor a trap: a violation of the calling convention.
fn component_model_error(error: &wasmtime::Error, limits: &Limits) -> RejectError {
    let why = format!("{:#}", error.root_cause());
    if why.contains("fuel allocated for hostcalls") {
        return RejectError::input(
            &codes::POLICY_TOO_LARGE,
            format!("it passed more than {} bytes in one argument or result", limits.plan_bytes),
        )
        .limit("planBytes");
    }
    RejectError::input(
        &codes::POLICY_TRAP,
        format!(
            "it violates the component model: {}{}",
            escape_controls(&why),
            stack_frames(error)
        ),
    )
    .hint("a bug of the policy or of the tool that built it")
}

/// Lists the functions on the stack, innermost first, if the artifact has names.
fn stack_frames(error: &wasmtime::Error) -> String {
    let Some(trace) = error.downcast_ref::<WasmBacktrace>() else {
        return String::new();
    };
    let names: Vec<String> = trace
        .frames()
        .iter()
        .filter_map(|frame| frame.func_name())
        .take(FRAMES)
        .map(escape_controls)
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!(" in {}", names.join(", called by "))
}
