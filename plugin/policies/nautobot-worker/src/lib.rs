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

mod chart;
mod cluster_data;
mod connections;
mod leftovers;
mod lists;
mod metrics;
mod mtls;
mod settings;
mod site_label;
mod switches;
mod web;
mod workers;

use policy_sdk::{Description, Failure, Plan, Policy, Request, Scope, export_policy};

use crate::chart::Chart;
use crate::lists::WorkerLists;
use crate::settings::Settings;
use crate::site_label::SiteLabel;

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
        let site = SiteLabel::read(&request.profile, settings.metrics)?;
        let mut plan = Plan::new();

        switches::turn_off(&mut plan, chart);
        web::turn_off(&mut plan, values);
        workers::turn_off_others(&mut plan, values, &site);
        workers::run_the_sites_own(&mut plan, values, &site, &settings)?;

        let mut lists = WorkerLists::read(values, &site)?;
        metrics::decide(&mut plan, &mut lists, settings.metrics);
        connections::point(&mut plan, &mut lists, values, chart, settings.connections.as_ref())?;
        cluster_data::describe_the_site(&mut plan, &mut lists, &request.profile, &site)?;
        let unread = request.cluster.texts("/unread")?;
        lists.write(&mut plan, &site, &unread);

        leftovers::report(&mut plan, values, chart);
        Ok(plan)
    }
}

export_policy!(NautobotWorker);

#[cfg(test)]
mod tests;
