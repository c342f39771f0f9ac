//! Tests of findings on queues.

use nautobot_worker::NautobotWorker;
use policy_sdk::{Failure, Finding, Severity, harness};
use serde_json::{Value, json};

use super::{decide, fleet, names, only, site};

fn assert_at(found: &Finding, site: &str, index: usize) {
    let place =
        format!("/{site}/site/nautobot_worker/policies/nautobot-worker/extraQueues/{index}");
    assert_eq!(found.path.as_deref(), Some(&*place));
}

#[test]
fn a_queue_that_is_another_sites_is_an_error_that_names_both_ends() {
    let sites = json!({
        "a": site("label-a", json!(["bulk", "label-b"])), "b": site("label-b", json!([])),
    });
    let plan = decide(sites, json!({"queues": [{"name": "bulk"}]})).unwrap();
    let found = only(&plan, "queue/other-site");
    assert_eq!(found.severity, Severity::Error);
    assert_eq!(
        found.message,
        "site a serves queue `label-b` (extraQueues of nautobot-worker), which is the queue of site b: jobs for site b would run there too"
    );
    assert_at(found, "a", 1);
    assert_eq!(
        found.hint.as_deref(),
        Some(
            "remove label-b from extraQueues; a queue that several sites serve needs a name of its own, in the setting queues of job-queues"
        )
    );
}

/// Neither setting makes another site's queue a shared one.
#[test]
fn another_sites_queue_stays_an_error_where_settings_name_it_too() {
    for settings in [json!({"queues": [{"name": "b"}]}), json!({"elsewhere": ["b"]})] {
        let plan = decide(fleet(&[("a", json!(["b"])), ("b", json!([]))]), settings).unwrap();
        only(&plan, "queue/other-site");
    }
}

#[test]
fn several_sites_at_either_end_are_one_finding() {
    let mut sites = fleet(&[("b", json!(["q"])), ("a", json!(["q"])), ("c", json!(["q"]))]);
    sites["x"] = site("q", json!([]));
    sites["y"] = site("q", json!([]));
    let plan = decide(sites, json!({})).unwrap();
    let found = only(&plan, "queue/other-site");
    assert_eq!(
        found.message,
        "sites a, b and c serve queue `q` (extraQueues of nautobot-worker), which is the queue of sites x and y: jobs for sites x and y would run there too"
    );
    assert_at(found, "a", 0);
}

#[test]
fn a_queue_that_nobody_creates_is_an_error_at_its_line() {
    let plan = decide(fleet(&[("a", json!(["bulk"])), ("b", json!([]))]), json!({})).unwrap();
    let found = only(&plan, "queue/not-created");
    assert_eq!(found.severity, Severity::Error);
    assert_eq!(
        found.message,
        "site a serves queue `bulk` (extraQueues of nautobot-worker), and nobody creates that queue in Nautobot: no job can be sent to it"
    );
    assert_at(found, "a", 0);
    assert_eq!(
        found.hint.as_deref(),
        Some(
            "add bulk to the setting queues of job-queues, or to elsewhere if Nautobot has it already"
        )
    );
    assert_eq!(names(&plan), ["a", "b"], "it is not listed in silence");
}

/// The name of a site's folder is not its queue if its label differs.
#[test]
fn a_sites_folder_is_not_its_queue() {
    let sites = json!({"a": site("label-a", json!(["b"])), "b": site("label-b", json!([]))});
    only(&decide(sites, json!({})).unwrap(), "queue/not-created");
}

#[test]
fn an_extra_queue_is_created_by_the_list_or_was_there() {
    let sites = fleet(&[("a", json!(["bulk"]))]);
    for settings in [json!({"queues": [{"name": "bulk"}]}), json!({"elsewhere": ["bulk"]})] {
        let plan = decide(sites.clone(), settings).unwrap();
        assert!(plan.findings.is_empty(), "{:?}", plan.findings);
    }
    let plan = decide(fleet(&[("a", json!(["default"]))]), json!({})).unwrap();
    assert!(plan.findings.is_empty(), "every Nautobot has default: {:?}", plan.findings);
    only(&decide(fleet(&[("a", json!(["Default"]))]), json!({})).unwrap(), "queue/not-created");
}

/// Policy nautobot-worker refuses it, at the site.
#[test]
fn a_sites_own_queue_among_its_extra_ones_is_left_to_the_sites_render() {
    let sites = fleet(&[("a", json!(["a"]))]);
    let plan = decide(sites.clone(), json!({})).unwrap();
    assert!(plan.findings.is_empty(), "{:?}", plan.findings);
    let profile = sites["a"].clone();
    let settings = profile["site"]["nautobot_worker"]["policies"]["nautobot-worker"].clone();
    let request = json!({
        "site": "a", "profile": profile, "settings": settings,
        "cluster": {"chart": {"name": "nautobot", "version": "3.1.2"}},
    });
    let refusal = harness::evaluate::<NautobotWorker>(request).unwrap_err();
    assert!(matches!(refusal, Failure::BadSettings(_)), "{refusal:?}");
}

#[test]
fn a_queue_that_is_named_twice_is_one() {
    let plan = decide(fleet(&[("a", json!(["x", "x"]))]), json!({})).unwrap();
    assert!(only(&plan, "queue/not-created").message.starts_with("site a serves queue `x`"));
}

#[test]
fn names_that_nautobot_or_celery_refuse_are_errors() {
    let long = "q".repeat(256);
    for (name, words) in [
        ("a..b", "queue `a..b` of site iad3 contains `..`, which Nautobot refuses"),
        ("a/b", "contains `/`"),
        ("a,b", "contains a comma"),
        ("a b", "white space"),
        ("", "is empty"),
        (&*long, "has 256 characters, but Nautobot allows 255"),
        ("0b1d7c2e-9f3a-4e57-8c44-1f2e3d4c5b6a", "is a UUID"),
    ] {
        let plan = decide(fleet(&[("iad3", json!([name]))]), json!({})).unwrap();
        let found = only(&plan, "queue/name");
        assert!(found.message.contains(words), "{}", found.message);
        assert_at(found, "iad3", 0);
    }
    for name in [&*"q".repeat(255), &*"a".repeat(31), &*"g".repeat(32), "a-b_c.d", "A"] {
        let plan = decide(fleet(&[("iad3", json!([name]))]), json!({"elsewhere": [name]})).unwrap();
        assert!(plan.findings.is_empty(), "{:?}", plan.findings);
    }
}

/// With metrics off a label may have 47 characters, enough for a UUID.
#[test]
fn a_label_that_nautobot_would_not_find_is_an_error_too() {
    let sites = json!({"iad3": site("0b1d7c2e9f3a4e578c441f2e3d4c5b6a", json!([]))});
    let plan = decide(sites, json!({})).unwrap();
    let found = only(&plan, "queue/name");
    assert_eq!(found.path.as_deref(), Some("/iad3/appLabels/understack.rackspace.com~1site"));
}

#[test]
fn a_declared_queue_that_no_site_serves_is_a_note() {
    let settings = json!({"queues": [{"name": "bulk"}, {"name": "idle"}, {"name": "a"}]});
    let plan = decide(fleet(&[("a", json!(["bulk"]))]), settings).unwrap();
    let found = only(&plan, "queue/not-served");
    assert_eq!(found.severity, Severity::Note);
    assert_eq!(
        found.message,
        "no open site serves queue `idle` (setting queues of job-queues): unless a worker on the global cluster does, Nautobot refuses to run a job there"
    );
    assert_eq!(found.path.as_deref(), Some("/queues/1/name"));
}

#[test]
fn settings_of_a_site_that_cannot_be_read_name_the_site() {
    for extra in [json!("bulk"), json!({"bulk": true}), json!([7]), json!([["bulk"]]), json!(true)]
    {
        let Err(Failure::Unsupported(message)) =
            decide(fleet(&[("iad3", extra.clone())]), json!({}))
        else {
            panic!("{extra} was read")
        };
        assert!(message.starts_with("fleet /iad3/site/nautobot_worker/"), "{message}");
    }
    let plan = decide(fleet(&[("iad3", Value::Null)]), json!({})).unwrap();
    assert!(plan.findings.is_empty());
}

#[test]
fn a_fleet_full_of_mistakes_is_reported_in_a_few_findings() {
    let queues: Value = (0..10_000)
        .map(|index| {
            (format!("s{index}"), site(&format!("s{index}"), json!([format!("q{index}")])))
        })
        .collect();
    let plan = decide(queues, json!({})).unwrap();
    assert_eq!(plan.findings.len(), 101);
    assert_eq!(plan.findings[100].code, "queue/more");
    assert_eq!(plan.findings[100].message, "9900 more findings about queues are not shown");

    let shared: Value = (0..10_000)
        .map(|index| (format!("s{index}"), site(&format!("s{index}"), json!(["bulk"]))))
        .collect();
    let plan = decide(shared, json!({})).unwrap();
    let found = only(&plan, "queue/not-created");
    assert!(found.message.starts_with("sites s0, s1, s10 and 9997 others serve queue `bulk`"));
}
