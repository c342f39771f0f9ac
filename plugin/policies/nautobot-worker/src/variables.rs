//! Environment variables of the worker: which of two values takes effect.
//!
//! Kubernetes reads `envFrom` in order, then `env` in order, and the later value wins. The
//! chart's `envFrom` begins with its own ConfigMap, which ends with `nautobot.extraVars`
//! (_configmaps.tpl of 2.5.9 and 3.1.1); `env` holds what the template writes and
//! `extraEnvVars` (celery-deployment.yaml). `nautobot.extraEnvVars` is the web server's.

pub(crate) mod broker;
mod judge;
pub(crate) mod ports;

use policy_sdk::{Document, Finding, Json, Kind, Plan};

use crate::lists::{List, NameMap};
use crate::short::short;

pub(crate) use judge::judge;

const EXTRA_VARS: &str = "/nautobot/extraVars";

/// Variables of the base values whose text is in the base values.
#[derive(Debug)]
pub(crate) struct BaseVariables<'a> {
    values: &'a Document,
    /// Names in the order in which Kubernetes reads them, first the chart's ConfigMap. Few are
    /// looked for among what may be thousands, so there is no index.
    extra_vars: Vec<String>,
    env: Vec<String>,
    env_place: String,
}

/// A variable that the base values set.
#[derive(Debug)]
pub(crate) struct Given {
    /// Its text; none where a reference or a template gives it.
    pub(crate) text: Option<String>,
    /// Where it is.
    pub(crate) place: String,
}

/// The value of a variable that the policy has a default for.
#[derive(Debug)]
pub(crate) struct Chosen {
    /// Its text, where it is known.
    pub(crate) text: Option<String>,
    /// Where the base values set it, if they decide.
    pub(crate) place: Option<String>,
}

impl<'a> BaseVariables<'a> {
    /// Reads which variables the base values set.
    pub(crate) fn read(values: &'a Document, env: &List) -> Self {
        let extra_vars = values.items(EXTRA_VARS);
        Self {
            values,
            extra_vars: extra_vars
                .iter()
                .map(|item| item.scalar("/name").unwrap_or_default())
                .collect(),
            env: env.base().map(|(name, _)| name.to_owned()).collect(),
            env_place: env.base_place().to_owned(),
        }
    }

    /// Returns the entry that takes effect under a name.
    pub(crate) fn find(&self, name: &str) -> Option<Given> {
        let last = |names: &[String]| names.iter().rposition(|other| other == name);
        let in_env = last(&self.env).map(|number| number + self.extra_vars.len());
        in_env.or_else(|| last(&self.extra_vars)).map(|number| self.given(number))
    }

    /// Returns whether a name is among the worker's own variables, which win over all others.
    pub(crate) fn is_in_env(&self, name: &str) -> bool {
        self.env.iter().any(|other| other == name)
    }

    /// Returns the numbers of the entries that take effect, for whoever looks for many names.
    pub(crate) fn index(&self) -> NameMap<'_> {
        let names = self.extra_vars.iter().chain(&self.env);
        names.enumerate().map(|(number, name)| (&**name, number)).collect()
    }

    /// Returns the entry of that number.
    pub(crate) fn given(&self, number: usize) -> Given {
        let (place, number) = match number.checked_sub(self.extra_vars.len()) {
            Some(number) => (&*self.env_place, number),
            None => (EXTRA_VARS, number),
        };
        let place = [place, "/", &number.to_string()].concat();
        Given { text: self.text(&place), place }
    }

    /// Returns the text of the entry of that number where Kubernetes replaces references in it,
    /// which it does in a container's own list alone.
    pub(crate) fn reference(&self, number: usize) -> Option<String> {
        let number = number.checked_sub(self.extra_vars.len())?;
        let place = [&*self.env_place, "/", &number.to_string(), "/value"].concat();
        self.values.scalar(&place).filter(|text| !text.contains("{{"))
    }

    fn text(&self, place: &str) -> Option<String> {
        let value = [place, "/value"].concat();
        let reference = [place, "/valueFrom"].concat();
        match (self.values.scalar(&value), self.values.kind(&reference)) {
            (Some(text), _) => is_plain(&text).then_some(text),
            (None, Kind::Missing | Kind::Null) => Some(String::new()),
            (None, _) => None,
        }
    }
}

impl Given {
    /// Describes the value for a message.
    pub(crate) fn describe(&self) -> String {
        match &self.text {
            Some(text) => format!("\"{}\"", short(text)),
            None => "a reference or template".to_owned(),
        }
    }
}

/// Decides on a variable: a setting wins over the base values, and those over a default.
pub(crate) fn choose(
    plan: &mut Plan,
    env: &mut List,
    base: &BaseVariables<'_>,
    name: &str,
    setting: Option<(&str, &str)>,
    default: &str,
) -> Chosen {
    let given = base.find(name);
    let text = match (setting, given) {
        (None, Some(given)) => return Chosen { text: given.text, place: Some(given.place) },
        (Some((_, text)), Some(given)) if given.text.as_deref() == Some(text) => text,
        (Some((key, text)), Some(given)) => {
            report_replaced(plan, key, text, (name, &given.describe(), &given.place));
            put(env, name, text);
            text
        }
        (setting, None) => {
            let text = setting.map_or(default, |(_, text)| text);
            put(env, name, text);
            text
        }
    };
    Chosen { text: Some(text.to_owned()), place: None }
}

/// Reports a base value that a setting replaces.
pub(crate) fn report_replaced(
    plan: &mut Plan,
    setting: &str,
    text: &str,
    (what, base, place): (&str, &str, &str),
) {
    plan.report(
        Finding::note(
            "worker/replaced",
            format!("the setting {setting} ({text}) replaces {what} ({base}) of the base values"),
        )
        .at(place)
        .hint("keep one of the two"),
    );
}

/// Reports a variable that decides and whose value is in none of the files.
pub(crate) fn report_unread(plan: &mut Plan, name: &str, chosen: &Chosen) {
    if let (None, Some(place)) = (&chosen.text, &chosen.place) {
        plan.report(
            Finding::warning(
                "worker/variable-unread",
                format!("the base values take {name} from a reference or template, so its value is not checked"),
            )
            .at(place)
            .hint("write the value itself, or leave the variable to the policy"),
        );
    }
}

/// Returns whether a text is what a program sees: the chart renders templates, and Kubernetes
/// replaces `$(NAME)`.
pub(crate) fn is_plain(text: &str) -> bool {
    !text.contains("{{") && !text.contains("$(")
}

fn put(env: &mut List, name: &str, text: &str) {
    env.put(name, Json::map([("name", name.into()), ("value", text.into())]));
}

#[cfg(test)]
mod tests;
