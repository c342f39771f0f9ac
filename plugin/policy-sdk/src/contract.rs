//! Converts between the generated bindings and the types of this crate. `export_policy!` calls it.

use crate::bindings::exports::site_cmp::policy::evaluation as wire;
use crate::bindings::site_cmp::policy::documents;
use crate::{Document, DocumentName, Failure, Kind, Plan, Policy, Request, Source};

/// Returns the description as the contract has it.
pub fn describe<P: Policy>() -> wire::Description {
    let description = P::describe();
    wire::Description {
        name: description.name.to_owned(),
        version: description.version.to_owned(),
        component: description.component.to_owned(),
        settings_schema: description.settings_schema.to_owned(),
        scopes: description.scopes.to_vec(),
        role: description.role,
    }
}

/// Evaluates the policy for a request of the host.
pub fn evaluate<P: Policy>(request: wire::Request) -> Result<Plan, Failure> {
    P::evaluate(&Request {
        scope: request.scope,
        site: request.site,
        environment: request.environment,
        profile: Document::new(DocumentName::Profile, request.profile),
        values: Document::new(DocumentName::Values, request.values),
        settings: Document::new(DocumentName::Settings, request.settings),
        fleet: Document::new(DocumentName::Fleet, request.fleet),
        cluster: Document::new(DocumentName::Cluster, request.cluster),
    })
}

impl Source for documents::Document {
    fn get(&self, path: &str) -> Option<String> {
        documents::Document::get(self, path)
    }

    fn text(&self, path: &str) -> Option<String> {
        documents::Document::text(self, path)
    }

    fn keys(&self, path: &str) -> Vec<String> {
        documents::Document::keys(self, path)
    }

    fn size(&self, path: &str) -> u32 {
        documents::Document::size(self, path)
    }

    fn kind(&self, path: &str) -> Kind {
        documents::Document::kind(self, path)
    }
}
