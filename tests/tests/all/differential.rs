//! Our answers beside those of the programs that we must agree with, over many inputs. `just
//! differential` runs the same tests with more of them; `docs/differences.md` has the figures.

use std::fs;
use std::path::{Path, PathBuf};

use fuzz_checks::{Programs, YamlComparison};
use site_cmp_tests::{built, peer, tell};

/// The number of pairs of objects without `PAIRS`.
const PAIRS: u32 = 1_000;
/// The number of stacks of values without `STACKS`.
const STACKS: u32 = 1_000;
/// The number of random documents without `DOCUMENTS`.
const DOCUMENTS: u32 = 3_000;

/// Returns the peers, if they are installed. Nothing here needs Python.
pub(crate) fn programs() -> Option<Programs> {
    let go = peer("fuzz-oracle", built("peers/fuzz-oracle"), "build it with tests/peers/build")?;
    Some(Programs { go, python: PathBuf::new() })
}

/// Starts a comparison, if the peer is installed.
fn yaml_comparison() -> Option<YamlComparison> {
    programs().map(|programs| YamlComparison::start(&programs))
}

/// Returns the number in a variable.
pub(crate) fn number(variable: &str, default: u32) -> u32 {
    let text = std::env::var(variable).ok();
    text.map_or(default, |text| text.parse().expect("a number"))
}

/// Prints a comparison, and fails if it has an unintended difference.
fn conclude(name: &str, comparison: &YamlComparison) {
    let YamlComparison { documents, read, intended, differences, .. } = comparison;
    let mut report = format!("{name}: {documents} documents, of which both sides read {read}");
    for (reason, count) in intended {
        report += &format!("; {count} differ: {reason}");
    }
    tell(&report);
    let shown = differences.iter().take(20).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} differences in {name}:\n{shown}", differences.len());
}

/// Adds the files of a folder that a variable names, and of the folders in it.
fn add_folder(variable: &str, is_input: fn(&Path) -> bool) {
    let Some(folder) = std::env::var_os(variable) else {
        tell(&format!(
            "skipped: the folder of {variable} not found; docs/differences.md says how to get it"
        ));
        return;
    };
    let Some(mut comparison) = yaml_comparison() else { return };
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else if is_input(&path) {
                comparison.add(&path.display().to_string(), &fs::read(&path).unwrap());
            }
        }
    }
    conclude(variable, &comparison);
}

#[test]
fn random_yaml_is_read_as_go_reads_it() {
    let Some(mut comparison) = yaml_comparison() else { return };
    comparison.add_random(number("SEED", 0), number("DOCUMENTS", DOCUMENTS));
    conclude("random documents", &comparison);
    // Most of what is not broken on purpose is read.
    assert!(comparison.read * 3 > comparison.documents, "{} are read", comparison.read);
}

#[test]
fn every_block_scalar_is_read_as_go_reads_it() {
    let Some(mut comparison) = yaml_comparison() else { return };
    comparison.add_block_scalars();
    conclude("block scalars", &comparison);
}

/// Each pair is one of thousands of changes of the one before it.
#[test]
fn random_objects_are_merged_as_kustomize_merges_them() {
    let Some(programs) = programs() else { return };
    let (first, pairs) = (number("SEED", 0), number("PAIRS", PAIRS));
    let mut pair = Vec::new();
    for seed in first..first + pairs {
        // It would grow, and then each pair takes longer.
        if seed % 40 == 0 || pair.len() > 4_000 {
            pair.clear();
        }
        pair = fuzz_checks::RESOURCES.change(&pair, seed);
        fuzz_checks::RESOURCES.check(&pair, &programs);
    }
    tell(&format!("{pairs} pairs of objects"));
}

#[test]
fn random_charts_see_the_values_that_helm_gives_them() {
    let Some(programs) = programs() else { return };
    let mut comparison = fuzz_checks::ChartComparison::start(&programs);
    let first = number("SEED", 0);
    for seed in first..first + number("STACKS", STACKS) {
        comparison.add(seed);
    }
    let fuzz_checks::ChartComparison { stacks, merged, differences, .. } = &comparison;
    tell(&format!("{stacks} stacks of values: {merged} merged by both, for Helm 4 and Helm 3"));
    let shown = differences.iter().take(5).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} differences:\n{shown}", differences.len());
    assert!(merged * 2 > *stacks, "{merged} are merged");
}

#[test]
fn the_yaml_test_suite_is_read_as_go_reads_it() {
    add_folder("YAML_TEST_SUITE", |path| path.ends_with("in.yaml"));
}

#[test]
fn real_files_are_read_as_go_reads_them() {
    add_folder("YAML_FILES", |path| {
        path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
    });
}
