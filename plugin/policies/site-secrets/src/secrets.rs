//! Adds the five Secrets that contain values of the store as they are.

use crate::external::{Blueprint, Remote, Writer};
use crate::settings::{Database, Secret, Settings};

/// Adds the Secrets that the settings enable.
pub(crate) fn add_secrets(writer: &mut Writer, settings: &Settings) {
    if let Some(django) = &settings.django {
        let reason = "all parts of Nautobot have the same Django key";
        add_single_value(writer, django, "NAUTOBOT_SECRET_KEY", None, reason);
    }
    if let Some(database) = &settings.database {
        add_credentials(writer, database);
    }
    if let Some(redis) = &settings.redis {
        let reason = "the worker logs in to Redis with this password";
        add_single_value(writer, redis, "redis-password", None, reason);
    }
    if let Some(registry) = &settings.registry {
        const FILE: &str = ".dockerconfigjson";
        let blueprint =
            Blueprint { kind: "kubernetes.io/dockerconfigjson", data: &[(FILE, "{{ .config }}")] };
        let reason = "the cluster pulls the worker's image from a private registry";
        add_single_value(writer, registry, "config", Some(&blueprint), reason);
    }
    if let Some(env) = &settings.custom_env {
        let reason = "each key becomes an environment variable of the site's worker";
        writer.add_all_properties(&env.name, &env.remote_key, reason);
    }
}

/// Adds a Secret of one value.
fn add_single_value(
    writer: &mut Writer,
    secret: &Secret,
    name: &str,
    blueprint: Option<&Blueprint>,
    reason: &str,
) {
    let value = Remote { name, key: &secret.remote_key, property: &secret.property };
    writer.add_values(&secret.name, blueprint, &[value], reason);
}

/// Adds the database Secret with user and password. Charts 3.x read the user from the Secret too,
/// so it is written even where the store has none.
fn add_credentials(writer: &mut Writer, database: &Database) {
    const REASON: &str = "the worker logs in to PostgreSQL as this user";
    const PASSWORD: &str = "password";
    let secret = &database.secret;
    let value = |name, property| Remote { name, key: &secret.remote_key, property };
    let password = value(PASSWORD, &*secret.property);
    if let Some(property) = &database.username_property {
        let values = [value("username", &**property), password];
        writer.add_values(&secret.name, None, &values, REASON);
        return;
    }
    let data = [("username", &*database.username), (PASSWORD, "{{ .password }}")];
    let blueprint = Blueprint { kind: "Opaque", data: &data };
    writer.add_values(&secret.name, Some(&blueprint), &[password], REASON);
}
