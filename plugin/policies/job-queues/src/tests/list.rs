//! Tests of the list and its ConfigMaps.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{config_maps, decide, fleet, listed, names, site};

#[test]
fn each_open_site_has_its_queue_in_the_list_as_nautobots_rest_api_takes_it() {
    let plan = decide(fleet(&[("iad3", json!([])), ("dfw1", json!([]))]), json!({})).unwrap();
    assert!(plan.findings.is_empty(), "{:?}", plan.findings);
    assert!(plan.edits.is_empty());
    let text = concat!(
        "[\n",
        r#"{"name":"dfw1","queue_type":"celery","description":"Workers of site dfw1"},"#,
        "\n",
        r#"{"name":"iad3","queue_type":"celery","description":"Workers of site iad3"}"#,
        "\n]\n",
    );
    assert_eq!(
        config_maps(&plan),
        [json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": "nautobot-job-queues",
                "labels": {"app.kubernetes.io/name": "nautobot-job-queues"},
            },
            "data": {"job-queues.json": text},
        })]
    );
}

#[test]
fn the_queue_is_named_after_the_label_and_the_description_after_the_site() {
    let sites = json!({"uc-iad3-prod": site("rax-dev-iad3", json!([]))});
    assert_eq!(
        listed(&decide(sites, json!({})).unwrap()),
        [json!({
            "name": "rax-dev-iad3", "queue_type": "celery",
            "description": "Workers of site uc-iad3-prod",
        })]
    );
}

#[test]
fn sites_of_one_label_have_one_queue() {
    let sites = |count: usize| -> Value {
        (0..count).map(|index| (format!("s{index}"), site("shared", json!([])))).collect()
    };
    for (count, description) in [
        (2, "Workers of sites s0 and s1"),
        (3, "Workers of sites s0, s1 and s2"),
        (4, "Workers of sites s0, s1, s2 and 1 other"),
        (6, "Workers of sites s0, s1, s2 and 3 others"),
    ] {
        let plan = decide(sites(count), json!({})).unwrap();
        assert!(plan.findings.is_empty(), "{:?}", plan.findings);
        assert_eq!(listed(&plan).len(), 1);
        assert_eq!(listed(&plan)[0]["description"], description);
    }
}

#[test]
fn the_order_of_sites_and_settings_changes_no_byte() {
    let settings = |names: [&str; 2]| json!({"queues": names.map(|name| json!({"name": name}))});
    let one = decide(fleet(&[("a", json!(["x", "y"])), ("b", json!(["y"]))]), settings(["x", "y"]));
    let other =
        decide(fleet(&[("b", json!(["y"])), ("a", json!(["y", "x"]))]), settings(["y", "x"]));
    assert_eq!(config_maps(&one.unwrap()), config_maps(&other.unwrap()));
}

#[test]
fn declared_queues_are_listed_with_their_description_or_who_serves_them() {
    let settings = json!({"queues": [
        {"name": "bulk"}, {"name": "slow", "description": "Takes \"hours\""}, {"name": "idle"},
        {"name": "iad3", "description": "Ashburn"},
    ]});
    let sites = fleet(&[("iad3", json!(["bulk", "slow"])), ("dfw1", json!(["bulk"]))]);
    let plan = decide(sites, settings).unwrap();
    let listed: Vec<_> = listed(&plan)
        .into_iter()
        .map(|mut queue| (queue["name"].take(), queue["description"].take()))
        .collect();
    assert_eq!(
        listed,
        [
            ("bulk", "Workers of sites dfw1 and iad3"),
            ("dfw1", "Workers of site dfw1"),
            ("iad3", "Ashburn"),
            ("idle", ""),
            ("slow", "Takes \"hours\""),
        ]
        .map(|(name, description)| (json!(name), json!(description)))
    );
}

#[test]
fn what_is_in_nautobot_already_is_not_listed() {
    let sites = fleet(&[("iad3", json!(["old", "default"])), ("dfw1", json!([]))]);
    let plan = decide(sites, json!({"elsewhere": ["old", "dfw1"]})).unwrap();
    assert!(plan.findings.is_empty(), "{:?}", plan.findings);
    assert_eq!(names(&plan), ["iad3"]);
}

#[test]
fn a_site_without_the_workers_policy_has_no_queue_that_is_known() {
    let mut other = site("iad3", json!(["x"]));
    other["site"]["nautobot_worker"]["policies"] = json!({"another": {"extraQueues": ["x"]}});
    let mut unlabelled = site("dfw1", json!([]));
    unlabelled["appLabels"] = json!({});
    let sites = json!({"iad3": other, "dfw1": unlabelled});
    let plan = decide(sites.clone(), json!({})).unwrap();
    assert!(plan.findings.is_empty(), "{:?}", plan.findings);
    assert_eq!(config_maps(&plan)[0]["data"]["job-queues.json"], "[]\n");

    let settings = json!({"workers": "another", "queues": [{"name": "x"}]});
    assert_eq!(names(&decide(sites, settings).unwrap()), ["iad3", "x"]);
}

#[test]
fn the_config_map_is_named_by_the_settings() {
    let plan = decide(fleet(&[("a", json!([]))]), json!({"name": "queues"})).unwrap();
    let metadata = json!({"name": "queues", "labels": {"app.kubernetes.io/name": "queues"}});
    assert_eq!(config_maps(&plan)[0]["metadata"], metadata);
}

#[test]
fn a_description_fits_into_nautobots_field() {
    let long = "s".repeat(253);
    let sites = json!({long: site("iad3", json!([]))});
    assert_eq!(listed(&decide(sites, json!({})).unwrap())[0]["description"], "Workers of one site");
    let sites: Value = (0..3)
        .map(|index| ("s".repeat(100) + &index.to_string(), site("iad3", json!([]))))
        .collect();
    assert_eq!(listed(&decide(sites, json!({})).unwrap())[0]["description"], "Workers of 3 sites");
}

/// A ConfigMap has at most 1 MiB, or 256 KiB with client-side apply.
#[test]
fn a_long_list_is_split_into_parts_of_one_label() {
    let sites: Value = (0..10_000)
        .map(|index| format!("rax-dev-site-{index:05}"))
        .map(|name| (name.clone(), site(&name, json!([]))))
        .collect();
    let plan = decide(sites, json!({})).unwrap();
    let maps = config_maps(&plan);
    assert!(maps.len() > 5, "{}", maps.len());
    let parts: BTreeSet<&str> =
        maps.iter().map(|map| map["metadata"]["name"].as_str().unwrap()).collect();
    assert_eq!(parts.len(), maps.len());
    assert!(parts.contains("nautobot-job-queues") && parts.contains("nautobot-job-queues-2"));
    for map in &maps {
        assert_eq!(map["metadata"]["labels"]["app.kubernetes.io/name"], "nautobot-job-queues");
        let written = map["data"].to_string();
        assert!(written.len() < 160 << 10, "{}", written.len());
    }
    let names = names(&plan);
    assert_eq!(names.len(), 10_000);
    assert!(names.is_sorted());
}
