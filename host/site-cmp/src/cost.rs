//! What policies cost, for `--report`.

use std::collections::BTreeMap;
use std::time::Duration;

use site_render::policy::Usage;
use site_render::rendered::{Outcome, Rendered};

use crate::report::visible;
use crate::table::Table;

/// The cost of each policy.
#[derive(Debug, Default)]
pub(crate) struct Costs {
    policies: BTreeMap<String, Cost>,
}

/// Of all calls of one policy: the dearest one's fuel and memory, and all their time.
#[derive(Debug, Default)]
struct Cost {
    version: String,
    calls: u64,
    fuel: u64,
    memory: u64,
    time: Duration,
}

impl Costs {
    /// Adds what a site's policies took.
    pub(crate) fn add(&mut self, rendered: &Rendered) {
        let Outcome::Open(trace) = &rendered.outcome else {
            return;
        };
        for answer in &trace.answers {
            self.call(&answer.policy, &answer.version, answer.usage);
        }
    }

    fn call(&mut self, policy: &str, version: &str, usage: Usage) {
        let cost = self.policies.entry(policy.to_owned()).or_default();
        version.clone_into(&mut cost.version);
        cost.calls += 1;
        cost.fuel = cost.fuel.max(usage.fuel);
        cost.memory = cost.memory.max(usage.memory);
        cost.time += usage.time;
    }

    /// Adds other sites' costs.
    pub(crate) fn merge(&mut self, others: Self) {
        for (policy, other) in others.policies {
            let cost = self.policies.entry(policy).or_default();
            cost.version = other.version;
            cost.calls += other.calls;
            cost.fuel = cost.fuel.max(other.fuel);
            cost.memory = cost.memory.max(other.memory);
            cost.time += other.time;
        }
    }

    /// The costs as a table.
    pub(crate) fn text(&self) -> String {
        if self.policies.is_empty() {
            return "no policy was asked\n".to_owned();
        }
        let mut table =
            Table::new(&["POLICY", "VERSION", "CALLS", "FUEL (MAX)", "MEMORY (MAX)", "TIME"]);
        for (policy, cost) in &self.policies {
            table.row(vec![
                visible(policy).into_owned(),
                visible(&cost.version).into_owned(),
                cost.calls.to_string(),
                cost.fuel.to_string(),
                format!("{} KiB", cost.memory.div_ceil(1024)),
                format!("{} us", cost.time.as_micros()),
            ]);
        }
        table.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_of_many_sites_are_one_row_a_policy() {
        let usage = |fuel, memory| Usage { fuel, memory, time: Duration::from_micros(30) };
        let mut costs = Costs::default();
        costs.call("p", "1.0.0", usage(10, 2048));
        let mut others = Costs::default();
        others.call("p", "1.0.0", usage(20, 1024));
        costs.merge(others);
        assert_eq!(
            costs.text(),
            "POLICY  VERSION  CALLS  FUEL (MAX)  MEMORY (MAX)  TIME\n\
             p       1.0.0    2      20          2 KiB         60 us\n"
        );
        assert_eq!(Costs::default().text(), "no policy was asked\n");
    }
}
