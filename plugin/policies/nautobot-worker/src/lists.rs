//! Lists of the site's worker. Helm replaces lists, and so does the chart when it merges
//! `celery` with `workers.<name>`; so a list that gains an item is written whole, under
//! the site's worker, with the items that the base values give it.
//!
//! `celery` itself stays untouched. Base items pass as the JSON they are.

mod names;

use policy_sdk::{BadRead, Finding, Json, Plan};

pub(crate) use names::{Fnv, NameMap, NameSet};

use crate::pod::Pod;

/// The lists of the site's worker that the policy adds to.
#[derive(Debug)]
pub(crate) struct WorkerLists {
    /// Environment variables, by name.
    pub(crate) env: List,
    /// Volumes, by name.
    pub(crate) volumes: List,
    /// Mounts, by the path where they appear.
    pub(crate) mounts: List,
    /// ConfigMaps whose keys become environment variables.
    pub(crate) config_maps: List,
    /// Secrets whose keys become environment variables.
    pub(crate) secrets: List,
}

impl WorkerLists {
    /// The lists as the base values have them.
    pub(crate) fn read(pod: Pod<'_>) -> Result<Self, BadRead> {
        Ok(Self {
            env: List::read(pod, "extraEnvVars", "/name")?,
            volumes: List::read(pod, "extraVolumes", "/name")?,
            mounts: List::read(pod, "extraVolumeMounts", "/mountPath")?,
            config_maps: List::read(pod, "extraEnvVarsCM", "")?,
            secrets: List::read(pod, "extraEnvVarsSecret", "")?,
        })
    }

    /// Writes those that changed.
    pub(crate) fn write(self, plan: &mut Plan, pod: Pod<'_>, unread: &[String]) {
        let all = [
            (self.env, "variables that the site's worker needs, after those of the base values"),
            (self.volumes, "volumes that the site's worker needs, after those of the base values"),
            (self.mounts, "mounts that the site's worker needs, after those of the base values"),
            (
                self.config_maps,
                "ConfigMaps that the site's worker reads, after those of the base values",
            ),
            (self.secrets, "Secrets that the site's worker reads, after those of the base values"),
        ];
        let changed: Vec<&str> =
            all.iter().filter_map(|(list, _)| list.changed.then_some(list.name)).collect();
        if !changed.is_empty() && !unread.is_empty() {
            report_hidden(plan, pod, &changed, unread);
        }
        for (list, reason) in all {
            list.write(plan, pod, reason);
        }
    }
}

/// Helm will read the values files that the host could not; their items of these lists
/// are lost. Whoever looks for one finds this.
fn report_hidden(plan: &mut Plan, pod: Pod<'_>, changed: &[&str], unread: &[String]) {
    let worker = pod.own("");
    plan.report(
        Finding::note(
            "worker/whole-lists",
            [
                "the site's worker gets these lists whole: ",
                &changed.join(", "),
                "; what these files add to them is not in them: ",
                &unread.join(", "),
            ]
            .concat(),
        )
        .at(worker.trim_end_matches('/'))
        .hint("let the plugin read the values file, or keep such items in one that it reads"),
    );
}

/// One list: items by a key that Kubernetes merges them by.
#[derive(Debug)]
pub(crate) struct List {
    name: &'static str,
    /// Where the base values have it.
    place: String,
    items: Vec<Item>,
    changed: bool,
}

/// One item, and which of the base values' it is.
#[derive(Debug)]
struct Item {
    key: String,
    json: Json,
    base: Option<usize>,
}

impl List {
    /// The worker's own list hides the one of `celery`, an empty one and a null too.
    fn read(pod: Pod<'_>, name: &'static str, key: &str) -> Result<Self, BadRead> {
        let place = pod.place(name).unwrap_or_else(|| ["/celery/", name].concat());
        let mut items = Vec::new();
        for (index, raw) in pod.values.raw_items(&place)?.into_iter().enumerate() {
            let key = [&place, "/", &index.to_string(), key].concat();
            items.push(Item {
                key: pod.values.scalar(&key).unwrap_or_default(),
                json: Json::Raw(raw),
                base: Some(index),
            });
        }
        Ok(Self { name, place, items, changed: false })
    }

    /// Whether there is an item of that key.
    pub(crate) fn holds(&self, key: &str) -> bool {
        self.items.iter().any(|item| item.key == key)
    }

    /// Returns the keys of all items.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| &*item.key)
    }

    /// Returns keys and numbers of the items that the base values give, in their order.
    pub(crate) fn base(&self) -> impl Iterator<Item = (&str, usize)> {
        self.items.iter().filter_map(|item| Some((&*item.key, item.base?)))
    }

    /// Returns the pointer to the base values' list.
    pub(crate) fn base_place(&self) -> &str {
        &self.place
    }

    /// Returns the pointer to the item of that number.
    pub(crate) fn place(&self, number: usize) -> String {
        [&self.place, "/", &number.to_string()].concat()
    }

    /// Returns the pointer to the last item of that key that the base values give.
    pub(crate) fn find(&self, key: &str) -> Option<String> {
        let item = self.items.iter().rev().find(|item| item.key == key)?;
        Some(self.place(item.base?))
    }

    /// Adds an item in place of those of the same key.
    pub(crate) fn put(&mut self, key: &str, item: Json) {
        self.leave_out(key);
        self.items.push(Item { key: key.to_owned(), json: item, base: None });
        self.changed = true;
    }

    /// Adds an item unless there is one of that key.
    pub(crate) fn put_default(&mut self, key: &str, item: Json) {
        if !self.holds(key) {
            self.put(key, item);
        }
    }

    /// Leaves out the items of a key.
    pub(crate) fn leave_out(&mut self, key: &str) {
        let before = self.items.len();
        self.items.retain(|item| item.key != key);
        self.changed |= self.items.len() != before;
    }

    /// Adds a name unless it is there.
    pub(crate) fn include(&mut self, name: &str) {
        self.put_default(name, name.into());
    }

    fn write(self, plan: &mut Plan, pod: Pod<'_>, reason: &str) {
        if self.changed {
            let items = self.items.into_iter().map(|item| item.json).collect();
            plan.set(pod.own(self.name), Json::List(items), reason);
        }
    }
}

#[cfg(test)]
mod tests;
