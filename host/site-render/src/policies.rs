//! The policies stage: loads each policy, validates its settings against its schema, calls
//! it, and returns its plan or the errors that it reports.

mod convert;
pub(crate) mod plan_texts;
pub(crate) mod property;
mod setting_errors;
pub(crate) mod settings;
#[cfg(test)]
mod tests;
mod variables;

use std::sync::Arc;

use crate::codes;
use crate::disclosure::is_secret_at;
use crate::finding::{Code, Finding, Problems, Stage};
use crate::finding_list::FindingList;
use crate::findings::{Reported, Reporter};
use crate::gate::Open;
use crate::helm_merge;
use crate::inputs::Inputs;
use crate::json;
use crate::memory::MemoryBudget;
use crate::origin::Location;
use crate::policy::{
    Answer, BadValue, Description, Documents, Failure, PolicyError, PolicyFinding, PolicyRequest,
    Role, Scope,
};
use crate::policy_store::{LoadedPolicy, PolicyStore};
use crate::request::Request;
use crate::schema::{COST_HINT, Validation};
use crate::value::Node;

use setting_errors::override_name;
use settings::{Override, ResolvedSettings};

/// How many errors of one policy's settings are reported.
const MAX_COMPLAINTS: usize = 1_000;

/// The results of a site's or fleet's policies.
pub(crate) struct Evaluated {
    /// The plans of the transforms.
    pub(crate) answers: Vec<Answer>,
    /// The check policies, which the checks stage calls with the final values.
    pub(crate) checks: Vec<(Arc<LoadedPolicy>, PolicyRequest)>,
    /// Settings from outside the fleet, weakest first.
    pub(crate) overrides: Vec<Override>,
    /// sha256 of the lock that pins these policies.
    pub(crate) lock_digest: String,
}

/// Evaluates every transform of a site or fleet, and prepares the checks for their stage.
pub(crate) fn evaluate_policies(
    store: &PolicyStore,
    open: &Open,
    inputs: &Inputs,
    request: &Request,
    memory: &MemoryBudget,
) -> Result<Reported<Evaluated>, Problems> {
    let whose = request.subject.label();
    let ResolvedSettings { policies, overrides, mut problems } =
        settings::apply_overrides(store, &whose, open.policies(), &request.settings);
    let lock_digest = store.lock.digest.clone();
    let (answers, checks) = (Vec::new(), Vec::new());
    let mut evaluated = Evaluated { answers, checks, overrides, lock_digest };
    let mut findings = FindingList::default();
    // If an override is invalid, no policy is called: a result without that setting would
    // mislead. The settings of all policies are still checked.
    let call = problems.is_empty();
    for (name, settings) in &policies {
        let outcome = prepare_call(store, open, inputs, name, settings).and_then(
            |(loaded, mut policy_request)| {
                policy_request.record_reads = request.record_reads;
                if call && loaded.policy.description().role == Role::Check {
                    evaluated.checks.push((loaded, policy_request));
                } else if call {
                    let answer = call_policy(&loaded, policy_request, &mut findings)?;
                    memory.spend_plan(name, &answer.plan)?;
                    evaluated.answers.push(answer);
                }
                Ok(())
            },
        );
        if let Err(found) = outcome {
            problems.extend(found.0);
        }
    }
    let findings = findings.into_vec();
    problems.extend(findings.iter().filter(|finding| finding.is_error()).cloned());
    if !problems.is_empty() {
        return Err(problems.into());
    }
    Ok(Reported::new(Reporter::Policies, evaluated, findings))
}

/// Evaluates one check policy on the final values and adds its findings. `objects`, a mapping
/// with the key `objects`, is merged into the `cluster` document.
pub(crate) fn evaluate_check(
    loaded: &LoadedPolicy,
    mut request: PolicyRequest,
    values: Node,
    objects: &Node,
    findings: &mut FindingList,
) -> Result<(), Problems> {
    request.documents.values = values;
    request.documents.cluster = helm_merge::merge_files(&request.documents.cluster, objects);
    call_policy(loaded, request, findings).map(drop)
}

/// Loads a policy, checks its scope and its settings, and builds the request for it.
fn prepare_call(
    store: &PolicyStore,
    open: &Open,
    inputs: &Inputs,
    name: &str,
    settings: &Node,
) -> Result<(Arc<LoadedPolicy>, PolicyRequest), Problems> {
    let loaded = store.get(name, settings.origin.key_place())?;
    check_scope(loaded.policy.description(), open, settings.origin.key_place())?;
    check_settings(&loaded, name, settings)?;
    let request = PolicyRequest {
        scope: open.scope(),
        site: open.site(),
        environment: open.environment().name.clone(),
        documents: Documents {
            profile: open.profile().clone(),
            values: inputs.base.clone(),
            settings: settings.clone(),
            fleet: open.fleet(),
            cluster: inputs.cluster.clone(),
        },
        record_reads: false,
    };
    Ok((loaded, request))
}

/// Checks that a policy serves this component, and sites or global clusters as needed.
fn check_scope(
    described: &Description,
    open: &Open,
    place: Option<Location>,
) -> Result<(), Box<Finding>> {
    let (name, component) = (&described.name, &open.component().name);
    let whose = match open.scope() {
        Scope::Site => "sites",
        Scope::Global => "a global cluster",
    };
    let message = if described.component != **component {
        format!("policy `{name}` serves component `{}`, not `{component}`", described.component)
    } else if !described.scopes.contains(&open.scope()) {
        format!("policy `{name}` does not serve {whose}")
    } else {
        return Ok(());
    };
    Err(Box::new(codes::POLICY_SCOPE.finding(message).at(place)))
}

/// Validates settings against the schema of their policy.
fn check_settings(loaded: &LoadedPolicy, name: &str, settings: &Node) -> Result<(), Problems> {
    let errors = match loaded.settings.validate(&json::to_serde(settings), MAX_COMPLAINTS) {
        Validation::Valid => return Ok(()),
        Validation::Invalid(errors) => errors,
        Validation::TooExpensive => {
            let message =
                format!("settings of policy `{name}`: their schema takes too many steps on them");
            let finding = codes::SCHEMA_COST.finding(message).stage(Stage::Policies);
            return Err(finding.at(settings.origin.key_place()).hint(COST_HINT).into());
        }
    };
    let schema = &loaded.policy.description().settings_schema;
    Err(setting_errors::setting_findings(name, schema, settings, errors).into())
}

/// Returns the node at a pointer, else its nearest ancestor that exists.
fn nearest_node<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    let mut above = path;
    loop {
        match node.pointer(above) {
            Some(node) => return Some(node),
            None => above = &above[..above.rfind('/')?],
        }
    }
}

/// Returns the place of the value at a pointer, else of its nearest ancestor that exists.
/// If the value may be a secret, the place has no text of the file, so that no message quotes it.
pub(crate) fn nearest_place(node: &Node, path: &str) -> Option<Location> {
    let place = nearest_node(node, path)?.origin.key_place();
    if is_secret_at(node, path) { place.map(Location::without_text) } else { place }
}

/// Calls a policy and returns its plan; adds the findings of the plan to `findings`.
fn call_policy(
    loaded: &LoadedPolicy,
    request: PolicyRequest,
    findings: &mut FindingList,
) -> Result<Answer, Problems> {
    let described = loaded.policy.description();
    let mut evaluation = loaded.policy.evaluate(&request).map_err(|error| match error {
        PolicyError::Broken(finding) => finding.into(),
        PolicyError::Failure(mut failure) => {
            plan_texts::hide_in_failure(&mut failure, &request.documents);
            failure_findings(&described.name, failure, &request.documents)
        }
    })?;
    let documents = request.documents;
    plan_texts::hide_in_plan(&mut evaluation.plan, &documents);
    findings.extend(
        evaluation
            .plan
            .findings
            .iter()
            .map(|finding| to_finding(&described.name, finding, &documents)),
    );
    Ok(Answer {
        policy: described.name.clone(),
        version: described.version.clone(),
        plan: evaluation.plan,
        reads: evaluation.reads,
        usage: evaluation.usage,
        documents,
    })
}

/// Returns a policy's finding as a finding of the render.
fn to_finding(policy: &str, finding: &PolicyFinding, documents: &Documents) -> Finding {
    let place = finding.path.as_deref().and_then(|path| {
        let holds = |document: &&Node| document.pointer(path).is_some();
        let known = [&documents.values, &documents.profile, &documents.fleet, &documents.settings];
        let document = known.into_iter().find(holds)?;
        nearest_place(document, path)
    });
    let message = format!("{} (policy {policy})", finding.message);
    let mut reported =
        Finding::of_policy(finding.severity, finding.code.clone(), message).at(place);
    if let Some(path) = &finding.path {
        reported = reported.on(path.clone());
    }
    match &finding.hint {
        Some(hint) => reported.hint(hint.clone()),
        None => reported,
    }
}

/// Returns a policy's typed failure as errors, each at its place.
fn failure_findings(policy: &str, failure: Failure, documents: &Documents) -> Problems {
    let each = |code: &'static Code, what: &str, document: &Node, values: Vec<BadValue>| {
        let findings = values.into_iter().map(|bad| {
            code.finding(format!(
                "{what}{}: {} (policy {policy}){}",
                bad.path,
                bad.message,
                override_name(document, &bad.path)
            ))
            .at(nearest_place(document, &bad.path))
            .on(bad.path)
        });
        Problems(findings.collect())
    };
    match failure {
        Failure::BadSettings(values) => {
            each(&codes::POLICY_BAD_SETTINGS, "settings ", &documents.settings, values)
        }
        Failure::BadProfile(values) => {
            each(&codes::POLICY_BAD_PROFILE, "profile ", &documents.profile, values)
        }
        Failure::BadValues(values) => {
            each(&codes::POLICY_BAD_VALUES, "values ", &documents.values, values)
        }
        Failure::Unsupported(why) => {
            codes::POLICY_UNSUPPORTED.finding(format!("{why} (policy {policy})")).into()
        }
        Failure::Internal(why) => codes::POLICY_INTERNAL
            .finding(format!("policy `{policy}` failed: {why}"))
            .hint("report this bug to the author of the policy")
            .into(),
    }
}
