//! The inputs that a repository can make large: a name, a size, and a generator.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::announce::announce;
use crate::app_config::{ConfigLayer, Module, merge_layers};
use crate::codes;
use crate::dependencies::DependencyTree;
use crate::explain;
use crate::finding::Problems;
use crate::fleet::Fleet;
use crate::known_files::KnownFiles;
use crate::request::{Request, Subject, Target};
use crate::setting::{Setting, Settings};
use crate::test_support::{ENVIRONMENT, PROFILE, fleet, named, request, text, with_files};
use crate::world::World;

/// An input that can be made of any size.
pub(super) struct Input {
    pub(super) name: &'static str,
    /// The smallest size that is measured.
    pub(super) size: usize,
    /// The outcome of each run: `rendered`, or the code of the first error.
    pub(super) outcome: &'static str,
    /// Prepares the input of a size; the function that it returns is measured.
    pub(super) prepare: fn(usize) -> Run,
}

/// A prepared run, which returns its outcome.
pub(super) type Run = Box<dyn Fn() -> String>;

/// Defines the table, a line each.
macro_rules! inputs {
    ($($name:literal, $size:literal, $outcome:expr, $prepare:expr;)+) => {
        /// The inputs of this table.
        pub(super) static INPUTS: &[Input] =
            &[$(Input { name: $name, size: $size, outcome: $outcome, prepare: $prepare },)+];
    };
}

mod yaml;

/// Returns the inputs of all tables.
pub(super) fn all() -> impl Iterator<Item = &'static Input> {
    INPUTS.iter().chain(yaml::INPUTS)
}

inputs! {
    "documents of a values file", 2_000, "rendered", |n| values(&lines(n, |i| format!("---\nk{i}: 1\n")));
    "keys of a values file", 4_000, "rendered", |n| values(&lines(n, |i| format!("k{i}: {{a: {i}}}\n")));
    "one key many times", 4_000, "rendered", |n| values(&"k: 1\n".repeat(n));
    "a long key with many values below it", 2_000, "rendered", |n| {
        values(&format!("? {}\n: {{{}}}\n", "k".repeat(n * 8), lines(n, |i| format!("a{i}: 1, "))))
    };
    "aliases of a mapping", 1_000, "rendered", |n| {
        values(&format!("a: &a {{x: 1, y: 2}}\n{}", lines(n, |i| format!("k{i}: *a\n"))))
    };
    "merge keys", 1_000, "rendered", |n| {
        values(&format!("a: &a {{x: 1, y: 2}}\n{}", lines(n, |i| format!("k{i}: {{<<: *a}}\n"))))
    };
    "items of one line", 4_000, "rendered", |n| values(&format!("a: [{}]", "{b: 1}, ".repeat(n)));
    "a text of many lines", 8_000, "rendered", |n| values(&format!("a: |\n{}", "  x\n".repeat(n)));
    "lines that are empty", 200_000, "rendered", |n| values(&format!("a: 1\n{}b: 2\n", "\n".repeat(n)));
    "values files", 200, "rendered", values_files;
    "secrets in values", 2_000, codes::SECRET_LITERAL.name, |n| values(&lines(n, |i| format!("k{i}: {{password: hunter2}}\n")));
    "unknown keys of a profile", 1_500, "rendered", |n| {
        site(&edited(), &format!("{PROFILE}{}", lines(n, |i| format!("k{i}: 1\n"))))
    };
    "defaults, and unknown keys beside them", 1_000, "rendered", |n| {
        let more = lines(n, |i| format!("key{i}: 1, "));
        let environment = edited().replacen("defaults: {", &format!("defaults: {{{more}"), 1);
        site(&environment, &format!("{PROFILE}{}", lines(n, |i| format!("kye{i}: 1\n"))))
    };
    "objects of a resource file", 1_200, "rendered", |n| resources(&lines(n, config_map));
    "documents of one object", 500, "rendered", |n| {
        resources(&lines(n, |i| config_map(0).replace("k: v", &format!("k{i}: v"))))
    };
    "keyed lists against each other", 500, "rendered", |n| {
        let env = |value| deployment(&lines(n, |i| format!("{{name: e{i}, {value}}}, ")));
        resources(&format!("{}{}", env("value: '1'"), env("other: '2'")))
    };
    "documents that add to one keyed list", 300, "rendered", |n| {
        resources(&lines(n, |i| deployment(&format!("{{name: e{i}, value: '1'}}"))))
    };
    "documents that disagree", 500, codes::RESOURCES_CONFLICT.name, |n| {
        resources(&lines(n, |i| config_map(0).replace("k: v", &format!("k: v{i}"))))
    };
    "wrong items of a policy's settings", 2_000, codes::POLICY_SETTINGS.name, |n| {
        let schema = json!({"properties": {"a": {"items": {"type": "integer"}}}});
        policy(&schema, &format!("{{a: [\n{}]}}", "x,\n".repeat(n)))
    };
    "unknown settings of a policy", 500, codes::POLICY_SETTINGS.name, |n| {
        let mut schema = listed_settings(100);
        schema["additionalProperties"] = json!(false);
        policy(&schema, &format!("{{{}}}", lines(n, |i| format!("x{i}: 1, "))))
    };
    "edits of a plan", 1_000, "rendered", |n| policy(&json!({}), &format!("{{{}}}", lines(n, |i| format!("k{i}: 1, "))));
    "a list that replaces a list", 2_000, "rendered", |n| {
        let list = |of: &str| lines(n, |i| format!("{of}{i}, "));
        let fleet = policy_fleet(&json!({}), &format!("{{a: [{}]}}", list("new")));
        render(with_values(&fleet, &format!("mirror: {{a: [{}]}}\n", list("old"))), Settings::default())
    };
    "parameters of one policy", 500, "rendered", |n| {
        let fleet = policy_fleet(&any_setting(), "{}");
        let names: Vec<String> = (0..n).map(|i| format!("mirror.k{i}")).collect();
        let settings: Vec<_> = names.iter().map(|name| (name.as_str(), text("1"))).collect();
        render(fleet, named(&settings))
    };
    "parameters that do not exist", 1_500, codes::SETTING_UNKNOWN.name, |n| {
        let fleet = policy_fleet(&listed_settings(100), "{}");
        let setting = |i| Setting {
            name: format!("mirror.x{i}"),
            value: text("1"),
            from: Arc::from(format!("parameter {i}")),
        };
        render(fleet, Settings { named: (0..n).map(setting).collect(), ..Settings::default() })
    };
    "variables that do not exist", 4_000, codes::SETTING_UNKNOWN.name, |n| {
        let variables = (0..n).map(|i| (format!("MIRROR_X{i}"), "1".to_owned()));
        let variables = variables.collect::<BTreeMap<_, _>>();
        let fleet = policy_fleet(&listed_settings(100), "{}");
        render(fleet, Settings { variables, ..Settings::default() })
    };
    "properties of a schema", 1_000, "rendered", |n| {
        policy(&listed_settings(n), &format!("{{{}}}", lines(n, |i| format!("k{i}: 1, "))))
    };
    "policies of the lock, and variables", 500, codes::SETTING_POLICY.name, |n| {
        let pins = lines(n, |i| format!("  p{i}: {{path: p, sha256: {}}}\n", "a".repeat(64)));
        let lock = format!("version: 1\npolicies:\n{pins}");
        let fleet = with_files(&fleet(ENVIRONMENT, PROFILE, &[]), &[("policies.lock", &lock)]);
        let variables = (0..n).map(|i| (format!("P{i}_Y"), "1".to_owned())).collect();
        render(fleet, Settings { variables, ..Settings::default() })
    };
    "sites of an environment", 100, "rendered", sites;
    "environments, and sites that name a partition", 60, "rendered", |n| {
        partitions(n, |i| format!("p{i}"))
    };
    "environments, and sites of no partition", 60, "rendered", |n| {
        partitions(n, |_| "none".to_owned())
    };
    "statements of a configuration", 500, "rendered", |n| {
        python(vec![lines(n, |i| format!("A{i} = {{'k': {i}}}\nB{i} = A{i}\n"))])
    };
    "layers of a configuration", 120, "rendered", |n| {
        python((0..n).map(|i| format!("A{i} = 1\nif A{i}:\n    del A{i}\n")).collect())
    };
    "explained values", 1_000, "rendered", |n| {
        let fleet = policy_fleet(&json!({}), &format!("{{{}}}", lines(n, |i| format!("k{i}: 1, "))));
        let rendered = crate::render(&fleet, &request(Target::Values, Settings::default())).unwrap();
        Box::new(move || outcome(explain::explain(&rendered, None)))
    };
    "announced settings", 200, "rendered", |n| {
        let fleet = policy_fleet(&listed_settings(n), &format!("{{{}}}", lines(n, |i| format!("k{i}: 1, "))));
        Box::new(move || outcome(announce(&fleet, &request(Target::Values, Settings::default()))))
    };
}

/// Returns the texts of n numbers, one after another.
fn lines(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).map(line).collect()
}

fn outcome<T>(result: Result<T, Problems>) -> String {
    match result {
        Ok(_) => "rendered".to_owned(),
        Err(Problems(findings)) => {
            findings.iter().find(|finding| finding.is_error()).unwrap().code.to_string()
        }
    }
}

/// Renders the site `one` of a new fleet.
fn render(fleet: Fleet, settings: Settings) -> Run {
    let asked = request(Target::Application, settings);
    Box::new(move || as_worker(&fleet, |fleet| outcome(crate::render(fleet, &asked))))
}

/// Opens a fleet again, because it caches what it reads, and uses it as a worker of the server does,
/// which collects the files on which an answer depends.
fn as_worker(fleet: &Fleet, run: impl FnOnce(&Fleet) -> String) -> String {
    let world = fleet.files.world.clone();
    let tree = Arc::new(DependencyTree::new(world.tree.clone(), KnownFiles::default()));
    let fleet = Fleet::open(World { tree, ..world }).unwrap();
    let (outcome, files) = fleet.recorded(|| run(&fleet));
    std::hint::black_box(files.flatten(usize::MAX));
    outcome
}

fn site(environment: &str, profile: &str) -> Run {
    render(fleet(environment, profile, &[("mirror", json!({}))]), Settings::default())
}

/// Returns an environment whose policy edits a value.
fn edited() -> String {
    format!("{ENVIRONMENT}    policies: {{mirror: {{on: true}}}}\n")
}

/// Renders a site with a values file.
fn values(file: &str) -> Run {
    let base = policy_fleet(&json!({}), "{on: true}");
    render(with_values(&base, file), Settings::default())
}

/// Returns a fleet whose source `deploy` has a values file.
fn with_values(fleet: &Fleet, file: &str) -> Fleet {
    let environment = fleet.files.world.tree.read("environments/dev/environment.yaml", u64::MAX);
    let environment = String::from_utf8(environment.unwrap().to_vec()).unwrap();
    let environment = format!(
        "{environment}    valueFiles: [$deploy/v.yaml]\nsources: {{deploy: {{path: copy}}}}\n"
    );
    with_files(fleet, &[("environments/dev/environment.yaml", &environment), ("copy/v.yaml", file)])
}

fn values_files(n: usize) -> Run {
    let names = lines(n, |i| format!("$deploy/v{i}.yaml, "));
    let environment =
        format!("{}    valueFiles: [{names}]\nsources: {{deploy: {{path: copy}}}}\n", edited());
    let files: Vec<_> =
        (0..n).map(|i| (format!("copy/v{i}.yaml"), format!("k{i}: {{a: 1}}\n"))).collect();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let base = fleet(&environment, PROFILE, &[("mirror", json!({}))]);
    render(with_files(&base, &files), Settings::default())
}

/// Renders a site with a file of resources.
fn resources(file: &str) -> Run {
    let environment = format!("{}    resources: [more]\n", edited());
    let base = fleet(&environment, PROFILE, &[("mirror", json!({}))]);
    render(with_files(&base, &[("more/a.yaml", file)]), Settings::default())
}

fn config_map(number: usize) -> String {
    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{number}}}\ndata: {{k: v}}\n")
}

fn deployment(env: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec: {{template: {{spec: {{containers: [{{name: c, env: [{env}]}}]}}}}}}\n"
    )
}

/// Returns a fleet whose site uses the policy `mirror` with these settings.
fn policy_fleet(schema: &Json, settings: &str) -> Fleet {
    let settings = settings.replace('\n', "\n        ");
    let environment = format!("{ENVIRONMENT}    policies:\n      mirror: {settings}\n");
    fleet(&environment, PROFILE, &[("mirror", schema.clone())])
}

fn policy(schema: &Json, settings: &str) -> Run {
    render(policy_fleet(schema, settings), Settings::default())
}

fn any_setting() -> Json {
    json!({"type": "object", "additionalProperties": {"type": "integer"}})
}

fn listed_settings(n: usize) -> Json {
    let properties: serde_json::Map<_, _> =
        (0..n).map(|i| (format!("k{i}"), json!({"type": "integer", "title": "K"}))).collect();
    json!({"type": "object", "properties": properties})
}

/// Renders the global cluster of an environment with n sites.
fn sites(n: usize) -> Run {
    let environment = format!("{ENVIRONMENT}    global: {{policies: {{}}, resources: [more]}}\n");
    let files: Vec<_> =
        (0..n).map(|i| (format!("sites/s{i}/profile.yaml"), PROFILE.to_owned())).collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .chain([("more/a.yaml", "apiVersion: v1\nkind: A\nmetadata: {name: a}\n")])
        .collect();
    let fleet = with_files(&fleet(&environment, PROFILE, &[]), &files);
    let asked = Request::new(Subject::Environment { name: "dev".to_owned() }, Target::Global);
    Box::new(move || as_worker(&fleet, |fleet| outcome(crate::render(fleet, &asked))))
}

/// Lists the sites of an environment among n environments and sites, which name these partitions.
fn partitions(n: usize, label: impl Fn(usize) -> String) -> Run {
    let mut files = Vec::new();
    for i in 0..n {
        let environment = format!("partition: p{i}\n{ENVIRONMENT}");
        files.push((format!("environments/e{i}/environment.yaml"), environment));
        let label = label(i);
        let profile = format!("appLabels: {{understack.rackspace.com/partition: {label}}}\n");
        files.push((format!("sites/s{i}/profile.yaml"), profile));
    }
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let fleet = with_files(&fleet(ENVIRONMENT, PROFILE, &[]), &files);
    Box::new(move || as_worker(&fleet, |fleet| outcome(fleet.sites(Some("e0")))))
}

/// Parses and merges the layers of a configuration.
fn python(layers: Vec<String>) -> Run {
    Box::new(move || {
        let layer = |(number, text): (usize, &String)| {
            let module = Module::read(&format!("l{number}.py"), text.as_bytes()).unwrap();
            ConfigLayer { reference: format!("l{number}.py"), module: Arc::new(module) }
        };
        let layers: Vec<_> = layers.iter().enumerate().map(layer).collect();
        outcome(merge_layers(&layers))
    })
}
