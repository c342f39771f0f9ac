//! Mutual TLS: the certificate in the pod, and the variables that the config reads.
//!
//! Nautobot itself reads none of the SSL variables but `NAUTOBOT_REDIS_SSL`; the site's
//! `nautobot_config.py` does. One that does not would dial without a certificate and say
//! nothing, so the plan states what it has to read.

use policy_sdk::{Finding, Plan};

use crate::certificate::{self, Certificate};
use crate::duty::Duty;
use crate::lists::WorkerLists;
use crate::settings::{DEFAULT_MODE, DEFAULT_MOUNT_PATH, DIRECT, Mtls};
use crate::short::short;
use crate::variables::{BaseVariables, Chosen, choose, report_unread};

const MODE: &str = "NAUTOBOT_DB_SSLMODE";
const NEGOTIATION: &str = "NAUTOBOT_DB_SSLNEGOTIATION";
const POSTGRES: &str = "postgres";
const CERT_REQS: &str = "NAUTOBOT_REDIS_SSL_CERT_REQS";
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

/// Files of the certificate that variables name: of PostgreSQL, then of Redis.
const DATABASE_FILES: [(&str, &str); 3] = [
    ("NAUTOBOT_DB_SSLCERT", "tls.crt"),
    ("NAUTOBOT_DB_SSLKEY", "tls.key"),
    ("NAUTOBOT_DB_SSLROOTCERT", "ca.crt"),
];
const REDIS_FILES: [(&str, &str); 3] = [
    ("NAUTOBOT_REDIS_SSL_CA_CERTS", "ca.crt"),
    ("NAUTOBOT_REDIS_SSL_CERTFILE", "tls.crt"),
    ("NAUTOBOT_REDIS_SSL_KEYFILE", "tls.key"),
];

/// Mounts the client certificate and says how to use it.
pub(crate) fn present_a_certificate(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    duty: Duty<'_>,
    mtls: &Mtls,
) -> Certificate {
    let base = duty.base;
    plan.set("/nautobot/redis/ssl", true, "Redis is reached over mutual TLS");
    let certificate = certificate::mount(plan, lists, duty.pod, mtls);
    let mut must_read = vec![MODE];
    decide_mode(plan, lists, base, mtls);
    // `postgres` is what libpq does for a config that reads nothing.
    if decide_negotiation(plan, lists, base, mtls) {
        must_read.push(NEGOTIATION);
    }
    let mut paths = Vec::new();
    for (name, file) in DATABASE_FILES {
        if certificate.path != DEFAULT_MOUNT_PATH || base.find(name).is_some() {
            paths.extend(name_a_file(plan, lists, base, &certificate, (name, file)));
            must_read.push(name);
        } else {
            paths.push((name, [DEFAULT_MOUNT_PATH, "/", file].concat()));
        }
    }
    // A config that reads none of these trusts the system's authorities, and no gateway's.
    must_read.push("NAUTOBOT_REDIS_SSL_CA_CERTS");
    decide_verification(plan, lists, base);
    for file in REDIS_FILES {
        paths.extend(name_a_file(plan, lists, base, &certificate, file));
    }
    certificate::files::judge(plan, &certificate, &paths);
    hold_the_config_to_it(plan, mtls, &must_read);
    certificate
}

/// Judges what base values say of TLS where no setting asks for it: libpq 17 refuses direct
/// negotiation with a mode weaker than `require` (fe-connect.c, `sslnegotiation`).
pub(crate) fn judge_without_settings(plan: &mut Plan, base: &BaseVariables<'_>) {
    let is_direct =
        base.find(NEGOTIATION).is_some_and(|given| given.text.as_deref() == Some(DIRECT));
    let Some(mode) = base.find(MODE).filter(|_| is_direct) else { return };
    if mode.text.as_deref().is_some_and(|mode| !insists_on_tls(mode)) {
        plan.report(
            Finding::error(
                "worker/ssl-mode",
                format!(
                    "the base values set {NEGOTIATION} to direct and {MODE} to {}; libpq refuses direct with a mode weaker than require",
                    mode.describe()
                ),
            )
            .at(mode.place)
            .hint("write verify-ca or verify-full"),
        );
    }
}

fn insists_on_tls(mode: &str) -> bool {
    matches!(mode, "verify-ca" | "verify-full" | "require")
}

fn decide_mode(plan: &mut Plan, lists: &mut WorkerLists, base: &BaseVariables<'_>, mtls: &Mtls) {
    let setting = mtls.ssl_mode.as_deref().map(|mode| ("connections.mtls.sslMode", mode));
    let mode = choose(plan, &mut lists.env, base, MODE, setting, DEFAULT_MODE);
    report_unread(plan, MODE, &mode);
    refuse(plan, &mode, insists_on_tls, |text| {
        Finding::error(
            "worker/ssl-mode",
            format!("the base values set {MODE} to \"{text}\", which does not insist on TLS, and mutual TLS is on"),
        )
        .hint("write verify-ca or verify-full, or remove the variable from the base values")
    });
    if let (Some("verify-full"), Some(place)) = (mode.text.as_deref(), &mode.place) {
        plan.report(
            Finding::note(
                "worker/ssl-mode",
                format!("the base values set {MODE} to verify-full, and the names in the servers' certificates are compared with settings alone"),
            )
            .at(place)
            .hint("set connections.mtls.sslMode: verify-full"),
        );
    }
}

/// Returns whether the config has to read the negotiation.
fn decide_negotiation(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    base: &BaseVariables<'_>,
    mtls: &Mtls,
) -> bool {
    let setting = mtls.ssl_negotiation.as_deref();
    let setting = setting.map(|text| ("connections.mtls.sslNegotiation", text));
    let chosen = choose(plan, &mut lists.env, base, NEGOTIATION, setting, DIRECT);
    report_unread(plan, NEGOTIATION, &chosen);
    refuse(
        plan,
        &chosen,
        |text| matches!(text, DIRECT | POSTGRES),
        |text| {
            Finding::error(
            "worker/ssl-negotiation",
            format!("the base values set {NEGOTIATION} to \"{text}\"; libpq takes direct and postgres"),
        )
        .hint("write direct, or remove the variable from the base values")
        },
    );
    let is_postgres = chosen.text.as_deref() == Some(POSTGRES);
    if let Some(place) = chosen.place.filter(|_| is_postgres) {
        plan.report(
            Finding::error(
                "worker/ssl-negotiation",
                format!("the base values set {NEGOTIATION} to postgres, which ends at a gateway that routes by server name; the gateway's routes are compared with settings alone"),
            )
            .at(place)
            .hint("remove the variable, or set connections.mtls.sslNegotiation: postgres and give the gateway a TCP route"),
        );
    }
    !is_postgres
}

/// Decides whether the worker verifies Redis: Python's `ssl` does for `required` and, as a
/// client, for `optional` too. redis-py knows these two and `none`, letter by letter, and raises
/// `Invalid SSL Certificate Requirements Flag` for others (redis/connection.py, `SSLConnection`).
fn decide_verification(plan: &mut Plan, lists: &mut WorkerLists, base: &BaseVariables<'_>) {
    let chosen = choose(plan, &mut lists.env, base, CERT_REQS, None, "required");
    report_unread(plan, CERT_REQS, &chosen);
    let verifies = |text: &str| matches!(text, "required" | "optional");
    refuse(plan, &chosen, verifies, |text| {
        let why = if text == "none" {
            "so nobody checks the certificate of Redis, and mutual TLS is on"
        } else {
            "which the Redis client refuses: it takes required, optional and none"
        };
        Finding::error(
            "worker/redis-tls",
            format!("the base values set {CERT_REQS} to \"{text}\", {why}"),
        )
        .hint("write required, or remove the variable from the base values")
    });
}

/// Names a file of the certificate in a variable, and returns the path that takes effect.
fn name_a_file(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    base: &BaseVariables<'_>,
    certificate: &Certificate,
    (name, file): (&'static str, &str),
) -> Option<(&'static str, String)> {
    let path = [&certificate.path, "/", file].concat();
    let chosen = choose(plan, &mut lists.env, base, name, None, &path);
    report_unread(plan, name, &chosen);
    let text = chosen.text?;
    if let Some(place) = chosen.place.filter(|_| !certificate::is_mounted(lists, &text)) {
        plan.report(
            Finding::warning(
                "worker/certificate-file",
                format!(
                    "the base values set {name} to \"{}\", and nothing is mounted there",
                    short(&text)
                ),
            )
            .at(place)
            .hint(format!("write {path}, or remove the variable from the base values")),
        );
    }
    Some((name, text))
}

/// Reports a base value that decides and is not acceptable.
fn refuse(
    plan: &mut Plan,
    chosen: &Chosen,
    accepts: impl Fn(&str) -> bool,
    finding: impl FnOnce(&str) -> Finding,
) {
    if let (Some(text), Some(place)) = (&chosen.text, &chosen.place)
        && !accepts(text)
    {
        plan.report(finding(&short(text)).at(place));
    }
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

/// Returns the fate of a worker whose config ignores one of the variables.
fn reason(must_read: &[&str]) -> &'static str {
    if must_read.contains(&NEGOTIATION) {
        "the worker would dial PostgreSQL or Redis without its client certificate or, without NAUTOBOT_DB_SSLNEGOTIATION, never get past the gateway to PostgreSQL, and nothing else reports it"
    } else {
        "the worker would dial PostgreSQL or Redis without its client certificate, and nothing else reports it"
    }
}

#[cfg(test)]
mod tests;
