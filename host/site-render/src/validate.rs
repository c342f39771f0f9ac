//! The validate stage: final values against the chart's schema and our own invariants.
//!
//! Only [`Proven`] values are ever emitted.

mod config;
mod names;
mod secrets;

pub(crate) use names::application;

use crate::codes;
use crate::config::{Config, flow::FlowMemo};
use crate::environment::SchemaFiles;
use crate::finding::{Code, Finding, Problems};
use crate::findings::{Reported, Reporter};
use crate::gate::Open;
use crate::inputs::Inputs;
use crate::json;
use crate::merge::Merged;
use crate::policies::{self, Evaluated};
use crate::schema::{Schema, complaint};
use crate::schema_store::SchemaStore;
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
    pub(crate) config: Option<Config>,
}

/// Proves merged values.
pub(crate) fn prove(
    schemas: &SchemaStore,
    flows: &FlowMemo,
    open: &Open,
    inputs: &Inputs,
    evaluated: &Evaluated,
    mut merged: Merged,
) -> Result<Reported<Proven>, Problems> {
    let mut findings = match open {
        Open::Site(site) => names::check_names(site),
        Open::Fleet(all) => match &all.global.schema {
            Some(files) => check_global_schema(schemas, files, inputs, &merged.user)?,
            None => Vec::new(),
        },
    };
    findings.extend(secrets::find_secrets(&merged.user));
    findings.extend(config::check_config(flows, merged.config.as_ref(), &evaluated.answers));
    merged.insert_config();
    findings.extend(check_chart_schema(schemas, inputs, &merged.coalesced)?);
    if findings.iter().any(Finding::is_error) {
        return Err(Problems(findings));
    }
    let Merged { overlay, user, coalesced, config } = merged;
    let proven = Proven { overlay, user, coalesced, config };
    Ok(Reported::new(Reporter::Validate, proven, findings))
}

/// What the schema of a global cluster's values says. What a policy passed on is told at its
/// place in the base values.
fn check_global_schema(
    schemas: &SchemaStore,
    files: &SchemaFiles,
    inputs: &Inputs,
    values: &Node,
) -> Result<Vec<Finding>, Problems> {
    let schema = schemas.of_files(files)?;
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
fn check_chart_schema(
    schemas: &SchemaStore,
    inputs: &Inputs,
    values: &Node,
) -> Result<Vec<Finding>, Problems> {
    let Some((chart, schema)) =
        inputs.local_chart.as_ref().and_then(|chart| Some((chart, chart.schema.as_ref()?)))
    else {
        return Ok(Vec::new());
    };
    let schema = schemas.of_chart(chart, schema)?;
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
