//! The values of a chart with subcharts, as Helm's `ProcessDependencies` and `CoalesceValues` make
//! them (4.3.1 and 3.22.0): conditions and tags switch subcharts off, `import-values` moves values to
//! the parent, and each subchart gets its defaults and the globals below its name.

use super::tables::{SharedTable, SharedValue};
use super::{HelmVersion, ValuesLayer};
use crate::chart_version::ChartVersion;
use crate::node_builder::map;
use crate::origin::Origin;
use crate::value::{Node, Value};

/// The key of values that all subcharts get.
const GLOBAL: &str = "global";

/// The default values of a chart and of its subcharts.
#[derive(Clone, Debug)]
pub struct ChartDefaults {
    /// The chart's name, or the alias under which its parent uses it.
    pub name: String,
    /// The chart's version.
    pub version: String,
    /// Its `values.yaml`.
    pub values: Node,
    /// The dependencies that its `Chart.yaml` lists; `None` if it lists none, also for the charts in
    /// its folder, whose own lists Helm then does not read.
    pub dependencies: Option<Vec<ChartDependency>>,
    /// The charts in its folder `charts`.
    pub charts: Vec<Self>,
}

/// An entry of `dependencies` of a `Chart.yaml`.
#[derive(Clone, Debug, Default)]
pub struct ChartDependency {
    /// The name of the chart.
    pub name: String,
    /// The name under which the parent uses it; empty for its own.
    pub alias: String,
    /// The versions that fit.
    pub version: String,
    /// Paths of values, separated by commas; the first that is a boolean decides.
    pub condition: String,
    /// Keys below `tags` in the values of the parent.
    pub tags: Vec<String>,
    /// Values that move to the parent.
    pub imports: Vec<ValuesImport>,
}

/// An entry of `import-values`.
#[derive(Clone, Debug)]
pub enum ValuesImport {
    /// Everything below `exports.<name>` moves to the top.
    Exports(String),
    /// A path of the subchart moves to a path of the parent; `.` is the top.
    Path {
        /// The dotted path in the subchart.
        child: String,
        /// The dotted path in the parent.
        parent: String,
    },
}

/// A chart during the merge.
struct Merging {
    name: String,
    values: SharedTable,
    dependencies: Option<Vec<ChartDependency>>,
    charts: Vec<Self>,
}

/// Returns the values that the templates of a chart with subcharts see.
///
/// # Errors
/// Returns the name of a subchart for which the values have something else than a mapping: Helm
/// refuses that.
pub(super) fn coalesce_chart(
    chart: &ChartDefaults,
    user: &Node,
    helm: HelmVersion,
) -> Result<Node, String> {
    let rules = CoalesceRules { helm };
    let mut merging = Merging::of(chart);
    let user = SharedTable::of(user);
    rules.remove_disabled(chart, &mut merging, &user, "")?;
    rules.import_values(&mut merging)?;
    let values = user.copy();
    rules.coalesce(&merging, &values, false)?;
    Ok(values.node())
}

impl ChartDefaults {
    /// Returns a chart that has only values.
    pub fn of_values(values: Node) -> Self {
        let (dependencies, charts) = (None, Vec::new());
        Self { name: String::new(), version: String::new(), values, dependencies, charts }
    }

    /// Returns the values of the chart and its subcharts as layers, weakest first. Those of a subchart
    /// are below its name.
    pub(crate) fn layers(&self) -> Vec<ValuesLayer> {
        let mut layers = Vec::new();
        for below in &self.charts {
            let names = self.dependencies.iter().flatten().filter(|one| one.name == below.name);
            let alias = names.map(|one| &one.alias).find(|alias| !alias.is_empty());
            let key = alias.unwrap_or(&below.name);
            layers.extend(below.layers().into_iter().map(|layer| {
                let values = map([(&**key, layer.values)]);
                ValuesLayer { values, ..layer }
            }));
        }
        let name = format!("chart {} {}", self.name, self.version);
        layers.push(ValuesLayer { name, values: self.values.clone() });
        layers
    }
}

impl Merging {
    fn of(chart: &ChartDefaults) -> Self {
        Self {
            name: chart.name.clone(),
            values: SharedTable::of(&chart.values),
            dependencies: chart.dependencies.clone(),
            charts: chart.charts.iter().map(Self::of).collect(),
        }
    }
}

struct CoalesceRules {
    helm: HelmVersion,
}

impl CoalesceRules {
    /// Leaves the subcharts that are enabled, under the names that the parent uses. `path` is that
    /// of the chart's values in those of the topmost one.
    fn remove_disabled(
        &self,
        chart: &ChartDefaults,
        merging: &mut Merging,
        values: &SharedTable,
        path: &str,
    ) -> Result<(), String> {
        let Some(listed) = &chart.dependencies else { return Ok(()) };
        let fits = |dependency: &ChartDependency, found: &ChartDefaults| {
            found.name == dependency.name
                && ChartVersion::read(&dependency.version)
                    .is_ok_and(|range| range.matches(&found.version))
        };
        let is_listed = |found: &&ChartDefaults| listed.iter().any(|one| fits(one, found));
        let mut used: Vec<ChartDefaults> =
            chart.charts.iter().filter(|found| !is_listed(found)).cloned().collect();
        for dependency in listed {
            let found = chart.charts.iter().find(|found| fits(dependency, found));
            used.extend(found.cloned().map(|found| match &*dependency.alias {
                "" => found,
                alias => ChartDefaults { name: alias.to_owned(), ..found },
            }));
        }
        let mut left = listed.clone();
        for dependency in left.iter_mut().filter(|one| !one.alias.is_empty()) {
            dependency.name.clone_from(&dependency.alias);
        }
        merging.charts = used.iter().map(Merging::of).collect();
        let all = values.copy();
        self.coalesce(merging, &all, false)?;
        let is_off: Vec<String> = left
            .iter()
            .filter(|one| !is_enabled(one, &all, path))
            .map(|one| one.name.clone())
            .collect();
        left.retain(|one| !is_off.contains(&one.name));
        merging.dependencies = Some(left).filter(|left| !left.is_empty());
        for (chart, mut below) in used.iter().zip(std::mem::take(&mut merging.charts)) {
            if !is_off.contains(&below.name) {
                let path = format!("{path}{}.", below.name);
                self.remove_disabled(chart, &mut below, &all, &path)?;
                merging.charts.push(below);
            }
        }
        Ok(())
    }

    /// Moves the values of `import-values` into the defaults of the parents.
    fn import_values(&self, chart: &mut Merging) -> Result<(), String> {
        for below in &mut chart.charts {
            self.import_values(below)?;
        }
        let Some(listed) = chart.dependencies.clone() else { return Ok(()) };
        let all = SharedTable::empty(chart.values.origin());
        self.coalesce(chart, &all, true)?;
        let imported = SharedTable::empty(chart.values.origin());
        for dependency in &listed {
            for import in &dependency.imports {
                let (child, parent) = match import {
                    ValuesImport::Exports(name) => (format!("exports.{name}"), "."),
                    ValuesImport::Path { child, parent } => (child.clone(), &**parent),
                };
                // Helm only logs that it finds no table.
                let Some(found) = all.table_at(&format!("{}.{child}", dependency.name)) else {
                    continue;
                };
                // Helm shares a table with the subchart, but not an empty one.
                let found = if found.is_empty() { found.copy() } else { found };
                imported.fill_from(&at_path(parent, found), false);
            }
        }
        let values = all.copy();
        values.fill_from(&imported, false);
        chart.values = values;
        Ok(())
    }

    /// Adds the defaults of a chart and of its subcharts to values. `keeps` says that nulls stay.
    fn coalesce(&self, chart: &Merging, values: &SharedTable, keeps: bool) -> Result<(), String> {
        self.add_defaults(chart, values, keeps);
        for below in &chart.charts {
            let table = match values.get(&below.name) {
                None => {
                    let table = SharedTable::empty(below.values.origin());
                    values.insert(&below.name, SharedValue::Table(table.clone()));
                    table
                }
                Some(SharedValue::Table(table)) => table,
                Some(SharedValue::Other(_)) => return Err(below.name.clone()),
            };
            add_globals(values, &table);
            self.coalesce(below, &table, keeps)?;
        }
        Ok(())
    }

    fn add_defaults(&self, chart: &Merging, values: &SharedTable, keeps: bool) {
        let cleans = self.helm == HelmVersion::Four;
        for (key, default) in chart.values.copy().items() {
            match (values.get(&key), default) {
                (Some(own), _) if own.is_null() => {
                    if !keeps {
                        values.remove(&key);
                    }
                }
                (Some(SharedValue::Table(own)), SharedValue::Table(default)) => {
                    // The defaults of a subchart are added to this table later.
                    let keeps = keeps || chart.charts.iter().any(|below| *below.name == *key);
                    if !keeps && cleans {
                        default.remove_nulls();
                    }
                    own.fill_from(&default, !keeps);
                }
                (Some(_), _) => {}
                (None, default) => {
                    if !keeps && cleans {
                        if default.is_null() {
                            continue;
                        }
                        default.table().into_iter().for_each(SharedTable::remove_nulls);
                    }
                    values.insert(&key, default);
                }
            }
        }
    }
}

/// Returns whether the values leave a dependency enabled. Conditions are stronger than tags.
fn is_enabled(dependency: &ChartDependency, values: &SharedTable, path: &str) -> bool {
    let flag = |node: Node| match node.value {
        Value::Bool(flag) => Some(flag),
        _ => None,
    };
    let tags = values.table_at("tags");
    let set = dependency.tags.iter().filter_map(|tag| match tags.as_ref()?.get(tag)? {
        SharedValue::Other(node) => flag(node),
        SharedValue::Table(_) => None,
    });
    let set: Vec<bool> = set.collect();
    let by_tags = set.is_empty() || set.contains(&true);
    let conditions = dependency.condition.trim().split(',').filter(|one| !one.is_empty());
    let mut decided = conditions.filter_map(|one| flag(values.value_at(&format!("{path}{one}"))?));
    decided.next().unwrap_or(by_tags)
}

/// Adds the globals of a parent to those of a subchart. Tables below them are shared.
fn add_globals(parent: &SharedTable, below: &SharedTable) {
    let globals = |table: &SharedTable| match table.get(GLOBAL) {
        None => Some(SharedTable::empty(Origin::Built("the globals of a chart"))),
        Some(item) => item.table().cloned(),
    };
    let (Some(own), Some(from)) = (globals(below), globals(parent)) else { return };
    for (key, item) in from.items() {
        match (item, own.get(&key)) {
            (SharedValue::Table(table), known) => {
                let table = table.shallow_copy();
                match known {
                    None => {}
                    Some(SharedValue::Table(known)) => table.fill_from(&known, false),
                    Some(SharedValue::Other(_)) => continue,
                }
                own.insert(&key, SharedValue::Table(table));
            }
            (SharedValue::Other(_), Some(SharedValue::Table(_))) => {}
            (item, _) => own.insert(&key, item),
        }
    }
    below.insert(GLOBAL, SharedValue::Table(own));
}

/// Returns a table that has another one at a dotted path.
fn at_path(path: &str, table: SharedTable) -> SharedTable {
    if path == "." {
        return table;
    }
    path.rsplit('.').fold(table, |below, key| {
        let above = SharedTable::empty(below.origin());
        above.insert(key, SharedValue::Table(below));
        above
    })
}
