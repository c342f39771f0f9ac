//! The inputs that most checks of the worker's pod share.

use crate::chart::Chart;
use crate::pod::Pod;
use crate::settings::Settings;
use crate::site_label::SiteLabel;
use crate::variables::BaseVariables;

/// The worker according to the chart, the settings and the base values.
#[derive(Clone, Copy)]
pub(crate) struct WorkerContext<'a> {
    pub(crate) chart: Chart,
    pub(crate) pod: Pod<'a>,
    /// The variables of the base values.
    pub(crate) base: &'a BaseVariables<'a>,
    pub(crate) settings: &'a Settings,
    pub(crate) site: &'a SiteLabel,
    /// The site's queue and the extra ones, separated by commas.
    pub(crate) queues: &'a str,
}
