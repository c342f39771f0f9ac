//! The list of queues for Nautobot, and queues that would not work.

use serde_json::Value;
use site_cmp_tests::{Output, Scratch};

use crate::{BINARY, cmp};

const ENVIRONMENT: &str = "environments/dev/environment.yaml";
const IAD3: &str = "sites/rax-dev-iad3/profile.yaml";
const HKG1: &str = "sites/rax-dev-hkg1/profile.yaml";
const QUEUES: &str = "[bulk, firmware]";

fn render(fleet: &Scratch, environment: &str, more: &[&str]) -> Output {
    let words = ["--environment", environment, "--target", "global", "-o", "json"];
    cmp().arg("render").arg(fleet.path()).args(words).args(more).run()
}

/// The queues that an environment lists, with their descriptions.
fn listed(fleet: &Scratch, environment: &str, more: &[&str]) -> Vec<(String, String)> {
    let output = render(fleet, environment, more).success();
    let objects = output.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut queues = Vec::new();
    for object in objects.filter(|object| object["kind"] == "ConfigMap") {
        assert_eq!(object["metadata"]["namespace"], "nautobot");
        let list: Value =
            serde_json::from_str(object["data"]["job-queues.json"].as_str().unwrap()).unwrap();
        for queue in list.as_array().unwrap() {
            assert_eq!(queue["queue_type"], "celery");
            let text = |key: &str| queue[key].as_str().unwrap().to_owned();
            queues.push((text("name"), text("description")));
        }
    }
    queues
}

fn names(queues: &[(String, String)]) -> Vec<&str> {
    queues.iter().map(|(name, _)| &**name).collect()
}

/// The global cluster's render and the check of the fleet fail with these words.
fn refused(fleet: &Scratch, words: &[&str]) {
    let output = render(fleet, "dev", &[]).failure(1).says(words);
    assert_eq!(output.stdout, "");
    cmp().arg("check").arg(fleet.path()).run().failure(1).says(words);
}

#[test]
fn the_list_has_the_queues_of_open_sites_and_those_of_the_settings() {
    let queues = listed(&Scratch::new(), "dev", &[]);
    let sites = ["rax-dev-den1", "rax-dev-hkg1", "rax-dev-iad3", "rax-dev-syd2"];
    assert_eq!(
        names(&queues),
        [&["bulk", "firmware", "rack-a1", "rack-a2"][..], &sites[..]].concat()
    );
    assert_eq!(queues[0].1, "Long imports");
    assert_eq!(queues[1].1, "Workers of site rax-dev-hkg1");
}

#[test]
fn a_queue_is_named_after_the_label_where_that_is_not_the_folders_name() {
    let queues = listed(&Scratch::new(), "prod", &[]);
    let syd2 = ("rax-prod-syd2".to_owned(), "Workers of site uc-syd2-prod".to_owned());
    assert!(queues.contains(&syd2), "{queues:?}");
}

#[test]
fn a_site_that_closes_is_no_longer_listed() {
    let fleet = Scratch::new().changed(IAD3, "  enabled: true", "  enabled: false");
    let queues = listed(&fleet, "dev", &[]);
    assert!(!names(&queues).contains(&"rax-dev-iad3"), "{queues:?}");
}

#[test]
fn a_queue_that_is_another_sites_is_refused_where_the_site_names_it() {
    let fleet = Scratch::new().changed(HKG1, QUEUES, "[bulk, rax-dev-iad3]");
    let both = "site rax-dev-hkg1 serves queue `rax-dev-iad3` (extraQueues of nautobot-worker), which is the queue of site rax-dev-iad3";
    refused(&fleet, &["error[queue/other-site]", both, "profile.yaml:23:29"]);
}

#[test]
fn a_queue_that_nobody_creates_is_refused_where_the_site_names_it() {
    let fleet = Scratch::new().changed(HKG1, QUEUES, "[bulk, imports]");
    let message = "site rax-dev-hkg1 serves queue `imports` (extraQueues of nautobot-worker), and nobody creates that queue in Nautobot";
    refused(&fleet, &["error[queue/not-created]", message, "profile.yaml:23:29"]);
    for setting in [
        "job-queues.elsewhere=[imports]",
        r#"job-queues.queues=[{"name":"imports"},{"name":"bulk"},{"name":"rack-a1"},{"name":"rack-a2"}]"#,
    ] {
        let queues = listed(&fleet, "dev", &["--setting", setting]);
        assert_eq!(names(&queues).contains(&"imports"), setting.contains("queues.queues"));
    }
}

/// What the environment says for all of its sites is one finding, at the environment's line.
#[test]
fn a_queue_of_all_sites_is_refused_once() {
    let worker = "      nautobot-worker:\n        connections:\n";
    let all = "      nautobot-worker:\n        extraQueues: [imports]\n        connections:\n";
    let fleet = Scratch::new().changed(ENVIRONMENT, worker, all);
    let sites = "sites rax-dev-iad3 and rax-dev-syd2 serve queue `imports`";
    refused(&fleet, &[sites, "environment.yaml:56:23"]);
}

#[test]
fn a_queue_of_the_settings_that_no_site_serves_is_a_note() {
    let fleet = Scratch::new().changed(HKG1, QUEUES, "[bulk]");
    let output = render(&fleet, "dev", &[]).success();
    output.says(&["note[queue/not-served]", "no open site serves queue `firmware`"]);
}

#[test]
fn names_that_nautobot_refuses_are_refused() {
    let fleet = Scratch::new().changed(HKG1, QUEUES, "[bulk, a..b]");
    refused(&fleet, &["error[queue/name]", "queue `a..b` of site rax-dev-hkg1 contains `..`"]);
    let setting = "job-queues.elsewhere=[\"a/b\"]";
    let output = render(&Scratch::new(), "dev", &["--setting", setting]).failure(1);
    output.says(&["policy/bad-settings", "contains `/`"]);
}

#[test]
fn queues_that_are_no_list_are_refused_with_their_site() {
    let fleet = Scratch::new().changed(HKG1, QUEUES, "bulk");
    let output = render(&fleet, "dev", &[]).failure(1);
    output.says(&["rax-dev-hkg1", "extraQueues", "must be a list"]);
    for queues in ["bulk", "[bulk, bulk]", "[7]", "{bulk: true}"] {
        let fleet = Scratch::new().changed(HKG1, QUEUES, queues);
        fleet.render(BINARY, "rax-dev-hkg1", &[]).failure(1).says(&["settings", "/extraQueues"]);
    }
}
