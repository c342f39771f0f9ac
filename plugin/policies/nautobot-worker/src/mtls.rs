//! Sets up mutual TLS: the certificate in the pod, and the variables that the config reads.
//!
//! Of the SSL variables Nautobot itself reads only `NAUTOBOT_REDIS_SSL`; the site's
//! `nautobot_config.py` reads the others. A config that does not read them connects without a
//! certificate and without an error, so the plan lists what the config must read.

use policy_sdk::{Finding, Plan, Severity};

use crate::certificate::{self, Certificate};
use crate::codes;
use crate::context::WorkerContext;
use crate::lists::WorkerLists;
use crate::settings::{DEFAULT_MODE, DEFAULT_MOUNT_PATH, DIRECT, Mtls};
use crate::short::shorten;
use crate::variables::{BaseVariables, ChosenValue, choose_value, report_unread};

const MODE: &str = "NAUTOBOT_DB_SSLMODE";
const NEGOTIATION: &str = "NAUTOBOT_DB_SSLNEGOTIATION";
const POSTGRES: &str = "postgres";
const CERT_REQS: &str = "NAUTOBOT_REDIS_SSL_CERT_REQS";
/// The names of the config through which Nautobot connects to PostgreSQL and Redis:
/// nautobot/core/settings.py of 3.1 binds the first three, and Celery's namespace `CELERY`
/// (nautobot/core/celery/__init__.py) takes the others.
const SETTINGS: &[&str] = &[
    "DATABASES",
    "CACHES",
    "CELERY_BROKER_URL",
    "CELERY_BROKER_USE_SSL",
    "CELERY_REDIS_BACKEND_USE_SSL",
];

/// The variables that name files of the certificate, and these files.
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

/// Mounts the client certificate and sets the variables that use it.
pub(crate) fn set_up_mtls(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    context: WorkerContext<'_>,
    mtls: &Mtls,
) -> Certificate {
    let base = context.base;
    plan.set("/nautobot/redis/ssl", true, "Redis is reached over mutual TLS");
    let certificate = certificate::mount_certificate(plan, lists, context.pod, mtls);
    let mut must_read = vec![MODE];
    set_mode(plan, lists, base, mtls);
    // libpq negotiates as `postgres` by default, so a config need not read that value.
    if set_negotiation(plan, lists, base, mtls) {
        must_read.push(NEGOTIATION);
    }
    let mut paths = Vec::new();
    for (name, file) in DATABASE_FILES {
        if certificate.path != DEFAULT_MOUNT_PATH || base.find(name).is_some() {
            paths.extend(set_file_variable(plan, lists, base, &certificate, (name, file)));
            must_read.push(name);
        } else {
            paths.push((name, [DEFAULT_MOUNT_PATH, "/", file].concat()));
        }
    }
    // A config that does not read this trusts the system's authorities, not the gateway's.
    must_read.push("NAUTOBOT_REDIS_SSL_CA_CERTS");
    set_verification(plan, lists, base);
    for file in REDIS_FILES {
        paths.extend(set_file_variable(plan, lists, base, &certificate, file));
    }
    certificate::files::report_missing_files(plan, &certificate, &paths);
    require_config_reads(plan, mtls, &must_read);
    certificate
}

/// Checks the TLS variables of base values where no setting enables mutual TLS: libpq 17 refuses
/// direct negotiation with a mode weaker than `require` (fe-connect.c, `sslnegotiation`).
pub(crate) fn check_without_mtls(plan: &mut Plan, base: &BaseVariables<'_>) {
    let is_direct =
        base.find(NEGOTIATION).is_some_and(|entry| entry.text.as_deref() == Some(DIRECT));
    let Some(mode) = base.find(MODE).filter(|_| is_direct) else { return };
    if mode.text.as_deref().is_some_and(|mode| !requires_tls(mode)) {
        plan.report(
            codes::SSL_MODE
                .finding(format!(
                    "the base values set {NEGOTIATION} to direct and {MODE} to {}; libpq refuses direct with a mode weaker than require",
                    mode.describe(),
                ))
                .at(mode.place)
                .hint("write verify-ca or verify-full"),
        );
    }
}

/// Returns whether libpq refuses a connection without TLS in this mode.
fn requires_tls(mode: &str) -> bool {
    matches!(mode, "verify-ca" | "verify-full" | "require")
}

/// Sets libpq's mode, and reports one that does not require TLS.
fn set_mode(plan: &mut Plan, lists: &mut WorkerLists, base: &BaseVariables<'_>, mtls: &Mtls) {
    let setting = mtls.ssl_mode.as_deref().map(|mode| ("connections.mtls.sslMode", mode));
    let mode = choose_value(plan, &mut lists.env, base, MODE, setting, DEFAULT_MODE);
    report_unread(plan, MODE, &mode);
    report_rejected(plan, &mode, requires_tls, |text| {
        codes::SSL_MODE
            .finding(format!(
                "the base values set {MODE} to \"{text}\", which allows a connection without TLS, but mutual TLS is on"
            ))
            .hint("write verify-ca or verify-full, or remove the variable from the base values")
    });
    if let (Some("verify-full"), Some(place)) = (mode.text.as_deref(), &mode.place) {
        let message = format!(
            "the base values set {MODE} to verify-full, but other policies compare the names in server certificates with the settings only"
        );
        // The mode itself is stricter than required, so this is not an error.
        let finding = Finding { severity: Severity::Note, ..codes::SSL_MODE.finding(message) };
        plan.report(finding.at(place).hint("set connections.mtls.sslMode: verify-full"));
    }
}

/// Sets libpq's negotiation, and returns whether the config has to read it.
fn set_negotiation(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    base: &BaseVariables<'_>,
    mtls: &Mtls,
) -> bool {
    let setting = mtls.ssl_negotiation.as_deref();
    let setting = setting.map(|text| ("connections.mtls.sslNegotiation", text));
    let chosen = choose_value(plan, &mut lists.env, base, NEGOTIATION, setting, DIRECT);
    report_unread(plan, NEGOTIATION, &chosen);
    report_rejected(
        plan,
        &chosen,
        |text| matches!(text, DIRECT | POSTGRES),
        |text| {
            codes::SSL_NEGOTIATION
                .finding(format!(
                    "the base values set {NEGOTIATION} to \"{text}\"; it must be direct or postgres"
                ))
                .hint("write direct, or remove the variable from the base values")
        },
    );
    let is_postgres = chosen.text.as_deref() == Some(POSTGRES);
    if let Some(place) = chosen.place.filter(|_| is_postgres) {
        plan.report(
            codes::SSL_NEGOTIATION
                .finding(format!(
                    "the base values set {NEGOTIATION} to postgres, but a gateway that routes by server name drops such a connection; the gateway's routes are compared with the settings only"
                ))
                .at(place)
                .hint(
                    "remove the variable, or set connections.mtls.sslNegotiation: postgres and give the gateway a TCP route",
                ),
        );
    }
    !is_postgres
}

/// Sets whether the worker verifies Redis, and reports a value that does not verify. Python's
/// `ssl` verifies for `required` and, as a client, for `optional` too. redis-py accepts exactly
/// these two and `none`, and raises `Invalid SSL Certificate Requirements Flag` for others
/// (redis/connection.py, `SSLConnection`).
fn set_verification(plan: &mut Plan, lists: &mut WorkerLists, base: &BaseVariables<'_>) {
    let chosen = choose_value(plan, &mut lists.env, base, CERT_REQS, None, "required");
    report_unread(plan, CERT_REQS, &chosen);
    let verifies = |text: &str| matches!(text, "required" | "optional");
    report_rejected(plan, &chosen, verifies, |text| {
        let why = if text == "none" {
            "so the worker does not verify the certificate of Redis, but mutual TLS is on"
        } else {
            "which the Redis client refuses; it accepts required, optional and none"
        };
        codes::REDIS_TLS
            .finding(format!("the base values set {CERT_REQS} to \"{text}\", {why}"))
            .hint("write required, or remove the variable from the base values")
    });
}

/// Sets a variable to the path of a certificate file, and returns the path that takes effect.
fn set_file_variable(
    plan: &mut Plan,
    lists: &mut WorkerLists,
    base: &BaseVariables<'_>,
    certificate: &Certificate,
    (name, file): (&'static str, &str),
) -> Option<(&'static str, String)> {
    let path = [&certificate.path, "/", file].concat();
    let chosen = choose_value(plan, &mut lists.env, base, name, None, &path);
    report_unread(plan, name, &chosen);
    let text = chosen.text?;
    if let Some(place) = chosen.place.filter(|_| !certificate::is_mounted(lists, &text)) {
        plan.report(
            codes::CERTIFICATE_FILE
                .finding(format!(
                    "the base values set {name} to \"{}\", but nothing is mounted there",
                    shorten(&text)
                ))
                .at(place)
                .hint(format!("write {path}, or remove the variable from the base values")),
        );
    }
    Some((name, text))
}

/// Reports a base value that takes effect and is not accepted.
fn report_rejected(
    plan: &mut Plan,
    chosen: &ChosenValue,
    accepts: impl Fn(&str) -> bool,
    finding: impl FnOnce(&str) -> Finding,
) {
    if let (Some(text), Some(place)) = (&chosen.text, &chosen.place)
        && !accepts(text)
    {
        plan.report(finding(&shorten(text)).at(place));
    }
}

/// Requires the config to read these variables, or reports that nothing checks it.
fn require_config_reads(plan: &mut Plan, mtls: &Mtls, must_read: &[&str]) {
    if mtls.require_config {
        plan.config_must_read(must_read, SETTINGS, unread_consequence(must_read));
        return;
    }
    plan.report(
        codes::CONFIG_UNCHECKED
            .finding(format!(
                "the settings allow a config that never reads {}: {}",
                must_read.join(", "),
                unread_consequence(must_read)
            ))
            .hint("remove the setting connections.mtls.requireConfig"),
    );
}

/// Returns the consequence of a config that ignores one of the variables.
fn unread_consequence(must_read: &[&str]) -> &'static str {
    if must_read.contains(&NEGOTIATION) {
        "the worker would connect to PostgreSQL or Redis without its client certificate or without verifying the server (or, if the config does not read NAUTOBOT_DB_SSLNEGOTIATION, the gateway would close its connections to PostgreSQL), and no other check reports this"
    } else {
        "the worker would connect to PostgreSQL or Redis without its client certificate or without verifying the server, and no other check reports this"
    }
}

#[cfg(test)]
mod tests;
