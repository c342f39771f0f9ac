//! Variables of the base values against what the site's worker needs.

use policy_sdk::{Finding, Plan};

use super::{BaseVariables, Given, broker, ports};
use crate::chart::Chart;
use crate::duty::Duty;
use crate::lists::{List, NameSet};
use crate::settings::Connections;
use crate::short::short;

const QUEUES: &str = "CELERY_TASK_QUEUES";
/// The most names that are reported twice one by one.
const MOST_REPORTED: usize = 20;

/// Reports variables of the base values that beat a setting, and names that appear twice.
pub(crate) fn judge(plan: &mut Plan, env: &mut List, duty: Duty<'_>) {
    report_duplicates(plan, env);
    for own in written_by_the_chart(duty) {
        judge_own(plan, env, duty.base, &own);
    }
    for need in needs(duty) {
        if let Some(given) = duty.base.find(need.name)
            && !given.text.as_deref().is_some_and(|text| need.want.takes(text))
        {
            report_beaten(plan, &need, &given);
        }
    }
    broker::judge(plan, duty.base, duty);
    if let Some(connections) = &duty.settings.connections {
        ports::judge(plan, duty.base, connections);
    }
}

/// A variable that the chart's template writes into `env` itself.
struct Own {
    name: &'static str,
    /// Its value, where it is known.
    text: Option<String>,
    /// What sets it.
    instead: &'static str,
}

/// A variable that the chart's ConfigMap sets from values that this policy sets.
struct Need {
    name: &'static str,
    want: Want,
    /// The setting that says so, and its value.
    setting: &'static str,
}

enum Want {
    Text(String),
    /// A word that Nautobot's `is_truthy` takes for true (`nautobot/core/settings_funcs.py`, 3.1.8).
    True,
}

impl Want {
    fn takes(&self, text: &str) -> bool {
        match self {
            Self::Text(wanted) => text == wanted,
            Self::True => {
                matches!(&*text.to_ascii_lowercase(), "y" | "yes" | "t" | "true" | "on" | "1")
            }
        }
    }

    fn describe(&self) -> &str {
        match self {
            Self::Text(wanted) => wanted,
            Self::True => "on",
        }
    }
}

/// Returns what celery-deployment.yaml of 2.5.9 and 3.1.1 writes.
fn written_by_the_chart(duty: Duty<'_>) -> Vec<Own> {
    let own = |name, text, instead| Own { name, text, instead };
    let component = ["nautobot-celery-", duty.site.as_str()].concat();
    let mut all = vec![
        own("NAUTOBOT_K8S_COMPONENT", Some(component), "the chart alone sets it"),
        own("NAUTOBOT_DB_PASSWORD", None, "name the Secret under nautobot.db.existingSecret"),
        own("NAUTOBOT_REDIS_PASSWORD", None, "name the Secret under nautobot.redis.existingSecret"),
    ];
    if duty.settings.metrics {
        let port = duty.pod.scalar("metricsPort").map_or("8080".to_owned(), |(port, _)| port);
        let name = "NAUTOBOT_CELERY_WORKER_PROMETHEUS_PORTS";
        all.push(own(name, Some(port), "set celery.metricsPort"));
    }
    if duty.chart == Chart::Three {
        let secret = "put the user under the key username of the database Secret";
        all.push(own("NAUTOBOT_DB_USER", None, secret));
        let key = "worker_prefetch_multiplier";
        let prefetch = duty.pod.scalar(key).map_or("1".to_owned(), |(number, _)| number);
        if prefetch != "4" {
            let name = "NAUTOBOT_CELERY_WORKER_PREFETCH_MULTIPLIER";
            all.push(own(name, Some(prefetch), "set celery.worker_prefetch_multiplier"));
        }
        if duty.pod.is_on("task_acks_late", false) {
            all.push(own("CELERY_TASK_ACKS_LATE", None, "set celery.task_acks_late alone"));
        }
    }
    let queues = duty.queues.to_owned();
    all.push(own(QUEUES, Some(queues), "name other queues in the setting extraQueues"));
    all
}

fn needs(duty: Duty<'_>) -> Vec<Need> {
    let mut needs = Vec::new();
    if duty.settings.metrics {
        needs.push(Need { name: "NAUTOBOT_METRICS_ENABLED", want: Want::True, setting: "metrics" });
    }
    if let Some(connections) = &duty.settings.connections {
        connection_needs(duty.chart, connections, &mut needs);
    }
    needs
}

fn connection_needs(chart: Chart, connections: &Connections, needs: &mut Vec<Need>) {
    let mut add = |name, setting, text: Option<String>| {
        needs.extend(text.map(|text| Need { name, want: Want::Text(text), setting }));
    };
    if let Some(database) = &connections.database {
        add("NAUTOBOT_DB_HOST", "connections.database.host", Some(database.host.clone()));
        let port = database.port.map(|port| port.to_string());
        add("NAUTOBOT_DB_PORT", "connections.database.port", port);
        add("NAUTOBOT_DB_NAME", "connections.database.name", database.name.clone());
        if chart == Chart::Two {
            add("NAUTOBOT_DB_USER", "connections.database.user", database.user.clone());
        }
    }
    if let Some(redis) = &connections.redis {
        add("NAUTOBOT_REDIS_HOST", "connections.redis.host", Some(redis.host.clone()));
        let port = redis.port.map(|port| port.to_string());
        add("NAUTOBOT_REDIS_PORT", "connections.redis.port", port);
    }
    if connections.mtls.is_some() {
        // parse_redis_connection: a scheme beats NAUTOBOT_REDIS_SSL.
        add("NAUTOBOT_REDIS_SCHEME", "connections.mtls", Some("rediss".to_owned()));
        let (name, setting) = ("NAUTOBOT_REDIS_SSL", "connections.mtls");
        needs.push(Need { name, want: Want::True, setting });
    }
}

/// Reports names that are there twice: Kubernetes merges `env` by name, and server-side apply
/// refuses that.
fn report_duplicates(plan: &mut Plan, env: &List) {
    let mut seen = NameSet::default();
    let mut twice = NameSet::default();
    let mut names = 0;
    for (name, number) in env.base() {
        if name.is_empty() || seen.insert(name) || !twice.insert(name) {
            continue;
        }
        names += 1;
        if names <= MOST_REPORTED {
            plan.report(
                Finding::error(
                    "worker/duplicate-variable",
                    format!(
                        "the worker's variables list {} twice; server-side apply refuses that",
                        short(name)
                    ),
                )
                .at([&env.place(number), "/name"].concat())
                .hint("keep one of the two"),
            );
        }
    }
    if names > MOST_REPORTED {
        let more = names - MOST_REPORTED;
        let message = format!("the worker's variables list {more} more names twice");
        plan.report(Finding::error("worker/duplicate-variable", message));
    }
}

/// Judges an entry of a name that the chart writes itself. One with the same value is left
/// out; the chart's ConfigMap may hold the name, as `env` wins over it.
fn judge_own(plan: &mut Plan, env: &mut List, base: &BaseVariables<'_>, own: &Own) {
    let (Some(place), Some(given)) = (env.find(own.name), base.find(own.name)) else { return };
    let name = own.name;
    if own.text.is_some() && given.text == own.text {
        env.leave_out(name);
        plan.report(
            Finding::note(
                "worker/redundant-variable",
                format!("the chart itself gives the worker {name} with this value; the second entry is left out"),
            )
            .at(place)
            .hint("remove it from the base values"),
        );
        return;
    }
    let finding = match (&own.text, name) {
        (Some(queues), QUEUES) => Finding::error(
            "worker/queue",
            format!(
                "the base values set CELERY_TASK_QUEUES to {}, and this site's worker has to serve \"{queues}\"",
                given.describe()
            ),
        ),
        _ => Finding::error(
            "worker/duplicate-variable",
            format!(
                "the chart itself gives the worker {name}; server-side apply refuses a second entry of one name"
            ),
        ),
    };
    let hint = ["remove it from the base values; ", own.instead].concat();
    plan.report(finding.at(place).hint(hint));
}

fn report_beaten(plan: &mut Plan, need: &Need, given: &Given) {
    plan.report(
        Finding::error(
            "worker/variable",
            format!(
                "the base values set {} to {}, which beats the setting {} ({})",
                need.name,
                given.describe(),
                need.setting,
                need.want.describe()
            ),
        )
        .at(&*given.place)
        .hint("remove the variable from the base values"),
    );
}

#[cfg(test)]
mod tests;
