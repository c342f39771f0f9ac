//! Settings of policies from outside the fleet: parameters and variables of an
//! Argo CD plugin, options of a command line.
//!
//! These are raw values with their names. The policy's schema decides later, once the policy
//! is loaded, whether it has such a setting and of which type a text is.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

/// All settings from a caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Settings that name a policy; of two with the same name the later wins.
    pub named: Vec<Setting>,
    /// Environment variables, by their names after `ARGOCD_ENV_`. A variable that begins
    /// with no policy's name belongs to another program.
    pub variables: BTreeMap<String, String>,
}

/// One setting that names its policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// `policy.property`, and further keys where properties have properties.
    pub name: String,
    /// The value.
    pub value: RawValue,
    /// The name that messages use: `parameter worker.replicas`.
    pub from: Arc<str>,
}

/// A value as the caller wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RawValue {
    /// A text; the schema decides its type.
    Text(String),
    /// A list of such texts.
    List(Vec<String>),
    /// A mapping to such texts.
    Map(BTreeMap<String, String>),
    /// A list or mapping whose values have types already.
    Value(Json),
}

impl Settings {
    /// Returns whether there is no setting.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty() && self.variables.is_empty()
    }
}
