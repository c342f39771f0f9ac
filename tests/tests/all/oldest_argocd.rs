//! The oldest Argo CD that is supported gets from both plugins what the newest gets: its repo-server
//! asks them, with its own clients. `tests/all/crds.rs` holds Applications to its CRD.

use site_cmp_tests::Scratch;

use crate::argo::{Answer, Argo, Plugin, RepoServer, SERVE, STOCK, commit};

const SITES: [&str; 2] = ["sites/rax-dev-iad3", "sites/rax-dev-lon3"];
const RESOURCES: &str = r#"{"name":"target","string":"resources"}"#;

/// An Argo CD with both plugins.
struct Parts {
    repo_server: RepoServer,
    _plugins: [Plugin; 2],
    _argo: Argo,
}

impl Parts {
    fn start(argo: Option<Argo>) -> Option<Self> {
        let argo = argo?;
        let repo_server = argo.repo_server(&["--plugin-use-manifest-generate-paths"])?;
        Some(Self { repo_server, _plugins: [argo.stock(), argo.serve(&[], &[])], _argo: argo })
    }

    fn ask(&self, fleet: &Scratch, site: &str, plugin: &str, more: &[&str]) -> Answer {
        self.repo_server.ask(&fleet.path(), site, plugin, more)
    }
}

#[test]
fn it_gets_what_the_newest_gets() {
    let Some(oldest) = Parts::start(Argo::oldest()) else { return };
    let Some(newest) = Parts::start(Argo::new()) else { return };
    let fleet = Scratch::new();
    commit(&fleet.path());
    for plugin in [STOCK, SERVE] {
        for (site, more) in
            SITES.map(|site| [(site, &[][..]), (site, &["--param", RESOURCES])]).concat()
        {
            let answer = oldest.ask(&fleet, site, plugin, more);
            let wanted = newest.ask(&fleet, site, plugin, more);
            assert_eq!(answer.manifests(), wanted.manifests(), "{plugin}, {site}, {more:?}");
        }
        let details = oldest.repo_server.details(&fleet.path(), SITES[0], plugin);
        assert_eq!(
            details.get("parameters"),
            newest.repo_server.details(&fleet.path(), SITES[0], plugin).get("parameters"),
        );
    }
}

#[test]
fn it_shows_the_place_of_an_error() {
    let Some(oldest) = Parts::start(Argo::oldest()) else { return };
    let profile = format!("{}/profile.yaml", SITES[0]);
    let fleet = Scratch::new().changed(&profile, "enabled: true", "enabled: maybe");
    commit(&fleet.path());
    for plugin in [STOCK, SERVE] {
        oldest.ask(&fleet, SITES[0], plugin, &[]).says(&["error[", "profile.yaml:", "maybe"]);
    }
}
