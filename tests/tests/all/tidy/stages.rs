//! The map of the pipeline is true: `lib.rs` declares the stages in the order of `render()`.

use std::fs;

use site_cmp_tests::repo;

#[test]
fn stages_are_declared_in_the_order_of_render() {
    let text = fs::read_to_string(repo().join("host/site-render/src/lib.rs")).unwrap();
    let declared = declared(&text);
    let called = called(&text);
    // Each stage reads its files by `sources`, so `render()` does not call that one itself.
    assert_eq!(declared[0], "sources");
    assert_eq!(declared[1..], called);
    assert!(called.len() > 9, "{called:?}");
    // `render()` takes each result through the collector, so no finding is dropped.
    assert!(!text.contains("without_findings"), "render() drops findings of a stage");
}

#[test]
fn modules_and_calls_are_read_in_their_order() {
    let text = "\
// The stages, in order.
mod sources;

pub mod gate;

// The rest.
mod other;

pub fn render(fleet: &Fleet) -> Result<(), Problems> {
    let gate = collect(gate::evaluate(Fleet::of(fleet))?);
    gate::again(emit::documents(gate));
}

fn later() {
    other::call();
}
";
    assert_eq!(declared(text), ["sources", "gate"]);
    assert_eq!(called(text), ["gate", "emit"]);
}

/// Returns the modules that stand under the heading of the stages.
fn declared(text: &str) -> Vec<&str> {
    let section = text.lines().skip_while(|line| !line.starts_with("// The stages"));
    let section = section.skip_while(|line| line.starts_with("//"));
    let modules = section.take_while(|line| !line.starts_with("//"));
    modules.filter_map(|line| line.strip_suffix(';')?.split_once("mod ")).map(|two| two.1).collect()
}

/// Returns the modules whose functions `render()` calls, each once.
fn called(text: &str) -> Vec<&str> {
    let (_, body) = text.split_once("pub fn render(").unwrap();
    let (body, _) = body.split_once("\n}\n").unwrap();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    // A type's name begins with a capital letter.
    let is_snake = |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase());
    let mut modules = Vec::new();
    for (at, _) in body.match_indices("::") {
        let start = body[..at].rfind(|c| !is_name(c)).map_or(0, |before| before + 1);
        let function = body[at + 2..].split(|c| !is_name(c)).next().unwrap();
        let module = &body[start..at];
        let is_call = body[at + 2 + function.len()..].starts_with('(');
        if is_call && is_snake(module) && is_snake(function) && !modules.contains(&module) {
            modules.push(module);
        }
    }
    modules
}
