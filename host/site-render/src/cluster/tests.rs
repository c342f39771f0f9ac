use std::collections::BTreeSet;

use super::*;

#[test]
fn versions_are_taken_as_servers_say_them() {
    for (said, version) in [
        ("v1.33.4", "1.33.4"),
        ("1.33", "1.33"),
        ("v1.33.4-gke.1134000", "1.33.4-gke.1134000"),
        ("v1.33.4+k3s1", "1.33.4+k3s1"),
        ("v1.33.0-rc.1+build.5", "1.33.0-rc.1+build.5"),
    ] {
        assert_eq!(kube_version(said), Some(version), "{said}");
    }
}

#[test]
fn what_is_no_version_is_refused() {
    let long = format!("1.33.4-{}", "x".repeat(300));
    for said in [
        "",
        "v",
        "1",
        "latest",
        "1.33.4.5",
        "1..3",
        "v1.x",
        "vv1.33",
        "1.33-",
        "1.33 ",
        "--x=1.33",
        "1.33.4-a b",
        &long,
    ] {
        assert_eq!(kube_version(said), None, "{said}");
    }
}

#[test]
fn apis_have_the_form_that_helm_gives_them() {
    for api in
        ["v1", "v1/Pod", "apps/v1", "apps/v1/Deployment", "monitoring.coreos.com/v1/ServiceMonitor"]
    {
        assert!(is_api(api), "{api}");
    }
    let long = format!("{}/v1", "g".repeat(300));
    for api in ["", "/", "apps/", "/v1", "a/b/c/d", "apps/v1,batch/v1", "apps v1", "a\n/v1", &long]
    {
        assert!(!is_api(api), "{api}");
    }
}

#[test]
fn a_version_is_the_same_as_far_as_both_say_it() {
    assert!(is_same_version("1.33.4-gke.1", "1.33.4"));
    assert!(is_same_version("1.33.4", "1.33"));
    assert!(!is_same_version("1.33.4", "1.33.5"));
    assert!(!is_same_version("1.33.4", "1.34"));
}

#[test]
fn what_the_stronger_does_not_say_is_the_weakers() {
    let cluster = |version: Option<&str>, apis: &[&str]| Cluster {
        kube_version: version.map(str::to_owned),
        api_versions: apis.iter().map(ToString::to_string).collect(),
    };
    let weaker = cluster(Some("1.33.4"), &["v1"]);
    assert_eq!(Cluster::default().or(&weaker), weaker);
    assert_eq!(cluster(Some("1.34.0"), &[]).or(&weaker), cluster(Some("1.34.0"), &["v1"]));
    let strong = cluster(Some("1.34.0"), &["v2"]);
    assert_eq!(strong.clone().or(&weaker), strong);
}

#[test]
fn a_snapshot_is_written_a_line_an_api_and_quoted_where_yaml_would_misread_it() {
    let apis = ["v1/Pod", "v1", "apps/v1"].map(str::to_owned);
    let text = write("1.33", &BTreeSet::from(apis), None);
    let (head, body) = text.split_once('\n').unwrap();
    assert!(head.starts_with("# "));
    assert_eq!(
        body,
        "apiVersion: site-cmp/v1\nkind: ClusterSnapshot\nkubeVersion: \"1.33\"\napiVersions:\n- apps/v1\n- v1\n- v1/Pod\n"
    );
}
