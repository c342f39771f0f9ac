//! What a call costs: the price of a fresh instance, and of a policy's usual work.
//!
//! `thinking` alone shows what fuel, the clock and canonical NaN add to computing; the
//! other parts of a call are not compiled code.

use std::fmt::Write as _;
use std::sync::Arc;

use divan::Bencher;
use policy_sandbox::Limits;
use site_render::policy::{Policy, PolicyRequest};

use crate::guest::{Edit, Guest};

#[path = "../tests/sandbox/guest.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod guest;
#[path = "../tests/sandbox/host.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod host;

/// Parts of the document that the busy policy reads.
const READS: usize = 80;

/// Edits that it returns.
const EDITS: usize = 40;

/// A tight loop over bytes, about a hundred thousand units of fuel: more than a Rust
/// policy of that size spends, and the kind of code where checks cost most.
const THINKING: &str = "(loop $l
    (if (i32.eq (i32.load8_u (i32.add (i32.const 1024) (i32.and (local.get $i) (i32.const 1023)))) (i32.const 34))
      (then (local.set $n (i32.add (local.get $n) (i32.const 1)))))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $l (i32.lt_u (local.get $i) (i32.const 7000))))
    (global.set $heap (i32.add (global.get $heap) (i32.and (local.get $n) (i32.const 8))))";

fn main() {
    divan::main();
}

fn policy(guest: &Guest) -> Arc<dyn Policy> {
    host::load(&host::sandbox(Limits::default()), &guest.build()).expect("a policy")
}

/// About 57 KB of values, as many as Nautobot's chart has.
fn big() -> PolicyRequest {
    let mut values = String::from("{\"last\": null");
    for n in 0..400 {
        let filler = "x".repeat(80);
        write!(values, r#", "part{n}": {{"enabled": true, "name": "{filler}", "port": {n}}}"#)
            .expect("a string");
    }
    values.push('}');
    let mut request = host::request(&values);
    request.record_reads = false;
    request
}

fn reading(mut guest: Guest) -> Guest {
    for n in 0..READS {
        let [path, length] = guest.text(&format!("/part{}/name", n * 5));
        guest = guest.first(&format!(
            "(call $text (local.get $values) (i32.const {path}) (i32.const {length})
               (i32.const 512))"
        ));
    }
    guest
}

fn editing(mut guest: Guest) -> Guest {
    let paths: Vec<_> = (0..EDITS).map(|n| format!("/part{n}/enabled")).collect();
    let edits: Vec<_> = paths
        .iter()
        .map(|path| Edit {
            path,
            json: Some("false"),
            reason: "a site runs workers only; this part stays on the global cluster",
        })
        .collect();
    let plan = guest.plan(&edits);
    guest.returns(plan)
}

fn run(bencher: Bencher, guest: &Guest) {
    let (policy, request) = (policy(guest), big());
    bencher.bench_local(|| policy.evaluate(&request).expect("a plan"));
}

#[divan::bench]
fn nothing(bencher: Bencher) {
    run(bencher, &Guest::new());
}

#[divan::bench]
fn eighty_reads(bencher: Bencher) {
    run(bencher, &reading(Guest::new()));
}

#[divan::bench]
fn forty_edits(bencher: Bencher) {
    run(bencher, &editing(Guest::new()));
}

#[divan::bench]
fn thinking(bencher: Bencher) {
    run(bencher, &Guest::new().first(THINKING));
}

#[divan::bench]
fn all_of_it(bencher: Bencher) {
    run(bencher, &reading(editing(Guest::new()).first(THINKING)));
}
