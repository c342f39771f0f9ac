//! Switches off web servers: one for each key of `nautobots`. Each is `nautobot` merged with its
//! own values, and the chart's default instance sets `enabled: true` itself, so only its own key
//! switches it off (3.1.1 and 2.5.9, `_helpers.tpl`, `nautobot.nautobots`).

use policy_sdk::{Document, Plan, pointer};

use crate::codes;

/// The keys of an instance that create objects. They win over those of `nautobot`, and
/// nginx-configmap.yaml and pdb.yaml ignore `enabled`.
const OFF: [(&[&str], &str); 4] = [
    (&["enabled"], "the web server runs on the global cluster"),
    (&["initNautobot"], "the chart creates its nginx config even for a web server that is off"),
    (&["staticFilesOnly"], "the chart creates its nginx config even for a web server that is off"),
    (
        &["pdb", "create"],
        "the chart creates its disruption budget even for a web server that is off",
    ),
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
                codes::WEB_INSTANCE
                    .finding(format!(
                        "the base values run a web server \"{name}\"; the policy switches it off"
                    ))
                    .at(path)
                    .hint("move it to the values of the global cluster"),
            );
        }
    }
}

/// Switches off one web server.
fn turn_off_one(plan: &mut Plan, name: &str) {
    for (keys, reason) in OFF {
        let path = pointer(["nautobots", name].into_iter().chain(keys.iter().copied()));
        plan.set(path, false, reason);
    }
}

#[cfg(test)]
mod tests;
