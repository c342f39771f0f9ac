//! Creates the Secrets of a site from a secret store: six `ExternalSecret`s.
//!
//! No value of a secret passes through here. Each object names the remote key of its values and the
//! keys under which the worker reads them, and splits the client certificate into its files. It
//! fetches only the authority's public certificate, never its key.

mod external;
mod mtls;
mod secrets;
mod settings;

use policy_sdk::{Description, Failure, Plan, Policy, Request, export_policy};

use crate::external::Writer;
use crate::settings::Settings;

/// The transform that creates a site's `ExternalSecret`s.
pub struct SiteSecrets;

impl Policy for SiteSecrets {
    fn describe() -> Description {
        Description::transform("site-secrets", env!("CARGO_PKG_VERSION"), "nautobot_worker")
            .settings(settings::SCHEMA)
    }

    fn evaluate(request: &Request) -> Result<Plan, Failure> {
        let settings = Settings::read(&request.settings)?;
        settings.require_unique_names(&request.settings)?;
        let mut plan = Plan::new();
        let mut writer = Writer::new(&mut plan, &settings.store, request);
        secrets::add_secrets(&mut writer, &settings);
        if let Some(mtls) = &settings.mtls {
            mtls::add_certificate(&mut writer, mtls);
        }
        Ok(plan)
    }
}

export_policy!(SiteSecrets);

#[cfg(test)]
mod tests;
