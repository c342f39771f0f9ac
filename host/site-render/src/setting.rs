//! Settings of policies that come from beside the fleet: parameters and variables of an
//! Argo CD plugin, options of a command line.
//!
//! This is what was said, and by whom. Whether a policy has such a setting and what a text
//! means for it is the policy's schema's to say, once the policy is loaded.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

/// All settings that a caller gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Those that name a policy; of two with one name the later wins.
    pub named: Vec<Setting>,
    /// Environment variables, by what follows `ARGOCD_ENV_`. One that begins with no
    /// policy's name is somebody else's.
    pub variables: BTreeMap<String, String>,
}

/// One setting that names its policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// `policy.property`, and further keys where properties have properties.
    pub name: String,
    /// What it is set to.
    pub said: Said,
    /// What the caller calls it: `parameter worker.replicas`.
    pub from: Arc<str>,
}

/// What a setting is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A text; the schema decides what it stands for.
    Text(String),
    /// A list of such texts.
    List(Vec<String>),
    /// A mapping to such texts.
    Map(BTreeMap<String, String>),
    /// A list or mapping whose values have types already.
    Value(Json),
}

impl Settings {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty() && self.variables.is_empty()
    }
}
