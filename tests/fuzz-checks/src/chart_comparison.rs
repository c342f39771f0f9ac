//! The values that a chart with subcharts sees, beside those of Helm 4 and Helm 3.

use serde_json::{Value, json};
use site_render::helm_merge::{
    ChartDefaults, ChartDependency, HelmVersion, ValuesImport, coalesce_chart, merge_files,
};
use site_render::json;
use site_render::origin::Origin;
use site_render::value::Node;

use super::Programs;
use super::oracle::{Oracle, OracleKind};
use super::random::Random;

const KEYS: &[&str] = &["a", "b", "one", "two", "global", "tags", "exports", "enabled"];
const SCALARS: &[&str] =
    &["null", "null", "1", "true", "false", "\"x\"", "[]", "[null, {\"a\": null}]"];

/// A comparison of random stacks of values with Helm's own.
#[derive(Debug)]
pub struct ChartComparison {
    helm: Oracle,
    /// The number of stacks.
    pub stacks: usize,
    /// The number of stacks that both sides merged.
    pub merged: usize,
    /// The differences.
    pub differences: Vec<String>,
}

impl ChartComparison {
    /// Starts a comparison.
    ///
    /// # Panics
    /// If the peer cannot be started.
    #[must_use]
    pub fn start(programs: &Programs) -> Self {
        let helm = Oracle::start(OracleKind::Go("charts"), programs);
        Self { helm, stacks: 0, merged: 0, differences: Vec::new() }
    }

    /// Compares the stack of a seed, for Helm 4 and for Helm 3.
    pub fn add(&mut self, seed: u32) {
        let mut random = Random::of_seed(seed);
        let has_subcharts = !random.one_in(4);
        let chart = random_chart(&mut random, "top", if has_subcharts { 2 } else { 0 });
        let files: Vec<Value> =
            (0..=random.below(3)).map(|_| random_values(&mut random, 3)).collect();
        let mut user = node(&files[0]);
        for file in &files[1..] {
            user = merge_files(&user, &node(file));
        }
        for (number, helm) in [(4, HelmVersion::Four), (3, HelmVersion::Three)] {
            self.stacks += 1;
            let question = json!({"chart": chart, "user": json::to_serde(&user), "helm": number});
            let theirs = self.helm.ask(question.to_string().as_bytes());
            let ours =
                coalesce_chart(&defaults_of(&chart), &user, helm).map(|node| json::to_serde(&node));
            match (&ours, &theirs) {
                (Ok(ours), Ok(theirs)) if ours == theirs => self.merged += 1,
                (Err(_), Err(_)) => {}
                _ => self.differences.push(format!(
                    "seed {seed}, Helm {number}\n  chart  {chart}\n  user   {}\n  ours   {}\n  theirs {}",
                    json::to_serde(&user),
                    shown(&ours),
                    shown(&theirs)
                )),
            }
        }
    }
}

/// Returns a result as text.
fn shown(result: &Result<Value, String>) -> String {
    result.as_ref().map_or_else(Clone::clone, Value::to_string)
}

fn node(value: &Value) -> Node {
    Node::built(json::from_serde(value, &Origin::Built("random")), "random")
}

fn random_values(random: &mut Random, depth: usize) -> Value {
    let mut entries = serde_json::Map::new();
    for _ in 0..random.below(5) {
        let key = *random.pick(KEYS);
        let value = if depth > 0 && !random.one_in(3) {
            random_values(random, depth - 1)
        } else {
            let scalar = *random.pick(SCALARS);
            serde_json::from_str(scalar).expect("a scalar is JSON")
        };
        entries.insert(key.to_owned(), value);
    }
    Value::Object(entries)
}

fn random_chart(random: &mut Random, name: &str, depth: usize) -> Value {
    let mut charts = Vec::new();
    let mut dependencies = Vec::new();
    for below in ["one", "two"] {
        if depth == 0 || random.one_in(3) {
            continue;
        }
        charts.push(random_chart(random, below, depth - 1));
        if random.one_in(3) {
            continue;
        }
        let version =
            *random.pick(&["1.2.3", "~1.2.0", "^1.0.0", "1.x.x", "*", ">=1.0.0 <2", "2.0.0"]);
        let mut dependency = json!({"name": below, "version": version});
        if random.one_in(4) {
            dependency["alias"] = json!(*random.pick(&["a", "b"]));
        }
        if random.one_in(2) {
            let condition =
                ["one.enabled", "two.enabled", "a.enabled,enabled", "enabled", "global.enabled"];
            dependency["condition"] = json!(*random.pick(&condition));
        }
        if random.one_in(3) {
            dependency["tags"] = json!([*random.pick(&["a", "b"]), "enabled"]);
        }
        if random.one_in(3) {
            dependency["import-values"] = match random.below(3) {
                0 => json!(["a"]),
                1 => json!([{"child": "a", "parent": "b"}, "b"]),
                _ => {
                    json!([{"child": "global.a", "parent": "."}, {"child": "b.a", "parent": "a.b"}])
                }
            };
        }
        dependencies.push(dependency);
    }
    let values = random_values(random, 3);
    // Most charts that list no dependencies have no list.
    let dependencies = if dependencies.is_empty() && !random.one_in(4) {
        Value::Null
    } else {
        Value::Array(dependencies)
    };
    json!({"name": name, "version": "1.2.3", "values": values, "dependencies": dependencies, "charts": charts})
}

fn defaults_of(chart: &Value) -> ChartDefaults {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let dependency = |one: &Value| ChartDependency {
        name: text(&one["name"]),
        alias: text(&one["alias"]),
        version: text(&one["version"]),
        condition: text(&one["condition"]),
        tags: items(&one["tags"]).iter().map(text).collect(),
        imports: items(&one["import-values"])
            .iter()
            .map(|import| match import.as_str() {
                Some(name) => ValuesImport::Exports(name.to_owned()),
                None => ValuesImport::Path {
                    child: text(&import["child"]),
                    parent: text(&import["parent"]),
                },
            })
            .collect(),
    };
    ChartDefaults {
        name: text(&chart["name"]),
        version: text(&chart["version"]),
        values: node(&chart["values"]),
        dependencies: chart["dependencies"]
            .as_array()
            .map(|listed| listed.iter().map(dependency).collect()),
        charts: items(&chart["charts"]).iter().map(defaults_of).collect(),
    }
}
