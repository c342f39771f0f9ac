//! The global cluster's half of a component: base values, their schema and the policies that
//! see all open sites. Refuses paths that leave the fleet's folder.

use indexmap::IndexMap;

use super::component::{Reference, policies, references};
use crate::fields::Fields;
use crate::finding::Finding;
use crate::origin::Place;
use crate::sources;
use crate::value::Node;

type Result<T> = std::result::Result<T, Box<Finding>>;

/// A file of the fleet, and where it was named.
pub type Named = (String, Option<Place>);

/// What the global cluster of an environment has for a component's open sites.
#[derive(Clone, Debug)]
pub struct Global {
    /// The namespace of objects that name none.
    pub namespace: String,
    /// Base values, weakest first: files of the fleet.
    pub value_files: Vec<Named>,
    /// What the final values are held to.
    pub schema: Option<SchemaFiles>,
    /// Policies of scope global and their settings.
    pub policies: IndexMap<String, Node>,
    /// Folders of resource files, weakest first; `{{environment}}` is filled in.
    pub resources: Vec<Reference>,
}

/// A schema and the files that add to it.
#[derive(Clone, Debug)]
pub struct SchemaFiles {
    /// The schema.
    pub base: Named,
    /// What is added to it, in order.
    pub extensions: Vec<Named>,
}

const KEYS: &[&str] = &["namespace", "valueFiles", "schema", "policies", "resources"];
const SCHEMA_KEYS: &[&str] = &["file", "extensions"];

/// Reads the global half of a component, where it has one.
pub(super) fn read(
    component: &Fields<'_>,
    namespace: &str,
    warnings: &mut Vec<Finding>,
) -> Result<Option<Global>> {
    let Some(fields) = component.fields("global")? else { return Ok(None) };
    warnings.extend(fields.unknown(KEYS));
    let schema = fields.fields("schema")?;
    warnings.extend(schema.iter().flat_map(|schema| schema.unknown(SCHEMA_KEYS)));
    Ok(Some(Global {
        namespace: fields.text("namespace")?.unwrap_or(namespace).to_owned(),
        value_files: files(&fields, "valueFiles")?,
        schema: schema.map(|schema| schema_files(&schema)).transpose()?,
        policies: policies(&fields)?,
        resources: references(&fields, "resources")?,
    }))
}

fn schema_files(fields: &Fields<'_>) -> Result<SchemaFiles> {
    let place = fields.get("file").and_then(|node| node.origin.place());
    let base = sources::clean_path(fields.required("file")?, place.clone())?;
    Ok(SchemaFiles { base: (base, place), extensions: files(fields, "extensions")? })
}

/// A list of files of the fleet.
fn files(fields: &Fields<'_>, key: &str) -> Result<Vec<Named>> {
    let places = fields.get(key).and_then(Node::as_sequence).unwrap_or_default();
    let named = fields.texts(key)?.into_iter().zip(places);
    named
        .map(|(path, node)| {
            let place = node.origin.place();
            Ok((sources::clean_path(path, place.clone())?, place))
        })
        .collect()
}
