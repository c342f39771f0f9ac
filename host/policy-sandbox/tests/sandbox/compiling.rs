//! The child process that compiles, and how it ends.

use std::thread;

use policy_sandbox::{Compiler, Limits, Sandbox};
use site_render::finding::{Fault, Finding};

use crate::guest::Guest;
use crate::host::{child, load, no_compiler, patient, request};

/// Many long functions: seconds of work for the compiler, kilobytes of artifact.
fn laborious() -> Vec<u8> {
    let step = "(local.set 0 (i64.mul (i64.add (local.get 0) (local.get 1)) (i64.const 3)))
                (if (i64.eqz (local.get 0)) (then (local.set 1 (i64.const 7))))\n";
    let body = step.repeat(12_000);
    let function = format!("(func (param i64 i64) (result i64) {body} (local.get 0))\n");
    Guest::new().with(&function.repeat(6)).build()
}

fn error(limits: Limits, artifact: &[u8]) -> Finding {
    let sandbox = Sandbox::new(limits, None, child()).unwrap();
    match load(&sandbox, artifact) {
        Err(error) => *error,
        Ok(_) => panic!("it was compiled"),
    }
}

#[test]
fn the_childs_code_runs_here() {
    let sandbox = Sandbox::new(patient(), None, child()).unwrap();
    let policy = load(&sandbox, &Guest::new().build()).unwrap();
    policy.evaluate(&request("{}")).unwrap();
}

#[test]
fn a_policy_that_compiles_too_long_is_given_up() {
    let limits = Limits { compile_seconds: 1, ..patient() };
    let error = error(limits, &laborious());
    assert_eq!(error.code, "policy/compile-time", "{error}");
    assert!(error.message.contains("1 second"), "{error}");
}

#[test]
fn a_policy_that_takes_too_much_memory_to_compile_is_given_up() {
    // Its four threads alone reserve 64 MiB each for their heaps.
    let limits = Limits { compile_memory_bytes: 384 << 20, ..patient() };
    let error = error(limits, &laborious());
    assert_eq!(error.code, "policy/compile-memory", "{error}");
}

#[test]
fn compiled_code_that_is_too_large_is_refused() {
    let limits = Limits { code_bytes: 4096, ..patient() };
    assert_eq!(error(limits, &Guest::new().build()).code, "policy/compile-size");
}

#[test]
fn a_missing_compiler_is_the_machines_fault() {
    let sandbox = Sandbox::new(patient(), None, no_compiler()).unwrap();
    let error = load(&sandbox, &Guest::new().build()).err().unwrap();
    assert_eq!(error.code, "policy/compiler");
    assert_eq!(error.fault, Fault::Environment);
}

#[test]
fn a_compiler_that_does_not_compile_is_the_machines_fault() {
    let compiler = Compiler::Child { program: "/bin/false".into(), args: Vec::new() };
    let sandbox = Sandbox::new(patient(), None, compiler).unwrap();
    let error = load(&sandbox, &Guest::new().build()).err().unwrap();
    assert_eq!(error.code, "policy/compiler");
    assert_eq!(error.fault, Fault::Environment);
}

#[test]
fn many_who_want_the_same_policy_at_once_get_it() {
    let sandbox = Sandbox::new(patient(), None, child()).unwrap();
    let policy = Guest::new().build();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| load(&sandbox, &policy).unwrap());
        }
    });
}
