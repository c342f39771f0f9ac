//! The `enabled` flags of a gate.

use crate::codes;
use crate::environment::Component;
use crate::fields::{Fields, describe};
use crate::finding::Finding;
use crate::origin::Location;
use crate::suggestion::nearest;
use crate::value::{Node, Value};

/// The two `enabled` flags of a component at a site.
pub(super) enum Flags<'n> {
    /// Both are true; the fields of the component.
    On(Fields<'n>),
    /// One of them is not true.
    Off(ClosedBy),
}

/// The key that closes a gate.
pub(super) struct ClosedBy {
    /// The key, dotted.
    pub(super) key: String,
    /// `is false`, `is missing`, `is null`.
    pub(super) reason: &'static str,
    /// The place of the key, if it is written.
    pub(super) place: Option<Location>,
}

/// Reads `site.enabled`, then `site.<component>.enabled`.
pub(super) fn read_flags<'n>(
    top: &Fields<'n>,
    component: &Component,
) -> Result<Flags<'n>, Box<Finding>> {
    let Some(site) = top.fields("site")? else {
        return Ok(Flags::Off(absent_flag(top, "site", "site.enabled".to_owned())));
    };
    if let Some(closed_by) = closing_flag(&site)? {
        return Ok(Flags::Off(closed_by));
    }
    let Some(fields) = site.fields(&component.name)? else {
        refuse_misspelt(&site, &component.name, |node| node.as_mapping().is_some())?;
        let flag = format!("{}.enabled", site.name(&component.name));
        return Ok(Flags::Off(absent_flag(&site, &component.name, flag)));
    };
    Ok(closing_flag(&fields)?.map_or(Flags::On(fields), Flags::Off))
}

/// Returns `enabled` of these fields where it closes the gate.
fn closing_flag(fields: &Fields<'_>) -> Result<Option<ClosedBy>, Box<Finding>> {
    let key = fields.name("enabled");
    let Some(node) = fields.get("enabled") else {
        refuse_misspelt(fields, "enabled", |node| node.as_mapping().is_none())?;
        return Ok(Some(absent_flag(fields, "enabled", key)));
    };
    match &node.value {
        Value::Bool(true) => Ok(None),
        Value::Bool(false) => {
            Ok(Some(ClosedBy { key, reason: "is false", place: node.origin.place() }))
        }
        _ => {
            let message = format!("`{key}` must be true or false, found {}", describe(node));
            let finding = codes::GATE_NOT_BOOLEAN.finding(message).at(node.origin.place());
            Err(Box::new(match node.value {
                Value::Text(_) => finding.hint("write it without quotes"),
                _ => finding,
            }))
        }
    }
}

/// Returns the flag of a key that is null or missing.
fn absent_flag(fields: &Fields<'_>, key: &str, name: String) -> ClosedBy {
    let null = fields.node().get(key);
    ClosedBy {
        key: name,
        reason: if null.is_some() { "is null" } else { "is missing" },
        place: null.unwrap_or(fields.node()).origin.key_place(),
    }
}

/// Refuses a key that is almost the word of an absent one: this is a typing error, and the user did
/// not mean to close the gate.
fn refuse_misspelt(
    fields: &Fields<'_>,
    word: &str,
    is_alike: impl Fn(&Node) -> bool,
) -> Result<(), Box<Finding>> {
    let is_near = |key: &str| {
        let key = key.to_lowercase();
        nearest(&key, [word].into_iter()).is_some() && strsim::levenshtein(&key, word) <= 2
    };
    if fields.node().get(word).is_some() {
        return Ok(());
    }
    let Some((key, node)) = fields.entries().find(|(key, node)| is_alike(node) && is_near(key))
    else {
        return Ok(());
    };
    let name = fields.name(key);
    let finding = codes::GATE_MISSPELT.finding(format!("`{name}` is not `{}`", fields.name(word)));
    let place = node.origin.key_place();
    Err(Box::new(finding.at(place).hint(format!("did you mean `{word}`?"))))
}
