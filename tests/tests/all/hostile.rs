//! Policies that misbehave, in the place of the example fleet's own.

use site_cmp_tests::Scratch;

#[allow(dead_code, reason = "the tests of the sandbox use all of it")]
#[path = "../../../host/policy-sandbox/tests/sandbox/guest.rs"]
mod guest;

pub(crate) use guest::{Edit, Guest, HEAP, RESULT};

/// The policy that is replaced, and where its artifact stands.
const NAME: &str = "nautobot-worker";
const ARTIFACT: &str = "policies/nautobot-worker.wasm";

/// An operator's limits that stop no loop while a test runs.
pub(crate) const PATIENT: &str = "fuel: 1000000000000000000\nmilliseconds: 3600000\n";

/// A policy of that name which returns an empty plan.
pub(crate) fn policy() -> Guest {
    Guest::new().serving("nautobot_worker").described(NAME, "{}", 0)
}

/// A policy that never comes to an end by itself.
pub(crate) fn endless() -> Guest {
    policy().first("(loop $l (br $l))")
}

/// A policy that sets the value `cluster` to all that it is told of the cluster.
pub(crate) fn echo() -> Guest {
    let mut guest = policy();
    let [path, path_length] = guest.text("/cluster");
    let [reason, reason_length] = guest.text("an echo");
    let list = guest.words(&[path, path_length, 0, 0, 0, reason, reason_length]);
    let result = guest.listing([list, 1]);
    // `get` leaves at 512 whether there is one, at 516 where it is, at 520 its length.
    guest.returns(result).first(&format!(
        "(call $get (local.get $cluster) (i32.const 0) (i32.const 0) (i32.const 512))
         (i32.store (i32.const {}) (i32.load (i32.const 516)))
         (i32.store (i32.const {}) (i32.load (i32.const 520)))",
        list + 12,
        list + 16,
    ))
}

/// A policy of another name that makes this object.
pub(crate) fn making(name: &str, body: &str) -> Guest {
    let mut guest = Guest::new().serving("nautobot_worker").described(name, "{}", 0);
    let mut manifest = guest.text(body).to_vec();
    manifest.extend(guest.text("it is made"));
    let list = guest.words(&manifest);
    let mut result = [0; RESULT];
    result[3..5].copy_from_slice(&[list, 1]);
    let result = guest.words(&result);
    guest.returns(result)
}

/// The example fleet under a policy, and under no other: checks would miss a worker.
pub(crate) fn fleet(policy: &Guest) -> Scratch {
    let others = "      site-secrets:\n        store:\n          name: site-vault\n      secret-references: {}\n      site-invariants: {}\n    # What";
    let folders = "    resources:\n      - environments/{{environment}}/resources\n      - sites/{{site}}/resources\n";
    Scratch::new()
        .changed("environments/dev/environment.yaml", others, "    # What")
        .changed("environments/dev/environment.yaml", folders, "")
        .pinned(ARTIFACT, &policy.build())
}
