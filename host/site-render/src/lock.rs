//! Reads and writes `policies.lock`, which pins the policies of a fleet by path and SHA-256.

use std::fmt::Write as _;

use indexmap::IndexMap;

use crate::codes;
use crate::digest::{is_sha256, sha256};
use crate::fields::Fields;
use crate::finding::{Finding, Stage, clip_text};
use crate::findings::{Reported, Reporter};
use crate::keys::LOCK;
use crate::origin::Location;
use crate::request::Request;
use crate::sources;
use crate::yaml;

/// The file's name; the folder that holds it is the fleet's root.
pub const LOCK_FILE: &str = "policies.lock";

/// A fleet's pinned policies.
#[derive(Clone, Debug, Default)]
pub struct Lock {
    /// The pins by name, in the order of the file.
    pub policies: IndexMap<String, Pin>,
    /// The SHA-256 of the file's bytes, in lower-case hex; empty for a lock that was not read
    /// from a file.
    pub digest: String,
    /// Warnings about its keys.
    pub(crate) warnings: Vec<Finding>,
}

/// One pinned policy.
#[derive(Clone, Debug)]
pub struct Pin {
    /// The path of the artifact, relative to the fleet's root.
    pub path: String,
    /// The SHA-256 of the artifact, in lower-case hex.
    pub sha256: String,
    /// The SHA-256 of the sources that it was built from, where the artifact contains it.
    pub source: Option<String>,
    /// The pin's place in the lock; `None` for a pin that was not read from a file.
    pub place: Option<Location>,
}

impl Lock {
    /// Reads the file.
    ///
    /// # Errors
    /// The file is not a lock: its version is unknown, or a digest is not valid.
    pub fn read(bytes: &[u8]) -> Result<Self, Box<Finding>> {
        let parsed = yaml::read(&yaml::decode(LOCK_FILE, bytes)?)?;
        let top = Fields::of(&parsed.root, LOCK_FILE, LOCK.table, Stage::Policies)?;
        if top.get("version").map(|node| crate::json::to_string(&node.value)).as_deref()
            != Some("1")
        {
            return Err(Box::new(
                codes::LOCK_VERSION
                    .finding("policies.lock must contain `version: 1`")
                    .at(parsed.root.origin.place())
                    .hint("write it with `cmp policy lock`"),
            ));
        }
        let mut policies = IndexMap::new();
        if let Some(listed) = top.fields("policies")? {
            for (name, _) in listed.entries() {
                let Some(fields) = listed.fields(name)? else {
                    continue;
                };
                policies.insert(name.to_owned(), read_pin(&fields)?);
            }
        }
        Ok(Self { policies, digest: sha256(bytes), warnings: top.unknown_below() })
    }

    /// Returns the text of the file.
    pub fn write(&self) -> String {
        let mut text = String::from(
            "# The policies this fleet may use. Written by `cmp policy lock`; not edited by hand.\nversion: 1\npolicies:",
        );
        if self.policies.is_empty() {
            text.push_str(" {}");
        }
        text.push('\n');
        for (name, pin) in &self.policies {
            // Writing to a String cannot fail.
            let _ =
                write!(text, "  {name}:\n    path: {}\n    sha256: \"{}\"\n", pin.path, pin.sha256);
            if let Some(source) = &pin.source {
                let _ = writeln!(text, "    source: \"{source}\"");
            }
        }
        text
    }

    /// Returns the warnings about its keys, and one where the caller's digest is not its digest.
    pub(crate) fn check_for(&self, request: &Request) -> Reported<()> {
        let findings = self.warnings.iter().cloned().chain(stale_digest(self, request)).collect();
        Reported::new(Reporter::Lock, (), findings)
    }
}

/// Returns a warning where the caller's digest of the lock is not the digest of this lock.
fn stale_digest(lock: &Lock, request: &Request) -> Option<Finding> {
    let given = request.policies_lock.as_ref().filter(|given| **given != lock.digest)?;
    // A digest has 64 characters. The rest of a longer text would only fill the message.
    let given = clip_text(given, 64);
    let message = format!(
        "`policies-lock` is {given}, but the digest of {LOCK_FILE} is {}: Argo CD may serve cached manifests of older policies",
        lock.digest
    );
    let finding = codes::LOCK_STALE.finding(message);
    Some(
        finding.hint(
            "`cmp policy lock --stamp DIR` writes the digest into the Applications below DIR",
        ),
    )
}

fn read_pin(fields: &Fields<'_>) -> Result<Pin, Box<Finding>> {
    let place = fields.node().origin.key_place();
    let sha256 = fields.required("sha256")?;
    if !is_sha256(sha256) {
        return Err(Box::new(
            codes::LOCK_DIGEST
                .finding(format!("`{}` must be 64 lower-case hex digits", fields.name("sha256")))
                .at(fields.place("sha256")),
        ));
    }
    Ok(Pin {
        path: sources::clean_path(fields.required("path")?, fields.place("path"))?,
        sha256: sha256.to_owned(),
        source: fields.text("source")?.map(str::to_owned),
        place,
    })
}
