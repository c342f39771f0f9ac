//! Plans, built edit by edit. Each edit and each object needs a reason.

use crate::{Change, Config, Edit, Finding, Json, Manifest, Plan};

impl Plan {
    /// Returns a plan without any change.
    pub fn new() -> Self {
        Self {
            // A transform that disables most of a chart writes some dozens of edits.
            edits: Vec::with_capacity(48),
            manifests: Vec::new(),
            config: None,
            findings: Vec::new(),
        }
    }

    /// Sets the value at a JSON Pointer. `cmp explain` shows the reason to users.
    pub fn set(
        &mut self,
        path: impl Into<String>,
        value: impl Into<Json>,
        reason: impl Into<String>,
    ) {
        let change = Change::Set(value.into().to_text());
        self.add_edit(path.into(), change, reason.into());
    }

    /// Removes the key at a JSON Pointer from the base values, by a null. Helm versions treat a null
    /// differently, so the host warns: to disable a part of a chart, [`set`](Self::set) an explicit
    /// value.
    pub fn remove(&mut self, path: impl Into<String>, reason: impl Into<String>) {
        self.add_edit(path.into(), Change::Remove, reason.into());
    }

    /// Adds a Kubernetes object, which is applied beside the chart.
    pub fn manifest(&mut self, body: &Json, reason: impl Into<String>) {
        self.manifests.push(Manifest { body: body.to_text(), reason: reason.into() });
    }

    /// Requires that the component's configuration file reads these environment variables, and
    /// that no later statement of it overwrites the names in `settings`, which they shape. The
    /// layers of the file stay as the environment chooses them.
    pub fn config_must_read(
        &mut self,
        variables: &[&str],
        settings: &[&str],
        reason: impl Into<String>,
    ) {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        self.config = Some(Config {
            layers: Vec::new(),
            must_read: owned(variables),
            settings: owned(settings),
            reason: reason.into(),
        });
    }

    /// Adds a finding, which is reported to the user.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn add_edit(&mut self, path: String, change: Change, reason: String) {
        debug_assert!(path.starts_with('/'), "an edit needs a key: {path:?}");
        debug_assert!(!reason.trim().is_empty(), "an edit needs a reason: {path}");
        self.edits.push(Edit { path, change, reason });
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self::new()
    }
}
