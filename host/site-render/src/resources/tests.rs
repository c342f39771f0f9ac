use serde_json::{Value as Json, json};

use crate::emit::{Format, write};
use crate::finding::{Finding, Problems, Severity};
use crate::json::to_serde;
use crate::render;
use crate::rendered::Rendered;
use crate::request::Target;
use crate::setting::Settings;
use crate::test_support::{ENVIRONMENT, PROFILE, fleet, request, with_files};

/// A Deployment that policy `run` creates.
const DEPLOYMENT: &str = "\
{apiVersion: apps/v1, kind: Deployment, metadata: {name: worker}, spec: {replicas: 1, template: {spec: {containers: [{name: worker, image: a, env: [{name: A, value: '1'}], ports: [{containerPort: 80}], args: [x, y]}]}}}}";

/// Renders these resource files over the object of `run`.
fn laid(object: &str, files: &[(&str, &str)]) -> Result<Rendered, Problems> {
    let environment = format!(
        "{ENVIRONMENT}    policies: {{run: {{objects: [{object}]}}, check-all: {{}}}}\n    resources: [environments/dev/resources, \"sites/{{{{site}}}}/resources\"]\n"
    );
    let base = fleet(&environment, PROFILE, &[("run", json!({})), ("check-all", json!({}))]);
    render(&with_files(&base, files), &request(Target::Resources, Settings::default()))
}

fn objects(files: &[(&str, &str)]) -> Vec<Json> {
    laid(DEPLOYMENT, files).unwrap().documents.iter().map(to_serde).collect()
}

fn problems(files: &[(&str, &str)]) -> Vec<Finding> {
    laid(DEPLOYMENT, files).unwrap_err().0
}

/// Returns a patch of that Deployment.
fn change(spec: &str) -> String {
    format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: worker}}\nspec: {spec}\n")
}

const ENV: &str = "environments/dev/resources/a.yaml";
const SITE: &str = "sites/one/resources/a.yaml";

#[test]
fn a_file_adds_to_what_a_policy_makes_and_stands_beside_it() {
    let own = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n";
    let file = format!("{}---\n{own}---\n", change("{paused: true}"));
    let all = objects(&[(ENV, &file)]);
    assert_eq!(all[0]["spec"]["paused"], json!(true));
    assert_eq!(all[0]["spec"]["replicas"], json!(1));
    assert_eq!(all[1]["metadata"], json!({"name": "own", "namespace": "web"}));
    assert_eq!(all.len(), 2);
}

#[test]
fn another_namespace_is_the_operators_to_allow() {
    let file = change("{}").replace("{name: worker}", "{name: worker, namespace: other}");
    let found = problems(&[(ENV, &file)]);
    assert_eq!(
        found.iter().map(|finding| &*finding.code).collect::<Vec<_>>(),
        ["deploy/namespace"]
    );
}

#[test]
fn keyed_lists_merge_by_their_keys_and_others_are_one_value() {
    let containers = "{template: {spec: {containers: [{name: worker, env: [{name: B, value: '2'}, {name: A, value: '3'}], ports: [{containerPort: 80, protocol: UDP}, {containerPort: 80, name: http}], args: [z]}, {name: side, image: b}]}}}";
    let spec = &objects(&[(ENV, &change(containers))])[0]["spec"]["template"]["spec"];
    assert_eq!(
        spec["containers"],
        json!([
            {
                "name": "worker",
                "image": "a",
                "env": [{"name": "A", "value": "3"}, {"name": "B", "value": "2"}],
                "ports": [{"containerPort": 80, "name": "http"}, {"containerPort": 80, "protocol": "UDP"}],
                "args": ["z"],
            },
            {"name": "side", "image": "b"},
        ])
    );
}

#[test]
fn a_list_of_a_kind_that_kubernetes_does_not_bring_is_one_value() {
    let object = "{apiVersion: example.net/v1, kind: Thing, metadata: {name: t}, spec: {containers: [{name: a}]}}";
    let file = "apiVersion: example.net/v1\nkind: Thing\nmetadata: {name: t}\nspec: {containers: [{name: b}]}\n";
    let rendered = laid(object, &[(ENV, file)]).unwrap();
    let thing = to_serde(&rendered.documents[0]);
    assert_eq!(thing["spec"]["containers"], json!([{"name": "b"}]));
}

#[test]
fn a_null_takes_a_key_away() {
    let deployment = &objects(&[(SITE, &change("{replicas: null}"))])[0];
    assert!(deployment["spec"].get("replicas").is_none(), "{deployment}");
}

#[test]
fn a_change_of_what_the_maker_said_is_a_note_with_its_place() {
    let rendered = laid(DEPLOYMENT, &[(SITE, &change("{replicas: 3}"))]).unwrap();
    assert_eq!(to_serde(&rendered.documents[0])["spec"]["replicas"], json!(3));
    let note = rendered.findings.iter().find(|note| note.code == "resources/changed").unwrap();
    assert_eq!(note.severity, Severity::Note);
    assert_eq!(note.place.as_ref().unwrap().to_string(), format!("{SITE}:4:18"));
    assert!(note.message.contains("created by policy run"), "{}", note.message);
}

#[test]
fn two_layers_that_disagree_on_what_neither_made_are_refused() {
    let (two, three) = (change("{replicas: 2}"), change("{replicas: 3}"));
    let found = problems(&[(ENV, &two), (SITE, &three)]);
    assert_eq!(found[0].code, "resources/conflict");
    assert!(found[0].message.contains(&format!("{ENV}:4:18 and {SITE}:4:18")), "{:?}", found[0]);
    assert!(objects(&[(ENV, &two), (SITE, &two)])[0]["spec"]["replicas"] == json!(2));
    let gone = change("{template: null}");
    let added = change("{template: {spec: {hostNetwork: true}}}");
    assert_eq!(problems(&[(ENV, &added), (SITE, &gone)])[0].code, "resources/conflict");
    assert_eq!(
        problems(&[(ENV, &change("{replicas: null}")), (SITE, &two)])[0].code,
        "resources/conflict"
    );
}

#[test]
fn a_site_may_change_what_its_environment_made() {
    let one = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\ndata: {a: '1'}\n";
    let other = one.replace('1', "2").replace("v2", "v1");
    let all = objects(&[(ENV, one), (SITE, &other)]);
    assert_eq!(all[1]["data"], json!({"a": "2"}));
}

#[test]
fn two_documents_of_one_layer_that_disagree_are_refused() {
    let file = format!("{}---\n{}", change("{replicas: 2}"), change("{replicas: 3}"));
    assert_eq!(problems(&[(ENV, &file)])[0].code, "resources/conflict");
    let own = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\ndata: {a: b}\n";
    let file = format!("{own}---\n{}", own.replace("a: b", "a: c"));
    assert_eq!(problems(&[(ENV, &file)])[0].code, "resources/conflict");
}

#[test]
fn what_is_no_object_is_refused_at_its_place() {
    let refused = |text: &str| {
        let found = problems(&[(ENV, text)]);
        format!("{} {} {}", found[0].code, found[0].message, found[0].place.as_ref().unwrap())
    };
    assert!(refused("- a\n").contains("is not an object"));
    assert!(refused("kind: A\n").contains("has no `apiVersion`"));
    assert!(refused("apiVersion: v1\nkind: 3\nmetadata: {name: a}\n").contains("has no `kind`"));
    assert!(refused("apiVersion: v1\nkind: A\n").contains("has no `metadata`"));
    assert!(refused("apiVersion: v1\nkind: A\nmetadata: {name: 3}\n").ends_with("a.yaml:3:12"));
    let list = "apiVersion: v1\nkind: List\nmetadata: {name: a}\nitems: []\n";
    assert!(refused(list).contains("each as a document"));
    assert!(refused("a: [\n").starts_with("yaml/"));
    let keyless = change("{template: {spec: {containers: [{image: x}]}}}");
    assert!(refused(&keyless).starts_with("resources/item"));
    let twice = change("{template: {spec: {containers: [{name: a}, {name: a}]}}}");
    assert!(refused(&twice).starts_with("resources/item"));
    assert!(refused(&change("{template: [1]}")).starts_with("resources/kind"));
}

#[test]
fn a_secret_with_something_in_it_is_refused_without_showing_it() {
    let file = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: hush}\n";
    let found = &problems(&[(ENV, file)])[0];
    assert_eq!(found.code, "secret/literal");
    assert!(!format!("{found:?}").contains("hush"));
    let empty = file.replace("stringData: {a: hush}", "data: {}");
    assert_eq!(objects(&[(ENV, &empty)]).len(), 2);
}

#[test]
fn a_missing_folder_is_told_where_all_sites_share_it() {
    let rendered = laid(DEPLOYMENT, &[]).unwrap();
    let codes: Vec<_> = rendered.findings.iter().map(|finding| &*finding.code).collect();
    assert_eq!(codes.iter().filter(|code| **code == "resources/absent").count(), 1, "{codes:?}");
}

#[test]
fn a_near_name_is_told() {
    let file = change("{replicas: 2}").replace("name: worker", "name: wroker");
    let rendered = laid(DEPLOYMENT, &[(ENV, &file)]).unwrap();
    let told = rendered.findings.iter().find(|finding| finding.code == "resources/near-name");
    assert!(told.unwrap().hint.as_ref().unwrap().contains("`worker`"));
}

#[test]
fn other_files_of_a_folder_are_not_read_and_too_many_are_refused() {
    let own = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n";
    let files = [
        ("environments/dev/resources/README.md", "- no"),
        ("environments/dev/resources/below/a.yaml", own),
        ("environments/dev/resources/b.yml", own),
    ];
    assert_eq!(objects(&files).len(), 2);
    let paths: Vec<String> =
        (0..65).map(|index| format!("environments/dev/resources/{index}.yaml")).collect();
    let many: Vec<_> = paths.iter().map(|path| (path.as_str(), own)).collect();
    assert_eq!(problems(&many)[0].code, "resources/too-many");
}

#[test]
fn a_check_sees_the_objects_after_the_merge() {
    let own = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\n";
    let rendered = laid(DEPLOYMENT, &[(ENV, own)]).unwrap();
    let seen: Vec<_> = rendered.findings.iter().filter(|finding| finding.code == "seen").collect();
    let names: Vec<&str> = seen.iter().map(|finding| &finding.message[..6]).collect();
    assert_eq!(names, ["worker", "own (p"]);
}

#[test]
fn each_value_says_which_layer_it_is_from() {
    let rendered = laid(DEPLOYMENT, &[(SITE, &change("{replicas: 3}"))]).unwrap();
    let text = write(&rendered, Format::Yaml { annotate: true });
    assert!(text.starts_with("# run makes it (run)\napiVersion: apps/v1\n"), "{text}");
    assert!(text.contains(&format!("  # {SITE}\n  replicas: 3\n")), "{text}");
}

#[test]
fn a_null_of_the_creator_is_data_and_one_of_a_later_layer_deletes() {
    let release = "apiVersion: example.net/v1\nkind: Release\nmetadata: {name: r}\nspec: {values: {limits: {cpu: null, memory: 1Gi}, livenessProbe: null, list: [null, {a: null}]}}\n";
    let release_in = |files: &[(&str, &str)]| objects(files)[1]["spec"]["values"].clone();
    let all = json!({"limits": {"cpu": null, "memory": "1Gi"}, "livenessProbe": null, "list": [null, {"a": null}]});
    assert_eq!(release_in(&[(ENV, release)]), all);
    let patch = "apiVersion: example.net/v1\nkind: Release\nmetadata: {name: r}\nspec: {values: {limits: {memory: null}, more: {b: null}, list: [{c: null}], gone: null}}\n";
    assert_eq!(
        release_in(&[(ENV, release), (SITE, patch)]),
        json!({"limits": {"cpu": null}, "livenessProbe": null, "list": [{"c": null}], "more": {}})
    );
}

#[test]
fn a_directive_of_kustomize_is_refused() {
    let container = |text: &str| format!("{{template: {{spec: {{containers: [{text}]}}}}}}");
    for spec in [
        "{$patch: replace}".to_owned(),
        container("{name: worker, $patch: delete}"),
        container("{name: worker, $retainKeys: [name]}"),
        "{$setElementOrder/x: []}".to_owned(),
        "{$deleteFromPrimitiveList/x: []}".to_owned(),
    ] {
        let found = &problems(&[(ENV, &change(&spec))])[0];
        assert_eq!(found.code, "resources/object");
        assert!(found.message.contains("the directive `$"), "{}", found.message);
        assert!(found.hint.as_ref().unwrap().contains("null"), "{found:?}");
    }
    let schema = "apiVersion: example.net/v1\nkind: Thing\nmetadata: {name: t}\nspec: {$ref: x, $patches: y}\n";
    assert_eq!(objects(&[(ENV, schema)]).len(), 2);
    let kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: {name: k}\nresources: [a.yaml]\n";
    let found = &problems(&[(ENV, kustomization)])[0];
    assert!(found.message.contains("is for kustomize"), "{}", found.message);
}

#[test]
fn webhooks_and_finalizers_are_merged_as_the_api_server_does() {
    let hook = |more: &str| {
        format!(
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {{name: h, finalizers: [{more}/x, a/b]}}\nwebhooks: [{{name: {more}.example, sideEffects: None}}]\n"
        )
    };
    let all = objects(&[(ENV, &hook("one")), (SITE, &hook("two"))]);
    assert_eq!(all[1]["metadata"]["finalizers"], json!(["one/x", "a/b", "two/x"]));
    let names = all[1]["webhooks"].as_array().unwrap().iter().map(|hook| &hook["name"]);
    assert_eq!(names.collect::<Vec<_>>(), ["one.example", "two.example"]);
}

#[test]
fn one_of_both_is_refused_until_a_null_removes_the_other() {
    let pod = |more: &str| format!("{{template: {{spec: {{{more}}}}}}}");
    let worker = |more: &str| pod(&format!("containers: [{{name: worker, {more}}}]"));
    let from = "valueFrom: {fieldRef: {fieldPath: x}}";
    for (earlier, later, second) in [
        ("{}".to_owned(), worker(&format!("env: [{{name: A, {from}}}]")), "valueFrom"),
        (
            pod("volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]"),
            pod("volumes: [{name: v, emptyDir: {}}]"),
            "emptyDir",
        ),
        (
            worker("livenessProbe: {exec: {command: [a]}}"),
            worker("livenessProbe: {httpGet: {port: 1}}"),
            "httpGet",
        ),
        (
            "{strategy: {rollingUpdate: {maxSurge: 1}}}".to_owned(),
            "{strategy: {type: Recreate}}".to_owned(),
            "type",
        ),
    ] {
        let found = problems(&[(ENV, &change(&earlier)), (SITE, &change(&later))]);
        assert_eq!(found[0].code, "resources/union", "{later}");
        assert!(found[0].message.contains(&format!("`{second}`")), "{}", found[0].message);
        assert!(found[0].place.as_ref().unwrap().to_string().starts_with(SITE), "{later}");
    }
    for later in [
        worker(&format!("env: [{{name: A, value: null, {from}}}]")),
        worker(&format!("env: [{{name: A, value: '', {from}}}]")),
        "{strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}".to_owned(),
    ] {
        assert_eq!(objects(&[(SITE, &change(&later))]).len(), 1, "{later}");
    }
}
