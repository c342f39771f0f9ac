//! Compares variables of the base values with those that the site's worker needs.

use policy_sdk::Plan;

use super::{BaseVariable, BaseVariables, broker, ports};
use crate::chart::Chart;
use crate::codes;
use crate::context::WorkerContext;
use crate::lists::{List, NameSet};
use crate::settings::Connections;
use crate::short::shorten;

const QUEUES: &str = "CELERY_TASK_QUEUES";
/// The most repeated names that are reported one by one; the host limits the size of a plan.
const MAX_REPORTED: usize = 20;

/// Reports variables of the base values that override a setting, and names that appear twice.
pub(crate) fn check_variables(plan: &mut Plan, env: &mut List, context: WorkerContext<'_>) {
    report_duplicates(plan, env);
    for own in chart_variables(context) {
        check_chart_variable(plan, env, context.base, &own);
    }
    for required in required_variables(context) {
        if let Some(entry) = context.base.find(required.name)
            && !entry.text.as_deref().is_some_and(|text| required.expected.accepts(text))
        {
            report_override(plan, &required, &entry);
        }
    }
    broker::check_brokers(plan, context.base, context);
    if let Some(connections) = &context.settings.connections {
        ports::check_ports(plan, context.base, connections);
    }
}

/// A variable that the chart's template writes into `env` itself.
struct ChartVariable {
    name: &'static str,
    /// The value, if it is known.
    text: Option<String>,
    /// The hint on how to set it instead.
    instead: &'static str,
}

/// A variable that the chart's ConfigMap sets from values that this policy sets.
struct RequiredVariable {
    name: &'static str,
    expected: ExpectedValue,
    /// The setting that the value comes from.
    setting: &'static str,
}

/// The value that a variable must have.
enum ExpectedValue {
    Text(String),
    /// A word that Nautobot's `is_truthy` accepts as true (`nautobot/core/settings_funcs.py`,
    /// 3.1.8).
    True,
}

impl ExpectedValue {
    /// Returns whether a text means this value.
    fn accepts(&self, text: &str) -> bool {
        match self {
            Self::Text(expected) => text == expected,
            Self::True => {
                matches!(&*text.to_ascii_lowercase(), "y" | "yes" | "t" | "true" | "on" | "1")
            }
        }
    }

    /// Returns the value for a message.
    fn describe(&self) -> &str {
        match self {
            Self::Text(expected) => expected,
            Self::True => "on",
        }
    }
}

/// Returns the variables that celery-deployment.yaml of 2.5.9 and 3.1.1 writes.
fn chart_variables(context: WorkerContext<'_>) -> Vec<ChartVariable> {
    let own = |name, text, instead| ChartVariable { name, text, instead };
    let component = ["nautobot-celery-", context.site.as_str()].concat();
    let mut all = vec![
        own("NAUTOBOT_K8S_COMPONENT", Some(component), "only the chart may set it"),
        own("NAUTOBOT_DB_PASSWORD", None, "name the Secret under nautobot.db.existingSecret"),
        own("NAUTOBOT_REDIS_PASSWORD", None, "name the Secret under nautobot.redis.existingSecret"),
    ];
    if context.settings.metrics {
        let port = context.pod.scalar("metricsPort").map_or("8080".to_owned(), |(port, _)| port);
        let name = "NAUTOBOT_CELERY_WORKER_PROMETHEUS_PORTS";
        all.push(own(name, Some(port), "set celery.metricsPort"));
    }
    if context.chart == Chart::Three {
        let secret = "put the user under the key username of the database Secret";
        all.push(own("NAUTOBOT_DB_USER", None, secret));
        let key = "worker_prefetch_multiplier";
        let prefetch = context.pod.scalar(key).map_or("1".to_owned(), |(number, _)| number);
        if prefetch != "4" {
            let name = "NAUTOBOT_CELERY_WORKER_PREFETCH_MULTIPLIER";
            all.push(own(name, Some(prefetch), "set celery.worker_prefetch_multiplier"));
        }
        if context.pod.is_on("task_acks_late", false) {
            all.push(own("CELERY_TASK_ACKS_LATE", None, "set only celery.task_acks_late"));
        }
    }
    let queues = context.queues.to_owned();
    all.push(own(QUEUES, Some(queues), "name other queues in the setting extraQueues"));
    all
}

/// Returns the variables that must agree with the settings.
fn required_variables(context: WorkerContext<'_>) -> Vec<RequiredVariable> {
    let mut required = Vec::new();
    if context.settings.metrics {
        required.push(RequiredVariable {
            name: "NAUTOBOT_METRICS_ENABLED",
            expected: ExpectedValue::True,
            setting: "metrics",
        });
    }
    if let Some(connections) = &context.settings.connections {
        connection_variables(context.chart, connections, &mut required);
    }
    required
}

/// Adds the variables of both connections.
fn connection_variables(
    chart: Chart,
    connections: &Connections,
    required: &mut Vec<RequiredVariable>,
) {
    let mut add = |name, setting, text: Option<String>| {
        required.extend(text.map(|text| RequiredVariable {
            name,
            expected: ExpectedValue::Text(text),
            setting,
        }));
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
        // parse_redis_connection: a scheme overrides NAUTOBOT_REDIS_SSL.
        add("NAUTOBOT_REDIS_SCHEME", "connections.mtls", Some("rediss".to_owned()));
        let (name, setting) = ("NAUTOBOT_REDIS_SSL", "connections.mtls");
        required.push(RequiredVariable { name, expected: ExpectedValue::True, setting });
    }
}

/// Reports names that are listed twice: Kubernetes merges `env` by name, so server-side apply
/// refuses them.
fn report_duplicates(plan: &mut Plan, env: &List) {
    let mut seen = NameSet::default();
    let mut twice = NameSet::default();
    let mut names = 0;
    for (name, number) in env.base_items() {
        if name.is_empty() || seen.insert(name) || !twice.insert(name) {
            continue;
        }
        names += 1;
        if names <= MAX_REPORTED {
            plan.report(
                codes::DUPLICATE_VARIABLE
                    .finding(format!(
                        "the worker's variables list {} twice; server-side apply refuses that",
                        shorten(name)
                    ))
                    .at([&env.item_place(number), "/name"].concat())
                    .hint("keep one of the two"),
            );
        }
    }
    if names > MAX_REPORTED {
        let more = names - MAX_REPORTED;
        let message = format!("the worker's variables list {more} more names twice");
        plan.report(codes::DUPLICATE_VARIABLE.finding(message));
    }
}

/// Checks an entry of a name that the chart's template writes. One with the same value is left
/// out. An entry of the chart's ConfigMap needs no check, because `env` wins over it.
fn check_chart_variable(
    plan: &mut Plan,
    env: &mut List,
    base: &BaseVariables<'_>,
    own: &ChartVariable,
) {
    let (Some(place), Some(entry)) = (env.find(own.name), base.find(own.name)) else { return };
    let name = own.name;
    if own.text.is_some() && entry.text == own.text {
        env.remove(name);
        plan.report(
            codes::REDUNDANT_VARIABLE
                .finding(format!(
                    "the chart itself sets {name} of the worker to this value; the second entry is left out"
                ))
                .at(place)
                .hint("remove it from the base values"),
        );
        return;
    }
    let finding = match (&own.text, name) {
        (Some(queues), QUEUES) => codes::QUEUE.finding(format!(
            "the base values set CELERY_TASK_QUEUES to {}, but this site's worker has to serve \"{queues}\"",
            entry.describe()
        )),
        _ => codes::DUPLICATE_VARIABLE.finding(format!(
            "the chart itself sets {name} of the worker; server-side apply refuses a second entry of one name"
        )),
    };
    let hint = ["remove it from the base values; ", own.instead].concat();
    plan.report(finding.at(place).hint(hint));
}

/// Reports a variable that overrides a setting.
fn report_override(plan: &mut Plan, required: &RequiredVariable, entry: &BaseVariable) {
    plan.report(
        codes::VARIABLE
            .finding(format!(
                "the base values set {} to {}, which overrides the setting {} ({})",
                required.name,
                entry.describe(),
                required.setting,
                required.expected.describe()
            ))
            .at(&*entry.place)
            .hint("remove the variable from the base values"),
    );
}

#[cfg(test)]
mod tests;
