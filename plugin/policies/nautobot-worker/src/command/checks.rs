//! Compares the programs of a command with the site's queues and the settings.

use std::collections::BTreeSet;

use policy_sdk::{Finding, Plan};

use super::celery::{BrokerOverride, WorkerCommand};
use super::program::Program;
use super::words::{OF_WORKER, Word, unread_command, unread_command_of};
use crate::codes;
use crate::context::WorkerContext;
use crate::short::shorten;
use crate::variables::broker;

const HINT: &str =
    "write --queues $(CELERY_TASK_QUEUES), and add other queues to the setting extraQueues";

/// Reports programs of the worker's container that do not serve the site's queues or that override
/// settings.
pub(super) fn check_programs(plan: &mut Plan, context: WorkerContext<'_>, programs: &[Program]) {
    check_container_programs(plan, context, OF_WORKER, programs);
    for program in programs {
        match program {
            Program::Worker(worker) => {
                check_config_path(plan, worker);
                check_concurrency(plan, context, worker);
            }
            Program::Beat { place } if programs.len() == 1 => {
                plan.report(no_worker_finding(context, "celery beat", place.as_deref()));
            }
            Program::Beat { .. } => {}
            Program::Other { what, place } => {
                plan.report(no_worker_finding(context, what, place.as_deref()));
            }
            Program::Unread { why, place } => {
                plan.report(unread_command(&place.clone().unwrap_or_default(), why));
            }
        }
    }
}

/// Reports queues, brokers and schedulers of the programs of any container in the pod.
pub(super) fn check_container_programs(
    plan: &mut Plan,
    context: WorkerContext<'_>,
    whose: &str,
    programs: &[Program],
) {
    for program in programs {
        match program {
            Program::Worker(worker) => {
                check_queues(plan, context.queues, whose, worker);
                check_broker(plan, context, whose, worker);
                if let Some(word) = &worker.beat {
                    plan.report(scheduler_finding(whose, &place_of(Some(word), worker)));
                }
            }
            Program::Beat { place } => {
                plan.report(scheduler_finding(whose, place.as_deref().unwrap_or_default()));
            }
            Program::Other { .. } | Program::Unread { .. } => {}
        }
    }
}

/// Returns the finding on a command that starts no worker.
fn no_worker_finding(context: WorkerContext<'_>, what: &str, place: Option<&str>) -> Finding {
    let queue = context.queues;
    codes::COMMAND
        .finding(format!(
            "the worker's command starts {what} instead of Celery's worker, so nothing serves the site's queue \"{queue}\""
        ))
        .at(place.unwrap_or_default())
        .hint("remove the command from the base values")
}

/// Returns the finding on a second scheduler.
fn scheduler_finding(whose: &str, place: &str) -> Finding {
    codes::BEAT
        .finding(format!(
            "{whose} starts Celery's scheduler, but the global cluster already runs one, so every scheduled job would run twice"
        ))
        .at(place)
        .hint("remove beat, --beat or -B from it")
}

/// Reports a broker that the command sets in place of the settings.
fn check_broker(plan: &mut Plan, context: WorkerContext<'_>, whose: &str, worker: &WorkerCommand) {
    let Some(BrokerOverride { what, url }) = &worker.broker else { return };
    let what = format!("set {what} in {whose}");
    let text = url.is_known.then_some(&*url.text);
    if let Some(finding) =
        broker::broker_finding(context, &what, text, &place_of(Some(url), worker))
    {
        plan.report(finding);
    }
}

/// Reports `-c`, Celery's short form of `--concurrency`, where `nautobot-server` reads it first.
fn check_config_path(plan: &mut Plan, worker: &WorkerCommand) {
    let Some(word) = &worker.config_path else { return };
    plan.report(
        codes::COMMAND
            .finding(format!(
                "nautobot-server reads {} as the path of its config, so the worker does not start",
                shorten(&word.text),
            ))
            .at(place_of(Some(word), worker))
            .hint(
                "write --concurrency for the number of processes, and leave the config's path to NAUTOBOT_CONFIG",
            ),
    );
}

/// Reports a worker that serves queues other than the site's.
fn check_queues(plan: &mut Plan, expected: &str, whose: &str, worker: &WorkerCommand) {
    let mut report_unread = |word: &Word, why: &str| {
        let why = [why, &shorten(&word.text)].concat();
        plan.report(unread_command_of(whose, &place_of(Some(word), worker), &why));
    };
    let options = [&worker.queues, &worker.excluded];
    if let Some(word) = options.into_iter().flatten().find(|word| !word.is_known) {
        return report_unread(word, "their names come from ");
    }
    let served = served_queues(worker);
    let is_right = served.as_ref().is_some_and(|served| *served == expected.split(',').collect());
    // An unknown word may evaluate to any option, and the last of two options wins.
    let unread = worker.unread.as_ref().filter(|word| is_right || !word.is_known);
    if let Some(word) = unread {
        return report_unread(word, "Celery may read more options from ");
    }
    if is_right {
        return;
    }
    let message = match served {
        None => format!(
            "{whose} names no queue, so Celery serves the global default queue instead of the site's \"{expected}\""
        ),
        Some(served) => {
            let served: Vec<&str> = served.into_iter().filter(|queue| !queue.is_empty()).collect();
            let served = if served.is_empty() {
                "no queue".to_owned()
            } else {
                format!("the queues \"{}\"", shorten(&served.join(",")))
            };
            format!("{whose} serves {served}, but this site's worker has to serve \"{expected}\"")
        }
    };
    let word = worker
        .excluded
        .as_ref()
        .filter(|_| worker.queues.as_ref().is_none_or(|word| word.text == expected));
    let word = word.or(worker.queues.as_ref());
    plan.report(codes::QUEUE.finding(message).at(place_of(word, worker)).hint(HINT));
}

/// Returns the queues that a worker serves, or `None` if it names none.
fn served_queues(worker: &WorkerCommand) -> Option<BTreeSet<&str>> {
    let excluded: BTreeSet<&str> =
        worker.excluded.iter().flat_map(|word| word.text.split(',')).collect();
    let queues = worker.queues.as_ref()?;
    Some(queues.text.split(',').filter(|queue| !excluded.contains(queue)).collect())
}

/// Reports arguments that override the setting `concurrency`.
fn check_concurrency(plan: &mut Plan, context: WorkerContext<'_>, worker: &WorkerCommand) {
    let Some(setting) = context.settings.concurrency else { return };
    let setting = setting.to_string();
    let solo = worker.pool.as_ref().filter(|pool| pool.text == "solo" && setting != "1");
    let (message, word) = if let Some(word) = &worker.autoscale {
        (
            format!(
                "--autoscale {} overrides the setting concurrency ({setting})",
                shorten(&word.text)
            ),
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
                    "--concurrency {} overrides the setting concurrency ({setting})",
                    shorten(&word.text)
                ),
                Some(word),
            ),
            // With 0 Celery counts the CPUs, as it does without the option.
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
        codes::CONCURRENCY
            .finding(message)
            .at(place_of(word, worker))
            .hint("remove the argument from the base values, or the setting"),
    );
}

/// Returns the pointer to a word, or to the command if the base values do not have the word.
fn place_of(word: Option<&Word>, worker: &WorkerCommand) -> String {
    word.and_then(Word::place).or_else(|| worker.place.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
