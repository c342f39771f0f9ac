//! Policies that misbehave, in the place of the example fleet's own.

use site_cmp_tests::Scratch;

#[allow(dead_code, reason = "the tests of the sandbox use all of it")]
#[path = "../../../host/policy-sandbox/tests/sandbox/guest.rs"]
mod guest;

pub(crate) use guest::{Edit, Guest, HEAP};

/// The policy that is replaced, and where its artifact stands.
const NAME: &str = "nautobot-worker";
const ARTIFACT: &str = "policies/nautobot-worker.wasm";

/// An operator's limits that stop a loop after 20 seconds, and not before.
pub(crate) const PATIENT: &str = "fuel: 1000000000000000\nmilliseconds: 20000\n";

/// A policy of that name which returns an empty plan.
pub(crate) fn policy() -> Guest {
    Guest::new().serving("nautobot_worker").described(NAME, "{}", 0)
}

/// A policy that never comes to an end by itself.
pub(crate) fn endless() -> Guest {
    policy().first("(loop $l (br $l))")
}

/// The example fleet under a policy.
pub(crate) fn fleet(policy: &Guest) -> Scratch {
    Scratch::new().pinned(ARTIFACT, &policy.build())
}
