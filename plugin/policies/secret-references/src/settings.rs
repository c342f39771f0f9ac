//! The settings: Secrets and ConfigMaps that are made neither here nor by the chart.

/// JSON Schema of the settings.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");
