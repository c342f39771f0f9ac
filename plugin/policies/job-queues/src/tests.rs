use policy_sdk::{Failure, Finding, Plan, harness};
use serde_json::{Map, Value, json};

use super::JobQueues;

mod list;
mod problems;
mod settings;

/// Returns an open site with this label, whose worker serves these extra queues.
fn site(label: &str, extra: Value) -> Value {
    json!({
        "appLabels": {"understack.rackspace.com/site": label},
        "site": {"nautobot_worker": {"policies": {"nautobot-worker": {"extraQueues": extra}}}},
    })
}

/// Returns open sites by name, each with its extra queues; the label is the name.
fn fleet(sites: &[(&str, Value)]) -> Value {
    let sites = sites.iter().map(|(name, extra)| ((*name).to_owned(), site(name, extra.clone())));
    Value::Object(sites.collect::<Map<_, _>>())
}

fn decide(fleet: Value, settings: Value) -> Result<Plan, Failure> {
    harness::evaluate::<JobQueues>(json!({
        "scope": "global", "environment": "dev", "fleet": fleet, "settings": settings,
    }))
}

fn config_maps(plan: &Plan) -> Vec<Value> {
    plan.manifests.iter().map(|one| serde_json::from_str(&one.body).unwrap()).collect()
}

/// Returns the queues of all ConfigMaps, parsed as an operator's command parses them.
fn listed(plan: &Plan) -> Vec<Value> {
    let texts = config_maps(plan);
    let lists = texts.iter().map(|one| one["data"]["job-queues.json"].as_str().unwrap());
    lists.flat_map(|text| serde_json::from_str::<Vec<Value>>(text).unwrap()).collect()
}

fn names(plan: &Plan) -> Vec<String> {
    listed(plan).iter().map(|queue| queue["name"].as_str().unwrap().to_owned()).collect()
}

/// Returns the only finding of a plan, which must have this code.
fn only<'p>(plan: &'p Plan, code: &str) -> &'p Finding {
    assert_eq!(plan.findings.len(), 1, "{:?}", plan.findings);
    assert_eq!(plan.findings[0].code, code);
    &plan.findings[0]
}
