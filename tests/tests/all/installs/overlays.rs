//! What kustomize makes of the components, over an install in small.

use std::path::PathBuf;

use serde_json::Value;
use site_cmp_tests::{parse_yaml, peer, with_components};

/// What the components change of Argo CD's own install.
const INSTALL: &str = "
apiVersion: apps/v1
kind: Deployment
metadata:
  name: argocd-repo-server
spec:
  template:
    spec:
      containers:
        - name: argocd-repo-server
          image: quay.io/argoproj/argocd:v3.5.7
          volumeMounts: [{name: plugins, mountPath: /home/argocd/cmp-server/plugins}]
      volumes:
        - {name: var-files, emptyDir: {}}
        - {name: plugins, emptyDir: {}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: argocd-repo-server-network-policy
spec:
  podSelector: {}
  ingress:
    - ports: [{port: 8084}]
";

fn kustomize() -> Option<(PathBuf, &'static str)> {
    let path = std::env::var_os("PATH")?;
    let find =
        |name: &str| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|p| p.is_file());
    let found = site_cmp_tests::built("peers/kustomize")
        .or_else(|| find("kustomize"))
        .map(|program| (program, "build"))
        .or_else(|| find("kubectl").map(|program| (program, "kustomize")));
    let how = "build it with: tests/peers/build, or install kustomize or kubectl";
    let verb = found.as_ref().map_or("", |(_, verb)| verb);
    Some((peer("kustomize", found.map(|(program, _)| program), how)?, verb))
}

/// The objects of an install with these components.
fn built((program, verb): &(PathBuf, &str), components: &[&str]) -> Vec<Value> {
    let text = with_components(program, verb, INSTALL, components);
    text.split("\n---\n").map(|document| parse_yaml("overlay", document.as_bytes())).collect()
}

fn find<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    objects.iter().find(|object| object["kind"] == kind).unwrap()
}

/// The containers in their order; each volume of ours leads to a ConfigMap.
fn sidecars(objects: &[Value]) -> Vec<String> {
    let pod = &find(objects, "Deployment")["spec"]["template"]["spec"];
    let config_maps: Vec<&Value> = objects
        .iter()
        .filter(|object| object["kind"] == "ConfigMap")
        .map(|object| &object["metadata"]["name"])
        .collect();
    for volume in pod["volumes"].as_array().unwrap() {
        if let Some(name) = volume["configMap"].get("name") {
            assert!(config_maps.contains(&name), "no ConfigMap {name}");
        }
    }
    let volumes = super::names(&pod["volumes"]);
    let mut found = Vec::new();
    for container in pod["containers"].as_array().unwrap() {
        for mount in super::names(&container["volumeMounts"]) {
            assert!(volumes.contains(mount), "{mount} is mounted and no volume");
        }
        found.push(container["name"].as_str().unwrap().to_owned());
    }
    found
}

#[test]
fn each_component_adds_its_sidecar_and_both_stand_side_by_side() {
    let Some(kustomize) = kustomize() else { return };
    let argocd = "argocd-repo-server";
    assert_eq!(sidecars(&built(&kustomize, &["exec"])), [argocd, "site-cmp"]);
    assert_eq!(sidecars(&built(&kustomize, &["native"])), [argocd, "site-cmp-native"]);
    let both = built(&kustomize, &["exec", "native"]);
    assert_eq!(sidecars(&both), [argocd, "site-cmp", "site-cmp-native"]);
}

#[test]
fn monitoring_opens_its_port_and_brings_the_dashboard() {
    let Some(kustomize) = kustomize() else { return };
    let objects = built(&kustomize, &["native", "native/monitoring"]);
    let policy = find(&objects, "NetworkPolicy");
    let ports: Vec<&Value> = policy["spec"]["ingress"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| &rule["ports"][0]["port"])
        .collect();
    assert_eq!(ports, [8084, 8085]);
    for kind in ["Service", "ServiceMonitor", "PrometheusRule"] {
        assert_eq!(find(&objects, kind)["metadata"]["namespace"], "argocd");
    }
    let dashboard =
        objects.iter().find(|object| object["metadata"]["name"] == "site-cmp-dashboard").unwrap();
    assert_eq!(dashboard["metadata"]["labels"]["grafana_dashboard"], "1");
    let text = dashboard["data"]["site-cmp.json"].as_str().unwrap();
    assert!(serde_json::from_str::<Value>(text).is_ok());
}
