//! Opens fleets and builds requests, for every front door.
//!
//! A front door is a command or the plugin server. It fills a [`RequestBuilder`] from its
//! options or parameters. Only this module makes a `World` or a `Request`, so the same options
//! render the same bytes everywhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use site_render::charts::Charts;
use site_render::deploy_rules::DeployRules;
use site_render::finding::Problems;
use site_render::fleet::Fleet;
use site_render::jsonnet::Jsonnet;
use site_render::known_files::KnownFiles;
use site_render::policy::Policies;
use site_render::progress::Progress;
use site_render::refresh_paths::WatchedPaths;
use site_render::request::{ClosedGate, Cluster, Request, Subject, Target};
use site_render::setting::Settings;
use site_render::tree::Tree;
use site_render::world::World;

use crate::chart;
use crate::codes;
use crate::exit::CommandError;
use crate::helm::ChosenBy;
use crate::named_files::{open_folder, read_source};
use crate::operator::Operator;
use crate::render_watch;

/// The options of a render, with files by their paths.
#[derive(Debug)]
pub(crate) struct RequestBuilder {
    /// The target.
    pub(crate) target: Target,
    /// For the target `values`: whether to emit the final values instead of the overlay.
    pub(crate) merged: bool,
    /// Whether to record what policies read, for `cmp explain`.
    pub(crate) record_reads: bool,
    /// More base values files.
    pub(crate) values: Vec<PathBuf>,
    /// A chart directory or archive.
    pub(crate) chart: Option<PathBuf>,
    /// Whether it may be another chart than that of the environment.
    pub(crate) other_chart: bool,
    /// Folders of other sources, by the name of the source.
    pub(crate) sources: Vec<(String, PathBuf)>,
    /// The component.
    pub(crate) component: Option<String>,
    /// The output for a site whose gate is closed.
    pub(crate) closed_gate: ClosedGate,
    /// Settings of policies.
    pub(crate) settings: Settings,
    /// The digest of the lock that the caller expects.
    pub(crate) policies_lock: Option<String>,
    /// The files whose change Argo CD sees, if they are known.
    pub(crate) watched: Option<WatchedPaths>,
    /// The cluster's versions that override the fleet's snapshot.
    pub(crate) cluster: Cluster,
    /// The cluster's versions that Argo CD reports.
    pub(crate) reported: Cluster,
    /// The program that renders charts.
    pub(crate) helm: Option<PathBuf>,
    /// The watcher of the renders.
    pub(crate) progress: Arc<dyn Progress>,
    /// Files of earlier trees.
    pub(crate) known: KnownFiles,
    /// The author of the choice of the chart.
    pub(crate) chosen_by: ChosenBy,
}

impl RequestBuilder {
    /// Returns a builder with a default for all but the target.
    pub(crate) fn new(target: Target) -> Self {
        Self {
            target,
            merged: false,
            record_reads: false,
            values: Vec::new(),
            chart: None,
            other_chart: false,
            sources: Vec::new(),
            component: None,
            closed_gate: ClosedGate::default(),
            settings: Settings::default(),
            policies_lock: None,
            watched: None,
            cluster: Cluster::default(),
            reported: Cluster::default(),
            helm: None,
            progress: render_watch::progress(),
            known: KnownFiles::default(),
            chosen_by: ChosenBy::Person,
        }
    }

    /// Opens the fleet in a folder. With a project, only the policies that the operator
    /// allows it can be loaded.
    pub(crate) fn open_fleet(
        &self,
        root: &Path,
        operator: &Operator,
        project: Option<&str>,
    ) -> Result<Fleet, CommandError> {
        let tree = open_folder(root)?;
        let charts = operator.charts(self.helm.clone(), self.chosen_by)?;
        let (policies, jsonnet) = (operator.policies(project)?, operator.jsonnet()?);
        Ok(self.open_tree(tree, policies, jsonnet, charts, &operator.deploy)?)
    }

    /// Opens the fleet in a tree.
    pub(crate) fn open_tree(
        &self,
        tree: Arc<dyn Tree>,
        policies: Arc<dyn Policies>,
        jsonnet: Arc<dyn Jsonnet>,
        charts: Arc<dyn Charts>,
        rules: &DeployRules,
    ) -> Result<Fleet, Problems> {
        let mut sources = BTreeMap::new();
        for (name, path) in &self.sources {
            sources.insert(name.clone(), open_folder(path)?);
        }
        let (progress, known) = (self.progress.clone(), self.known.clone());
        let rules = rules.clone();
        Fleet::open(World { tree, sources, policies, charts, jsonnet, known, rules, progress })
    }

    /// Builds the request for a subject, and reads the files that the options name.
    pub(crate) fn build(&self, subject: Subject) -> Result<Request, Problems> {
        let mut request = Request::new(subject, self.target);
        for path in &self.values {
            request.values.push(read_source(path, &codes::INPUTS_VALUES_FILE)?);
        }
        if let Some(path) = &self.chart {
            request.chart = Some(Arc::new(chart::read(path, self.other_chart)?));
        }
        request.merged = self.merged;
        request.record_reads = self.record_reads;
        request.component.clone_from(&self.component);
        request.closed_gate = self.closed_gate;
        request.settings.clone_from(&self.settings);
        request.policies_lock.clone_from(&self.policies_lock);
        request.watched.clone_from(&self.watched);
        request.cluster.clone_from(&self.cluster);
        request.reported.clone_from(&self.reported);
        Ok(request)
    }
}
