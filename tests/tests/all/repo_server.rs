//! Behind the real repo-server: what Argo CD gets from the plugin that serves itself, and
//! from `cmp generate` under Argo CD's own plugin server.

mod archive;
mod cache;
mod concurrency;
mod deadline;
mod differential;
mod errors;
mod generate_paths;
mod hostile_archives;
mod hostile_streams;
mod known_answers;
mod limits;
mod naming;
mod objects;
mod parameters;
mod paths_and_links;
mod script;
mod transport;

use site_cmp_tests::Scratch;

use crate::argo::{Answer, Argo, Plugin, RepoServer, SERVE, commit};

/// The site that most of these ask for, where it stands, and what spoils it.
const SITE: &str = "rax-dev-iad3";
const APP: &str = "sites/rax-dev-iad3";
const PROFILE: &str = "sites/rax-dev-iad3/profile.yaml";

/// One Argo CD whose plugin serves itself, and a fleet in Git.
struct World {
    serve: Plugin,
    repo_server: RepoServer,
    fleet: Scratch,
    argo: Argo,
}

impl World {
    /// With the example fleet; none where a peer is missing.
    fn start() -> Option<Self> {
        Self::of(Scratch::new())
    }

    /// With another fleet.
    fn of(fleet: Scratch) -> Option<Self> {
        Self::with(fleet, &[], "", &[])
    }

    /// With flags of repo-server, and limits and environment of the plugin.
    fn with(fleet: Scratch, flags: &[&str], limits: &str, env: &[(&str, &str)]) -> Option<Self> {
        let argo = Argo::new()?;
        let repo_server = argo.repo_server(flags)?;
        commit(&fleet.path());
        let limits = argo.file("limits.yaml", format!("tier: lean\n{limits}"));
        let serve = argo.serve(&["--limits", limits.to_str().unwrap()], env);
        Some(Self { serve, repo_server, fleet, argo })
    }

    /// Asks for a folder's manifests, of the plugin that serves itself.
    fn ask(&self, path: &str, more: &[&str]) -> Answer {
        self.ask_of(SERVE, path, more)
    }

    /// Asks for a folder's manifests, of a plugin.
    fn ask_of(&self, plugin: &str, path: &str, more: &[&str]) -> Answer {
        self.repo_server.ask(&self.fleet.path(), path, plugin, more)
    }
}

/// A plugin's parameter, as an Application has it.
fn parameter(name: &str, value: &str) -> String {
    serde_json::json!({ "name": name, "string": value }).to_string()
}
