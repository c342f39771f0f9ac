//! Proving the final values: the chart's schema, our own invariants, the check policies.
//!
//! Only [`Proven`] values are ever emitted.

mod config;
mod names;
mod secrets;

pub(crate) use names::application;
pub(crate) use secrets::{in_url as secret_in_url, is_literal, names_a_secret};

use crate::config::Config;
use crate::finding::{Finding, Problems, Stage};
use crate::fleet::Fleet;
use crate::gate::OpenSite;
use crate::inputs::Inputs;
use crate::json;
use crate::merge;
use crate::overlay::Overlay;
use crate::policies::{self, Asked};
use crate::schema::complaint;
use crate::value::Node;

/// How many complaints of a chart's schema are told: one wrong key can raise hundreds.
const MAX_COMPLAINTS: usize = 20;

/// Values that may be emitted.
#[derive(Debug)]
pub(crate) struct Proven {
    /// The edits of all policies.
    pub(crate) overlay: Node,
    /// Everything over the chart's own defaults; nulls kept. What Helm is given.
    pub(crate) user: Node,
    /// What the chart's templates see.
    pub(crate) coalesced: Node,
    /// The configuration; where it goes out inline, the values above hold it.
    pub(crate) config: Option<Config>,
    /// Warnings and notes.
    pub(crate) findings: Vec<Finding>,
}

/// Base values and overlay, merged and not yet proven.
#[derive(Debug)]
pub(crate) struct Merged {
    overlay: Node,
    user: Node,
    coalesced: Node,
    config: Option<Config>,
}

/// The merge stage: the overlay on top of the base values.
pub(crate) fn merge(inputs: &Inputs, overlay: &Overlay, config: Option<Config>) -> Merged {
    let user = merge::files(&inputs.files, &overlay.values);
    let chart = inputs
        .local_chart
        .as_ref()
        .map_or_else(|| Node::empty("no chart at hand"), |chart| chart.values.clone());
    let coalesced = merge::coalesce(&chart, &user);
    Merged { overlay: overlay.values.clone(), coalesced, user, config }
}

/// Proves merged values.
pub(crate) fn prove(
    fleet: &Fleet,
    site: &OpenSite,
    inputs: &Inputs,
    asked: &Asked,
    mut merged: Merged,
) -> Result<Proven, Problems> {
    let mut findings = names::check(site);
    findings.extend(secrets::check(&merged.user));
    findings.extend(config::check(merged.config.as_ref(), &asked.answers));
    merged.hold_the_config();
    findings.extend(chart_schema(fleet, inputs, &merged.coalesced)?);
    for (ready, request) in &asked.checks {
        match policies::check(ready, request.clone(), merged.coalesced.clone()) {
            Ok(found) => findings.extend(found),
            Err(problems) => findings.extend(problems.0),
        }
    }
    if findings.iter().any(Finding::is_error) {
        return Err(Problems(findings));
    }
    let Merged { overlay, user, coalesced, config } = merged;
    Ok(Proven { overlay, user, coalesced, config, findings })
}

impl Merged {
    /// Puts a configuration that goes out inline among the values. It has been searched for
    /// secrets as Python, which as a value it could not be.
    fn hold_the_config(&mut self) {
        if let Some(slot) = self.config.as_ref().and_then(Config::inline) {
            for values in [&mut self.overlay, &mut self.user, &mut self.coalesced] {
                *values = merge::files(values, &slot);
            }
        }
    }
}

/// What the chart's own schema says, where a chart is at hand that has one.
fn chart_schema(fleet: &Fleet, inputs: &Inputs, values: &Node) -> Result<Vec<Finding>, Problems> {
    let Some((chart, schema)) =
        inputs.local_chart.as_ref().and_then(|chart| Some((chart, chart.schema.as_ref()?)))
    else {
        return Ok(Vec::new());
    };
    let schema = fleet.chart_schema(chart, schema)?;
    let mut findings = Vec::new();
    if !schema.remote.is_empty() {
        findings.push(Finding::note(
            Stage::Validate,
            "schema/remote",
            format!(
                "{} remote references of chart {}'s schema accept anything here",
                schema.remote.len(),
                chart.name
            ),
        ));
    }
    let instance = json::to_serde(values);
    findings.extend(schema.validator.iter_errors(&instance).take(MAX_COMPLAINTS).map(|error| {
        let path = error.instance_path().to_string();
        Finding::error(
            Stage::Validate,
            "schema/chart",
            format!(
                "chart {} {} refuses `{path}`: {}",
                chart.name,
                chart.version,
                complaint(&error, &path)
            ),
        )
        .at(policies::nearest_place(values, &path))
        .on(path)
    }));
    Ok(findings)
}
