//! The read-only parameters: the chart, and the values that the policies set.
//!
//! A form cannot show a whole values file, so both texts are limited and say where they are cut.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Announcement;
use crate::environment::Component;
use crate::explain::collect_leaves;
use crate::finding::{Problems, clip_text};
use crate::json;
use crate::origin::Origin;
use crate::rendered::{Outcome, Rendered};
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
        Some(chart) => (&chart.name, &chart.version),
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
            (overlay_reasons(&trace.overlay), overlay_values(&trace.overlay))
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

/// Returns the pointers of all values in the overlay.
fn overlay_paths(overlay: &Node) -> Vec<String> {
    let mut paths = Vec::new();
    collect_leaves(overlay, String::new(), &mut paths);
    paths
}

/// Returns the overlay by dotted path, each value as JSON.
fn overlay_values(overlay: &Node) -> BTreeMap<String, String> {
    let paths = overlay_paths(overlay);
    let mut shown = BTreeMap::new();
    let mut bytes = 0;
    for (index, path) in paths.iter().enumerate() {
        let value = overlay.pointer(path).map(|node| json::to_string(&node.value));
        let (key, value) = (dotted(path), clip_text(&value.unwrap_or_default(), ONE));
        bytes += key.len() + value.len();
        if bytes > SHOWN {
            let left = format!("{} more values, not shown", paths.len() - index);
            shown.insert("…".to_owned(), left);
            break;
        }
        shown.insert(key, value);
    }
    shown
}

/// Returns the reasons of the overlay, each once, with its paths.
fn overlay_reasons(overlay: &Node) -> String {
    let mut listed: Vec<(String, Vec<String>)> = Vec::new();
    for path in overlay_paths(overlay) {
        let Some(Node { origin: Origin::Policy(origin), .. }) = overlay.pointer(&path) else {
            continue;
        };
        let reason = format!("{} ({})", origin.reason, origin.policy);
        match listed.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, paths)) => paths.push(dotted(&path)),
            None => listed.push((reason, vec![dotted(&path)])),
        }
    }
    let mut text = String::from("Values that the site's policies set, with their reasons.");
    for (index, (reason, paths)) in listed.iter().enumerate() {
        let line = format!("\n{}: {reason}", paths.join(", "));
        if text.len() + line.len() > REASONS {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "\n… {} more reasons, not shown", listed.len() - index);
            break;
        }
        text.push_str(&line);
    }
    text
}
