//! Renders many sites on all cores, and writes them in order. Only a chunk of them is in
//! memory at a time.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use site_render::emit;
use site_render::finding::{Fault, Finding, Problems, Severity};
use site_render::fleet::Fleet;
use site_render::request::Request;

use crate::closed_gate::closed_gate_note;
use crate::exit::CommandError;
use crate::output::{self, Console};
use crate::policy_usage::PolicyUsage;
use crate::report;
use crate::sink::Sink;

/// The sites that are rendered before any of them is written: enough to keep all cores busy,
/// few enough that their documents take some megabytes only.
const CHUNK: usize = 128;

/// A render of many sites of a fleet.
pub(crate) struct Batch<'a> {
    /// The fleet.
    pub(crate) fleet: &'a Fleet,
    /// The request, whose subject is replaced by each site.
    pub(crate) request: Request,
    /// The environment that the user named.
    pub(crate) environment: Option<&'a str>,
    /// The destination of the documents.
    pub(crate) sink: &'a Sink,
    /// The destination of the findings.
    pub(crate) console: &'a Console,
}

/// The output of one rendered site.
struct SiteOutput {
    site: Arc<str>,
    text: String,
    findings: Vec<Finding>,
    usage: PolicyUsage,
}

impl Batch<'_> {
    /// Renders all sites. An error of one site does not stop the others.
    pub(crate) fn render_all(
        &self,
        names: &[String],
        mut usage: Option<&mut PolicyUsage>,
    ) -> Result<(), CommandError> {
        let bar = progress_bar(names.len());
        let mut seen = SeenFindings::default();
        let mut most_severe: Option<Fault> = None;
        let mut failed = 0;
        for chunk in names.chunks(CHUNK) {
            let sites: Vec<_> = chunk.par_iter().map(|name| self.render_site(name)).collect();
            let mut stream = String::new();
            let mut findings = Vec::new();
            for site in sites {
                match site {
                    Ok(site) => {
                        stream.push_str(&self.sink.put(&site.site, &site.text)?);
                        findings.extend(site.findings);
                        if let Some(usage) = usage.as_deref_mut() {
                            usage.merge(site.usage);
                        }
                    }
                    Err(problems) => {
                        failed += 1;
                        most_severe = most_severe.max(Some(problems.fault()));
                        findings.extend(problems.0);
                    }
                }
            }
            findings.retain(|finding| seen.is_new(finding, self.console));
            bar.suspend(|| {
                self.console.print_findings(&findings);
                self.console.write_documents(&stream)
            })?;
            bar.inc(chunk.len() as u64);
        }
        bar.finish_and_clear();
        seen.print_summary(self.console);
        let Some(fault) = most_severe else {
            return Ok(());
        };
        let all = report::plural(names.len(), "site");
        let text = format!("error: {failed} of {all} could not be rendered\n");
        self.console.print_message(&text);
        Err(CommandError::Reported(fault))
    }

    fn render_site(&self, name: &str) -> Result<SiteOutput, Problems> {
        let request = self.request.for_site(name, self.environment);
        let mut rendered = site_render::render(self.fleet, &request)?;
        let mut usage = PolicyUsage::default();
        usage.add_render(&rendered);
        let note = closed_gate_note(&rendered, request.target);
        rendered.findings.extend(note);
        Ok(SiteOutput {
            text: emit::write(&rendered, self.sink.format()),
            site: rendered.site,
            findings: rendered.findings,
            usage,
        })
    }
}

/// The findings that are already printed, so that a mistake in a shared file is printed once
/// and not for each of ten thousand sites. Notes are only counted; a render of one site
/// prints them.
#[derive(Default)]
struct SeenFindings {
    seen: HashSet<u64>,
    notes: usize,
}

impl SeenFindings {
    fn is_new(&mut self, finding: &Finding, console: &Console) -> bool {
        if finding.severity == Severity::Note {
            self.notes += 1;
            return false;
        }
        if !console.shows_severity(finding.severity) {
            return false;
        }
        let mut hasher = DefaultHasher::new();
        (&finding.code, &finding.message, &finding.path).hash(&mut hasher);
        let place = finding.place.as_ref();
        place.map(|place| (&place.file.name, place.at.line, place.at.column)).hash(&mut hasher);
        self.seen.insert(hasher.finish())
    }

    fn print_summary(&self, console: &Console) {
        if self.notes > 0 && console.shows_severity(Severity::Note) {
            let notes = report::plural(self.notes, "note");
            console
                .print_message(&format!("{notes} not shown; render one site to see its notes\n"));
        }
    }
}

/// Returns a progress bar, which is hidden unless standard error is a terminal.
fn progress_bar(sites: usize) -> ProgressBar {
    if !output::is_watched() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} sites {eta}");
    let bar = ProgressBar::new(sites as u64);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
