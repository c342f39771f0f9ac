//! Imports point down: how many modules of a crate are in one circle of imports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use site_cmp_tests::repo;

/// A module by its path below the crate: `["commands", "render"]`.
type Module = Vec<String>;

/// How many modules import each other in a circle.
const CIRCLES: [(&str, usize); 4] =
    [("site-render", 4), ("site-cmp", 7), ("policy-sandbox", 0), ("jsonnet-worker", 3)];

#[test]
fn imports_of_a_crate_make_no_large_circle() {
    for (name, most) in CIRCLES {
        let graph = graph(&repo().join("host").join(name).join("src"));
        let circle = largest_circle(&graph);
        let names: Vec<String> = circle.iter().map(|module| module.join("::")).collect();
        // Exact, so that a bound that has become too high is lowered.
        assert_eq!(circle.len(), most, "{name}: modules in one circle: {names:?}");
    }
}

#[test]
fn a_circle_is_found_and_a_line_is_none() {
    let graph = |edges: &[(&str, &[&str])]| {
        let module = |name: &&str| vec![(*name).to_owned()];
        edges.iter().map(|(from, to)| (module(from), to.iter().map(module).collect())).collect()
    };
    assert_eq!(largest_circle(&graph(&[("a", &["b"]), ("b", &["c"]), ("c", &[])])).len(), 0);
    assert_eq!(largest_circle(&graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])])).len(), 2);
    let uses = "use crate::a::{self, b::{C, D}};\nuse super::e::F;\nuse std::fs;";
    assert_eq!(paths(uses), ["crate::a::self", "crate::a::b::C", "crate::a::b::D", "super::e::F"]);
}

/// Each module with the modules that it imports or declares.
fn graph(source: &Path) -> BTreeMap<Module, BTreeSet<Module>> {
    let mut texts = BTreeMap::new();
    read(source, &Vec::new(), &mut texts);
    let modules: BTreeSet<Module> = texts.keys().cloned().collect();
    let imports = texts.iter().map(|(module, text)| {
        let imports = paths(text).into_iter().filter_map(|path| resolve(&path, module, &modules));
        let declared = declarations(text).map(|name| [module.as_slice(), &[name]].concat());
        let all = imports.chain(declared.filter(|one| modules.contains(one)));
        (module.clone(), all.filter(|other| other != module).collect())
    });
    imports.collect()
}

fn read(folder: &Path, parent: &Module, texts: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name == "tests" || name == "fuzz" {
            continue;
        }
        // The root declares every module and is imported by none.
        if matches!(&*name, "lib" | "main") {
            continue;
        }
        let module = [parent.as_slice(), &[name]].concat();
        if path.is_dir() {
            read(&path, &module, texts);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            texts.insert(module, text.to_owned());
        }
    }
}

/// The modules that a file declares. Those of the crate's root are the crate itself.
fn declarations(text: &str) -> impl Iterator<Item = String> {
    let names = text.lines().filter_map(|line| line.strip_suffix(';')?.split_once("mod "));
    names
        .filter(|(before, _)| before.is_empty() || before.starts_with("pub"))
        .map(|(_, name)| name.to_owned())
}

/// The paths of a file's imports within its crate, their braces taken apart.
fn paths(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for part in text.split("use ").skip(1) {
        let part: String = part.split(';').next().unwrap().split_whitespace().collect();
        if ["crate::", "super::", "self::"].iter().any(|start| part.starts_with(start)) {
            expand("", &part, &mut paths);
        }
    }
    paths
}

/// Takes a tree of imports apart: `a::{b, c::{d}}` is `a::b` and `a::c::d`.
fn expand(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((head, rest)) = tree.split_once('{') else {
        paths.push([prefix, tree].concat());
        return;
    };
    let prefix = [prefix, head].concat();
    let (mut depth, mut start) = (0, 0);
    for (at, letter) in rest.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                if start < at {
                    expand(&prefix, &rest[start..at], paths);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// The module that a path is in: the longest part of it that is one.
fn resolve(path: &str, module: &Module, modules: &BTreeSet<Module>) -> Option<Module> {
    let mut base = Vec::new();
    let mut parts = path.split("::").peekable();
    while let Some(part) = parts.next_if(|part| matches!(*part, "crate" | "super" | "self")) {
        match part {
            "crate" => base.clear(),
            "self" => base.clone_from(module),
            _ => {
                base = if base.is_empty() { module.clone() } else { base };
                base.pop();
            }
        }
    }
    base.extend(parts.map(str::to_owned));
    (1..=base.len()).rev().map(|end| base[..end].to_vec()).find(|one| modules.contains(one))
}

/// The modules of the largest circle: those that can reach each other.
fn largest_circle(graph: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<Module> {
    let reach: BTreeMap<&Module, BTreeSet<&Module>> =
        graph.keys().map(|from| (from, reachable(graph, from))).collect();
    let circle = |module: &Module| -> BTreeSet<Module> {
        let others = reach[module]
            .iter()
            .filter(|other| reach.get(*other).is_some_and(|reached| reached.contains(module)));
        others.map(|other| (*other).clone()).collect()
    };
    graph.keys().map(circle).max_by_key(BTreeSet::len).unwrap_or_default()
}

fn reachable<'g>(
    graph: &'g BTreeMap<Module, BTreeSet<Module>>,
    from: &Module,
) -> BTreeSet<&'g Module> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&Module> = graph[from].iter().collect();
    while let Some(module) = next.pop() {
        if reached.insert(module) {
            next.extend(graph.get(module).into_iter().flatten());
        }
    }
    reached
}
