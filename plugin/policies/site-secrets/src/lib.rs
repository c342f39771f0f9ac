//! The Secrets of a site, as references to a secret store: six `ExternalSecret`s.
//!
//! No value of a secret passes here. What is written is where each is kept, under which keys
//! the worker reads it, and that the client certificate is taken apart into files of which
//! none is empty. The authority's key is never asked for: its public certificate is.

mod external;
mod mtls;
mod secrets;
mod settings;

use policy_sdk::{Description, Failure, Plan, Policy, Request, export_policy};

use crate::external::Writer;
use crate::settings::Settings;

/// Brings a site's Secrets from a store.
pub struct SiteSecrets;

impl Policy for SiteSecrets {
    fn describe() -> Description {
        Description::transform("site-secrets", env!("CARGO_PKG_VERSION"), "nautobot_worker")
            .settings(settings::SCHEMA)
    }

    fn evaluate(request: &Request) -> Result<Plan, Failure> {
        let settings = Settings::read(&request.settings)?;
        settings.name_each_once(&request.settings)?;
        let mut plan = Plan::new();
        let mut writer = Writer::new(&mut plan, &settings.store, request);
        secrets::add(&mut writer, &settings);
        if let Some(mtls) = &settings.mtls {
            mtls::add(&mut writer, mtls);
        }
        Ok(plan)
    }
}

export_policy!(SiteSecrets);

#[cfg(test)]
mod tests;
