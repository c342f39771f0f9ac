//! Builds policies from WAT: the canonical ABI by hand, so that each rule can be broken.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// Where the static data begins; below it is nothing.
const DATA: u32 = 1024;

/// Where the heap of `cabi_realloc` begins.
pub(crate) const HEAP: u32 = 256 << 10;

/// How many words `evaluate` returns: whether it failed, and of the plan edits, manifests, whether
/// there is a config with its layers, variables, settings and reason, and findings last.
pub(crate) const RESULT: usize = 16;

/// One edit as a policy returns it; without JSON it is a removal.
pub(crate) struct Edit<'a> {
    pub(crate) path: &'a str,
    pub(crate) json: Option<&'a str>,
    pub(crate) reason: &'a str,
}

/// A policy under construction.
pub(crate) struct Guest {
    data: Vec<u8>,
    wit: String,
    imports: String,
    items: String,
    evaluate: String,
    pages: u32,
    component: String,
    description: u32,
}

impl Guest {
    /// A policy that describes itself properly and returns an empty plan.
    pub(crate) fn new() -> Self {
        // The tests of the whole program build their hostile policies with this file too.
        let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let mut wit = above.map(|folder| folder.join("plugin/wit/v1/policy.wit"));
        let wit = wit.find(|file| file.exists()).expect("the contract");
        let mut guest = Self {
            data: Vec::new(),
            wit: fs::read_to_string(wit).expect("the contract"),
            imports: String::new(),
            items: String::new(),
            evaluate: String::new(),
            pages: HEAP / 65_536 + 1,
            component: "nothing".to_owned(),
            description: 0,
        };
        guest.description = guest.describe("hostile", "{}", 0);
        let plan = guest.plan(&[]);
        guest.returns(plan)
    }

    /// The component that the policy serves; said before the rest of the description.
    pub(crate) fn serving(mut self, component: &str) -> Self {
        component.clone_into(&mut self.component);
        self
    }

    /// Another name, settings schema and role (1 is a check).
    pub(crate) fn described(mut self, name: &str, schema: &str, role: u32) -> Self {
        self.description = self.describe(name, schema, role);
        self
    }

    /// The instructions of `evaluate`: they leave the address of a result. `$i` and `$n`
    /// are free; `$values` and its siblings are handles.
    pub(crate) fn evaluates(mut self, instructions: &str) -> Self {
        instructions.clone_into(&mut self.evaluate);
        self
    }

    /// Runs these instructions, which leave nothing, before the usual result.
    pub(crate) fn first(mut self, instructions: &str) -> Self {
        self.evaluate = format!("{instructions}\n{}", self.evaluate);
        self
    }

    /// Returns a result that was laid out before.
    pub(crate) fn returns(self, result: u32) -> Self {
        self.evaluates(&format!("(i32.const {result})"))
    }

    /// Fields for the core module.
    pub(crate) fn with(mut self, items: &str) -> Self {
        self.items.push_str(items);
        self
    }

    /// Imports one more function, which gives a number.
    pub(crate) fn with_import(mut self, interface: &str, function: &str) -> Self {
        self.imports = format!(r#"(import "{interface}" "{function}" (func (result i32)))"#);
        self
    }

    /// Memory to begin with, in pages of 64 KiB.
    pub(crate) fn pages(mut self, pages: u32) -> Self {
        self.pages = pages;
        self
    }

    /// Changes the contract that the policy is built against.
    pub(crate) fn contract(mut self, from: &str, to: &str) -> Self {
        assert!(self.wit.contains(from), "the contract has no {from}");
        self.wit = self.wit.replace(from, to);
        self
    }

    /// Lays out a text; gives its address and length.
    pub(crate) fn text(&mut self, text: &str) -> [u32; 2] {
        let at = self.here();
        self.data.extend(text.as_bytes());
        [at, u32::try_from(text.len()).expect("a short text")]
    }

    /// Lays out words; gives their address.
    pub(crate) fn words(&mut self, words: &[u32]) -> u32 {
        self.data.resize(self.data.len().next_multiple_of(8), 0);
        let at = self.here();
        self.data.extend(words.iter().flat_map(|w| w.to_le_bytes()));
        at
    }

    /// Lays out a successful result with these edits.
    pub(crate) fn plan(&mut self, edits: &[Edit]) -> u32 {
        let mut words = Vec::new();
        for edit in edits {
            words.extend(self.text(edit.path));
            words.push(u32::from(edit.json.is_none()));
            words.extend(self.text(edit.json.unwrap_or_default()));
            words.extend(self.text(edit.reason));
        }
        let list = self.words(&words);
        self.listing([list, u32::try_from(edits.len()).expect("few edits")])
    }

    /// A result whose list of edits is this, whatever is there.
    pub(crate) fn listing(&mut self, edits: [u32; 2]) -> u32 {
        let mut result = [0; RESULT];
        result[1..3].copy_from_slice(&edits);
        self.words(&result)
    }

    /// Lays out a successful result with one finding, an error.
    pub(crate) fn finding(&mut self, code: &str, message: &str) -> u32 {
        let mut finding = vec![0];
        finding.extend(self.text(code));
        finding.extend(self.text(message));
        finding.extend([0; 6]);
        let list = self.words(&finding);
        let mut result = [0; RESULT];
        result[RESULT - 2..].copy_from_slice(&[list, 1]);
        self.words(&result)
    }

    /// Lays out a failure of the policy's own: an internal one.
    pub(crate) fn failure(&mut self, message: &str) -> u32 {
        let [at, length] = self.text(message);
        let mut result = [0; RESULT];
        result[..4].copy_from_slice(&[1, 4, at, length]);
        self.words(&result)
    }

    /// The component.
    pub(crate) fn build(&self) -> Vec<u8> {
        let mut resolve = Resolve::default();
        let package = resolve.push_str("policy.wit", &self.wit).expect("WIT");
        let world = resolve.select_world(&[package], Some("policy")).expect("a world");
        let mut module = wat::parse_str(self.module()).expect("WAT");
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
            .expect("metadata");
        ComponentEncoder::default()
            .module(&module)
            .and_then(|encoder| encoder.validate(true).encode())
            .expect("a component")
    }

    /// The core module, as bytes.
    pub(crate) fn core_module(&self) -> Vec<u8> {
        wat::parse_str(self.module()).expect("WAT")
    }

    fn describe(&mut self, name: &str, schema: &str, role: u32) -> u32 {
        let scopes = self.words(&[0x0100]);
        let mut words = Vec::new();
        for text in [name, "1.0.0", &self.component.clone(), schema] {
            words.extend(self.text(text));
        }
        words.extend([scopes, 2, role]);
        self.words(&words)
    }

    fn here(&self) -> u32 {
        DATA + u32::try_from(self.data.len()).expect("little data")
    }

    fn module(&self) -> String {
        assert!(self.here() < HEAP, "too much data");
        let version = if self.wit.contains("@2.0.0") { "2.0.0" } else { "1.0.0" };
        let mut data = String::new();
        for byte in &self.data {
            write!(data, "\\{byte:02x}").expect("a string");
        }
        let Self { imports, items, evaluate, pages, description, .. } = self;
        format!(
            r#"(module $policy
  (import "site-cmp:policy/documents@{version}" "[method]document.get"
    (func $get (param i32 i32 i32 i32)))
  (import "site-cmp:policy/documents@{version}" "[method]document.text"
    (func $text (param i32 i32 i32 i32)))
  (import "site-cmp:policy/documents@{version}" "[method]document.keys"
    (func $keys (param i32 i32 i32 i32)))
  (import "site-cmp:policy/documents@{version}" "[method]document.size"
    (func $size (param i32 i32 i32) (result i32)))
  (import "site-cmp:policy/documents@{version}" "[method]document.kind"
    (func $kind (param i32 i32 i32) (result i32)))
  (import "site-cmp:policy/documents@{version}" "[resource-drop]document"
    (func $drop (param i32)))
  {imports}
  (memory (export "memory") {pages})
  (global $heap (mut i32) (i32.const {HEAP}))
  (data (i32.const {DATA}) "{data}")
  (func $realloc (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (block $fits (loop $more
      (br_if $fits (i32.le_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536))))
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
      unreachable))
    (local.get $at))
  (func (export "site-cmp:policy/evaluation@{version}#describe") (result i32)
    (i32.const {description}))
  (func $evaluate (export "site-cmp:policy/evaluation@{version}#evaluate")
    (param $scope i32) (param $site i32) (param $site_length i32)
    (param $environment i32) (param $environment_length i32)
    (param $profile i32) (param $values i32) (param $settings i32)
    (param $fleet i32) (param $cluster i32) (result i32)
    (local $i i32) (local $n i32)
    {evaluate})
  {items})"#
        )
    }
}
