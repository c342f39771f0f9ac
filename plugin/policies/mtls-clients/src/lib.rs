//! A client certificate for each open site, issued on the global cluster; and where settings
//! ask for them, certificates of the servers that sites dial.
//!
//! The authority and its key stay there; what leaves is one site's own pair, if it is pushed
//! anywhere at all. Two sites never share a Secret: with it each could pass for the other. And
//! what a site expects of its pair (policy site-secrets) is what is made and pushed here.

mod authority;
mod certificate;
mod lifetime;
mod push;
mod servers;
mod settings;
mod sites;

use std::collections::BTreeMap;

use policy_sdk::{BadRead, Description, Failure, Finding, Plan, Policy, Request, Scope};
use policy_sdk::{Pattern, export_policy};

use crate::certificate::Client;
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
        let patterns = Patterns::new(&settings);
        if let Some(authority) = &settings.authority {
            authority::add(&mut plan, authority, &settings, &request.environment);
            owners.insert(authority.secret.clone(), "the authority".to_owned());
            plan.findings.extend(lifetime::report(&settings));
        }
        servers::add(&mut plan, request, &settings, &mut owners)?;
        for site in request.fleet.keys("") {
            let name = settings.name.fill(&site, &request.environment);
            let user = settings.common_name.fill(&site, &request.environment);
            let client = Client { site: &site, name: &name, user: &user };
            if let Some(finding) = client.unnameable() {
                plan.report(finding);
            } else if let Some(other) = owners.insert(name.clone(), format!("site {site}")) {
                plan.report(shared(&site, &other, &name));
            } else {
                serve(&mut plan, request, &client, &settings, &patterns)?;
            }
        }
        Ok(plan)
    }
}

/// The objects of a site, written once: there may be thousands of sites.
struct Patterns {
    certificate: Pattern,
    push: Option<Pattern>,
}

impl Patterns {
    fn new(settings: &Settings) -> Self {
        Self {
            certificate: certificate::pattern(settings),
            push: settings.push.as_ref().map(push::pattern),
        }
    }
}

/// Makes and pushes a site's certificate, and holds the site's own settings against it.
fn serve(
    plan: &mut Plan,
    request: &Request,
    client: &Client,
    settings: &Settings,
    patterns: &Patterns,
) -> Result<(), BadRead> {
    certificate::add(plan, client, &patterns.certificate);
    let push = settings.push.as_ref().zip(patterns.push.as_ref());
    let remote = push.map(|(push, pattern)| {
        let remote = push.remote_key.fill(client.site, &request.environment);
        push::add(plan, pattern, client.site, client.name, &remote);
        remote
    });
    sites::hold(plan, request, client, settings, remote.as_deref())
}

fn shared(site: &str, other: &str, name: &str) -> Finding {
    let message = format!("site {site} and {other} would share Secret {name}");
    Finding::error("mtls/secret-shared", message)
        .at("/name")
        .hint("let the setting name hold {{site}}")
}

export_policy!(MtlsClients);

#[cfg(test)]
mod tests;
