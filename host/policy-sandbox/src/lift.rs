//! A policy's answer as the pipeline's own data, or why it is not accepted.
//!
//! Counts before contents, sizes before parsing. Words that people will read are taken
//! as they are or refused; they are never repaired.

use std::sync::Arc;

use site_render::finding::Severity;
use site_render::json;
use site_render::origin::{Origin, PolicyOrigin};
use site_render::policy::{
    BadValue, Change, ConfigChoice, Description, Edit, Failure, Manifest, Plan, PolicyFinding,
    Role, Scope,
};
use site_render::value::Value;

use crate::bindings::types as wit;
use crate::codes;
use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::text::{hidden, plain};

type Lifted<T> = Result<T, Refusal>;

/// Converts what one policy returns.
pub(crate) struct Lift<'a> {
    /// The policy's name, for the origin of its values.
    pub(crate) policy: &'a str,
    pub(crate) limits: &'a Limits,
}

impl Lift<'_> {
    pub(crate) fn description(&self, given: wit::Description) -> Lifted<Description> {
        Self::fits(&given.settings_schema, self.limits.json_bytes, "settings schema", "jsonBytes")?;
        let settings_schema = serde_json::from_str(&given.settings_schema)
            .map_err(|e| bad_json("its settings schema", &e.to_string()))?;
        Ok(Description {
            name: self.said(given.name, || "its name".into())?,
            version: self.said(given.version, || "its version".into())?,
            component: self.said(given.component, || "its component".into())?,
            settings_schema,
            scopes: given.scopes.into_iter().map(scope).collect(),
            role: match given.role {
                wit::Role::Transform => Role::Transform,
                wit::Role::Check => Role::Check,
            },
            ..Description::default()
        })
    }

    pub(crate) fn plan(&self, given: wit::Plan) -> Lifted<Plan> {
        let limits = self.limits;
        at_most(given.edits.len(), limits.edits, "edits", "edits")?;
        at_most(given.manifests.len(), limits.manifests, "manifests", "manifests")?;
        at_most(given.findings.len(), limits.findings, "findings", "findings")?;
        Ok(Plan {
            edits: each(given.edits, |index, edit| self.edit(index, edit))?,
            manifests: each(given.manifests, |index, manifest| self.manifest(index, manifest))?,
            config: given.config.map(|config| self.config(config)).transpose()?,
            findings: each(given.findings, |index, finding| self.finding(index, finding))?,
        })
    }

    pub(crate) fn failure(&self, given: wit::Failure) -> Lifted<Failure> {
        let words = |text| self.said(text, || "its failure".into());
        Ok(match given {
            wit::Failure::BadSettings(values) => Failure::BadSettings(self.bad_values(values)?),
            wit::Failure::BadProfile(values) => Failure::BadProfile(self.bad_values(values)?),
            wit::Failure::BadValues(values) => Failure::BadValues(self.bad_values(values)?),
            wit::Failure::Unsupported(text) => Failure::Unsupported(words(text)?),
            wit::Failure::Internal(text) => Failure::Internal(words(text)?),
        })
    }

    fn edit(&self, index: usize, given: wit::Edit) -> Lifted<Edit> {
        let path = self.shown(given.path, || format!("the path of edit {index}"))?;
        let what = || format!("edit {index} of {path}");
        let reason = self.said(given.reason, || format!("the reason of {}", what()))?;
        let change = match given.change {
            wit::Change::Set(text) => Change::Set(self.json(&text, &reason, what)?),
            wit::Change::Remove => Change::Remove,
        };
        Ok(Edit { path, change, reason })
    }

    fn manifest(&self, index: usize, given: wit::Manifest) -> Lifted<Manifest> {
        let reason = self.said(given.reason, || format!("the reason of manifest {index}"))?;
        Ok(Manifest {
            body: self.json(&given.body, &reason, || format!("manifest {index}"))?,
            reason,
        })
    }

    fn config(&self, given: wit::Config) -> Lifted<ConfigChoice> {
        let names = |given: Vec<String>, what: &'static str| {
            at_most(given.len(), self.limits.layers, what, "layers")?;
            each(given, |index, name| self.said(name, || format!("number {index} of its {what}")))
        };
        Ok(ConfigChoice {
            layers: names(given.layers, "config layers")?,
            must_read: names(given.must_read, "variables to read")?,
            settings: names(given.settings, "settings of its config")?,
            reason: self.said(given.reason, || "the reason of its config".into())?,
        })
    }

    fn finding(&self, index: usize, given: wit::Finding) -> Lifted<PolicyFinding> {
        let of = |part: &'static str| move || format!("the {part} of finding {index}");
        Ok(PolicyFinding {
            severity: match given.severity {
                wit::Severity::Error => Severity::Error,
                wit::Severity::Warning => Severity::Warning,
                wit::Severity::Note => Severity::Note,
            },
            code: self.said(given.code, of("code"))?,
            message: self.said(given.message, of("message"))?,
            path: given.path.map(|t| self.shown(t, of("path"))).transpose()?,
            hint: given.hint.map(|t| self.said(t, of("hint"))).transpose()?,
        })
    }

    fn bad_values(&self, given: Vec<wit::BadValue>) -> Lifted<Vec<BadValue>> {
        at_most(given.len(), self.limits.findings, "bad values", "findings")?;
        each(given, |index, bad| {
            Ok(BadValue {
                path: self.shown(bad.path, || format!("the path of bad value {index}"))?,
                message: self.said(bad.message, || format!("the message of bad value {index}"))?,
            })
        })
    }

    fn json(&self, text: &str, reason: &str, what: impl Fn() -> String) -> Lifted<Value> {
        if text.len() > self.limits.json_bytes {
            Self::fits(text, self.limits.json_bytes, &what(), "jsonBytes")?;
        }
        // Only what is inside a list or map keeps an origin of its own.
        let origin = if text.trim_start().starts_with(['{', '[']) {
            Origin::Policy(Arc::new(PolicyOrigin {
                policy: self.policy.to_owned(),
                reason: reason.to_owned(),
            }))
        } else {
            Origin::Built("a policy's value")
        };
        json::parse(text, &origin).map_err(|why| bad_json(&what(), &why))
    }

    /// Words that have to be there.
    fn said(&self, text: String, what: impl Fn() -> String) -> Lifted<String> {
        if text.trim().is_empty() {
            return Err(Refusal::input(&codes::POLICY_NO_REASON, format!("{} is empty", what()))
                .hint("people read it in `cmp explain`: say why"));
        }
        self.shown(text, what)
    }

    /// Words that people will see.
    fn shown(&self, text: String, what: impl Fn() -> String) -> Lifted<String> {
        if text.len() > self.limits.text_bytes {
            Self::fits(&text, self.limits.text_bytes, &what(), "textBytes")?;
        }
        match hidden(&text) {
            None => Ok(text),
            Some(c) => Err(Refusal::input(
                &codes::POLICY_CONTROL_CHARACTERS,
                format!(
                    "{} has the character {} in it: \"{}\"",
                    what(),
                    c.escape_unicode(),
                    plain(&text)
                ),
            )
            .hint("one line of visible text; no escape sequences, no line ends")),
        }
    }

    fn fits(text: &str, limit: usize, what: &str, key: &str) -> Lifted<()> {
        if text.len() <= limit {
            return Ok(());
        }
        Err(Refusal::input(
            &codes::POLICY_TOO_LARGE,
            format!("{what} has {} bytes, the limit is {limit}", text.len()),
        )
        .limit(key))
    }
}

fn each<T, U>(given: Vec<T>, lift: impl Fn(usize, T) -> Lifted<U>) -> Lifted<Vec<U>> {
    given.into_iter().enumerate().map(|(index, item)| lift(index, item)).collect()
}

fn at_most(count: usize, limit: usize, what: &str, key: &str) -> Lifted<()> {
    if count <= limit {
        return Ok(());
    }
    Err(Refusal::input(
        &codes::POLICY_TOO_LARGE,
        format!("it returned {count} {what}, the limit is {limit}"),
    )
    .limit(key))
}

fn scope(given: wit::Scope) -> Scope {
    match given {
        wit::Scope::Site => Scope::Site,
        wit::Scope::Global => Scope::Global,
    }
}

fn bad_json(what: &str, why: &str) -> Refusal {
    Refusal::input(&codes::POLICY_BAD_JSON, format!("{what} is not JSON: {}", plain(why)))
        .hint("a text needs its quotes: \"\\\"yes\\\"\" is a string, \"yes\" is nothing")
}
