//! The settings of a site's policies as parameters, with their current values.
//!
//! Names, titles and types come from a policy's schema. A value whose name marks it as a secret is
//! not shown.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::Announcement;
use crate::disclosure::known_values::KnownSecrets;
use crate::disclosure::{
    RepeatedBy, clip_text, is_secret_at, known_secrets, shown_data, shown_node,
};
use crate::finding::{Fault, Problems};
use crate::json;
use crate::memory;
use crate::origin::Origin;
use crate::policies::property::Property;
use crate::policies::settings::{PolicySettings, apply_overrides};
use crate::policy_store::PolicyStore;
use crate::rendered::add_texts;
use crate::request::Request;
use crate::value::{Node, Value, escape};

/// The longest description, and the longest allowed value that is listed, in characters; how many
/// allowed values are listed. Several settings may share one schema, so each is shown shortened.
const DESCRIPTION: usize = 4_000;
const CHOICE: usize = 200;
const CHOICES: usize = 100;

/// The largest value that is shown, in bytes of memory.
const SHOWN: u64 = 256 << 10;

/// Returns the settings of all policies. A policy that cannot be loaded has none; the render
/// reports why.
pub(super) fn setting_parameters(
    store: &PolicyStore,
    policies: &PolicySettings,
    request: &Request,
) -> Result<Vec<Announcement>, Problems> {
    let whose = request.subject.label();
    let resolved = apply_overrides(store, &whose, policies, &request.settings);
    let mut all = Vec::new();
    for (policy, settings) in &resolved.policies {
        let loaded = match store.get(policy, None) {
            Ok(loaded) => loaded,
            Err(finding) if finding.fault == Fault::Environment => return Err(finding.into()),
            Err(_told_by_the_render) => continue,
        };
        let mut schema = loaded.policy.description().settings_schema.clone();
        shown_data(&mut schema);
        let top = Property::top(&schema);
        let secrets = known_secrets([settings], &RepeatedBy::texts(texts_of(settings)));
        for (keys, property) in &top.tree() {
            // A setting with properties is set through its properties.
            if property.properties().next().is_none() {
                let mut announced = setting_parameter(policy, keys, *property, top, settings);
                hide_repeated(&mut announced, &secrets);
                all.push(announced);
            }
        }
    }
    Ok(all)
}

/// Returns one setting as a parameter.
fn setting_parameter(
    policy: &str,
    keys: &[&str],
    property: Property<'_>,
    top: Property<'_>,
    settings: &Node,
) -> Announcement {
    let pointer: String = keys.iter().map(|key| format!("/{}", escape(key))).collect();
    let set = settings.pointer(&pointer).filter(|node| !matches!(node.value, Value::Null));
    let default = property.keyword("default").map(|value| {
        let origin = Origin::Built("a default");
        Node { value: json::from_serde(value, &origin), origin }
    });
    let secret = is_secret_at(settings, &pointer);
    let mut announced = Announcement {
        name: format!("{policy}.{}", keys.join(".")),
        title: setting_title(policy, top, keys),
        tooltip: setting_tooltip(property, set, default.as_ref(), secret),
        required: is_required(top, keys, settings),
        item_type: item_type(property),
        collection_type: collection_type(property),
        ..Announcement::default()
    };
    let shown = set.or(default.as_ref()).filter(|_| !secret);
    match shown.filter(|node| memory::of_value(&node.value) <= SHOWN) {
        Some(node) => {
            fill_value(&mut announced, &shown_node(node, false));
            if let Some(place) = node.origin.place() {
                place.hide_values_in(value_texts(&mut announced));
            }
        }
        None if shown.is_some() => announced.tooltip.push_str(" Its value is too long to show."),
        None => {}
    }
    announced
}

/// Returns the texts of the value.
fn value_texts(announced: &mut Announcement) -> impl Iterator<Item = &mut String> {
    let Announcement { string, array, map, .. } = announced;
    std::iter::once(string).chain(array).chain(map.values_mut())
}

/// Hides the secrets of the settings where the value repeats them.
fn hide_repeated(announced: &mut Announcement, secrets: &KnownSecrets<'_>) {
    value_texts(announced).for_each(|text| secrets.hide_in(text));
}

/// Returns the texts and numbers of a value.
fn texts_of(node: &Node) -> Vec<&str> {
    let mut texts = Vec::new();
    add_texts(node, &mut texts);
    texts
}

/// Stores the value in the field of its collection type.
fn fill_value(announced: &mut Announcement, node: &Node) {
    match (announced.collection_type, &node.value) {
        ("array", Value::Sequence(items)) => {
            announced.array = items.iter().map(parameter_text).collect();
        }
        ("map", Value::Mapping(entries)) => {
            announced.map =
                entries.iter().map(|(key, node)| (key.to_string(), parameter_text(node))).collect();
        }
        _ => announced.string = parameter_text(node),
    }
}

/// Returns a value as a parameter's text: a scalar as it is, anything else as JSON.
fn parameter_text(node: &Node) -> String {
    node.scalar().map_or_else(|| json::to_string(&node.value), str::to_owned)
}

/// Returns the policy and the titles on the path, so that two properties titled Host are distinct.
fn setting_title(policy: &str, top: Property<'_>, keys: &[&str]) -> String {
    let mut property = Some(top);
    let titles = keys.iter().map(|key| {
        property = property.and_then(|above| above.get(key));
        property.and_then(|own| own.keyword("title")).and_then(Json::as_str).unwrap_or(key)
    });
    format!("{policy}: {}", titles.collect::<Vec<_>>().join(" / "))
}

/// Returns the description, the allowed values, and the origin of the current value.
fn setting_tooltip(
    property: Property<'_>,
    set: Option<&Node>,
    default: Option<&Node>,
    secret: bool,
) -> String {
    let tooltip = property.keyword("description").and_then(Json::as_str).unwrap_or("");
    let mut tooltip = clip_text(tooltip, DESCRIPTION);
    let mut add = |sentence: String| {
        // Writing to a `String` cannot fail.
        let _ = write!(tooltip, "{}{sentence}", if tooltip.is_empty() { "" } else { " " });
    };
    let values = property.keyword("enum").and_then(Json::as_array);
    if let Some(values) = values.filter(|_| !secret) {
        let texts = values.iter().take(CHOICES).map(|value| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            clip_text(&text, CHOICE)
        });
        let more = if values.len() > CHOICES { ", …" } else { "" };
        add(format!("One of {}{more}.", texts.collect::<Vec<_>>().join(", ")));
    }
    let bound = |keyword| property.keyword(keyword).filter(|_| !secret);
    match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => add(format!("From {least} to {most}.")),
        (Some(least), None) => add(format!("At least {least}.")),
        (None, Some(most)) => add(format!("At most {most}.")),
        (None, None) => {}
    }
    if collection_type(property) == "string"
        && property.accepts("array")
        && !property.accepts("string")
    {
        add("Written as JSON.".to_owned());
    }
    match (set.map(|node| node.origin.describe()), default) {
        (Some(Some(from)), _) => add(format!("Set by {from}.")),
        (Some(None), _) => add("Set.".to_owned()),
        (None, Some(_)) => add("The policy's default.".to_owned()),
        (None, None) => add("Not set.".to_owned()),
    }
    if secret {
        add("Its value is not shown.".to_owned());
    }
    tooltip
}

/// Returns whether a setting is required: its schema says so, and its parent is set.
fn is_required(top: Property<'_>, keys: &[&str], settings: &Node) -> bool {
    let Some((last, above)) = keys.split_last() else { return false };
    let mut parent = Some(top);
    let mut node = Some(settings);
    for key in above {
        parent = parent.and_then(|property| property.get(key));
        node = node.and_then(|node| node.get(key));
    }
    let listed = parent.and_then(|property| property.keyword("required")).and_then(Json::as_array);
    node.is_some()
        && listed.is_some_and(|names| names.iter().any(|name| name.as_str() == Some(last)))
}

/// Returns whether a type allows neither arrays nor objects.
fn is_scalar(property: Property<'_>) -> bool {
    !property.accepts("array") && !property.accepts("object")
}

/// Returns Argo CD's collection type of a setting.
fn collection_type(property: Property<'_>) -> &'static str {
    match property {
        // A type that allows a string is announced as a string, because that is how its parameter
        // is parsed.
        _ if property.accepts("string") => "string",
        _ if property.accepts("array") && is_scalar(property.items()) => "array",
        _ if property.accepts("object") && property.keyword("properties").is_none() => "map",
        _ => "string",
    }
}

/// Returns Argo CD's item type of a setting.
fn item_type(property: Property<'_>) -> &'static str {
    let item = if collection_type(property) == "array" { property.items() } else { property };
    match item {
        _ if item.accepts("string") => "string",
        _ if item.accepts("number") || item.accepts("integer") => "number",
        _ if item.accepts("boolean") => "boolean",
        _ => "string",
    }
}
