//! Policies that are slow to validate, that come in numbers, or that the compiler cannot bear.

use serde_json::json;

use super::super::fleet::HostileFleet;
use super::super::guests;
use super::{Attack, Case, Owed, on_each_core, site_call};

pub(super) const CASES: &[Case] = &[
    Case::new(
        12,
        "types-that-take-minutes-to-compare",
        |seed| {
            let policy = seeded(guests::slow_to_validate("(tuple # #)", 60), seed);
            on_each_core(site_call(&HostileFleet::new().policy("hostile", policy, json!({})), seed))
        },
        // The compiler may have more time than the call.
        Owed::Error(&["error["]),
    ),
    Case::new(
        12,
        "records-that-take-minutes-to-compare",
        |seed| {
            let policy = seeded(
                guests::slow_to_validate("(record (field \"a\" #) (field \"b\" #))", 60),
                seed,
            );
            on_each_core(site_call(&HostileFleet::new().policy("hostile", policy, json!({})), seed))
        },
        Owed::Error(&["error[policy/"]),
    ),
    Case::new(
        13,
        "40-new-policies-of-one-repo",
        |seed| {
            let fleet = (0..40).fold(HostileFleet::new(), |fleet, at| {
                let name = format!("p{at}");
                let policy = seeded(guests::slow_to_compile(&name, 20), seed);
                fleet.policy(&name, policy, json!({}))
            });
            on_each_core(site_call(&fleet, seed))
        },
        Owed::Any,
    ),
    Case::new(
        13,
        "40-repos-with-a-new-policy-each",
        |seed| {
            let calls = (0..40).map(|at| {
                let policy = seeded(guests::slow_to_compile("hostile", 20), seed * 1000 + at);
                site_call(
                    &HostileFleet::new().policy("hostile", policy, json!({})),
                    seed * 1000 + at,
                )
            });
            Attack::Calls(calls.collect())
        },
        Owed::Any,
    ),
    Case::new(
        27,
        "two-memories-in-one-component",
        |seed| {
            let policy = seeded(guests::two_memories(), seed);
            let call = site_call(&HostileFleet::new().policy("hostile", policy, json!({})), seed);
            Attack::Calls(vec![call; 2])
        },
        Owed::Error(&["error[policy/compile]"]),
    ),
];

/// Returns an artifact with a custom section, so that its digest is another for each seed.
fn seeded(mut artifact: Vec<u8>, seed: u64) -> Vec<u8> {
    artifact.extend([0, 13, 4]);
    artifact.extend(b"seed");
    artifact.extend(seed.to_le_bytes());
    artifact
}
