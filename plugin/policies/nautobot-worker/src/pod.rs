//! Finds the value that the chart uses for the site's worker: its own, else the one of `celery`.
//!
//! The chart merges the two deeply, and a null under the worker removes the value of
//! `celery` (`nautobot.workers` in _helpers.tpl of 2.5.9 and 3.1.1, rendered with
//! Helm 3 and 4). Where neither has the key, the chart's default applies.

use policy_sdk::{Document, Kind};

use crate::site_label::SiteLabel;

/// The base values of the site's worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pod<'a> {
    /// All base values.
    pub(crate) values: &'a Document,
    site: &'a SiteLabel,
}

impl<'a> Pod<'a> {
    /// Returns the worker of this site in these base values.
    pub(crate) fn new(values: &'a Document, site: &'a SiteLabel) -> Self {
        Self { values, site }
    }

    /// Returns the pointer to the value that takes effect for a key such as
    /// `podSecurityContext/fsGroup`; `None` where the chart's default does.
    pub(crate) fn place(&self, key: &str) -> Option<String> {
        [self.site.worker_path(key), ["/celery/", key].concat()]
            .into_iter()
            .find(|path| self.values.kind(path) != Kind::Missing)
    }

    /// Returns the scalar that takes effect, and the pointer to it.
    pub(crate) fn scalar(&self, key: &str) -> Option<(String, String)> {
        let place = self.place(key)?;
        Some((self.values.scalar(&place)?, place))
    }

    /// Returns whether a value is true for a template's `if`; the default applies where the base
    /// values do not have the key.
    pub(crate) fn is_on(&self, key: &str, default: bool) -> bool {
        let Some(place) = self.place(key) else { return default };
        match self.values.kind(&place) {
            Kind::Missing | Kind::Null => false,
            Kind::Boolean => self.values.is_true(&place),
            Kind::Number => self.values.scalar(&place).is_some_and(|digits| digits != "0"),
            Kind::Text => self.values.scalar(&place).is_some_and(|text| !text.is_empty()),
            Kind::Sequence | Kind::Mapping => self.values.size(&place) > 0,
        }
    }

    /// Returns the pointer to the key under the site's worker.
    pub(crate) fn own(&self, key: &str) -> String {
        self.site.worker_path(key)
    }
}

#[cfg(test)]
mod tests;
