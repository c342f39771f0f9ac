//! The merge of resource files, beside kustomize's strategic merge.

use serde_json::{Map, Value, json};
use site_render::finding::Problems;
use site_render::json::{from_serde, to_string};
use site_render::origin::Origin;
use site_render::policy::Plan;
use site_render::request::Target;

use super::change_json::{Vocabulary, change_json};
use super::fleet_files::{ENVIRONMENT, Files, PROFILE, render_site};
use super::object_shape::{CUSTOM, KINDS, Kind, has_ambiguous_items, is_valid};
use super::oracle::Oracle;

const START: &str = r#"[{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"},
"spec": {"replicas": 1, "template": {"spec": {"containers": [{"name": "a", "image": "b",
"env": [{"name": "X", "value": "1"}], "ports": [{"containerPort": 80}]}]}}}},
{"spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "a",
"env": [{"name": "Y", "value": "2"}]}]}}}}]"#;

const VOCABULARY: Vocabulary = Vocabulary {
    keys: &[
        "spec",
        "template",
        "metadata",
        "containers",
        "initContainers",
        "ephemeralContainers",
        "env",
        "ports",
        "volumeMounts",
        "volumeDevices",
        "volumes",
        "imagePullSecrets",
        "hostAliases",
        "topologySpreadConstraints",
        "tolerations",
        "name",
        "value",
        "image",
        "args",
        "command",
        "labels",
        "annotations",
        "data",
        "rules",
        "secrets",
        "containerPort",
        "port",
        "protocol",
        "mountPath",
        "ip",
        "hostnames",
        "topologyKey",
        "whenUnsatisfiable",
        "key",
        "selector",
        "matchLabels",
        "affinity",
        "finalizers",
        "webhooks",
        "subjects",
        "uid",
        "valueFrom",
        "emptyDir",
        "strategy",
        "rollingUpdate",
        "type",
        "jobTemplate",
        "ownerReferences",
        "resourceClaims",
        "schedulingGates",
        "envFrom",
        "configMap",
        "resources",
        "limits",
        "listeners",
        "items",
        "conditions",
        "a",
        "b",
    ],
    values: &[
        "null",
        "{}",
        "[]",
        "1",
        "80",
        "true",
        "\"a\"",
        "\"b\"",
        "\"TCP\"",
        "\"UDP\"",
        "{\"name\":\"a\"}",
        "{\"name\":\"b\",\"value\":\"1\"}",
        "[{\"name\":\"a\"}]",
        "[{\"name\":\"b\"},{\"name\":\"a\",\"image\":\"c\"}]",
        "[{\"containerPort\":80}]",
        "[{\"containerPort\":80,\"protocol\":\"UDP\"}]",
        "[{\"port\":80,\"name\":\"a\"}]",
        "{\"name\":\"a\",\"value\":null}",
        "[{\"mountPath\":\"/a\",\"name\":\"b\"}]",
        "[{\"ip\":\"127.0.0.1\",\"hostnames\":[\"a\"]}]",
        "[\"a\",\"b\"]",
        "[{\"topologyKey\":\"a\",\"whenUnsatisfiable\":\"DoNotSchedule\"}]",
        "\"v1\"",
        "\"Service\"",
        "\"ConfigMap\"",
        "\"ServiceAccount\"",
        "\"StatefulSet\"",
        "\"Pod\"",
        "\"apps/v1\"",
        "\"batch/v1\"",
        "\"Job\"",
        "\"CronJob\"",
        "\"example.net/v1\"",
        "\"Thing\"",
        "\"NetworkPolicy\"",
        "\"ValidatingWebhookConfiguration\"",
        "\"MutatingWebhookConfiguration\"",
        "\"ClusterRole\"",
        "\"RoleBinding\"",
        "\"Ingress\"",
        "\"PersistentVolumeClaim\"",
        "\"HorizontalPodAutoscaler\"",
        "\"DaemonSet\"",
        "\"ReplicaSet\"",
        "\"Node\"",
        "[{\"name\":\"a\",\"valueFrom\":{\"fieldRef\":{\"fieldPath\":\"x\"}}}]",
        "[{\"uid\":\"a\"},{\"uid\":\"b\",\"name\":null}]",
        "[\"b\",\"c\"]",
        "[null,{\"a\":null}]",
        "\"networking.k8s.io/v1\"",
        "{\"a\":{\"b\":null}}",
    ],
};

/// What we refuse although kustomize merges it: the code, and the reason.
const REFUSALS: &[(&str, &str)] = &[
    ("resources/object", "an object needs an apiVersion, a kind and a name"),
    ("resources/item", "the item of a keyed list has no key, or has the key of another"),
    ("resources/kind", "a patch must not turn a list or a mapping into something else"),
    ("resources/union", "Kubernetes accepts one field of those"),
    ("secret/literal", "a Secret in Git has no data"),
];

/// What kustomize refuses although we merge it: a part of its message, and the reason.
const ACCEPTED: &[(&str, &str)] = &[(
    "wrong node kind",
    "an item of a keyed list that is no mapping is left as its creator wrote it",
)];

/// Returns a changed pair of an object and a patch.
pub(super) fn change(pair: &str, seed: u32) -> String {
    change_json(pair, seed, START, VOCABULARY)
}

/// Merges a patch into an object, given as a JSON list of two mappings. The patch gets the
/// identity of the object.
pub(super) fn check(pair: &[u8], kustomize: &mut Oracle) {
    let Ok([Value::Object(mut object), Value::Object(mut patch)]) =
        serde_json::from_slice::<[Value; 2]>(pair)
    else {
        return;
    };
    let kind = set_identity(&mut object, &mut patch);
    let (object, patch) = (Value::Object(object), Value::Object(patch));
    if !is_valid(&object, kind) || !is_valid(&patch, kind) {
        return;
    }
    let question = format!("[{},{}]", text_of(&object), text_of(&patch));
    let theirs = kustomize.ask(question.as_bytes());
    let ours = match merge(&object, &patch) {
        Ok(merged) => merged,
        Err(Problems(findings)) => {
            let known = |code: &str| REFUSALS.iter().any(|(listed, _)| *listed == code);
            let unlisted =
                findings.iter().find(|finding| finding.is_error() && !known(&finding.code));
            assert!(
                unlisted.is_none() || theirs.is_err(),
                "refused: {unlisted:?}\n  object {object}\n  patch  {patch}\n  theirs {theirs:?}"
            );
            return;
        }
    };
    let listed = |why: &String| ACCEPTED.iter().any(|(part, _)| why.contains(part));
    let agrees = match &theirs {
        Ok(theirs) => {
            is_same(&ours, theirs) || has_ambiguous_items(&object) || has_ambiguous_items(&patch)
        }
        Err(why) => listed(why),
    };
    assert!(
        agrees,
        "kustomize merges otherwise\n  object {object}\n  patch  {patch}\n  ours   {ours}\n  theirs {theirs:?}"
    );
}

/// Completes the identity of an object, and gives it to its patch. Returns the kind.
fn set_identity(object: &mut Map<String, Value>, patch: &mut Map<String, Value>) -> Kind {
    let named = object.get("kind").and_then(Value::as_str).unwrap_or("Pod");
    let kind = *KINDS.iter().find(|(name, ..)| *name == named).unwrap_or(&CUSTOM);
    for given in [object, patch] {
        given.insert("kind".to_owned(), kind.0.into());
        given.insert("apiVersion".to_owned(), kind.1.into());
        let metadata = given.entry("metadata").or_insert_with(|| json!({}));
        if !metadata.is_object() {
            *metadata = json!({});
        }
        metadata["name"] = json!("a");
        metadata["namespace"] = json!("web");
    }
    kind
}

/// Returns a value as JSON that each YAML reader reads.
fn text_of(value: &Value) -> String {
    to_string(&from_serde(value, &Origin::Built("fuzz")))
}

/// Merges the patch by a render of two folders of resource files.
fn merge(object: &Value, patch: &Value) -> Result<Value, Problems> {
    let environment = format!("{ENVIRONMENT}    resources: [resources/lower, resources/upper]\n");
    let fleet = Files::of_site(environment.as_bytes(), PROFILE.as_bytes())
        .with("resources/lower/object.yaml", text_of(object).as_bytes())
        .with("resources/upper/patch.yaml", text_of(patch).as_bytes())
        .open(Plan::default());
    let rendered = render_site(&fleet, Target::Resources)?;
    assert_eq!(rendered.documents.len(), 1, "one object is merged");
    Ok(site_render::json::to_serde(&rendered.documents[0]))
}

/// Returns whether two values are equal, where a string of theirs may stand for a number or a
/// boolean of ours: kustomize keeps the quotes of a value that it replaces.
fn is_same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Object(one), Value::Object(other)) => {
            let same = |(key, value)| other.get(key).is_some_and(|found| is_same(value, found));
            one.len() == other.len() && one.iter().all(same)
        }
        (Value::Array(one), Value::Array(other)) => {
            let mut pairs = one.iter().zip(other);
            one.len() == other.len() && pairs.all(|(one, other)| is_same(one, other))
        }
        (Value::Number(_) | Value::Bool(_), Value::String(text)) => {
            let written = ours.to_string();
            written == *text
        }
        _ => ours == theirs,
    }
}
