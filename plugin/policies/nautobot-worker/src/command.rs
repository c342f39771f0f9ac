//! Checks what the worker's container runs: `command`, the chart's `--concurrency`, then `args`.
//!
//! The chart appends `--concurrency` to any `command` (celery-deployment.yaml of 2.5.9 and
//! 3.1.1), and Kubernetes appends `args`. A command that does not serve the site's queues is an
//! error, and one that cannot be evaluated is a warning.

mod celery;
mod expand;
mod checks;
mod prefix;
mod program;
mod shell;
mod sidecars;
mod words;

use policy_sdk::{Finding, Plan};

use crate::codes;
use crate::context::WorkerContext;

use expand::Environment;
use program::Program;
use words::{CommandWords, Word};

/// The chart's default command (2.5.9 and 3.1.1).
const CHART_COMMAND: [&str; 8] = [
    "nautobot-server",
    "celery",
    "worker",
    "--loglevel",
    "$(NAUTOBOT_LOG_LEVEL)",
    "--queues",
    "$(CELERY_TASK_QUEUES)",
    "--events",
];

/// Reports commands of the base values that do not serve the site's queues, or that override the
/// settings.
pub(crate) fn check_commands(plan: &mut Plan, context: WorkerContext<'_>) {
    check_worker(plan, context);
    sidecars::check_sidecars(plan, context);
}

/// Checks the command and the arguments of the worker's own container.
fn check_worker(plan: &mut Plan, context: WorkerContext<'_>) {
    let command = context.pod.place("command");
    let args = context.pod.place("args");
    if command.is_none() && args.is_none() {
        return;
    }
    let read = |place: Option<&str>| {
        place.map_or(CommandWords::Words(Vec::new()), |place| {
            words::read_words(context.pod.values, place)
        })
    };
    let mut all = match read(command.as_deref()) {
        CommandWords::Words(_) if command.is_none() => {
            CHART_COMMAND.iter().map(|text| Word::new(text)).collect()
        }
        CommandWords::Words(words) => words,
        CommandWords::Rejected(finding) => return plan.report(*finding),
    };
    let concurrency = appended_concurrency(context);
    if all.is_empty() && concurrency != "0" {
        return plan.report(empty_command_finding(&command.unwrap_or_default(), &concurrency));
    }
    let starts_nothing = all.is_empty();
    if concurrency != "0" {
        all.extend([Word::new("--concurrency"), Word::new(&concurrency)]);
    }
    match read(args.as_deref()) {
        CommandWords::Words(words) => all.extend(words),
        CommandWords::Rejected(finding) => return plan.report(*finding),
    }
    if all.is_empty() {
        return plan.report(entrypoint_finding(&command.unwrap_or_default()));
    }
    if let Some(finding) = words::too_long_finding(&all) {
        return plan.report(finding);
    }
    let environment = Environment::of_worker(context);
    let words = all.into_iter().map(|word| environment.expand_word(word)).collect::<Vec<_>>();
    let mut programs = program::find_programs(&words, &environment, 0);
    if starts_nothing && !programs.iter().any(|program| matches!(program, Program::Worker(_))) {
        let why = "the image's entrypoint receives these arguments".to_owned();
        programs = vec![Program::Unread { why, place: words.first().and_then(Word::place) }];
    }
    checks::check_programs(plan, context, &programs);
}

/// Returns the number that the chart appends: the setting, else the base value, else the chart's
/// default.
fn appended_concurrency(context: WorkerContext<'_>) -> String {
    let base = || context.pod.scalar("concurrency").map(|(number, _)| number);
    let setting = context.settings.concurrency.map(|number| number.to_string());
    setting.or_else(base).filter(|number| !number.is_empty()).unwrap_or_else(|| "0".to_owned())
}

/// Returns the finding on an empty command: the template would write `- --concurrency` without a
/// key, which is not valid YAML.
fn empty_command_finding(place: &str, concurrency: &str) -> Finding {
    codes::COMMAND
        .finding(format!(
            "the base values set an empty command, and the chart cannot append --concurrency {concurrency} to it; Helm fails to render the template"
        ))
        .at(place)
        .hint("remove the empty command from the base values")
}

/// Returns the finding on an empty command line: the image's entrypoint runs, which is Nautobot's
/// web server (docker/Dockerfile of Nautobot, stage `final`).
fn entrypoint_finding(place: &str) -> Finding {
    codes::COMMAND
        .finding(
            "the base values set an empty command, so the image starts Nautobot's web server and nothing serves the site's queue",
        )
        .at(place)
        .hint("remove the empty command from the base values")
}

#[cfg(test)]
mod tests;
