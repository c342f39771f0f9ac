//! Finds Secrets and ConfigMaps that the final values of the chart `nautobot` name, for the parts
//! that are enabled.
//!
//! The chart merges `workers.<name>` over `celery` for each worker, and a list of the worker
//! replaces that of `celery`. `nautobot.enabled` disables no worker: every pod uses the connections
//! below `nautobot`.

use policy_sdk::{Document, Kind, pointer};

use crate::mounted::{self, Container};
use crate::references::{Reader, Reference, Source};

/// Returns all references of the values.
pub(crate) fn find_references(values: &Document, cluster: &Document) -> Vec<Reference> {
    let mut references = Vec::new();
    let workers = enabled_workers(values);
    for key in values.keys("") {
        let part = values.at(&pointer([&*key]));
        let mut reader =
            Reader { by: key.clone(), namespace: String::new(), references: &mut references };
        match &*key {
            "nautobot" => search_nautobot(&part, cluster, &mut reader),
            "celery" => search_celery(&part, &workers, &mut reader),
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
        let mut reader = Reader { by, namespace: String::new(), references: &mut references };
        reader.search(&worker.own);
        let container = Container {
            variables: worker.merged_list(values, "extraEnvVars"),
            mounts: worker.merged_list(values, "extraVolumeMounts"),
            volumes: worker.merged_list(values, "extraVolumes"),
        };
        mounted::find_keys(&container, &mut reader);
    }
    references
}

/// A worker that is enabled.
struct Worker {
    name: String,
    own: Document,
}

impl Worker {
    /// Returns whether the worker replaces a key of `celery`; maps are merged.
    fn replaces(&self, key: &str) -> bool {
        !matches!(self.own.kind(&pointer([key])), Kind::Missing | Kind::Null | Kind::Mapping)
    }

    /// Returns the list that the worker's pod gets.
    fn merged_list(&self, values: &Document, key: &str) -> Document {
        let path = pointer([key]);
        if self.replaces(key) { self.own.at(&path) } else { values.at("/celery").at(&path) }
    }
}

/// Returns the enabled workers. A worker without `enabled` inherits that of `celery`.
fn enabled_workers(values: &Document) -> Vec<Worker> {
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

/// Searches `celery`, except keys that every enabled worker replaces.
fn search_celery(celery: &Document, workers: &[Worker], reader: &mut Reader) {
    reader.by = match workers {
        [] => return,
        [one] => ["worker ", &*one.name].concat(),
        _ => "the workers".to_owned(),
    };
    for key in celery.keys("") {
        if !workers.iter().all(|worker| worker.replaces(&key)) {
            reader.search_key(celery, &key);
        }
    }
}

/// Searches the parts that all pods have in common: the connections, the configuration file and the
/// image.
fn search_nautobot(nautobot: &Document, cluster: &Document, reader: &mut Reader) {
    const SECRET: &str = "/existingSecret";
    let is_3x = cluster.scalar("/chart/version").is_none_or(|version| !version.starts_with("2."));
    let all = [
        // Charts 2.x read the user from the values.
        ("db", is_3x.then_some(("/existingSecretUsernameKey", "username"))),
        ("db", Some(("/existingSecretPasswordKey", "password"))),
        ("redis", Some(("/existingSecretPasswordKey", "redis-password"))),
        ("django", Some(("/existingSecretSecretKeyKey", "NAUTOBOT_SECRET_KEY"))),
    ];
    for (name, key) in all {
        let Some((path, default)) = key else { continue };
        let part = nautobot.at(&pointer([name]));
        let key = part.scalar(path).filter(|key| !key.is_empty());
        reader.by = ["nautobot.", name].concat();
        reader.add(Source::Secret, &part, SECRET, Some(key.unwrap_or_else(|| default.to_owned())));
    }
    let superuser = nautobot.at("/superUser");
    if !superuser.is_false("/enabled") {
        "nautobot.superUser".clone_into(&mut reader.by);
        reader.add(Source::Secret, &superuser, SECRET, None);
    }
    // Every pod mounts configCM, unless the values have a config (celery-deployment.yaml of
    // 3.1.1). The component's configuration file becomes that value, even where only Argo CD
    // reads the file.
    let own = cluster.scalar("/config/parameter").as_deref() == Some("nautobot.config");
    let inline = nautobot.scalar("/config").is_some_and(|config| !config.is_empty());
    if is_3x && !own && !inline {
        "nautobot.configCM".clone_into(&mut reader.by);
        let key = "nautobot_config.py".to_owned();
        reader.add(Source::ConfigMap, nautobot, "/configCM", Some(key));
    }
    "nautobot.image".clone_into(&mut reader.by);
    reader.search(&nautobot.at("/image"));
}
