use policy_sdk::harness::findings;
use policy_sdk::{Plan, Severity};
use serde_json::{Value, json};

use crate::tests::{MAJORS, connected, plan};

fn places(plan: &Plan) -> Vec<String> {
    findings(plan, "worker/invalid").iter().filter_map(|finding| finding.path.clone()).collect()
}

#[test]
fn what_kubernetes_refuses_is_an_error_at_its_line() {
    for (celery, place) in [
        (json!({"extraEnvVars": [{"name": "A", "value": 1}]}), "/extraEnvVars/0/value"),
        (json!({"extraEnvVars": [{"name": "A", "value": true}]}), "/extraEnvVars/0/value"),
        (json!({"extraEnvVars": [{"name": "A", "value": ["x"]}]}), "/extraEnvVars/0/value"),
        (
            json!({"extraEnvVars": [{"name": "A", "value": "x", "valueFrom": {"fieldRef": {}}}]}),
            "/extraEnvVars/0/valueFrom",
        ),
        (json!({"extraEnvVars": [{"value": "x"}]}), "/extraEnvVars/0"),
        (json!({"extraEnvVars": [{"name": 7, "value": "x"}]}), "/extraEnvVars/0/name"),
        (json!({"extraEnvVars": [{"name": "A=x"}]}), "/extraEnvVars/0/name"),
        (json!({"extraEnvVars": [{"name": "A"}, null]}), "/extraEnvVars/1"),
        (json!({"extraEnvVars": ["A=x"]}), "/extraEnvVars/0"),
        (json!({"extraVolumes": [{"name": "My_Volume", "emptyDir": {}}]}), "/extraVolumes/0/name"),
        (json!({"extraVolumes": [{"name": "a".repeat(64)}]}), "/extraVolumes/0/name"),
        (json!({"extraVolumes": [{"emptyDir": {}}]}), "/extraVolumes/0"),
        (json!({"extraVolumes": [null]}), "/extraVolumes/0"),
        (
            json!({"extraVolumeMounts": [{"name": "gone", "mountPath": "/x"}]}),
            "/extraVolumeMounts/0/name",
        ),
        (json!({"extraVolumeMounts": [{"name": "git-repos"}]}), "/extraVolumeMounts/0"),
        (
            json!({"extraVolumeMounts": [{"name": "git-repos", "mountPath": "/a:b"}]}),
            "/extraVolumeMounts/0/mountPath",
        ),
        (json!({"podLabels": {"team": "a b"}}), "/podLabels/team"),
        (json!({"podLabels": {"team": "-x"}}), "/podLabels/team"),
        (json!({"podLabels": {"a/b/c": "x"}}), "/podLabels/a~1b~1c"),
        (json!({"sidecars": [{"name": "nautobot-celery"}]}), "/sidecars/0/name"),
        (
            json!({"sidecars": [{"name": "a"}], "initContainers": [{"name": "a"}]}),
            "/initContainers/0/name",
        ),
        (json!({"sidecars": [{"image": "a"}]}), "/sidecars/0"),
        (
            json!({"sidecars": [{"name": "a", "env": [{"name": "A", "value": 1}]}]}),
            "/sidecars/0/env/0/value",
        ),
        (
            json!({"sidecars": [{"name": "a", "volumeMounts": [{"name": "b", "mountPath": "/b"}]}]}),
            "/sidecars/0/volumeMounts/0/name",
        ),
    ] {
        for version in MAJORS {
            let plan = plan(version, json!({"celery": celery.clone()}), connected());
            assert_eq!(places(&plan), [["/celery", place].concat()], "{celery}");
            assert_eq!(findings(&plan, "worker/invalid")[0].severity, Severity::Error);
        }
    }
}

#[test]
fn what_kubernetes_takes_is_fine() {
    for celery in [
        json!({"extraEnvVars": [
            {"name": "A", "value": "1"}, {"name": "B", "value": null}, {"name": "C"},
            {"name": "D", "value": "", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "E.e-e", "value": "{{ .Release.Name }}"}, "{{ .Values.more }}",
        ]}),
        json!({"extraVolumes": [{"name": "{{ .Release.Name }}-x", "emptyDir": {}}],
               "extraVolumeMounts": [{"name": "any", "mountPath": "/x"}]}),
        json!({"extraVolumeMounts": [{"name": "mtls-client", "mountPath": "/y"}]}),
        json!({"podLabels": {"example.org/team": "a.b_c-d", "empty": "", "{{ .x }}": "a b", "t": "{{ .y }}"}}),
        json!({"sidecars": [{"name": "a", "volumeMounts": [{"name": "git-repos", "mountPath": "/b"}]}]}),
        json!({"sidecars": "{{ .Values.x }}"}),
    ] {
        let plan = plan("3.1.1", json!({"celery": celery.clone()}), connected());
        assert_eq!(places(&plan), [""; 0], "{celery}: {:?}", findings(&plan, "worker/invalid"));
    }
}

#[test]
fn labels_of_the_worker_hide_those_of_celery() {
    let values = |own: Value| json!({"celery": {"podLabels": {"a": "b c"}}, "workers": {"iad3": {"podLabels": own}}});
    let checked = |own| places(&plan("3.1.1", values(own), connected()));
    assert_eq!(checked(json!({"a": "b"})), [""; 0]);
    assert_eq!(checked(json!({"x": "-"})), ["/workers/iad3/podLabels/x", "/celery/podLabels/a"]);
}

#[test]
fn a_volume_may_come_of_a_file_that_nobody_reads() {
    let celery = json!({"extraVolumeMounts": [{"name": "gone", "mountPath": "/x"}]});
    let mut request = crate::tests::request("3.1.1", json!({"celery": celery}), json!({}));
    request["cluster"]["unread"] = json!(["values-secret.yaml"]);
    assert_eq!(places(&crate::tests::evaluate(request).unwrap()), [""; 0]);
}

#[test]
fn thousands_of_refused_items_are_reported_in_part() {
    let list: Vec<Value> =
        (0..5000).map(|n| json!({"name": format!("N{n}"), "value": n})).collect();
    let plan = plan("3.1.1", json!({"celery": {"extraEnvVars": list}}), connected());
    let all = findings(&plan, "worker/invalid");
    assert_eq!(all.len(), 21);
    assert!(all[20].message.contains("4980 more items"), "{}", all[20].message);
}
