//! Jsonnet in `cmp serve`: hostile sites end, the others get their answer, and the worker
//! that did the work is a poor one.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use site_cmp_tests::processes::children;

use super::*;
use crate::argo::{Argo, Plugin};

const TARGET: &str = r#"{"name": "target", "string": "application"}"#;

/// A server with limits of its own; none where the peer is missing.
fn server(limits: &str) -> Option<(Argo, Plugin)> {
    let argo = Argo::new()?;
    let limits = argo.file("limits.yaml", limits);
    let plugin =
        argo.serve(&["--limits", limits.to_str().unwrap()], &[("SECRET", "of the server")]);
    Some((argo, plugin))
}

/// What the plugin says when a site's Application is asked for.
fn ask(plugin: &Plugin, fleet: &Scratch, site: &str) -> String {
    let more = ["--param".to_owned(), TARGET.to_owned()];
    let output = plugin.generate(&fleet.path(), &format!("sites/{site}"), &more);
    output.stdout + &output.stderr
}

/// The processes that a server has started to evaluate.
fn workers(plugin: &Plugin) -> Vec<PathBuf> {
    // Processes that render have started them.
    let below = children(plugin.server.id()).into_iter().flat_map(children);
    let folders = below.map(|id| Path::new("/proc").join(id.to_string()));
    let is_worker = |folder: &PathBuf| {
        fs::read_to_string(folder.join("cmdline")).is_ok_and(|line| line.contains("__jsonnet"))
    };
    folders.filter(is_worker).collect()
}

#[test]
fn eight_hostile_sites_at_once_do_not_keep_another_from_its_answer() {
    let Some((_argo, plugin)) = server("jsonnet: {milliseconds: 2000}\n") else { return };
    let texts = [
        "std.foldl(function(a, b) a + b, std.range(1, 1000000000), 0)",
        "std.makeArray(1e9, function(i) i)",
        "local f(x) = 1 + f(x + 1); { a: f(1) }",
        "local d(s, n) = if n == 0 then s else d(s + s, n - 1); { a: d('x', 60) }",
        "import '/etc/passwd'",
        "import 'profile.jsonnet'",
        "{ a: std.repeat('x', 3000000) }",
        "{ a: error std.repeat('long ', 100000) }",
    ];
    let site = |n: usize| format!("bad-{n}");
    let fleet = texts.iter().enumerate().fold(Scratch::new(), |fleet, (n, text)| {
        fleet.with(&format!("sites/{}/profile.jsonnet", site(n)), text)
    });
    let good = ask(&plugin, &fleet, SITE);
    assert!(good.contains("rack-a2"), "{good}");
    thread::scope(|scope| {
        let (plugin, fleet) = (&plugin, &fleet);
        let bad: Vec<_> =
            (0..8).map(|n| scope.spawn(move || ask(plugin, fleet, &site(n)))).collect();
        for other in [SITE, "rax-dev-iad3", SITE] {
            let answer = ask(plugin, fleet, other);
            assert!(answer.contains("Application"), "{answer}");
        }
        for (n, call) in bad.into_iter().enumerate() {
            let answer = call.join().unwrap();
            assert!(answer.contains("error[jsonnet/"), "{n}: {answer}");
            assert!(answer.contains(&format!("sites/{}/profile.jsonnet:1:", site(n))), "{answer}");
        }
    });
    assert!(!ask(&plugin, &fleet, "rax-dev-iad3").contains("error["));
}

#[test]
fn a_worker_has_nothing_of_the_server_and_its_death_costs_nothing() {
    let Some((_argo, plugin)) = server("jsonnet: {workers: 1}\nserver: {renders: 1}\n") else {
        return;
    };
    let fleet = Scratch::new();
    assert!(ask(&plugin, &fleet, SITE).contains("rack-a2"));
    let [worker] = &workers(&plugin)[..] else { panic!("{:?}", workers(&plugin)) };
    assert_eq!(fs::read(worker.join("environ")).unwrap(), b"");
    // What whoever runs these tests left open is open in every process below.
    let target = |fd: &PathBuf| fs::read_link(fd).unwrap();
    let open: Vec<PathBuf> =
        fs::read_dir(worker.join("fd")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let given = |fd: &&PathBuf| {
        let ours = Path::new("/proc/self/fd").join(fd.file_name().unwrap());
        fs::read_link(ours).is_ok_and(|ours| ours == target(fd))
    };
    assert_eq!(open.len() - open.iter().filter(given).count(), 3, "{open:?}");
    let allowed = fs::read_to_string(worker.join("limits")).unwrap();
    for (name, soft) in [
        ("Max address space", "134217728"),
        ("Max open files", "3"),
        ("Max file size", "0"),
        ("Max core file size", "0"),
        ("Max processes", "0"),
        ("Max cpu time", "33"),
    ] {
        let line = allowed.lines().find(|line| line.starts_with(name)).unwrap();
        let number = line[name.len()..].split_whitespace().next();
        assert_eq!(number, Some(soft), "{line}");
    }
    let id = worker.file_name().unwrap().to_str().unwrap();
    let killed = std::process::Command::new("kill").args(["-s", "KILL", id]).status();
    assert!(killed.unwrap().success());
    // Another library, so that the result is not known.
    let fleet = fleet.changed("lib/rax-dev.libsonnet", "rack-", "hall-");
    assert!(ask(&plugin, &fleet, SITE).contains("hall-a2"));
    let [next] = &workers(&plugin)[..] else { panic!("{:?}", workers(&plugin)) };
    assert_ne!(next, worker);
    let fleet = fleet.changed("lib/rax-dev.libsonnet", "hall-", "row-");
    assert!(ask(&plugin, &fleet, SITE).contains("row-a2"));
    assert_eq!(&workers(&plugin)[..], std::slice::from_ref(next), "a warm worker works again");
}
