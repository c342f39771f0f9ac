//! Checks environment variables: an `EnvVar` has only strings, and one source for its value.

use policy_sdk::{Document, Kind};

use super::{InvalidItems, kind_name};
use crate::short::shorten;

/// Reports variables of a list that Kubernetes refuses.
pub(super) fn check_variables(invalid: &mut InvalidItems<'_>, list: &Document) {
    for item in list.items("") {
        if invalid.expect_map(&item, "a variable", "name and value")
            && let Some(name) = invalid.expect_name(&item, "a variable")
        {
            check_value(invalid, &item, &shorten(&name));
        }
    }
}

/// Reports a value that is not a string, or that has two sources.
fn check_value(invalid: &mut InvalidItems<'_>, item: &Document, name: &str) {
    if name.contains('=') {
        let message = format!("Kubernetes refuses the variable {name}: its name contains =");
        return invalid.add_finding(item.path("/name"), message, "write the value under value");
    }
    let kind = item.kind("/value");
    match kind {
        Kind::Missing | Kind::Null => {}
        Kind::Text => {
            let is_empty = item.scalar("/value").is_none_or(|text| text.is_empty());
            if !is_empty && !matches!(item.kind("/valueFrom"), Kind::Missing | Kind::Null) {
                let message = format!(
                    "the variable {name} has value and valueFrom; Kubernetes accepts only one of the two"
                );
                invalid.add_finding(item.path("/valueFrom"), message, "remove one of the two");
            }
        }
        _ => {
            let text = item.scalar("/value").unwrap_or_default();
            let shown =
                if text.is_empty() { String::new() } else { format!(" ({})", shorten(&text)) };
            let message = format!(
                "the value of the variable {name} must be a string, found {}{shown}",
                kind_name(kind)
            );
            invalid.add_finding(item.path("/value"), message, "put it in quotes");
        }
    }
}
