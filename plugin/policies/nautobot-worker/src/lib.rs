//! A site runs Nautobot's Celery workers and nothing else of Nautobot.
//!
//! The web server, the scheduler, PostgreSQL and Redis stay on the global cluster; a
//! site keeps one worker Deployment that listens on the site's own queue and reaches
//! the global cluster over mTLS.
//!
//! The policy is written for the `nautobot` Helm chart 2.x and 3.x. It refuses a chart
//! it does not know, a site label that Kubernetes would refuse, and a site without a
//! label, whose worker would listen on the global default queue. It never sets a value to
//! null: the chart would create a worker that is set to null again, so a disabled part is
//! always an explicit `false`.

mod certificate;
mod chart;
mod cluster_data;
pub mod codes;
mod command;
mod config_file;
mod connections;
mod context;
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
use crate::context::WorkerContext;
use crate::lists::WorkerLists;
use crate::pod::Pod;
use crate::settings::Settings;
use crate::site_label::SiteLabel;
use crate::variables::BaseVariables;

/// The policy that reduces a Nautobot chart to the site's worker.
pub struct NautobotWorker;

impl Policy for NautobotWorker {
    fn describe() -> Description {
        Description::transform("nautobot-worker", env!("CARGO_PKG_VERSION"), "nautobot_worker")
            .settings(settings::SCHEMA)
    }

    fn evaluate(request: &Request) -> Result<Plan, Failure> {
        if request.scope != Scope::Site {
            return Err(Failure::unsupported(
                "nautobot-worker applies to sites only, not to the global cluster",
            ));
        }
        let values = &request.values;
        let chart = Chart::from_cluster(&request.cluster)?;
        let settings = Settings::read(&request.settings)?;
        let site = SiteLabel::read(&request.profile)?;
        let mut plan = Plan::new();
        names::check_names(&mut plan, values, &request.cluster, &site, &settings)?;

        switches::turn_off(&mut plan, chart);
        web::turn_off(&mut plan, values);
        workers::turn_off_others(&mut plan, values, &site);
        let queues = workers::run_site_worker(&mut plan, values, &site, &settings)?;

        let pod = Pod::new(values, &site);
        let mut lists = WorkerLists::read(pod)?;
        let base = BaseVariables::read(values, &lists.env);
        let context = WorkerContext {
            chart,
            pod,
            base: &base,
            settings: &settings,
            site: &site,
            queues: &queues,
        };
        variables::check_variables(&mut plan, &mut lists.env, context);
        command::check_commands(&mut plan, context);
        security::check_pods(&mut plan, pod, &settings);

        metrics::set_metrics(&mut plan, &mut lists, &base, settings.metrics);
        connections::set_connections(
            &mut plan,
            values,
            &base,
            chart,
            settings.connections.as_ref(),
        )?;
        connections::add_pod_connections(&mut plan, &mut lists, &request.cluster, context);
        cluster_data::add_cluster_data(&mut plan, &mut lists, &request.profile, &site)?;
        let unread = request.cluster.texts("/unread")?;
        invalid::check_items(&mut plan, &lists, pod, unread.is_empty());
        lists.write(&mut plan, pod, &unread);

        leftovers::report_leftovers(&mut plan, values, chart);
        Ok(plan)
    }
}

export_policy!(NautobotWorker);

#[cfg(test)]
mod tests;
