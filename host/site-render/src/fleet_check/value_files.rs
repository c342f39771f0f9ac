//! The values files of all sites: those that Argo CD reads, and templates that no site uses.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::codes;
use crate::finding::Finding;
use crate::inputs::{ListedValuesFile, ValuesFileState};
use crate::origin::Location;
use crate::rendered::{Outcome, Rendered};

/// A values file of a site.
#[derive(Debug)]
pub struct SiteValuesFile {
    /// The site.
    pub site: Arc<str>,
    /// The component.
    pub component: Arc<str>,
    /// The file.
    pub file: ListedValuesFile,
}

/// How many sites a template was filled for, and whether one of them has the file.
#[derive(Debug, Default)]
struct TemplateUse {
    place: Option<Location>,
    sites: usize,
    is_found: bool,
}

/// The values files of the sites that were rendered so far.
#[derive(Debug, Default)]
pub(super) struct ValuesFiles {
    pub(super) all: Vec<SiteValuesFile>,
    /// By environment, component and template.
    templates: BTreeMap<(Arc<str>, Arc<str>, String), TemplateUse>,
}

impl ValuesFiles {
    /// Records the files of an open site.
    pub(super) fn record(&mut self, rendered: &Rendered) {
        let Outcome::Open(trace) = &rendered.outcome else { return };
        let Rendered { site, environment, component, .. } = rendered;
        let mut last: Option<&str> = None;
        for file in &trace.value_files {
            let key = (environment.clone(), component.clone(), file.template.clone());
            let template = self.templates.entry(key).or_default();
            // A pattern may have many files at one site.
            if last != Some(&file.template) {
                template.sites += 1;
            }
            last = Some(&file.template);
            template.place.clone_from(&file.place);
            template.is_found |= file.state != ValuesFileState::Missing;
            let (site, component) = (site.clone(), component.clone());
            self.all.push(SiteValuesFile { site, component, file: file.clone() });
        }
    }

    /// Reports the templates whose file no site has; of a file that all sites share, each render
    /// reports it.
    pub(super) fn report_unused(&self, findings: &mut Vec<Finding>) {
        for ((environment, component, template), TemplateUse { place, sites, is_found }) in
            &self.templates
        {
            if *is_found || !template.contains("{{") {
                continue;
            }
            let sites = match sites {
                1 => "does not exist at the open site".to_owned(),
                sites => format!("exists at none of the {sites} open sites"),
            };
            let message = format!(
                "{template} of component `{component}` {sites} of environment `{environment}`"
            );
            let hint = "correct the path, or remove it until a site has such a file";
            findings.push(codes::VALUES_NO_SITE.finding(message).at(place.clone()).hint(hint));
        }
    }
}
