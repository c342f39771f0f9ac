//! Settings with placeholders for the site and the environment.

use crate::{BadRead, Document};

const SITE: &str = "{{site}}";
const ENVIRONMENT: &str = "{{environment}}";

/// A text with the placeholders `{{site}}` and `{{environment}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(String);

impl Template {
    /// Reads the template of a setting, or the default. Rejects any other placeholder: a misspelt
    /// one would be copied into a name as it is.
    pub fn read(settings: &Document, path: &str, default: &str) -> Result<Self, BadRead> {
        let text = settings.text_or(path, default)?;
        let rest = text.replace(SITE, "").replace(ENVIRONMENT, "");
        if rest.contains(['{', '}']) {
            let message =
                format!("is {text}, but the only placeholders are {SITE} and {ENVIRONMENT}");
            return Err(settings.bad(path, message));
        }
        Ok(Self(text))
    }

    /// Returns the text for one site.
    pub fn fill(&self, site: &str, environment: &str) -> String {
        self.0.replace(SITE, site).replace(ENVIRONMENT, environment)
    }

    /// Returns whether the text names the site, so that no two sites share it.
    pub fn has_site(&self) -> bool {
        self.0.contains(SITE)
    }
}

#[cfg(test)]
mod tests;
