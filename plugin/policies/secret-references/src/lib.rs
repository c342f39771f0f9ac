//! Checks that an object creates each Secret and ConfigMap that a site's worker reads, and that
//! something reads each Secret that External Secrets creates.
//!
//! Pods do not start without a Secret or ConfigMap that they read, and a name that differs between
//! the two sides looks right on each side alone. So this policy compares both, key by key: the
//! names in the final values and the objects, for the parts that are enabled, and the objects that
//! create them. The setting `elsewhere` lists those that something else creates.

pub mod codes;
mod compare;
mod created;
mod mounted;
mod objects;
mod references;
mod settings;
mod values;

use policy_sdk::{Description, Failure, Plan, Policy, Request, export_policy};

/// The check that compares Secrets and ConfigMaps that are read with those that are created.
pub struct SecretReferences;

impl Policy for SecretReferences {
    fn describe() -> Description {
        let version = env!("CARGO_PKG_VERSION");
        Description::check("secret-references", version, "nautobot_worker")
            .settings(settings::SCHEMA)
    }

    fn evaluate(request: &Request) -> Result<Plan, Failure> {
        let elsewhere = request.settings.texts("/elsewhere")?;
        let objects = request.objects();
        let created = created::find_created(&objects);
        let mut references = values::find_references(&request.values, &request.cluster);
        references.extend(objects::find_references(&objects));
        let unread = request.cluster.texts("/unread")?;
        let mut plan = Plan::new();
        compare::report_duplicates(&mut plan, &created, &references, &elsewhere);
        compare::report_missing(&mut plan, &created, &references, &elsewhere);
        compare::report_unused(&mut plan, &created, &references, &elsewhere, &unread);
        Ok(plan)
    }
}

export_policy!(SecretReferences);

#[cfg(test)]
mod tests;
