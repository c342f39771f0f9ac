//! The JSON Schemas that final values are validated against, each compiled once.

use std::sync::Arc;

use crate::charts::Chart;
use crate::codes;
use crate::environment::SchemaFiles;
use crate::files::FleetFiles;
use crate::finding::{Finding, Stage};
use crate::json;
use crate::memo::Memo;
use crate::memory::FILE_BYTES;
use crate::schema::{Schema, extension};

/// The schemas of charts and of global clusters' values, with a cache of the compiled ones.
pub(crate) struct SchemaStore {
    files: Arc<FleetFiles>,
    cache: Memo<Arc<Schema>>,
}

impl SchemaStore {
    /// Returns the schemas in these files.
    pub(crate) fn new(files: Arc<FleetFiles>) -> Self {
        Self { files, cache: Memo::default() }
    }

    /// Returns the schema of a chart.
    pub(crate) fn of_chart(
        &self,
        chart: &Chart,
        schema: &serde_json::Value,
    ) -> Result<Arc<Schema>, Box<Finding>> {
        let schema = self.cache.get_or_load(
            &format!("{} {}", chart.location, chart.defaults.version),
            || {
                Schema::compile(schema).map_err(|error| {
                    let message = format!(
                        "chart {} has an invalid values.schema.json: {error}",
                        chart.defaults.name
                    );
                    Box::new(codes::SCHEMA_BROKEN.finding(message))
                })
            },
        )?;
        Ok(Arc::clone(&schema))
    }

    /// Returns the schema of a global cluster's values with its extensions.
    pub(crate) fn of_files(&self, files: &SchemaFiles) -> Result<Arc<Schema>, Box<Finding>> {
        let extensions = files.extensions.iter().map(|(path, _)| path.as_str());
        let key: Vec<&str> = std::iter::once(files.base.0.as_str()).chain(extensions).collect();
        let schema = self.cache.get_or_load(&key.join("\n"), || self.compile_files(files))?;
        Ok(Arc::clone(&schema))
    }

    fn compile_files(&self, files: &SchemaFiles) -> Result<Arc<Schema>, Box<Finding>> {
        let (path, place) = &files.base;
        let base = self.files.named_document(path, place.clone())?;
        let (mut schema, mut memory) = (base.root.clone(), base.memory);
        for (path, place) in &files.extensions {
            let extension = self.files.named_document(path, place.clone())?;
            memory += extension.memory;
            if memory > FILE_BYTES {
                let message = format!("{path} makes the schema larger than a file may be");
                return Err(Box::new(codes::YAML_SIZE.finding(message).at(place.clone())));
            }
            extension::extend(&mut schema, &extension.root)?;
        }
        Schema::compile(&json::to_serde(&schema)).map_err(|error| {
            let message = format!("{path} is not a valid JSON Schema: {error}");
            Box::new(codes::SCHEMA_BROKEN.finding(message).stage(Stage::Inputs).at(place.clone()))
        })
    }
}
