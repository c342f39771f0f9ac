//! Argo CD's controllers and repo-server with our plugin, on the global cluster.

use std::fs;
use std::path::{Path, PathBuf};

use site_cmp_tests::{
    Command, Process, Server, free_address, start_redis, start_repo_server, write_program,
};

use super::BINARY;
use super::clusters::{Cluster, GARBAGE};

/// The objects that an installed Argo CD has.
const SETTINGS: &str = include_str!("settings.yaml");

/// Argo CD, running.
pub(crate) struct ArgoCd {
    folder: PathBuf,
    plugin: Option<Server>,
    others: Vec<Process>,
}

impl ArgoCd {
    /// Starts it in a folder; `None` where Redis is missing.
    pub(crate) fn start(folder: &Path, peer: &Path, helm: &Path, global: &Cluster) -> Option<Self> {
        for name in ["bin", "plugins", "tmp"] {
            fs::create_dir_all(folder.join(name)).unwrap();
        }
        count_helm(folder, helm);
        global.apply(SETTINGS);
        let redis = start_redis(folder)?;
        let mut argo_cd = Self { folder: folder.to_owned(), plugin: None, others: vec![redis] };
        argo_cd.start_plugin();
        let in_global = |command: Command| {
            let command = command.env("KUBECONFIG", &global.kubeconfig).env("HOME", folder);
            let command = command.env("ARGOCD_FAKE_IN_CLUSTER", "true").env(GARBAGE.0, GARBAGE.1);
            command.env("GIT_CONFIG_SYSTEM", "/nowhere").env("GIT_CONFIG_GLOBAL", "/nowhere")
        };
        let narrow = "--plugin-use-manifest-generate-paths";
        let (repo_server, address) =
            start_repo_server(peer, folder, |command| in_global(command).arg(narrow));
        argo_cd.others.push(repo_server);
        let controller = |name: &str, args: &[&str]| {
            let command = Command::new(peer).arg(name).args(["--namespace", "argocd"]).args(args);
            let command = in_global(command).env("TMPDIR", folder.join("tmp"));
            Process::start(command, folder.join(format!("{name}.log")))
        };
        let redis = folder.join("redis.sock").display().to_string();
        let [metrics, probes, hook, more] = [(); 4].map(|()| free_address());
        argo_cd.others.push(controller(
            "application-controller",
            &[
                "--redis",
                &redis,
                "--repo-server",
                &address,
                "--repo-server-plaintext",
                "--metrics-port",
                &metrics.port().to_string(),
                "--persist-resource-health",
            ],
        ));
        argo_cd.others.push(controller(
            "applicationset-controller",
            &[
                "--argocd-repo-server",
                &address,
                "--repo-server-plaintext",
                "--metrics-addr",
                &more.to_string(),
                "--probe-addr",
                &probes.to_string(),
                "--webhook-addr",
                &hook.to_string(),
            ],
        ));
        Some(argo_cd)
    }

    /// Starts the plugin, if it does not run.
    pub(crate) fn start_plugin(&mut self) {
        let plugins = self.folder.join("plugins");
        self.plugin.get_or_insert_with(|| Server::ours(BINARY, &plugins, |command| command));
    }

    /// Kills the plugin.
    pub(crate) fn kill_plugin(&mut self) {
        self.plugin = None;
    }

    /// Returns how often helm rendered a chart.
    pub(crate) fn helm_renders(&self) -> usize {
        let runs = fs::read_to_string(self.folder.join("helm.runs")).unwrap_or_default();
        runs.lines().filter(|verb| *verb == "template").count()
    }

    /// Returns how often the plugin was asked for a target's manifests.
    pub(crate) fn plugin_calls(&self, target: &str) -> usize {
        let log = self.plugin.as_ref().map(Server::log).unwrap_or_default();
        let field = format!("target=\"{target}\"");
        log.lines()
            .filter(|line| line.contains("GenerateManifest") && line.contains(&field))
            .count()
    }

    /// Returns the process ids of all parts.
    pub(crate) fn processes(&self) -> Vec<u32> {
        self.plugin.iter().map(Server::id).chain(self.others.iter().map(Process::id)).collect()
    }
}

/// Writes a helm that notes the verb of each run and then does what the real one does.
fn count_helm(folder: &Path, helm: &Path) {
    let program = folder.join("bin/helm");
    let runs = folder.join("helm.runs");
    let script = format!(
        "#!/bin/sh\necho \"$1\" >>'{}'\nexec '{}' \"$@\"\n",
        runs.display(),
        helm.display()
    );
    write_program(&program, script);
}
