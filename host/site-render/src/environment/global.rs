//! Reads a component's part on the global cluster: base values, their schema and the policies
//! that see all open sites. Rejects paths that leave the fleet's folder.

use indexmap::IndexMap;

use super::component::{Reference, read_policies, read_templates};
use super::placeholders::OF_ENVIRONMENT;
use crate::fields::Fields;
use crate::finding::FindingResult as Result;
use crate::origin::Location;
use crate::sources;
use crate::value::Node;

/// A file of the fleet, and the place that names it.
pub type Named = (String, Option<Location>);

/// A component's part on the global cluster, for all its open sites.
#[derive(Clone, Debug)]
pub struct Global {
    /// The namespace of objects that do not name one.
    pub namespace: String,
    /// The base values, weakest first: files of the fleet.
    pub value_files: Vec<Named>,
    /// The schema that the final values are validated against.
    pub schema: Option<SchemaFiles>,
    /// The policies of scope global and their settings.
    pub policies: IndexMap<String, Node>,
    /// Folders of resource files, weakest first, with the placeholder `{{environment}}`.
    pub resources: Vec<Reference>,
}

/// A schema and the files that extend it.
#[derive(Clone, Debug)]
pub struct SchemaFiles {
    /// The schema.
    pub base: Named,
    /// The extensions, in order.
    pub extensions: Vec<Named>,
}

/// Reads the global section of a component, if there is one.
pub(super) fn read_global(component: &Fields<'_>, namespace: &str) -> Result<Option<Global>> {
    let Some(fields) = component.fields("global")? else { return Ok(None) };
    Ok(Some(Global {
        namespace: fields.text("namespace")?.unwrap_or(namespace).to_owned(),
        value_files: read_files(&fields, "valueFiles")?,
        schema: fields.fields("schema")?.map(|schema| read_schema(&schema)).transpose()?,
        policies: read_policies(&fields)?,
        resources: read_templates(&fields, "resources", OF_ENVIRONMENT)?,
    }))
}

fn read_schema(fields: &Fields<'_>) -> Result<SchemaFiles> {
    let place = fields.place("file");
    let base = sources::clean_path(fields.required("file")?, place.clone())?;
    Ok(SchemaFiles { base: (base, place), extensions: read_files(fields, "extensions")? })
}

/// Reads a list of files of the fleet.
fn read_files(fields: &Fields<'_>, key: &str) -> Result<Vec<Named>> {
    let places = fields.get(key).and_then(Node::as_sequence).unwrap_or_default();
    let named = fields.texts(key)?.into_iter().zip(places);
    named
        .map(|(path, node)| {
            let place = node.origin.place();
            Ok((sources::clean_path(path, place.clone())?, place))
        })
        .collect()
}
