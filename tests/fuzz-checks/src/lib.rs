//! Entry points of the fuzz targets, which `cargo test` also replays the corpora with.
//!
//! A target takes any bytes. It panics if it has found a bug: our answer and that of the program
//! that we must agree with differ, or a property that all answers have does not hold. Intended
//! differences are listed, each with its reason. The targets `archive` and `stream` are in
//! `site_cmp::fuzz`, and the decoder of the target `plan` is in `policy_sandbox::fuzz`.

#![allow(clippy::missing_panics_doc, reason = "a check panics if it has found a bug")]

mod change_json;
mod change_lines;
mod chart_comparison;
mod differential;
mod fleet_files;
mod fleet_target;
mod jsonnet_target;
mod object_shape;
mod oracle;
mod plan_target;
mod python_target;
mod random;
mod resources_target;
mod value_files;
mod values_target;
mod yaml_blocks;
mod yaml_differences;
mod yaml_grammar;
mod yaml_target;

use std::cell::RefCell;
use std::path::PathBuf;

pub use chart_comparison::ChartComparison;
pub use differential::YamlComparison;
pub use value_files::{ValueFilesOracle, random_value_files};

use oracle::{Oracle, OracleKind};

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its corpus.
    pub name: &'static str,
    oracle: OracleKind,
    check: fn(&[u8], &mut Oracle),
    change: fn(&str, u32) -> String,
}

/// The YAML reader and writer, beside Go's reader.
pub const YAML: Target = Target {
    name: "yaml",
    oracle: OracleKind::Go("yaml"),
    check: yaml_target::check,
    change: yaml_target::change,
};

/// The merge of values, beside Helm's.
pub const VALUES: Target = Target {
    name: "values",
    oracle: OracleKind::Go("values"),
    check: values_target::check,
    change: values_target::change,
};

/// The merge of resource files, beside kustomize's.
pub const RESOURCES: Target = Target {
    name: "resources",
    oracle: OracleKind::Go("resources"),
    check: resources_target::check,
    change: resources_target::change,
};

/// A policy's plan in a render.
pub const PLAN: Target = Target {
    name: "plan",
    oracle: OracleKind::Go("yaml"),
    check: plan_target::check,
    change: plan_target::change,
};

/// A render of any environment and profile.
pub const FLEET: Target = Target {
    name: "fleet",
    oracle: OracleKind::Go("yaml"),
    check: fleet_target::check,
    change: fleet_target::change,
};

/// The merge of Python modules, beside Python's compiler.
pub const PYTHON: Target = Target {
    name: "python",
    oracle: OracleKind::Python,
    check: python_target::check,
    change: python_target::change,
};

/// The values that Jsonnet evaluates to, beside Go's JSON.
pub const JSONNET: Target = Target {
    name: "jsonnet",
    oracle: OracleKind::Go("json"),
    check: jsonnet_target::check,
    change: jsonnet_target::change,
};

/// The programs that answers are compared with.
#[derive(Clone, Debug)]
pub struct Programs {
    /// The peer `fuzz-oracle`, which `tests/peers/build` builds.
    pub go: PathBuf,
    /// Python 3.
    pub python: PathBuf,
}

impl Target {
    /// Checks one input. The program that it is compared with runs until the thread ends.
    ///
    /// # Panics
    /// If it has found a bug, or if that program cannot be started.
    pub fn check(&self, input: &[u8], programs: &Programs) {
        thread_local! {
            static ORACLES: RefCell<Vec<Oracle>> = const { RefCell::new(Vec::new()) };
        }
        ORACLES.with_borrow_mut(|oracles| {
            let known = oracles.iter().position(|oracle| oracle.kind == self.oracle);
            let index = known.unwrap_or_else(|| {
                oracles.push(Oracle::start(self.oracle, programs));
                oracles.len() - 1
            });
            (self.check)(input, &mut oracles[index]);
        });
    }

    /// Returns a changed input: a fuzzer's mutation that knows the syntax of the target. The same
    /// input and seed give the same result.
    pub fn change(&self, input: &[u8], seed: u32) -> Vec<u8> {
        (self.change)(&String::from_utf8_lossy(input), seed).into_bytes()
    }
}
