//! Where the worker finds PostgreSQL and Redis: the environment's gateway names.
//!
//! Without settings for connections all stays as the base values have it. What settings
//! do not say and base values do, stays too.

use policy_sdk::{Document, Failure, Finding, Plan};

use crate::chart::Chart;
use crate::lists::WorkerLists;
use crate::mtls;
use crate::settings::{Connections, Database, Redis, Secrets};

/// The chart's default database host, a placeholder that nothing answers to.
const PLACEHOLDER: &str = "postgres";
const DATABASE: &str = "/nautobot/db/existingSecret";
const DJANGO: &str = "/nautobot/django/existingSecret";

/// Points the worker at the environment's gateway.
pub(crate) fn point(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    values: &Document,
    chart: Chart,
    connections: Option<&Connections>,
) -> Result<(), Failure> {
    let database = connections.and_then(|all| all.database.as_ref());
    let redis = connections.and_then(|all| all.redis.as_ref());
    match database {
        Some(database) => point_at_database(plan, chart, database),
        None => miss_host(plan, values, "database", "/nautobot/db/host"),
    }
    match redis {
        Some(redis) => point_at_redis(plan, redis),
        None => miss_host(plan, values, "redis", "/nautobot/redis/host"),
    }
    let Some(connections) = connections else {
        miss_secrets(plan, values, chart);
        return Ok(());
    };
    refer_to_secrets(plan, values, chart, &connections.secrets)?;
    for name in &connections.env_config_maps {
        lists.config_maps.include(name);
    }
    for name in &connections.env_secrets {
        lists.secrets.include(name);
    }
    mtls::name_the_config(lists);
    if let Some(mtls) = &connections.mtls {
        mtls::present_a_certificate(plan, lists, mtls);
    }
    Ok(())
}

fn point_at_database(plan: &mut Plan, chart: Chart, database: &Database) {
    let reason = "the environment's gateway leads to PostgreSQL on the global cluster";
    plan.set("/nautobot/db/host", &*database.host, reason);
    plan.set("/nautobot/db/port", database.port, reason);
    if let Some(name) = &database.name {
        plan.set("/nautobot/db/name", &**name, "the settings name the database");
    }
    match (&database.user, chart) {
        (None, _) => {}
        (Some(user), Chart::Two) => {
            plan.set("/nautobot/db/user", &**user, "the settings name the user");
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

fn point_at_redis(plan: &mut Plan, redis: &Redis) {
    let reason = "the environment's gateway leads to Redis on the global cluster";
    plan.set("/nautobot/redis/host", &*redis.host, reason);
    plan.set("/nautobot/redis/port", redis.port, reason);
}

/// Not an error: a values file that could not be read may name the host.
fn miss_host(plan: &mut Plan, values: &Document, what: &str, path: &str) {
    let named = values.scalar(path).is_some_and(|host| !host.is_empty() && host != PLACEHOLDER);
    if !named {
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
            &secrets.database,
            "nautobot-db",
            "the database password comes from a Secret of the site",
        ),
        (
            "/nautobot/redis/existingSecret",
            &secrets.redis,
            "nautobot-worker-redis",
            "the Redis password comes from a Secret of the site",
        ),
        (
            DJANGO,
            &secrets.django,
            "nautobot-django",
            "all of Nautobot shares one Django key; without a Secret the chart makes up another in every render",
        ),
    ];
    for (path, setting, default, reason) in all {
        match setting {
            Some(name) => plan.set(path, &**name, reason),
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
