//! Two ways to one answer: `cmp generate` under Argo CD's own plugin server, and the plugin
//! that serves itself, give the same bytes.

use std::fs;

use site_cmp_tests::{Scratch, fleet};

use super::script::{alone, example, opening_with, pieces};
use super::{World, parameter};
use crate::argo::STOCK;

fn sites() -> Vec<String> {
    let folder = fs::read_dir(fleet().join("sites")).unwrap();
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    let mut names: Vec<String> = folder.flatten().map(name).collect();
    names.sort();
    assert!(names.len() > 5, "{names:?}");
    names
}

#[test]
fn every_site_is_the_same_behind_repo_server() {
    let Some(world) = World::start() else { return };
    let _stock = world.argo.stock();
    for site in sites() {
        let path = format!("sites/{site}");
        let served = world.ask(&path, &[]);
        let stock = world.ask_of(STOCK, &path, &[]);
        assert_eq!(served.texts(), stock.texts(), "{site}");
        assert!(!served.texts().is_empty(), "{site}");
    }
}

#[test]
fn every_site_is_the_same_at_the_socket_in_every_target() {
    let Some((argo, plugin)) = alone("") else { return };
    let stock = argo.stock();
    let archive = example();
    let body = pieces(&argo, &archive, 64 << 10);
    for site in sites() {
        for target in ["application", "resources"] {
            let parameters = format!("[{}]", parameter("target", target));
            let env = [
                ("ARGOCD_APP_NAME", site.as_str()),
                ("ARGOCD_APP_PARAMETERS", &parameters),
                ("KUBE_VERSION", "1.33.0"),
                ("KUBE_API_VERSIONS", "v1,apps/v1"),
            ];
            let script = [opening_with(&archive, &format!("sites/{site}"), &env), body.clone()];
            let [served, stock] = [&plugin, &stock].map(|server| server.stream(&script, &[]));
            match stock.code() {
                "OK" => assert_eq!(served.texts(), stock.texts(), "{site}, {target}"),
                _ => assert!(stock.error().ends_with(served.error().trim_end()), "{served:?}"),
            }
        }
    }
}

#[test]
fn a_global_cluster_is_the_same_at_the_socket() {
    let Some((argo, plugin)) = alone("") else { return };
    let stock = argo.stock();
    let archive = example();
    for target in ["global", "gateway"] {
        let parameters = format!("[{}]", parameter("target", target));
        let env = [("ARGOCD_APP_PARAMETERS", parameters.as_str())];
        let opening = opening_with(&archive, "environments/dev", &env);
        let script = [opening, pieces(&argo, &archive, 64 << 10)];
        let [served, stock] = [&plugin, &stock].map(|server| server.stream(&script, &[]));
        assert_eq!(served.texts(), stock.texts(), "{target}");
        assert!(served.texts()[0].contains("Gateway"), "{served:?}");
    }
}

#[test]
fn parameters_may_be_absent_or_null_or_none() {
    let Some((argo, plugin)) = alone("") else { return };
    let stock = argo.stock();
    let archive = example();
    let app = super::APP;
    let ask = |env: &[(&str, &str)]| {
        let script = [opening_with(&archive, app, env), pieces(&argo, &archive, 1024)];
        let [served, stock] = [&plugin, &stock].map(|server| server.stream(&script, &[]));
        assert_eq!(served.texts(), stock.texts(), "{env:?}");
        served
    };
    let expected = ask(&[]);
    for parameters in ["null", "[]"] {
        let answer = ask(&[("ARGOCD_APP_PARAMETERS", parameters)]);
        assert_eq!(answer.texts(), expected.texts(), "{parameters}");
    }
}

/// The name in the stream is the folder's and not the Application's.
#[test]
fn the_name_in_the_stream_decides_nothing() {
    let Some((argo, plugin)) = alone("") else { return };
    let archive = example();
    let mut opening = opening_with(&archive, super::APP, &[]);
    let expected = plugin.stream(&[opening.clone(), pieces(&argo, &archive, 1024)], &[]);
    opening["metadata"]["appName"] = "rax-prod-dfw1".into();
    let answer = plugin.stream(&[opening, pieces(&argo, &archive, 1024)], &[]);
    assert_eq!(answer.texts(), expected.texts());
}

#[test]
fn a_bare_profile_is_the_same_too() {
    let Some(world) = World::of(Scratch::new()) else { return };
    let _stock = world.argo.stock();
    let environment = parameter("environment", "prod");
    let more = ["--param", environment.as_str()];
    let served = world.ask("sites/uc-syd2-prod", &more);
    assert_eq!(served.texts(), world.ask_of(STOCK, "sites/uc-syd2-prod", &more).texts());
}
