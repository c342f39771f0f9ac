//! Records the values that a condition inspects. A condition that looks at a setting may replace
//! it without a warning.
//!
//! Django templates end with `if DATABASES["default"]["ENGINE"].endswith("mysql"):`, and
//! configurations for tests inspect `sys.argv`. Such branches replace settings on purpose.

use std::collections::BTreeMap;
use std::rc::Rc;

use ruff_python_ast::Expr;

use super::state::Flow;
use super::value::{FlowValue, Id, MOST, Variables};

/// The maximum number of containers that are recorded for one condition.
const MAX_INSPECTED: usize = 64;

/// Lists of Python that show how the process was started, and the modules that it has loaded.
const RUNS: &[&str] = &["sys.argv", "sys.modules"];

/// The settings that a condition may change without a warning, one bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Excuse(u64);

impl Excuse {
    pub(super) const NONE: Self = Self(0);
    pub(super) const ALL: Self = Self(u64::MAX);

    /// Returns an excuse for all settings if the condition holds, else for none.
    pub(super) fn all_if(condition: bool) -> Self {
        if condition { Self::ALL } else { Self::NONE }
    }

    /// Adds the settings of another excuse.
    pub(super) fn extend(&mut self, more: Self) {
        self.0 |= more.0;
    }

    /// Returns whether it covers a setting, by number.
    pub(super) fn covers(self, number: usize) -> bool {
        self.0 == u64::MAX || self.0 & bit_of(number) != 0
    }
}

/// The values that expressions have inspected.
#[derive(Clone, Debug, Default)]
pub(super) struct Inspected {
    /// Containers and results of readers, except those that depend on the variables.
    objects: Vec<Id>,
    /// Whether they inspect how the configuration is run.
    run: bool,
}

impl Inspected {
    /// Adds containers, up to the limit.
    fn extend(&mut self, more: &[Id]) {
        let room = MAX_INSPECTED.saturating_sub(self.objects.len());
        self.objects.extend(more.iter().take(room));
    }
}

/// The values inspected by the current expression, and by the values of names and variables.
#[derive(Default)]
pub(super) struct Inspections {
    now: Inspected,
    /// The values inspected by the value of each name of the module.
    names: BTreeMap<Rc<str>, Inspected>,
    /// The results of reading each variable that the policy does not name.
    reads: BTreeMap<Rc<str>, Vec<Id>>,
}

impl<'a> Flow<'a> {
    /// Records the value that an expression inspects.
    pub(super) fn note_inspected(&mut self, expr: &'a Expr, value: &FlowValue) {
        let run = match expr {
            Expr::Name(name) => {
                if let Some(made_of) = self.inspections.names.get(name.id.as_str()) {
                    self.inspections.now.extend(&made_of.objects);
                    self.inspections.now.run |= made_of.run;
                }
                name.id == "__name__"
            }
            _ => false,
        };
        self.inspections.now.run |= run || value.path().is_some_and(is_run_path);
        // For values that depend on the variables, `is_plain` decides more precisely.
        if value.from == 0 {
            self.inspections.now.extend(&value.objects);
        }
    }

    /// Records the read of a variable that the policy does not name. All reads of it return the
    /// same value.
    pub(super) fn note_other_read(&mut self, words: &[Rc<str>], value: &FlowValue) {
        for word in words {
            let known = self.inspections.reads.entry(word.clone()).or_default();
            self.inspections.now.extend(known);
            if known.len() < MOST {
                known.extend(&value.objects);
            }
        }
    }

    /// Evaluates an assigned value, and records for each target name what the value inspects.
    pub(super) fn eval_for_targets(&mut self, targets: &'a [Expr], value: &'a Expr) -> FlowValue {
        let (value, inspected) = self.record_inspected(|flow| flow.eval(value));
        for target in targets {
            if let Expr::Name(name) = target {
                self.inspections.names.insert(name.id.as_str().into(), inspected.clone());
            }
        }
        value
    }

    /// Evaluates a condition. Returns its value, the variables in it, and the settings that it may
    /// change without a warning.
    pub(super) fn eval_condition(&mut self, test: &'a Expr) -> (FlowValue, Variables, Excuse) {
        let (value, inspected) = self.record_inspected(|flow| flow.eval(test));
        let controls = self.heap.variables_of(&value);
        let excuse = self.excuse_for(&inspected);
        (value, controls, excuse)
    }

    /// Runs an evaluation, and returns what it has inspected.
    fn record_inspected<T>(&mut self, eval: impl FnOnce(&mut Self) -> T) -> (T, Inspected) {
        let outer = std::mem::take(&mut self.inspections.now);
        let result = eval(self);
        let inspected = std::mem::replace(&mut self.inspections.now, outer);
        self.heap.take_steps(inspected.objects.len());
        self.inspections.now.extend(&inspected.objects);
        self.inspections.now.run |= inspected.run;
        (result, inspected)
    }

    /// Returns the settings that contain an inspected object.
    fn excuse_for(&mut self, inspected: &Inspected) -> Excuse {
        if inspected.run {
            return Excuse::ALL;
        }
        let mut excuse = Excuse::NONE;
        if inspected.objects.is_empty() {
            return excuse;
        }
        for number in 0..self.settings.len() {
            let mut seen = false;
            self.reach_of(number, |id| seen |= inspected.objects.contains(&id));
            if seen {
                excuse.extend(Excuse(bit_of(number)));
            }
        }
        excuse
    }
}

/// Returns the bit of a setting; 0 beyond the 64th.
fn bit_of(number: usize) -> u64 {
    u32::try_from(number).ok().and_then(|number| 1_u64.checked_shl(number)).unwrap_or_default()
}

/// Returns whether a name shows how Python was started: `sys.argv`, directly or through a star
/// import of a module that imports `sys`.
fn is_run_path(path: &str) -> bool {
    RUNS.iter().any(|run| {
        path.strip_suffix(run).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}
