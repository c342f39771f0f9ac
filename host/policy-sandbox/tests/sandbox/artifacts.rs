//! Artifacts that are refused before anything is compiled.

use policy_sandbox::{Limits, Tier, inspect};
use sha2::{Digest, Sha256};
use site_render::policy::Policies;

use crate::guest::Guest;
use crate::host::{digest, patient, refused, sandbox};

/// A core module section with an empty module, and one that instantiates it `count` times.
fn with_core_instances(mut component: Vec<u8>, count: u8) -> Vec<u8> {
    let index = u8::try_from(inspect(&component).unwrap().core_modules).unwrap();
    component.extend([1, 8]);
    component.extend(b"\0asm\x01\0\0\0");
    component.extend([2, 1 + 3 * count, count]);
    for _ in 0..count {
        component.extend([0, index, 0]);
    }
    component
}

fn with_section(mut component: Vec<u8>, name: &str, content: &str) -> Vec<u8> {
    let length = |text: &str| u8::try_from(text.len()).unwrap();
    component.extend([0, 1 + length(name) + length(content), length(name)]);
    component.extend(name.as_bytes());
    component.extend(content.as_bytes());
    component
}

#[test]
fn what_is_not_wasm_is_refused() {
    let error = sandbox_error(b"version https://git-lfs.github.com/spec/v1");
    assert_eq!(error.0, "policy/not-wasm");
}

#[test]
fn a_core_module_is_refused() {
    assert_eq!(sandbox_error(&Guest::new().core_module()).0, "policy/core-module");
}

#[test]
fn an_artifact_that_ends_in_the_middle_is_refused_wherever_it_ends() {
    let whole = Guest::new().build();
    for end in [0, 3, 7, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        let error = sandbox_error(&whole[..end]);
        // One that ends between two sections is whole, and exports nothing.
        let between = error.0 == "policy/contract-version" && end > 7 && end < whole.len() - 1;
        assert!(error.0 == "policy/truncated" || between, "at {end}: {}", error.1);
    }
}

#[test]
fn an_artifact_of_a_hundred_megabytes_is_not_even_read() {
    let error = sandbox_error(&vec![0; 100 << 20]);
    assert_eq!(error.0, "policy/module-size");
    assert!(error.1.contains("104857600"), "{}", error.1);
}

#[test]
fn a_digest_that_does_not_fit_is_refused() {
    let sandbox = sandbox(patient());
    let error = sandbox.load("hostile", "00", &Guest::new().build()).err().unwrap();
    assert_eq!(error.code, "policy/digest");
}

#[test]
fn an_artifact_that_the_operator_did_not_list_is_refused() {
    let limits = Limits { allowed_digests: Some(["00".to_owned()].into()), ..patient() };
    let policy = Guest::new().build();
    let error = sandbox(limits).load("hostile", &digest(&policy), &policy).err().unwrap();
    assert_eq!(error.code, "policy/not-allowed");
}

#[test]
fn another_version_of_the_contract_is_refused_by_both_versions() {
    let policy = Guest::new().contract("@1.0.0", "@2.0.0").build();
    let error = refused(&policy);
    assert_eq!(error.code, "policy/contract-version");
    assert!(error.message.contains("2.0.0"), "{error}");
    assert!(error.message.contains("1.0.0"), "{error}");
}

#[test]
fn a_component_without_an_evaluation_is_no_policy() {
    let error = refused(&wat::parse_str("(component)").unwrap());
    assert_eq!(error.code, "policy/contract-version");
}

#[test]
fn an_import_of_wasi_is_refused_by_name() {
    let policy = Guest::new()
        .contract(
            "package site-cmp:policy@1.0.0;",
            "package site-cmp:policy@1.0.0;
             package wasi:cli@0.2.0 { interface environment { get: func() -> u32; } }",
        )
        .contract("import documents;", "import documents; import wasi:cli/environment@0.2.0;")
        .with_import("wasi:cli/environment@0.2.0", "get")
        .build();
    let error = refused(&policy);
    assert_eq!(error.code, "policy/import");
    assert!(error.message.contains("wasi:cli/environment@0.2.0"), "{error}");
}

#[test]
fn an_unknown_function_of_our_own_interface_is_refused_by_name() {
    let policy = Guest::new()
        .contract("interface documents {", "interface documents { steal: func() -> u32;")
        .with_import("site-cmp:policy/documents@1.0.0", "steal")
        .build();
    let error = refused(&policy);
    assert_eq!(error.code, "policy/import");
    assert!(error.message.contains("steal"), "{error}");
}

#[test]
fn invalid_instructions_are_refused() {
    let mut policy = Guest::new().first("(nop) (nop) (nop) (nop)").build();
    let nops = policy.windows(4).position(|w| w == [1, 1, 1, 1]).unwrap();
    policy[nops..nops + 4].copy_from_slice(&[0x6a; 4]);
    assert_eq!(refused(&policy).code, "policy/invalid");
}

#[test]
fn simd_is_refused() {
    let policy = Guest::new().first("(drop (v128.const i32x4 0 0 0 0))");
    assert_eq!(refused(&policy.build()).code, "policy/invalid");
}

#[test]
fn too_many_core_instances_are_refused_in_the_lean_tier_and_fine_in_the_wide_one() {
    let policy = with_core_instances(Guest::new().build(), 8);
    assert_eq!(refused(&policy).code, "policy/instances");
    let wide = sandbox(Limits::of(Tier::Wide));
    assert!(wide.load("hostile", &digest(&policy), &policy).is_ok());
}

#[test]
fn an_outline_that_takes_much_more_memory_than_its_artifact_is_refused() {
    let mut many = Guest::new().build();
    // Custom sections with empty names: three bytes each.
    many.extend([0, 1, 0].repeat(1 << 20));
    let error = sandbox_error(&many);
    assert_eq!(error.0, "policy/invalid");
    assert!(error.1.contains("10000"), "{}", error.1);
    assert_eq!(inspect(&many).unwrap_err().code, "policy/invalid");
    let deep = (0..200).fold(wat::parse_str("(component)").unwrap(), |inner, _| {
        let mut outer = inner[..8].to_vec();
        let (low, high) = (inner.len() & 0x7f, inner.len() >> 7);
        outer.extend([4, u8::try_from(low).unwrap() | 0x80, u8::try_from(high).unwrap()]);
        outer.extend(inner);
        outer
    });
    let error = sandbox_error(&deep);
    assert_eq!(error.0, "policy/invalid");
    assert!(error.1.contains("100 levels"), "{}", error.1);
}

#[test]
fn inspection_shows_what_is_inside() {
    let policy = with_section(Guest::new().build(), "site-cmp:source", "abc123");
    let found = inspect(&policy).unwrap();
    assert_eq!(found.contract.as_deref(), Some("1.0.0"));
    assert_eq!(found.source.as_deref(), Some("abc123"));
    assert!(found.imports.iter().all(|i| i.starts_with("site-cmp:policy/")));
    assert_eq!(found.exports, ["site-cmp:policy/evaluation@1.0.0"]);
    assert_eq!(found.bytes, policy.len());
    assert!(found.core_modules > 0);
}

/// The digest of what no inspection would accept.
fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

fn sandbox_error(artifact: &[u8]) -> (String, String) {
    let digest = sha256(artifact);
    let error = sandbox(patient()).load("hostile", &digest, artifact).err().unwrap();
    (error.code.into_owned(), error.message)
}
