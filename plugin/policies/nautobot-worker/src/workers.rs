//! Runs the site's own worker and switches off every other by name.
//!
//! A worker is `celery` merged with `workers.<name>`. Deleting its key does not stop it: the
//! chart builds `default` and `beat` from `celery` even if `workers` does not list them (3.1.1 and
//! 2.5.9, `_helpers.tpl`, `nautobot.workers`).

use policy_sdk::{Document, Failure, Plan, pointer};

use crate::codes;
use crate::pod::Pod;
use crate::settings::Settings;
use crate::short::shorten;
use crate::site_label::SiteLabel;

const QUEUES: &str = "/extraQueues";

/// Switches off the chart's own two workers and those that the base values name.
pub(crate) fn turn_off_others(plan: &mut Plan, values: &Document, site: &SiteLabel) {
    turn_off_default(plan);
    plan.set("/workers/beat/enabled", false, "there is one scheduler, on the global cluster");
    for name in values.keys("/workers") {
        if name == "default" || name == "beat" || name == site.as_str() {
            continue;
        }
        let enabled = pointer(["workers", &name, "enabled"]);
        if values.scalar(&enabled).is_none_or(|text| text != "false") {
            plan.report(
                codes::OTHER_WORKER
                    .finding(format!(
                        "the base values run a worker \"{name}\"; the policy switches it off"
                    ))
                    .at(pointer(["workers", &name]))
                    .hint("add queues that the site has to serve to the setting extraQueues"),
            );
        }
        plan.set(enabled, false, "a site runs its own worker and no other");
        // Written only where it is on: by the schema of 3.x a worker of `type: kubernetes` must
        // not have `pdb`, and it inherits the one of `celery`, which is off.
        let pdb = pointer(["workers", &name, "pdb", "create"]);
        if values.is_true(&pdb) {
            plan.set(
                pdb,
                false,
                "the chart creates a disruption budget even for workers that are off",
            );
        }
    }
}

/// Switches off the worker `default`. Its disruption budget needs a key of its own, because
/// `celeryWorker.pdb` would enable it again; for `beat` the chart sets it to false last.
fn turn_off_default(plan: &mut Plan) {
    plan.set(
        "/workers/default/enabled",
        false,
        "the default queue is served on the global cluster",
    );
    plan.set(
        "/workers/default/pdb/create",
        false,
        "the chart creates a disruption budget even for workers that are off",
    );
}

/// Enables the site's worker, and returns the queues that it has to serve.
pub(crate) fn run_site_worker(
    plan: &mut Plan,
    values: &Document,
    site: &SiteLabel,
    settings: &Settings,
) -> Result<String, Failure> {
    plan.set(site.worker_path("enabled"), true, "the worker of this site");
    let queues = site_queues(plan, site, settings)?;
    report_other_queues(plan, values, site, &queues);
    plan.set(
        site.worker_path("taskQueues"),
        &*queues,
        "the worker serves the queue named after the site and the extra queues of the settings",
    );
    set_worker_type(plan, values, site);
    set_optional_objects(plan, values, site, settings)?;
    if let Some(replicas) = settings.replicas {
        plan.set(site.worker_path("replicaCount"), replicas, "the settings set the number of pods");
    }
    if let Some(concurrency) = settings.concurrency {
        plan.set(
            site.worker_path("concurrency"),
            concurrency,
            "the settings set the number of processes in a pod",
        );
    }
    Ok(queues)
}

/// Reports queues of the base values, which those of the site replace.
fn report_other_queues(plan: &mut Plan, values: &Document, site: &SiteLabel, queues: &str) {
    let paths = [site.worker_path("taskQueues"), "/celery/taskQueues".to_owned()];
    let base = paths.into_iter().find_map(|path| Some((values.scalar(&path)?, path)));
    let Some((base, path)) = base.filter(|(base, _)| base != queues && !base.is_empty()) else {
        return;
    };
    plan.report(
        codes::REPLACED
            .finding(format!(
                "the site's queues ({queues}) replace taskQueues ({}) of the base values",
                shorten(&base)
            ))
            .at(path)
            .hint("add queues that the site has to serve to the setting extraQueues"),
    );
}

/// Returns the site's queue and the extra ones, joined with commas.
fn site_queues(plan: &mut Plan, site: &SiteLabel, settings: &Settings) -> Result<String, Failure> {
    let mut queues = site.as_str().to_owned();
    for (index, queue) in settings.extra_queues.iter().enumerate() {
        if queue == site.as_str() {
            return Err(Failure::bad_settings(
                QUEUES,
                format!("names {queue}, the site's own queue, which the worker serves anyway"),
            ));
        }
        if queue == "default" {
            plan.report(
                codes::DEFAULT_QUEUE
                    .finding("the site's worker also takes jobs from the global default queue")
                    .at([QUEUES, "/", &index.to_string()].concat())
                    .hint("remove default from the setting extraQueues"),
            );
        }
        queues.push(',');
        queues.push_str(queue);
    }
    Ok(queues)
}

/// Sets the type to `celery` where the base values set another: such a worker has a Service and
/// no pods. An empty type means `celery` (celery-deployment.yaml of 3.1.1).
fn set_worker_type(plan: &mut Plan, values: &Document, site: &SiteLabel) {
    let base = Pod::new(values, site).scalar("type");
    let is_other = |text: &str| !text.is_empty() && text != "celery";
    let Some((other, place)) = base.filter(|(text, _)| is_other(text)) else { return };
    plan.report(
        codes::TYPE
            .finding(format!(
                "the base values set the type of the site's worker to {}; the policy sets it to celery",
                shorten(&other),
            ))
            .at(place)
            .hint("remove the type from the base values"),
    );
    plan.set(site.worker_path("type"), "celery", "a worker of another type has no pods of its own");
}

/// Switches off the disruption budget and autoscaling of the base values, unless the settings
/// keep them: a site runs nothing beside the worker's Deployment by default.
fn set_optional_objects(
    plan: &mut Plan,
    values: &Document,
    site: &SiteLabel,
    settings: &Settings,
) -> Result<(), Failure> {
    if settings.autoscaling && settings.replicas.is_some() {
        return Err(Failure::bad_settings(
            "/replicas",
            "sets a fixed number of pods, which contradicts the setting autoscaling",
        ));
    }
    for (what, setting, switch, keep) in [
        ("a disruption budget", "disruptionBudget", "pdb/create", settings.disruption_budget),
        ("autoscaling", "autoscaling", "autoscaling/enabled", settings.autoscaling),
    ] {
        let own = site.worker_path(switch);
        let requested = match values.scalar(&own) {
            Some(text) => text == "true",
            None => values.is_true(&["/celery/", switch].concat()),
        };
        if requested && !keep {
            plan.report(
                codes::NOT_KEPT
                    .finding(format!(
                        "the base values enable {what} of workers; the policy switches it off"
                    ))
                    .at(&*own)
                    .hint(format!("set {setting} in the policy's settings to true to keep it")),
            );
        }
        plan.set(
            own,
            requested && keep,
            if requested && keep {
                "the base values enable it, and the settings keep it"
            } else {
                "a site runs only its worker unless the settings keep more"
            },
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests;
