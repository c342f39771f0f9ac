//! Policies of an attacker, written as text: they expand what they return, they are slow to
//! validate, or the compiler cannot bear them.

use serde_json::Value;

#[allow(dead_code, reason = "the tests of the sandbox use all of it")]
#[path = "../../../host/policy-sandbox/tests/sandbox/guest.rs"]
mod guest;

use guest::{Edit, Guest};

/// Where a policy builds a text of its own, behind the heap of `cabi_realloc`.
const TEXT: u32 = 512 << 10;
/// Bytes of a page of WASM memory.
const PAGE: u32 = 64 << 10;

/// Returns a policy that does nothing.
pub(super) fn idle(name: &str, schema: &Value) -> Vec<u8> {
    guest(name, schema).build()
}

fn guest(name: &str, schema: &Value) -> Guest {
    Guest::new().serving("web").described(name, &schema.to_string(), 0)
}

/// Returns a policy that sets a text.
pub(super) fn setting(name: &str, path: &str, value: &str) -> Vec<u8> {
    let mut guest = guest(name, &serde_json::json!({}));
    let json = Value::from(value).to_string();
    let plan = guest.plan(&[Edit { path, json: Some(&json), reason: "it is needed" }]);
    guest.returns(plan).build()
}

/// Returns a policy that sets several values to a list with `count` times the same four bytes of
/// JSON: `{},` and its like, which end with a comma.
pub(super) fn repeating(name: &str, paths: &[String], item: &str, count: u32) -> Vec<u8> {
    let mut guest = guest(name, &serde_json::json!({}));
    let length = 1 + count * u32::try_from(item.len()).expect("a short item");
    let mut words = Vec::new();
    for path in paths {
        words.extend(guest.text(path));
        words.extend([0, TEXT, length]);
        words.extend(guest.text("it is needed"));
    }
    let list = guest.words(&words);
    let edits = u32::try_from(paths.len()).expect("few edits");
    let result = guest.listing([list, edits]);
    guest.pages((TEXT + length) / PAGE + 1).returns(result).first(&filled(item, count)).build()
}

/// Returns instructions that write `[`, the item so many times, and `]` over the last comma.
fn filled(item: &str, count: u32) -> String {
    let stores: String = item
        .bytes()
        .enumerate()
        .map(|(at, byte)| format!("(i32.store8 offset={at} (local.get $i) (i32.const {byte}))"))
        .collect();
    let (size, start) = (item.len(), TEXT + 1);
    format!(
        "(i32.store8 (i32.const {TEXT}) (i32.const 91))
         (local.set $i (i32.const {start}))
         (local.set $n (i32.const {count}))
         (loop $more
           {stores}
           (local.set $i (i32.add (local.get $i) (i32.const {size})))
           (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
         (i32.store8 (i32.sub (local.get $i) (i32.const 1)) (i32.const 93))"
    )
}

/// Returns a policy that no cache has seen and that takes a while to compile.
pub(super) fn slow_to_compile(name: &str, functions: usize) -> Vec<u8> {
    let body: String = (0..400).map(|_| "(i32.mul (i32.add (i32.const 3) ").collect();
    let body = format!("{body}(local.get 0){}", ") (local.get 1))".repeat(400));
    let items: String =
        (0..functions).map(|_| format!("(func (param i32 i32) (result i32) {body})")).collect();
    guest(name, &serde_json::json!({"title": name})).with(&items).build()
}

/// Returns a component with parts that each compare two types of `2^16` leaves 900 times. A type
/// is made of two of the type before by this pattern, in which `#` is their name.
pub(super) fn slow_to_validate(pattern: &str, parts: usize) -> Vec<u8> {
    let types = |letter: char| -> String {
        let next = |at: u32| {
            let twice = pattern.replace('#', &format!("${letter}{}", at - 1));
            format!("(type ${letter}{at} {twice})")
        };
        format!("(type ${letter}0 u8)") + &(1..=16).map(next).collect::<String>()
    };
    let instances = "(instance (instantiate $inner (with \"f\" (func $f))))".repeat(900);
    let part = format!(
        "(component
           (import \"f\" (func $f (param \"x\" $a16)))
           (component $inner (import \"f\" (func (param \"x\" $b16))))
           {instances})"
    );
    component(&format!(
        "{}{}{}
         (component $empty)
         (instance $policy (instantiate $empty))
         (export \"site-cmp:policy/evaluation@1.0.0\" (instance $policy))",
        types('a'),
        types('b'),
        part.repeat(parts),
    ))
}

/// Returns a component of two parts, each with a memory, that pass each other a text.
pub(super) fn two_memories() -> Vec<u8> {
    let realloc = "(func (export \"realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 0))";
    component(&format!(
        "(component $callee
           (core module $code
             (memory (export \"memory\") 1) {realloc} (func (export \"f\") (param i32 i32)))
           (core instance $core (instantiate $code))
           (func (export \"f\") (param \"x\" string) (canon lift (core func $core \"f\")
             (memory (core memory $core \"memory\")) (realloc (core func $core \"realloc\")))))
         (component $caller
           (import \"f\" (func $f (param \"x\" string)))
           (core module $libc (memory (export \"memory\") 1) {realloc})
           (core instance $libc (instantiate $libc))
           (core func $lowered (canon lower (func $f) (memory (core memory $libc \"memory\"))))
           (core module $code
             (import \"\" \"f\" (func $f (param i32 i32)))
             (func (export \"run\") (call $f (i32.const 0) (i32.const 0))))
           (core instance $core (instantiate $code
             (with \"\" (instance (export \"f\" (func $lowered))))))
           (func (export \"run\") (canon lift (core func $core \"run\"))))
         (instance $one (instantiate $callee))
         (instance $other (instantiate $caller (with \"f\" (func $one \"f\"))))
         (export \"site-cmp:policy/evaluation@1.0.0\" (instance $other))"
    ))
}

fn component(items: &str) -> Vec<u8> {
    wat::parse_str(format!("(component {items})")).expect("a component")
}
