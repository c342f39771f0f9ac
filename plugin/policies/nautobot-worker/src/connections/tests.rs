use policy_sdk::harness::{edited, findings, overlay};
use serde_json::{Value, json};

use crate::tests::{MAJORS, codes, connected, plan, worker};

fn variables(worker: &Value) -> Vec<(&str, &str)> {
    worker["extraEnvVars"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["name"].as_str().unwrap(), item["value"].as_str().unwrap()))
        .filter(|(name, _)| name.starts_with("NAUTOBOT"))
        .collect()
}

#[test]
fn hosts_and_ports_are_the_gateways() {
    for version in MAJORS {
        let nautobot = &overlay(&plan(version, json!({}), connected()))["nautobot"];
        assert_eq!(nautobot["db"]["host"], "db.gw.example");
        assert_eq!(nautobot["db"]["port"], 5432);
        assert_eq!(nautobot["redis"]["host"], "redis.gw.example");
        assert_eq!(nautobot["redis"]["port"], 6379);
        assert_eq!(nautobot["redis"]["ssl"], true);
        assert_eq!(nautobot["db"]["existingSecret"], "nautobot-db");
        assert_eq!(nautobot["redis"]["existingSecret"], "nautobot-worker-redis");
        assert_eq!(nautobot["django"]["existingSecret"], "nautobot-django");
        assert!(nautobot["db"].get("name").is_none());
    }
}

#[test]
fn mutual_tls_comes_with_its_variables_and_its_certificate() {
    let plan = plan("3.1.1", json!({}), connected());
    let worker = worker(&plan);
    assert_eq!(
        variables(&worker),
        [
            ("NAUTOBOT_CONFIG", "/opt/nautobot/nautobot_config.py"),
            ("NAUTOBOT_DB_SSLMODE", "verify-ca"),
            ("NAUTOBOT_DB_SSLNEGOTIATION", "direct"),
            ("NAUTOBOT_REDIS_SSL_CERT_REQS", "required"),
            ("NAUTOBOT_REDIS_SSL_CA_CERTS", "/etc/nautobot/mtls/ca.crt"),
            ("NAUTOBOT_REDIS_SSL_CERTFILE", "/etc/nautobot/mtls/tls.crt"),
            ("NAUTOBOT_REDIS_SSL_KEYFILE", "/etc/nautobot/mtls/tls.key"),
        ]
    );
    assert_eq!(
        worker["extraVolumes"][1],
        json!({"name": "mtls-client", "secret":
            {"secretName": "nautobot-mtls-client", "defaultMode": 256}})
    );
    assert_eq!(
        worker["extraVolumeMounts"][1],
        json!({"name": "mtls-client", "mountPath": "/etc/nautobot/mtls", "readOnly": true})
    );
    let config = plan.config.unwrap();
    assert_eq!(
        config.must_read,
        ["NAUTOBOT_DB_SSLMODE", "NAUTOBOT_DB_SSLNEGOTIATION", "NAUTOBOT_REDIS_SSL_CA_CERTS"]
    );
    assert_eq!(
        config.settings,
        [
            "DATABASES",
            "CACHES",
            "CELERY_BROKER_URL",
            "CELERY_BROKER_USE_SSL",
            "CELERY_REDIS_BACKEND_USE_SSL"
        ]
    );
}

#[test]
fn postgresqls_own_negotiation_is_an_explicit_choice_and_asks_nothing_of_the_config() {
    let settings = json!({"connections": {"mtls": {"sslNegotiation": "postgres"}}});
    let plan = plan("3.1.1", json!({}), settings);
    assert!(variables(&worker(&plan)).contains(&("NAUTOBOT_DB_SSLNEGOTIATION", "postgres")));
    let config = plan.config.unwrap();
    assert_eq!(config.must_read, ["NAUTOBOT_DB_SSLMODE", "NAUTOBOT_REDIS_SSL_CA_CERTS"]);
    assert!(!config.reason.contains("gateway"), "{}", config.reason);
}

#[test]
fn another_mount_path_is_told_to_the_config() {
    let mtls = json!({"mountPath": "/tls", "sslMode": "verify-full"});
    let plan = plan("3.1.1", json!({}), json!({"connections": {"mtls": mtls}}));
    let worker = worker(&plan);
    for expected in [
        ("NAUTOBOT_DB_SSLMODE", "verify-full"),
        ("NAUTOBOT_DB_SSLNEGOTIATION", "direct"),
        ("NAUTOBOT_DB_SSLCERT", "/tls/tls.crt"),
        ("NAUTOBOT_DB_SSLKEY", "/tls/tls.key"),
        ("NAUTOBOT_DB_SSLROOTCERT", "/tls/ca.crt"),
        ("NAUTOBOT_REDIS_SSL_CA_CERTS", "/tls/ca.crt"),
    ] {
        assert!(variables(&worker).contains(&expected), "{expected:?}");
    }
    assert_eq!(
        plan.config.unwrap().must_read,
        [
            "NAUTOBOT_DB_SSLMODE",
            "NAUTOBOT_DB_SSLNEGOTIATION",
            "NAUTOBOT_DB_SSLCERT",
            "NAUTOBOT_DB_SSLKEY",
            "NAUTOBOT_DB_SSLROOTCERT",
            "NAUTOBOT_REDIS_SSL_CA_CERTS"
        ]
    );
}

#[test]
fn settings_can_lift_the_demand_on_the_config_with_a_warning() {
    let settings = json!({"connections": {"mtls": {"requireConfig": false}}});
    let plan = plan("3.1.1", json!({}), settings);
    assert!(plan.config.is_none());
    assert_eq!(findings(&plan, "worker/config-unchecked").len(), 1);
}

#[test]
fn without_mutual_tls_no_certificate_and_no_demand() {
    let settings = json!({"connections": {"mtls": {"enabled": false}}});
    let plan = plan("3.1.1", json!({}), settings);
    assert!(plan.config.is_none());
    assert_eq!(edited(&plan, "/nautobot/redis/ssl"), None);
    let config = ("NAUTOBOT_CONFIG", "/opt/nautobot/nautobot_config.py");
    assert_eq!(variables(&worker(&plan)), [config]);
}

#[test]
fn without_settings_connections_stay_as_base_values_have_them() {
    let values = json!({"nautobot": {
        "db": {"host": "db.x", "existingSecret": "db"},
        "redis": {"host": "r.x"},
        "django": {"existingSecret": "django"},
    }});
    for version in MAJORS {
        let plan = plan(version, values.clone(), json!({}));
        for key in ["db", "redis", "django"] {
            assert!(overlay(&plan)["nautobot"].get(key).is_none(), "{key}");
        }
        assert!(plan.config.is_none());
        assert_eq!(codes(&plan), [""; 0]);
    }
}

#[test]
fn names_in_the_base_values_win_over_defaults_and_settings_over_both() {
    let values = json!({"nautobot": {"db": {"existingSecret": "base"},
        "redis": {"existingSecret": "base"}}});
    let settings = json!({"connections": {"secrets": {"redis": "mine"}}});
    let plan = plan("3.1.1", values, settings);
    assert_eq!(edited(&plan, "/nautobot/db/existingSecret"), None);
    assert_eq!(edited(&plan, "/nautobot/redis/existingSecret"), Some(json!("mine")));
}

#[test]
fn a_chart_2_needs_the_key_of_the_password_and_a_chart_3_has_it() {
    let path = "/nautobot/db/existingSecretPasswordKey";
    let empty = json!({"nautobot": {"db": {"existingSecretPasswordKey": ""}}});
    assert_eq!(edited(&plan("2.5.9", empty, connected()), path), Some(json!("password")));
    let named = json!({"nautobot": {"db": {"existingSecretPasswordKey": "pw"}}});
    assert_eq!(edited(&plan("2.5.9", named, connected()), path), None);
    assert_eq!(edited(&plan("3.1.1", json!({}), connected()), path), None);
}

#[test]
fn the_user_is_set_on_2_and_reported_as_ignored_on_3() {
    let settings = json!({"connections": {"database": {"host": "d", "user": "app", "name": "n"}}});
    let two = plan("2.5.9", json!({}), settings.clone());
    assert_eq!(edited(&two, "/nautobot/db/user"), Some(json!("app")));
    assert_eq!(edited(&two, "/nautobot/db/name"), Some(json!("n")));
    let three = plan("3.1.1", json!({}), settings);
    assert_eq!(edited(&three, "/nautobot/db/user"), None);
    assert_eq!(findings(&three, "worker/user-ignored").len(), 1);
}

#[test]
fn hosts_that_nobody_names_are_warnings() {
    for values in
        [json!({}), json!({"nautobot": {"db": {"host": "postgres"}, "redis": {"host": ""}}})]
    {
        let plan = plan("2.5.9", values, json!({"connections": {}}));
        assert_eq!(codes(&plan), ["worker/no-database-host", "worker/no-redis-host"]);
    }
}

#[test]
fn a_secret_that_the_chart_would_make_up_is_a_warning() {
    let paths = |version| -> Vec<_> {
        let plan = plan(version, json!({}), json!({}));
        findings(&plan, "worker/made-up-secret")
            .iter()
            .filter_map(|finding| finding.path.clone())
            .collect()
    };
    assert_eq!(paths("2.5.9"), ["/nautobot/django/existingSecret"]);
    assert_eq!(paths("3.1.1"), ["/nautobot/django/existingSecret", "/nautobot/db/existingSecret"]);
}

#[test]
fn a_port_of_the_base_values_is_used_and_reported() {
    let values = |port: u64| json!({"nautobot": {"db": {"port": port}}});
    let other = plan("3.1.1", values(6432), connected());
    assert_eq!(overlay(&other)["nautobot"]["db"]["port"], 6432);
    let found = findings(&other, "worker/port");
    assert_eq!(
        found[0].message,
        "the base values set nautobot.db.port to 6432, but the gateway's routes follow the \
         setting connections.database.port, which is 5432 by default"
    );
    let same = plan("3.1.1", values(5432), connected());
    assert!(findings(&same, "worker/port").is_empty());
}

#[test]
fn a_port_by_variable_is_reported_as_one_of_the_chart_is() {
    let list = |name: &str, value: &str| json!([{"name": name, "value": value}]);
    for (name, setting) in [
        ("NAUTOBOT_DB_PORT", "connections.database.port"),
        ("NAUTOBOT_REDIS_PORT", "connections.redis.port"),
    ] {
        for (values, place) in [
            (json!({"celery": {"extraEnvVars": list(name, "7000")}}), "/celery/extraEnvVars/0"),
            (json!({"nautobot": {"extraVars": list(name, "7000")}}), "/nautobot/extraVars/0"),
        ] {
            let plan = plan("3.1.1", values, connected());
            assert_eq!(codes(&plan), ["worker/port"]);
            let warning = findings(&plan, "worker/port")[0];
            assert_eq!(warning.path.as_deref(), Some(place));
            assert!(warning.message.contains(setting) && warning.message.contains("7000"));
            assert_eq!(warning.hint.as_deref(), Some(&*format!("set {setting}: 7000")));
        }
        let default = if name == "NAUTOBOT_DB_PORT" { "5432" } else { "6379" };
        let values = json!({"celery": {"extraEnvVars": list(name, default)}});
        assert_eq!(codes(&plan("3.1.1", values, connected())), [""; 0]);
        let reference = json!([{"name": name, "valueFrom": {"configMapKeyRef": {"name": "a"}}}]);
        let values = json!({"celery": {"extraEnvVars": reference}});
        assert_eq!(codes(&plan("3.1.1", values, connected())), ["worker/port"]);
    }
}

#[test]
fn another_engine_than_postgresql_is_a_warning_beside_settings_of_the_database() {
    let mysql = json!({"nautobot": {"db": {"engine": "django.db.backends.mysql"}}});
    for version in MAJORS {
        let plan = plan(version, mysql.clone(), connected());
        let warning = findings(&plan, "worker/engine")[0];
        assert_eq!(warning.path.as_deref(), Some("/nautobot/db/engine"));
    }
    let variable = json!([{"name": "NAUTOBOT_DB_ENGINE", "value": "django.db.backends.mysql"}]);
    let values = json!({"celery": {"extraEnvVars": variable}});
    assert_eq!(codes(&plan("3.1.1", values, connected())), ["worker/engine"]);
    for engine in ["django.db.backends.postgresql", "django_prometheus.db.backends.postgresql", ""]
    {
        let values = json!({"nautobot": {"db": {"engine": engine}}});
        assert_eq!(codes(&plan("3.1.1", values, connected())), [""; 0], "{engine}");
    }
    assert!(findings(&plan("3.1.1", mysql, json!({})), "worker/engine").is_empty());
}
