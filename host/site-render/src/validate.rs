//! The validate stage: final values against the chart's schema and our own invariants.
//!
//! Only [`Proven`] values are emitted.

mod config;
mod names;
mod secrets;

use crate::app_config::{AppConfig, flow::FlowMemo};
use crate::charts::Chart;
use crate::codes;
use crate::environment::{Component, SchemaFiles};
use crate::finding::{Code, Finding, Problems, Severity};
use crate::finding_list::FindingList;
use crate::findings::{Reported, Reporter};
use crate::gate::Open;
use crate::inputs::Inputs;
use crate::json;
use crate::merge::MergedValues;
use crate::policies::{self, Evaluated};
use crate::schema::{COST_HINT, Schema, SchemaError, Validation};
use crate::schema_store::SchemaStore;
use crate::value::Node;

/// How many schema errors are reported: one wrong key can cause hundreds.
const MAX_COMPLAINTS: usize = 20;

/// Values that may be emitted.
#[derive(Debug)]
pub(crate) struct Proven {
    /// The edits of all policies, over the base values that are emitted inline.
    pub(crate) overlay: Node,
    /// Everything over the chart's own defaults, as Helm gets it; nulls stay.
    pub(crate) user: Node,
    /// The values that the chart's templates see.
    pub(crate) coalesced: Node,
    /// The configuration; if it is emitted inline, it is part of the values above.
    pub(crate) config: Option<AppConfig>,
}

/// Validates merged values.
pub(crate) fn prove_values(
    schemas: &SchemaStore,
    flows: &FlowMemo,
    open: &Open,
    inputs: &Inputs,
    evaluated: &Evaluated,
    mut merged: MergedValues,
) -> Result<Reported<Proven>, Problems> {
    let mut findings = FindingList::default();
    findings.extend(match open {
        Open::Site(site) => names::check_names(site),
        Open::Fleet(all) => match &all.global.schema {
            Some(files) => check_global_schema(schemas, files, inputs, &merged.user)?,
            None => Vec::new(),
        },
    });
    secrets::find_secrets(&merged.user, &mut findings);
    findings.extend(config::check_config(flows, merged.config.as_ref(), &evaluated.answers));
    merged.insert_config();
    findings.extend(check_chart_schema(schemas, open, inputs, &merged.coalesced)?);
    if findings.has_error() {
        return Err(findings.into());
    }
    let MergedValues { overlay, user, coalesced, config } = merged;
    let proven = Proven { overlay, user, coalesced, config };
    Ok(Reported::new(Reporter::Validate, proven, findings.into_vec()))
}

/// Validates the values of a global cluster. A value that a policy copied is reported at its
/// place in the base values.
fn check_global_schema(
    schemas: &SchemaStore,
    files: &SchemaFiles,
    inputs: &Inputs,
    values: &Node,
) -> Result<Vec<Finding>, Problems> {
    let schema = schemas.of_files(files)?;
    let errors = schema_errors(&schema, values, &codes::SCHEMA_EXTENDED, &files.base.0);
    let placed = errors.into_iter().map(|finding| {
        let path = finding.path.clone().unwrap_or_default();
        let place = finding.place.clone();
        finding.at(place.or_else(|| policies::nearest_place(&inputs.base, &path)))
    });
    Ok(placed.collect())
}

/// Returns the first errors of a schema on values.
fn schema_errors(schema: &Schema, values: &Node, code: &'static Code, whose: &str) -> Vec<Finding> {
    let errors = match schema.validate(&json::to_serde(values), MAX_COMPLAINTS) {
        Validation::Valid => Vec::new(),
        Validation::Invalid(errors) => errors,
        Validation::TooExpensive => {
            let message = format!("{whose}: its schema takes too many steps on these values");
            return vec![codes::SCHEMA_COST.finding(message).hint(COST_HINT)];
        }
    };
    let placed = errors.into_iter().map(|SchemaError { path, message, .. }| {
        let message = format!("{whose} refuses `{path}`: {message}");
        let place = policies::nearest_place(values, &path);
        code.finding(message).at(place).on(path)
    });
    placed.collect()
}

/// Returns the finding on a chart whose schema has remote references. Argo CD follows them.
fn remote_schema(component: &Component, chart: &Chart, count: usize) -> Finding {
    let name = &chart.defaults.name;
    let ours = format!(
        "{count} remote references in the schema of chart {name} are not followed, so they accept anything"
    );
    if component.skip_schema_validation {
        return codes::SCHEMA_REMOTE.finding(ours);
    }
    let message = format!(
        "{ours}; Argo CD follows them, and renders nothing where the repo-server cannot reach their addresses"
    );
    let hint = format!(
        "set components.{}.chart.skipSchemaValidation to true in the environment",
        component.name
    );
    codes::SCHEMA_REMOTE.finding(message).severity(Severity::Warning).hint(hint)
}

/// Validates the values against the schema of a local chart, if it has one.
fn check_chart_schema(
    schemas: &SchemaStore,
    open: &Open,
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
        findings.push(remote_schema(open.component(), chart, schema.remote.len()));
    }
    let whose = format!("chart {} {}", chart.defaults.name, chart.defaults.version);
    findings.extend(schema_errors(&schema, values, &codes::SCHEMA_CHART, &whose));
    Ok(findings)
}
