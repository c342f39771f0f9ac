//! The list: ConfigMaps with the fields of each queue, in the form of Nautobot's REST API.
//!
//! It is sorted, with a queue a line, so that a site that opens adds one line.

use std::collections::BTreeMap;

use policy_sdk::{Json, Plan};

use crate::name::LONGEST;
use crate::served::{Served, names};
use crate::settings::Settings;

/// The key of the list in each ConfigMap.
const KEY: &str = "job-queues.json";

/// How many bytes of a list one ConfigMap holds, as a JSON text. The text is written once more
/// into an annotation where Argo CD applies on the client's side, and an object's annotations
/// have at most 256 KiB (`TotalAnnotationSizeLimitB` of `k8s.io/apimachinery`). Half of that
/// leaves room for what Go escapes and Rust does not.
const PART_BYTES: usize = 128 << 10;

/// Adds the ConfigMaps; one even if the list is empty, so that what mounts it finds it.
pub(crate) fn add(plan: &mut Plan, settings: &Settings, served: &Served) {
    let queues = descriptions(settings, served);
    for (index, lines) in parts(&queues).iter().enumerate() {
        let name = match index {
            0 => settings.name.clone(),
            _ => format!("{}-{}", settings.name, index + 1),
        };
        plan.manifest(
            &config_map(&name, settings, lines),
            "Nautobot sends jobs only to queues that it knows; an operator applies this list",
        );
    }
}

/// Returns the queues to create, each with its description.
fn descriptions(settings: &Settings, served: &Served) -> BTreeMap<String, String> {
    let mut queues = BTreeMap::new();
    for queue in served.own.keys().filter(|queue| !settings.is_elsewhere(queue)) {
        queues.insert(queue.clone(), description(served, queue));
    }
    for (queue, declared) in &settings.declared {
        let said = declared.description.clone();
        queues.insert(queue.clone(), said.unwrap_or_else(|| description(served, queue)));
    }
    queues
}

fn description(served: &Served, queue: &str) -> String {
    let servers = served.servers(queue);
    if servers.is_empty() {
        return String::new();
    }
    let text = format!("Workers of {}", names(servers));
    if text.chars().count() <= LONGEST {
        return text;
    }
    match servers.len() {
        1 => "Workers of one site".to_owned(),
        several => format!("Workers of {several} sites"),
    }
}

/// Returns the lines of each part, as many as fit.
fn parts(queues: &BTreeMap<String, String>) -> Vec<Vec<String>> {
    let mut parts = vec![Vec::new()];
    let mut bytes = 0;
    for (name, description) in queues {
        let line = Json::map([
            ("name", (&**name).into()),
            ("queue_type", "celery".into()),
            ("description", (&**description).into()),
        ])
        .to_text();
        let more = Json::from(&*line).to_text().len();
        bytes += more;
        if bytes > PART_BYTES {
            parts.push(Vec::new());
            bytes = more;
        }
        parts.last_mut().map(|part| part.push(line));
    }
    parts
}

fn config_map(name: &str, settings: &Settings, lines: &[String]) -> Json {
    let text =
        if lines.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", lines.join(",\n")) };
    let labels = Json::map([("app.kubernetes.io/name", (&*settings.name).into())]);
    Json::map([
        ("apiVersion", "v1".into()),
        ("kind", "ConfigMap".into()),
        ("metadata", Json::map([("name", name.into()), ("labels", labels)])),
        ("data", Json::map([(KEY, text.into())])),
    ])
}
