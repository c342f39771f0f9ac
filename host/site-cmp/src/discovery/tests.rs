use super::*;

const VERSION: &str =
    r#"{"major":"1","minor":"33","gitVersion":"v1.33.4","platform":"linux/amd64"}"#;
const CORE: &str = r#"{"kind":"APIResourceList","groupVersion":"v1","resources":[
    {"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod","verbs":["list"]},
    {"name":"pods/eviction","namespaced":true,"group":"policy","version":"v1","kind":"Eviction","verbs":["create"]}]}"#;
const APPS: &str = r#"{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"apps/v1","resources":[
    {"name":"deployments","kind":"Deployment"},{"name":"deployments/status","kind":"Deployment"}]}"#;
const GROUPS: &str = r#"{"kind":"APIGroupList","groups":[{"name":"apps",
    "versions":[{"groupVersion":"apps/v1","version":"v1"}],"preferredVersion":{"groupVersion":"apps/v1"}}]}"#;

fn heard(documents: &[&str]) -> Result<ClusterApis, Finding> {
    let mut discovery = Discovery::default();
    discovery.read_documents("it", documents.join("\n").as_bytes())?;
    discovery.into_apis()
}

fn refused(documents: &[&str]) -> String {
    let finding = heard(documents).unwrap_err();
    format!("{} {}", finding.message, finding.hint.unwrap_or_default())
}

#[test]
fn groups_and_kinds_are_named_as_helm_names_them() {
    let seen = heard(&[VERSION, CORE, APPS, GROUPS]).unwrap();
    assert_eq!(seen.kube_version, "1.33.4");
    let apis: Vec<_> = seen.apis.iter().map(String::as_str).collect();
    assert_eq!(apis, ["apps/v1", "apps/v1/Deployment", "v1", "v1/Eviction", "v1/Pod"]);
}

#[test]
fn the_version_may_come_of_kubectl_version_too() {
    let both =
        r#"{"clientVersion":{"gitVersion":"v1.30.0"},"serverVersion":{"gitVersion":"v1.33.4"}}"#;
    assert_eq!(heard(&[both, CORE]).unwrap().kube_version, "1.33.4");
    let client = r#"{"clientVersion":{"gitVersion":"v1.30.0"}}"#;
    assert!(refused(&[client, CORE]).contains("of kubectl but not of a server"));
}

#[test]
fn a_group_whose_kinds_are_unknown_is_refused_by_name() {
    let said = refused(&[VERSION, CORE, GROUPS]);
    assert!(said.contains("the kinds of apps/v1 are missing"), "{said}");
    assert!(said.contains("--raw /apis/apps/v1"), "{said}");
    let mut discovery = Discovery::default();
    discovery.read_documents("it", GROUPS.as_bytes()).unwrap();
    assert_eq!(discovery.missing_groups(), ["apps/v1"]);
    assert_eq!(discovery_path("v1"), "/api/v1");
}

#[test]
fn what_says_no_version_or_no_api_is_refused() {
    assert!(refused(&[CORE]).contains("the version of the cluster is missing"));
    assert!(refused(&[VERSION]).contains("no API is listed"));
    assert!(refused(&[]).contains("is missing"));
    assert!(
        refused(&[r#"{"gitVersion":"latest"}"#])
            .contains("`latest` is not a valid Kubernetes version")
    );
}

#[test]
fn what_a_cluster_does_not_say_is_refused() {
    for (text, why) in [
        ("NAME  SHORTNAMES", "is not valid JSON"),
        ("{\"kind\":", "is not valid JSON"),
        ("[1]", "is not a discovery document"),
        ("{}", "JSON without a kind or a version"),
        (r#"{"kind":"PodList","items":[]}"#, "an object of kind PodList"),
        (r#"{"kind":"Status","message":"Unauthorized"}"#, "an error from the server: Unauthorized"),
        (r#"{"kind":"APIVersions","versions":["../../x"]}"#, "`../../x` is not a valid API name"),
        (r#"{"kind":"APIResourceList","resources":[]}"#, "`` is not a valid API name"),
        (
            r#"{"kind":"APIResourceList","groupVersion":"v1","resources":[{"kind":"a b"}]}"#,
            "`v1/a b` is not a valid API name",
        ),
    ] {
        let said = refused(&[text]);
        assert!(said.contains(why), "{text}: {said}");
    }
}

#[test]
fn more_apis_than_helm_can_be_told_are_refused() {
    let kinds: Vec<String> =
        (0..MOST_APIS).map(|kind| format!("{{\"kind\":\"K{kind}\"}}")).collect();
    let list = format!(
        "{{\"kind\":\"APIResourceList\",\"groupVersion\":\"v1\",\"resources\":[{}]}}",
        kinds.join(",")
    );
    assert!(refused(&[VERSION, &list]).contains("5001 APIs exceed the limit of 5000"));
}
