//! Reads the default values of a chart and its subcharts, as Helm's loader finds them: folders and
//! archives in `charts/`, and what `Chart.yaml` says of each.

use std::sync::Arc;

use site_render::finding::Finding;
use site_render::helm_merge::{ChartDefaults, ChartDependency, ValuesImport};
use site_render::tree::{EntryKind, Tree, TreeError};
use site_render::value::Node;

use super::chart_archive;
use super::{FILES, chart_error, read_document, read_file, required_text};

/// The deepest nesting of subcharts.
const DEPTH: usize = 16;

/// Reads the defaults of the chart in a tree; `shown` is its path for messages.
pub(super) fn read_defaults(
    tree: &dyn Tree,
    shown: &str,
    depth: usize,
) -> Result<ChartDefaults, Box<Finding>> {
    if depth > DEPTH {
        return Err(chart_error(format!("{shown} nests subcharts more than {DEPTH} levels deep")));
    }
    let document = |name: &str| match read_file(tree, shown, name)? {
        Some(bytes) => read_document(shown, name, &bytes).map(Some),
        None => Ok::<_, Box<Finding>>(None),
    };
    let [about, values, requirements] = FILES;
    let Some(about) = document(about)? else {
        return Err(chart_error(format!("{shown} is not a valid chart: it has no Chart.yaml")));
    };
    // Charts of `apiVersion: v1` list them in a file of their own.
    let listed = match about.get("dependencies") {
        Some(listed) => Some(listed.clone()),
        None => document(requirements)?.and_then(|node| node.get("dependencies").cloned()),
    };
    Ok(ChartDefaults {
        name: required_text(&about, "name", shown)?,
        version: required_text(&about, "version", shown)?,
        values: document(values)?.unwrap_or_else(|| Node::empty("a chart without defaults")),
        dependencies: listed
            .as_ref()
            .and_then(Node::as_sequence)
            .map(|listed| listed.iter().map(dependency).collect()),
        charts: read_subcharts(tree, shown, depth)?,
    })
}

/// Reads the charts in the folder `charts`.
fn read_subcharts(
    tree: &dyn Tree,
    shown: &str,
    depth: usize,
) -> Result<Vec<ChartDefaults>, Box<Finding>> {
    let entries = match tree.list("charts") {
        Ok(entries) => entries,
        Err(TreeError::Missing) => return Ok(Vec::new()),
        Err(error) => return Err(chart_error(format!("{shown}/charts: {error}"))),
    };
    let mut charts = Vec::new();
    for (name, kind) in entries {
        // As Helm does.
        if name.starts_with(['.', '_']) {
            continue;
        }
        let (path, shown) = (format!("charts/{name}"), format!("{shown}/charts/{name}"));
        match kind {
            EntryKind::Folder => {
                let below = SubchartFolder { tree, folder: path };
                charts.push(read_defaults(&below, &shown, depth + 1)?);
            }
            EntryKind::File if name.strip_suffix(".tgz").is_some() => {
                let Some(bytes) = read_file(tree, &shown, &path)? else { continue };
                let archive = chart_archive::unpack(&bytes[..], &shown)?;
                charts.push(read_defaults(&archive, &shown, depth + 1)?);
            }
            _ => {}
        }
    }
    Ok(charts)
}

/// Reads an entry of `dependencies`. Helm ignores what has another type.
fn dependency(node: &Node) -> ChartDependency {
    let text = |key: &str| node.get(key).and_then(Node::scalar).unwrap_or_default().to_owned();
    let items = |key: &str| node.get(key).and_then(Node::as_sequence).unwrap_or_default().iter();
    let import = |item: &Node| match item.as_text() {
        Some(name) => Some(ValuesImport::Exports(name.to_owned())),
        None => Some(ValuesImport::Path {
            child: item.get("child")?.scalar()?.to_owned(),
            parent: item.get("parent")?.scalar()?.to_owned(),
        }),
    };
    ChartDependency {
        name: text("name"),
        alias: text("alias"),
        version: text("version"),
        condition: text("condition"),
        tags: items("tags").filter_map(Node::scalar).map(str::to_owned).collect(),
        imports: items("import-values").filter_map(import).collect(),
    }
}

/// A folder of a tree as a tree.
struct SubchartFolder<'t> {
    tree: &'t dyn Tree,
    folder: String,
}

impl Tree for SubchartFolder<'_> {
    fn read(&self, path: &str, limit: u64) -> Result<Arc<[u8]>, TreeError> {
        self.tree.read(&format!("{}/{path}", self.folder), limit)
    }

    fn list(&self, folder: &str) -> Result<Vec<(String, EntryKind)>, TreeError> {
        self.tree.list(&format!("{}/{folder}", self.folder))
    }
}
