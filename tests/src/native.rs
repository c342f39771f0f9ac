//! A policy compiled natively in the same pipeline: what the sandbox is measured against.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use policy_sdk as guest;
use site_render::finding::{Finding, Severity};
use site_render::json;
use site_render::origin::Origin;
use site_render::policy::{
    Change, ConfigChoice, Description, Edit, Evaluation, Failure, Manifest, Plan, Policies, Policy,
    PolicyError, PolicyFinding, PolicyRequest, Scope, Usage,
};
use site_render::value::{Kind, Node};

/// Runs every policy of a lock as the one native policy `P`.
#[derive(Debug)]
pub struct Native<P>(PhantomData<fn() -> P>);

impl<P> Default for Native<P> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

struct Compiled<P> {
    description: Description,
    policy: PhantomData<fn() -> P>,
}

impl<P: guest::Policy + 'static> Policies for Native<P> {
    fn load(&self, _: &str, _: &str, _: &[u8]) -> Result<Arc<dyn Policy>, Box<Finding>> {
        let told = P::describe();
        let description = Description {
            name: told.name.to_owned(),
            version: told.version.to_owned(),
            component: told.component.to_owned(),
            settings_schema: serde_json::from_str(told.settings_schema).expect("a schema is JSON"),
            scopes: vec![Scope::Site],
            ..Description::default()
        };
        Ok(Arc::new(Compiled::<P> { description, policy: PhantomData }))
    }
}

impl<P: guest::Policy + 'static> Policy for Compiled<P> {
    fn description(&self) -> &Description {
        &self.description
    }

    fn evaluate(&self, request: &PolicyRequest) -> Result<Evaluation, PolicyError> {
        let documents = &request.documents;
        let document = |name, node: &Node| guest::Document::new(name, Handle(node.clone()));
        let asked = guest::Request {
            scope: guest::Scope::Site,
            site: request.site.to_string(),
            environment: request.environment.to_string(),
            profile: document(guest::DocumentName::Profile, &documents.profile),
            values: document(guest::DocumentName::Values, &documents.values),
            settings: document(guest::DocumentName::Settings, &documents.settings),
            fleet: document(guest::DocumentName::Fleet, &documents.fleet),
            cluster: document(guest::DocumentName::Cluster, &documents.cluster),
        };
        let plan = P::evaluate(&asked)
            .map_err(|failure| PolicyError::Failure(Failure::Internal(format!("{failure:?}"))))?;
        let usage = Usage { fuel: 0, memory: 0, time: Duration::ZERO };
        Ok(Evaluation { plan: taken(plan), reads: Vec::new(), usage })
    }
}

/// A plan of the SDK's as the pipeline's.
fn taken(plan: guest::Plan) -> Plan {
    let parse = |text: &str| {
        json::parse(text, &Origin::Built("a native policy")).expect("the SDK writes JSON")
    };
    Plan {
        edits: plan
            .edits
            .into_iter()
            .map(|edit| Edit {
                path: edit.path,
                change: match edit.change {
                    guest::Change::Set(text) => Change::Set(parse(&text)),
                    guest::Change::Remove => Change::Remove,
                },
                reason: edit.reason,
            })
            .collect(),
        manifests: plan
            .manifests
            .into_iter()
            .map(|manifest| Manifest { body: parse(&manifest.body), reason: manifest.reason })
            .collect(),
        config: plan.config.map(|config| ConfigChoice {
            layers: config.layers,
            must_read: config.must_read,
            settings: config.settings,
            reason: config.reason,
        }),
        findings: plan
            .findings
            .into_iter()
            .map(|finding| PolicyFinding {
                severity: match finding.severity {
                    guest::Severity::Error => Severity::Error,
                    guest::Severity::Warning => Severity::Warning,
                    guest::Severity::Note => Severity::Note,
                },
                code: finding.code,
                message: finding.message,
                path: finding.path,
                hint: finding.hint,
            })
            .collect(),
    }
}

/// A document as the SDK asks it.
struct Handle(Node);

impl guest::Source for Handle {
    fn get(&self, path: &str) -> Option<String> {
        self.0.pointer(path).map(|node| json::to_string(&node.value))
    }

    fn text(&self, path: &str) -> Option<String> {
        self.0.pointer(path)?.scalar().map(str::to_owned)
    }

    fn keys(&self, path: &str) -> Vec<String> {
        self.0
            .pointer(path)
            .map(|node| node.keys().map(str::to_owned).collect())
            .unwrap_or_default()
    }

    fn size(&self, path: &str) -> u32 {
        self.0.pointer(path).map_or(0, |node| u32::try_from(node.len()).unwrap_or(u32::MAX))
    }

    fn kind(&self, path: &str) -> guest::Kind {
        match self.0.pointer(path).map(|node| node.value.kind()) {
            None => guest::Kind::Missing,
            Some(Kind::Null) => guest::Kind::Null,
            Some(Kind::Boolean) => guest::Kind::Boolean,
            Some(Kind::Number) => guest::Kind::Number,
            Some(Kind::Text) => guest::Kind::Text,
            Some(Kind::Sequence) => guest::Kind::Sequence,
            Some(Kind::Mapping) => guest::Kind::Mapping,
        }
    }
}
