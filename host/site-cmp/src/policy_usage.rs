//! Sums up the resources that policies use, for `--report`.

use std::collections::BTreeMap;
use std::time::Duration;

use site_render::policy::Usage;
use site_render::rendered::{Outcome, Rendered};

use crate::report::visible;
use crate::table::TextTable;

/// The resources that each policy used.
#[derive(Debug, Default)]
pub(crate) struct PolicyUsage {
    policies: BTreeMap<String, CallTotals>,
}

/// The calls of one policy: the largest fuel and memory of a call, and the time of all calls.
#[derive(Debug, Default)]
struct CallTotals {
    version: String,
    calls: u64,
    fuel: u64,
    memory: u64,
    time: Duration,
}

impl PolicyUsage {
    /// Adds the calls of a site's render.
    pub(crate) fn add_render(&mut self, rendered: &Rendered) {
        let Outcome::Open(trace) = &rendered.outcome else {
            return;
        };
        for answer in &trace.answers {
            self.add_call(&answer.policy, &answer.version, answer.usage);
        }
    }

    fn add_call(&mut self, policy: &str, version: &str, usage: Usage) {
        let totals = self.policies.entry(policy.to_owned()).or_default();
        version.clone_into(&mut totals.version);
        totals.calls += 1;
        totals.fuel = totals.fuel.max(usage.fuel);
        totals.memory = totals.memory.max(usage.memory);
        totals.time += usage.time;
    }

    /// Adds the calls of other sites.
    pub(crate) fn merge(&mut self, others: Self) {
        for (policy, other) in others.policies {
            let totals = self.policies.entry(policy).or_default();
            totals.version = other.version;
            totals.calls += other.calls;
            totals.fuel = totals.fuel.max(other.fuel);
            totals.memory = totals.memory.max(other.memory);
            totals.time += other.time;
        }
    }

    /// Returns a table of the policies.
    pub(crate) fn text(&self) -> String {
        if self.policies.is_empty() {
            return "no policy was evaluated\n".to_owned();
        }
        let mut table =
            TextTable::new(&["POLICY", "VERSION", "CALLS", "FUEL (MAX)", "MEMORY (MAX)", "TIME"]);
        for (policy, totals) in &self.policies {
            table.row(vec![
                visible(policy).into_owned(),
                visible(&totals.version).into_owned(),
                totals.calls.to_string(),
                totals.fuel.to_string(),
                format!("{} KiB", totals.memory.div_ceil(1024)),
                format!("{} us", totals.time.as_micros()),
            ]);
        }
        table.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_of_many_sites_are_one_row_a_policy() {
        let usage = |fuel, memory| Usage { fuel, memory, time: Duration::from_micros(30) };
        let mut usages = PolicyUsage::default();
        usages.add_call("p", "1.0.0", usage(10, 2048));
        let mut others = PolicyUsage::default();
        others.add_call("p", "1.0.0", usage(20, 1024));
        usages.merge(others);
        assert_eq!(
            usages.text(),
            "POLICY  VERSION  CALLS  FUEL (MAX)  MEMORY (MAX)  TIME\n\
             p       1.0.0    2      20          2 KiB         60 us\n"
        );
        assert_eq!(PolicyUsage::default().text(), "no policy was evaluated\n");
    }
}
