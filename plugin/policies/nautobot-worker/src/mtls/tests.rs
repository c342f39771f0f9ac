use policy_sdk::Plan;
use policy_sdk::harness::findings;
use serde_json::{Value, json};

use crate::tests::{codes, connected, plan, worker};

fn env(name: &str, value: &str, settings: Value) -> Plan {
    let list = json!([{"name": name, "value": value}]);
    plan("3.1.1", json!({"celery": {"extraEnvVars": list}}), settings)
}

#[test]
fn a_mode_that_does_not_insist_on_tls_is_an_error() {
    for mode in ["disable", "allow", "prefer", "", "Verify-Full"] {
        let plan = env("NAUTOBOT_DB_SSLMODE", mode, connected());
        assert_eq!(codes(&plan), ["worker/ssl-mode"], "{mode}");
        assert_eq!(plan.findings[0].path.as_deref(), Some("/celery/extraEnvVars/0"));
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        assert_eq!(codes(&env("NAUTOBOT_DB_SSLMODE", mode, connected())), [""; 0], "{mode}");
    }
}

#[test]
fn the_negotiation_of_the_base_values_decides_what_the_config_must_read() {
    let name = "NAUTOBOT_DB_SSLNEGOTIATION";
    let reads = |plan: Plan| plan.config.unwrap().must_read.contains(&name.to_owned());
    let postgres = env(name, "postgres", connected());
    assert_eq!(codes(&postgres), ["worker/ssl-negotiation"], "the gateway sees settings alone");
    assert_eq!(postgres.findings[0].path.as_deref(), Some("/celery/extraEnvVars/0"));
    assert!(!reads(postgres));
    assert!(reads(env(name, "direct", connected())));
    let mut settings = connected();
    settings["connections"]["mtls"] = json!({"sslNegotiation": "direct"});
    let replaced = env(name, "postgres", settings);
    assert_eq!(findings(&replaced, "worker/replaced").len(), 1);
    assert!(reads(replaced));
    assert_eq!(codes(&env(name, "Direct", connected())), ["worker/ssl-negotiation"]);
}

#[test]
fn a_redis_that_nobody_verifies_is_an_error() {
    let name = "NAUTOBOT_REDIS_SSL_CERT_REQS";
    for word in ["none", "CERT_NONE", "", "False"] {
        assert_eq!(codes(&env(name, word, connected())), ["worker/redis-tls"], "{word}");
    }
    for word in ["CERT_REQUIRED", "Required", "CERT_OPTIONAL", "required "] {
        let plan = env(name, word, connected());
        assert!(
            findings(&plan, "worker/redis-tls")[0].message.contains("client refuses"),
            "{word}"
        );
    }
    for word in ["required", "optional"] {
        assert_eq!(codes(&env(name, word, connected())), [""; 0], "{word}");
    }
}

#[test]
fn files_of_the_base_values_stay_and_the_config_must_read_them() {
    let plan = env("NAUTOBOT_DB_SSLROOTCERT", "/etc/nautobot/mtls/other.crt", connected());
    assert_eq!(codes(&plan), [""; 0]);
    assert!(plan.config.unwrap().must_read.contains(&"NAUTOBOT_DB_SSLROOTCERT".to_owned()));
    let plan = env("NAUTOBOT_REDIS_SSL_CA_CERTS", "/etc/ssl/ca.crt", connected());
    assert_eq!(codes(&plan), ["worker/certificate-file"]);
    let values = json!({"celery": {
        "extraEnvVars": [{"name": "NAUTOBOT_REDIS_SSL_CA_CERTS", "value": "/ca/ca.crt"}],
        "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
        "extraVolumeMounts": [{"name": "ca", "mountPath": "/ca/"}],
    }});
    assert_eq!(codes(&crate::tests::plan("3.1.1", values, connected())), [""; 0]);
}

#[test]
fn direct_without_a_mode_of_tls_is_an_error_even_without_settings() {
    let values = |mode: &str| {
        json!({
            "nautobot": {"extraVars": [{"name": "NAUTOBOT_DB_SSLNEGOTIATION", "value": "direct"}]},
            "celery": {"extraEnvVars": [{"name": "NAUTOBOT_DB_SSLMODE", "value": mode}]},
        })
    };
    let checked = |mode| plan("3.1.1", values(mode), json!({"metrics": false}));
    assert_eq!(findings(&checked("prefer"), "worker/ssl-mode").len(), 1);
    assert!(findings(&checked("verify-ca"), "worker/ssl-mode").is_empty());
    assert!(worker(&checked("verify-ca")).get("extraEnvVars").is_none());
}
