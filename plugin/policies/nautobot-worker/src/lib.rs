//! A site runs Nautobot's Celery workers and nothing else of Nautobot.
//!
//! The web server, the scheduler, PostgreSQL and Redis stay on the global cluster; a
//! site keeps one worker Deployment that listens on the site's own queue and reaches
//! the global cluster over mTLS.
//!
//! The policy is written for the `nautobot` Helm chart 2.x and 3.x. It refuses a chart
//! it does not know, a site label that Kubernetes would refuse, and a site without a
//! label, whose worker would listen on the global default queue. It never writes a null:
//! the chart rebuilds a nulled worker, so off is always an explicit `false`.

mod certificate;
mod chart;
mod cluster_data;
mod command;
mod config_file;
mod connections;
mod duty;
mod invalid;
mod leftovers;
mod lists;
mod metrics;
mod mounts;
mod mtls;
mod names;
mod pod;
mod security;
mod settings;
mod short;
mod site_label;
mod switches;
mod variables;
mod web;
mod workers;

use policy_sdk::{Description, Failure, Plan, Policy, Request, Scope, export_policy};

use crate::chart::Chart;
use crate::duty::Duty;
use crate::lists::WorkerLists;
use crate::pod::Pod;
use crate::settings::Settings;
use crate::site_label::SiteLabel;
use crate::variables::BaseVariables;

/// Switches a Nautobot chart to workers only.
pub struct NautobotWorker;

impl Policy for NautobotWorker {
    fn describe() -> Description {
        Description::transform("nautobot-worker", env!("CARGO_PKG_VERSION"), "nautobot_worker")
            .settings(settings::SCHEMA)
    }

    fn evaluate(request: &Request) -> Result<Plan, Failure> {
        if request.scope != Scope::Site {
            return Err(Failure::unsupported(
                "nautobot-worker decides for a site; the global cluster runs all of Nautobot",
            ));
        }
        let values = &request.values;
        let chart = Chart::known(&request.cluster)?;
        let settings = Settings::read(&request.settings)?;
        let site = SiteLabel::read(&request.profile)?;
        let mut plan = Plan::new();
        names::check(&mut plan, values, &request.cluster, &site, &settings)?;

        switches::turn_off(&mut plan, chart);
        web::turn_off(&mut plan, values);
        workers::turn_off_others(&mut plan, values, &site);
        let queues = workers::run_the_sites_own(&mut plan, values, &site, &settings)?;

        let pod = Pod::new(values, &site);
        let mut lists = WorkerLists::read(pod)?;
        let base = BaseVariables::read(values, &lists.env);
        let duty =
            Duty { chart, pod, base: &base, settings: &settings, site: &site, queues: &queues };
        variables::judge(&mut plan, &mut lists.env, duty);
        command::judge(&mut plan, duty);
        security::judge_pods(&mut plan, pod, &settings);

        metrics::decide(&mut plan, &mut lists, &base, settings.metrics);
        connections::point(&mut plan, values, &base, chart, settings.connections.as_ref())?;
        connections::equip(&mut plan, &mut lists, &request.cluster, duty);
        cluster_data::describe_the_site(&mut plan, &mut lists, &request.profile, &site)?;
        let unread = request.cluster.texts("/unread")?;
        invalid::judge(&mut plan, &lists, pod, unread.is_empty());
        lists.write(&mut plan, pod, &unread);

        leftovers::report(&mut plan, values, chart);
        Ok(plan)
    }
}

export_policy!(NautobotWorker);

#[cfg(test)]
mod tests;
