//! What the worker's container runs: `command`, the chart's `--concurrency`, then `args`.
//!
//! The chart appends `--concurrency` to any `command` (celery-deployment.yaml of 2.5.9 and
//! 3.1.1), and `args` follow as Kubernetes has it. Only what serves the site's queues may
//! stay; what cannot be read is reported as such.

mod celery;
mod expand;
mod judge;
mod prefix;
mod program;
mod shell;
mod sidecars;
mod words;

use policy_sdk::{Finding, Plan};

use crate::duty::Duty;

use expand::Environment;
use program::Program;
use words::{Read, Word};

/// The chart's own command, 2.5.9 and 3.1.1.
const CHARTS_OWN: [&str; 8] = [
    "nautobot-server",
    "celery",
    "worker",
    "--loglevel",
    "$(NAUTOBOT_LOG_LEVEL)",
    "--queues",
    "$(CELERY_TASK_QUEUES)",
    "--events",
];

/// Reports a command of the base values that does not do the site's work, or does it otherwise
/// than the settings say.
pub(crate) fn judge(plan: &mut Plan, duty: Duty<'_>) {
    judge_worker(plan, duty);
    sidecars::judge(plan, duty);
}

fn judge_worker(plan: &mut Plan, duty: Duty<'_>) {
    let command = duty.pod.place("command");
    let args = duty.pod.place("args");
    if command.is_none() && args.is_none() {
        return;
    }
    let read = |place: Option<&str>| {
        place.map_or(Read::Words(Vec::new()), |place| words::read(duty.pod.values, place))
    };
    let mut all = match read(command.as_deref()) {
        Read::Words(_) if command.is_none() => {
            CHARTS_OWN.iter().map(|text| Word::new(text)).collect()
        }
        Read::Words(words) => words,
        Read::Refused(finding) => return plan.report(*finding),
    };
    let concurrency = concurrency(duty);
    if all.is_empty() && concurrency != "0" {
        return plan.report(no_command(&command.unwrap_or_default(), &concurrency));
    }
    let starts_nothing = all.is_empty();
    if concurrency != "0" {
        all.extend([Word::new("--concurrency"), Word::new(&concurrency)]);
    }
    match read(args.as_deref()) {
        Read::Words(words) => all.extend(words),
        Read::Refused(finding) => return plan.report(*finding),
    }
    if all.is_empty() {
        return plan.report(images_own(&command.unwrap_or_default()));
    }
    if let Some(finding) = words::too_long(&all) {
        return plan.report(finding);
    }
    let environment = Environment::of(duty);
    let words = all.into_iter().map(|word| environment.expand(word)).collect::<Vec<_>>();
    let mut programs = program::programs(&words, &environment, 0);
    if starts_nothing && !programs.iter().any(|program| matches!(program, Program::Worker(_))) {
        let why = "the image's own program gets them".to_owned();
        programs = vec![Program::Unread { why, place: words.first().and_then(Word::place) }];
    }
    judge::judge(plan, duty, &programs);
}

/// Returns what the chart appends: the setting, else the base values', else its default.
fn concurrency(duty: Duty<'_>) -> String {
    let base = || duty.pod.scalar("concurrency").map(|(number, _)| number);
    let setting = duty.settings.concurrency.map(|number| number.to_string());
    setting.or_else(base).filter(|number| !number.is_empty()).unwrap_or_else(|| "0".to_owned())
}

/// Returns the finding where the template writes `- --concurrency` below no key, which is not
/// valid YAML.
fn no_command(place: &str, concurrency: &str) -> Finding {
    Finding::error(
        "worker/command",
        format!("the base values leave the worker without a command, and the chart cannot append --concurrency {concurrency} to none; Helm refuses the template"),
    )
    .at(place)
    .hint("remove the empty command from the base values")
}

/// Returns the finding where the image's own program runs, which is Nautobot's web server
/// (docker/Dockerfile of Nautobot, stage `final`).
fn images_own(place: &str) -> Finding {
    Finding::error(
        "worker/command",
        "the base values leave the worker without a command, so the image starts its own program, Nautobot's web server, and nothing serves the site's queue",
    )
    .at(place)
    .hint("remove the empty command from the base values")
}

#[cfg(test)]
mod tests;
