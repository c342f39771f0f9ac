//! Where the worker finds PostgreSQL and Redis: the environment's gateway names.
//!
//! Without settings for connections all stays as the base values have it. What settings
//! do not say and base values do, stays too.

mod engine;

use policy_sdk::{Document, Failure, Finding, Plan};

use crate::chart::Chart;
use crate::duty::Duty;
use crate::lists::WorkerLists;
use crate::settings::{
    Connections, DEFAULT_DATABASE_PORT, DEFAULT_REDIS_PORT, Database, Redis, Secrets,
};
use crate::short::short;
use crate::variables::{BaseVariables, ports, report_replaced};
use crate::{config_file, mounts, mtls, security};

/// The chart's default database host, a placeholder that nothing answers to.
const PLACEHOLDER: &str = "postgres";
/// Defaults of the charts' values.yaml (2.5.9 and 3.1.1) for a host, a database and a user:
/// no choice of anybody's that a setting could replace.
const CHARTS_OWN: [&str; 2] = [PLACEHOLDER, "nautobot"];
const DATABASE: &str = "/nautobot/db/existingSecret";
const DJANGO: &str = "/nautobot/django/existingSecret";

/// Points the worker at the environment's gateway.
pub(crate) fn point(
    plan: &mut Plan,
    values: &Document,
    base: &BaseVariables<'_>,
    chart: Chart,
    connections: Option<&Connections>,
) -> Result<(), Failure> {
    let database = connections.and_then(|all| all.database.as_ref());
    let redis = connections.and_then(|all| all.redis.as_ref());
    if let Some(database) = database {
        point_at_database(plan, values, chart, database);
        engine::judge(plan, values, base);
    } else {
        miss_host(plan, values, base, "database", ("/nautobot/db/host", "NAUTOBOT_DB_HOST"));
    }
    if let Some(redis) = redis {
        point_at_redis(plan, values, redis);
    } else {
        miss_host(plan, values, base, "redis", ("/nautobot/redis/host", "NAUTOBOT_REDIS_HOST"));
    }
    if let Some(connections) = connections {
        return refer_to_secrets(plan, values, chart, &connections.secrets);
    }
    miss_secrets(plan, values, chart);
    Ok(())
}

/// Gives the worker's pod what it needs on the way: variables, its config, the certificate.
pub(crate) fn equip(plan: &mut Plan, lists: &mut WorkerLists, cluster: &Document, duty: Duty<'_>) {
    let connections = duty.settings.connections.as_ref();
    let mut certificate = None;
    if let Some(connections) = connections {
        for name in &connections.env_config_maps {
            lists.config_maps.include(name);
        }
        for name in &connections.env_secrets {
            lists.secrets.include(name);
        }
        config_file::decide(plan, lists, cluster, duty, connections);
        let mtls = connections.mtls.as_ref();
        certificate = mtls.map(|mtls| mtls::present_a_certificate(plan, lists, duty, mtls));
    }
    match &certificate {
        Some(certificate) => security::judge_key(plan, duty.pod, certificate),
        None => mtls::judge_without_settings(plan, duty.base),
    }
    let path = certificate.as_ref().map(|certificate| &*certificate.path);
    mounts::judge(plan, lists, cluster, duty, path);
}

fn point_at_database(plan: &mut Plan, values: &Document, chart: Chart, database: &Database) {
    let reason = "the environment's gateway leads to PostgreSQL on the global cluster";
    let host = ("connections.database.host", &*database.host);
    replace(plan, values, "/nautobot/db/host", host, reason);
    let port = ("connections.database.port", database.port, DEFAULT_DATABASE_PORT);
    set_port(plan, values, "/nautobot/db/port", port, reason);
    if let Some(name) = &database.name {
        let setting = ("connections.database.name", &**name);
        replace(plan, values, "/nautobot/db/name", setting, "the settings name the database");
    }
    match (&database.user, chart) {
        (None, _) => {}
        (Some(user), Chart::Two) => {
            let setting = ("connections.database.user", &**user);
            replace(plan, values, "/nautobot/db/user", setting, "the settings name the user");
        }
        // _helpers.tpl of 3.1.1, nautobot.database.userEnvVarDef
        (Some(_), Chart::Three) => plan.report(
            Finding::warning(
                "worker/user-ignored",
                "the setting connections.database.user has no effect on a chart 3.x, which reads the user from the database Secret",
            )
            .at("/nautobot/db/user")
            .hint("put the user under the key username of that Secret"),
        ),
    }
}

fn point_at_redis(plan: &mut Plan, values: &Document, redis: &Redis) {
    let reason = "the environment's gateway leads to Redis on the global cluster";
    let host = ("connections.redis.host", &*redis.host);
    replace(plan, values, "/nautobot/redis/host", host, reason);
    let port = ("connections.redis.port", redis.port, DEFAULT_REDIS_PORT);
    set_port(plan, values, "/nautobot/redis/port", port, reason);
}

/// Writes what a setting says, and reports another base value in its place.
fn replace(
    plan: &mut Plan,
    values: &Document,
    path: &str,
    (setting, text): (&str, &str),
    reason: &str,
) {
    let base =
        values.scalar(path).filter(|base| !base.is_empty() && !CHARTS_OWN.contains(&&**base));
    if let Some(base) = base.filter(|base| base != text) {
        let base = ["\"", &short(&base), "\""].concat();
        report_replaced(plan, setting, text, (&dotted(path), &base, path));
    }
    plan.set(path, text, reason);
}

/// Writes a port: a setting wins over the base values, and those over the default.
fn set_port(
    plan: &mut Plan,
    values: &Document,
    path: &str,
    (name, setting, default): (&str, Option<u64>, u64),
    reason: &str,
) {
    let base = values.scalar(path).filter(|base| !base.is_empty());
    match (setting, base.and_then(|base| base.parse::<u64>().ok())) {
        (Some(port), Some(base)) => {
            if base != port && base != default {
                let base = (&*dotted(path), &*base.to_string(), path);
                report_replaced(plan, name, &port.to_string(), base);
            }
            plan.set(path, port, reason);
        }
        (Some(port), None) => plan.set(path, port, reason),
        (None, Some(base)) if base != default => {
            let port = base.to_string();
            plan.report(ports::unseen(path, (&dotted(path), &port), (name, default), &port));
            plan.set(path, base, reason);
        }
        (None, _) => plan.set(path, default, reason),
    }
}

/// Returns a pointer as Helm's users write a value: `nautobot.db.port`.
fn dotted(path: &str) -> String {
    path.trim_start_matches('/').replace('/', ".")
}

/// Not an error: a values file that could not be read may name the host.
fn miss_host(
    plan: &mut Plan,
    values: &Document,
    base: &BaseVariables<'_>,
    what: &str,
    (path, variable): (&str, &str),
) {
    let named = values.scalar(path).is_some_and(|host| !host.is_empty() && host != PLACEHOLDER);
    if !named && base.find(variable).is_none() {
        plan.report(
            Finding::warning(
                ["worker/no-", what, "-host"].concat().as_str(),
                format!("neither settings nor base values name the {what} host; the worker would not find it"),
            )
            .at(path)
            .hint(format!("set connections.{what}.host in the policy's settings")),
        );
    }
}

/// A Secret that the base values name stays, unless the settings name another.
fn refer_to_secrets(
    plan: &mut Plan,
    values: &Document,
    chart: Chart,
    secrets: &Secrets,
) -> Result<(), Failure> {
    let all = [
        (
            DATABASE,
            "database",
            &secrets.database,
            "nautobot-db",
            "the database password comes from a Secret of the site",
        ),
        (
            "/nautobot/redis/existingSecret",
            "redis",
            &secrets.redis,
            "nautobot-worker-redis",
            "the Redis password comes from a Secret of the site",
        ),
        (
            DJANGO,
            "django",
            &secrets.django,
            "nautobot-django",
            "all of Nautobot shares one Django key; without a Secret the chart makes up another in every render",
        ),
    ];
    for (path, key, setting, default, reason) in all {
        match setting {
            Some(name) => {
                let key = ["connections.secrets.", key].concat();
                replace(plan, values, path, (&key, name), reason);
            }
            None => default_to(plan, values, path, default, reason)?,
        }
    }
    if chart == Chart::Two {
        default_to(
            plan,
            values,
            "/nautobot/db/existingSecretPasswordKey",
            "password",
            "a chart 2.x renders an empty key otherwise, which Kubernetes refuses",
        )?;
    }
    Ok(())
}

fn default_to(
    plan: &mut Plan,
    values: &Document,
    path: &str,
    default: &str,
    reason: &str,
) -> Result<(), Failure> {
    if values.optional_text(path)?.is_none_or(|name| name.is_empty()) {
        plan.set(path, default, reason);
    }
    Ok(())
}

/// Without settings the Secrets are the base values' matter; the chart makes up those
/// that they do not name (secret.yaml of 3.1.1; of 2.5.9 for Django alone).
fn miss_secrets(plan: &mut Plan, values: &Document, chart: Chart) {
    let all = [(DJANGO, true), (DATABASE, chart == Chart::Three)];
    for (path, made_up) in all {
        if made_up && values.scalar(path).is_none_or(|name| name.is_empty()) {
            plan.report(
                Finding::warning(
                    "worker/made-up-secret",
                    "neither settings nor base values name this Secret; the chart would make one up that fits nothing on the global cluster",
                )
                .at(path)
                .hint("name it in the base values, or set connections in the policy's settings"),
            );
        }
    }
}

#[cfg(test)]
mod tests;
