//! What an Application tells the plugin, and what the plugin tells its page of parameters.

use serde_json::{Value, json};
use site_cmp_tests::Scratch;

use super::{APP, SITE, World, parameter};
use crate::argo::{Plugin, STOCK};
use crate::hostile::{echo, fleet};

/// Another site's folder than the one that is asked for.
const OTHER: &str = "sites/rax-prod-dfw1";

/// Both servers, of one world.
fn both() -> Option<(World, Plugin)> {
    let world = World::start()?;
    let stock = world.argo.stock();
    Some((world, stock))
}

/// The same manifests as of the site's own folder, from both servers.
fn leads_to_the_site(path: &str, more: &[&str]) {
    let Some((world, _stock)) = both() else { return };
    for plugin in [world.serve.name, STOCK] {
        // The same Application's name: each object carries it.
        let name: Vec<&str> =
            more.iter().copied().skip_while(|arg| *arg != "--app").take(2).collect();
        let expected = world.ask_of(plugin, APP, &name);
        assert_eq!(world.ask_of(plugin, path, more).texts(), expected.texts(), "{plugin}");
    }
}

/// Both servers refuse it with these words.
fn is_refused(more: &[&str], words: &[&str]) {
    let Some((world, _stock)) = both() else { return };
    for plugin in [world.serve.name, STOCK] {
        let answer = world.ask_of(plugin, APP, more);
        answer.says(&["error[argocd/parameter]"]).says(words);
    }
}

#[test]
fn a_parameter_reaches_the_render() {
    leads_to_the_site(OTHER, &["--param", &parameter("site", SITE)]);
}

#[test]
fn a_variable_reaches_the_render_with_its_own_variables_put_in() {
    leads_to_the_site(OTHER, &["--plugin-env", "SITE=rax-dev-iad3"]);
    leads_to_the_site(OTHER, &["--app", SITE, "--plugin-env", "SITE=$ARGOCD_APP_NAME"]);
}

#[test]
fn an_empty_variable_is_as_good_as_none() {
    leads_to_the_site(APP, &["--plugin-env", "SITE=", "--plugin-env", "TARGET="]);
}

#[test]
fn a_parameter_is_nearer_than_a_variable() {
    let near = parameter("site", SITE);
    leads_to_the_site(OTHER, &["--param", &near, "--plugin-env", "SITE=rax-dev-ord1"]);
}

#[test]
fn a_parameter_that_nobody_reads_is_refused_with_a_near_name() {
    is_refused(&["--param", &parameter("sites", SITE)], &["`sites`", "did you mean `site`?"]);
    let odd = parameter("<b>&", "x");
    is_refused(&["--param", &odd], &["unknown parameter `<b>&`"]);
}

#[test]
fn a_parameter_twice_is_refused() {
    let twice = [parameter("site", SITE), parameter("site", "rax-dev-ord1")];
    is_refused(&["--param", &twice[0], "--param", &twice[1]], &["site", "twice"]);
}

#[test]
fn a_site_that_is_a_list_is_refused() {
    is_refused(&["--param", r#"{"name":"site","array":["a","b<c>"]}"#], &["site", "one string"]);
    is_refused(&["--param", r#"{"name":"target","map":{"a.b":"c"}}"#], &["target", "one string"]);
    is_refused(&["--param", r#"{"name":"site"}"#], &["site", "one string"]);
}

#[test]
fn settings_of_a_policy_arrive_as_text_and_as_lists() {
    let Some((world, _stock)) = both() else { return };
    let replicas = parameter("nautobot-worker.replicas", "3");
    let queues = r#"{"name":"nautobot-worker.extraQueues","array":["bulk"]}"#;
    let more = ["--param", replicas.as_str(), "--param", queues];
    let [served, stock] = [world.serve.name, STOCK].map(|plugin| world.ask_of(plugin, APP, &more));
    let values = served.manifest()["spec"]["sources"][0]["helm"]["valuesObject"].clone();
    let worker = &values["workers"][SITE];
    assert_eq!(worker["replicaCount"], 3, "{values}");
    assert_eq!(worker["taskQueues"], "rax-dev-iad3,bulk", "{values}");
    assert_eq!(served.texts(), stock.texts());
}

#[test]
fn the_target_is_the_applications_choice() {
    let Some((world, _stock)) = both() else { return };
    let target = parameter("target", "resources");
    let more = ["--param", target.as_str()];
    let served = world.ask("sites/rax-dev-iad3", &more);
    let stock = world.ask_of(STOCK, "sites/rax-dev-iad3", &more);
    // Whatever the example's policies return: both the same, and no Application.
    assert_eq!(served.code(), stock.code(), "{served:?} {stock:?}");
    assert!(!format!("{served:?}").contains("argoproj.io/v1alpha1"), "{served:?}");
}

#[test]
fn nothing_of_the_servers_own_environment_reaches_a_render() {
    let env = [
        ("ARGOCD_ENV_SITE", "rax-prod-dfw1"),
        ("ARGOCD_ENV_TARGET", "resources"),
        ("ARGOCD_APP_PARAMETERS", r#"[{"name":"nonsense","string":"x"}]"#),
        ("ARGOCD_APP_SOURCE_PATH", "elsewhere"),
        ("KUBE_VERSION", "1.2.3"),
    ];
    let Some(plain) = World::start() else { return };
    let Some(world) = World::with(Scratch::new(), &[], "", &env) else { return };
    assert_eq!(world.ask(APP, &[]).texts(), plain.ask(APP, &[]).texts());
}

#[test]
fn the_clusters_versions_reach_a_policy() {
    let Some(world) = World::of(fleet(&echo())) else { return };
    let _stock = world.argo.stock();
    for plugin in [world.serve.name, STOCK] {
        let helm = told_of_the_cluster(&world, plugin);
        let told = &helm["valuesObject"]["cluster"];
        assert_eq!(told["kubeVersion"], "1.34.2", "{plugin}");
        assert_eq!(told["apiVersions"], json!(["v1", "example.com/v2/Thing"]), "{plugin}");
    }
}

#[test]
fn a_snapshot_in_git_is_stronger_than_what_argo_cd_says() {
    let snapshot = "kubeVersion: 1.33.4\napiVersions: [v1, apps/v1]\n";
    let fleet = fleet(&echo()).with("sites/rax-dev-iad3/cluster.yaml", snapshot);
    let Some(world) = World::of(fleet) else { return };
    let _stock = world.argo.stock();
    for plugin in [world.serve.name, STOCK] {
        let helm = told_of_the_cluster(&world, plugin);
        for told in [&helm["valuesObject"]["cluster"], &helm] {
            assert_eq!(told["kubeVersion"], "1.33.4", "{plugin}");
            assert_eq!(told["apiVersions"], json!(["v1", "apps/v1"]), "{plugin}");
        }
    }
}

/// What an Application says to helm where Argo CD knows its cluster so.
fn told_of_the_cluster(world: &World, plugin: &str) -> Value {
    let apis = ["--api-version", "v1", "--api-version", "example.com/v2/Thing"];
    let more = [&["--kube-version", "v1.34.2"][..], &apis].concat();
    let application = world.ask_of(plugin, APP, &more).manifest();
    let mut sources = application["spec"]["sources"].as_array().unwrap().iter();
    let helm = sources.find_map(|source| source.get("helm"));
    helm.unwrap_or_else(|| panic!("{application}")).clone()
}

#[test]
fn a_project_reaches_the_operators_limits() {
    let limits = "projects:\n  understack: [nautobot-worker, secret-references, site-invariants, site-secrets]\n";
    let Some(world) = World::with(Scratch::new(), &[], limits, &[]) else { return };
    world.ask(APP, &["--project", "understack"]).texts();
    let answer = world.ask(APP, &["--project", "other"]);
    answer.says(&["error[policy/not-allowed]", "project", "other", "limits file"]);
}

#[test]
fn the_parameters_are_announced() {
    let Some((world, _stock)) = both() else { return };
    let announced = |plugin: &str| -> Vec<Value> {
        let answer = world.repo_server.details(&world.fleet.path(), APP, plugin);
        assert_eq!(answer.get("type"), "Plugin", "{answer:?}");
        answer.get("parameters").as_array().unwrap().clone()
    };
    let served = announced(world.serve.name);
    let named = |name: &str| served.iter().find(|parameter| parameter["name"] == name);
    for parameter in announced(STOCK) {
        let name = parameter["name"].as_str().unwrap();
        let ours = named(name).unwrap_or_else(|| panic!("{name} is not announced: {served:?}"));
        assert_eq!(ours["title"], parameter["title"], "{name}");
        assert!(ours["tooltip"].is_string(), "{name}");
    }
}
