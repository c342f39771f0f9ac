//! Settings with a site and an environment in them, and nothing more.

use crate::{BadRead, Document};

const SITE: &str = "{{site}}";
const ENVIRONMENT: &str = "{{environment}}";

/// A text in which `{{site}}` and `{{environment}}` are filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

impl Template {
    /// The template of a setting, or this one. One that asks for anything else is refused.
    pub fn read(settings: &Document, path: &str, default: &str) -> Result<Self, BadRead> {
        let text = settings.text_or(path, default)?;
        let rest = text.replace(SITE, "").replace(ENVIRONMENT, "");
        if rest.contains(['{', '}']) {
            let message = format!("is {text}, but only {SITE} and {ENVIRONMENT} can be filled in");
            return Err(settings.bad(path, message));
        }
        Ok(Self(text))
    }

    /// The text for one site.
    pub fn fill(&self, site: &str, environment: &str) -> String {
        self.0.replace(SITE, site).replace(ENVIRONMENT, environment)
    }

    /// Whether two sites get two texts.
    pub fn tells_sites_apart(&self) -> bool {
        self.0.contains(SITE)
    }
}

#[cfg(test)]
mod tests;
