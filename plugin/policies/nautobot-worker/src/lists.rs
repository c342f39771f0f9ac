//! Extends lists of the site's worker. Helm replaces lists, and so does the chart when it merges
//! `celery` with `workers.<name>`. So a list that gains an item is written in full, under the
//! site's worker, together with the items of the base values.
//!
//! `celery` itself stays untouched. Items of the base values are copied as raw JSON.

mod names;

use policy_sdk::{BadRead, Json, Plan};

pub(crate) use names::{Fnv, NameMap, NameSet};

use crate::codes;
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
    /// Reads the lists of the base values.
    pub(crate) fn read(pod: Pod<'_>) -> Result<Self, BadRead> {
        Ok(Self {
            env: List::read(pod, "extraEnvVars", "/name")?,
            volumes: List::read(pod, "extraVolumes", "/name")?,
            mounts: List::read(pod, "extraVolumeMounts", "/mountPath")?,
            config_maps: List::read(pod, "extraEnvVarsCM", "")?,
            secrets: List::read(pod, "extraEnvVarsSecret", "")?,
        })
    }

    /// Writes the lists that changed.
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

/// Reports values files that Helm reads but the host could not: Helm replaces their items of
/// these lists, and nothing else would show why an item is missing.
fn report_hidden(plan: &mut Plan, pod: Pod<'_>, changed: &[&str], unread: &[String]) {
    let worker = pod.own("");
    plan.report(
        codes::WHOLE_LISTS
            .finding(
                [
                    "the policy writes these lists of the site's worker in full: ",
                    &changed.join(", "),
                    "; items that unreadable values files add to these lists are lost: ",
                    &unread.join(", "),
                ]
                .concat(),
            )
            .at(worker.trim_end_matches('/'))
            .hint(
                "let the plugin read the values file, or move such items to a file that it reads",
            ),
    );
}

/// One list of items, each with the key by which Kubernetes merges them.
#[derive(Debug)]
pub(crate) struct List {
    name: &'static str,
    /// The pointer to the list in the base values.
    place: String,
    items: Vec<Item>,
    changed: bool,
}

/// One item, and its index in the base values if it is from there.
#[derive(Debug)]
struct Item {
    key: String,
    json: Json,
    base: Option<usize>,
}

impl List {
    /// Reads one list. The worker's own list replaces the one of `celery`, even if it is empty or
    /// null.
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

    /// Returns whether the list has an item of that key.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.items.iter().any(|item| item.key == key)
    }

    /// Returns the keys of all items.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| &*item.key)
    }

    /// Returns keys and indexes of the items of the base values, in their order.
    pub(crate) fn base_items(&self) -> impl Iterator<Item = (&str, usize)> {
        self.items.iter().filter_map(|item| Some((&*item.key, item.base?)))
    }

    /// Returns the pointer to the base values' list.
    pub(crate) fn base_place(&self) -> &str {
        &self.place
    }

    /// Returns the pointer to the item of that index.
    pub(crate) fn item_place(&self, number: usize) -> String {
        [&self.place, "/", &number.to_string()].concat()
    }

    /// Returns the pointer to the last item of that key, if it is from the base values.
    pub(crate) fn find(&self, key: &str) -> Option<String> {
        let item = self.items.iter().rev().find(|item| item.key == key)?;
        Some(self.item_place(item.base?))
    }

    /// Adds an item, and removes those of the same key.
    pub(crate) fn put(&mut self, key: &str, item: Json) {
        self.remove(key);
        self.items.push(Item { key: key.to_owned(), json: item, base: None });
        self.changed = true;
    }

    /// Adds an item unless the list has one of that key.
    pub(crate) fn put_default(&mut self, key: &str, item: Json) {
        if !self.contains(key) {
            self.put(key, item);
        }
    }

    /// Removes the items of a key.
    pub(crate) fn remove(&mut self, key: &str) {
        let before = self.items.len();
        self.items.retain(|item| item.key != key);
        self.changed |= self.items.len() != before;
    }

    /// Adds a name unless the list has it.
    pub(crate) fn add_name(&mut self, name: &str) {
        self.put_default(name, name.into());
    }

    /// Writes the list under the site's worker if it changed.
    fn write(self, plan: &mut Plan, pod: Pod<'_>, reason: &str) {
        if self.changed {
            let items = self.items.into_iter().map(|item| item.json).collect();
            plan.set(pod.own(self.name), Json::List(items), reason);
        }
    }
}

#[cfg(test)]
mod tests;
