//! The configuration against what policies want of it.
//!
//! A policy names environment variables that the configuration has to read, and the names of
//! it that they shape. A configuration that never reads one of them is refused, and so is one
//! that throws away what it made of them.

use crate::app_config::AppConfig;
use crate::app_config::flow::{Followed, Loss, Memo, Spot};
use crate::codes;
use crate::finding::{Finding, Severity, Stage};
use crate::fleet::Fleet;
use crate::origin::{Place, Position};
use crate::policy::{Answer, ConfigChoice};

/// Returns what is wrong with the configuration by the policies' plans.
pub(super) fn check(fleet: &Fleet, config: Option<&AppConfig>, answers: &[Answer]) -> Vec<Finding> {
    let choices = answers.iter().filter_map(|answer| Some((answer, answer.plan.config.as_ref()?)));
    let mut findings = Vec::new();
    for (answer, choice) in choices {
        let Some((config, file)) = config.and_then(|config| Some((config, config.text.as_ref()?)))
        else {
            continue;
        };
        let whole = Place { file: file.clone(), at: Position { line: 1, column: 1 } };
        let required = Required { policy: &answer.policy, choice, config, whole };
        findings.extend(required.findings(&fleet.flows));
    }
    findings
}

/// What one policy requires of the configuration.
struct Required<'a> {
    policy: &'a str,
    choice: &'a ConfigChoice,
    config: &'a AppConfig,
    /// The place of the configuration as a whole.
    whole: Place,
}

impl Required<'_> {
    fn findings(&self, flows: &Memo) -> Vec<Finding> {
        let ConfigChoice { must_read, settings, .. } = self.choice;
        if must_read.is_empty() {
            return Vec::new();
        }
        let modules: Vec<_> = self.config.layers.iter().map(|layer| &*layer.module).collect();
        let followed = flows.follow(&modules, must_read, settings);
        let mut findings = self.unread(&followed);
        if !settings.is_empty() {
            findings.extend(self.thrown_away(&followed));
        }
        findings
    }

    /// Returns whether a variable is read somewhere, or where the config is followed.
    fn reads(&self, name: &str, followed: &Followed) -> bool {
        self.config.reads.contains(name) || followed.read.contains_key(name)
    }

    fn unread(&self, followed: &Followed) -> Vec<Finding> {
        let missing = self.choice.must_read.iter().filter(|name| !self.reads(name, followed));
        missing
            .map(|name| {
                let (severity, seen) = match followed.computed {
                    Some(at) => (
                        Severity::Warning,
                        format!(" by its name, and a computed read was seen at {}", self.place(at)),
                    ),
                    None => (Severity::Error, String::new()),
                };
                let message =
                    format!("{} never reads {name}{seen}: {}", self.whole.file.name, self.reason());
                Finding { severity, ..codes::CONFIG_MUST_READ.finding(message) }
                    .at(self.whole.clone())
                    .hint(format!(
                        "read os.environ[\"{name}\"] in it, or choose a config that does"
                    ))
            })
            .collect()
    }

    /// Returns what the configuration makes of the variables and then throws away.
    fn thrown_away(&self, followed: &Followed) -> Vec<Finding> {
        if !followed.whole {
            let message = format!(
                "{} is too involved to follow whether {} keeps what it reads",
                self.whole.file.name,
                self.choice.settings.join(", ")
            );
            let finding = codes::CONFIG_NOT_FOLLOWED.finding(message);
            let hint = "bind these settings without functions and loops that nest";
            return vec![finding.at(self.whole.clone()).hint(hint)];
        }
        let mut findings: Vec<Finding> =
            followed.losses.iter().map(|loss| self.lost(loss)).collect();
        findings.extend(self.late_star(followed));
        findings.extend(self.unused(followed));
        findings
    }

    fn lost(&self, loss: &Loss) -> Finding {
        let Loss { setting, perhaps, shaped, at, .. } = loss;
        let names = loss.names(&self.choice.must_read).join(", ");
        let shaped = self.place(*shaped);
        let (severity, when) = if *perhaps {
            (Severity::Warning, " on one way through the config, which only the pod decides on")
        } else {
            (Severity::Error, "")
        };
        let message = format!(
            "`{setting}` loses here what {shaped} put into it from {names}{when}: {}",
            self.reason()
        );
        Finding { severity, ..codes::CONFIG_THROWN_AWAY.finding(message) }
            .at(self.place(*at))
            .hint(format!(
                "set the one key that is meant, keep the rest with `.update(...)` or `{{**{setting}, ...}}`, or move this above what reads {names}"
            ))
    }

    fn late_star(&self, followed: &Followed) -> Option<Finding> {
        let at = followed.late_star?;
        // The merge has said so of a layer that brings a star of its own.
        (at.0 == 0).then(|| {
            let message = format!(
                "this `import *` may bind {} anew, after the variables of policy {} have shaped them",
                self.choice.settings.join(", "),
                self.policy
            );
            codes::CONFIG_STAR.finding(message)
                .stage(Stage::Validate)
                .at(self.place(at))
                .hint("move it to the top of the file, or import the names that are meant")
        })
    }

    fn unused(&self, followed: &Followed) -> Vec<Finding> {
        let read = |name: &&String| self.reads(name, followed);
        // What runs a text, or binds by a name that is computed, may use anything.
        let dynamic = self.config.layers.iter().any(|layer| layer.module.is_dynamic());
        let unused = followed.unused.iter().filter(read).filter(|_| !dynamic);
        unused
            .map(|name| {
                let spot = followed.read.get(name).copied();
                let message = format!(
                    "{name} is read, and none of {} is made from it: {}",
                    self.choice.settings.join(", "),
                    self.reason()
                );
                codes::CONFIG_NO_EFFECT
                    .finding(message)
                    .at(spot.map_or_else(|| self.whole.clone(), |spot| self.place(spot)))
                    .hint(format!("put what is read into one of them, where {name} belongs"))
            })
            .collect()
    }

    fn reason(&self) -> String {
        format!("{} (policy {})", self.choice.reason, self.policy)
    }

    fn place(&self, (layer, at): Spot) -> Place {
        let layer = self.config.layers.get(layer);
        layer.map_or_else(|| self.whole.clone(), |layer| layer.module.place(at))
    }
}
