//! From a file to its values: what is known, else what a worker says.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use site_render::finding::{Fault, Finding};
use site_render::jsonnet::{self, Imports, Jsonnet};
use site_render::origin::SourceFile;
use site_render::value::Node;

use crate::cache::{self, Known, Results};
use crate::conversation::{self, Outcome, Silence};
use crate::limits::Limits;
use crate::pool::{Place, Pool};
use crate::process::{End, Program, Worker};
use crate::report;

/// Evaluates Jsonnet in workers. Made once a process; nothing is started before the first
/// file is evaluated.
pub struct Evaluator {
    limits: Limits,
    pool: Pool,
    results: Results,
}

impl Evaluator {
    /// One whose workers are that program.
    pub fn new(path: PathBuf, args: Vec<OsString>, limits: Limits) -> Self {
        let pool = Pool::new(Program { path, args }, limits.clone());
        Self { pool, results: Results::new(limits.cache_bytes), limits }
    }

    /// Asks a worker, without a look at what is known.
    ///
    /// # Errors
    /// As [`Jsonnet::evaluate`].
    pub fn ask(&self, file: &Arc<SourceFile>, imports: &Imports<'_>) -> Result<Node, Box<Finding>> {
        read(file, self.outcome(file, imports)?.result)
    }

    fn outcome(
        &self,
        file: &Arc<SourceFile>,
        imports: &Imports<'_>,
    ) -> Result<Outcome, Box<Finding>> {
        let place = self.pool.place();
        let worker = place.worker().map_err(|error| report::no_worker(&error.to_string()))?;
        let used = worker.is_used();
        match self.hold(&place, worker, file, imports) {
            // What broke a worker that had worked before may be what that left behind; and
            // an idle one may have been ended by anybody.
            Err(end) if used && end != End::Time => {
                let worker =
                    place.fresh().map_err(|error| report::no_worker(&error.to_string()))?;
                self.hold(&place, worker, file, imports)
            }
            done => done,
        }
        .map_err(|end| Box::new(report::ended(end, file, &self.limits)))
    }

    /// Evaluates with a worker, which is kept if it can go on.
    fn hold(
        &self,
        place: &Place<'_>,
        mut worker: Worker,
        file: &Arc<SourceFile>,
        imports: &Imports<'_>,
    ) -> Result<Outcome, End> {
        let start = Instant::now();
        match conversation::hold(&worker, file, imports, &self.limits) {
            Ok(outcome) => {
                if worker.may_go_on(start.elapsed()) {
                    place.keep(worker);
                }
                Ok(outcome)
            }
            Err(Silence::Late) => Err(End::Time),
            Err(Silence::Gone) => Err(worker.end()),
        }
    }
}

impl Jsonnet for Evaluator {
    fn evaluate(
        &self,
        file: &Arc<SourceFile>,
        imports: &Imports<'_>,
    ) -> Result<Node, Box<Finding>> {
        let key = cache::key(file);
        if let Some(known) = self.results.find(&key, imports, self.limits.import_bytes) {
            return known;
        }
        let Outcome { result, imports, is_final } = self.outcome(file, imports)?;
        let result: Known = read(file, result);
        let told = result.as_ref().err();
        if is_final && told.is_none_or(|finding| finding.fault == Fault::Input) {
            self.results.keep(key, imports, &result);
        }
        result
    }
}

/// JSON as values of a file.
fn read(file: &Arc<SourceFile>, result: Result<String, Box<Finding>>) -> Known {
    let values = jsonnet::values(file, &result?);
    Ok(values.map_err(|error| report::unreadable(file, &error))?)
}

#[cfg(test)]
mod tests;
