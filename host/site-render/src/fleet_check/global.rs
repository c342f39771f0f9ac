//! The check of a fleet's global clusters: renders each, and reports a hostname that two of
//! them listen on, because a site could reach the wrong cluster.

use std::collections::BTreeMap;

use crate::codes;
use crate::finding::{Finding, Problems, Stage};
use crate::fleet::Fleet;
use crate::value::Node;

/// A listener: hostname, port and protocol.
type Listener = (String, String, String);

/// The owner of a listener: its environment, and its name with that of its Gateway.
type Owner = (String, String);

/// Renders the global section of every component.
pub(super) fn check_global_clusters(fleet: &Fleet, findings: &mut Vec<Finding>) {
    let mut listeners = BTreeMap::new();
    let known = fleet.environments().unwrap_or_default();
    for environment in known {
        // An environment that cannot be read has been reported already.
        for request in fleet.global_requests(&environment).unwrap_or_default() {
            match crate::render(fleet, &request) {
                Ok(rendered) => {
                    // A closed site is not a problem of the fleet.
                    let reported = rendered.findings.into_iter();
                    findings.extend(reported.filter(|finding| finding.stage != Stage::Gate));
                    for object in &rendered.documents {
                        check_listeners(&environment, object, &mut listeners, findings);
                    }
                }
                Err(Problems(problems)) => findings.extend(problems),
            }
        }
    }
}

/// Records the listeners of a Gateway; reports those that another environment has.
fn check_listeners(
    environment: &str,
    object: &Node,
    listeners: &mut BTreeMap<Listener, Owner>,
    findings: &mut Vec<Finding>,
) {
    let text = |path| object.pointer(path).and_then(Node::as_text).unwrap_or_default();
    if text("/kind") != "Gateway" {
        return;
    }
    let named = object.pointer("/spec/listeners").and_then(Node::as_sequence).unwrap_or_default();
    for listener in named {
        let value = |key| listener.get(key).and_then(Node::scalar).unwrap_or_default().to_owned();
        // Sites reach a TCP listener by its gateway's address, so it has no hostname.
        if value("protocol") == "TCP" {
            continue;
        }
        let key = (value("hostname"), value("port"), value("protocol"));
        let own = format!("listener `{}` of Gateway `{}`", value("name"), text("/metadata/name"));
        if let Some((other, theirs)) = listeners.get(&key).filter(|(other, _)| other != environment)
        {
            let (hostname, port, _) = &key;
            let message = format!(
                "environments `{other}` and `{environment}` both listen on {hostname}:{port}: {theirs}, and {own}"
            );
            findings.push(codes::GATEWAY_SHARED_LISTENER.finding(message).hint(
                "give each environment hostnames of its own, because a hostname can belong to one global cluster only",
            ));
        } else {
            listeners.insert(key, (environment.to_owned(), own));
        }
    }
}
