//! Web servers: one for each key of `nautobots`. Each is `nautobot` merged with its own
//! values, and the chart's default instance says `enabled: true` itself, so only its own
//! key switches it off (3.1.1 and 2.5.9, `_helpers.tpl`, `nautobot.nautobots`).

use policy_sdk::{Document, Finding, Plan, pointer};

/// What an instance says of itself that makes objects: its own values win over those
/// of `nautobot`. nginx-configmap.yaml and pdb.yaml ignore `enabled`.
const OFF: [(&[&str], &str); 4] = [
    (&["enabled"], "the web server runs on the global cluster"),
    (&["initNautobot"], "its nginx config is made even for a web server that is off"),
    (&["staticFilesOnly"], "its nginx config is made even for a web server that is off"),
    (&["pdb", "create"], "its disruption budget is made even for a web server that is off"),
];

/// Switches off every web server that the base values name, and the chart's own.
pub(crate) fn turn_off(plan: &mut Plan, values: &Document) {
    turn_off_one(plan, "default");
    for name in values.keys("/nautobots") {
        if name == "default" {
            continue;
        }
        turn_off_one(plan, &name);
        let path = pointer(["nautobots", &name]);
        if values.is_true(&pointer(["nautobots", &name, "enabled"])) {
            plan.report(
                Finding::warning(
                    "worker/web-instance",
                    format!("the base values run a web server \"{name}\"; it is switched off"),
                )
                .at(path)
                .hint("keep it in the values of the global cluster alone"),
            );
        }
    }
}

fn turn_off_one(plan: &mut Plan, name: &str) {
    for (keys, reason) in OFF {
        let path = pointer(["nautobots", name].into_iter().chain(keys.iter().copied()));
        plan.set(path, false, reason);
    }
}

#[cfg(test)]
mod tests;
