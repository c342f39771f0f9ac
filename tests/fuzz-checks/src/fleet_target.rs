//! A render of any environment and profile, with the files that they name: parsed, gated, merged,
//! validated and written.

use std::cell::OnceCell;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use site_render::finding::{Problems, Severity};
use site_render::fleet::Fleet;
use site_render::policy::Plan;
use site_render::rendered::Rendered;
use site_render::request::{Choice as _, Request, Subject, Target};
use site_render::{announce, json, json_schema, keys, yaml};

use super::change_lines::{Language, change_lines};
use super::fleet_files::{Files, render_site};
use super::oracle::Oracle;
use super::yaml_target::check_written;

/// The line between the files of an input.
const SEPARATOR: &str = "\n===\n";

/// The paths of an input's files after the environment and the profile.
const FILES: [&str; 4] =
    ["files/values.yaml", "files/schema.json", "files/config.py", "resources/object.yaml"];

const LANGUAGE: Language = Language {
    lines: &[
        "===",
        "defaults: {}",
        "components:",
        "worker:",
        "policies: {planned: {}}",
        "global:",
        "plugin: {name: a@v1, source: deploy, path: b}",
        "valueFiles: [files/values.yaml]",
        "schema: {file: files/schema.json}",
        "resources: [resources]",
        "partition: dev",
        "config: {parameter: a.b, key: c, default: files/config.py}",
        "sources: {deploy: {path: .}}",
        "unreadableValues: error",
        "chart: {name: web}",
        "release: web",
        "namespace: web",
        "project: sites",
        "environment: dev",
        "site:",
        "enabled: true",
        "enabled: false",
        "appLabels: {a: b}",
        "cluster_server: https://a",
        "deploy_url: https://a/b.git",
        "deploy_ref: v1",
        "deploy_path_prefix: sites",
        "metadata: {name: one}",
        "apiVersion: site-cmp/v1",
        "kind: SiteProfile",
        "a: 1",
        "- a",
        "{\"type\": \"object\", \"required\": [\"a\"]}",
        "A = 1",
        "import os",
    ],
    words: &[
        "null",
        "true",
        "false",
        "1",
        "''",
        "{}",
        "[]",
        "{a: 1}",
        "[a]",
        "a",
        "worker:",
        "site:",
        "dev",
        "one",
        "{{site}}",
        "{{environment}}",
        "{{deploy_path}}",
        "{{a}}",
        "$deploy/a",
        "../a",
        "/a",
        "https://a",
        "v1.2.3",
        "yes",
        "*x",
        "&x",
        "<<:",
        "enabled:",
        "deploy:",
        "path:",
        "name:",
        "Environment",
        "A",
        "\u{e9}",
    ],
};

/// Returns changed files.
pub(super) fn change(files: &str, seed: u32) -> String {
    change_lines(files, seed, LANGUAGE)
}

/// Renders every target of a fleet, given as its files in one text.
pub(super) fn check(files: &[u8], go: &mut Oracle) {
    let Ok(text) = std::str::from_utf8(files) else { return };
    let mut parts = text.split(SEPARATOR);
    let (environment, profile) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let open = || {
        let files = Files::of_site(environment.as_bytes(), profile.as_bytes());
        let more = FILES.iter().zip(text.split(SEPARATOR).skip(2));
        more.fold(files, |files, (path, text)| files.with(path, text.as_bytes()))
            .open(Plan::default())
    };
    let fleet = open();
    for target in Target::ALL {
        let Ok(rendered) = render(&fleet, *target) else { continue };
        let again = render(&open(), *target).expect("the same render succeeds again");
        assert_eq!(json_of(&rendered), json_of(&again), "two renders of the same files differ");
        check_schema(&rendered, environment);
        for document in &rendered.documents {
            check_written(&yaml::write(document, &|_| None), &json::to_serde(document), go);
        }
    }
    let subject = Subject::Site { name: "one".to_owned(), environment: None };
    // It reports its errors in an entry, or says that it must be asked again.
    drop(announce::announce(&fleet, &Request::new(subject, Target::Application)));
}

/// Renders a target: of the site, or of the environment's global cluster.
fn render(fleet: &Fleet, target: Target) -> Result<Rendered, Problems> {
    if !target.is_global() {
        return render_site(fleet, target);
    }
    let subject = Subject::Environment { name: "dev".to_owned() };
    site_render::render(fleet, &Request::new(subject, target))
}

fn json_of(rendered: &Rendered) -> Vec<String> {
    site_render::emit::json_lines(rendered)
}

/// Checks that the published schema accepts an environment that renders without a complaint.
fn check_schema(rendered: &Rendered, environment: &str) {
    thread_local! {
        static SCHEMA: OnceCell<Validator> = const { OnceCell::new() };
    }
    let complaint = rendered.findings.iter().any(|finding| finding.severity != Severity::Note);
    let file = yaml::decode("environment.yaml", environment.as_bytes());
    let Ok(read) = file.and_then(|file| yaml::read(&file)) else { return };
    if complaint {
        return;
    }
    SCHEMA.with(|schema| {
        let schema = schema.get_or_init(|| {
            let schema = json_schema::of_file(&keys::ENVIRONMENT);
            jsonschema::draft202012::new(&schema).expect("the schema is valid")
        });
        // A render ignores unknown keys; `cmp check` warns of them.
        let unknown = |error: &ValidationError<'_>| {
            matches!(
                error.kind(),
                ValidationErrorKind::AdditionalProperties { .. }
                    | ValidationErrorKind::UnevaluatedProperties { .. }
            )
        };
        let read = json::to_serde(&read.root);
        let errors = schema.iter_errors(&read).filter(|error| !unknown(error));
        let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "it renders, and its schema refuses it: {errors:?}");
    });
}
