//! What becomes of the variables that a config reads: which settings they shape, and whether
//! a later statement or layer throws that away.
//!
//! The layers are followed as Python would run them, one after the other, in one module.
//! Nothing is run and nothing is guessed: what cannot be followed (`exec`, a key that is
//! computed, a call into another module) is taken to keep what it was given. Steps are
//! limited by the length of the text; after that many, nothing is said of it.

use std::collections::BTreeMap;

use ruff_python_parser::parse_module;

use super::python::Module;

mod asked;
mod attempt;
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
mod operand;
mod repeat;
mod run;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod value;
mod watch;
mod word;

use exit::Exits;
pub(crate) use memo::FlowMemo;
use state::Flow;
use value::Variables;
use watch::Setting;
pub(crate) use watch::{Loss, Spot};

/// What was found.
#[derive(Debug)]
pub(crate) struct Followed {
    /// Statements that throw variables away.
    pub(crate) losses: Vec<Loss>,
    /// Variables that are read, with where first.
    pub(crate) read: BTreeMap<String, Spot>,
    /// Where a variable is read first whose name cannot be computed.
    pub(crate) computed: Option<Spot>,
    /// Variables that shape no setting, whether they are read or not.
    pub(crate) unused: Vec<String>,
    /// A star import that may bind the settings anew.
    pub(crate) late_star: Option<Spot>,
    /// Whether it is all of it.
    pub(crate) whole: bool,
    #[cfg(test)]
    steps: usize,
}

/// Follows the variables through the layers; at most 64 of them.
fn follow(modules: &[&Module], variables: &[String], settings: &[String]) -> Followed {
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
            flow.block(parsed.suite());
            (flow.ended, flow.left) = (None, Exits::default());
        }
    }
    let elsewhere = flow.escaped | flow.elsewhere();
    let used = flow.settings.iter().fold(elsewhere, |used, one| used | one.ever());
    let unused = variables.iter().enumerate().filter(|(number, _)| used & (1 << number) == 0);
    Followed {
        unused: unused.map(|(_, name)| name.clone()).collect(),
        read: flow.read_at.iter().map(|(number, at)| (variables[*number].clone(), *at)).collect(),
        losses: flow.settings.iter().flat_map(Setting::losses).collect(),
        computed: flow.computed,
        late_star: flow.late_star,
        whole: !flow.heap.spent(),
        #[cfg(test)]
        steps: flow.heap.steps(),
    }
}
