//! Lists of the site's worker. Helm replaces lists, and so does the chart when it merges
//! `celery` with `workers.<name>`; so a list that gains an item is written whole, under
//! the site's worker, with the items that the base values give it.
//!
//! `celery` itself stays untouched. Base items pass as the JSON they are.

use policy_sdk::{BadRead, Document, Finding, Json, Kind, Plan};

use crate::site_label::SiteLabel;

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
    pub(crate) fn read(values: &Document, site: &SiteLabel) -> Result<Self, BadRead> {
        Ok(Self {
            env: List::read(values, site, "extraEnvVars", "/name")?,
            volumes: List::read(values, site, "extraVolumes", "/name")?,
            mounts: List::read(values, site, "extraVolumeMounts", "/mountPath")?,
            config_maps: List::read(values, site, "extraEnvVarsCM", "")?,
            secrets: List::read(values, site, "extraEnvVarsSecret", "")?,
        })
    }

    /// Writes those that gained an item.
    pub(crate) fn write(self, plan: &mut Plan, site: &SiteLabel, unread: &[String]) {
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
            say_what_is_hidden(plan, site, &changed, unread);
        }
        for (list, reason) in all {
            list.write(plan, site, reason);
        }
    }
}

/// Helm will read the values files that the host could not; their items of these lists
/// are lost. Whoever looks for one finds this.
fn say_what_is_hidden(plan: &mut Plan, site: &SiteLabel, changed: &[&str], unread: &[String]) {
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
        .at(["/workers/", site.as_str()].concat())
        .hint("let the plugin read the values file, or keep such items in one that it reads"),
    );
}

/// One list: items by a key that Kubernetes merges them by.
#[derive(Debug)]
pub(crate) struct List {
    name: &'static str,
    items: Vec<(String, Json)>,
    changed: bool,
}

impl List {
    /// The worker's own list hides the one of `celery`, an empty one too.
    fn read(
        values: &Document,
        site: &SiteLabel,
        name: &'static str,
        key: &str,
    ) -> Result<Self, BadRead> {
        let own = site.worker(name);
        let path = match values.kind(&own) {
            Kind::Missing | Kind::Null => ["/celery/", name].concat(),
            _ => own,
        };
        let mut items = Vec::new();
        for (index, raw) in values.raw_items(&path)?.into_iter().enumerate() {
            let key = [&path, "/", &index.to_string(), key].concat();
            items.push((values.scalar(&key).unwrap_or_default(), Json::Raw(raw)));
        }
        Ok(Self { name, items, changed: false })
    }

    /// Whether there is an item of that key.
    pub(crate) fn holds(&self, key: &str) -> bool {
        self.items.iter().any(|(existing, _)| existing == key)
    }

    /// Adds an item in place of those of the same key.
    pub(crate) fn put(&mut self, key: &str, item: Json) {
        self.items.retain(|(existing, _)| existing != key);
        self.items.push((key.to_owned(), item));
        self.changed = true;
    }

    /// Adds a name unless it is there.
    pub(crate) fn include(&mut self, name: &str) {
        if !self.holds(name) {
            self.put(name, name.into());
        }
    }

    fn write(self, plan: &mut Plan, site: &SiteLabel, reason: &str) {
        if self.changed {
            let items = self.items.into_iter().map(|(_, item)| item).collect();
            plan.set(site.worker(self.name), Json::List(items), reason);
        }
    }
}

#[cfg(test)]
mod tests;
