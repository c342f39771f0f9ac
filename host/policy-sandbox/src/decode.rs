//! Decodes what a policy returns into the pipeline's types, or rejects it.
//!
//! Counts are checked before contents, and sizes before parsing. Texts for people are accepted
//! unchanged or rejected; they are never repaired.

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
use crate::reject_error::RejectError;
use crate::text::{escape_controls, first_hidden_char};

type Decoded<T> = Result<T, RejectError>;

/// Converts the results of one policy.
pub(crate) struct Decoder<'a> {
    /// The policy's name, for the origin of its values.
    pub(crate) policy: &'a str,
    pub(crate) limits: &'a Limits,
}

impl Decoder<'_> {
    pub(crate) fn decode_description(&self, given: wit::Description) -> Decoded<Description> {
        Self::check_size(
            &given.settings_schema,
            self.limits.json_bytes,
            "settings schema",
            "jsonBytes",
        )?;
        let settings_schema = serde_json::from_str(&given.settings_schema)
            .map_err(|e| json_error("its settings schema", &e.to_string()))?;
        Ok(Description {
            name: self.required_text(given.name, || "its name".into())?,
            version: self.required_text(given.version, || "its version".into())?,
            component: self.required_text(given.component, || "its component".into())?,
            settings_schema,
            scopes: given.scopes.into_iter().map(decode_scope).collect(),
            role: match given.role {
                wit::Role::Transform => Role::Transform,
                wit::Role::Check => Role::Check,
            },
            ..Description::default()
        })
    }

    pub(crate) fn decode_plan(&self, given: wit::Plan) -> Decoded<Plan> {
        let limits = self.limits;
        check_count(given.edits.len(), limits.edits, "edits", "edits")?;
        check_count(given.manifests.len(), limits.manifests, "manifests", "manifests")?;
        check_count(given.findings.len(), limits.findings, "findings", "findings")?;
        check_count(count_values(&given), limits.plan_values, "keys and values", "planValues")?;
        Ok(Plan {
            edits: map_indexed(given.edits, |index, edit| self.decode_edit(index, edit))?,
            manifests: map_indexed(given.manifests, |index, manifest| {
                self.decode_manifest(index, manifest)
            })?,
            config: given.config.map(|config| self.decode_config(config)).transpose()?,
            findings: map_indexed(given.findings, |index, finding| {
                self.decode_finding(index, finding)
            })?,
        })
    }

    pub(crate) fn decode_failure(&self, given: wit::Failure) -> Decoded<Failure> {
        let words = |text| self.required_text(text, || "its failure".into());
        Ok(match given {
            wit::Failure::BadSettings(values) => {
                Failure::BadSettings(self.decode_bad_values(values)?)
            }
            wit::Failure::BadProfile(values) => {
                Failure::BadProfile(self.decode_bad_values(values)?)
            }
            wit::Failure::BadValues(values) => Failure::BadValues(self.decode_bad_values(values)?),
            wit::Failure::Unsupported(text) => Failure::Unsupported(words(text)?),
            wit::Failure::Internal(text) => Failure::Internal(words(text)?),
        })
    }

    fn decode_edit(&self, index: usize, given: wit::Edit) -> Decoded<Edit> {
        let path = self.printable_text(given.path, || format!("the path of edit {index}"))?;
        let what = || format!("edit {index} of {path}");
        let reason = self.required_text(given.reason, || format!("the reason of {}", what()))?;
        let change = match given.change {
            wit::Change::Set(text) => Change::Set(self.decode_json(&text, &reason, what)?),
            wit::Change::Remove => Change::Remove,
        };
        Ok(Edit { path, change, reason })
    }

    fn decode_manifest(&self, index: usize, given: wit::Manifest) -> Decoded<Manifest> {
        let reason =
            self.required_text(given.reason, || format!("the reason of manifest {index}"))?;
        Ok(Manifest {
            body: self.decode_json(&given.body, &reason, || format!("manifest {index}"))?,
            reason,
        })
    }

    fn decode_config(&self, given: wit::Config) -> Decoded<ConfigChoice> {
        let names = |given: Vec<String>, what: &'static str| {
            check_count(given.len(), self.limits.layers, what, "layers")?;
            map_indexed(given, |index, name| {
                self.required_text(name, || format!("number {index} of its {what}"))
            })
        };
        Ok(ConfigChoice {
            layers: names(given.layers, "config layers")?,
            must_read: names(given.must_read, "variables to read")?,
            settings: names(given.settings, "settings of its config")?,
            reason: self.required_text(given.reason, || "the reason of its config".into())?,
        })
    }

    fn decode_finding(&self, index: usize, given: wit::Finding) -> Decoded<PolicyFinding> {
        let of = |part: &'static str| move || format!("the {part} of finding {index}");
        Ok(PolicyFinding {
            severity: match given.severity {
                wit::Severity::Error => Severity::Error,
                wit::Severity::Warning => Severity::Warning,
                wit::Severity::Note => Severity::Note,
            },
            code: self.required_text(given.code, of("code"))?,
            message: self.required_text(given.message, of("message"))?,
            path: given.path.map(|t| self.printable_text(t, of("path"))).transpose()?,
            hint: given.hint.map(|t| self.required_text(t, of("hint"))).transpose()?,
        })
    }

    fn decode_bad_values(&self, given: Vec<wit::BadValue>) -> Decoded<Vec<BadValue>> {
        check_count(given.len(), self.limits.findings, "bad values", "findings")?;
        map_indexed(given, |index, bad| {
            Ok(BadValue {
                path: self.printable_text(bad.path, || format!("the path of bad value {index}"))?,
                message: self
                    .required_text(bad.message, || format!("the message of bad value {index}"))?,
            })
        })
    }

    fn decode_json(&self, text: &str, reason: &str, what: impl Fn() -> String) -> Decoded<Value> {
        if text.len() > self.limits.json_bytes {
            Self::check_size(text, self.limits.json_bytes, &what(), "jsonBytes")?;
        }
        // Only values inside a list or mapping have their own origin; an edit sets that of the rest.
        let origin = if text.trim_start().starts_with(['{', '[']) {
            Origin::Policy(Arc::new(PolicyOrigin {
                policy: self.policy.to_owned(),
                reason: reason.to_owned(),
            }))
        } else {
            Origin::Built("a policy's value")
        };
        json::parse(text, &origin).map_err(|why| json_error(&what(), &why))
    }

    /// Accepts a printable text that is not empty.
    fn required_text(&self, text: String, what: impl Fn() -> String) -> Decoded<String> {
        if text.trim().is_empty() {
            return Err(RejectError::input(
                &codes::POLICY_NO_REASON,
                format!("{} is empty", what()),
            )
            .hint("people read it in `cmp explain`: say why"));
        }
        self.printable_text(text, what)
    }

    /// Accepts a text without hidden characters.
    fn printable_text(&self, text: String, what: impl Fn() -> String) -> Decoded<String> {
        if text.len() > self.limits.text_bytes {
            Self::check_size(&text, self.limits.text_bytes, &what(), "textBytes")?;
        }
        match first_hidden_char(&text) {
            None => Ok(text),
            Some(c) => Err(RejectError::input(
                &codes::POLICY_CONTROL_CHARACTERS,
                format!(
                    "{} has the character {} in it: \"{}\"",
                    what(),
                    c.escape_unicode(),
                    escape_controls(&text)
                ),
            )
            .hint("one line of visible text; no escape sequences, no line ends")),
        }
    }

    fn check_size(text: &str, limit: usize, what: &str, key: &str) -> Decoded<()> {
        if text.len() <= limit {
            return Ok(());
        }
        Err(RejectError::input(
            &codes::POLICY_TOO_LARGE,
            format!("{what} has {} bytes, the limit is {limit}", text.len()),
        )
        .limit(key))
    }
}

fn map_indexed<T, U>(given: Vec<T>, decoder: impl Fn(usize, T) -> Decoded<U>) -> Decoded<Vec<U>> {
    given.into_iter().enumerate().map(|(index, item)| decoder(index, item)).collect()
}

fn check_count(count: usize, limit: usize, what: &str, key: &str) -> Decoded<()> {
    if count <= limit {
        return Ok(());
    }
    Err(RejectError::input(
        &codes::POLICY_TOO_LARGE,
        format!("it returned {count} {what}, the limit is {limit}"),
    )
    .limit(key))
}

/// Returns an upper bound of the keys and values in the edits and manifests of a plan.
fn count_values(given: &wit::Plan) -> usize {
    let edits = given.edits.iter().filter_map(|edit| match &edit.change {
        wit::Change::Set(text) => Some(text),
        wit::Change::Remove => None,
    });
    let manifests = given.manifests.iter().map(|manifest| &manifest.body);
    edits.chain(manifests).map(|text| json::count_values(text)).sum()
}

fn decode_scope(given: wit::Scope) -> Scope {
    match given {
        wit::Scope::Site => Scope::Site,
        wit::Scope::Global => Scope::Global,
    }
}

fn json_error(what: &str, why: &str) -> RejectError {
    RejectError::input(
        &codes::POLICY_BAD_JSON,
        format!("{what} is not JSON: {}", escape_controls(why)),
    )
    .hint("a string needs its quotes: \"\\\"yes\\\"\" is a string, \"yes\" is not JSON")
}
