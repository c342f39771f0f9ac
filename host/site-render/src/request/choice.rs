//! The tables of what a request can choose, each choice with the name that users write.

use super::{ClosedGate, Form, Target};

/// A fixed set of choices.
///
/// The command line, the plugin's parameters and their help are made from these tables.
pub trait Choice: Copy + 'static {
    /// Every choice, in the order of the help.
    const ALL: &'static [Self];

    /// Returns the name that users write, and its meaning in one phrase.
    fn row(self) -> (&'static str, &'static str);

    /// Returns the name that users write.
    fn name(self) -> &'static str {
        self.row().0
    }

    /// Returns the choice of that name.
    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.name() == name)
    }
}

impl Choice for Target {
    const ALL: &'static [Self] = &[
        Self::Values,
        Self::Application,
        Self::Resources,
        Self::Manifests,
        Self::Global,
        Self::Gateway(Form::Values),
    ];

    fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Values => ("values", "The Helm values that policies set, called the overlay"),
            Self::Application => ("application", "The Argo CD Application of the site"),
            Self::Resources => {
                ("resources", "The Kubernetes objects that are emitted beside the chart")
            }
            Self::Manifests => {
                ("manifests", "The rendered chart, then the objects of the target resources")
            }
            Self::Global => (
                "global",
                "The objects that an environment's global cluster needs for its enabled sites",
            ),
            Self::Gateway(_) => {
                ("gateway", "Only the gateway routes that sites use to reach the global cluster")
            }
        }
    }
}

impl Choice for Form {
    const ALL: &'static [Self] = &[Self::Values, Self::Manifests];

    fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Values => ("values", "Helm values for the chart that creates the routes"),
            Self::Manifests => ("manifests", "The route objects themselves"),
        }
    }
}

impl Choice for ClosedGate {
    const ALL: &'static [Self] = &[Self::Marker, Self::Empty];

    fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Marker => ("marker", "A ConfigMap that says why the site is disabled"),
            Self::Empty => ("empty", "No documents"),
        }
    }
}

impl Target {
    /// Returns the same target; a gateway in this form.
    #[must_use]
    pub fn in_form(self, form: Form) -> Self {
        match self {
            Self::Gateway(_) => Self::Gateway(form),
            other => other,
        }
    }

    /// Returns the target of that name, if an Argo CD plugin can render it: Argo CD applies
    /// objects, so a values document is not one of them.
    pub fn parse_for_plugin(name: &str) -> Option<Self> {
        let target = Self::parse(name)?.in_form(Form::Manifests);
        (!target.is_values()).then_some(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_parses_to_its_choice() {
        fn round_trips<T: Choice + PartialEq>() -> bool {
            T::ALL.iter().all(|choice| T::parse(choice.name()).is_some_and(|own| own == *choice))
        }
        assert!(round_trips::<Target>() && round_trips::<Form>() && round_trips::<ClosedGate>());
        assert_eq!(Target::parse("nothing"), None);
    }

    #[test]
    fn a_plugin_renders_objects() {
        assert_eq!(Target::parse_for_plugin("values"), None);
        let gateway = Target::parse_for_plugin("gateway");
        assert_eq!(gateway, Some(Target::Gateway(Form::Manifests)));
    }
}
