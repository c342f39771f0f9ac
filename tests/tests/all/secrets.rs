//! A site's Secrets from end to end: what is made, what is read, and what may never be there.

use serde_json::Value;
use site_cmp_tests::{Output, Scratch};

use crate::helm::{chart, helms};
use crate::{BINARY, cmp, hostile};

mod templates;

const SITE: &str = "rax-dev-iad3";
const PROFILE: &str = "sites/rax-dev-iad3/profile.yaml";
const ENVIRONMENT: &str = "environments/dev/environment.yaml";

/// The example fleet, its site with these settings of one policy, as YAML in one line.
fn with(policy: &str, settings: &str) -> Scratch {
    let own = format!("    enabled: true\n    policies: {{{policy}: {settings}}}\n");
    Scratch::new().changed(PROFILE, "    enabled: true\n", &own)
}

/// The example fleet, its site with an object of its own.
fn bringing(object: &str) -> Scratch {
    Scratch::new().with("sites/rax-dev-iad3/resources/own.yaml", object)
}

fn resources(fleet: &Scratch) -> Output {
    fleet.render(BINARY, SITE, &["--target", "resources", "-o", "json"])
}

fn global(fleet: &Scratch) -> Output {
    let words = ["--environment", "dev", "--target", "global", "-o", "json"];
    cmp().arg("render").arg(fleet.path()).args(words).run()
}

/// The site's object of that name.
fn object(fleet: &Scratch, name: &str) -> Value {
    let output = resources(fleet).success();
    let mut all = output.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    all.find(|one| one["metadata"]["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

/// Every target of a site is refused with these words: checks come before anything is written.
fn refused(fleet: &Scratch, words: &[&str]) {
    for target in ["application", "resources", "values"] {
        fleet.render(BINARY, SITE, &["--target", target]).failure(1).says(words);
    }
}

#[test]
fn a_secret_under_two_names_is_told_at_both_ends() {
    let not_read = "secret/not-read]: ExternalSecret other-db is not used: nothing reads its Secret; read but not created: nautobot-db (nautobot.db)";
    let not_made = "secret/not-made]: nautobot.db reads Secret nautobot-db, but no object creates it; created but not read: ExternalSecret other-db";
    let place = "base/understack/components/nautobot-worker/values.yaml:12:5";
    refused(&with("site-secrets", "{database: {name: other-db}}"), &[not_read, not_made, place]);
    let reader = with("nautobot-worker", "{connections: {secrets: {database: other-db}}}");
    refused(
        &reader,
        &[
            "nautobot.db reads Secret other-db, but no object creates it",
            "ExternalSecret nautobot-db is not used",
        ],
    );
}

#[test]
fn a_secret_that_is_not_made_is_an_error_for_everyone_who_reads_it() {
    for (section, words) in [
        ("django", ["secret/not-made", "reads Secret nautobot-django"]),
        ("database", ["secret/not-made", "nautobot.db reads Secret nautobot-db"]),
        ("redis", ["secret/not-made", "nautobot.redis reads Secret nautobot-worker-redis"]),
        (
            "registry",
            ["secret/not-made", "nautobot.image reads Secret dockerconfigjson-github-com"],
        ),
        ("mtls", ["secret/not-made", "worker rax-dev-iad3 reads Secret nautobot-mtls-client"]),
        ("customEnv", ["secret/not-made", "worker rax-dev-iad3 reads Secret nautobot-custom-env"]),
    ] {
        refused(&with("site-secrets", &format!("{{{section}: {{enabled: false}}}}")), &words);
    }
}

#[test]
fn a_secret_that_is_made_twice_is_an_error() {
    let own = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: own}\nspec: {target: {name: nautobot-db}}\n";
    let words = ["secret/made-twice", "ExternalSecret own creates Secret nautobot-db"];
    refused(&bringing(own), &words);
}

#[test]
fn a_key_that_the_worker_reads_has_to_be_among_those_that_are_made() {
    let redis = "{connections: {}}";
    let fleet = with("nautobot-worker", redis).with(
        "sites/rax-dev-iad3/nautobot-worker/values.yaml",
        "nautobot: {redis: {existingSecretPasswordKey: pw}}\n",
    );
    refused(
        &fleet,
        &["secret/no-key", "nautobot.redis reads key pw of Secret nautobot-worker-redis"],
    );
}

#[test]
fn a_resource_file_may_make_a_secret_that_a_policy_does_not() {
    let own = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: nautobot-custom-env}\nspec:\n  secretStoreRef: {name: other}\n  dataFrom: [{extract: {key: a}}]\n";
    let fleet = with("site-secrets", "{customEnv: {enabled: false}}")
        .with("sites/rax-dev-iad3/resources/own.yaml", own);
    resources(&fleet).success();
}

#[test]
fn another_encoding_of_the_key_changes_what_is_filtered_for() {
    let key = |fleet: &Scratch| {
        let mtls = object(fleet, "nautobot-mtls-client");
        mtls["spec"]["target"]["template"]["data"]["tls.key"].as_str().unwrap().to_owned()
    };
    let filter = |block: &str| format!("{{{{ .client_key | filterPEM \"{block}\" }}}}");
    assert_eq!(key(&Scratch::new()), filter("EC PRIVATE KEY"));
    let fleet = with("site-secrets", "{mtls: {keyEncoding: PKCS8}}");
    assert_eq!(key(&fleet), filter("PRIVATE KEY"));
    let words = ["mtls/encoding", "site rax-dev-iad3", "profile.yaml:19", "ECDSA key in PKCS1"];
    global(&fleet).failure(1).says(&words);
    let push = "        mtls-clients:\n";
    let both = push.to_owned() + "          privateKey: {encoding: PKCS8}\n";
    let others = Scratch::new().changed(ENVIRONMENT, push, &both);
    global(&others).failure(1).says(&["site rax-dev-hkg1", "settings mtls.keyAlgorithm"]);
    let store = "        store:\n          name: site-vault\n";
    let all = store.to_owned() + "        mtls: {keyEncoding: PKCS8}\n";
    let fits = others.changed(ENVIRONMENT, store, &all);
    global(&fits).success();
}

#[test]
fn a_certificate_that_is_read_where_it_is_not_pushed_names_both_ends() {
    let fleet = with("site-secrets", "{mtls: {remoteKey: \"certs/{{site}}\"}}");
    resources(&fleet).success();
    global(&fleet).failure(1).says(&[
        "mtls/remote-key",
        "site rax-dev-iad3 reads its certificate at certs/rax-dev-iad3 (setting mtls.remoteKey of site-secrets), but mtls-clients pushes it to dev/rax-dev-iad3/nautobot-mtls-client (setting push.remoteKey)",
        "profile.yaml:19",
    ]);
}

#[test]
fn an_unknown_placeholder_is_an_error_at_its_setting() {
    let fleet = with("site-secrets", "{redis: {remoteKey: \"{{cluster}}/redis\"}}");
    refused(
        &fleet,
        &[
            "is {{cluster}}/redis, but the only placeholders are {{site}} and {{environment}}",
            "profile.yaml:19",
        ],
    );
}

#[test]
fn settings_that_the_schema_refuses_are_told() {
    for (settings, words) in [
        ("{store: {kind: Vault}}", "/store/kind"),
        ("{database: {username: \"a{{b\"}}", "/database/username"),
        ("{redis: {name: Upper}}", "/redis/name"),
        ("{mtls: {keyEncoding: DER}}", "/mtls/keyEncoding"),
        ("{vault: {}}", "vault"),
        ("{refreshInterval: often}", "/refreshInterval"),
        ("{django: {remoteKey: \"\"}}", "/django/remoteKey"),
    ] {
        refused(&with("site-secrets", settings), &["error[policy/settings]", words]);
    }
    let removed = "        store:\n          name: site-vault\n";
    let fleet = Scratch::new().changed(ENVIRONMENT, removed, "        redis: {}\n");
    refused(&fleet, &["error[policy/settings]", "store"]);
}

#[test]
fn the_authoritys_key_never_reaches_a_site() {
    let fetched =
        "{mtls: {authority: {remoteKey: \"{{environment}}/mtls-ca\", property: tls.key}}}";
    refused(
        &with("site-secrets", fetched),
        &[
            "mtls/ca-key-on-site",
            "ExternalSecret nautobot-mtls-client fetches the authority's key: property tls.key of dev/mtls-ca",
        ],
    );
    let public = fetched.replace("tls.key", "tls.crt");
    resources(&with("site-secrets", &public)).success();
    for kind in ["Issuer", "ClusterIssuer"] {
        let issuer = format!(
            "apiVersion: cert-manager.io/v1\nkind: {kind}\nmetadata: {{name: own}}\nspec: {{selfSigned: {{}}}}\n"
        );
        let words = format!("{kind} own would sign certificates at a site");
        refused(&bringing(&issuer), &["mtls/ca-key-on-site", &words]);
    }
}

#[test]
fn an_issuer_of_a_policy_of_the_environment_is_refused_too() {
    let issuer = r#"{"apiVersion":"cert-manager.io/v1","kind":"Issuer","metadata":{"name":"own"},"spec":{"selfSigned":{}}}"#;
    let artifact = hostile::making("site-issuer", issuer).build();
    let lock = "  worker-placement:\n";
    let pinned = format!(
        "  site-issuer:\n    path: policies/site-issuer.wasm\n    sha256: \"{}\"\n{lock}",
        site_render::sha256(&artifact)
    );
    let fleet = Scratch::new()
        .with("policies/site-issuer.wasm", &artifact)
        .changed("policies.lock", lock, &pinned)
        .changed(
            ENVIRONMENT,
            "      site-invariants: {}\n",
            "      site-invariants: {}\n      site-issuer: {}\n",
        );
    refused(&fleet, &["mtls/ca-key-on-site", "Issuer own would sign certificates at a site"]);
}

#[test]
fn nothing_of_the_whole_cluster_comes_from_a_site_unless_the_fleet_allows_it() {
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: own}\nrules: []\n";
    let words = ["object/cluster-scoped", "ClusterRole own belongs to the whole cluster"];
    refused(&bringing(role), &words);
    let allowed = bringing(role).changed(
        ENVIRONMENT,
        "      site-invariants: {}\n",
        "      site-invariants: {allow: [ClusterRole]}\n",
    );
    resources(&allowed).success();
}

#[test]
fn a_secret_as_text_and_a_name_that_kubernetes_refuses_are_found_in_any_object() {
    let map = |name: &str, data: &str| {
        let head = "apiVersion: v1\nkind: ConfigMap\nmetadata:";
        format!("{head} {{name: {name}}}\ndata:\n  {data}\n")
    };
    let fleet = bringing(&map("own", "API_TOKEN: hunter2"));
    refused(
        &fleet,
        &["secret/literal", "ConfigMap own contains the secret API_TOKEN in plain text"],
    );
    let said = resources(&fleet).stderr;
    let first = said.lines().next().unwrap();
    assert!(!first.contains("hunter2"), "{first}");
    let key = "key: |\n    -----BEGIN PRIVATE KEY-----\n    MHcC\n    -----END PRIVATE KEY-----";
    refused(
        &bringing(&map("own", key)),
        &["secret/literal", "ConfigMap own contains a private key"],
    );
    refused(&bringing(&map("Own", "a: b")), &["object/name", "refuses the name of ConfigMap Own"]);
}

#[test]
fn the_global_cluster_is_held_to_the_same() {
    let map =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\ndata: {API_TOKEN: hunter2}\n";
    let issuer = "apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: {name: own}\nspec: {selfSigned: {}}\n";
    let global_resources = "    global:\n      namespace: nautobot\n";
    let more = global_resources.to_owned() + "      resources: [global]\n";
    let fleet = Scratch::new().changed(ENVIRONMENT, global_resources, &more);
    let fleet = fleet.with("global/own.yaml", issuer);
    global(&fleet).success();
    global(&fleet.with("global/map.yaml", map)).failure(1).says(&["secret/literal", "API_TOKEN"]);
}

#[test]
fn a_rendered_chart_is_held_to_what_only_its_templates_know() {
    let values = "celery: {extraEnvVarsSecret: [\"{{ .Release.Name }}-more\"]}\n";
    let fleet = Scratch::new().with("sites/rax-dev-iad3/nautobot-worker/values.yaml", values);
    resources(&fleet).success();
    for helm in helms() {
        for version in ["3.1.1", "2.5.9"] {
            let Some(chart) = chart(version) else { continue };
            let render = |fleet: &Scratch| {
                let words = ["--site", SITE, "--target", "manifests", "--other-chart", "--chart"];
                let command = cmp().arg("render").arg(fleet.path()).args(words).arg(&chart);
                command.env("SITE_CMP_HELM", &helm).run()
            };
            render(&fleet).failure(1).says(&[
                "secret/not-made",
                "Deployment nautobot-worker-celery-rax-dev-iad3 reads Secret nautobot-worker-more",
            ]);
            render(&Scratch::new()).success();
        }
    }
}
