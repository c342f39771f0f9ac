//! Policies of sites that need another policy on the global cluster.
//!
//! A policy's settings schema may list these: `"x-global-counterparts": {"<policy>": "<what
//! happens without it>"}`. The contract's records have no field for it, and a schema may have
//! keywords of its own (JSON Schema 2020-12, core, section 4.3.1). It is only a note, because
//! an operator may do by hand what the counterpart would do.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::codes;
use crate::environment::Environment;
use crate::finding::{Finding, clip_text};
use crate::policy::Answer;
use crate::policy_store::PolicyStore;
use crate::rendered::{Outcome, Rendered};

const KEYWORD: &str = "x-global-counterparts";

/// How much of a policy's text a message shows, in characters.
const SHOWN: usize = 200;

/// A search for missing counterparts, once for each environment and policy.
pub(super) struct Counterparts<'f> {
    store: &'f PolicyStore,
    seen: BTreeSet<(String, String, String)>,
}

impl<'f> Counterparts<'f> {
    /// Returns a search among these policies.
    pub(super) fn new(store: &'f PolicyStore) -> Self {
        Self { store, seen: BTreeSet::new() }
    }

    /// Reports the counterparts that are missing of the policies of a site.
    pub(super) fn report_missing(
        &mut self,
        environment: &Environment,
        rendered: &Rendered,
        findings: &mut Vec<Finding>,
    ) {
        let Outcome::Open(trace) = &rendered.outcome else { return };
        for answer in &trace.answers {
            let component = rendered.component.to_string();
            let key = (environment.name.to_string(), component, answer.policy.clone());
            if self.seen.insert(key) {
                findings.extend(self.find_missing(environment, &rendered.component, answer));
            }
        }
    }

    fn find_missing(
        &self,
        environment: &Environment,
        component: &str,
        answer: &Answer,
    ) -> Vec<Finding> {
        // It returned a plan, so it is loaded.
        let Ok(loaded) = self.store.get(&answer.policy, None) else { return Vec::new() };
        let schema = &loaded.policy.description().settings_schema;
        let Some(named) = schema.get(KEYWORD).and_then(Json::as_object) else { return Vec::new() };
        let global = environment.components.get(component).and_then(|one| one.global.as_ref());
        let used = |name: &str| global.is_some_and(|global| global.policies.contains_key(name));
        let missing = named.iter().filter(|(name, _)| !used(name));
        missing
            .map(|(name, without)| {
                let name = clip_text(name, SHOWN);
                let message = format!(
                    "sites of environment `{}` use policy `{}`, and the environment's global section does not use policy `{name}`: {}",
                    environment.name,
                    answer.policy,
                    clip_text(without.as_str().unwrap_or_default(), SHOWN)
                );
                codes::POLICY_COUNTERPART.finding(message)
                    .at(answer.documents.settings.origin.key_place())
                    .hint(format!("add `{name}: {{}}` under components.{component}.global.policies"))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
