//! The global cluster's half of an environment: routes, certificates, one call of each policy.

use serde_json::Value;
use site_cmp_tests::{Output, Scratch};

use crate::{BINARY, cmp};

const ENVIRONMENT: &str = "environments/dev/environment.yaml";
const VALUES: &str = "base/envoy-configs/values.yaml";
const EXTENSION: &str = "base/envoy-configs/tls-routes.schema.json";
const PROFILE: &str = "sites/rax-dev-iad3/profile.yaml";

fn render(fleet: &Scratch, target: &str) -> Output {
    let words = ["--environment", "dev", "--target", target, "-o", "json"];
    cmp().arg("render").arg(fleet.path()).args(words).run()
}

fn objects(fleet: &Scratch) -> Vec<Value> {
    let output = render(fleet, "global").success();
    output.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A render for the global cluster that must fail, with nothing emitted and these words.
fn refused(fleet: &Scratch, words: &[&str]) {
    let output = render(fleet, "global").failure(1).says(words);
    assert_eq!(output.stdout, "");
}

/// The example fleet with one TLS route among the base values.
fn with_route(rest: &str) -> Scratch {
    let route = format!("tls: [{{fqdn: a.example.net, service: {{name: x, port: 1}}, {rest}}}]");
    Scratch::new().changed(VALUES, "tls: []", &route)
}

#[test]
fn a_site_that_is_added_adds_its_own_objects_and_changes_no_other() {
    let before = objects(&Scratch::new());
    let mut after = objects(&Scratch::new().with_sites(1));
    let is_own = |one: &Value| one["metadata"]["name"] == "nautobot-mtls-client-gen-0";
    let own = after.iter().filter(|one| is_own(one)).map(|one| one["kind"].as_str().unwrap());
    assert_eq!(own.collect::<Vec<_>>(), ["Certificate", "PushSecret"]);
    after.retain(|one| !is_own(one));
    // The list of queues is one object of all sites; the site adds a line to it.
    for one in after.iter_mut().filter(|one| one["kind"] == "ConfigMap") {
        let list = one["data"]["job-queues.json"].as_str().unwrap();
        let others = list.lines().filter(|line| !line.contains("gen-0"));
        let others: String = others.map(|line| format!("{line}\n")).collect();
        one["data"]["job-queues.json"] = others.into();
    }
    assert_eq!(before, after);
}

#[test]
fn a_site_whose_gate_closes_loses_its_certificate_and_a_note_says_so() {
    let fleet = Scratch::new().changed(PROFILE, "  enabled: true", "  enabled: false");
    let output = render(&fleet, "global").success();
    assert!(!output.stdout.contains("nautobot-mtls-client-rax-dev-iad3"));
    output.says(&["gate/closed", "site `rax-dev-iad3` is closed", "profile.yaml:16"]);
}

#[test]
fn one_broken_site_stops_the_whole_and_is_named() {
    let fleet = Scratch::new()
        .with_sites(20)
        .changed(PROFILE, "  enabled: true", "  enabled: \"true\"")
        .changed("sites/gen-7/profile.yaml", "environment: dev", "environment: [dev");
    refused(&fleet, &["sites/gen-7/profile.yaml"]);
    let fleet = fleet.changed("sites/gen-7/profile.yaml", "environment: [dev", "environment: dev");
    refused(&fleet, &["gate/not-boolean", "sites/rax-dev-iad3/profile.yaml:16:12"]);
    let words = ["--environment", "dev", "--target", "application", "-o", "json"];
    let others = cmp().arg("render").arg(fleet.path()).args(words).run();
    assert_eq!(others.code, Some(1));
    assert!(others.stdout.lines().count() > 20, "the sites' own renders go on");
}

#[test]
fn an_environment_whose_sites_are_all_closed_leaves_a_marker() {
    let mut fleet = Scratch::new();
    for site in ["rax-dev-hkg1", "rax-dev-iad3", "rax-dev-syd2"] {
        let path = format!("sites/{site}/profile.yaml");
        fleet = fleet.changed(&path, "  enabled: true", "  enabled: false");
    }
    fleet = fleet.changed("sites/rax-dev-den1/profile.jsonnet", " + dev.worker(['a1', 'a2'])", "");
    let found = objects(&fleet);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["metadata"]["name"], "dev-nautobot-worker-closed");
    assert_eq!(found[0]["data"]["reason"], "site.nautobot_worker.enabled is true at no site");
    let values = render(&fleet, "gateway").success();
    assert_eq!(values.stdout, "{}\n");
}

#[test]
fn a_plugin_renders_the_global_cluster_with_the_same_bytes() {
    let fleet = Scratch::new();
    for (target, form) in [("global", None), ("gateway", Some("manifests"))] {
        let mut words = vec!["--environment", "dev", "--target", target, "-o", "json"];
        words.extend(form.into_iter().flat_map(|form| ["--as", form]));
        let rendered = cmp().arg("render").arg(fleet.path()).args(words).run().success();
        let generate = |folder: &str, parameters: String| {
            let folder = fleet.path().join(folder);
            cmp().arg("generate").dir(folder).env("ARGOCD_APP_PARAMETERS", parameters).run()
        };
        let target = format!(r#"{{"name":"target","string":"{target}"}}"#);
        let named = format!(r#"[{target},{{"name":"environment","string":"dev"}}]"#);
        for (folder, parameters) in [("", named), ("environments/dev", format!("[{target}]"))] {
            let generated = generate(folder, parameters).success();
            assert_eq!(generated.stdout, rendered.stdout, "{folder}");
        }
        generate("", format!("[{target}]")).failure(1).says(&["argocd/parameter", "none is named"]);
        let site = format!(r#"[{target},{{"name":"site","string":"rax-dev-iad3"}}]"#);
        generate("", site).failure(1).says(&["but site rax-dev-iad3 is set"]);
    }
}

#[test]
fn a_target_is_of_a_site_or_of_an_environment() {
    let fleet = Scratch::new();
    let site = fleet.render(BINARY, "rax-dev-iad3", &["--target", "global"]);
    site.failure(2).says(&["need --environment ENV"]);
    let words = ["--all", "--target", "gateway"];
    cmp()
        .arg("render")
        .arg(fleet.path())
        .args(words)
        .run()
        .failure(2)
        .says(&["use --environment, not --all"]);
    let site = fleet.render(BINARY, "rax-dev-iad3", &["--as", "manifests"]);
    site.failure(2).says(&["--as needs --target gateway"]);
}

#[test]
fn a_policy_for_sites_is_refused_on_a_global_cluster() {
    let path = "environments/prod/environment.yaml";
    let fleet =
        Scratch::new().changed(path, "        job-queues: {}\n", "        nautobot-worker: {}\n");
    let words = ["--environment", "prod", "--target", "global"];
    let output = cmp().arg("render").arg(fleet.path()).args(words).run().failure(1);
    output.says(&["policy/scope", "`nautobot-worker` does not serve a global cluster"]);
}

#[test]
fn a_port_of_the_gateway_is_a_number_from_1_to_65535() {
    assert!(render(&with_route("gatewayPort: 65535"), "global").success().stdout.contains("65535"));
    for port in ["0", "65536", "\"5432\""] {
        let route = with_route(&format!("gatewayPort: {port}"));
        refused(&route, &["policy/bad-values", "gatewayPort", "values.yaml:9:"]);
    }
}

#[test]
fn values_are_held_to_the_extended_schema() {
    refused(&with_route("surprise: 1"), &["schema/extended", "surprise", "values.yaml:9:"]);
    let bad = "clientTrafficPolicy: {tcpKeepalive: {probes: 0}}";
    refused(&with_route(bad), &["schema/extended", "probes", "values.yaml:9:"]);
    // Without the extension the routes for sites would not pass.
    let fleet = Scratch::new().with(EXTENSION, "{}");
    refused(&fleet, &["schema/extended", "gatewayPort"]);
}

#[test]
fn an_extension_may_only_add() {
    for (route, words) in [
        (r#"{"properties": {"fqdn": {"type": "integer"}}}"#, "would change"),
        (r#"{"properties": {"fqdn": null}}"#, "would remove"),
        (r#"{"additionalProperties": true}"#, "would change"),
        (r#"{"required": []}"#, "would change"),
    ] {
        let text = format!(r#"{{"definitions": {{"tlsRoute": {route}}}}}"#);
        let fleet = Scratch::new().with(EXTENSION, text);
        let both = ["schema/extension", words, "tls-routes.schema.json:1:", "values.schema.json:"];
        refused(&fleet, &both);
    }
}

#[test]
fn a_name_that_no_route_serves_is_refused_where_the_site_says_it() {
    let own = "    enabled: true\n    policies:\n      nautobot-worker:\n        connections:\n          database:\n            host: db.elsewhere.example.net\n";
    let fleet = Scratch::new().changed(PROFILE, "    enabled: true\n", own);
    refused(&fleet, &["gateway/not-served", "db.elsewhere.example.net:5432", "profile.yaml:23"]);
}

#[test]
fn a_site_that_does_not_start_with_tls_is_refused_where_it_says_so() {
    let own = "    enabled: true\n    policies:\n      nautobot-worker:\n        connections:\n          mtls:\n            sslNegotiation: postgres\n";
    let fleet = Scratch::new().changed(PROFILE, "    enabled: true\n", own);
    let message = "site rax-dev-iad3 connects to nautobot-db.dev.example.net:5432";
    let both = ["gateway/negotiation", message];
    refused(&fleet, &[&both[..], &["/services/database", "profile.yaml:23"]].concat());
    // A TCP route serves whatever clients send.
    render(&with_tcp(fleet, ENVIRONMENT), "global").success();
}

/// The fleet, with PostgreSQL of this environment behind a TCP route.
fn with_tcp(fleet: Scratch, environment: &str) -> Scratch {
    let port = "              port: 5432\n";
    fleet.changed(environment, port, &format!("{port}              protocol: TCP\n"))
}

#[test]
fn a_host_that_is_an_address_needs_a_tcp_route() {
    let fleet = Scratch::new().changed(ENVIRONMENT, "nautobot-db.dev.example.net", "10.0.0.10");
    refused(&fleet, &["gateway/ip-host", "10.0.0.10:5432", "environment.yaml:58:"]);
    let output = render(&with_tcp(fleet, ENVIRONMENT), "global").success();
    assert!(output.stdout.contains(r#""kind":"TCPRoute""#), "{}", output.stdout);
    let route = "tls: [{fqdn: 10.0.0.10, service: {name: x, port: 1}}]";
    let fleet = Scratch::new().changed(VALUES, "tls: []", route);
    refused(&fleet, &["policy/bad-values", "/routes/tls/0/fqdn", "values.yaml:9:"]);
}

#[test]
fn a_tcp_route_that_only_the_chart_could_make_is_refused_at_its_setting() {
    let objects = "        envoy-gateway-routes:\n          objects: false\n";
    let fleet = with_tcp(Scratch::new(), ENVIRONMENT).changed(
        ENVIRONMENT,
        "        envoy-gateway-routes:\n",
        objects,
    );
    refused(&fleet, &["gateway/protocol", "services.database", "environment.yaml:"]);
}

#[test]
fn listeners_that_collide_name_both_ends() {
    let fleet = with_route("name: nautobot-db");
    refused(&fleet, &["gateway/collision", "/routes/tls/0", "/services/database"]);
}

#[test]
fn an_https_listener_of_the_chart_collides_with_a_tls_one() {
    let http = "http: [{fqdn: a.example.net, name: web, service: {name: web, port: 80, backendType: http}}]";
    let fleet = with_route("name: a").changed(VALUES, "http: []", http);
    let both = ["/routes/http/0 (HTTPS)", "/routes/tls/0"];
    refused(&fleet, &[&both[..], &["gateway/collision", "a.example.net:443"]].concat());
}

#[test]
fn a_listener_that_does_not_take_its_own_route_is_refused_at_its_setting() {
    let port = "              port: 5432\n";
    let same = format!("{port}              from: Same\n");
    let fleet = Scratch::new().changed(ENVIRONMENT, port, &same);
    let namespaces = ["is in envoy-gateway", "is in nautobot"];
    refused(&fleet, &[&namespaces[..], &["gateway/not-allowed", "environment.yaml:"]].concat());
}

#[test]
fn a_wildcard_of_the_values_serves_what_sites_dial() {
    let text = std::fs::read_to_string(Scratch::new().path().join(ENVIRONMENT)).unwrap();
    let redis = "            redis:\n              name:";
    let (before, rest) = text.split_once("            database:\n              name:").unwrap();
    let (_, after) = rest.split_once(redis).unwrap();
    let route = r#"tls: [{name: any, fqdn: "*.dev.example.net", gatewayPort: 5432, service: {name: db, port: 5432}}]"#;
    let fleet = Scratch::new()
        .with(ENVIRONMENT, format!("{before}{redis}{after}"))
        .changed(VALUES, "tls: []", route);
    render(&fleet, "global").success();
    let apart = fleet.changed(VALUES, "*.dev.example.net", "*.db.dev.example.net");
    refused(&apart, &["gateway/not-served", "nautobot-db.dev.example.net:5432"]);
}

#[test]
fn two_environments_that_listen_on_one_name_are_found() {
    let dev = std::fs::read_to_string(Scratch::new().path().join(ENVIRONMENT)).unwrap();
    let (_, global) = dev.split_once("    # What dev's global").unwrap();
    let path = "environments/prod/environment.yaml";
    let without = Scratch::new().without_global("prod");
    let prod = std::fs::read_to_string(without.path().join(path)).unwrap();
    let apart = Scratch::new().with(path, format!("{prod}    # What dev's global{global}"));
    cmp().arg("check").arg(apart.path()).run().success();
    // TCP listeners have no names: each environment is reached by its gateway's address.
    let tcp = with_tcp(with_tcp(apart, ENVIRONMENT), path);
    cmp().arg("check").arg(tcp.path()).run().success();
    let text = prod.replace("nautobot-db.example.net", "nautobot-db.dev.example.net");
    let shared = Scratch::new().with(path, format!("{text}    # What dev's global{global}"));
    cmp().arg("check").arg(shared.path()).run().failure(1).says(&[
        "gateway/shared-listener",
        "environments `dev` and `prod` both listen on nautobot-db.dev.example.net:5432",
    ]);
}

#[test]
fn a_servers_certificate_has_the_names_that_sites_dial() {
    let fleet = Scratch::new();
    let run = |servers: &str| {
        let setting = format!("mtls-clients.servers={servers}");
        let words = ["--environment", "dev", "--target", "global", "-o", "json", "--setting"];
        cmp().arg("render").arg(fleet.path()).args(words).arg(setting).run()
    };
    let objects = run(r#"{"redis":{}}"#).success().stdout;
    let names = r#""dnsNames":["nautobot-redis.dev.example.net"]"#;
    assert!(objects.contains(names), "{objects}");
    // Clients of Redis verify the host name.
    let lacks = ["mtls/server-name", "nautobot-redis.dev.example.net"];
    run(r#"{"redis":{"dnsNames":["redis.nautobot.svc"]}}"#).failure(1).says(&lacks);
}

#[test]
fn a_setting_of_a_global_policy_comes_by_parameter_too() {
    let fleet = Scratch::new();
    let words = ["--environment", "dev", "--target", "global", "-o", "json"];
    let run = |setting: &str| {
        cmp().arg("render").arg(fleet.path()).args(words).args(["--setting", setting]).run()
    };
    assert!(run("mtls-clients.commonName=other").success().stdout.contains("\"other\""));
    let filled = run("mtls-clients.commonName=app-{{site}}").success().stdout;
    assert!(filled.contains("\"app-rax-dev-iad3\"") && !filled.contains("{{"), "{filled}");
    run("mtls-clients.commonName=app-{{sight}}").failure(1).says(&["sight"]);
    run("nautobot-worker.replicas=3")
        .failure(1)
        .says(&["setting/policy", "environment `dev` does not use policy `nautobot-worker`"]);
}
