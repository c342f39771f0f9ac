//! The list: ConfigMaps with the fields of each queue, in the form of Nautobot's REST API.
//!
//! It is sorted, with a queue a line, so that a site that opens adds one line.

use std::borrow::Cow;

use policy_sdk::{Json, Plan};

use crate::name::LONGEST;
use crate::served::{Served, Server, names};
use crate::settings::Settings;

/// The key of the list in each ConfigMap.
const KEY: &str = "job-queues.json";

/// How many bytes of a list one ConfigMap holds, as a JSON string. The text is written once more
/// into an annotation where Argo CD applies on the client's side, and an object's annotations
/// have at most 256 KiB (`TotalAnnotationSizeLimitB` of `k8s.io/apimachinery`). Half of that
/// leaves room for what Go escapes and Rust does not.
const PART_BYTES: usize = 128 << 10;

/// Adds the ConfigMaps; one even if the list is empty, so that what mounts it finds it.
pub(crate) fn add(plan: &mut Plan, settings: &Settings, served: &Served) {
    for (index, list) in parts(&lines(settings, served)).into_iter().enumerate() {
        let name = match index {
            0 => settings.name.clone(),
            _ => format!("{}-{}", settings.name, index + 1),
        };
        plan.manifest(
            &config_map(&name, settings, list),
            "Nautobot sends jobs only to queues that it knows; an operator applies this list",
        );
    }
}

/// Returns a line for each queue to create, sorted by the queue's name.
fn lines(settings: &Settings, served: &Served) -> Vec<String> {
    let mut queues = Vec::with_capacity(served.own.len() + settings.declared.len());
    for queue in &served.own {
        if !settings.knows(&queue.name) {
            queues.push((&*queue.name, line(&queue.name, &description(&queue.servers))));
        }
    }
    for (queue, declared) in &settings.declared {
        let default = || description(served.servers(queue));
        let description = declared.description.clone().unwrap_or_else(default);
        queues.push((queue, line(queue, &description)));
    }
    queues.sort_unstable();
    queues.into_iter().map(|(_, line)| line).collect()
}

/// Returns the line as it is in the JSON text of a manifest, where its quotes are escaped. Written
/// so at once: to escape thousands of lines afterwards takes most of a call's fuel.
fn line(name: &str, description: &str) -> String {
    [
        r#"{\"name\":\""#,
        &*escaped(name),
        r#"\",\"queue_type\":\"celery\",\"description\":\""#,
        &*escaped(description),
        r#"\"}"#,
    ]
    .concat()
}

/// Returns a text as it is in a JSON text within a JSON text, without the quotes around it.
fn escaped(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let twice = Json::from(Json::from(text).to_text()).to_text();
    let inner = twice.strip_prefix(r#""\""#).and_then(|text| text.strip_suffix(r#"\"""#));
    Cow::Owned(inner.unwrap_or_default().to_owned())
}

fn description(servers: &[Server]) -> String {
    if servers.is_empty() {
        return String::new();
    }
    let text = ["Workers of ", &*names(servers)].concat();
    if text.len() <= LONGEST || text.chars().count() <= LONGEST {
        return text;
    }
    match servers.len() {
        1 => "Workers of one site".to_owned(),
        several => format!("Workers of {several} sites"),
    }
}

/// Returns the list of each part, a JSON string with as many lines as fit.
fn parts(lines: &[String]) -> Vec<String> {
    const START: &str = r#""["#;
    let mut parts = Vec::new();
    let mut part = String::from(START);
    for line in lines {
        if part.len() > START.len() {
            if part.len() + line.len() > PART_BYTES {
                parts.push(part + r#"\n]\n""#);
                part = String::from(START);
            } else {
                part.push(',');
            }
        }
        part.push_str(r"\n");
        part.push_str(line);
    }
    let end = if part.len() > START.len() { r#"\n]\n""# } else { r#"]\n""# };
    parts.push(part + end);
    parts
}

fn config_map(name: &str, settings: &Settings, list: String) -> Json {
    let labels = Json::map([("app.kubernetes.io/name", (&*settings.name).into())]);
    Json::map([
        ("apiVersion", "v1".into()),
        ("kind", "ConfigMap".into()),
        ("metadata", Json::map([("name", name.into()), ("labels", labels)])),
        ("data", Json::map([(KEY, Json::Raw(list))])),
    ])
}
