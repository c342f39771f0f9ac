use super::*;

fn with(pairs: &[(&str, &str)]) -> Result<Parameters, Vec<String>> {
    let find = |name: &str| {
        let pair = pairs.iter().find(|(key, _)| *key == name);
        pair.map(|(_, value)| (*value).to_owned())
    };
    read(find).map_err(|problems| problems.0.into_iter().map(|f| f.message).collect())
}

fn parameters(json: &str) -> Result<Parameters, Vec<String>> {
    with(&[("ARGOCD_APP_PARAMETERS", json)])
}

#[test]
fn none_at_all_is_fine_in_each_way_to_say_it() {
    for json in ["", "null", "[]"] {
        let read = parameters(json).unwrap();
        assert_eq!(read.target, Target::Application);
        assert_eq!(read.site, None);
        assert_eq!(read.closed_gate, ClosedGate::Marker);
    }
    assert_eq!(with(&[]).unwrap(), parameters("null").unwrap());
}

#[test]
fn each_parameter_is_read() {
    let read = parameters(
        r#"[{"name":"site","string":"a"},{"name":"target","string":"manifests"},
            {"name":"environment","string":"dev"},{"name":"component","string":"c"},
            {"name":"closed-gate","string":"empty"}]"#,
    )
    .unwrap();
    assert_eq!(read.site.as_deref(), Some("a"));
    assert_eq!(read.target, Target::Manifests);
    assert_eq!(read.environment.as_deref(), Some("dev"));
    assert_eq!(read.component.as_deref(), Some("c"));
    assert_eq!(read.closed_gate, ClosedGate::Empty);
}

#[test]
fn all_mistakes_are_told_at_once() {
    let errors = parameters(
        r#"[{"name":"siet","string":"a"},{"name":"site","array":["a"]},
            {"name":"target","string":"values"},{"name":"environment","string":"a"},
            {"name":"environment","string":"b"},{"name":"component"},
            {"name":"closed-gate","string":"open"},{"string":"x"}]"#,
    )
    .unwrap_err();
    assert_eq!(
        errors,
        [
            "there is no parameter `siet`",
            "parameter site must be one string",
            "parameter environment is given twice",
            "parameter component must be one string",
            "there is no parameter ``",
            "there is no target `values` for Argo CD",
            "a closed gate cannot give `open`",
        ]
    );
    let errors = parameters("{").unwrap_err();
    assert!(errors[0].starts_with("ARGOCD_APP_PARAMETERS is no list"));
}

#[test]
fn a_near_name_is_suggested() {
    let hint = |name| unknown(name).hint.unwrap();
    assert_eq!(hint("closedgate"), "did you mean `closed-gate`?");
    assert!(hint("xyz").starts_with("there are closed-gate, component"));
}

#[test]
fn the_plugins_environment_stands_in_for_a_parameter() {
    let read = with(&[
        ("ARGOCD_ENV_SITE", "from-env"),
        ("ARGOCD_ENV_CLOSED_GATE", "empty"),
        ("ARGOCD_ENV_TARGET", ""),
    ])
    .unwrap();
    assert_eq!(read.site.as_deref(), Some("from-env"));
    assert_eq!(read.closed_gate, ClosedGate::Empty);
    let read = with(&[
        ("ARGOCD_ENV_SITE", "from-env"),
        ("ARGOCD_APP_PARAMETERS", r#"[{"name":"site","string":"a"}]"#),
    ])
    .unwrap();
    assert_eq!(read.site.as_deref(), Some("a"));
}

#[test]
fn versions_project_and_depth_are_read() {
    let read = with(&[
        ("KUBE_VERSION", "v1.33.0"),
        ("KUBE_API_VERSIONS", "v1,apps/v1,"),
        ("ARGOCD_APP_PROJECT_NAME", "sites"),
        ("ARGOCD_APP_SOURCE_PATH", "./sites/a"),
    ])
    .unwrap();
    assert_eq!(read.cluster.kube_version.as_deref(), Some("1.33.0"));
    assert_eq!(read.cluster.api_versions, ["v1", "apps/v1"]);
    assert_eq!(read.project, "sites");
    assert_eq!(read.depth(), Some(2));
}
