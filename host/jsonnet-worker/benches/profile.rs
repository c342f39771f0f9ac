//! The example fleet's profile in Jsonnet, with its library: the bars are 2 ms by a warm
//! worker and 50 µs where the result is known.
//!
//! `native` is jrsonnet in this process, without limits: what evaluating costs at all.
//! `started` is a worker's start with its first answer.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use divan::Bencher;
use jrsonnet_evaluator::error::{ErrorKind, Result};
use jrsonnet_evaluator::manifest::JsonFormat;
use jrsonnet_evaluator::trace::PathResolver;
use jrsonnet_evaluator::{AsPathLike, ImportResolver, SourcePath, State};
use jrsonnet_gcmodule::Acyclic;
use jrsonnet_ir::SourceFile as Known;
use jsonnet_worker::{Evaluator, Limits};
use site_render::jsonnet::{Imports, Jsonnet};
use site_render::origin::SourceFile;
use site_render::tree::{EntryKind, Tree, TreeError};

const PROFILE: &str = "sites/rax-dev-den1/profile.jsonnet";
const LIBRARY: &str = "lib/rax-dev.libsonnet";

fn main() {
    divan::main();
}

/// Two files in memory.
#[derive(Clone)]
struct Files(BTreeMap<String, Arc<[u8]>>);

impl Files {
    fn read() -> Self {
        let fleet = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../site-profiles");
        let file = |name: &str| {
            let bytes = std::fs::read(fleet.join(name)).expect("the example fleet is there");
            (name.to_owned(), Arc::from(bytes))
        };
        Self(BTreeMap::from([PROFILE, LIBRARY].map(file)))
    }

    fn profile(&self) -> Arc<SourceFile> {
        let text = String::from_utf8(self.0[PROFILE].to_vec()).expect("text");
        Arc::new(SourceFile::new(PROFILE, text))
    }
}

impl Tree for Files {
    fn read(&self, path: &str, _: u64) -> std::result::Result<Arc<[u8]>, TreeError> {
        self.0.get(path).cloned().ok_or(TreeError::Missing)
    }

    fn list(&self, _: &str) -> std::result::Result<Vec<(String, EntryKind)>, TreeError> {
        Ok(Vec::new())
    }
}

/// The same for jrsonnet itself: whatever is imported is the library.
#[derive(Acyclic)]
struct Library(RefCell<BTreeMap<String, Vec<u8>>>);

impl ImportResolver for Library {
    fn resolve_from(&self, _: &SourcePath, _: &dyn AsPathLike) -> Result<SourcePath> {
        Ok(SourcePath::new(Known::new(PathBuf::from(LIBRARY))))
    }

    fn load_file_contents(&self, resolved: &SourcePath) -> Result<Vec<u8>> {
        let file = self.0.borrow().get(&resolved.to_string()).cloned();
        file.ok_or_else(|| ErrorKind::ResolvedFileNotFound(resolved.clone()).into())
    }
}

fn evaluator() -> Evaluator {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_jsonnet-evaluator"));
    Evaluator::new(program, Vec::new(), Limits::default())
}

#[divan::bench]
fn native(bencher: Bencher) {
    let files: BTreeMap<String, Vec<u8>> =
        Files::read().0.iter().map(|(name, bytes)| (name.clone(), bytes.to_vec())).collect();
    bencher.bench_local(|| {
        let mut builder = State::builder();
        builder
            .import_resolver(Library(RefCell::new(files.clone())))
            .context_initializer(jrsonnet_stdlib::ContextInitializer::new(PathResolver::Absolute));
        let state = builder.build();
        let _entered = state.enter();
        let profile = SourcePath::new(Known::new(PathBuf::from(PROFILE)));
        let value = state.import_resolved(profile).expect("a value");
        value.manifest(JsonFormat::minify()).expect("JSON")
    });
}

#[divan::bench]
fn warm(bencher: Bencher) {
    let (files, evaluator) = (Files::read(), evaluator());
    let profile = files.profile();
    let ask = || evaluator.evaluate_uncached(&profile, &Imports::of(&files, "")).expect("values");
    ask();
    bencher.bench_local(ask);
}

#[divan::bench]
fn cached(bencher: Bencher) {
    let (files, evaluator) = (Files::read(), evaluator());
    let profile = files.profile();
    let ask = || evaluator.evaluate(&profile, &Imports::of(&files, "")).expect("values");
    ask();
    bencher.bench_local(ask);
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn started(bencher: Bencher) {
    let files = Files::read();
    let profile = files.profile();
    bencher.with_inputs(evaluator).bench_local_values(|evaluator| {
        evaluator.evaluate_uncached(&profile, &Imports::of(&files, "")).expect("values")
    });
}
