//! Policies that want more than they may have while they run.

use policy_sandbox::Limits;

use crate::guest::{Guest, HEAP};
use crate::host::{broken, broken_under, evaluate, load, patient, refused, request, sandbox};

#[test]
fn a_loop_without_end_spends_its_fuel() {
    let error = broken(&Guest::new().first("(loop $l (br $l))").build());
    assert_eq!(error.code, "policy/fuel");
    assert!(error.message.contains("100000000"), "{error}");
    assert!(error.hint.is_some_and(|hint| hint.contains("fuel")));
}

#[test]
fn a_loop_of_reads_spends_its_fuel_where_reads_are_not_limited() {
    let limits = Limits { reads: u64::MAX, fuel: 1_000_000, ..patient() };
    let reads = "(loop $l (drop (call $kind (local.get $values) (i32.const 0) (i32.const 0)))
                 (br $l))";
    let error = broken_under(limits, &Guest::new().first(reads).build());
    assert_eq!(error.code, "policy/fuel");
}

#[test]
fn a_million_reads_are_too_many() {
    let reads = "(loop $l (drop (call $kind (local.get $values) (i32.const 0) (i32.const 0)))
                 (local.set $i (i32.add (local.get $i) (i32.const 1)))
                 (br_if $l (i32.lt_u (local.get $i) (i32.const 1000000))))";
    let error = broken(&Guest::new().first(reads).build());
    assert_eq!(error.code, "policy/reads");
}

#[test]
fn reading_a_huge_document_whole_again_and_again_is_bounded() {
    let reads = format!(
        "(loop $l (global.set $heap (i32.const {HEAP}))
          (call $get (local.get $values) (i32.const 0) (i32.const 0) (i32.const 512))
          (br $l))"
    );
    let policy = Guest::new().first(&reads).build();
    let values = format!(r#"{{"text": "{}"}}"#, "x".repeat(2 << 20));
    let limits = Limits { read_bytes: 16 << 20, ..patient() };
    let policy = load(&sandbox(limits), &policy).unwrap();
    let error = format!("{:?}", policy.evaluate(&request(&values)).unwrap_err());
    assert!(error.contains("policy/reads"), "{error}");
}

#[test]
fn time_on_the_wall_is_limited_where_fuel_is_not() {
    let limits = Limits { fuel: u64::MAX / 4, milliseconds: 30, ..patient() };
    let error = broken_under(limits, &Guest::new().first("(loop $l (br $l))").build());
    assert_eq!(error.code, "policy/time");
}

#[test]
fn a_recursion_without_end_exhausts_its_stack_and_not_ours() {
    let deep = "(func $deep (param i64) (result i64)
        (i64.add (call $deep (i64.add (local.get 0) (i64.const 1))) (local.get 0)))";
    let policy = Guest::new().with(deep).first("(drop (call $deep (i64.const 0)))");
    let error = broken(&policy.build());
    assert_eq!(error.code, "policy/stack");
}

#[test]
fn memory_that_grows_without_end_is_stopped_at_the_limit() {
    let policy = Guest::new().first("(loop $l (drop (memory.grow (i32.const 16))) (br $l))");
    let error = broken(&policy.build());
    assert_eq!(error.code, "policy/memory");
    assert!(error.message.contains("67108864"), "{error}");
}

#[test]
fn memory_that_is_too_large_from_the_start_is_refused() {
    let error = refused(&Guest::new().pages(1025).build());
    assert_eq!(error.code, "policy/memory");
}

#[test]
fn a_table_that_grows_without_end_is_stopped_at_the_limit() {
    let policy = Guest::new()
        .with("(table $t 1 funcref)")
        .first("(loop $l (drop (table.grow $t (ref.null func) (i32.const 5000))) (br $l))");
    assert_eq!(broken(&policy.build()).code, "policy/tables");
}

#[test]
fn too_many_tables_are_refused() {
    let policy = Guest::new().with("(table 1 funcref) (table 1 funcref) (table 1 funcref)");
    assert_eq!(refused(&policy.build()).code, "policy/tables");
}

#[test]
fn a_table_that_is_too_large_from_the_start_is_refused() {
    let policy = Guest::new().with("(table 10001 funcref)");
    assert_eq!(refused(&policy.build()).code, "policy/tables");
}

#[test]
fn a_start_function_that_loops_spends_its_fuel_at_load() {
    let policy = Guest::new().with("(func $forever (loop $l (br $l))) (start $forever)");
    assert_eq!(refused(&policy.build()).code, "policy/fuel");
}

#[test]
fn a_trap_names_the_functions_that_led_to_it() {
    let policy = Guest::new().with("(func $give_up unreachable)").first("(call $give_up)");
    let error = broken(&policy.build());
    assert_eq!(error.code, "policy/trap");
    assert!(error.message.contains("give_up, called by"), "{error}");
}

#[test]
fn what_fits_under_the_limits_is_not_disturbed() {
    let busy = "(drop (memory.grow (i32.const 512)))
                (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1)))
                  (br_if $l (i32.lt_u (local.get $i) (i32.const 10000000))))";
    let done = evaluate(patient(), &Guest::new().first(busy).build()).unwrap();
    assert!(done.usage.memory > 32 << 20);
    assert!(done.usage.fuel > 10_000_000);
}
