//! Sets where the worker finds PostgreSQL and Redis: the environment's gateway names.
//!
//! Without the setting `connections` the base values stay as they are. With it, a base value
//! stays where no setting replaces it.

mod engine;

use policy_sdk::{Document, Failure, Plan};
use worker_connections::Connection;

use crate::chart::Chart;
use crate::codes;
use crate::context::WorkerContext;
use crate::lists::WorkerLists;
use crate::settings::{
    Connections, DEFAULT_DATABASE_PORT, DEFAULT_REDIS_PORT, Database, Redis, Secrets,
};
use crate::short::shorten;
use crate::variables::{BaseVariables, ports, report_replaced};
use crate::{config_file, mounts, mtls, security};

/// The chart's default database host, a placeholder for a host that does not exist.
const PLACEHOLDER: &str = "postgres";
/// Defaults of the charts' values.yaml (2.5.9 and 3.1.1) for a host, a database and a user.
/// Nobody chose them, so a setting that replaces one is not reported.
const CHART_DEFAULTS: [&str; 2] = [PLACEHOLDER, "nautobot"];
const DATABASE: &str = "/nautobot/db/existingSecret";
const DJANGO: &str = "/nautobot/django/existingSecret";

/// Sets hosts, ports and Secrets of both connections, and reports those that are missing.
pub(crate) fn set_connections(
    plan: &mut Plan,
    values: &Document,
    base: &BaseVariables<'_>,
    chart: Chart,
    connections: Option<&Connections>,
) -> Result<(), Failure> {
    let database = connections.and_then(|all| all.database.as_ref());
    let redis = connections.and_then(|all| all.redis.as_ref());
    if let Some(database) = database {
        set_database(plan, values, chart, database);
        engine::check_engine(plan, values, base);
    } else {
        report_missing_host(
            plan,
            values,
            base,
            Connection::Database,
            ("/nautobot/db/host", "NAUTOBOT_DB_HOST"),
        );
    }
    if let Some(redis) = redis {
        set_redis(plan, values, redis);
    } else {
        report_missing_host(
            plan,
            values,
            base,
            Connection::Redis,
            ("/nautobot/redis/host", "NAUTOBOT_REDIS_HOST"),
        );
    }
    if let Some(connections) = connections {
        return set_secrets(plan, values, chart, &connections.secrets);
    }
    report_missing_secrets(plan, values, chart);
    Ok(())
}

/// Adds variables, the config's path and the client certificate to the worker's pod.
pub(crate) fn add_pod_connections(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    cluster: &Document,
    context: WorkerContext<'_>,
) {
    let connections = context.settings.connections.as_ref();
    let mut certificate = None;
    if let Some(connections) = connections {
        for name in &connections.env_config_maps {
            lists.config_maps.add_name(name);
        }
        for name in &connections.env_secrets {
            lists.secrets.add_name(name);
        }
        config_file::set_config_path(plan, lists, cluster, context, connections);
        let mtls = connections.mtls.as_ref();
        certificate = mtls.map(|mtls| mtls::set_up_mtls(plan, lists, context, mtls));
    }
    match &certificate {
        Some(certificate) => security::check_key(plan, context.pod, certificate),
        None => mtls::check_without_mtls(plan, context.base),
    }
    let path = certificate.as_ref().map(|certificate| &*certificate.path);
    mounts::check_mounts(plan, lists, cluster, context, path);
}

/// Sets the values of the database connection.
fn set_database(plan: &mut Plan, values: &Document, chart: Chart, database: &Database) {
    let reason = "the environment's gateway forwards to PostgreSQL on the global cluster";
    let host = ("connections.database.host", &*database.host);
    set_value(plan, values, "/nautobot/db/host", host, reason);
    let port = ("connections.database.port", database.port, DEFAULT_DATABASE_PORT);
    set_port(plan, values, "/nautobot/db/port", port, reason);
    if let Some(name) = &database.name {
        let setting = ("connections.database.name", &**name);
        set_value(plan, values, "/nautobot/db/name", setting, "the settings name the database");
    }
    match (&database.user, chart) {
        (None, _) => {}
        (Some(user), Chart::Two) => {
            let setting = ("connections.database.user", &**user);
            set_value(plan, values, "/nautobot/db/user", setting, "the settings name the user");
        }
        // _helpers.tpl of 3.1.1, nautobot.database.userEnvVarDef
        (Some(_), Chart::Three) => plan.report(
            codes::USER_IGNORED
                .finding(
                    "the setting connections.database.user has no effect on a chart 3.x, which reads the user from the database Secret",
                )
                .at("/nautobot/db/user")
                .hint("put the user under the key username of that Secret"),
        ),
    }
}

/// Sets the values of the Redis connection.
fn set_redis(plan: &mut Plan, values: &Document, redis: &Redis) {
    let reason = "the environment's gateway forwards to Redis on the global cluster";
    let host = ("connections.redis.host", &*redis.host);
    set_value(plan, values, "/nautobot/redis/host", host, reason);
    let port = ("connections.redis.port", redis.port, DEFAULT_REDIS_PORT);
    set_port(plan, values, "/nautobot/redis/port", port, reason);
}

/// Sets a value from a setting, and reports a base value that it replaces.
fn set_value(
    plan: &mut Plan,
    values: &Document,
    path: &str,
    (setting, text): (&str, &str),
    reason: &str,
) {
    let base =
        values.scalar(path).filter(|base| !base.is_empty() && !CHART_DEFAULTS.contains(&&**base));
    if let Some(base) = base.filter(|base| base != text) {
        let base = ["\"", &shorten(&base), "\""].concat();
        report_replaced(plan, setting, text, (&dotted_path(path), &base, path));
    }
    plan.set(path, text, reason);
}

/// Sets a port: a setting wins over the base values, and those over the default.
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
                let base = (&*dotted_path(path), &*base.to_string(), path);
                report_replaced(plan, name, &port.to_string(), base);
            }
            plan.set(path, port, reason);
        }
        (Some(port), None) => plan.set(path, port, reason),
        (None, Some(base)) if base != default => {
            let port = base.to_string();
            plan.report(ports::port_finding(
                path,
                (&dotted_path(path), &port),
                (name, default),
                &port,
            ));
            plan.set(path, base, reason);
        }
        (None, _) => plan.set(path, default, reason),
    }
}

/// Returns a JSON Pointer as a path of Helm values: `nautobot.db.port`.
fn dotted_path(path: &str) -> String {
    path.trim_start_matches('/').replace('/', ".")
}

/// Reports a host that nothing names. A warning only, because a values file that could not be
/// read may name it.
fn report_missing_host(
    plan: &mut Plan,
    values: &Document,
    base: &BaseVariables<'_>,
    connection: Connection,
    (path, variable): (&str, &str),
) {
    let (code, what) = match connection {
        Connection::Database => (&codes::NO_DATABASE_HOST, "database"),
        Connection::Redis => (&codes::NO_REDIS_HOST, "redis"),
    };
    let named = values.scalar(path).is_some_and(|host| !host.is_empty() && host != PLACEHOLDER);
    if !named && base.find(variable).is_none() {
        let message = format!(
            "neither settings nor base values name the {what} host, so the worker cannot connect to it"
        );
        let hint = format!("set connections.{what}.host in the policy's settings");
        plan.report(code.finding(message).at(path).hint(hint));
    }
}

/// Sets the Secrets that the chart refers to. One that the base values name stays, unless the
/// settings name another.
fn set_secrets(
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
            "all parts of Nautobot share one Django key; without a Secret the chart generates a new key in every render",
        ),
    ];
    for (path, key, setting, default, reason) in all {
        match setting {
            Some(name) => {
                let key = ["connections.secrets.", key].concat();
                set_value(plan, values, path, (&key, name), reason);
            }
            None => set_default(plan, values, path, default, reason)?,
        }
    }
    if chart == Chart::Two {
        set_default(
            plan,
            values,
            "/nautobot/db/existingSecretPasswordKey",
            "password",
            "otherwise a chart 2.x renders an empty key, which Kubernetes refuses",
        )?;
    }
    Ok(())
}

/// Sets a value that the base values leave empty.
fn set_default(
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

/// Reports Secrets that the chart generates because the base values do not name them
/// (secret.yaml of 3.1.1; of 2.5.9 only for Django).
fn report_missing_secrets(plan: &mut Plan, values: &Document, chart: Chart) {
    let all = [(DJANGO, true), (DATABASE, chart == Chart::Three)];
    for (path, is_generated) in all {
        if is_generated && values.scalar(path).is_none_or(|name| name.is_empty()) {
            plan.report(
                codes::MADE_UP_SECRET
                    .finding(
                        "neither settings nor base values name this Secret; the chart would generate one that does not match the global cluster",
                    )
                    .at(path)
                    .hint("name it in the base values, or set connections in the policy's settings"),
            );
        }
    }
}

#[cfg(test)]
mod tests;
