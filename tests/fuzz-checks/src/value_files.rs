//! Random lists of `valueFiles`, and the files that Argo CD reads for them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Programs;
use super::oracle::{Oracle, OracleKind};
use super::random::Random;

/// The parts of a random path.
const NAMES: &[&str] = &[
    "d",
    "e",
    "f",
    "d-e",
    "x.yaml",
    "y.yaml",
    "z.yaml",
    "none.yaml",
    ".h.yaml",
    "link.yaml",
    "ld",
    "one-worker.yaml",
];
const PATTERNS: &[&str] = &[
    "*",
    "**",
    "*.yaml",
    "?.yaml",
    "[xy].yaml",
    "[!x].yaml",
    "[^y]*",
    "[w-y].yaml",
    "{x,z}*.yaml",
    "d*",
    "*e",
    "l*",
    "{d,e}",
    "{f,d*}",
    "**.yaml",
    "[x",
    "[]x]*",
    "*-*",
];
const OTHERS: &[&str] =
    &["..", ".", "", "${ARGOCD_APP_NAME}.yaml", "$ARGOCD_APP_NAMESPACE", "{{site}}", "out.yaml"];

/// Returns a random list of references to these sources.
#[must_use]
pub fn random_value_files(seed: u32, sources: &[&str]) -> Vec<String> {
    let mut random = Random::of_seed(seed);
    let mut references = Vec::new();
    for _ in 0..=random.below(4) {
        let mut reference = format!("${}", random.pick(sources));
        let depth = 1 + random.below(3);
        for level in 0..depth {
            let parts = match random.below(12) {
                0 => OTHERS,
                1..=5 => PATTERNS,
                _ => NAMES,
            };
            let part = random.pick(parts);
            let is_last = level + 1 == depth;
            let part = if is_last && random.one_in(2) { random.pick(&NAMES[4..7]) } else { part };
            reference = format!("{reference}/{part}");
        }
        references.push(reference);
    }
    references
}

/// Argo CD's own function that resolves `valueFiles`.
#[derive(Debug)]
pub struct ValueFilesOracle {
    oracle: Oracle,
    /// The folder that has the checkouts.
    pub folder: PathBuf,
    /// The folder of each repository, by its URL.
    pub repos: BTreeMap<String, String>,
    /// The URL of each source.
    pub refs: BTreeMap<String, String>,
    /// The variables of the build environment.
    pub env: BTreeMap<String, String>,
}

impl ValueFilesOracle {
    /// Starts it; files are below this folder.
    ///
    /// # Panics
    /// If the peer cannot be started.
    #[must_use]
    pub fn start(programs: &Programs, folder: &Path) -> Self {
        let oracle = Oracle::start(OracleKind::Go("valuefiles"), programs);
        let (repos, refs, env) = Default::default();
        Self { oracle, folder: folder.to_owned(), repos, refs, env }
    }

    /// Returns the files that helm gets, in order, or the reason for which Argo CD refuses.
    ///
    /// # Errors
    /// Argo CD's own message.
    ///
    /// # Panics
    /// If the peer does not answer with a list of paths.
    pub fn resolve(&mut self, references: &[String]) -> Result<Vec<PathBuf>, String> {
        let Self { oracle, folder, repos, refs, env } = self;
        let question = json!({
            "folder": folder, "repos": repos, "refs": refs, "env": env, "valueFiles": references,
        });
        let answer = oracle.ask(question.to_string().as_bytes())?;
        Ok(serde_json::from_value::<Option<_>>(answer).expect("paths").unwrap_or_default())
    }
}
