//! Issues a client certificate for each open site on the global cluster, and optionally the
//! certificates of the servers at which sites connect.
//!
//! The authority and its key stay on the global cluster; only a site's own certificate and key are
//! pushed to a secret store, if the settings name one. Two sites never share a Secret, because with
//! its key each could authenticate as the other. The policy also compares the settings that each
//! site has for the policy `site-secrets` with the certificate that it issues to the site.

mod authority;
mod certificate;
pub mod codes;
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

/// The transform that issues the certificates.
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
            authority::add_authority(&mut plan, authority, &settings, &request.environment);
            owners.insert(authority.secret.clone(), "the authority".to_owned());
            plan.findings.extend(lifetime::check_lifetime(&settings));
        }
        servers::add_servers(&mut plan, request, &settings, &mut owners)?;
        for site in request.fleet.keys("") {
            let name = settings.name.fill(&site, &request.environment);
            let user = settings.common_name.fill(&site, &request.environment);
            let client = Client { site: &site, name: &name, user: &user };
            if let Some(finding) = client.invalid_name() {
                plan.report(finding);
            } else if let Some(other) = owners.insert(name.clone(), format!("site {site}")) {
                plan.report(shared_secret(&site, &other, &name));
            } else {
                add_client(&mut plan, request, &client, &settings, &patterns)?;
            }
        }
        Ok(plan)
    }
}

/// Templates of the objects of a site. They are serialised once and filled in for each site,
/// because there may be thousands of sites.
struct Patterns {
    certificate: Pattern,
    push: Option<Pattern>,
}

impl Patterns {
    fn new(settings: &Settings) -> Self {
        Self {
            certificate: certificate::certificate_pattern(settings),
            push: settings.push.as_ref().map(push::push_pattern),
        }
    }
}

/// Adds a site's Certificate and the object that pushes its Secret to the store, and compares the
/// site's own settings with both.
fn add_client(
    plan: &mut Plan,
    request: &Request,
    client: &Client,
    settings: &Settings,
    patterns: &Patterns,
) -> Result<(), BadRead> {
    certificate::add_certificate(plan, client, &patterns.certificate);
    let push = settings.push.as_ref().zip(patterns.push.as_ref());
    let remote = push.map(|(push, pattern)| {
        let remote = push.remote_key.fill(client.site, &request.environment);
        push::add_push(plan, pattern, client.site, client.name, &remote);
        remote
    });
    sites::compare_settings(plan, request, client, settings, remote.as_deref())
}

fn shared_secret(site: &str, other: &str, name: &str) -> Finding {
    let message = format!("site {site} and {other} would share Secret {name}");
    codes::MTLS_SECRET_SHARED
        .finding(message)
        .at("/name")
        .hint("include {{site}} in the setting name")
}

export_policy!(MtlsClients);

#[cfg(test)]
mod tests;
