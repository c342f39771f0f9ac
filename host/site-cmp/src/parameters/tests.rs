use site_render::setting::RawValue;

use super::*;

fn with(pairs: &[(&str, &str)]) -> Result<Parameters, Vec<String>> {
    let owned = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    read_parameters(owned).map_err(|problems| problems.0.into_iter().map(|f| f.message).collect())
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
fn all_mistakes_are_reported_at_once() {
    let errors = parameters(
        r#"[{"name":"siet","string":"a"},{"name":"site","array":["a"]},
            {"name":"target","string":"values"},{"name":"environment","string":"a"},
            {"name":"environment","string":"b"},{"name":"component"},
            {"name":"closed-gate","string":"open"},{"string":"x"},
            {"name":"a.b"},{"name":"a.c","string":"x","array":[]},{"name":"a.","string":"x"},
            {"name":"overlay","map":{}},{"name":"chart.version","string":"2"},
            {"name":"a.d","string":"x"},{"name":"a.d","string":"y"}]"#,
    )
    .unwrap_err();
    assert_eq!(
        errors,
        [
            "unknown parameter `siet`",
            "parameter site must be one string",
            "parameter environment is set twice",
            "parameter component must be one string",
            "unknown parameter ``",
            "parameter a.b must have one of string, array and map",
            "parameter a.c must have one of string, array and map",
            "unknown parameter `a.`",
            "parameter overlay is read-only",
            "parameter chart is read-only",
            "parameter a.d is set twice",
            "`values` is not a valid target for Argo CD",
            "`open` is not a valid closed-gate",
        ]
    );
    let errors = parameters("{").unwrap_err();
    assert!(errors[0].starts_with("ARGOCD_APP_PARAMETERS is not a list"));
}

#[test]
fn a_similar_name_is_suggested() {
    let hint = |name| parse::unknown_parameter(name).hint.unwrap();
    assert_eq!(hint("closedgate"), "did you mean `closed-gate`?");
    assert!(hint("xyz").starts_with("parameters: site, environment"));
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
    assert_eq!(read.reported.kube_version.as_deref(), Some("1.33.0"));
    assert_eq!(read.reported.api_versions, ["v1", "apps/v1"]);
    assert_eq!(read.project, "sites");
    assert_eq!(read.depth(), Some(2));
}

#[test]
fn a_name_with_a_dot_is_a_setting_of_a_policy() {
    let read = with(&[
        (
            "ARGOCD_APP_PARAMETERS",
            r#"[{"name":"a.b","string":""},{"array":["b\u003cc"],"name":"a.c.d"},{"map":{"k":"v"},"name":"a.e"}]"#,
        ),
        ("ARGOCD_ENV_A_F", "1"),
        ("ARGOCD_ENV_A_G", ""),
        ("ARGOCD_ENV_SITE", "one"),
        ("ARGOCD_APP_NAME", "one"),
        ("SECRET", "of this process"),
    ])
    .unwrap();
    let said: Vec<_> = read.settings.named.iter().map(|s| (s.name.as_str(), &s.value)).collect();
    let map = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
    assert_eq!(
        said,
        [
            ("a.b", &RawValue::Text(String::new())),
            ("a.c.d", &RawValue::List(vec!["b<c".to_owned()])),
            ("a.e", &RawValue::Map(map)),
        ]
    );
    assert_eq!(&*read.settings.named[0].from, "parameter a.b");
    assert_eq!(read.settings.variables, BTreeMap::from([("A_F".to_owned(), "1".to_owned())]));
}

#[test]
fn the_site_is_named_or_its_folders_or_the_last_folder_of_the_path() {
    let site = |pairs: &[(&str, &str)], folder: &str| {
        let subject = with(pairs).unwrap().subject(folder);
        subject.map(|subject| subject.site().to_owned()).map_err(|p| p.0[0].code.clone())
    };
    let path = |path| [("ARGOCD_APP_SOURCE_PATH", path)];
    let named = [("ARGOCD_ENV_SITE", "named"), ("ARGOCD_APP_SOURCE_PATH", "sites/a")];
    assert_eq!(site(&named, "sites/b").unwrap(), "named");
    for elsewhere in ["", "."] {
        assert_eq!(site(&path("./sites/a/"), elsewhere).unwrap(), "a", "{elsewhere}");
        for nowhere in [".", "", "./", "sites/.."] {
            assert_eq!(site(&path(nowhere), elsewhere).unwrap_err(), "argocd/site", "{nowhere}");
        }
    }
    assert_eq!(site(&[], "sites/b").unwrap(), "b");
}

#[test]
fn what_could_not_be_executed_is_not_read_either() {
    let long = "x".repeat(VARIABLE_BYTES + 1);
    let errors = with(&[("ARGOCD_ENV_A_B", &long), ("ARGOCD_APP_PARAMETERS", &long)]).unwrap_err();
    assert_eq!(errors.len(), 2);
    assert!(errors.iter().all(|error| error.len() < 200 && error.contains("131073 bytes")));
    with(&[("SOMETHING_ELSE", &long)]).unwrap();
}

#[test]
fn of_two_variables_with_one_name_the_later_takes_effect() {
    let read = with(&[("ARGOCD_ENV_COMPONENT", "a"), ("ARGOCD_ENV_COMPONENT", "b")]).unwrap();
    assert_eq!(read.component.as_deref(), Some("b"));
}

fn repo_file(path: &str) -> String {
    let repo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(repo.join(path)).unwrap()
}

#[test]
fn the_stock_plugin_announces_the_table_of_parameters() {
    let name = "argocd/exec/plugin.yaml";
    let file = site_render::yaml::decode(name, repo_file(name).as_bytes()).unwrap();
    let plugin = site_render::json::to_serde(&site_render::yaml::read(&file).unwrap().root);
    let announced = PLUGIN_PARAMETERS.iter().filter(|parameter| parameter.is_announced);
    let announced = announced.map(|parameter| {
        serde_json::json!({
            "name": parameter.name,
            "title": parameter.title,
            "tooltip": parameter.description(),
        })
    });
    let announced: Vec<_> = announced.collect();
    assert_eq!(plugin["spec"]["parameters"]["static"], serde_json::Value::Array(announced));
}

#[test]
fn the_page_on_argocd_has_each_parameter_with_its_values() {
    let page = repo_file("argocd/README.md");
    for parameter in &PLUGIN_PARAMETERS {
        let start = format!("| `{}` |", parameter.name);
        let row = page.lines().find(|line| line.starts_with(&start));
        let row = row.unwrap_or_else(|| panic!("no row {start}"));
        for value in (parameter.values)() {
            assert!(row.contains(&format!("`{value}`")), "{value} is missing in {row}");
        }
    }
}
