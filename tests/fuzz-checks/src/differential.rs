//! Many YAML documents, each read by us and by Go.

use std::collections::BTreeMap;

use super::oracle::{Oracle, OracleKind};
use super::yaml_differences::Verdict;
use super::{Programs, yaml_blocks, yaml_grammar, yaml_target};

/// A comparison of our YAML reader with Go's, and its result so far.
#[derive(Debug)]
pub struct YamlComparison {
    go: Oracle,
    /// The number of documents.
    pub documents: usize,
    /// The number of documents that both sides read.
    pub read: usize,
    /// The number of documents of each intended difference, by its reason.
    pub intended: BTreeMap<&'static str, usize>,
    /// The unintended differences.
    pub differences: Vec<String>,
}

impl YamlComparison {
    /// Starts a comparison.
    ///
    /// # Panics
    /// If the peer cannot be started.
    #[must_use]
    pub fn start(programs: &Programs) -> Self {
        Self {
            go: Oracle::start(OracleKind::Go("yaml"), programs),
            documents: 0,
            read: 0,
            intended: BTreeMap::new(),
            differences: Vec::new(),
        }
    }

    /// Compares one document. The name is for the message of a difference.
    pub fn add(&mut self, name: &str, document: &[u8]) {
        self.documents += 1;
        match yaml_target::compare(document, &mut self.go) {
            Verdict::Same { is_read } => self.read += usize::from(is_read),
            Verdict::Intended(reason) => *self.intended.entry(reason).or_default() += 1,
            Verdict::Different(difference) => {
                self.differences.push(format!("{name}: {difference}"));
            }
        }
    }

    /// Compares random documents of a grammar: those of so many seeds from the first one on.
    pub fn add_random(&mut self, first: u32, count: u32) {
        for seed in first..first.saturating_add(count) {
            self.add(&format!("seed {seed}"), yaml_grammar::document(seed).as_bytes());
        }
    }

    /// Compares every form of a block scalar.
    pub fn add_block_scalars(&mut self) {
        for (number, document) in yaml_blocks::forms().enumerate() {
            self.add(&format!("block scalar {number}"), document.as_bytes());
        }
    }
}
