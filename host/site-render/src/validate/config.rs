//! Validates the configuration against the requirements of policies.
//!
//! A policy lists environment variables that the configuration must read, and settings that
//! they must influence. A configuration that does not read one of them is refused, and so is
//! one that overwrites the result.

use crate::app_config::AppConfig;
use crate::app_config::flow::{FlowMemo, Followed, Loss, Spot};
use crate::codes;
use crate::finding::{Finding, Severity, Stage};
use crate::origin::{Location, Position};
use crate::policy::{Answer, ConfigChoice};

/// Returns the errors of the configuration against the policies' plans.
pub(super) fn check_config(
    flows: &FlowMemo,
    config: Option<&AppConfig>,
    answers: &[Answer],
) -> Vec<Finding> {
    let choices = answers.iter().filter_map(|answer| Some((answer, answer.plan.config.as_ref()?)));
    let mut findings = Vec::new();
    for (answer, choice) in choices {
        let Some((config, file)) = config.and_then(|config| Some((config, config.text.as_ref()?)))
        else {
            continue;
        };
        let whole = Location { file: file.clone(), at: Position { line: 1, column: 1 } };
        let required = Required { policy: &answer.policy, choice, config, whole };
        findings.extend(required.check(flows));
    }
    findings
}

/// The requirements of one policy on the configuration.
struct Required<'a> {
    policy: &'a str,
    choice: &'a ConfigChoice,
    config: &'a AppConfig,
    /// The place of the configuration as a whole.
    whole: Location,
}

impl Required<'_> {
    fn check(&self, flows: &FlowMemo) -> Vec<Finding> {
        let ConfigChoice { must_read, settings, .. } = self.choice;
        if must_read.is_empty() {
            return Vec::new();
        }
        let modules: Vec<_> = self.config.layers.iter().map(|layer| &*layer.module).collect();
        let followed = flows.follow(&modules, must_read, settings);
        let mut findings = self.unread_variables(&followed);
        if !settings.is_empty() {
            findings.extend(self.lost_variables(&followed));
        }
        findings
    }

    /// Returns whether the configuration reads a variable.
    fn is_read(&self, name: &str, followed: &Followed) -> bool {
        self.config.reads.contains(name) || followed.read.contains_key(name)
    }

    fn unread_variables(&self, followed: &Followed) -> Vec<Finding> {
        let missing = self.choice.must_read.iter().filter(|name| !self.is_read(name, followed));
        missing
            .map(|name| {
                let (severity, seen) = match followed.computed {
                    Some(at) => (
                        Severity::Warning,
                        format!(
                            " by its name, but reads a variable by a computed name at {}",
                            self.place(at)
                        ),
                    ),
                    None => (Severity::Error, String::new()),
                };
                let message =
                    format!("{} never reads {name}{seen}: {}", self.whole.file.name, self.reason());
                codes::CONFIG_MUST_READ
                    .finding(message)
                    .severity(severity)
                    .at(self.whole.clone())
                    .hint(format!(
                        "read os.environ[\"{name}\"] in it, or choose a config that does"
                    ))
            })
            .collect()
    }

    /// Returns the statements that overwrite what the variables set.
    fn lost_variables(&self, followed: &Followed) -> Vec<Finding> {
        if !followed.whole {
            let message = format!(
                "{} is too complex to check whether {} keep the values that it reads",
                self.whole.file.name,
                self.choice.settings.join(", ")
            );
            let finding = codes::CONFIG_NOT_FOLLOWED.finding(message);
            let hint = "set them without nested functions and loops";
            return vec![finding.at(self.whole.clone()).hint(hint)];
        }
        let mut findings: Vec<Finding> =
            followed.losses.iter().map(|loss| self.loss_finding(loss)).collect();
        findings.extend(self.late_star(followed));
        findings.extend(self.unused_variables(followed));
        findings
    }

    fn loss_finding(&self, loss: &Loss) -> Finding {
        let Loss { setting, perhaps, shaped, at, .. } = loss;
        let names = loss.names(&self.choice.must_read).join(", ");
        let shaped = self.place(*shaped);
        let (severity, when) = if *perhaps {
            (Severity::Warning, ", if the pod takes a certain branch of the config")
        } else {
            (Severity::Error, "")
        };
        let message = format!(
            "`{setting}` is overwritten here and loses the values that {shaped} sets from {names}{when}: {}",
            self.reason()
        );
        codes::CONFIG_THROWN_AWAY
            .finding(message)
            .severity(severity)
            .at(self.place(*at))
            .hint(format!(
                "set only the key that must change, keep the others with `.update(...)` or `{{**{setting}, ...}}`, or move this line above the one that reads {names}"
            ))
    }

    fn late_star(&self, followed: &Followed) -> Option<Finding> {
        let at = followed.late_star?;
        // The merge has reported the `import *` of every other layer.
        (at.0 == 0).then(|| {
            let message = format!(
                "this `import *` may overwrite {}, after they are set from the variables of policy {}",
                self.choice.settings.join(", "),
                self.policy
            );
            codes::CONFIG_STAR.finding(message)
                .stage(Stage::Validate)
                .at(self.place(at))
                .hint("move it to the top of the file, or import names one by one")
        })
    }

    fn unused_variables(&self, followed: &Followed) -> Vec<Finding> {
        let read = |name: &&String| self.is_read(name, followed);
        // Code that runs a text, or binds a computed name, may use any variable.
        let dynamic = self.config.layers.iter().any(|layer| layer.module.is_dynamic());
        let unused = followed.unused.iter().filter(read).filter(|_| !dynamic);
        unused
            .map(|name| {
                let spot = followed.read.get(name).copied();
                let message = format!(
                    "{name} is read, but it influences none of {}: {}",
                    self.choice.settings.join(", "),
                    self.reason()
                );
                codes::CONFIG_NO_EFFECT
                    .finding(message)
                    .at(spot.map_or_else(|| self.whole.clone(), |spot| self.place(spot)))
                    .hint(format!("use the value of {name} in one of them"))
            })
            .collect()
    }

    fn reason(&self) -> String {
        format!("{} (policy {})", self.choice.reason, self.policy)
    }

    fn place(&self, (layer, at): Spot) -> Location {
        let layer = self.config.layers.get(layer);
        layer.map_or_else(|| self.whole.clone(), |layer| layer.module.place(at))
    }
}
