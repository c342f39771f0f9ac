//! The trait that a policy implements, and the description that it returns.

use crate::{Failure, Plan, Request, Role, Scope};

/// A policy: implement this for one type and pass it to `export_policy!`.
pub trait Policy {
    /// Returns the policy's description, the same at each call.
    fn describe() -> Description;

    /// Returns the plan for one site or one environment: the same for the same request.
    fn evaluate(request: &Request) -> Result<Plan, Failure>;
}

/// The description of a policy: name, settings and scopes.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// The name, as in `policies.lock`.
    pub name: &'static str,
    /// The policy's own version, shown to users.
    pub version: &'static str,
    /// The component that it configures: the key under `site` in a profile.
    pub component: &'static str,
    /// The JSON Schema (draft 2020-12) of its settings.
    pub settings_schema: &'static str,
    /// The scopes that it can be evaluated for.
    pub scopes: &'static [Scope],
    /// The role: transform before the merge, or check after it.
    pub role: Role,
}

impl Description {
    /// Returns the description of a transform of scope site without settings.
    pub const fn transform(
        name: &'static str,
        version: &'static str,
        component: &'static str,
    ) -> Self {
        Self {
            name,
            version,
            component,
            settings_schema: r#"{"type":"object","additionalProperties":false}"#,
            scopes: &[Scope::Site],
            role: Role::Transform,
        }
    }

    /// Returns the description of a check of scope site without settings: it reads the final
    /// values and returns only findings.
    pub const fn check(name: &'static str, version: &'static str, component: &'static str) -> Self {
        let mut description = Self::transform(name, version, component);
        description.role = Role::Check;
        description
    }

    /// Returns the description with settings that this JSON Schema validates.
    #[must_use]
    pub const fn settings(mut self, schema: &'static str) -> Self {
        self.settings_schema = schema;
        self
    }

    /// Returns the description with other scopes.
    #[must_use]
    pub const fn scopes(mut self, scopes: &'static [Scope]) -> Self {
        self.scopes = scopes;
        self
    }
}
