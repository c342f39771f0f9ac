//! The merge stage: the overlay on top of the base values, as Helm would merge them.

use crate::app_config::AppConfig;
use crate::codes;
use crate::finding::{Finding, Problems};
use crate::findings::{Reported, Reporter};
use crate::helm_merge::{self, ChartDefaults};
use crate::inputs::Inputs;
use crate::value::Node;

/// Base values and overlay, merged and not yet validated.
#[derive(Debug)]
pub(crate) struct MergedValues {
    /// The edits of all policies, over the base values that are emitted inline.
    pub(crate) overlay: Node,
    /// Everything over the chart's own defaults; nulls stay.
    pub(crate) user: Node,
    /// The values that the chart's templates see.
    pub(crate) coalesced: Node,
    /// The configuration.
    pub(crate) config: Option<AppConfig>,
}

/// Merges the overlay into the base values.
pub(crate) fn merge_values(
    inputs: &Inputs,
    overlay: &Node,
    config: Option<AppConfig>,
) -> Result<Reported<MergedValues>, Problems> {
    let user = helm_merge::merge_files(&inputs.files, overlay);
    let none = ChartDefaults::of_values(Node::empty("no chart available"));
    let chart = inputs.local_chart.as_ref().map_or(&none, |chart| &chart.defaults);
    let coalesced = helm_merge::coalesce_chart(chart, &user, inputs.helm.unwrap_or_default())
        .map_err(|name| not_a_mapping(&user, &name))?;
    // Helm and Argo CD cannot read Jsonnet, so its values are emitted below the edits.
    let overlay = helm_merge::merge_files(&inputs.inline, overlay);
    let merged = MergedValues { overlay, user, coalesced, config };
    Ok(Reported::new(Reporter::Merge, merged, Vec::new()))
}

/// Returns the error for a value in place of the values of a subchart.
fn not_a_mapping(user: &Node, name: &str) -> Finding {
    let finding = codes::VALUES_SUBCHART
        .finding(format!("the values of subchart `{name}` are not a mapping"));
    match user.get(name) {
        Some(node) => finding.at(node.origin.place()),
        None => finding,
    }
}

impl MergedValues {
    /// Adds a configuration that is emitted inline to the values. It has been searched for
    /// secrets as Python, which as a value it could not be.
    pub(crate) fn insert_config(&mut self) {
        if let Some(slot) = self.config.as_ref().and_then(AppConfig::inline_values) {
            for values in [&mut self.overlay, &mut self.user, &mut self.coalesced] {
                *values = helm_merge::merge_files(values, &slot);
            }
        }
    }
}
