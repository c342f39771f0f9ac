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

/// A policy with one more component inside, which is instantiated if it should be.
fn with_component(wat: &str, instantiated: bool) -> Vec<u8> {
    let mut policy = Guest::new().build();
    let index = components(&policy);
    let inner = wat::parse_str(wat).unwrap();
    policy.push(4);
    let mut length = inner.len();
    while length >= 0x80 {
        policy.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    policy.push(u8::try_from(length).unwrap());
    policy.extend(inner);
    if instantiated {
        policy.extend([5, 4, 1, 0, index, 0]);
    }
    policy
}

/// The number of components directly inside of another.
fn components(component: &[u8]) -> u8 {
    let mut depth = 0;
    let mut direct = 0;
    for payload in wasmparser::Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            wasmparser::Payload::ComponentSection { .. } => {
                direct += u8::from(depth == 0);
                depth += 1;
            }
            wasmparser::Payload::ModuleSection { .. } => depth += 1,
            wasmparser::Payload::End(_) => depth -= 1,
            _ => {}
        }
    }
    direct
}

/// Two components with a memory each, and a string that goes from one to the other: the
/// compiler's own adapter has two memories, and its assertion that the adapter is valid fails.
const TWO_MEMORIES: &str = r#"(component
  (component $a
    (core module $m
      (memory (export "memory") 1)
      (func (export "f") (param i32 i32))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0))
    (core instance $i (instantiate $m))
    (func (export "f") (param "s" string)
      (canon lift (core func $i "f") (memory (core memory $i "memory"))
        (realloc (core func $i "realloc")))))
  (component $b
    (import "f" (func $f (param "s" string)))
    (core module $memory (memory (export "memory") 1))
    (core instance $memory (instantiate $memory))
    (core func $lowered (canon lower (func $f) (memory (core memory $memory "memory"))))
    (core module $m
      (import "" "f" (func $f (param i32 i32)))
      (func (export "g") (call $f (i32.const 0) (i32.const 0))))
    (core instance $i (instantiate $m (with "" (instance (export "f" (func $lowered))))))
    (func (export "g") (canon lift (core func $i "g"))))
  (instance $a (instantiate $a))
  (instance $b (instantiate $b (with "f" (func $a "f")))))"#;

/// A component whose validation compares two types of 2^16 leaves, this many times in each of
/// some components: one may have a thousand instances.
fn same_types_twice(parts: usize, comparisons: usize) -> String {
    let chain = |name: &str| {
        let level =
            |n: usize| format!("(type ${name}{n} (tuple ${name}{} ${name}{}))\n", n - 1, n - 1);
        let levels: String = (1..=16).map(level).collect();
        format!("(type ${name}0 (tuple u8 u8))\n{levels}")
    };
    let instance = r#"(instance (instantiate $inner (with "f" (func $f))))"#;
    let part = format!(
        r#"(component {} {}
             (component $inner (import "f" (func (param "x" $a16))))
             (import "f" (func $f (param "x" $b16)))
             {})"#,
        chain("a"),
        chain("b"),
        instance.repeat(comparisons)
    );
    format!("(component {})", part.repeat(parts))
}

#[test]
fn a_policy_that_the_compiler_fails_on_is_its_authors_fault_and_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let counted = folder.path().join("counted");
    // A shell counts how often the compiler is started.
    let script = format!("echo >> {}; exec \"$0\" \"$@\"", counted.display());
    let args = ["-c", &script, env!("CARGO_BIN_EXE_policy-compiler")].map(Into::into).to_vec();
    let compiler = Compiler::Child { program: "/bin/sh".into(), args };
    let sandbox = Sandbox::new(patient(), None, compiler).unwrap();
    let policy = with_component(TWO_MEMORIES, true);
    for _ in 0..3 {
        let error = load(&sandbox, &policy).err().unwrap();
        assert_eq!(error.code, "policy/compile", "{error}");
        assert_eq!(error.fault, Fault::Input);
        assert!(error.message.contains("invalid adapter module"), "{error}");
        for path in [".rs", "/src/", "registry"] {
            assert!(!error.message.contains(path), "a path of the build: {error}");
        }
    }
    assert_eq!(std::fs::read_to_string(counted).unwrap(), "\n", "it was compiled once");
}

#[test]
fn validation_that_takes_too_long_is_given_up_with_the_compilation() {
    let limits = Limits { compile_seconds: 1, ..patient() };
    let policy = with_component(&same_types_twice(8, 900), false);
    assert!(policy.len() < 1 << 20, "{}", policy.len());
    let error = error(limits, &policy);
    assert_eq!(error.code, "policy/compile-time", "{error}");
    // A few comparisons are no reason to refuse a policy.
    let sandbox = Sandbox::new(patient(), None, child()).unwrap();
    load(&sandbox, &with_component(&same_types_twice(1, 2), false)).unwrap();
}

#[test]
fn the_child_says_what_is_invalid() {
    let policy = Guest::new().first("(drop (v128.const i32x4 0 0 0 0))").build();
    let error = error(patient(), &policy);
    assert_eq!((error.code.as_ref(), error.fault), ("policy/invalid", Fault::Input), "{error}");
    assert!(error.message.contains("SIMD"), "{error}");
}

#[test]
fn a_lower_limit_of_this_process_is_the_limit_of_the_child() {
    let program = env!("CARGO_BIN_EXE_policy-compiler");
    let limited = |limit: &str, limits: Limits, artifact: &[u8]| {
        let script = format!("ulimit {limit}; exec \"$0\" \"$@\"");
        // The shell plays the process that starts the worker with limits of its own.
        let args = ["-c", &script, program].map(Into::into).to_vec();
        let compiler = Compiler::Child { program: "/bin/sh".into(), args };
        load(&Sandbox::new(limits, None, compiler).unwrap(), artifact).map(|_| ())
    };
    limited("-t 5", patient(), &Guest::new().build()).unwrap();
    limited("-d 500000", patient(), &Guest::new().build()).unwrap();
    let error = limited("-t 2", patient(), &laborious()).unwrap_err();
    assert_eq!(error.code, "policy/compile-time", "{error}");
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
    let limits = Limits { compile_memory_bytes: 64 << 20, ..patient() };
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
