//! The memory that documents take, as an estimate, and the budget of one render.
//!
//! A value is counted each time that it occurs: an alias costs as much as the value that it
//! refers to, because each reader of the result spends that much. The estimate depends on the
//! document alone, so a cached document costs a render as much as one that is parsed for it.

use std::cell::Cell;

use crate::codes;
use crate::finding::FindingResult as Result;
use crate::policy::{Change, Plan};
use crate::value::Value;

/// The memory of a key or a value without its text, in bytes: measured for lists and mappings of
/// small values, and rounded up.
pub const VALUE_BYTES: u64 = 160;

/// The memory of the documents of one render, in bytes: that of the profiles of two thousand
/// sites. The whole render takes less than three times as much.
pub const RENDER_BYTES: u64 = 64 << 20;

/// The memory of one file, in bytes: twice the custom resource definitions of a large operator.
pub const FILE_BYTES: u64 = 48 << 20;

/// Returns the memory of a value, in bytes.
pub fn of_value(value: &Value) -> u64 {
    let below = match value {
        Value::Null | Value::Bool(_) => 0,
        Value::Number(text) | Value::Text(text) => text.len() as u64,
        Value::Sequence(items) => items.iter().map(|item| of_value(&item.value)).sum(),
        Value::Mapping(mapping) => {
            mapping.iter().map(|(key, node)| of_key(key) + of_value(&node.value)).sum()
        }
    };
    VALUE_BYTES + below
}

fn of_key(key: &str) -> u64 {
    VALUE_BYTES + key.len() as u64
}

/// Returns the memory of everything in a plan that a policy chooses the size of.
fn of_plan(plan: &Plan) -> u64 {
    let edits = plan.edits.iter().map(|edit| {
        let value = match &edit.change {
            Change::Set(value) => of_value(value),
            Change::Remove => VALUE_BYTES,
        };
        value + (edit.path.len() + edit.reason.len()) as u64
    });
    let manifests = plan.manifests.iter();
    let manifests = manifests.map(|one| of_value(&one.body) + one.reason.len() as u64);
    edits.sum::<u64>() + manifests.sum::<u64>()
}

/// The memory that the documents of a render may still take.
#[derive(Debug)]
pub(crate) struct MemoryBudget {
    left: Cell<u64>,
}

impl MemoryBudget {
    /// Returns the budget of one render.
    pub(crate) fn of_render() -> Self {
        Self { left: Cell::new(RENDER_BYTES) }
    }

    /// Takes the memory of a document out of the budget; `what` names it in the error.
    pub(crate) fn spend(&self, bytes: u64, what: impl FnOnce() -> String) -> Result<()> {
        if let Some(left) = self.left.get().checked_sub(bytes) {
            self.left.set(left);
            return Ok(());
        }
        let message = format!(
            "{} exceeds the memory for the documents of a render, which is {} MiB",
            what(),
            RENDER_BYTES >> 20
        );
        let hint =
            "remove values that this render does not need; values of aliases count each time";
        Err(Box::new(codes::INPUTS_MEMORY.finding(message).hint(hint)))
    }

    /// Takes the memory of a policy's plan out of the budget.
    pub(crate) fn spend_plan(&self, policy: &str, plan: &Plan) -> Result<()> {
        self.spend(of_plan(plan), || format!("the plan of policy `{policy}`"))
    }
}

#[cfg(test)]
mod tests;
