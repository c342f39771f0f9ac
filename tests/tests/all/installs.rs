//! The installs for Argo CD: what they allow, and that all that says one thing agrees.

mod alerts;
mod metrics;
mod overlays;

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use site_cmp_tests::{parse_yaml, read_yaml, repo};

use crate::cmp;

/// The probes of the native sidecar.
const PROBES: [&str; 2] = ["startupProbe", "livenessProbe"];

/// A file below `argocd/`.
fn read(path: &str) -> Value {
    read_yaml(&repo().join("argocd").join(path))
}

/// The part of the pod that an install's patch adds.
fn pod(install: &str) -> Value {
    let mut pod = json!({"containers": [], "volumes": []});
    for operation in read(&format!("{install}/sidecar-patch.yaml")).as_array().unwrap() {
        assert_eq!(operation["op"], "add", "{install}");
        let path = operation["path"].as_str().unwrap();
        let path = path.strip_prefix("/spec/template/spec/").unwrap();
        let value = operation["value"].clone();
        match path.strip_suffix("/-") {
            Some(list) => pod[list].as_array_mut().unwrap().push(value),
            None => pod[path] = value,
        }
    }
    pod
}

/// The one container that an install adds.
fn sidecar(install: &str) -> Value {
    let pod = pod(install);
    let containers = pod["containers"].as_array().unwrap();
    assert_eq!(containers.len(), 1, "{install} adds one sidecar");
    containers[0].clone()
}

/// The names of a list's items.
fn names(list: &Value) -> BTreeSet<&str> {
    list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

/// A list's texts.
fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

/// The word after an option.
fn option<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words.iter().position(|word| *word == name).map(|at| words[at + 1])
}

#[test]
fn both_sidecars_may_do_nothing_but_their_work() {
    for install in ["exec", "native"] {
        let sidecar = sidecar(install);
        let expected = json!({
            "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": true,
            "runAsNonRoot": true,
            "runAsUser": 999,
            "seccompProfile": {"type": "RuntimeDefault"},
        });
        assert_eq!(sidecar["securityContext"], expected, "{install}");
        assert_eq!(pod(install)["automountServiceAccountToken"], false, "{install}");
        assert!(sidecar["resources"]["limits"]["memory"].is_string(), "{install}");
        assert!(sidecar["resources"]["requests"]["cpu"].is_string(), "{install}");
        for privileged in ["hostNetwork", "hostPID", "shareProcessNamespace", "initContainers"] {
            assert!(pod(install)[privileged].is_null(), "{install}: {privileged}");
        }
    }
}

#[test]
fn the_native_sidecar_has_its_limits_and_the_sockets_and_no_other_volume() {
    let (pod, sidecar) = (pod("native"), sidecar("native"));
    assert_eq!(names(&sidecar["volumeMounts"]), ["plugins", "site-cmp-native-config"].into());
    let config = json!([{
        "name": "site-cmp-native-config",
        "configMap": {"name": "site-cmp-native-config"},
    }]);
    assert_eq!(pod["volumes"], config, "`plugins` is the repo-server's own");
    let generated = &read("native/kustomization.yaml")["configMapGenerator"][0];
    assert_eq!(generated["name"], "site-cmp-native-config");
    assert_eq!(generated["files"], json!(["limits.yaml"]));

    let mount = &sidecar["volumeMounts"][1];
    assert_eq!(mount["readOnly"], true);
    let limits = format!("{}/limits.yaml", mount["mountPath"].as_str().unwrap());
    assert_eq!(sidecar["env"], json!([{"name": "SITE_CMP_LIMITS", "value": limits}]));
}

#[test]
fn the_two_installs_share_an_image_and_no_name() {
    let (exec, native) = (sidecar("exec"), sidecar("native"));
    assert_eq!(exec["image"], native["image"]);
    assert_ne!(exec["name"], native["name"]);
    let volumes = (pod("exec"), pod("native"));
    let common: Vec<&str> =
        names(&volumes.0["volumes"]).intersection(&names(&volumes.1["volumes"])).copied().collect();
    assert_eq!(common, [""; 0]);
    let dockerfile = fs::read_to_string(repo().join("argocd/Dockerfile")).unwrap();
    assert!(dockerfile.contains("USER 999"));
    assert!(dockerfile.contains(r#"ENTRYPOINT ["/usr/local/bin/cmp"]"#));
    assert_eq!(native["command"], json!(["/usr/local/bin/cmp"]));
}

/// A readiness probe would take the repo-server away from Applications without the plugin.
#[test]
fn a_plugin_that_does_not_answer_takes_no_repo_server_out_of_service() {
    let values = read("native/helm-values.yaml");
    let container = &values["repoServer"]["extraContainers"][0];
    for sidecar in [&sidecar("native"), container] {
        assert!(PROBES.iter().all(|probe| sidecar[probe].is_object()), "{sidecar}");
        assert!(sidecar["readinessProbe"].is_null(), "{sidecar}");
    }
}

#[test]
fn the_plugins_name_is_one_everywhere() {
    let native = sidecar("native");
    let name = option(&texts(&native["args"]), "--name").unwrap().to_owned();
    assert!(name.contains('@'), "grpc-go's authority needs it: {name}");
    for probe in PROBES {
        let words = &native[probe]["exec"]["command"];
        assert_eq!(texts(words)[..2], ["/usr/local/bin/cmp", "health"], "{probe}");
        assert_eq!(option(&texts(words), "--name"), Some(name.as_str()), "{probe}");
        let timeout: u64 = option(&texts(words), "--timeout").unwrap().parse().unwrap();
        let allowed = native[probe]["timeoutSeconds"].as_u64().unwrap();
        assert!(timeout < allowed, "{probe}: killed before it can say why");
    }
    let set = read("applicationset.yaml");
    let named = &set["spec"]["template"]["spec"]["source"]["plugin"]["name"];
    assert_eq!(*named, name.as_str());

    let plugin = read("exec/plugin.yaml");
    let parts = [&plugin["metadata"]["name"], &plugin["spec"]["version"]];
    let stock = parts.map(|part| part.as_str().unwrap()).join("-");
    for (readme, name) in [("native", &name), ("exec", &stock)] {
        let path = repo().join("argocd").join(readme).join("README.md");
        let text = fs::read_to_string(path).unwrap();
        assert!(text.contains(&format!("      name: {name}\n")), "{readme}/README.md");
    }
}

#[test]
fn the_chart_values_say_what_the_kustomization_says() {
    let values = read("native/helm-values.yaml");
    let server = &values["repoServer"];
    assert_eq!(server["extraContainers"], json!([sidecar("native")]));
    assert_eq!(server["automountServiceAccountToken"], false);
    let volume = &server["volumes"][0];
    assert_eq!(server["volumes"].as_array().unwrap().len(), 1);
    assert_eq!(volume["name"], "site-cmp-native-config");
    let object = &values["extraObjects"][0];
    assert_eq!(object["kind"], "ConfigMap");
    assert_eq!(volume["configMap"]["name"], object["metadata"]["name"]);
    let limits = object["data"]["limits.yaml"].as_str().unwrap();
    let parsed = parse_yaml("limits.yaml", limits.as_bytes());
    assert_eq!(parsed["tier"], read("native/limits.yaml")["tier"]);
    // The chart runs its values through Helm's templates.
    let text = fs::read_to_string(repo().join("argocd/native/helm-values.yaml")).unwrap();
    assert!(!text.contains("{{"));
}

#[test]
fn the_limits_are_what_the_program_takes() {
    for install in ["exec", "native"] {
        let file = repo().join("argocd").join(install).join("limits.yaml");
        let fleet = site_cmp_tests::fleet();
        cmp().arg("check").arg(fleet).arg("--limits").arg(file).run().success();
        let limits = read(&format!("{install}/limits.yaml"));
        let room = &sidecar(install)["resources"]["limits"]["memory"];
        assert_eq!(*room, "2Gi");
        assert!(limits["compileMemoryBytes"].as_u64().unwrap() < 2 << 30, "{install}");
    }
}

#[test]
fn the_arguments_of_the_sidecar_are_options_of_the_program() {
    let native = sidecar("native");
    let mut lines = vec![texts(&native["args"])];
    for probe in PROBES {
        lines.push(texts(&native[probe]["exec"]["command"])[1..].to_vec());
    }
    for line in lines {
        let help = cmp().args([line[0], "--help"]).run().success().stdout;
        for option in line.iter().filter(|word| word.starts_with("--")) {
            assert!(help.contains(option), "`cmp {}` has no {option}:\n{help}", line[0]);
        }
    }
}

#[test]
fn every_project_is_shipped_and_default_is_none() {
    let text = fs::read_to_string(repo().join("argocd/projects.yaml")).unwrap();
    let projects = text.split("\n---\n").map(|one| parse_yaml("projects.yaml", one.as_bytes()));
    let projects: Vec<Value> = projects.collect();
    let shipped = |name: &Value| {
        projects
            .iter()
            .find(|one| one["metadata"]["name"] == *name)
            .unwrap_or_else(|| panic!("{name}"))
    };
    let allows = |project: &Value, source: &Value| {
        project["spec"]["sourceRepos"].as_array().unwrap().contains(&source["repoURL"])
    };
    let set = read("applicationset.yaml")["spec"]["template"]["spec"].take();
    let global = read("global.yaml")["spec"].take();
    for parent in [&set, &global] {
        let project = shipped(&parent["project"]);
        assert!(allows(project, &parent["source"]), "{project}");
        let destinations = project["spec"]["destinations"].as_array().unwrap();
        assert!(destinations.contains(&parent["destination"]), "{project}");
    }
    let example = repo().join("site-profiles");
    let application = cmp()
        .args(["render", example.to_str().unwrap(), "--site", "rax-dev-iad3", "-o", "json"])
        .args(["--target", "application"])
        .run()
        .success();
    let application: Value = serde_json::from_str(&application.stdout).unwrap();
    let project = shipped(&application["spec"]["project"]);
    for source in application["spec"]["sources"].as_array().unwrap() {
        assert!(allows(project, source), "{source}");
    }
    let global = cmp()
        .args(["render", example.to_str().unwrap(), "--environment", "dev", "-o", "json"])
        .args(["--target", "global"])
        .run()
        .success();
    let destinations = shipped(&json!("global"))["spec"]["destinations"].as_array().unwrap();
    let namespaces: Vec<&Value> = destinations.iter().map(|one| &one["namespace"]).collect();
    for object in global.stdout.lines() {
        let object: Value = serde_json::from_str(object).unwrap();
        assert!(namespaces.contains(&&object["metadata"]["namespace"]), "{object}");
    }
}
