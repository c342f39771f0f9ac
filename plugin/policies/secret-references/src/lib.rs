//! Each Secret and ConfigMap that a site's worker reads is made, and each Secret that is made
//! from a store is read.
//!
//! A Secret or ConfigMap that nothing makes keeps the worker's pods from starting, and one under
//! another name than the worker reads looks fine on both sides. So the two are compared: the
//! names in the final values and the objects, for the parts that are switched on, and the
//! objects that make them, key by key. Settings name those that come from another place.

mod judge;
mod made;
mod mounted;
mod objects;
mod reads;
mod settings;
mod values;

use policy_sdk::{Description, Failure, Plan, Policy, Request, export_policy};

/// Compares Secrets and ConfigMaps that are read with those that are made.
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
        let made = made::all(&objects);
        let mut reads = values::reads(&request.values, &request.cluster);
        reads.extend(objects::reads(&objects));
        let unread = request.cluster.texts("/unread")?;
        let mut plan = Plan::new();
        judge::twice(&mut plan, &made, &reads, &elsewhere);
        judge::not_made(&mut plan, &made, &reads, &elsewhere);
        judge::not_read(&mut plan, &made, &reads, &elsewhere, &unread);
        Ok(plan)
    }
}

export_policy!(SecretReferences);

#[cfg(test)]
mod tests;
