//! The settings: names of Secrets and ConfigMaps that something outside the render creates.

/// The JSON Schema of the settings.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");
