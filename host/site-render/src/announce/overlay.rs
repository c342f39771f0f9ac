//! The read-only parameters: the chart, and the values that the policies set.
//!
//! A form cannot show a whole values file, so both texts are limited and say where they are cut.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use indexmap::IndexMap;

use super::Announcement;
use crate::disclosure::known_values::KnownSecrets;
use crate::disclosure::{is_secret_at, shown_json_clipped};
use crate::environment::Component;
use crate::explain::visit_leaves;
use crate::finding::{Problems, clip_text};
use crate::origin::Origin;
use crate::rendered::{Outcome, Rendered, Trace};
use crate::request::Request;
use crate::value::{Node, dotted};

/// The maximum size of all values shown, in bytes of keys and values; the maximum length of one
/// value, in characters.
const SHOWN: usize = 16 << 10;
const ONE: usize = 200;

/// The maximum size of the reasons shown, in bytes.
const REASONS: usize = 4 << 10;

/// Returns the chart that is rendered.
pub(super) fn chart_parameter(component: &Component, request: &Request) -> Announcement {
    let (name, version) = match &request.chart {
        Some(chart) => (&chart.defaults.name, &chart.defaults.version),
        None => (&component.chart, &component.version),
    };
    let entries = [("name", name), ("repository", &component.repository), ("version", version)];
    read_only_parameter(
        "chart",
        "Chart (read only)",
        "The chart whose values the policies change. The environment configures it.".to_owned(),
        entries.into_iter().map(|(key, value)| (key.to_owned(), value.clone())).collect(),
    )
}

/// Returns the values that the policies set, or the reason why there are none.
pub(super) fn overlay_parameter(rendered: &Result<Rendered, Problems>) -> Announcement {
    let (tooltip, map) = match rendered.as_ref().map(|rendered| &rendered.outcome) {
        Ok(Outcome::Open(trace)) => {
            let secrets = trace.secrets_in_overlay();
            (overlay_reasons(&trace.overlay, &secrets), overlay_values(trace, &secrets))
        }
        Ok(Outcome::Closed(closed)) => {
            let place = closed.place.as_ref().map(|place| format!(" ({place})"));
            let why = format!("{} {}{}", closed.key, closed.reason, place.unwrap_or_default());
            (format!("No overlay, because the gate is closed: {why}."), BTreeMap::new())
        }
        Err(problems) => {
            let why = clip_text(&problems.to_string(), REASONS);
            (format!("No overlay, because the render fails: {why}"), BTreeMap::new())
        }
    };
    read_only_parameter("overlay", "Overlay (read only)", tooltip, map)
}

/// Returns a read-only parameter of type `map`.
fn read_only_parameter(
    name: &str,
    title: &str,
    tooltip: String,
    map: BTreeMap<String, String>,
) -> Announcement {
    Announcement {
        name: name.to_owned(),
        title: title.to_owned(),
        tooltip,
        item_type: "string",
        collection_type: "map",
        map,
        ..Announcement::default()
    }
}

/// Returns the overlay by dotted path, each value as JSON.
fn overlay_values(trace: &Trace, secrets: &KnownSecrets<'_>) -> BTreeMap<String, String> {
    let Trace { overlay, merged, .. } = trace;
    let mut shown = BTreeMap::new();
    let (mut bytes, mut left) = (0, 0);
    visit_leaves(overlay, &mut String::new(), &mut |path, node| {
        if left > 0 || bytes > SHOWN {
            left += 1;
            return;
        }
        let secret = is_secret_at(overlay, path) || is_secret_at(merged, path);
        let node = secrets.hide_in_node(node);
        let (key, value) = (dotted(&secrets.hide(path)), shown_json_clipped(&node, secret, ONE));
        bytes += key.len() + value.len();
        if bytes > SHOWN {
            left = 1;
        } else {
            shown.insert(key, value);
        }
    });
    if left > 0 {
        shown.insert("…".to_owned(), format!("{left} more values, not shown"));
    }
    shown
}

/// Returns the reasons of the overlay, each once, with its paths.
fn overlay_reasons(overlay: &Node, secrets: &KnownSecrets<'_>) -> String {
    let mut listed: IndexMap<(&str, &str), ListedPaths> = IndexMap::new();
    visit_leaves(overlay, &mut String::new(), &mut |path, node| {
        if let Origin::Policy(origin) = &node.origin {
            listed.entry((&origin.reason, &origin.policy)).or_default().add(&secrets.hide(path));
        }
    });
    let mut text = String::from("Values that the site's policies set, with their reasons.");
    for (index, ((reason, policy), paths)) in listed.iter().enumerate() {
        let line = format!("\n{}: {reason} ({policy})", paths.text);
        if text.len() + line.len() > REASONS {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "\n… {} more reasons, not shown", listed.len() - index);
            break;
        }
        text.push_str(&line);
    }
    text
}

/// The paths of one reason, up to one that no longer fits.
#[derive(Default)]
struct ListedPaths {
    text: String,
}

impl ListedPaths {
    fn add(&mut self, path: &str) {
        if self.text.len() <= REASONS {
            let separator = if self.text.is_empty() { "" } else { ", " };
            self.text.push_str(separator);
            self.text.push_str(&dotted(path));
        }
    }
}
