//! Asking policies: each is loaded by path and digest, its settings are checked against
//! its own schema, and what it answers is taken or its refusal told.

mod convert;
mod load;
pub(crate) mod property;
pub(crate) mod settings;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub(crate) use load::{Ready, load};

use crate::codes;
use crate::finding::{Code, Finding, Problems};
use crate::fleet::Fleet;
use crate::gate::Open;
use crate::inputs::Inputs;
use crate::json;
use crate::merge;
use crate::origin::Place;
use crate::policy::{
    Answer, BadValue, Description, Documents, Failure, PolicyError, PolicyFinding, PolicyRequest,
    Role, Scope,
};
use crate::request::Request;
use crate::schema::complaint;
use crate::secret;
use crate::value::Node;

use settings::{Given, Settled};

/// What the policies of a site or fleet were asked for.
pub(crate) struct Asked {
    /// What transforms answered.
    pub(crate) answers: Vec<Answer>,
    /// Checks, to be asked about the final values.
    pub(crate) checks: Vec<(Arc<Ready>, PolicyRequest)>,
    /// Settings that came from beside the fleet, weakest first.
    pub(crate) given: Vec<Given>,
    /// What transforms noticed.
    pub(crate) findings: Vec<Finding>,
}

/// Asks every transform of a site or fleet; keeps the checks for later.
pub(crate) fn ask(
    fleet: &Fleet,
    open: &Open,
    inputs: &Inputs,
    wanted: &Request,
) -> Result<Asked, Problems> {
    let Settled { policies, given, mut problems } =
        settings::settle(fleet, &wanted.subject.told(), open.policies(), &wanted.settings);
    let refused = !problems.is_empty();
    let mut asked = Asked { answers: Vec::new(), checks: Vec::new(), given, findings: Vec::new() };
    for (name, settings) in &policies {
        let outcome =
            prepare(fleet, open, inputs, name, settings).and_then(|(ready, mut request)| {
                // What a policy says without a setting that was meant for it helps nobody.
                if refused {
                    return Ok(());
                }
                request.record_reads = wanted.record_reads;
                if ready.policy.description().role == Role::Check {
                    asked.checks.push((ready, request));
                    return Ok(());
                }
                asked.answers.push(answer(&ready, request, &mut asked.findings)?);
                Ok(())
            });
        if let Err(found) = outcome {
            problems.extend(found.0);
        }
    }
    problems.extend(asked.findings.iter().filter(|finding| finding.is_error()).cloned());
    if problems.is_empty() { Ok(asked) } else { Err(Problems(problems)) }
}

/// Asks one check about final values and the objects beside them, which join what it is told
/// of the cluster; gives its findings.
pub(crate) fn check(
    ready: &Ready,
    mut request: PolicyRequest,
    values: Node,
    objects: &Node,
) -> Result<Vec<Finding>, Problems> {
    request.documents.values = values;
    request.documents.cluster = merge::files(&request.documents.cluster, objects);
    let mut findings = Vec::new();
    answer(ready, request, &mut findings)?;
    Ok(findings)
}

fn prepare(
    fleet: &Fleet,
    open: &Open,
    inputs: &Inputs,
    name: &str,
    settings: &Node,
) -> Result<(Arc<Ready>, PolicyRequest), Problems> {
    let ready = fleet.policy(name, settings.origin.key_place())?;
    serves(ready.policy.description(), open, settings.origin.key_place())?;
    check_settings(&ready, name, settings)?;
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
    Ok((ready, request))
}

/// Whether a policy is one of this component, and for a site or a fleet.
fn serves(described: &Description, open: &Open, place: Option<Place>) -> Result<(), Box<Finding>> {
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

fn check_settings(ready: &Ready, name: &str, settings: &Node) -> Result<(), Problems> {
    let instance = json::to_serde(settings);
    let problems: Vec<Finding> = ready
        .settings
        .validator
        .iter_errors(&instance)
        .map(|error| {
            let path = error.instance_path().to_string();
            codes::POLICY_SETTINGS
                .finding(format!(
                    "settings of policy `{name}`: {}{}{}",
                    in_path(&path),
                    complaint(&error, &path),
                    whose(settings, &path)
                ))
                .at(nearest_place(settings, &path))
                .on(path)
                .hint("`cmp policy inspect` shows what it can be set to")
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(Problems(problems)) }
}

fn in_path(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}: ") }
}

/// Who asked for the value at a pointer, where it stands in no file.
fn whose(node: &Node, path: &str) -> String {
    let asked = nearest(node, path).and_then(|found| found.origin.asked());
    asked.map_or_else(String::new, |asked| format!(" ({asked})"))
}

/// What is at a pointer, else the nearest thing above it that is there.
fn nearest<'n>(node: &'n Node, path: &str) -> Option<&'n Node> {
    let mut above = path;
    loop {
        match node.pointer(above) {
            Some(found) => return Some(found),
            None => above = &above[..above.rfind('/')?],
        }
    }
}

/// Where the value at a pointer stands, else the nearest thing above it that is there.
/// Where a secret may stand, the place does not show its line.
pub(crate) fn nearest_place(node: &Node, path: &str) -> Option<Place> {
    let secret = path.split('/').any(secret::is_named_by);
    let place = nearest(node, path)?.origin.key_place();
    if secret { place.map(Place::without_text) } else { place }
}

fn answer(
    ready: &Ready,
    request: PolicyRequest,
    findings: &mut Vec<Finding>,
) -> Result<Answer, Problems> {
    let described = ready.policy.description();
    let evaluation = ready.policy.evaluate(&request).map_err(|error| match error {
        PolicyError::Broken(finding) => finding.into(),
        PolicyError::Failure(failure) => refusal(&described.name, failure, &request.documents),
    })?;
    let documents = request.documents;
    findings.extend(
        evaluation.plan.findings.iter().map(|finding| told(&described.name, finding, &documents)),
    );
    if described.role == Role::Check
        && !(evaluation.plan.edits.is_empty() && evaluation.plan.manifests.is_empty())
    {
        return Err(codes::POLICY_ROLE
            .finding(format!("policy `{}` is a check and may not change anything", described.name))
            .into());
    }
    Ok(Answer {
        policy: described.name.clone(),
        version: described.version.clone(),
        plan: evaluation.plan,
        reads: evaluation.reads,
        usage: evaluation.usage,
        documents,
    })
}

/// A policy's finding as ours.
fn told(policy: &str, finding: &PolicyFinding, documents: &Documents) -> Finding {
    let place = finding.path.as_deref().and_then(|path| {
        let holds = |document: &&Node| document.pointer(path).is_some();
        let known = [&documents.values, &documents.profile, &documents.fleet, &documents.settings];
        let document = known.into_iter().find(holds)?;
        nearest_place(document, path)
    });
    let message = format!("{} (policy {policy})", finding.message);
    Finding {
        path: finding.path.clone(),
        hint: finding.hint.clone(),
        ..Finding::of_policy(finding.severity, finding.code.clone(), message)
    }
    .at(place)
}

/// A policy's typed failure as errors, each at its place.
fn refusal(policy: &str, failure: Failure, documents: &Documents) -> Problems {
    let each = |code: &'static Code, what: &str, document: &Node, values: Vec<BadValue>| {
        let findings = values.into_iter().map(|bad| {
            code.finding(format!(
                "{what}{}: {} (policy {policy}){}",
                bad.path,
                bad.message,
                whose(document, &bad.path)
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
            .hint("this is a bug of the policy")
            .into(),
    }
}
