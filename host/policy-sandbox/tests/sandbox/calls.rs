//! Policies that behave: what they read, what they cost, how many run at once.

use std::thread;

use policy_sandbox::Limits;
use site_render::policy::{DocumentName, Read, Role, Scope};

use crate::guest::{Edit, Guest};
use crate::host::{load, patient, request, sandbox};

/// Reads one text and two pointers that are not there.
fn reader() -> Vec<u8> {
    let mut guest = Guest::new();
    let [path, length] = guest.text("/a/b");
    guest
        .first(&format!(
            "(call $text (local.get $values) (i32.const {path}) (i32.const {length}) (i32.const 512))
             (if (i32.ne (i32.load (i32.const 520)) (i32.const 5)) (then unreachable))
             (drop (call $size (local.get $profile) (i32.const {path}) (i32.const 2)))
             (call $keys (local.get $fleet) (i32.const 0) (i32.const 0) (i32.const 512))"
        ))
        .build()
}

#[test]
fn a_description_is_read_once_at_load() {
    let guest = Guest::new().serving("a_component").described("hostile", "{}", 0);
    let policy = load(&sandbox(patient()), &guest.build()).unwrap();
    let found = policy.description();
    assert_eq!(found.name, "hostile");
    assert_eq!(found.component, "a_component");
    assert_eq!(found.scopes, [Scope::Site, Scope::Global]);
    assert_eq!(found.role, Role::Transform);
}

#[test]
fn reads_are_recorded_in_order_and_only_if_asked_for() {
    let policy = load(&sandbox(patient()), &reader()).unwrap();
    let mut request = request(r#"{"a": {"b": "hello"}}"#);
    let read = |document, path: &str| Read { document, path: path.into() };
    assert_eq!(
        policy.evaluate(&request).unwrap().reads,
        [
            read(DocumentName::Values, "/a/b"),
            read(DocumentName::Profile, "/a"),
            read(DocumentName::Fleet, ""),
        ]
    );
    request.record_reads = false;
    assert!(policy.evaluate(&request).unwrap().reads.is_empty());
}

#[test]
fn the_same_question_costs_the_same_fuel_and_memory_a_hundred_times() {
    let policy = load(&sandbox(patient()), &reader()).unwrap();
    let request = request(r#"{"a": {"b": "hello"}}"#);
    let first = policy.evaluate(&request).unwrap().usage;
    assert!(first.fuel > 0 && first.memory > 0);
    for _ in 0..100 {
        let usage = policy.evaluate(&request).unwrap().usage;
        assert_eq!((usage.fuel, usage.memory), (first.fuel, first.memory));
    }
}

#[test]
fn more_calls_than_slots_wait_for_their_turn() {
    let limits = Limits { concurrent_calls: 1, ..patient() };
    let policy = load(&sandbox(limits), &reader()).unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..50 {
                    policy.evaluate(&request(r#"{"a": {"b": "hello"}}"#)).unwrap();
                }
            });
        }
    });
}

#[test]
fn more_policies_than_are_kept_still_work() {
    let limits = Limits { loaded_policies: 1, ..patient() };
    let sandbox = sandbox(limits);
    let artifacts: Vec<_> = (0..3)
        .map(|n| {
            let mut guest = Guest::new();
            let path = format!("/{n}");
            let plan = guest.plan(&[Edit { path: &path, json: Some("1"), reason: "because" }]);
            guest.returns(plan).build()
        })
        .collect();
    for _ in 0..2 {
        for (n, artifact) in artifacts.iter().enumerate() {
            let policy = load(&sandbox, artifact).unwrap();
            let plan = policy.evaluate(&request("{}")).unwrap().plan;
            assert_eq!(plan.edits[0].path, format!("/{n}"));
        }
    }
}
