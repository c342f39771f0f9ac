use policy_sdk::Plan;
use policy_sdk::harness::findings;
use serde_json::{Value, json};

use crate::tests::{codes, connected, plan, worker};

fn of(volumes: Value, mounts: Value, mtls: Value) -> Plan {
    let mut settings = connected();
    settings["connections"]["mtls"] = mtls;
    settings["metrics"] = json!(false);
    let celery = json!({"extraVolumes": volumes, "extraVolumeMounts": mounts});
    plan("3.1.1", json!({"celery": celery}), settings)
}

fn variable(plan: &Plan, name: &str) -> Value {
    let worker = worker(plan);
    let list = worker["extraEnvVars"].as_array().unwrap();
    list.iter().find(|item| item["name"] == name).map_or(Value::Null, |item| item["value"].clone())
}

fn secret(name: &str, secret: &str) -> Value {
    json!([{"name": name, "secret": {"secretName": secret, "defaultMode": 288}}])
}

#[test]
fn a_secret_of_our_volumes_name_is_the_base_values_choice() {
    let plan = of(secret("mtls-client", "own"), json!([]), json!({}));
    assert!(worker(&plan).get("extraVolumes").is_none());
    assert_eq!(
        worker(&plan)["extraVolumeMounts"],
        json!([{"name": "mtls-client", "mountPath": "/etc/nautobot/mtls", "readOnly": true}])
    );
    assert_eq!(codes(&plan), [""; 0]);
}

#[test]
fn where_the_base_values_mount_the_secret_is_where_the_variables_lead() {
    let mounts = json!([{"name": "certs", "mountPath": "/certs/"}]);
    let plan = of(secret("certs", "nautobot-mtls-client"), mounts, json!({}));
    assert!(worker(&plan).get("extraVolumes").is_none());
    assert!(worker(&plan).get("extraVolumeMounts").is_none());
    assert_eq!(variable(&plan, "NAUTOBOT_DB_SSLKEY"), "/certs/tls.key");
    assert_eq!(variable(&plan, "NAUTOBOT_REDIS_SSL_CA_CERTS"), "/certs/ca.crt");
    // A part of the Secret is not the place of all three files.
    let part = json!([{"name": "certs", "mountPath": "/x", "subPath": "tls.crt"}]);
    let plan = of(secret("certs", "nautobot-mtls-client"), part, json!({}));
    assert_eq!(worker(&plan)["extraVolumeMounts"][1]["mountPath"], "/etc/nautobot/mtls");
    assert_eq!(worker(&plan)["extraVolumeMounts"][1]["name"], "certs");
}

#[test]
fn a_certificate_at_our_path_stays_unless_a_setting_names_another() {
    let mounts = json!([{"name": "certs", "mountPath": "/etc/nautobot/mtls"}]);
    for volumes in [
        secret("certs", "own"),
        json!([{"name": "certs", "projected": {"sources": []}}]),
        json!([{"name": "certs", "csi": {"driver": "csi.cert-manager.io"}}]),
    ] {
        let plan = of(volumes, mounts.clone(), json!({}));
        assert!(worker(&plan).get("extraVolumeMounts").is_none());
        assert_eq!(codes(&plan), [""; 0]);
    }
    let plan = of(secret("certs", "own"), mounts, json!({"secretName": "set"}));
    let note = findings(&plan, "worker/replaced")[0];
    assert!(note.message.contains("(set) replaces the Secret at /etc/nautobot/mtls (own)"));
    assert_eq!(worker(&plan)["extraVolumeMounts"].as_array().unwrap().len(), 1);
    assert_eq!(worker(&plan)["extraVolumes"][1]["secret"]["secretName"], "set");
}

#[test]
fn a_setting_replaces_the_secret_of_our_volume() {
    let plan = of(secret("mtls-client", "own"), json!([]), json!({"secretName": "set"}));
    assert_eq!(findings(&plan, "worker/replaced").len(), 1);
    let volumes = &worker(&plan)["extraVolumes"];
    assert_eq!(volumes.as_array().unwrap().len(), 1);
    assert_eq!(volumes[0]["secret"]["secretName"], "set");
}

#[test]
fn a_certificate_from_elsewhere_may_have_our_volumes_name() {
    let volumes = json!([{"name": "mtls-client", "csi": {"driver": "csi.cert-manager.io"}}]);
    let plan = of(volumes.clone(), json!([]), json!({}));
    assert_eq!(codes(&plan), [""; 0]);
    assert!(worker(&plan).get("extraVolumes").is_none());
    assert_eq!(worker(&plan)["extraVolumeMounts"][0]["name"], "mtls-client");
    assert_eq!(codes(&of(volumes, json!([]), json!({"secretName": "set"}))), ["worker/volume"]);
}

#[test]
fn what_hides_the_certificate_is_an_error() {
    let mounts = json!([{"name": "x", "mountPath": "/etc/nautobot//mtls/"}]);
    for volumes in [json!([{"name": "x", "emptyDir": {}}]), json!([])] {
        let plan = of(volumes, mounts.clone(), json!({}));
        let error = findings(&plan, "worker/mount")[0];
        assert_eq!(error.path.as_deref(), Some("/celery/extraVolumeMounts/0/mountPath"));
    }
    let part = json!([{"name": "x", "mountPath": "/etc/nautobot/mtls", "subPath": "tls.crt"}]);
    let plan = of(secret("x", "own"), part, json!({}));
    assert_eq!(codes(&plan), ["worker/mount"]);
    let plan = of(json!([{"name": "mtls-client", "emptyDir": {}}]), json!([]), json!({}));
    let error = findings(&plan, "worker/volume")[0];
    assert_eq!(error.path.as_deref(), Some("/celery/extraVolumes/0/name"));
}

#[test]
fn items_of_the_secret_give_its_files_their_names() {
    let volumes = |crt: &str| {
        json!([{"name": "mtls-client", "secret": {"secretName": "own", "defaultMode": 288, "items": [
            {"key": "tls.crt", "path": crt}, {"key": "tls.key", "path": "tls.key"},
            {"key": "ca.crt", "path": "ca.crt"},
        ]}}])
    };
    for mounts in [json!([]), json!([{"name": "mtls-client", "mountPath": "/etc/nautobot/mtls"}])] {
        let plan = of(volumes("cert.pem"), mounts.clone(), json!({}));
        assert_eq!(codes(&plan), ["worker/certificate-file"], "{mounts}");
        let warning = findings(&plan, "worker/certificate-file")[0];
        assert_eq!(warning.path.as_deref(), Some("/celery/extraVolumes/0/secret/items"));
        assert!(warning.message.contains("cert.pem"), "{}", warning.message);
        assert!(warning.message.contains("NAUTOBOT_DB_SSLCERT"), "{}", warning.message);
        assert_eq!(codes(&of(volumes("tls.crt"), mounts, json!({}))), [""; 0]);
    }
}
