use site_render::request::Cluster;
use site_render::value::Node;

use super::*;

fn job(name: &str, repository: &str, version: &str) -> ChartJob {
    ChartJob {
        name: name.into(),
        repository: repository.into(),
        version: version.into(),
        location: None,
        release: "a-worker".into(),
        namespace: "nautobot".into(),
        values: Node::empty("a test"),
        cluster: Cluster::default(),
    }
}

#[test]
fn an_address_has_one_form_however_it_is_written() {
    for (written, normal) in [
        ("https://charts.example.org/", "https://charts.example.org"),
        ("HTTPS://Charts.Example.ORG/a/B//", "https://charts.example.org/a/B"),
        ("http://127.0.0.1:8879", "http://127.0.0.1:8879"),
        ("https://[::1]:443/charts", "https://[::1]:443/charts"),
        ("registry.example.org/charts", "oci://registry.example.org/charts"),
        ("registry.example.org:5000", "oci://registry.example.org:5000"),
        ("OCI://registry.example.org/charts/", "oci://registry.example.org/charts"),
    ] {
        assert_eq!(normalize(written).as_deref(), Some(normal), "{written}");
    }
}

#[test]
fn what_could_be_a_path_credentials_or_another_address_is_refused() {
    for written in [
        "",
        "/",
        "/tmp/charts",
        "./charts",
        "../charts",
        "~/charts",
        "file:///tmp/charts",
        "FILE:///tmp/charts",
        "file:/tmp/charts",
        "file://localhost/tmp/charts",
        "s3://bucket/charts",
        "git+file:///tmp/charts",
        "@repo",
        "alias:repo",
        "https://user:password@charts.example.org",
        "https://charts.example.org@evil.example",
        "https://charts.example.org\\@evil.example",
        "https://charts.example.org/../other",
        "https://charts.example.org/%2e%2e/other",
        "https://charts.example.org/a/./b",
        "https://charts.example.org/a//b",
        "https://charts.example.org/?a",
        "https://charts.example.org/#a",
        "https://charts.example.org:port",
        "https://charts.example.org:",
        "https:///charts",
        "https://",
        "oci://registry.example.org/charts:1.0",
        "oci://registry.example.org/charts@sha256:00",
        "oci://-x/charts",
        "oci://registry..org/charts",
        "https://ch\u{e4}rts.example.org",
        "https://charts.example.org/a b",
        "https://charts.example.org/\n",
        " https://charts.example.org",
    ] {
        assert_eq!(normalize(written), None, "{written}");
    }
}

#[test]
fn a_name_is_never_a_path() {
    for name in [
        "",
        ".",
        "..",
        "./web",
        "../web",
        "/tmp/other/chart",
        "a/b",
        "a/../b",
        "-x",
        "--repo",
        "web ",
        "web\n",
        "web\\x",
        "oci://x/web",
        "repo/web",
        "web:1",
        "web@sha256:00",
        "~/web",
        "%2e",
    ] {
        let error = Address::of(&job(name, "https://charts.example.org", "1.0.0")).unwrap_err();
        assert_eq!(error.code, "emit/chart-address", "{name}");
        assert!(error.message.contains("chart.name"), "{error}");
    }
    for name in ["a//b", "a/../b", "a/./b", "/a", "a/", "../a", "a/b:1", "a@b"] {
        let error = Address::of(&job(name, "registry.example.org", "1.0.0")).unwrap_err();
        assert!(error.message.contains("chart.name"), "{name}: {error}");
    }
    let address = Address::of(&job("library/web", "Registry.example.org/", "1.0.0")).unwrap();
    assert_eq!(address, Address::Registry("oci://registry.example.org/library/web".into()));
    for version in ["", "1.0.0/../x", "1@sha256:0", "1:2", "1\n2", "$(x)", "\\"] {
        let error = Address::of(&job("web", "registry.example.org", version)).unwrap_err();
        assert!(error.message.contains("chart.version"), "{version}: {error}");
    }
    for version in ["1.0.0", ">=1.0.0 <2.0.0 || ^3", "1.0.0-rc.1+build", "*"] {
        Address::of(&job("web", "registry.example.org", version)).unwrap();
    }
}

#[test]
fn credentials_are_not_shown() {
    let job = job("web", "https://user:hunter2@charts.example.org", "1.0.0");
    assert!(!Address::of(&job).unwrap_err().message.contains("hunter2"));
}

#[test]
fn an_allowed_address_ends_at_a_slash() {
    let allowed = ["https://charts.example.org/a".to_owned(), "oci://registry/web".to_owned()];
    for address in
        ["https://charts.example.org/a", "https://charts.example.org/a/b", "oci://registry/web"]
    {
        assert!(is_allowed(address, &allowed), "{address}");
    }
    for address in [
        "https://charts.example.org",
        "https://charts.example.org/ab",
        "https://charts.example.org.evil/a",
        "http://charts.example.org/a",
        "oci://registry/web2",
    ] {
        assert!(!is_allowed(address, &allowed), "{address}");
    }
    assert!(!is_allowed("https://charts.example.org", &[]));
}
