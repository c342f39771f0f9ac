//! Our answers beside those of the programs that we must agree with, over many inputs. `just
//! differential` runs the same tests with more of them; `docs/differences.md` has the figures.

use std::fs;
use std::path::{Path, PathBuf};

use fuzz_checks::{Programs, YamlComparison};
use site_cmp_tests::{built, peer, tell};

/// The number of random documents without `DOCUMENTS`.
const DOCUMENTS: u32 = 3_000;

/// Starts a comparison, if the peer is installed.
fn yaml_comparison() -> Option<YamlComparison> {
    let go = peer("fuzz-oracle", built("peers/fuzz-oracle"), "build it with tests/peers/build")?;
    // The comparison of YAML needs no Python.
    Some(YamlComparison::start(&Programs { go, python: PathBuf::new() }))
}

/// Returns the number in a variable.
fn number(variable: &str, default: u32) -> u32 {
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
