//! Finds which value of an environment variable of the worker takes effect.
//!
//! Kubernetes reads `envFrom` in order, then `env` in order, and the later value wins. The
//! chart's `envFrom` begins with its own ConfigMap, which ends with `nautobot.extraVars`
//! (_configmaps.tpl of 2.5.9 and 3.1.1); `env` holds what the template writes and
//! `extraEnvVars` (celery-deployment.yaml). `nautobot.extraEnvVars` applies to the web server only.

pub(crate) mod broker;
mod checks;
pub(crate) mod ports;

use policy_sdk::{Document, Json, Kind, Plan};

use crate::codes;
use crate::lists::{List, NameMap};
use crate::short::shorten;

pub(crate) use checks::check_variables;

const EXTRA_VARS: &str = "/nautobot/extraVars";

/// The variables that the base values list by name.
#[derive(Debug)]
pub(crate) struct BaseVariables<'a> {
    values: &'a Document,
    /// The names in the order in which Kubernetes reads them, first the chart's ConfigMap. There is
    /// no index: most callers look for a few names, and an index of thousands costs fuel.
    extra_vars: Vec<String>,
    env: Vec<String>,
    env_place: String,
}

/// An entry of the base values that sets a variable.
#[derive(Debug)]
pub(crate) struct BaseVariable {
    /// The value; `None` where it is a reference or a template.
    pub(crate) text: Option<String>,
    /// The pointer to the entry.
    pub(crate) place: String,
}

/// The value that takes effect for a variable with a default of the policy.
#[derive(Debug)]
pub(crate) struct ChosenValue {
    /// The text, if it is known.
    pub(crate) text: Option<String>,
    /// The pointer to the entry of the base values, if that takes effect.
    pub(crate) place: Option<String>,
}

impl<'a> BaseVariables<'a> {
    /// Reads the names of all variables that the base values set.
    pub(crate) fn read(values: &'a Document, env: &List) -> Self {
        let extra_vars = values.items(EXTRA_VARS);
        Self {
            values,
            extra_vars: extra_vars
                .iter()
                .map(|item| item.scalar("/name").unwrap_or_default())
                .collect(),
            env: env.base_items().map(|(name, _)| name.to_owned()).collect(),
            env_place: env.base_place().to_owned(),
        }
    }

    /// Returns the entry that takes effect under a name.
    pub(crate) fn find(&self, name: &str) -> Option<BaseVariable> {
        let last = |names: &[String]| names.iter().rposition(|other| other == name);
        let in_env = last(&self.env).map(|number| number + self.extra_vars.len());
        in_env.or_else(|| last(&self.extra_vars)).map(|number| self.entry(number))
    }

    /// Returns whether the worker's `env` has a name; it wins over `envFrom`.
    pub(crate) fn is_in_env(&self, name: &str) -> bool {
        self.env.iter().any(|other| other == name)
    }

    /// Returns the indexes of the entries that take effect by name, for looking up many names.
    pub(crate) fn build_index(&self) -> NameMap<'_> {
        let names = self.extra_vars.iter().chain(&self.env);
        names.enumerate().map(|(number, name)| (&**name, number)).collect()
    }

    /// Returns the entry of that index.
    pub(crate) fn entry(&self, number: usize) -> BaseVariable {
        let (place, number) = match number.checked_sub(self.extra_vars.len()) {
            Some(number) => (&*self.env_place, number),
            None => (EXTRA_VARS, number),
        };
        let place = [place, "/", &number.to_string()].concat();
        BaseVariable { text: self.known_text(&place), place }
    }

    /// Returns the text of the entry of that index if Kubernetes replaces references in it, which
    /// it does only in the container's `env`.
    pub(crate) fn reference_text(&self, number: usize) -> Option<String> {
        let number = number.checked_sub(self.extra_vars.len())?;
        let place = [&*self.env_place, "/", &number.to_string(), "/value"].concat();
        self.values.scalar(&place).filter(|text| !text.contains("{{"))
    }

    /// Returns the value of an entry, if it is a plain text.
    fn known_text(&self, place: &str) -> Option<String> {
        let value = [place, "/value"].concat();
        let reference = [place, "/valueFrom"].concat();
        match (self.values.scalar(&value), self.values.kind(&reference)) {
            (Some(text), _) => is_plain(&text).then_some(text),
            (None, Kind::Missing | Kind::Null) => Some(String::new()),
            (None, _) => None,
        }
    }
}

impl BaseVariable {
    /// Describes the value for a message.
    pub(crate) fn describe(&self) -> String {
        match &self.text {
            Some(text) => format!("\"{}\"", shorten(text)),
            None => "a reference or template".to_owned(),
        }
    }
}

/// Sets a variable: a setting wins over the base values, and those over a default.
pub(crate) fn choose_value(
    plan: &mut Plan,
    env: &mut List,
    base: &BaseVariables<'_>,
    name: &str,
    setting: Option<(&str, &str)>,
    default: &str,
) -> ChosenValue {
    let entry = base.find(name);
    let text = match (setting, entry) {
        (None, Some(entry)) => return ChosenValue { text: entry.text, place: Some(entry.place) },
        (Some((_, text)), Some(entry)) if entry.text.as_deref() == Some(text) => text,
        (Some((key, text)), Some(entry)) => {
            report_replaced(plan, key, text, (name, &entry.describe(), &entry.place));
            put_variable(env, name, text);
            text
        }
        (setting, None) => {
            let text = setting.map_or(default, |(_, text)| text);
            put_variable(env, name, text);
            text
        }
    };
    ChosenValue { text: Some(text.to_owned()), place: None }
}

/// Reports a base value that a setting replaces.
pub(crate) fn report_replaced(
    plan: &mut Plan,
    setting: &str,
    text: &str,
    (what, base, place): (&str, &str, &str),
) {
    plan.report(
        codes::REPLACED
            .finding(format!(
                "the setting {setting} ({text}) replaces {what} ({base}) of the base values"
            ))
            .at(place)
            .hint("keep one of the two"),
    );
}

/// Reports a variable that takes effect and whose value is not in any file.
pub(crate) fn report_unread(plan: &mut Plan, name: &str, chosen: &ChosenValue) {
    if let (None, Some(place)) = (&chosen.text, &chosen.place) {
        plan.report(
            codes::VARIABLE_UNREAD
                .finding(format!(
                    "the base values set {name} through a reference or template, so its value is not checked"
                ))
                .at(place)
                .hint("write the value itself, or remove the variable so that the policy sets it"),
        );
    }
}

/// Returns whether a program sees a text unchanged: the chart renders templates, and Kubernetes
/// replaces `$(NAME)`.
pub(crate) fn is_plain(text: &str) -> bool {
    !text.contains("{{") && !text.contains("$(")
}

/// Adds a variable to the worker's `env`.
fn put_variable(env: &mut List, name: &str, text: &str) {
    env.put(name, Json::map([("name", name.into()), ("value", text.into())]));
}

#[cfg(test)]
mod tests;
