//! The global clusters of a fleet: each as its environment's sites want it, and no name that
//! two of them listen on, for a site that dials it would reach one or the other.

use std::collections::BTreeMap;

use crate::codes;
use crate::finding::{Finding, Problems, Stage};
use crate::fleet::Fleet;
use crate::value::Node;

/// A listener: hostname, port and protocol.
type Listener = (String, String, String);

/// Who has a listener: environment, gateway, the listener's name.
type Owner = (String, String);

/// Renders every global half that there is.
pub(super) fn check_global_clusters(fleet: &Fleet, findings: &mut Vec<Finding>) {
    let mut listeners = BTreeMap::new();
    let known = fleet.environments().unwrap_or_default();
    for environment in known {
        // One that cannot be read has been told already.
        for request in fleet.global_requests(&environment).unwrap_or_default() {
            match crate::render(fleet, &request) {
                Ok(rendered) => {
                    // That a site is off is no problem.
                    let told = rendered.findings.into_iter();
                    findings.extend(told.filter(|finding| finding.stage != Stage::Gate));
                    for object in &rendered.documents {
                        collect(&environment, object, &mut listeners, findings);
                    }
                }
                Err(Problems(problems)) => findings.extend(problems),
            }
        }
    }
}

/// Notes the listeners of a Gateway; one that another environment has is an error.
fn collect(
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
        let said = |key| listener.get(key).and_then(Node::scalar).unwrap_or_default().to_owned();
        // It has no name that could lead to two clusters: sites reach it by its gateway's address.
        if said("protocol") == "TCP" {
            continue;
        }
        let key = (said("hostname"), said("port"), said("protocol"));
        let own = format!("listener `{}` of Gateway `{}`", said("name"), text("/metadata/name"));
        if let Some((other, theirs)) = listeners.get(&key).filter(|(other, _)| other != environment)
        {
            let (hostname, port, _) = &key;
            let message = format!(
                "environments `{other}` and `{environment}` both listen on {hostname}:{port}: {theirs}, and {own}"
            );
            findings.push(codes::GATEWAY_SHARED_LISTENER.finding(message).hint(
                "a name leads to one global cluster: give each environment names of its own",
            ));
        } else {
            listeners.insert(key, (environment.to_owned(), own));
        }
    }
}
