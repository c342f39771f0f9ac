//! What no object of a site, or of a global cluster for its sites, may be.
//!
//! At a site: nothing that brings the authority's key, nothing that signs, nothing that
//! belongs to the whole cluster. Everywhere: no secret as text, no object without a namespace,
//! no name that Kubernetes refuses. On the global cluster: no server certificate without the name
//! that sites dial. The objects of a rendered chart are judged alike. No message holds a secret's
//! value.

mod authority;
mod cluster_scoped;
mod literal;
mod names;
mod server_names;
mod settings;

use policy_sdk::{Description, Failure, Plan, Policy, Request, Scope, export_policy};

use crate::settings::Settings;

/// Refuses objects that must not be.
pub struct SiteInvariants;

impl Policy for SiteInvariants {
    fn describe() -> Description {
        Description::check("site-invariants", env!("CARGO_PKG_VERSION"), "nautobot_worker")
            .settings(settings::SCHEMA)
            .scopes(&[Scope::Site, Scope::Global])
    }

    fn evaluate(request: &Request) -> Result<Plan, Failure> {
        let settings = Settings::read(&request.settings)?;
        let at_site = request.scope == Scope::Site;
        let mut plan = Plan::new();
        let objects = request.objects();
        for object in &objects {
            let whole = cluster_scoped::is(object, &settings);
            // A ClusterIssuer is told once.
            if at_site && !authority::report(&mut plan, object, &settings) && whole {
                cluster_scoped::report(&mut plan, object, &settings);
            }
            literal::report(&mut plan, object);
            names::report(&mut plan, object, whole);
            if !at_site {
                authority::report_rotation(&mut plan, object);
            }
        }
        if !at_site {
            server_names::report(&mut plan, request, &settings.connections, &objects)?;
        }
        Ok(plan)
    }
}

export_policy!(SiteInvariants);

#[cfg(test)]
mod tests;
