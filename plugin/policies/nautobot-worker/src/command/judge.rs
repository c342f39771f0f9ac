//! Programs of a command against the site's queues and the settings.

use std::collections::BTreeSet;

use policy_sdk::{Finding, Plan};

use super::celery::{Broker, Worker};
use super::program::Program;
use super::words::{OF_WORKER, Word, unread, unread_of};
use crate::duty::Duty;
use crate::short::short;
use crate::variables::broker;

const HINT: &str =
    "write --queues $(CELERY_TASK_QUEUES), and name other queues in the setting extraQueues";

/// Reports programs that do not do what the site's worker has to.
pub(super) fn judge(plan: &mut Plan, duty: Duty<'_>, programs: &[Program]) {
    judge_beside(plan, duty, OF_WORKER, programs);
    for program in programs {
        match program {
            Program::Worker(worker) => {
                judge_config_path(plan, worker);
                judge_concurrency(plan, duty, worker);
            }
            Program::Beat { place } if programs.len() == 1 => {
                plan.report(serves_nothing(duty, "celery beat", place.as_deref()));
            }
            Program::Beat { .. } => {}
            Program::Other { what, place } => {
                plan.report(serves_nothing(duty, what, place.as_deref()));
            }
            Program::Unread { why, place } => {
                plan.report(unread(&place.clone().unwrap_or_default(), why));
            }
        }
    }
}

/// Reports queues, brokers and schedulers of a container's programs, whichever container it is.
pub(super) fn judge_beside(plan: &mut Plan, duty: Duty<'_>, whose: &str, programs: &[Program]) {
    for program in programs {
        match program {
            Program::Worker(worker) => {
                judge_queues(plan, duty.queues, whose, worker);
                judge_broker(plan, duty, whose, worker);
                if let Some(word) = &worker.beat {
                    plan.report(beat(whose, &place(Some(word), worker)));
                }
            }
            Program::Beat { place } => {
                plan.report(beat(whose, place.as_deref().unwrap_or_default()));
            }
            Program::Other { .. } | Program::Unread { .. } => {}
        }
    }
}

fn serves_nothing(duty: Duty<'_>, what: &str, place: Option<&str>) -> Finding {
    let queue = duty.queues;
    Finding::error(
        "worker/command",
        format!(
            "the worker's command starts {what} and not Celery's worker, so nothing serves the site's queue \"{queue}\""
        ),
    )
    .at(place.unwrap_or_default())
    .hint("remove the command from the base values")
}

fn beat(whose: &str, place: &str) -> Finding {
    Finding::error(
        "worker/beat",
        format!("{whose} starts Celery's scheduler; the one on the global cluster sends every scheduled job already, so each would run twice"),
    )
    .at(place)
    .hint("remove beat, --beat or -B from it")
}

/// Reports a broker that the command names in place of the settings'.
fn judge_broker(plan: &mut Plan, duty: Duty<'_>, whose: &str, worker: &Worker) {
    let Some(Broker { what, url }) = &worker.broker else { return };
    let what = format!("give {whose} {what}");
    let text = url.is_known.then_some(&*url.text);
    if let Some(finding) = broker::another(duty, &what, text, &place(Some(url), worker)) {
        plan.report(finding);
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
        .at(place(Some(word), worker))
        .hint("write --concurrency for the number of processes, and leave the config's path to NAUTOBOT_CONFIG"),
    );
}

/// Reports a worker that serves other queues than the site's.
fn judge_queues(plan: &mut Plan, wanted: &str, whose: &str, worker: &Worker) {
    let mut report_unread = |word: &Word, why: &str| {
        let why = [why, &short(&word.text)].concat();
        plan.report(unread_of(whose, &place(Some(word), worker), &why));
    };
    let options = [&worker.queues, &worker.excluded];
    if let Some(word) = options.into_iter().flatten().find(|word| !word.is_known) {
        return report_unread(word, "it names them as ");
    }
    let served = served(worker);
    let is_right = served.as_ref().is_some_and(|served| *served == wanted.split(',').collect());
    // A word that is not known may be any option, and the last of two wins.
    let unread = worker.unread.as_ref().filter(|word| is_right || !word.is_known);
    if let Some(word) = unread {
        return report_unread(word, "Celery may take more from ");
    }
    if is_right {
        return;
    }
    let message = match served {
        None => format!(
            "{whose} names no queue, so Celery serves the global default queue in place of the site's \"{wanted}\""
        ),
        Some(served) => {
            let served: Vec<&str> = served.into_iter().filter(|queue| !queue.is_empty()).collect();
            let served = if served.is_empty() {
                "no queue".to_owned()
            } else {
                format!("the queues \"{}\"", short(&served.join(",")))
            };
            format!("{whose} serves {served}, and this site's worker has to serve \"{wanted}\"")
        }
    };
    let word = worker
        .excluded
        .as_ref()
        .filter(|_| worker.queues.as_ref().is_none_or(|word| word.text == wanted));
    let word = word.or(worker.queues.as_ref());
    plan.report(Finding::error("worker/queue", message).at(place(word, worker)).hint(HINT));
}

/// Returns the queues that a worker serves; none where it names none.
fn served(worker: &Worker) -> Option<BTreeSet<&str>> {
    let excluded: BTreeSet<&str> =
        worker.excluded.iter().flat_map(|word| word.text.split(',')).collect();
    let queues = worker.queues.as_ref()?;
    Some(queues.text.split(',').filter(|queue| !excluded.contains(queue)).collect())
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
    plan.report(
        Finding::warning("worker/concurrency", message)
            .at(place(word, worker))
            .hint("remove the argument from the base values, or the setting"),
    );
}

/// Returns where a word is; the command's place where the chart writes the word, or nobody does.
fn place(word: Option<&Word>, worker: &Worker) -> String {
    word.and_then(Word::place).or_else(|| worker.place.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
