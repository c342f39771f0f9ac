//! Workers: the site's own runs, every other is switched off by name.
//!
//! Each is `celery` merged with `workers.<name>`. Deleting one does not stop it: the
//! chart builds `default` and `beat` from `celery` whatever `workers` holds (3.1.1 and
//! 2.5.9, `_helpers.tpl`, `nautobot.workers`).

use policy_sdk::{Document, Failure, Finding, Plan, pointer};

use crate::pod::Pod;
use crate::settings::Settings;
use crate::short::short;
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
                Finding::warning(
                    "worker/other-worker",
                    format!("the base values run a worker \"{name}\"; it is switched off"),
                )
                .at(pointer(["workers", &name]))
                .hint("queues that the site should serve belong into the setting extraQueues"),
            );
        }
        plan.set(enabled, false, "a site runs its own worker and no other");
        // Written only where it is on: a worker of `type: kubernetes` may hold no
        // `pdb` by the schema of 3.x, and inherits the one of `celery`, which is off.
        let pdb = pointer(["workers", &name, "pdb", "create"]);
        if values.is_true(&pdb) {
            plan.set(
                pdb,
                false,
                "the chart makes a disruption budget even for workers that are off",
            );
        }
    }
}

/// `celeryWorker.pdb` would bring its disruption budget back, so its own key says no.
/// Beat needs none: the chart sets its budget to false last.
fn turn_off_default(plan: &mut Plan) {
    plan.set(
        "/workers/default/enabled",
        false,
        "the default queue is served on the global cluster",
    );
    plan.set(
        "/workers/default/pdb/create",
        false,
        "the chart makes a disruption budget even for workers that are off",
    );
}

/// Runs the one worker of the site, and returns the queues that it has to serve.
pub(crate) fn run_the_sites_own(
    plan: &mut Plan,
    values: &Document,
    site: &SiteLabel,
    settings: &Settings,
) -> Result<String, Failure> {
    plan.set(site.worker("enabled"), true, "the worker of this site");
    let queues = queues(plan, site, settings)?;
    report_other_queues(plan, values, site, &queues);
    plan.set(
        site.worker("taskQueues"),
        &*queues,
        "it serves the queue named after the site, and the extra queues of the settings",
    );
    make_it_celery(plan, values, site);
    keep_what_was_asked_for(plan, values, site, settings)?;
    if let Some(replicas) = settings.replicas {
        plan.set(
            site.worker("replicaCount"),
            replicas,
            "the settings say how many pods the site runs",
        );
    }
    if let Some(concurrency) = settings.concurrency {
        plan.set(
            site.worker("concurrency"),
            concurrency,
            "the settings say how many processes a pod runs",
        );
    }
    Ok(queues)
}

/// Reports queues of the base values, which those of the site replace.
fn report_other_queues(plan: &mut Plan, values: &Document, site: &SiteLabel, queues: &str) {
    let paths = [site.worker("taskQueues"), "/celery/taskQueues".to_owned()];
    let base = paths.into_iter().find_map(|path| Some((values.scalar(&path)?, path)));
    let Some((base, path)) = base.filter(|(base, _)| base != queues && !base.is_empty()) else {
        return;
    };
    plan.report(
        Finding::note(
            "worker/replaced",
            format!(
                "the site's queues ({queues}) replace taskQueues ({}) of the base values",
                short(&base)
            ),
        )
        .at(path)
        .hint("name queues that the site should serve in the setting extraQueues"),
    );
}

fn queues(plan: &mut Plan, site: &SiteLabel, settings: &Settings) -> Result<String, Failure> {
    let mut queues = site.as_str().to_owned();
    for (index, queue) in settings.extra_queues.iter().enumerate() {
        if queue == site.as_str() {
            return Err(Failure::bad_settings(
                QUEUES,
                format!("names {queue}, which the worker serves anyway"),
            ));
        }
        if queue == "default" {
            plan.report(
                Finding::warning(
                    "worker/default-queue",
                    "the site's worker also takes jobs from the global default queue",
                )
                .at([QUEUES, "/", &index.to_string()].concat())
                .hint("remove default from the setting extraQueues"),
            );
        }
        queues.push(',');
        queues.push_str(queue);
    }
    Ok(queues)
}

/// A worker of another type makes a Service and no pods; an empty type is `celery`
/// (celery-deployment.yaml of 3.1.1).
fn make_it_celery(plan: &mut Plan, values: &Document, site: &SiteLabel) {
    let found = Pod::new(values, site).scalar("type");
    let is_other = |text: &str| !text.is_empty() && text != "celery";
    let Some((other, place)) = found.filter(|(text, _)| is_other(text)) else { return };
    plan.report(
        Finding::warning(
            "worker/type",
            format!(
                "the base values make the site's worker of type {}; it runs as celery",
                short(&other)
            ),
        )
        .at(place)
        .hint("remove the type from the base values"),
    );
    plan.set(site.worker("type"), "celery", "a worker of another type has no pods of its own");
}

/// A site runs a worker Deployment and nothing beside it that the settings do not ask
/// for: a disruption budget and autoscaling of the base values are kept on request.
fn keep_what_was_asked_for(
    plan: &mut Plan,
    values: &Document,
    site: &SiteLabel,
    settings: &Settings,
) -> Result<(), Failure> {
    if settings.autoscaling && settings.replicas.is_some() {
        return Err(Failure::bad_settings(
            "/replicas",
            "fixes the number of pods, which the setting autoscaling leaves open",
        ));
    }
    for (what, switch, keep) in [
        ("disruption budget", "pdb/create", settings.disruption_budget),
        ("autoscaling", "autoscaling/enabled", settings.autoscaling),
    ] {
        let own = site.worker(switch);
        let wanted = match values.scalar(&own) {
            Some(text) => text == "true",
            None => values.is_true(&["/celery/", switch].concat()),
        };
        if wanted && !keep {
            plan.report(
                Finding::note(
                    "worker/not-kept",
                    format!("the base values ask for {what} of workers; it is switched off"),
                )
                .at(&*own)
                .hint("settings of nautobot-worker can keep it"),
            );
        }
        plan.set(
            own,
            wanted && keep,
            if wanted && keep {
                "the base values ask for it, and the settings keep it"
            } else {
                "a site runs its worker alone unless the settings say otherwise"
            },
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests;
