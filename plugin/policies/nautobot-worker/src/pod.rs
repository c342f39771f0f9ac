//! Where the chart finds a value of the site's worker: its own, else the one of `celery`.
//!
//! The chart merges the two deeply, and a null of the worker's own takes the value of
//! `celery` away (`nautobot.workers` in _helpers.tpl of 2.5.9 and 3.1.1, rendered with
//! Helm 3 and 4). What neither names is the chart's default.

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
    /// The worker of this site in these base values.
    pub(crate) fn new(values: &'a Document, site: &'a SiteLabel) -> Self {
        Self { values, site }
    }

    /// Returns the pointer to what takes effect at a key such as `podSecurityContext/fsGroup`;
    /// none where the chart's default does.
    pub(crate) fn place(&self, key: &str) -> Option<String> {
        [self.site.worker(key), ["/celery/", key].concat()]
            .into_iter()
            .find(|path| self.values.kind(path) != Kind::Missing)
    }

    /// Returns the scalar there, and where it is.
    pub(crate) fn scalar(&self, key: &str) -> Option<(String, String)> {
        let place = self.place(key)?;
        Some((self.values.scalar(&place)?, place))
    }

    /// Returns whether a switch is on by the rules of a chart's `if`; a default applies where
    /// the base values say nothing.
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

    /// Returns the pointer where the site's worker would say so itself.
    pub(crate) fn own(&self, key: &str) -> String {
        self.site.worker(key)
    }
}

#[cfg(test)]
mod tests;
