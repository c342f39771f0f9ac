//! Proving the final values: the chart's schema, our own invariants, the check policies.
//!
//! Only [`Proven`] values are ever emitted.

mod config;
mod names;
mod secrets;

pub(crate) use names::application;

use crate::app_config::AppConfig;
use crate::build;
use crate::codes;
use crate::environment::SchemaFiles;
use crate::finding::{Code, Finding, Problems};
use crate::fleet::Fleet;
use crate::gate::Open;
use crate::inputs::Inputs;
use crate::json;
use crate::merge;
use crate::overlay::Overlay;
use crate::policies::{self, Asked};
use crate::schema::{Schema, complaint};
use crate::value::Node;

/// How many complaints of a chart's schema are told: one wrong key can raise hundreds.
const MAX_COMPLAINTS: usize = 20;

/// Values that may be emitted.
#[derive(Debug)]
pub(crate) struct Proven {
    /// The edits of all policies, on what goes out inline of the base values.
    pub(crate) overlay: Node,
    /// Everything over the chart's own defaults; nulls kept. What Helm is given.
    pub(crate) user: Node,
    /// What the chart's templates see.
    pub(crate) coalesced: Node,
    /// The configuration; where it goes out inline, the values above hold it.
    pub(crate) config: Option<AppConfig>,
    /// Warnings and notes.
    pub(crate) findings: Vec<Finding>,
}

/// Base values and overlay, merged and not yet proven.
#[derive(Debug)]
pub(crate) struct Merged {
    overlay: Node,
    user: Node,
    coalesced: Node,
    config: Option<AppConfig>,
}

/// The merge stage: the overlay on top of the base values.
pub(crate) fn merge(inputs: &Inputs, overlay: &Overlay, config: Option<AppConfig>) -> Merged {
    let user = merge::files(&inputs.files, &overlay.values);
    let chart = inputs
        .local_chart
        .as_ref()
        .map_or_else(|| Node::empty("no chart at hand"), |chart| chart.values.clone());
    let coalesced = merge::coalesce(&chart, &user);
    // Base values that only we can read go out with the edits, below them.
    let overlay = merge::files(&inputs.inline, &overlay.values);
    Merged { overlay, user, coalesced, config }
}

/// Proves merged values.
pub(crate) fn prove(
    fleet: &Fleet,
    open: &Open,
    inputs: &Inputs,
    asked: &Asked,
    mut merged: Merged,
) -> Result<Proven, Problems> {
    let mut findings = match open {
        Open::Site(site) => names::check(site),
        Open::Fleet(all) => match &all.global.schema {
            Some(files) => extended_schema(fleet, files, inputs, &merged.user)?,
            None => Vec::new(),
        },
    };
    findings.extend(secrets::check(&merged.user));
    findings.extend(config::check(fleet, merged.config.as_ref(), &asked.answers));
    merged.insert_config();
    findings.extend(chart_schema(fleet, inputs, &merged.coalesced)?);
    if findings.iter().any(Finding::is_error) {
        return Err(Problems(findings));
    }
    let Merged { overlay, user, coalesced, config } = merged;
    Ok(Proven { overlay, user, coalesced, config, findings })
}

/// Asks the check policies about final values and the objects that will be applied.
pub(crate) fn check(
    asked: &Asked,
    proven: &Proven,
    objects: Vec<Node>,
) -> Result<Vec<Finding>, Problems> {
    let objects = build::map([("objects", build::list(objects))]);
    let mut findings = Vec::new();
    for (ready, request) in &asked.checks {
        match policies::check(ready, request.clone(), proven.coalesced.clone(), &objects) {
            Ok(found) => findings.extend(found),
            Err(problems) => findings.extend(problems.0),
        }
    }
    if findings.iter().any(Finding::is_error) { Err(Problems(findings)) } else { Ok(findings) }
}

impl Merged {
    /// Puts a configuration that goes out inline among the values. It has been searched for
    /// secrets as Python, which as a value it could not be.
    fn insert_config(&mut self) {
        if let Some(slot) = self.config.as_ref().and_then(AppConfig::inline_values) {
            for values in [&mut self.overlay, &mut self.user, &mut self.coalesced] {
                *values = merge::files(values, &slot);
            }
        }
    }
}

/// What the schema of a global cluster's values says. What a policy passed on is told at its
/// place in the base values.
fn extended_schema(
    fleet: &Fleet,
    files: &SchemaFiles,
    inputs: &Inputs,
    values: &Node,
) -> Result<Vec<Finding>, Problems> {
    let schema = fleet.extended_schema(files)?;
    let told = complaints(&schema, values, &codes::SCHEMA_EXTENDED, &files.base.0);
    let placed = told.into_iter().map(|finding| {
        let path = finding.path.clone().unwrap_or_default();
        let place = finding.place.clone();
        finding.at(place.or_else(|| policies::nearest_place(&inputs.base, &path)))
    });
    Ok(placed.collect())
}

/// Complaints of a schema on values, as many as a person reads.
fn complaints(schema: &Schema, values: &Node, code: &'static Code, whose: &str) -> Vec<Finding> {
    let instance = json::to_serde(values);
    let errors = schema.validator.iter_errors(&instance).take(MAX_COMPLAINTS).map(|error| {
        let path = error.instance_path().to_string();
        let message = format!("{whose} refuses `{path}`: {}", complaint(&error, &path));
        let place = policies::nearest_place(values, &path);
        code.finding(message).at(place).on(path)
    });
    errors.collect()
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
        findings.push(codes::SCHEMA_REMOTE.finding(format!(
            "{} remote references of chart {}'s schema accept anything here",
            schema.remote.len(),
            chart.name
        )));
    }
    let whose = format!("chart {} {}", chart.name, chart.version);
    findings.extend(complaints(&schema, values, &codes::SCHEMA_CHART, &whose));
    Ok(findings)
}
