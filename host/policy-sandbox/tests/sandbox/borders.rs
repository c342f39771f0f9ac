//! Policies that look for what is not theirs.

use policy_sandbox::Limits;
use site_render::policy::PolicyError;

use crate::guest::Guest;
use crate::host::{broken, load, patient, request, sandbox};

#[test]
fn a_forged_handle_is_no_document() {
    let policy = Guest::new()
        .first("(drop (call $kind (i32.const 4711) (i32.const 0) (i32.const 0)))")
        .build();
    assert_eq!(broken(&policy).code, "policy/trap");
}

#[test]
fn a_handle_that_was_dropped_is_no_document() {
    let policy = Guest::new()
        .first(
            "(call $drop (local.get $values))
             (drop (call $kind (local.get $values) (i32.const 0) (i32.const 0)))",
        )
        .build();
    assert_eq!(broken(&policy).code, "policy/trap");
}

#[test]
fn a_handle_cannot_be_dropped_twice() {
    let policy = Guest::new()
        .first("(call $drop (local.get $values)) (call $drop (local.get $values))")
        .build();
    assert_eq!(broken(&policy).code, "policy/trap");
}

/// Grows by 8 MiB, traps if any byte of it was written before, then writes all of it.
const SCAN_AND_SOIL: &str = "
    (local.set $n (i32.mul (memory.size) (i32.const 65536)))
    (drop (memory.grow (i32.const 128)))
    (local.set $i (local.get $n))
    (loop $l
      (if (i64.ne (i64.load (local.get $i)) (i64.const 0)) (then unreachable))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $l (i32.lt_u (local.get $i) (i32.mul (memory.size) (i32.const 65536)))))
    (memory.fill (local.get $n) (i32.const 170) (i32.const 8388608))";

/// Traps if the static part of memory, 256 KiB, was written before; then writes it.
const SCAN_AND_SOIL_STATIC: &str = "
    (local.set $i (i32.const 65536))
    (loop $l
      (if (i64.ne (i64.load (local.get $i)) (i64.const 0)) (then unreachable))
      (local.set $i (i32.add (local.get $i) (i32.const 8)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 262144))))
    (memory.fill (i32.const 65536) (i32.const 170) (i32.const 196608))";

#[test]
fn nothing_of_an_earlier_call_is_left_for_the_same_policy_or_another() {
    let limits = Limits { concurrent_calls: 1, ..patient() };
    let sandbox = sandbox(limits);
    let policies: Vec<_> = [SCAN_AND_SOIL, SCAN_AND_SOIL_STATIC]
        .iter()
        .map(|body| load(&sandbox, &Guest::new().first(body).build()).unwrap())
        .collect();
    for _ in 0..20 {
        for policy in &policies {
            policy.evaluate(&request("{}")).unwrap();
        }
        policies[0].evaluate(&request("{}")).unwrap();
    }
}

#[test]
fn a_call_that_trapped_leaves_nothing_for_the_next() {
    let limits = Limits { concurrent_calls: 1, ..patient() };
    let sandbox = sandbox(limits);
    let soils_and_traps = format!("{SCAN_AND_SOIL} unreachable");
    let policy = load(&sandbox, &Guest::new().first(&soils_and_traps).build()).unwrap();
    let clean = load(&sandbox, &Guest::new().first(SCAN_AND_SOIL).build()).unwrap();
    for _ in 0..10 {
        assert!(matches!(
            policy.evaluate(&request("{}")),
            Err(PolicyError::Broken(error)) if error.code == "policy/trap"
        ));
        clean.evaluate(&request("{}")).unwrap();
    }
}
