//! Programs of a command against the site's queues and the settings.

use std::collections::BTreeSet;

use policy_sdk::{Finding, Plan};

use super::celery::Worker;
use super::program::Program;
use super::words::{Word, unread};
use crate::duty::Duty;
use crate::short::short;

const HINT: &str =
    "write --queues $(CELERY_TASK_QUEUES), and name other queues in the setting extraQueues";

/// Reports programs that do not do what the site's worker has to.
pub(super) fn judge(plan: &mut Plan, duty: Duty<'_>, programs: &[Program]) {
    for program in programs {
        match program {
            Program::Worker(worker) => {
                judge_config_path(plan, worker);
                judge_queues(plan, duty.queues, worker);
                judge_concurrency(plan, duty, worker);
            }
            Program::Other { what, place } => plan.report(
                Finding::error(
                    "worker/command",
                    format!(
                        "the worker's command starts {what} and not Celery's worker, so nothing serves the site's queue \"{}\"",
                        duty.queues
                    ),
                )
                .at(place.clone().unwrap_or_default())
                .hint("remove the command from the base values"),
            ),
            Program::Unread { why, place } => {
                plan.report(unread(&place.clone().unwrap_or_default(), why));
            }
        }
    }
}

/// Reports `-c`, Celery's short form of `--concurrency`, where `nautobot-server` takes it first.
fn judge_config_path(plan: &mut Plan, worker: &Worker) {
    let Some(word) = &worker.config_path else { return };
    plan.report(
        Finding::error(
            "worker/command",
            format!(
                "nautobot-server takes {} for the path of its config, so the worker does not start",
                short(&word.text)
            ),
        )
        .at(place(word, worker))
        .hint("write --concurrency for the number of processes, and leave the config's path to NAUTOBOT_CONFIG"),
    );
}

/// Reports a worker that serves other queues than the site's.
pub(super) fn judge_queues(plan: &mut Plan, wanted: &str, worker: &Worker) {
    let options = [&worker.queues, &worker.excluded];
    let unknown = options.into_iter().flatten().find(|word| !word.is_known);
    if let Some(word) = unknown {
        let why = ["it names them as ", &short(&word.text)].concat();
        return plan.report(unread(&place(word, worker), &why));
    }
    let message = match &worker.queues {
        None => format!(
            "the worker's command names no queue, so Celery serves the global default queue in place of the site's \"{wanted}\""
        ),
        Some(queues) => {
            let excluded: BTreeSet<&str> =
                worker.excluded.iter().flat_map(|word| word.text.split(',')).collect();
            let served: BTreeSet<&str> =
                queues.text.split(',').filter(|queue| !excluded.contains(queue)).collect();
            if served == wanted.split(',').collect() {
                if let Some(word) = &worker.unread {
                    let why = ["Celery may take more from ", &short(&word.text)].concat();
                    plan.report(unread(&place(word, worker), &why));
                }
                return;
            }
            let served: Vec<&str> = served.into_iter().collect();
            let served = if served.is_empty() {
                "no queue".to_owned()
            } else {
                format!("the queues \"{}\"", short(&served.join(",")))
            };
            format!(
                "the worker's command serves {served}, and this site's worker has to serve \"{wanted}\""
            )
        }
    };
    let word = worker
        .excluded
        .as_ref()
        .filter(|_| worker.queues.as_ref().is_none_or(|word| word.text == wanted));
    let word = word.or(worker.queues.as_ref());
    let at =
        word.map_or_else(|| worker.place.clone().unwrap_or_default(), |word| place(word, worker));
    plan.report(Finding::error("worker/queue", message).at(at).hint(HINT));
}

/// Reports arguments that beat the setting `concurrency`.
fn judge_concurrency(plan: &mut Plan, duty: Duty<'_>, worker: &Worker) {
    let Some(setting) = duty.settings.concurrency else { return };
    let setting = setting.to_string();
    let solo = worker.pool.as_ref().filter(|pool| pool.text == "solo" && setting != "1");
    let (message, word) = if let Some(word) = &worker.autoscale {
        (
            format!("--autoscale {} beats the setting concurrency ({setting})", short(&word.text)),
            Some(word),
        )
    } else if let Some(word) = solo {
        (
            format!(
                "--pool solo runs one process, and the setting concurrency ({setting}) has no effect"
            ),
            Some(word),
        )
    } else {
        match &worker.concurrency {
            Some(word) if word.is_known && word.text == setting => return,
            Some(word) => (
                format!(
                    "--concurrency {} beats the setting concurrency ({setting})",
                    short(&word.text)
                ),
                Some(word),
            ),
            // 0 lets Celery count, as a command does that names no number.
            None if setting == "0" => return,
            None => (
                format!(
                    "the worker's command does not pass on --concurrency, so the setting concurrency ({setting}) has no effect"
                ),
                None,
            ),
        }
    };
    let at =
        word.map_or_else(|| worker.place.clone().unwrap_or_default(), |word| place(word, worker));
    plan.report(
        Finding::warning("worker/concurrency", message)
            .at(at)
            .hint("remove the argument from the base values, or the setting"),
    );
}

fn place(word: &Word, worker: &Worker) -> String {
    word.place().or_else(|| worker.place.clone()).unwrap_or_default()
}
