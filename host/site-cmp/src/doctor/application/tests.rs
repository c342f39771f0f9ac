use super::super::Verdict;
use super::*;

const TWO: &str = "
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec: {source: {path: charts/web}}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: a
  annotations: {argocd.argoproj.io/manifest-generate-paths: ../..}
spec:
  sources:
    - {path: sites/a, plugin: {name: site-cmp@v1}}
    - {chart: web}
";

const SET: &str = r#"
kind: ApplicationSet
spec:
  template:
    spec:
      source: {path: "{{ .path.path }}", plugin: {name: site-cmp-v1}}
"#;

fn read_text(text: &str, app: &str) -> Result<Application, CommandError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("application.yaml");
    std::fs::write(&file, text).unwrap();
    read_application(&file, app)
}

#[test]
fn the_application_of_the_folder_is_taken_else_the_first_with_a_plugin() {
    let of = |text, app| read_text(text, app).unwrap();
    assert_eq!(of(TWO, "charts/web").plugin, None);
    assert_eq!(of(TWO, "sites/a").plugin.as_deref(), Some("site-cmp@v1"));
    assert_eq!(of(TWO, "sites/b").generate_paths.as_deref(), Some("../.."));
    assert_eq!(of(SET, "sites/b").plugin.as_deref(), Some("site-cmp-v1"));
    assert!(read_text("kind: ConfigMap\n", "sites/a").is_err());
    assert!(read_text("kind: [", "sites/a").is_err());
    assert!(read_application(Path::new("/dev/zero"), "sites/a").is_err());
}

#[test]
fn another_plugin_or_none_is_told() {
    let of = |name: Option<&str>| Application {
        generate_paths: None,
        plugin: name.map(str::to_owned),
        path: String::new(),
    };
    for (name, verdict) in [
        (Some("site-cmp@v1"), Verdict::Ok),
        (Some("site-cmp-v1"), Verdict::Warn),
        (Some("site-cmp"), Verdict::Fail),
        (None, Verdict::Fail),
    ] {
        assert_eq!(of(name).check_plugin("site-cmp@v1").verdict, verdict, "{name:?}");
    }
}

#[test]
fn the_annotation_must_send_the_fleet_and_should_send_no_more() {
    let sends = |annotation: Option<&str>, is_used| {
        let generate_paths = annotation.map(str::to_owned);
        let application = Application { generate_paths, plugin: None, path: String::new() };
        application.check_annotation("fleet/sites/a", "fleet", is_used)
    };
    assert_eq!(sends(Some("../.."), true).verdict, Verdict::Ok);
    assert_eq!(sends(None, true).verdict, Verdict::Warn);
    assert_eq!(sends(Some("/"), true).verdict, Verdict::Warn);
    assert_eq!(sends(Some("."), false).verdict, Verdict::Warn);
    let narrow = sends(Some("."), true);
    assert_eq!(narrow.verdict, Verdict::Fail);
    assert!(narrow.change.unwrap().ends_with("manifest-generate-paths: ../.."));
    assert_eq!(sends(Some("/fleet-2"), true).verdict, Verdict::Warn, "their common folder");
}
