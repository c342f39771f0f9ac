//! Refuses objects that neither a site nor the global cluster may have.
//!
//! - At a site: the authority's key, an issuer that signs, an object of the whole cluster.
//! - On the global cluster: a server certificate without the host name at which sites connect, an
//!   authority whose key changes.
//! - Everywhere: a secret in plain text, an object without a namespace, a name that Kubernetes
//!   refuses.
//!
//! Objects of the rendered chart are included. No message contains the value of a secret.

mod authority;
mod cluster_scoped;
pub mod codes;
mod literal;
mod names;
mod server_names;
mod settings;

use policy_sdk::{Description, Failure, Plan, Policy, Request, Scope, export_policy};

use crate::settings::Settings;

/// The check that refuses such objects.
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
            let cluster_scoped = cluster_scoped::is_cluster_scoped(object, &settings);
            // A ClusterIssuer violates both rules; one finding is enough.
            if at_site && !authority::report_key(&mut plan, object, &settings) && cluster_scoped {
                cluster_scoped::report_at_site(&mut plan, object, &settings);
            }
            literal::report_secrets(&mut plan, object);
            names::report_names(&mut plan, object, cluster_scoped);
            if !at_site {
                authority::report_rotation(&mut plan, object);
            }
        }
        if !at_site {
            server_names::report_missing(&mut plan, request, &settings.connections, &objects)?;
        }
        Ok(plan)
    }
}

export_policy!(SiteInvariants);

#[cfg(test)]
mod tests;
