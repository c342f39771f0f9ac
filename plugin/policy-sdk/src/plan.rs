//! The plan, built edit by edit; none goes in without a reason.

use crate::{Change, Config, Edit, Finding, Json, Manifest, Plan};

impl Plan {
    /// A plan that does nothing yet.
    pub fn new() -> Self {
        Self {
            // A transform that switches a chart off writes some dozens.
            edits: Vec::with_capacity(48),
            manifests: Vec::new(),
            config: None,
            findings: Vec::new(),
        }
    }

    /// The value at the JSON Pointer becomes this.
    pub fn set(
        &mut self,
        path: impl Into<String>,
        value: impl Into<Json>,
        reason: impl Into<String>,
    ) {
        let change = Change::Set(value.into().to_text());
        self.edit(path.into(), change, reason.into());
    }

    /// The key at the JSON Pointer is taken out. For keys of our own documents: what a
    /// chart has by default is switched off by an explicit value.
    pub fn remove(&mut self, path: impl Into<String>, reason: impl Into<String>) {
        self.edit(path.into(), Change::Remove, reason.into());
    }

    /// One Kubernetes object to apply beside the chart.
    pub fn manifest(&mut self, body: &Json, reason: impl Into<String>) {
        self.manifests.push(Manifest { body: body.to_text(), reason: reason.into() });
    }

    /// Requires that the component's config reads these environment variables, and that the
    /// names in `settings` still carry what it made of them when it ends. The layers stay as
    /// the environment chooses them.
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

    /// Something a human should know.
    pub fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    fn edit(&mut self, path: String, change: Change, reason: String) {
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
