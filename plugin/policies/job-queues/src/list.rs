//! Builds the list: ConfigMaps with the fields of each queue, in the form of Nautobot's REST API.
//!
//! The list is sorted and has one queue in each line, so a site that opens adds one line.

use std::borrow::Cow;

use policy_sdk::{Json, Plan};

use crate::name::MAX_LENGTH;
use crate::served::{ServedQueues, Server, site_names};
use crate::settings::Settings;

/// The key of the list in each ConfigMap.
const KEY: &str = "job-queues.json";

/// The most bytes of the list in one ConfigMap, as a JSON string. With client-side apply Argo CD
/// copies the text into an annotation, and the annotations of an object have at most 256 KiB
/// (`TotalAnnotationSizeLimitB` of `k8s.io/apimachinery`). Half of that leaves room for
/// characters that Go escapes and Rust does not.
const PART_BYTES: usize = 128 << 10;

/// Adds the ConfigMaps. An empty list gets a ConfigMap too, because a pod that mounts it cannot
/// start without it.
pub(crate) fn add_list(plan: &mut Plan, settings: &Settings, served: &ServedQueues) {
    for (index, list) in split_parts(&queue_lines(settings, served)).into_iter().enumerate() {
        let name = match index {
            0 => settings.name.clone(),
            _ => format!("{}-{}", settings.name, index + 1),
        };
        plan.manifest(
            &config_map(&name, settings, list),
            "Nautobot sends jobs only to queues that it has; an operator applies this list",
        );
    }
}

/// Returns a line for each queue to create, sorted by the queue's name.
fn queue_lines(settings: &Settings, served: &ServedQueues) -> Vec<String> {
    let mut queues = Vec::with_capacity(served.own.len() + settings.declared.len());
    for queue in &served.own {
        if !settings.accounts_for(&queue.name) {
            queues.push((
                &*queue.name,
                queue_line(&queue.name, &default_description(&queue.servers)),
            ));
        }
    }
    for (queue, declared) in &settings.declared {
        let default = || default_description(served.servers(queue));
        let description = declared.description.clone().unwrap_or_else(default);
        queues.push((queue, queue_line(queue, &description)));
    }
    queues.sort_unstable();
    queues.into_iter().map(|(_, line)| line).collect()
}

/// Returns the line of a queue with the quotes escaped, as it is in the JSON text of a manifest. It
/// is built escaped, because escaping thousands of lines afterwards takes most of a call's fuel.
fn queue_line(name: &str, description: &str) -> String {
    [
        r#"{\"name\":\""#,
        &*escape_twice(name),
        r#"\",\"queue_type\":\"celery\",\"description\":\""#,
        &*escape_twice(description),
        r#"\"}"#,
    ]
    .concat()
}

/// Returns a text escaped for JSON within JSON, without the quotes around it.
fn escape_twice(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let twice = Json::from(Json::from(text).to_text()).to_text();
    let inner = twice.strip_prefix(r#""\""#).and_then(|text| text.strip_suffix(r#"\"""#));
    Cow::Owned(inner.unwrap_or_default().to_owned())
}

/// Returns the description of a queue from the sites that serve it, within Nautobot's limit.
fn default_description(servers: &[Server]) -> String {
    if servers.is_empty() {
        return String::new();
    }
    let text = ["Workers of ", &*site_names(servers)].concat();
    if text.len() <= MAX_LENGTH || text.chars().count() <= MAX_LENGTH {
        return text;
    }
    match servers.len() {
        1 => "Workers of one site".to_owned(),
        several => format!("Workers of {several} sites"),
    }
}

/// Returns the parts of the list, each a JSON string with as many lines as fit.
fn split_parts(lines: &[String]) -> Vec<String> {
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

/// Returns the ConfigMap of one part.
fn config_map(name: &str, settings: &Settings, list: String) -> Json {
    let labels = Json::map([("app.kubernetes.io/name", (&*settings.name).into())]);
    Json::map([
        ("apiVersion", "v1".into()),
        ("kind", "ConfigMap".into()),
        ("metadata", Json::map([("name", name.into()), ("labels", labels)])),
        ("data", Json::map([(KEY, Json::Raw(list))])),
    ])
}
