//! Evaluates a file to values: from the cache, or with a worker.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use site_render::finding::{Fault, Finding};
use site_render::jsonnet::{self, Imports, Jsonnet};
use site_render::origin::SourceFile;
use site_render::value::Node;
use worker_process::{Program, WorkerExit};

use crate::cache::{self, EvaluationResult, ResultCache};
use crate::conversation::{self, EvaluationOutcome, WorkerFailure};
use crate::limits::Limits;
use crate::pool::{Pool, WorkerPermit};
use crate::process::Worker;
use crate::report;

/// Evaluates Jsonnet in worker processes. Create one per process; it starts no worker before the first
/// evaluation.
pub struct Evaluator {
    limits: Limits,
    pool: Pool,
    results: ResultCache,
}

impl Evaluator {
    /// Returns an evaluator whose workers run this program.
    pub fn new(path: PathBuf, args: Vec<OsString>, limits: Limits) -> Self {
        let pool = Pool::new(Program { path, args }, limits.clone());
        Self { pool, results: ResultCache::new(limits.cache_bytes), limits }
    }

    /// Evaluates a file with a worker, without the cache.
    ///
    /// # Errors
    /// As [`Jsonnet::evaluate`].
    pub fn evaluate_uncached(
        &self,
        file: &Arc<SourceFile>,
        imports: &Imports<'_>,
    ) -> Result<Node, Box<Finding>> {
        let EvaluationOutcome { result, files, .. } = self.run_in_worker(file, imports)?;
        to_values(file, files, result)
    }

    fn run_in_worker(
        &self,
        file: &Arc<SourceFile>,
        imports: &Imports<'_>,
    ) -> Result<EvaluationOutcome, Box<Finding>> {
        let permit = self.pool.acquire();
        let worker =
            permit.take_worker().map_err(|error| report::worker_finding(&error.to_string()))?;
        let used = worker.is_used();
        match self.evaluate_with(&permit, worker, file, imports) {
            // A used worker may have failed because of an earlier evaluation, and an idle one may
            // have been killed, so it is tried once more with a new worker.
            Err(end) if used && end != WorkerExit::Time => {
                let worker = permit
                    .start_worker()
                    .map_err(|error| report::worker_finding(&error.to_string()))?;
                self.evaluate_with(&permit, worker, file, imports)
            }
            done => done,
        }
        .map_err(|end| Box::new(report::exit_finding(end, file, &self.limits)))
    }

    /// Evaluates with this worker, and returns it to the pool if it can serve more.
    fn evaluate_with(
        &self,
        permit: &WorkerPermit<'_>,
        mut worker: Worker,
        file: &Arc<SourceFile>,
        imports: &Imports<'_>,
    ) -> Result<EvaluationOutcome, WorkerExit> {
        let start = Instant::now();
        match conversation::evaluate_with(&worker, file, imports, &self.limits) {
            Ok(outcome) => {
                if worker.record_work(start.elapsed()) {
                    permit.return_worker(worker);
                }
                Ok(outcome)
            }
            Err(WorkerFailure::TimedOut) => Err(WorkerExit::Time),
            Err(WorkerFailure::Disconnected) => Err(worker.terminate()),
        }
    }
}

impl Jsonnet for Evaluator {
    fn evaluate(
        &self,
        file: &Arc<SourceFile>,
        imports: &Imports<'_>,
    ) -> Result<Node, Box<Finding>> {
        let key = cache::cache_key(file);
        if let Some(cached) = self.results.lookup(&key, imports, self.limits.import_bytes) {
            return cached;
        }
        let EvaluationOutcome { result, imports, files, is_final } =
            self.run_in_worker(file, imports)?;
        let result: EvaluationResult = to_values(file, files, result);
        let finding = result.as_ref().err();
        if is_final && finding.is_none_or(|finding| finding.fault == Fault::Input) {
            self.results.store(key, imports, &result);
        }
        result
    }
}

/// Converts JSON to values with the file as their origin, which knows the files that it imports: a
/// later message may repeat a secret of them.
fn to_values(
    file: &Arc<SourceFile>,
    imports: Vec<Arc<SourceFile>>,
    result: Result<String, Box<Finding>>,
) -> EvaluationResult {
    let json = result?;
    let values = if imports.is_empty() {
        jsonnet::values(file, &json)
    } else {
        jsonnet::values(&Arc::new(file.with_imports(imports)), &json)
    };
    Ok(values.map_err(|error| report::unreadable_finding(file, &error))?)
}

#[cfg(test)]
mod tests;
