//! The gateway of a global cluster, beside what the chart `envoy-configs` makes of it.
//!
//! A case is a folder: `values.yaml`, the base values; `chart.yaml`, what the real chart makes
//! of them with our overlay (`--target gateway --as values`) on top; and `differences`, what
//! of that differs from `--as manifests` on purpose, by the words of docs/understack.md. A
//! case that begins with `refused-` is refused by both. The chart is taken from the folder
//! that `ENVOY_CONFIGS_CHART` names; without it what it made once stands in for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use serde_json::Value;
use site_cmp_tests::{Output, Scratch, parse_yaml, repo};

use crate::cmp;
use crate::helm::helms;

mod differences;

use differences::DIFFERENCES;

/// A helm, and the chart's folder.
type Chart = (PathBuf, PathBuf);
/// Objects by kind, namespace and name.
type Objects = BTreeMap<String, Value>;

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(repo().join("tests/cases/envoy-configs")).unwrap();
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 15, "only {} cases", cases.len());
    cases
}

fn is_refused(case: &Path) -> bool {
    case.file_name().unwrap().to_str().unwrap().starts_with("refused-")
}

/// The chart's folder and a helm, where both are there.
fn chart() -> Option<Chart> {
    let Some(chart) = std::env::var_os("ENVOY_CONFIGS_CHART").map(PathBuf::from) else {
        site_cmp_tests::tell(
            "skipped: the chart envoy-configs not found; name its folder (components/envoy-configs of understack) in ENVOY_CONFIGS_CHART",
        );
        return None;
    };
    assert!(chart.join("Chart.yaml").exists(), "{}: no chart", chart.display());
    Some((helms().into_iter().next()?, chart))
}

/// What helm makes of the chart with these values, or why it refuses them.
fn templated((helm, chart): &Chart, values: &[&Path]) -> Result<String, String> {
    let mut process = Process::new(helm);
    process.args(["template", "envoy-configs"]).arg(chart);
    for file in values {
        process.arg("-f").arg(file);
    }
    let output = process.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// The example fleet with these base values.
fn fleet(values: &str) -> Scratch {
    Scratch::new().with("base/envoy-configs/values.yaml", values)
}

fn gateway(fleet: &Scratch, form: &str, more: &[&str]) -> Output {
    let words = ["--environment", "dev", "--target", "gateway", "--as", form, "-o", "json"];
    cmp().arg("render").arg(fleet.path()).args(words).args(more).run()
}

fn by_name(objects: impl IntoIterator<Item = Value>) -> Objects {
    let mut found = Objects::new();
    for object in objects {
        let metadata = &object["metadata"];
        let [kind, namespace, name] = [&object["kind"], &metadata["namespace"], &metadata["name"]]
            .map(|value| value.as_str().unwrap().to_owned());
        let twice = found.insert(format!("{kind} {namespace}/{name}"), object);
        assert!(twice.is_none(), "{twice:?} stands twice");
    }
    found
}

fn ours(fleet: &Scratch, more: &[&str]) -> Objects {
    let output = gateway(fleet, "manifests", more).success();
    by_name(output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()))
}

fn theirs(text: &str) -> Objects {
    let documents = text.split("\n---\n").map(|text| parse_yaml("chart.yaml", text.as_bytes()));
    by_name(documents.filter(Value::is_object))
}

/// Takes every known difference away; what is left has to be the same.
fn differences(case: &str, mut chart: Objects, mut ours: Objects) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    for (name, level) in DIFFERENCES {
        let before = (chart.clone(), ours.clone());
        level(&mut chart, &mut ours);
        if before != (chart.clone(), ours.clone()) {
            found.insert(name);
        }
    }
    assert!(ours.keys().eq(chart.keys()), "{case}: {:?} and {:?}", ours.keys(), chart.keys());
    for (name, object) in &ours {
        assert_eq!(*object, chart[name], "{case}: {name}");
    }
    found
}

/// What the real chart makes of a case; kept in its folder.
fn charts_answer(case: &Path, fleet: &Scratch, chart: Option<&Chart>) -> Objects {
    let kept = case.join("chart.yaml");
    if let Some(chart) = chart {
        let overlay = fleet.outside().join("overlay.json");
        fs::write(&overlay, gateway(fleet, "values", &[]).success().stdout).unwrap();
        let text = templated(chart, &[&case.join("values.yaml"), &overlay]).unwrap();
        if std::env::var_os("UPDATE_CASES").is_some() {
            let lines = text.lines().filter(|line| !line.starts_with("# Source"));
            fs::write(&kept, lines.collect::<Vec<_>>().join("\n") + "\n").unwrap();
        }
        let found = theirs(&text);
        assert_eq!(theirs(&fs::read_to_string(&kept).unwrap()), found, "{}", kept.display());
    }
    theirs(&fs::read_to_string(&kept).unwrap())
}

#[test]
fn the_same_gateway_but_for_the_differences_that_are_listed() {
    let (chart, mut seen) = (chart(), BTreeSet::new());
    for case in cases().iter().filter(|case| !is_refused(case)) {
        let fleet = fleet(&fs::read_to_string(case.join("values.yaml")).unwrap());
        let name = case.display().to_string();
        let found =
            differences(&name, charts_answer(case, &fleet, chart.as_ref()), ours(&fleet, &[]));
        let file = case.join("differences");
        if std::env::var_os("UPDATE_CASES").is_some() {
            let lines: String = found.iter().map(|name| format!("{name}\n")).collect();
            fs::write(&file, lines).unwrap();
        }
        let listed = fs::read_to_string(file).unwrap();
        assert_eq!(found, listed.lines().collect(), "{name}");
        seen.extend(found);
    }
    let [mut alpha, mut v1] = [&[][..], &["--setting", "envoy-gateway-routes.tlsRouteVersion=v1"]]
        .map(|more| ours(&Scratch::new(), more));
    assert_ne!(alpha, v1);
    let (name, level) = DIFFERENCES.iter().find(|(name, _)| *name == "route version").unwrap();
    level(&mut alpha, &mut v1);
    assert_eq!(alpha, v1);
    seen.insert(name);
    let known: BTreeSet<_> = DIFFERENCES.iter().map(|(name, _)| *name).collect();
    assert_eq!(seen, known, "a difference that no case shows");
}

/// Every gateway of the cases here: ours, and the chart's.
pub(crate) fn gateways() -> Vec<(String, Vec<Value>, Vec<Value>)> {
    let told = |case: &PathBuf| {
        let fleet = fleet(&fs::read_to_string(case.join("values.yaml")).unwrap());
        let [ours, chart] = [ours(&fleet, &[]), charts_answer(case, &fleet, None)]
            .map(|objects| objects.into_values().collect());
        (case.file_name().unwrap().to_str().unwrap().to_owned(), ours, chart)
    };
    cases().iter().filter(|case| !is_refused(case)).map(told).collect()
}

#[test]
fn the_document_lists_every_difference_and_no_other() {
    let text = fs::read_to_string(repo().join("docs/understack.md")).unwrap();
    let (_, table) = text.split_once("The gateway of a global cluster").unwrap();
    let table = table.split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let listed: BTreeSet<&str> = rows
        .filter_map(|row| row.split_once('(')?.1.split_once(')'))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(listed, DIFFERENCES.iter().map(|(name, _)| *name).collect());
}

#[test]
fn what_the_charts_schema_refuses_is_refused_here() {
    let chart = chart();
    for case in cases().iter().filter(|case| is_refused(case)) {
        let values = case.join("values.yaml");
        let output = gateway(&fleet(&fs::read_to_string(&values).unwrap()), "values", &[]);
        output.failure(1).says(&["base/envoy-configs/values.yaml:"]);
        if let Some(chart) = &chart {
            let refused = templated(chart, &[&values]).unwrap_err();
            assert!(refused.contains("don't meet the specifications"), "{refused}");
        }
    }
}
