//! The table of the plugin's own parameters, beside those that set a policy's settings.

use super::{Choice, ClosedGate, Target};

/// A parameter that an Application can give to the plugin.
#[derive(Debug)]
pub struct PluginParameter {
    /// The name that an Application writes.
    pub name: &'static str,
    /// The label in a form.
    pub title: &'static str,
    /// The meaning, in one sentence.
    pub meaning: &'static str,
    /// The names of its values; empty where any text is allowed.
    pub values: fn() -> Vec<&'static str>,
    /// The value where the Application gives none.
    pub default: &'static str,
    /// Whether Argo CD shows it in the form of an Application's parameters.
    pub is_announced: bool,
}

/// Every parameter of the plugin, in the order of forms and help.
pub static PLUGIN_PARAMETERS: [PluginParameter; 7] = [
    PluginParameter {
        name: "site",
        title: "Site",
        meaning: "Name of the site: its folder below sites/.",
        values: Vec::new,
        default: "the last folder of the source's path",
        is_announced: true,
    },
    PluginParameter {
        name: "environment",
        title: "Environment",
        meaning: "Name of the environment. Needed for a site that neither names one nor has a partition label, and for the targets global and gateway.",
        values: Vec::new,
        default: "the profile's own environment",
        is_announced: true,
    },
    PluginParameter {
        name: "component",
        title: "Component",
        meaning: "Name of the component. Needed where the environment has several.",
        values: Vec::new,
        default: "the environment's only component",
        is_announced: true,
    },
    PluginParameter {
        name: "target",
        title: "Target",
        meaning: "Documents to render. The targets global and gateway belong to an environment, the others to a site.",
        values: targets_of_plugin,
        default: "application",
        is_announced: true,
    },
    PluginParameter {
        name: "closed-gate",
        title: "Closed gate",
        meaning: "Output for a disabled site: marker is a ConfigMap that says why, empty is nothing.",
        values: closed_gates,
        default: "marker",
        is_announced: true,
    },
    PluginParameter {
        name: "policies-lock",
        title: "Policies lock",
        meaning: "SHA-256 of policies.lock. `cmp policy lock --stamp` writes it, so that a new lock invalidates the output that Argo CD has cached.",
        values: Vec::new,
        default: "none",
        is_announced: false,
    },
    PluginParameter {
        name: "manifest-generate-paths",
        title: "Manifest generate paths",
        meaning: "The annotation argocd.argoproj.io/manifest-generate-paths of the same Application. The render fails if the output depends on a file that these paths do not cover: Argo CD would not see a change of it. Patterns cover nothing.",
        values: Vec::new,
        default: "none",
        is_announced: false,
    },
];

impl PluginParameter {
    /// Returns what a form or a help text says about the parameter.
    pub fn description(&self) -> String {
        let mut sentences = vec![self.meaning.to_owned()];
        let values = (self.values)();
        if !values.is_empty() {
            sentences.push(format!("One of {}.", values.join(", ")));
        }
        if self.default != "none" {
            sentences.push(format!("Default: {}.", self.default));
        }
        sentences.join(" ")
    }
}

fn targets_of_plugin() -> Vec<&'static str> {
    let names = Target::ALL.iter().map(|target| target.name());
    names.filter(|name| Target::parse_for_plugin(name).is_some()).collect()
}

fn closed_gates() -> Vec<&'static str> {
    ClosedGate::ALL.iter().map(|gate| gate.name()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_one_of_the_values() {
        for parameter in &PLUGIN_PARAMETERS {
            let values = (parameter.values)();
            assert!(values.is_empty() || values.contains(&parameter.default), "{parameter:?}");
        }
    }
}
