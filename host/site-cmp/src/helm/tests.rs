use std::os::unix::fs::PermissionsExt;

use site_render::request::Cluster;

use super::*;

fn job() -> ChartJob {
    ChartJob {
        name: "nautobot".into(),
        repository: "https://charts.example.org/".into(),
        version: "3.1.1".into(),
        location: None,
        release: "a-worker".into(),
        namespace: "nautobot".into(),
        values: Node::empty("a test"),
        cluster: Cluster::default(),
    }
}

fn line(job: &ChartJob) -> String {
    let address = Address::of(job).unwrap();
    let words: Vec<_> = template_arguments(job, &address)
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    words.join(" ")
}

#[test]
fn a_repositorys_chart_is_named_by_version() {
    assert_eq!(
        line(&job()),
        "template --namespace=nautobot --values=- --version=3.1.1 \
         --repo=https://charts.example.org --include-crds --skip-schema-validation \
         -- a-worker nautobot"
    );
}

#[test]
fn a_registrys_chart_is_one_reference() {
    for repository in ["registry.example.org/charts", "oci://registry.example.org/charts/"] {
        let line = line(&ChartJob { repository: repository.into(), ..job() });
        let end = "-- a-worker oci://registry.example.org/charts/nautobot";
        assert!(line.ends_with(end) && !line.contains("--repo"), "{line}");
    }
}

#[test]
fn a_local_chart_and_the_clusters_versions_are_passed_on() {
    let line = line(&ChartJob {
        location: Some("/tmp/-charts/nautobot".into()),
        cluster: Cluster {
            kube_version: Some("1.33.0".into()),
            api_versions: vec!["a/v1".into(), "b/v1".into()],
        },
        ..job()
    });
    assert_eq!(
        line,
        "template --namespace=nautobot --values=- --kube-version=1.33.0 --api-versions=a/v1 \
         --api-versions=b/v1 --include-crds --skip-schema-validation \
         -- a-worker /tmp/-charts/nautobot"
    );
}

#[test]
fn a_missing_helm_is_the_machines_fault() {
    let launcher = ("/nowhere/cmp".into(), "__helm");
    let named = Some("/nowhere/helm".into());
    let helm = Helm::new(named, launcher, ChosenBy::Person, HelmLimits::default(), Vec::new());
    let finding = helm.missing_helm(&io::Error::from(io::ErrorKind::NotFound));
    assert_eq!(finding.message, "program /nowhere/helm not found");
    assert_eq!(finding.fault, Fault::Environment);
    assert!(finding.hint.unwrap().contains("--helm"));
}

/// Runs a shell script as if it were helm.
fn run(script: &str, input: &str) -> io::Result<Output> {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("helm");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let child = child::start_child(Command::new(&program).process_group(0))?;
    child::run_group_within(child, input, 10 << 20, Duration::from_mins(10))
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn input_and_output_flow_at_once() {
    let long = "x".repeat(1 << 20);
    let output = run("cat; head -c 300000 /dev/zero >&2", &long).unwrap();
    assert_eq!(output.stdout.len(), long.len());
    assert_eq!(output.stderr.len(), 64 << 10);
}

#[test]
fn a_helm_that_does_not_read_is_heard() {
    let output = run("echo 'Error: no' >&2; exit 1", &"x".repeat(1 << 20)).unwrap();
    let finding = helm_error(&job(), &complaint(&output), &output);
    assert_eq!(finding.message, "helm cannot render nautobot: no");
    assert_eq!(finding.hint, None);
    let output = run("echo 'Error: a\nb' >&2; exit 1", "").unwrap();
    assert_eq!(
        helm_error(&job(), &complaint(&output), &output).hint.unwrap(),
        "helm's other output:\nb"
    );
    let output = run("exit 7", "").unwrap();
    assert!(helm_error(&job(), &complaint(&output), &output).message.ends_with("exit status: 7"));
}

#[test]
fn a_helm_without_end_is_stopped() {
    let error = run("yes", "").unwrap_err();
    assert!(error.to_string().contains("its output has over"), "{error}");
}
