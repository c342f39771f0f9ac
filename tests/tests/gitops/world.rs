//! Everything that a scenario may look at: clusters, Argo CD, and the fleet's repository.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use serde_json::Value;
use site_cmp_tests::{argocd_peer, built, chart, installed, openssl, peer, repo, wait_or_explain};
use tempfile::TempDir;

use super::applications::Application;
use super::argo_cd::ArgoCd;
use super::charts::Charts;
use super::clusters::{Cluster, Clusters};
use super::fleet::{CHART, Fleet, OPEN, child};

/// How often an event is looked for, which costs a run of kubectl.
const PAUSE: Duration = Duration::from_millis(250);
/// The kinds of objects of Argo CD and of the controllers on the global cluster.
const GLOBAL_KINDS: [(&str, &[&str]); 2] = [
    (
        "others",
        &[
            "app",
            "cert-manager.io_c",
            "external-secrets.io_pushsecrets",
            "external-secrets.io_externalsecrets",
            "monitoring.",
        ],
    ),
    ("experimental", &["gateway."]),
];
/// The kinds of objects of a site's controllers.
const SITE_KINDS: [(&str, &[&str]); 1] =
    [("others", &["external-secrets.io_externalsecrets", "monitoring."])];

/// The version that a scenario changes the chart to.
pub(crate) const NEWER_CHART: &str = "3.1.2";

/// All parts.
pub(crate) struct World {
    pub(crate) global: Cluster,
    pub(crate) sites: BTreeMap<String, Cluster>,
    pub(crate) argo_cd: ArgoCd,
    pub(crate) fleet: Fleet,
    clusters: Clusters,
    _charts: Charts,
    _folder: TempDir,
}

impl World {
    /// Starts all parts; `None` where one is missing.
    pub(crate) fn start() -> Option<Self> {
        let how = "build it with: tests/peers/build";
        let helm = peer("helm", built("peers/helm"), how)?;
        let controllers = argocd_peer()?;
        installed("kubectl", "install it with `apt-get install kubernetes-client`")?;
        installed("git", "install it with `apt-get install git`")?;
        openssl()?;
        let archive = chart(CHART)?;
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        let clusters = Clusters::start(folder.path())?;
        let mut global = clusters.begin("global");
        let mut sites: BTreeMap<_, _> =
            OPEN.iter().map(|site| ((*site).to_owned(), clusters.begin(site))).collect();
        global.add_kinds(&clusters.kinds(&GLOBAL_KINDS));
        clusters.start_controllers(&mut global);
        let charts = Charts::serve(&archive, NEWER_CHART, &helm, &at("charts"));
        let servers = sites.iter().map(|(site, to)| (site.as_str(), to.server.as_str()));
        let servers: Vec<_> = servers.collect();
        let fleet = Fleet::create(folder.path(), &charts.url, &servers);
        let argo_cd = ArgoCd::start(&at("argocd"), &controllers, &helm, &global)?;
        for site in sites.values_mut() {
            site.add_kinds(&clusters.kinds(&SITE_KINDS));
            clusters.start_controllers(site);
            global.apply(&site.secret().to_string());
        }
        Some(Self { global, sites, argo_cd, fleet, clusters, _charts: charts, _folder: folder })
    }

    /// Applies a file of `argocd/`, with the fleet's own URLs.
    pub(crate) fn install(&self, file: &str) {
        let text = fs::read_to_string(repo().join("argocd").join(file)).unwrap();
        self.global.apply(&self.fleet.redirected(&text));
    }

    /// Commits and tells Argo CD, as a webhook does.
    pub(crate) fn push(&self, message: &str) -> String {
        let revision = self.fleet.commit(message);
        self.refresh("normal");
        revision
    }

    /// Reverts the last commit and tells Argo CD.
    pub(crate) fn revert(&self) -> String {
        let revision = self.fleet.revert();
        self.refresh("normal");
        revision
    }

    /// Has every Application compared again: `normal` as after a webhook, or `hard`, without the
    /// manifests that Argo CD keeps.
    pub(crate) fn refresh(&self, kind: &str) {
        let annotate = |kind: &str, annotation: &str| {
            let args = ["annotate", "-n", "argocd", kind, "--all", "--overwrite", annotation];
            self.global.kubectl(&args).success();
        };
        annotate("applicationsets.argoproj.io", "argocd.argoproj.io/application-set-refresh=true");
        annotate("applications.argoproj.io", &format!("argocd.argoproj.io/refresh={kind}"));
    }

    /// Returns an Application.
    pub(crate) fn application(&self, name: &str) -> Option<Application> {
        Application::named(&self.global, name)
    }

    /// Waits until an Application is well, at a revision if one is given.
    pub(crate) fn wait_until_well(&self, name: &str, revision: Option<&str>) {
        self.wait_for(&format!("{name} is well"), || {
            let application = self.application(name)?;
            let there = revision.is_none_or(|revision| application.is_at(revision));
            (there && application.is_well()).then_some(())
        });
    }

    /// Waits until the parent of a site and the site's own Application are well.
    pub(crate) fn wait_until_site_is_well(&self, site: &str, revision: Option<&str>) {
        self.wait_until_well(site, revision);
        self.wait_until_well(&child(site), revision);
    }

    /// Waits until there is no Application of a name.
    pub(crate) fn wait_until_gone(&self, name: &str) {
        self.wait_for(&format!("{name} is gone"), || {
            self.application(name).is_none().then_some(())
        });
    }

    /// Waits until the condition of an Application contains these words.
    pub(crate) fn wait_for_condition(&self, name: &str, words: &[&str]) {
        self.wait_for(&format!("{name} says {words:?}"), || {
            let application = self.application(name)?;
            let text = application.conditions().join("\n");
            words.iter().all(|word| text.contains(word)).then_some(())
        });
    }

    /// Returns the Deployments of a site's cluster.
    pub(crate) fn workers(&self, site: &str) -> Vec<Value> {
        let path = "/apis/apps/v1/namespaces/nautobot/deployments";
        let list = self.sites[site].get(path);
        list["items"].as_array().cloned().unwrap_or_default()
    }

    /// Waits until a site's cluster has exactly one worker, which contains a text.
    pub(crate) fn wait_for_worker(&self, site: &str, text: &str) {
        self.wait_for(&format!("a worker at {site} with `{text}`"), || {
            let workers = self.workers(site);
            let [worker] = &workers[..] else { return None };
            worker.to_string().contains(text).then_some(())
        });
    }

    /// Waits until a site's cluster has no worker.
    pub(crate) fn wait_for_no_worker(&self, site: &str) {
        self.wait_for(&format!("no worker at {site}"), || {
            self.workers(site).is_empty().then_some(())
        });
    }

    /// Waits for an event, and shows every Application where it does not come.
    pub(crate) fn wait_for<T>(&self, event: &str, look: impl FnMut() -> Option<T>) -> T {
        wait_or_explain(event, PAUSE, look, || self.table())
    }

    /// Returns a line for each Application.
    pub(crate) fn table(&self) -> String {
        let all = Application::all(&self.global);
        all.iter().map(|(name, application)| format!("{name}: {application}\n")).collect()
    }

    /// Returns the memory of all parts, in words.
    pub(crate) fn memory(&self) -> String {
        let clusters = self.clusters.processes(self.sites.values().chain([&self.global]));
        let all = clusters.into_iter().chain(self.argo_cd.processes());
        let bytes: u64 = all.map(resident).sum();
        format!("{} MiB of memory", bytes >> 20)
    }
}

/// Returns the resident memory of a process, its share of common pages included (`Pss`).
fn resident(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kib = line.and_then(|rest| rest.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<u64>().ok()).unwrap_or_default() * 1024
}
