//! The Secrets that hold what the store gives: five of the six.

use crate::external::{Blueprint, Remote, Writer};
use crate::settings::{Database, Secret, Settings};

/// Adds those that the settings want.
pub(crate) fn add(writer: &mut Writer, settings: &Settings) {
    if let Some(django) = &settings.django {
        let reason = "all of Nautobot shares one Django key";
        single(writer, django, "NAUTOBOT_SECRET_KEY", None, reason);
    }
    if let Some(database) = &settings.database {
        credentials(writer, database);
    }
    if let Some(redis) = &settings.redis {
        let reason = "the worker gets its tasks from Redis by this password";
        single(writer, redis, "redis-password", None, reason);
    }
    if let Some(registry) = &settings.registry {
        const FILE: &str = ".dockerconfigjson";
        let blueprint =
            Blueprint { kind: "kubernetes.io/dockerconfigjson", data: &[(FILE, "{{ .config }}")] };
        let reason = "the worker's image is pulled from a private registry";
        single(writer, registry, "config", Some(&blueprint), reason);
    }
    if let Some(env) = &settings.custom_env {
        let reason = "variables of the site's own, each key becoming one";
        writer.everything(&env.name, &env.remote_key, reason);
    }
}

fn single(
    writer: &mut Writer,
    secret: &Secret,
    name: &str,
    blueprint: Option<&Blueprint>,
    reason: &str,
) {
    let value = Remote { name, key: &secret.remote_key, property: &secret.property };
    writer.values(&secret.name, blueprint, &[value], reason);
}

/// Charts 3.x read the user from the Secret too.
fn credentials(writer: &mut Writer, database: &Database) {
    const REASON: &str = "the worker logs in to PostgreSQL as this user";
    const PASSWORD: &str = "password";
    let secret = &database.secret;
    let value = |name, property| Remote { name, key: &secret.remote_key, property };
    let password = value(PASSWORD, &*secret.property);
    if let Some(property) = &database.username_property {
        let values = [value("username", &**property), password];
        writer.values(&secret.name, None, &values, REASON);
        return;
    }
    let data = [("username", &*database.username), (PASSWORD, "{{ .password }}")];
    let blueprint = Blueprint { kind: "Opaque", data: &data };
    writer.values(&secret.name, Some(&blueprint), &[password], REASON);
}
