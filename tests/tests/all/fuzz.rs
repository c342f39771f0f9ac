//! The corpora of the fuzz targets, replayed: each input once as it is, and, with `MUTATIONS`,
//! changed that many times. No fuzzer is needed, only the programs that answers are compared
//! with. The corpora of `archive`, `stream` and the decoder of plans are replayed where those
//! readers are.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use fuzz_checks::{self as checks, Programs, Target};
use site_cmp_tests::{built, peer, repo, tell};

/// The largest size of all corpora together, in bytes: they are part of each clone.
const CORPORA_BYTES: u64 = 200 << 10;

/// Returns the programs that answers are compared with, if they are installed: the Python that
/// `SITE_CMP_PYTHON` names, or the one on `PATH`.
fn programs() -> Option<Programs> {
    let go = peer("fuzz-oracle", built("peers/fuzz-oracle"), "build it with tests/peers/build")?;
    let named = std::env::var_os("SITE_CMP_PYTHON").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("python3"));
    let found = named.into_iter().chain(found).find(|file| file.exists());
    let python = peer("python3", found, "have it on PATH, or name it in SITE_CMP_PYTHON")?;
    Some(Programs { go, python })
}

/// Returns the inputs in a target's corpus, by path.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(repo().join("tests/fuzz/corpus").join(target)).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut inputs: Vec<_> =
        paths.map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect();
    inputs.sort();
    inputs
}

fn replay(target: Target) {
    let Some(programs) = programs() else { return };
    let corpus = corpus(target.name);
    assert!(!corpus.is_empty(), "the corpus of {} is empty", target.name);
    for (path, input) in &corpus {
        check(target, &programs, input, path);
    }
    let rounds: u32 =
        std::env::var("MUTATIONS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(0);
    let mut input = Vec::new();
    for seed in 0..rounds {
        // Chains of changes get further away from the corpus than one change does.
        if seed % 8 == 0 {
            input.clone_from(&corpus[seed as usize / 8 % corpus.len()].1);
        }
        input = target.change(&input, seed);
        check(target, &programs, &input, &format!("seed {seed}"));
    }
}

/// Checks an input, and shows it if the check fails.
fn check(target: Target, programs: &Programs, input: &[u8], name: &str) {
    if let Err(cause) = catch_unwind(AssertUnwindSafe(|| target.check(input, programs))) {
        tell(&format!("{name} of {}: {:?}", target.name, String::from_utf8_lossy(input)));
        std::panic::resume_unwind(cause);
    }
}

#[test]
fn yaml_is_read_as_go_reads_it() {
    replay(checks::YAML);
}

#[test]
fn values_merge_as_helm_merges_them() {
    replay(checks::VALUES);
}

#[test]
fn resources_merge_as_kustomize_merges_them() {
    replay(checks::RESOURCES);
}

#[test]
fn plans_reach_the_documents() {
    replay(checks::PLAN);
}

#[test]
fn fleets_render_or_are_refused() {
    replay(checks::FLEET);
}

#[test]
fn python_layers_compile_as_one() {
    replay(checks::PYTHON);
}

#[test]
fn jsonnet_values_are_those_of_go() {
    replay(checks::JSONNET);
}

#[test]
fn each_target_has_a_small_corpus() {
    let folder = repo().join("tests/fuzz");
    let mut bytes = 0;
    for entry in fs::read_dir(folder.join("targets")).unwrap() {
        let path = entry.unwrap().path();
        let corpus = folder.join("corpus").join(path.file_stem().unwrap());
        let files = fs::read_dir(&corpus).unwrap_or_else(|_| panic!("{corpus:?} is missing"));
        bytes += files.map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>();
    }
    assert!(bytes <= CORPORA_BYTES, "the corpora have {bytes} bytes; minimise them");
}
