//! A client certificate for each open site, issued on the global cluster.
//!
//! The authority and its key stay there; what leaves is one site's own pair, if it is pushed
//! anywhere at all. Two sites never share a Secret: with it each could pass for the other.

mod authority;
mod certificate;
mod push;
mod settings;
mod template;

use std::collections::BTreeMap;

use policy_sdk::{Description, Failure, Finding, Json, Plan, Policy, Request, Scope};
use policy_sdk::{export_policy, pointer};

use crate::certificate::Alike;
use crate::settings::Settings;

/// Gives each open site a certificate.
pub struct MtlsClients;

impl Policy for MtlsClients {
    fn describe() -> Description {
        Description::transform("mtls-clients", env!("CARGO_PKG_VERSION"), "nautobot_worker")
            .settings(settings::SCHEMA)
            .scopes(&[Scope::Global])
    }

    fn evaluate(request: &Request) -> Result<Plan, Failure> {
        let settings = Settings::read(&request.settings)?;
        let mut plan = Plan::new();
        let mut owners = BTreeMap::new();
        let alike = Alike::new(&settings);
        if let Some(authority) = &settings.authority {
            authority::add(&mut plan, authority, &settings);
            owners.insert(authority.secret.clone(), "the authority".to_owned());
        }
        for site in request.fleet.keys("") {
            let name = template::fill(&settings.name, &site, &request.environment);
            if !template::is_name(&name) {
                plan.report(no_name(&site, &name));
            } else if let Some(other) = owners.insert(name.clone(), format!("site {site}")) {
                plan.report(shared(&site, &other, &name));
            } else {
                certificate::add(&mut plan, &site, &name, &settings, &alike);
                if let Some(push) = &settings.push {
                    push::add(&mut plan, push, &site, &name, &request.environment);
                }
            }
        }
        Ok(plan)
    }
}

fn shared(site: &str, other: &str, name: &str) -> Finding {
    let message = format!("site {site} and {other} would share Secret {name}");
    Finding::error("mtls/secret-shared", message)
        .at(pointer([site]))
        .hint("let the setting name hold {{site}}")
}

fn no_name(site: &str, name: &str) -> Finding {
    let message = format!("`{name}` cannot name the Secret of site {site}");
    Finding::error("mtls/name", message)
        .at(pointer([site]))
        .hint("Kubernetes takes up to 253 lower-case letters, digits, `-` and `.`")
}

/// An object of Kubernetes.
pub(crate) fn object(version: &str, kind: &str, name: &str, spec: Json) -> Json {
    Json::map([
        ("apiVersion", version.into()),
        ("kind", kind.into()),
        ("metadata", Json::map([("name", name.into())])),
        ("spec", spec),
    ])
}

export_policy!(MtlsClients);

#[cfg(test)]
mod tests;
