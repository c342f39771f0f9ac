//! Secrets and ConfigMaps that the final values of the chart `nautobot` name, for the parts that
//! are switched on.
//!
//! Each worker is `celery` merged with `workers.<name>`, a list of its own hiding that of
//! `celery`. `nautobot.enabled` switches no worker off: its connections are every pod's.

use policy_sdk::{Document, Kind, pointer};

use crate::mounted::{self, Container};
use crate::reads::{Read, Reader, Source};

/// All of them.
pub(crate) fn reads(values: &Document, cluster: &Document) -> Vec<Read> {
    let mut found = Vec::new();
    let workers = running(values);
    for key in values.keys("") {
        let part = values.at(&pointer([&*key]));
        let mut reader = Reader { by: key.clone(), namespace: String::new(), found: &mut found };
        match &*key {
            "nautobot" => shared(&part, cluster, &mut reader),
            "celery" => of_all_workers(&part, &workers, &mut reader),
            "workers" => {}
            "nautobots" => {
                for name in part.keys("") {
                    reader.by = ["web server ", &*name].concat();
                    reader.search(&part.at(&pointer([&*name])));
                }
            }
            _ => reader.search(&part),
        }
    }
    for worker in &workers {
        let by = ["worker ", &*worker.name].concat();
        let mut reader = Reader { by, namespace: String::new(), found: &mut found };
        reader.search(&worker.own);
        let container = Container {
            variables: worker.list(values, "extraEnvVars"),
            mounts: worker.list(values, "extraVolumeMounts"),
            volumes: worker.list(values, "extraVolumes"),
        };
        mounted::search(&container, &mut reader);
    }
    found
}

/// A worker that is switched on.
struct Worker {
    name: String,
    own: Document,
}

impl Worker {
    fn hides(&self, key: &str) -> bool {
        !matches!(self.own.kind(&pointer([key])), Kind::Missing | Kind::Null | Kind::Mapping)
    }

    fn list(&self, values: &Document, key: &str) -> Document {
        let path = pointer([key]);
        if self.hides(key) { self.own.at(&path) } else { values.at("/celery").at(&path) }
    }
}

fn running(values: &Document) -> Vec<Worker> {
    let workers = values.keys("/workers").into_iter();
    let workers = workers.map(|name| {
        let own = values.at(&pointer(["workers", &*name]));
        Worker { name, own }
    });
    let inherited = !values.is_false("/celery/enabled");
    let runs = |own: &Document| {
        own.is_true("/enabled") || inherited && own.kind("/enabled") == Kind::Missing
    };
    workers.filter(|worker| runs(&worker.own)).collect()
}

/// What `celery` says, where a running worker does not hide it.
fn of_all_workers(celery: &Document, workers: &[Worker], reader: &mut Reader) {
    reader.by = match workers {
        [] => return,
        [one] => ["worker ", &*one.name].concat(),
        _ => "the workers".to_owned(),
    };
    for key in celery.keys("") {
        if !workers.iter().all(|worker| worker.hides(&key)) {
            reader.search_one(celery, &key);
        }
    }
}

/// What all pods have in common: the connections and the image.
fn shared(nautobot: &Document, cluster: &Document, reader: &mut Reader) {
    const SECRET: &str = "/existingSecret";
    let three = cluster.scalar("/chart/version").is_none_or(|version| !version.starts_with("2."));
    let all = [
        // Charts 2.x take the user from the values.
        ("db", three.then_some(("/existingSecretUsernameKey", "username"))),
        ("db", Some(("/existingSecretPasswordKey", "password"))),
        ("redis", Some(("/existingSecretPasswordKey", "redis-password"))),
        ("django", Some(("/existingSecretSecretKeyKey", "NAUTOBOT_SECRET_KEY"))),
    ];
    for (name, key) in all {
        let Some((path, default)) = key else { continue };
        let part = nautobot.at(&pointer([name]));
        let key = part.scalar(path).filter(|key| !key.is_empty());
        reader.by = ["nautobot.", name].concat();
        reader.note(Source::Secret, &part, SECRET, Some(key.unwrap_or_else(|| default.to_owned())));
    }
    let superuser = nautobot.at("/superUser");
    if !superuser.is_false("/enabled") {
        "the superuser".clone_into(&mut reader.by);
        reader.note(Source::Secret, &superuser, SECRET, None);
    }
    // Every pod mounts it in place of a config in the values (celery-deployment.yaml of 3.1.1).
    // The component's own config is one, also where Argo CD alone reads it.
    let own = cluster.scalar("/config/parameter").as_deref() == Some("nautobot.config");
    let inline = nautobot.scalar("/config").is_some_and(|config| !config.is_empty());
    if three && !own && !inline {
        "the config".clone_into(&mut reader.by);
        let key = "nautobot_config.py".to_owned();
        reader.note(Source::ConfigMap, nautobot, "/configCM", Some(key));
    }
    "the image".clone_into(&mut reader.by);
    reader.search(&nautobot.at("/image"));
}
