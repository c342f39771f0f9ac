//! Environment variables: `EnvVar` has strings alone, and one source for a value.

use policy_sdk::{Document, Kind};

use super::{Refused, describe};
use crate::short::short;

/// Reports variables of a list that Kubernetes refuses.
pub(super) fn judge(refused: &mut Refused<'_>, list: &Document) {
    for item in list.items("") {
        if refused.is_map(&item, "a variable", "name and value")
            && let Some(name) = refused.name(&item, "a variable")
        {
            judge_value(refused, &item, &short(&name));
        }
    }
}

fn judge_value(refused: &mut Refused<'_>, item: &Document, name: &str) {
    if name.contains('=') {
        let message = format!("Kubernetes refuses the variable {name}: its name holds =");
        return refused.add(item.path("/name"), message, "write the value under value");
    }
    let kind = item.kind("/value");
    match kind {
        Kind::Missing | Kind::Null => {}
        Kind::Text => {
            let is_empty = item.scalar("/value").is_none_or(|text| text.is_empty());
            if !is_empty && !matches!(item.kind("/valueFrom"), Kind::Missing | Kind::Null) {
                let message = format!(
                    "the variable {name} has value and valueFrom; Kubernetes takes one of the two"
                );
                refused.add(item.path("/valueFrom"), message, "remove one of the two");
            }
        }
        _ => {
            let text = item.scalar("/value").unwrap_or_default();
            let shown =
                if text.is_empty() { String::new() } else { format!(" ({})", short(&text)) };
            let message = format!(
                "the value of the variable {name} is {}{shown}; Kubernetes takes strings alone",
                describe(kind)
            );
            refused.add(item.path("/value"), message, "put it in quotes");
        }
    }
}
