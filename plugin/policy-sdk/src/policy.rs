//! What an author implements: one trait of two functions.

use crate::{Failure, Plan, Request, Role, Scope};

/// A policy.
pub trait Policy {
    /// Says what the policy is; always the same.
    fn describe() -> Description;

    /// Decides for one site or environment.
    fn evaluate(request: &Request) -> Result<Plan, Failure>;
}

/// What a policy says about itself.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// Its name, as in `policies.lock`.
    pub name: &'static str,
    /// Its own version, for people.
    pub version: &'static str,
    /// The component it serves: the key under `site` in a profile.
    pub component: &'static str,
    /// JSON Schema (draft 2020-12) of its settings.
    pub settings_schema: &'static str,
    /// The scopes it can be evaluated for.
    pub scopes: &'static [Scope],
    /// Before or after the merge.
    pub role: Role,
}

impl Description {
    /// A policy of site scope that edits values; it takes no settings.
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

    /// A policy of site scope that reads final values and returns findings alone.
    pub const fn check(name: &'static str, version: &'static str, component: &'static str) -> Self {
        let mut description = Self::transform(name, version, component);
        description.role = Role::Check;
        description
    }

    /// The same with settings that satisfy this JSON Schema.
    #[must_use]
    pub const fn settings(mut self, schema: &'static str) -> Self {
        self.settings_schema = schema;
        self
    }

    /// The same for other scopes.
    #[must_use]
    pub const fn scopes(mut self, scopes: &'static [Scope]) -> Self {
        self.scopes = scopes;
        self
    }
}
