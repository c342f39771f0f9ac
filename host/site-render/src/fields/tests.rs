use crate::environment::Environment;
use crate::finding::Finding;
use crate::lock::Lock;
use crate::origin::SourceFile;
use crate::request::Target;
use crate::setting::Settings;
use crate::test_support::{ENVIRONMENT, PROFILE, fleet, request};
use crate::yaml;

/// Returns the names of unknown keys, each with its line and the suggestion.
fn unknown(findings: &[Finding]) -> Vec<(String, u32, Option<String>)> {
    let unknown = findings.iter().filter(|finding| finding.code == "key/unknown");
    let name = |finding: &Finding| finding.message.split('`').nth(1).unwrap().to_owned();
    unknown
        .map(|finding| {
            let line = finding.place.as_ref().unwrap().at.line;
            (name(finding), line, finding.hint.clone())
        })
        .collect()
}

#[test]
fn an_environment_reports_unknown_keys_at_every_level() {
    let text = "\
metadata: {name: dev, labels: {}}
partion: dev
defaults: {cluster_sever: x, anything: y, site: {worker: {enabeld: true, other: 1}}}
sources: {deploy: {path: ., reference: main}}
components:
  worker:
    chart: {name: web, repository: r, version: 1.2.3, path: x, digset: y}
    release: web
    namespace: web
    project: sites
    config: {parameter: p, key: k, default: d, layrs: []}
    sources: {deploy: {revison: main, configMaps: {any: {ANY: label}}}}
    plugin: {name: cmp, source: deploy, path: p, targt: resources}
    policies: {any: {thing: 1}}
    global: {valuesFiles: [], schema: {file: s, extension: []}}
";
    let parsed = yaml::read(&std::sync::Arc::new(SourceFile::new("e.yaml", text))).unwrap();
    let environment = Environment::read("dev", &parsed).unwrap();
    let near = |word: &str| Some(format!("did you mean `{word}`?"));
    let worker = |key: &str| format!("components.worker.{key}");
    assert_eq!(
        unknown(&environment.warnings),
        [
            ("partion".to_owned(), 2, near("partition")),
            ("metadata.labels".to_owned(), 1, None),
            ("defaults.cluster_sever".to_owned(), 3, near("cluster_server")),
            ("defaults.site.worker.enabeld".to_owned(), 3, near("enabled")),
            ("sources.deploy.reference".to_owned(), 4, near("ref")),
            (worker("chart.path"), 7, None),
            (worker("chart.digset"), 7, None),
            (worker("config.layrs"), 11, near("layers")),
            (worker("sources.deploy.revison"), 12, None),
            (worker("plugin.targt"), 13, near("target")),
            (worker("global.valuesFiles"), 15, near("valueFiles")),
            (worker("global.schema.extension"), 15, near("extensions")),
        ]
    );
}

#[test]
fn a_lock_and_a_profile_report_theirs() {
    let digest = "0".repeat(64);
    let lock = format!("version: 1\npolicies:\n  a: {{path: a, sha256: \"{digest}\", sorce: x}}\n");
    let lock = Lock::read(lock.as_bytes()).unwrap();
    let near = Some("did you mean `source`?".to_owned());
    assert_eq!(unknown(&lock.warnings), [("policies.a.sorce".to_owned(), 3, near)]);
    let profile = format!("metadata: {{nmae: one}}\n{PROFILE}");
    let environment = format!("{ENVIRONMENT}    policies: {{run: {{on: true}}}}\n");
    let fleet = fleet(&environment, &profile, &[("run", serde_json::json!({}))]);
    let rendered = crate::render(&fleet, &request(Target::Values, Settings::default())).unwrap();
    let near = Some("did you mean `name`?".to_owned());
    assert_eq!(unknown(&rendered.findings), [("metadata.nmae".to_owned(), 1, near)]);
}
