//! The policies that environment variables name.

use std::collections::{BTreeMap, BTreeSet};

/// Policies by the beginning of the variables that set them.
pub(super) struct VariablePrefixes<'p> {
    /// The policies by their names in variables, each with its place among the policies.
    names: BTreeMap<String, (usize, &'p str)>,
    /// The lengths of these names.
    lengths: BTreeSet<usize>,
}

impl<'p> VariablePrefixes<'p> {
    /// Returns the prefixes of these policies.
    pub(super) fn of(policies: impl Iterator<Item = &'p String>) -> Self {
        let mut names = BTreeMap::new();
        for (place, policy) in policies.enumerate() {
            names.entry(env_var_name(policy)).or_insert((place, policy.as_str()));
        }
        let lengths = names.keys().map(String::len).collect();
        Self { names, lengths }
    }

    /// Returns the first policy whose name, with a `_` after it, a variable begins with.
    pub(super) fn policy_of(&self, variable: &str) -> Option<&'p str> {
        let ends = self.lengths.range(..variable.len());
        let ends = ends.filter(|end| variable.as_bytes()[**end] == b'_');
        let named = ends.filter_map(|end| self.names.get(variable.get(..*end)?));
        named.min_by_key(|(place, _)| *place).map(|(_, policy)| *policy)
    }
}

/// Returns a name in the spelling of an environment variable.
pub(super) fn env_var_name(name: &str) -> String {
    let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    name.chars().map(upper).collect()
}

#[cfg(test)]
mod tests {
    use super::VariablePrefixes;

    #[test]
    fn a_variable_names_the_first_policy_that_it_begins_with() {
        let policies = ["a-b", "a", "ü"].map(str::to_owned);
        let prefixes = VariablePrefixes::of(policies.iter());
        assert_eq!(prefixes.policy_of("A_B_C"), Some("a-b"));
        assert_eq!(prefixes.policy_of("A_C"), Some("a"));
        assert_eq!(prefixes.policy_of("__C"), Some("ü"));
        for none in ["", "A", "AB_C", "Ü_C", "B_A"] {
            assert_eq!(prefixes.policy_of(none), None, "{none}");
        }
    }
}
