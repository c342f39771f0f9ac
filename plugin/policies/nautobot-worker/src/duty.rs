//! What the site's worker has to do, and what the base values make of it.

use crate::chart::Chart;
use crate::pod::Pod;
use crate::settings::Settings;
use crate::site_label::SiteLabel;
use crate::variables::BaseVariables;

/// The worker as the chart, the settings and the base values describe it.
#[derive(Clone, Copy)]
pub(crate) struct Duty<'a> {
    pub(crate) chart: Chart,
    pub(crate) pod: Pod<'a>,
    /// Variables of the base values.
    pub(crate) base: &'a BaseVariables<'a>,
    pub(crate) settings: &'a Settings,
    pub(crate) site: &'a SiteLabel,
    /// The site's queue and the extra ones, as Celery takes them.
    pub(crate) queues: &'a str,
}
