//! Jobs that the global cluster's Nautobot sends, and who runs them: the worker of the site that
//! the guide's reader has made, whose queue is known to Nautobot by the guide's own command.

use serde_json::{Value, json};
use site_cmp_tests::tell;

use super::guide::SITE;
use super::pod::open_sites;
use super::stage::found;

/// A job ended well on the site's worker, which wrote what the global side reads.
fn ran(job: &Value, log: &Value) {
    let log = log.as_str().unwrap();
    assert_eq!(job["status"], "SUCCESS", "{job:#}\n{log}");
    assert_eq!(job["queue"], SITE, "{job:#}");
    let worker = format!("celery@nautobot-worker-celery-{SITE}-0");
    assert_eq!(job["worker"], worker, "{job:#}");
    // The worker's own words, and what it deleted.
    assert_ne!(job["logged"], 0, "{job:#}");
    assert_eq!(job["change"], false, "the log entry is still there: {job:#}");
}

#[test]
fn a_job_runs_to_its_end_on_the_sites_queue_and_no_other_is_taken() {
    let Some(found) = found() else { return };
    let line = &found["a job"];
    let known = line["known"].as_str().unwrap();
    for site in open_sites().into_iter().chain([SITE.to_owned()]) {
        assert!(known.contains(&format!("created {site}")), "{known}");
    }
    let jobs = &line["answer"];
    ran(&jobs["own"], &line["log"]);
    assert_eq!(jobs["own"]["result"], json!({"extras.ObjectChange": 2}), "{jobs:#}");
    assert_eq!(line["unmatched"], 0, "the gateway had no route");

    // It was sent first, and waits.
    let other = &jobs["other"];
    assert_eq!(other["status"], "PENDING", "{other:#}");
    assert_eq!(other["worker"], Value::Null, "{other:#}");
    assert_ne!(other["queue"], SITE);
    let waiting = jobs["waiting"].as_str().unwrap();
    assert!(waiting.contains(other["id"].as_str().unwrap()), "{waiting}");
}

/// The promise is 15 seconds; how long it took is printed, since a busy machine takes longer.
/// Meanwhile another authority has replaced that of the worker's first certificate, so it is
/// back with the files that replaced its own while it ran.
#[test]
fn a_worker_is_back_after_the_gateway_was_gone() {
    let Some(found) = found() else { return };
    let line = &found["gateway down"];
    ran(&line["own"], &line["log"]);
    assert_eq!(line["unmatched"], 0, "the gateway had no route");
    // Celery waits 2 s longer after each try in vain: 8 s after the one that the gateway's
    // return came too late for, so that the next is within 15 s.
    let tries = line["tries"].as_u64().unwrap();
    assert!(tries <= 1, "{tries} tries in vain after the gateway's return: {}", line["log"]);
    let [gone, connected, job] = ["gone", "connected", "job"].map(|key| {
        let seconds = line["seconds"][key].as_f64().unwrap();
        format!("{seconds:.1} s")
    });
    tell(&format!(
        "the gateway was gone for {gone}; the worker was connected {connected} after its return, \
         and had run a job after {job}"
    ));
}
