//! Sandboxes and requests to run the policies of these tests with.

use std::sync::Arc;

use policy_sandbox::{Compiler, Limits, Sandbox, inspect};
use site_render::finding::Finding;
use site_render::json;
use site_render::origin::Origin;
use site_render::policy::{
    Documents, Evaluation, Policies, Policy, PolicyError, PolicyRequest, Scope,
};
use site_render::value::Node;

/// A sandbox that compiles quickly: the policies here are ours.
pub(crate) fn sandbox(limits: Limits) -> Sandbox {
    Sandbox::new(limits, None, Compiler::InProcess).expect("a sandbox")
}

/// The default limits, but for the time on the wall: on a busy machine that would end a call
/// before the limit that a test is about.
pub(crate) fn patient() -> Limits {
    Limits { milliseconds: 3_600_000, ..Limits::default() }
}

/// The child process that compiles.
pub(crate) fn child() -> Compiler {
    Compiler::Child { program: env!("CARGO_BIN_EXE_policy-compiler").into(), args: Vec::new() }
}

/// A compiler that cannot be started.
pub(crate) fn no_compiler() -> Compiler {
    Compiler::Child { program: "/nonexistent/compiler".into(), args: Vec::new() }
}

/// The digest that belongs to an artifact.
pub(crate) fn digest(artifact: &[u8]) -> String {
    inspect(artifact).expect("a component").sha256
}

pub(crate) fn load(sandbox: &Sandbox, artifact: &[u8]) -> Result<Arc<dyn Policy>, Box<Finding>> {
    sandbox.load("hostile", &digest(artifact), artifact)
}

pub(crate) fn evaluate(limits: Limits, artifact: &[u8]) -> Result<Evaluation, PolicyError> {
    load(&sandbox(limits), artifact).expect("the policy loads").evaluate(&request("{}"))
}

/// The error of a policy that breaks a rule, with the default limits.
pub(crate) fn broken(artifact: &[u8]) -> Finding {
    broken_under(patient(), artifact)
}

/// The error of a policy that breaks a rule.
pub(crate) fn broken_under(limits: Limits, artifact: &[u8]) -> Finding {
    match evaluate(limits, artifact) {
        Err(PolicyError::Broken(finding)) => {
            assert!(finding.message.starts_with("policy hostile: "), "{}", finding.message);
            *finding
        }
        other => panic!("expected a broken rule, got {other:?}"),
    }
}

/// The error of a policy that is not even loaded.
pub(crate) fn refused(artifact: &[u8]) -> Finding {
    refused_under(patient(), artifact)
}

/// The error of a policy that is not even loaded.
pub(crate) fn refused_under(limits: Limits, artifact: &[u8]) -> Finding {
    match load(&sandbox(limits), artifact) {
        Err(finding) => *finding,
        Ok(_) => panic!("the policy was loaded"),
    }
}

/// A request whose base values are this JSON.
pub(crate) fn request(values: &str) -> PolicyRequest {
    let origin = Origin::Built("test");
    let node = |text| Node::built(json::parse(text, &origin).expect("JSON"), "test");
    PolicyRequest {
        scope: Scope::Site,
        site: "lab".into(),
        environment: "dev".into(),
        documents: Documents {
            profile: node(r#"{"site": {"enabled": true}}"#),
            values: node(values),
            settings: node("{}"),
            fleet: node("{}"),
            cluster: node("{}"),
        },
        record_reads: true,
    }
}
