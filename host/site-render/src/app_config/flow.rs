//! Data-flow analysis of a configuration: finds the settings that are made from environment
//! variables, and the statements or layers that later replace those values.
//!
//! The analysis follows the layers in the order in which Python runs them, as one module. It runs
//! no Python code. Where it cannot follow a value (`exec`, a computed key, a call into another
//! module), it assumes that the result still depends on all inputs, so that it reports no false
//! losses. A step limit that grows with the length of the text bounds its time; when the limit is
//! reached, it reports nothing about the settings.
//!
//! Terms: a variable *shapes* a setting whose value is made from it. A *loss* is a statement after
//! which the setting no longer contains the variable. An *excuse* covers the settings that a
//! condition replaces on purpose.

use std::collections::BTreeMap;

use ruff_python_parser::parse_module;

use super::python::Module;

mod inspected;
mod try_with;
mod branch;
mod call;
mod class;
mod eval;
mod exit;
mod function;
mod heap;
mod lookup;
mod memo;
mod method;
mod conditional;
mod loops;
mod run;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod value;
mod watch;
mod text_values;

use exit::Exits;
pub(crate) use memo::FlowMemo;
use state::Flow;
use value::Variables;
use watch::WatchedSetting;
pub(crate) use watch::{Loss, Spot};

/// The result of the analysis.
#[derive(Debug)]
pub(crate) struct Followed {
    /// Statements that remove variables from a setting.
    pub(crate) losses: Vec<Loss>,
    /// The variables that are read, with the first place.
    pub(crate) read: BTreeMap<String, Spot>,
    /// The first read of a variable whose name cannot be computed.
    pub(crate) computed: Option<Spot>,
    /// The variables that shape no setting, whether they are read or not.
    pub(crate) unused: Vec<String>,
    /// A star import that may bind the settings again.
    pub(crate) late_star: Option<Spot>,
    /// Whether the analysis is complete: it did not reach the step limit.
    pub(crate) whole: bool,
    #[cfg(test)]
    steps: usize,
}

/// Follows the variables through the layers. Only the first 64 are followed: a `Variables` set is
/// a 64-bit mask.
fn follow_modules(modules: &[&Module], variables: &[String], settings: &[String]) -> Followed {
    let variables = &variables[..variables.len().min(Variables::BITS as usize)];
    let parsed: Vec<_> =
        modules.iter().map(|module| parse_module(&module.file.text).ok()).collect();
    let bytes: usize = modules.iter().map(|module| module.file.text.len()).sum();
    let mut flow = Flow::new(bytes, variables, settings);
    flow.prefixes =
        modules.iter().flat_map(|module| &module.facts.prefixes).map(|one| &**one).collect();
    for (layer, parsed) in parsed.iter().enumerate() {
        if let Some(parsed) = parsed {
            flow.layer = layer;
            flow.run_block(parsed.suite());
            (flow.ended, flow.left) = (None, Exits::default());
        }
    }
    // A value that unknown code received may be used there.
    let elsewhere = flow.escaped | flow.variables_elsewhere();
    let used = flow.settings.iter().fold(elsewhere, |used, one| used | one.ever_made_from());
    let unused = variables.iter().enumerate().filter(|(number, _)| used & (1 << number) == 0);
    Followed {
        unused: unused.map(|(_, name)| name.clone()).collect(),
        read: flow.read_at.iter().map(|(number, at)| (variables[*number].clone(), *at)).collect(),
        losses: flow.settings.iter().flat_map(WatchedSetting::losses).collect(),
        computed: flow.computed,
        late_star: flow.late_star,
        whole: !flow.heap.is_exhausted(),
        #[cfg(test)]
        steps: flow.heap.steps(),
    }
}
