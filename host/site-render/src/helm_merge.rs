//! Helm's rules for merging values: one for several `-f` files, one for a chart's defaults.
//!
//! The two differ in the meaning of a null. In files a null is a value like any other;
//! against the chart's defaults it removes the default (Helm 4.3, `coalesceValues`). If they
//! were confused, parts of a chart that a user disabled would be enabled again.

mod subcharts;
mod tables;

use std::sync::Arc;

pub use subcharts::{ChartDefaults, ChartDependency, ValuesImport};

use crate::value::{Mapping, Node, Value};

/// One layer of base values.
#[derive(Clone, Debug)]
pub struct ValuesLayer {
    /// Its name for users: a file, a reference, `chart web 1.2.3`.
    pub name: String,
    /// Its values.
    pub values: Node,
}

/// The major version of Helm, as far as values are concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HelmVersion {
    /// Helm 3, in Argo CD up to 3.4. It reads the first document of a file, and the nulls of a chart's
    /// own defaults stay.
    Three,
    /// Helm 4, in Argo CD from 3.5 on. It merges the documents of a file, and a null of a chart's own
    /// defaults counts as absent.
    #[default]
    Four,
}

/// Returns the values that the templates of a chart see: `user` values over the defaults of the chart
/// and its subcharts.
///
/// # Errors
/// Returns the name of a subchart for which the values have something else than a mapping: Helm
/// refuses that.
pub fn coalesce_chart(
    chart: &ChartDefaults,
    user: &Node,
    helm: HelmVersion,
) -> Result<Node, String> {
    if chart.charts.is_empty() {
        return Ok(coalesce_at(&chart.values, user, true, helm));
    }
    subcharts::coalesce_chart(chart, user, helm)
}

/// Merges `over` into `base` as Helm merges `-f` files: maps are merged, anything else is
/// replaced, nulls stay.
pub fn merge_files(base: &Node, over: &Node) -> Node {
    let mut merged = base.clone();
    merge_into(&mut merged, over);
    merged
}

/// Merges `over` into `base` in place, by the same rules. The time is that of walking `over`, as
/// long as no other tree shares the mappings of `base`.
pub(crate) fn merge_into(base: &mut Node, over: &Node) {
    let (Value::Mapping(below), Value::Mapping(above)) = (&mut base.value, &over.value) else {
        *base = over.clone();
        return;
    };
    if below.is_empty() {
        *base = over.clone();
        return;
    }
    if above.is_empty() {
        return;
    }
    let merged = Arc::make_mut(below);
    for (key, node) in &**above {
        match merged.get_mut(key) {
            Some(slot) => merge_into(slot, node),
            None => drop(merged.insert(key.clone(), node.clone())),
        }
    }
}

/// Returns `user` values over the defaults of a chart without subcharts.
///
/// A null in `user` removes the default, and stays where the chart has no default of that name. For
/// Helm 4 a null among the defaults counts as absent, except that at the top level it is removed by a
/// null.
fn coalesce_at(chart: &Node, user: &Node, top: bool, helm: HelmVersion) -> Node {
    let (Value::Mapping(defaults), Value::Mapping(set)) = (&chart.value, &user.value) else {
        return user.clone();
    };
    let mut merged = Mapping::with_capacity(defaults.len().max(set.len()));
    for (key, default) in &**defaults {
        match set.get(key) {
            None if helm == HelmVersion::Three => drop(merged.insert(key.clone(), default.clone())),
            None if is_null(default) => {}
            None => {
                let default = without_nulls(default).unwrap_or_else(|| default.clone());
                merged.insert(key.clone(), default);
            }
            Some(node) if !is_null(node) || (!top && is_null(default)) => {
                merged.insert(key.clone(), coalesce_at(default, node, false, helm));
            }
            Some(_) => {}
        }
    }
    for (key, node) in &**set {
        if !defaults.contains_key(key) {
            merged.insert(key.clone(), node.clone());
        }
    }
    Node { value: Value::Mapping(Arc::new(merged)), origin: chart.origin.clone() }
}

/// Returns a mapping without the nulls in it and in the mappings below it, those in lists
/// excepted; `None` if it has none.
fn without_nulls(node: &Node) -> Option<Node> {
    let entries = node.as_mapping()?;
    let cleaned: Vec<Option<Node>> = entries.values().map(without_nulls).collect();
    if cleaned.iter().all(Option::is_none) && !entries.values().any(is_null) {
        return None;
    }
    let kept = entries.iter().zip(cleaned).filter(|((_, child), _)| !is_null(child));
    let kept =
        kept.map(|((key, child), cleaned)| (key.clone(), cleaned.unwrap_or_else(|| child.clone())));
    Some(Node { value: Value::Mapping(Arc::new(kept.collect())), origin: node.origin.clone() })
}

fn is_null(node: &Node) -> bool {
    matches!(node.value, Value::Null)
}

#[cfg(test)]
mod tests;
