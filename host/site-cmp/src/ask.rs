//! What is asked of the pipeline: the one place where any front door's wishes become a
//! fleet and requests. Files are read here, decisions are made nowhere here.

mod args;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use site_render::charts::{Chart, Charts};
use site_render::finding::Code;
use site_render::fleet::Fleet;
use site_render::origin::SourceFile;
use site_render::request::{ClosedGate, Cluster, Request, Subject, Target};
use site_render::setting::Settings;
use site_render::tree::{Tree, TreeError};
use site_render::world::World;
use site_render::yaml;

pub(crate) use args::{FleetArg, FormName, InputArgs, SiteArgs, TargetName};

use crate::chart;
use crate::codes;
use crate::exit::Stop;
use crate::folder::{Folder, read_limited, read_named};
use crate::globals::variable;
use crate::helm::Helm;
use crate::operator::Operator;

/// No values file and no profile that people write is larger.
pub(crate) const TEXT_BYTES: u64 = 8 << 20;

/// Wishes about how to render, whoever has them.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    /// More values files.
    pub(crate) values: Vec<PathBuf>,
    /// A chart at hand.
    pub(crate) chart: Option<PathBuf>,
    /// Where the files of other sources are.
    pub(crate) sources: Vec<(String, PathBuf)>,
    /// The component.
    pub(crate) component: Option<String>,
    /// What a closed gate gives.
    pub(crate) closed_gate: ClosedGate,
    /// Settings of policies.
    pub(crate) settings: Settings,
    /// What the caller takes for the digest of the lock.
    pub(crate) policies_lock: Option<String>,
    /// The cluster's versions that the caller insists on.
    pub(crate) cluster: Cluster,
    /// Those that Argo CD says it has.
    pub(crate) reported: Cluster,
    /// The program that renders charts.
    pub(crate) helm: Option<PathBuf>,
}

/// What to render of a subject that is said later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// The target.
    pub(crate) target: Target,
    /// Final values.
    pub(crate) merged: bool,
    /// Keep what policies read.
    pub(crate) record_reads: bool,
}

/// Opens a fleet, with the policies that a project may use, if there is a project.
pub(crate) fn open(
    root: &Path,
    inputs: &Inputs,
    operator: &Operator,
    project: Option<&str>,
) -> Result<Fleet, Stop> {
    let mut sources: BTreeMap<String, Arc<dyn Tree>> = BTreeMap::new();
    for (name, path) in &inputs.sources {
        sources.insert(name.clone(), folder(path)?);
    }
    Ok(Fleet::open(World {
        tree: folder(root)?,
        sources,
        policies: operator.policies(project)?,
        charts: charts(inputs.helm.clone()),
        jsonnet: operator.jsonnet()?,
    })?)
}

/// Who renders charts: the helm that was named, else the one on `PATH`.
pub(crate) fn charts(helm: Option<PathBuf>) -> Arc<dyn Charts> {
    Arc::new(Helm::new(helm.or_else(|| variable("SITE_CMP_HELM").map(PathBuf::from))))
}

/// Builds the request for a subject.
pub(crate) fn request(subject: Subject, wanted: Wanted, inputs: &Inputs) -> Result<Request, Stop> {
    let mut values = Vec::new();
    for path in &inputs.values {
        values.push(source_file(path, &codes::INPUTS_VALUES_FILE)?);
    }
    let chart = match &inputs.chart {
        Some(path) => Some(Arc::new(chart::read(path)?)),
        None => None,
    };
    Ok(request_for(subject, wanted, inputs, values, chart))
}

/// The same, with the files that it names at hand.
pub(crate) fn request_for(
    subject: Subject,
    wanted: Wanted,
    inputs: &Inputs,
    values: Vec<Arc<SourceFile>>,
    chart: Option<Arc<Chart>>,
) -> Request {
    Request {
        subject,
        component: inputs.component.clone(),
        target: wanted.target,
        merged: wanted.merged,
        values,
        chart,
        cluster: inputs.cluster.clone(),
        reported: inputs.reported.clone(),
        closed_gate: inputs.closed_gate,
        settings: inputs.settings.clone(),
        policies_lock: inputs.policies_lock.clone(),
        record_reads: wanted.record_reads,
    }
}

/// The same request for another site.
pub(crate) fn with_site(request: &Request, name: &str, environment: Option<&str>) -> Request {
    Request {
        subject: Subject::Site {
            name: name.to_owned(),
            environment: environment.map(str::to_owned),
        },
        ..request.clone()
    }
}

impl SiteArgs {
    /// The environment whose global cluster they name.
    pub(crate) fn global(&self) -> Result<Subject, Stop> {
        match self {
            Self { site: None, profile: None, environment: Some(name) } => {
                Ok(Subject::Environment { name: name.clone() })
            }
            _ => Err(Stop::usage(
                "the targets global and gateway are of an environment: --environment ENV alone",
            )),
        }
    }

    /// The subject that they name, if they name one.
    pub(crate) fn subject(&self) -> Result<Option<Subject>, Stop> {
        let Self { site, profile: file, environment } = self;
        match (site, file, environment) {
            (site, Some(file), Some(environment)) => {
                profile(file, site.as_deref(), environment).map(Some)
            }
            (Some(name), ..) => {
                Ok(Some(Subject::Site { name: name.clone(), environment: environment.clone() }))
            }
            _ => Ok(None),
        }
    }

    /// The subject that they have to name.
    pub(crate) fn one(&self) -> Result<Subject, Stop> {
        self.subject()?.ok_or_else(|| Stop::usage("name the site: --site NAME"))
    }
}

/// A bare profile; its site is called as its folder unless the user says another name.
fn profile(file: &Path, site: Option<&str>, environment: &str) -> Result<Subject, Stop> {
    let source = source_file(file, &codes::PROFILE_FILE)?;
    let site = match site {
        Some(site) => site.to_owned(),
        None => folder_name(file).ok_or_else(|| {
            let message = format!("{} lies in no folder with a name", file.display());
            codes::PROFILE_SITE.finding(message).hint("name the site: --site")
        })?,
    };
    Ok(Subject::Profile { file: source, site, environment: environment.to_owned() })
}

fn folder_name(file: &Path) -> Option<String> {
    let folder = std::path::absolute(file).ok()?;
    Some(folder.parent()?.file_name()?.to_str()?.to_owned())
}

fn source_file(path: &Path, code: &'static Code) -> Result<Arc<SourceFile>, Stop> {
    let name = path.to_string_lossy();
    let bytes =
        read_named(path, TEXT_BYTES).map_err(|error| code.finding(format!("{name}: {error}")))?;
    Ok(yaml::decode(&name, &bytes)?)
}

/// The bytes of a file that the user named, or of standard input for `-`.
pub(crate) fn piped_or_named(file: &Path, limit: u64) -> Result<Vec<u8>, TreeError> {
    if file != Path::new("-") {
        return read_named(file, limit);
    }
    read_limited(std::io::stdin().lock(), limit)
}

/// Opens a folder as a tree.
pub(crate) fn folder(path: &Path) -> Result<Arc<dyn Tree>, Stop> {
    let folder = Folder::open(path).map_err(|error| {
        let message = format!("cannot open the folder {}: {error}", path.display());
        codes::SOURCES_FOLDER.finding(message)
    })?;
    Ok(Arc::new(folder))
}
