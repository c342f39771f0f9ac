//! Mutual TLS: the certificate in the pod, and the variables that the config reads.
//!
//! Nautobot itself reads none of the SSL variables but `NAUTOBOT_REDIS_SSL`; the site's
//! `nautobot_config.py` does. One that does not would dial without a certificate and say
//! nothing, so the plan states what it has to read.

use policy_sdk::{Finding, Json, Plan};

use crate::lists::{List, WorkerLists};
use crate::settings::{DEFAULT_MOUNT_PATH, DIRECT, Mtls};

/// Where every chart mounts the config (celery-deployment.yaml).
const CONFIG: &str = "/opt/nautobot/nautobot_config.py";
const VOLUME: &str = "mtls-client";
const NEGOTIATION: &str = "NAUTOBOT_DB_SSLNEGOTIATION";
/// The names of the config through which Nautobot dials PostgreSQL and Redis:
/// nautobot/core/settings.py of 3.1 binds the first three, and Celery's namespace `CELERY`
/// (nautobot/core/celery/__init__.py) takes the others.
const SETTINGS: &[&str] = &[
    "DATABASES",
    "CACHES",
    "CELERY_BROKER_URL",
    "CELERY_BROKER_USE_SSL",
    "CELERY_REDIS_BACKEND_USE_SSL",
];
/// 0400. JSON has no octal.
const OWNER_READS: i64 = 256;

/// Says where the config is, so that an image with another default finds it.
pub(crate) fn name_the_config(lists: &mut WorkerLists) {
    variable(&mut lists.env, "NAUTOBOT_CONFIG", CONFIG);
}

/// Mounts the client certificate and says how to use it.
pub(crate) fn present_a_certificate(plan: &mut Plan, lists: &mut WorkerLists, mtls: &Mtls) {
    plan.set("/nautobot/redis/ssl", true, "Redis is reached over mutual TLS");
    mount(lists, mtls);
    let mut must_read = vec!["NAUTOBOT_DB_SSLMODE"];
    variable(&mut lists.env, "NAUTOBOT_DB_SSLMODE", &mtls.ssl_mode);
    variable(&mut lists.env, NEGOTIATION, &mtls.ssl_negotiation);
    // `postgres` is what libpq does for a config that reads nothing.
    if mtls.ssl_negotiation == DIRECT {
        must_read.push(NEGOTIATION);
    }
    let file = |name: &str| [&mtls.mount_path, "/", name].concat();
    if mtls.mount_path != DEFAULT_MOUNT_PATH {
        for (name, value) in [
            ("NAUTOBOT_DB_SSLCERT", "tls.crt"),
            ("NAUTOBOT_DB_SSLKEY", "tls.key"),
            ("NAUTOBOT_DB_SSLROOTCERT", "ca.crt"),
        ] {
            variable(&mut lists.env, name, &file(value));
            must_read.push(name);
        }
    }
    // A config that reads none of these trusts the system's authorities, and no gateway's.
    must_read.push("NAUTOBOT_REDIS_SSL_CA_CERTS");
    variable(&mut lists.env, "NAUTOBOT_REDIS_SSL_CERT_REQS", "required");
    variable(&mut lists.env, "NAUTOBOT_REDIS_SSL_CA_CERTS", &file("ca.crt"));
    variable(&mut lists.env, "NAUTOBOT_REDIS_SSL_CERTFILE", &file("tls.crt"));
    variable(&mut lists.env, "NAUTOBOT_REDIS_SSL_KEYFILE", &file("tls.key"));
    hold_the_config_to_it(plan, mtls, &must_read);
}

fn mount(lists: &mut WorkerLists, mtls: &Mtls) {
    let secret = Json::map([
        ("secretName", mtls.secret_name.as_str().into()),
        ("defaultMode", OWNER_READS.into()),
    ]);
    lists.volumes.put(VOLUME, Json::map([("name", VOLUME.into()), ("secret", secret)]));
    lists.mounts.put(
        &mtls.mount_path,
        Json::map([
            ("name", VOLUME.into()),
            ("mountPath", mtls.mount_path.as_str().into()),
            ("readOnly", true.into()),
        ]),
    );
}

fn hold_the_config_to_it(plan: &mut Plan, mtls: &Mtls, must_read: &[&str]) {
    if mtls.require_config {
        plan.config_must_read(must_read, SETTINGS, reason(must_read));
        return;
    }
    plan.report(
        Finding::warning(
            "worker/config-unchecked",
            format!(
                "the settings allow a config that never reads {}: {}",
                must_read.join(", "),
                reason(must_read)
            ),
        )
        .hint("remove the setting connections.mtls.requireConfig"),
    );
}

/// Returns what happens to a worker whose config ignores the variables.
fn reason(must_read: &[&str]) -> &'static str {
    if must_read.contains(&NEGOTIATION) {
        "without NAUTOBOT_DB_SSLNEGOTIATION the connection to PostgreSQL never gets past the gateway, without the others it is dialled without a client certificate, and nothing else reports it"
    } else {
        "PostgreSQL and Redis would be dialled without a client certificate, and nothing else reports it"
    }
}

fn variable(env: &mut List, name: &str, value: &str) {
    env.put(name, Json::map([("name", name.into()), ("value", value.into())]));
}
