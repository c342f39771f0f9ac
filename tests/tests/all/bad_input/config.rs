//! Layers of a config that cannot be one module, each refused at its place.

use site_cmp_tests::Scratch;

use super::{PROFILE, SITE, accepted, refused};
use crate::BINARY;

const ENVIRONMENT: &str = "environments/dev/environment.yaml";
const BASE: &str = "base/understack/components/nautobot/nautobot_config.py";

/// The example fleet, whose site has this file as a layer over the environment's config.
fn layer(text: &str) -> Scratch {
    listed("[$understack/components/nautobot/nautobot_config.py, own.py]").with("own.py", text)
}

/// The example fleet, whose site lists these layers.
fn listed(layers: &str) -> Scratch {
    let chosen = format!("    enabled: true\n    nautobot_config: {layers}");
    Scratch::new().changed(PROFILE, "    enabled: true", &chosen)
}

#[test]
fn a_layer_is_refused_at_its_line() {
    for (text, words) in [
        ("", ["config/empty", "own.py:1:1"]),
        (" A = 1\n", ["config/indented", "own.py:1:1"]),
        ("A = 1\n# \u{1}\n", ["config/control-character", "own.py:2:3"]),
        ("# -*- coding: utf-7 -*-\nA = 1\n", ["config/not-utf8", "own.py:1:1"]),
        ("#!x\n# vim: set fileencoding=latin_1 :\nA = 1\n", ["config/not-utf8", "own.py:2:1"]),
        ("A = 1\nB = = 2\n", ["config/syntax", "own.py:2:5"]),
        ("A = 1\nfrom __future__ import annotations\n", ["config/syntax", "own.py:2:1"]),
        ("import os\nPASSWORD = 'hunter2'\n", ["secret/literal", "own.py:2:12"]),
        ("A = 'ghp_0123456789abcdefghijABCDEFGHIJ012345'\n", ["secret/literal", "own.py:1:5"]),
        ("from . import x\n", ["config/syntax", "own.py:1:1"]),
        ("A = 1\nfrom nautobot.core.settings import *\n", ["config/star-late", "own.py:2:1"]),
        (
            "if 1:\n    from nautobot.core.settings import *\n",
            ["config/star-conditional", "own.py:2:5"],
        ),
        ("import nautobot_config\n", ["config/imports-layer", "own.py:1:8"]),
    ] {
        refused(&layer(text), &words);
    }
    let deep = format!("A = {}1{}\n", "(".repeat(300), ")".repeat(300));
    refused(&layer(&deep), &["config/too-deep", "own.py"]);
    refused(&layer(&"# x\n".repeat(250 << 10)), &["config/size", "own.py"]);
    accepted(&layer("# -*- coding: UTF_8 -*-\nA = 1\n"), &[]);
    accepted(&layer("A = 1\n# coding: latin-1\n"), &[]);
    accepted(&layer("del SITE\n"), &["config/rebound", "own.py:1:5", "nautobot_config.py:8:1"]);
}

#[test]
fn one_file_that_binds_a_setting_again_is_refused_with_both_places() {
    let path = site_cmp_tests::fleet().join(BASE);
    let base = std::fs::read_to_string(path).unwrap();
    let below = "DATABASES = {\"default\": {\"ENGINE\": \"x\", \"NAME\": os.getenv(\"NAUTOBOT_DB_NAME\", \"x\")}}\n";
    let fleet = Scratch::new().with(BASE, format!("{base}{below}"));
    let place = format!("{BASE}:{}:1", base.lines().count() + 1);
    let shaped = format!("{BASE}:16:5 sets from NAUTOBOT_DB_SSLMODE");
    refused(&fleet, &["error[config/thrown-away]: `DATABASES` is overwritten", &place, &shaped]);
}

#[test]
fn what_may_bind_a_setting_unseen_is_a_warning() {
    let star = "$understack/components/nautobot/star.py";
    let base = std::fs::read_to_string(site_cmp_tests::fleet().join(BASE));
    let text = base.unwrap() + "from local_settings import *\n";
    let fleet =
        listed(&format!("[{star}]")).with("base/understack/components/nautobot/star.py", &text);
    let place = format!("star.py:{}:1", text.lines().count());
    accepted(&fleet, &["warning[config/star]", &place, "may overwrite DATABASES, CACHES"]);
    // A layer says so by the merge, once.
    let output = accepted(&layer("from local_settings import *\n"), &["warning[config/star]"]);
    assert_eq!(output.stderr.matches("[config/star]").count(), 1, "{}", output.stderr);
}

#[test]
fn a_config_that_is_too_involved_to_follow_is_a_warning() {
    let loops: String = (0..7)
        .map(|depth| format!("{}for n{depth} in (1, 2, 3, 4, 5, 6, 7, 8):\n", " ".repeat(depth)))
        .collect();
    let text = format!("{loops}       DATABASES['default'][n6] = n0\n");
    accepted(&layer(&text), &["warning[config/not-followed]", "DATABASES, CACHES"]);
}

#[test]
fn a_secret_is_not_shown_and_a_false_alarm_can_be_marked() {
    let output = refused(&layer("PASSWORD = 'hunter2'\n"), &["site-cmp: not a secret"]);
    assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
    let output = refused(&layer("PASSWORD = 'hunter2\n"), &["config/syntax"]);
    assert!(!output.stderr.contains("hunter2"), "{}", output.stderr);
    accepted(&layer("PASSWORD = 'changeme'  # site-cmp: not a secret: a form's label\n"), &[]);
}

#[test]
fn a_list_of_layers_names_files_that_are_there_once() {
    refused(&listed("[]"), &["config/no-layers", "profile.yaml:19"]);
    refused(&listed("[1]"), &["key/wrong-kind", "a list of strings", "profile.yaml:19"]);
    refused(&listed("[a.py, a.py]"), &["config/layer-twice", "profile.yaml:19"]);
    refused(&listed("[a.py, b.py]"), &["file/missing", "a.py", "profile.yaml:19"]);
    refused(&listed("[../a.py]"), &["path/outside", "profile.yaml:19"]);
    refused(&listed("[/etc/passwd]"), &["reference/form", "profile.yaml:19"]);
    refused(&listed("[$other/a.py]"), &["reference/source", "profile.yaml:19"]);
}

#[test]
fn a_config_that_reads_by_a_computed_name_may_read_what_it_has_to() {
    let fleet = listed("[plain.py]").with("plain.py", "import os\nX = os.environ[NAME]\n");
    accepted(
        &fleet,
        &[
            "warning[config/must-read]: the config of plain.py never reads NAUTOBOT_DB_SSLMODE by its name",
            "reads a variable by a computed name at plain.py:2:1",
        ],
    );
    let env = "import os\ndef env(n):\n    return os.environ.get(f\"NAUTOBOT_{n}\")\n";
    let reads: String = ["DB_SSLMODE", "DB_SSLNEGOTIATION", "REDIS_SSL_CA_CERTS"]
        .map(|name| format!("X = env({name:?})\n"))
        .concat();
    let output = accepted(&fleet.with("plain.py", format!("{env}{reads}")), &[]);
    for name in ["DB_SSLMODE", "DB_SSLNEGOTIATION", "REDIS_SSL_CA_CERTS"] {
        let unread = format!("never reads NAUTOBOT_{name}");
        assert!(!output.stderr.contains(&unread), "{}", output.stderr);
    }
}

#[test]
fn a_file_of_the_tree_goes_out_inline() {
    let fleet = listed("[base/understack/components/nautobot/nautobot_config.py]");
    let output = accepted(&fleet, &[]);
    assert!(output.stdout.contains("# layer 1: base/understack"), "{}", output.stdout);
    assert!(!output.stdout.contains("fileParameters"), "{}", output.stdout);
}

#[test]
fn all_layers_together_have_to_read_what_the_overlay_sets() {
    let fleet = listed("[plain.py, own.py]")
        .with("plain.py", "import os\n# os.environ['NAUTOBOT_DB_SSLMODE']\n")
        .with("own.py", "X = 'NAUTOBOT_DB_SSLMODE'\n");
    refused(&fleet, &["config/must-read", "the config of plain.py, own.py never reads"]);
    let read = fleet.with(
        "own.py",
        "X = os.getenv('NAUTOBOT_DB_SSLMODE')\nY = os.getenv('NAUTOBOT_REDIS_SSL_CA_CERTS')\n",
    );
    // The gateway would drop a connection that begins with PostgreSQL's own message.
    refused(&read, &["never reads NAUTOBOT_DB_SSLNEGOTIATION", "the gateway would close"]);
    let read = read.with("last.py", "Z = os.getenv('NAUTOBOT_DB_SSLNEGOTIATION')\n").changed(
        "sites/rax-dev-iad3/profile.yaml",
        "own.py]",
        "own.py, last.py]",
    );
    accepted(&read, &[]);
}

#[test]
fn a_layer_that_cannot_be_read_cannot_be_merged() {
    let fleet = Scratch::new().with("own.py", "A = 1\n").changed(
        "environments/prod/environment.yaml",
        "      key: nautobot_config\n",
        "      key: nautobot_config\n      layers: [own.py]\n",
    );
    let site = "rax-prod-iad3";
    fleet.render(BINARY, site, &[]).failure(1).says(&[
        "config/unreadable",
        "$understack/components/nautobot/nautobot_config.py",
        "--source understack=DIR",
        "the environment's `sources`",
    ]);
    let own = "$deploy/{{deploy_path}}/nautobot_config.py";
    let alone = Scratch::new().changed(
        "environments/prod/environment.yaml",
        "      key: nautobot_config\n",
        &format!("      key: nautobot_config\n      layers: [\"{own}\"]\n"),
    );
    alone.render(BINARY, site, &[]).success().says(&["note[config/unreadable]"]);
    let source = format!("understack={}", fleet.path().join("base/understack").display());
    fleet.render(BINARY, site, &["--source", &source]).success();
}

#[test]
fn a_layer_that_only_some_sites_have_is_skipped_where_it_is_not() {
    let own = "$deploy/{{deploy_path}}/nautobot_config.py";
    let shared = "$deploy/shared.py";
    let with = |layer: &str| {
        Scratch::new().changed(
            ENVIRONMENT,
            "      key: nautobot_config\n",
            &format!("      key: nautobot_config\n      layers: [\"{layer}\"]\n"),
        )
    };
    let output = accepted(&with(own), &[]);
    assert!(output.stdout.contains("fileParameters"), "one layer is left: {}", output.stdout);
    refused(&with(shared), &["file/missing", "shared.py", "environment.yaml"]);
    let fleet = with(own).with(&format!("sites/{SITE}/nautobot_config.py"), "A = 1\n");
    let output = accepted(&fleet, &[]);
    assert!(output.stdout.contains("# layer 2: $deploy/sites/rax-dev-iad3/nautobot_config.py"));
    let broken = fleet.changed(BASE, "import os", "import os os");
    refused(&broken, &["config/syntax", "nautobot_config.py:3:11"]);
}
