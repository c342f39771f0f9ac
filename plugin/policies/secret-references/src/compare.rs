//! Compares Secrets and ConfigMaps that are read with those that objects create. Each finding
//! names both sides.

use std::collections::BTreeMap;

use policy_sdk::{Finding, Plan, Severity};

use crate::created::Created;
use crate::references::{Reference, Source};

impl Created<'_> {
    /// Returns whether a reference reads this object. An object of another namespace is another
    /// object.
    fn serves(&self, reference: &Reference) -> bool {
        let other_namespace =
            !reference.namespace.is_empty() && reference.namespace != self.by.namespace;
        self.is_named(reference.source, &reference.name)
            && (!other_namespace || self.by.namespace.is_empty())
    }

    fn is_named(&self, source: Source, name: &str) -> bool {
        self.source == source && self.name == name
    }

    /// Returns whether External Secrets creates it and nothing reads it.
    fn is_unused(&self, references: &[Reference]) -> bool {
        self.is_external() && !references.iter().any(|reference| self.serves(reference))
    }

    /// Returns the object that creates it, and its own name where that is another one.
    fn label(&self) -> String {
        if self.by.name == self.name {
            return self.by.label();
        }
        [&*self.by.label(), " (", self.source.kind(), " ", &*self.name, ")"].concat()
    }
}

/// Reports each Secret or ConfigMap that two objects create: they overwrite each other at every
/// sync.
pub(crate) fn report_duplicates(
    plan: &mut Plan,
    created: &[Created],
    references: &[Reference],
    elsewhere: &[String],
) {
    let mut first: BTreeMap<(Source, &str, &str), &Created> = BTreeMap::new();
    for one in created {
        let other = match first.insert((one.source, &one.by.namespace, &one.name), one) {
            Some(other) => [&*other.by.label(), " creates it too"].concat(),
            None if elsewhere.contains(&one.name)
                && !means_other_kind(one, created, references) =>
            {
                "the setting `elsewhere` lists it as created by something else".to_owned()
            }
            None => continue,
        };
        let kind = one.source.kind();
        let message = format!("{} creates {kind} {}, but {other}", one.by.label(), one.name);
        plan.report(
            one.source
                .made_twice_code()
                .finding(message)
                .at(one.by.path(""))
                .hint("remove one of the two: each would overwrite the other's changes"),
        );
    }
}

/// Returns whether the name in `elsewhere` can only mean a Secret where this is a ConfigMap, or
/// the other way round: the setting does not distinguish the two kinds.
fn means_other_kind(one: &Created, created: &[Created], references: &[Reference]) -> bool {
    references.iter().any(|reference| {
        let other = reference.name == one.name && reference.source != one.source;
        other && !created.iter().any(|one| one.serves(reference))
    })
}

/// Reports Secrets, ConfigMaps and keys of theirs that are read and that no object creates.
pub(crate) fn report_missing(
    plan: &mut Plan,
    created: &[Created],
    references: &[Reference],
    elsewhere: &[String],
) {
    let mut reported: Vec<(Source, &str, Option<&str>)> = Vec::new();
    for reference in references.iter().filter(|reference| !reference.optional) {
        if elsewhere.contains(&reference.name) {
            continue;
        }
        let creator = created.iter().find(|one| one.serves(reference));
        let lacks = |one: &&Created| match (&one.keys, &reference.key) {
            (Some(keys), Some(key)) => !keys.contains(key),
            _ => false,
        };
        let (finding, key) = match creator {
            None => (missing_object(reference, created, references), None),
            Some(one) if lacks(&one) => (missing_key(reference, one), reference.key.as_deref()),
            Some(_) => continue,
        };
        // Many pods may read the same object, so each object or key is reported once.
        let subject = (reference.source, &*reference.name, key);
        if !reported.contains(&subject) {
            reported.push(subject);
            plan.report(finding.at(&*reference.path));
        }
    }
}

fn missing_object(reference: &Reference, created: &[Created], references: &[Reference]) -> Finding {
    let unused = created.iter().filter(|one| one.source == reference.source);
    let unused = unused.filter(|one| one.is_unused(references));
    let unused: Vec<String> = unused.map(Created::label).collect();
    let Reference { source, by, name, .. } = reference;
    let mut message = format!("{by} reads {} {name}, but no object creates it", source.kind());
    // A misspelt name leaves an unused object, so the message names the candidates.
    if !unused.is_empty() {
        message += &["; created but not read: ", &unused.join(", ")].concat();
    }
    source.not_made_code().finding(message).hint(
        "use the same name on both sides; if something else creates it, add its name to the setting `elsewhere` of secret-references",
    )
}

fn missing_key(reference: &Reference, one: &Created) -> Finding {
    let keys = match one.keys.as_deref().unwrap_or_default() {
        [] => "without keys".to_owned(),
        some => ["with only ", &some.join(", ")].concat(),
    };
    let message = format!(
        "{} reads key {} of {} {}, but {} creates it {keys}",
        reference.by,
        reference.key.as_deref().unwrap_or_default(),
        reference.source.kind(),
        reference.name,
        one.by.label()
    );
    reference.source.no_key_code().finding(message).hint(
        "add the key, or correct its name: if a variable or `items` of a volume names a missing key, the pod does not start; a file missing in a volume without `items` does not prevent that",
    )
}

/// Reports objects of External Secrets that create something which nothing reads.
pub(crate) fn report_unused(
    plan: &mut Plan,
    created: &[Created],
    references: &[Reference],
    elsewhere: &[String],
    unread: &[String],
) {
    for one in created.iter().filter(|one| one.is_unused(references)) {
        let missing: BTreeMap<&str, &str> = references
            .iter()
            .filter(|reference| reference.source == one.source)
            .filter(|reference| !reference.optional && !elsewhere.contains(&reference.name))
            .filter(|reference| !created.iter().any(|one| one.serves(reference)))
            .map(|reference| (&*reference.name, &*reference.by))
            .collect();
        let missing: Vec<String> =
            missing.into_iter().map(|(name, by)| [name, " (", by, ")"].concat()).collect();
        let kind = one.source.kind();
        let mut message = format!("{} is not used: nothing reads its {kind}", one.label());
        if !missing.is_empty() {
            message += &["; read but not created: ", &missing.join(", ")].concat();
        }
        let finding = one.source.not_read_code().finding(message);
        let finding = match unread {
            [] => finding.hint("disable it where it is created, or let the worker read it"),
            // The host could not read these values, so a reference in them is unknown here.
            files => finding.severity(Severity::Warning).hint(
                ["check these values, which could not be read here: ", &files.join(", ")].concat(),
            ),
        };
        plan.report(finding.at(one.by.path("")));
    }
}
