//! Many sites: rendered on all cores, written in order, with as much memory as a few take.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use site_render::emit;
use site_render::finding::{Fault, Finding, Problems, Severity};
use site_render::fleet::Fleet;
use site_render::request::{Request, Subject};

use crate::ask;
use crate::closed_gate;
use crate::cost::Costs;
use crate::exit::Stop;
use crate::output::{self, Console};
use crate::report;
use crate::sink::Sink;

/// Sites that are rendered before any of them is written: enough to keep all cores busy,
/// few enough that their documents fit into some megabytes.
const CHUNK: usize = 128;

/// A fleet's sites to render.
pub(crate) struct Many<'a> {
    /// The fleet.
    pub(crate) fleet: &'a Fleet,
    /// The request, but for its subject.
    pub(crate) request: Request,
    /// The environment that was named.
    pub(crate) environment: Option<&'a str>,
    /// Where documents go.
    pub(crate) sink: &'a Sink,
    /// Where findings go.
    pub(crate) console: &'a Console,
}

/// What remains of a rendered site.
struct Done {
    site: Arc<str>,
    text: String,
    findings: Vec<Finding>,
    costs: Costs,
}

/// A subject that [`Many::render`] replaces for each site.
pub(crate) fn placeholder() -> Subject {
    Subject::Site { name: String::new(), environment: None }
}

impl Many<'_> {
    /// Renders all sites; the errors of one do not stop the others.
    pub(crate) fn render(
        &self,
        names: &[String],
        mut costs: Option<&mut Costs>,
    ) -> Result<(), Stop> {
        let bar = bar(names.len());
        let mut told = Told::default();
        let mut gravest: Option<Fault> = None;
        let mut failed = 0;
        for chunk in names.chunks(CHUNK) {
            let done: Vec<_> = chunk.par_iter().map(|name| self.one(name)).collect();
            let mut stream = String::new();
            let mut findings = Vec::new();
            for site in done {
                match site {
                    Ok(done) => {
                        stream.push_str(&self.sink.put(&done.site, &done.text)?);
                        findings.extend(done.findings);
                        if let Some(costs) = costs.as_deref_mut() {
                            costs.merge(done.costs);
                        }
                    }
                    Err(problems) => {
                        failed += 1;
                        gravest = gravest.max(Some(problems.fault()));
                        findings.extend(problems.0);
                    }
                }
            }
            findings.retain(|finding| told.is_new(finding, self.console));
            bar.suspend(|| {
                self.console.findings(&findings);
                self.console.write(&stream)
            })?;
            bar.inc(chunk.len() as u64);
        }
        bar.finish_and_clear();
        told.summary(self.console);
        let Some(fault) = gravest else {
            return Ok(());
        };
        let all = report::plural(names.len(), "site");
        let text = format!("error: {failed} of {all} could not be rendered\n");
        self.console.tell(&text);
        Err(Stop::Reported(fault))
    }

    fn one(&self, name: &str) -> Result<Done, Problems> {
        let request = ask::with_site(&self.request, name, self.environment);
        let mut rendered = site_render::render(self.fleet, &request)?;
        let mut costs = Costs::default();
        costs.add(&rendered);
        let note = closed_gate::note(&rendered, request.target);
        rendered.findings.extend(note);
        Ok(Done {
            text: emit::write(&rendered, self.sink.format()),
            site: rendered.site,
            findings: rendered.findings,
            costs,
        })
    }
}

/// What has been told, so that a mistake in a shared file is told once and not for each
/// of ten thousand sites. Notes are counted, and left to renders of one site.
#[derive(Default)]
struct Told {
    seen: HashSet<u64>,
    notes: usize,
}

impl Told {
    fn is_new(&mut self, finding: &Finding, console: &Console) -> bool {
        if finding.severity == Severity::Note {
            self.notes += 1;
            return false;
        }
        if !console.shows(finding.severity) {
            return false;
        }
        let mut hasher = DefaultHasher::new();
        (&finding.code, &finding.message, &finding.path).hash(&mut hasher);
        let place = finding.place.as_ref();
        place.map(|place| (&place.file.name, place.at.line, place.at.column)).hash(&mut hasher);
        self.seen.insert(hasher.finish())
    }

    fn summary(&self, console: &Console) {
        if self.notes > 0 && console.shows(Severity::Note) {
            let notes = report::plural(self.notes, "note");
            console.tell(&format!("{notes} not shown; render one site to see its own\n"));
        }
    }
}

/// A progress bar, on a terminal alone.
fn bar(sites: usize) -> ProgressBar {
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
