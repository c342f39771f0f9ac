//! Reads the settings into types. The host has validated them against the schema; rules that a
//! schema cannot express are checked here.

use std::collections::{BTreeMap, BTreeSet};

use policy_sdk::{BadRead, Document};
use worker_connections::WORKERS;

use crate::name::{self, DEFAULT};

/// The JSON Schema of the settings.
pub(crate) const SCHEMA: &str = include_str!("settings.schema.json");

const ELSEWHERE: &str = "/elsewhere";

/// The settings of the policy.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The name of the ConfigMap.
    pub(crate) name: String,
    /// The policy whose setting `extraQueues` is read.
    pub(crate) workers: String,
    /// The queues to list beside the sites' own, by name.
    pub(crate) declared: BTreeMap<String, Declared>,
    /// The queues that Nautobot already has.
    elsewhere: BTreeSet<String>,
}

/// A queue that the settings list.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) description: Option<String>,
    /// The pointer to its name in the settings.
    pub(crate) path: String,
}

impl Settings {
    /// Reads the settings of this document.
    pub(crate) fn read(settings: &Document) -> Result<Self, BadRead> {
        let mut declared = BTreeMap::new();
        for item in settings.items("/queues") {
            let (name, queue) = Declared::read(&item)?;
            if declared.contains_key(&name) {
                return Err(item.bad("/name", format!("lists {name} a second time")));
            }
            declared.insert(name, queue);
        }
        let mut elsewhere = BTreeSet::from([DEFAULT.to_owned()]);
        for (index, name) in settings.texts(ELSEWHERE)?.into_iter().enumerate() {
            let path = format!("{ELSEWHERE}/{index}");
            if let Some(complaint) = name::name_problem(&name) {
                return Err(settings.bad(&path, complaint));
            }
            if declared.contains_key(&name) {
                return Err(
                    settings.bad(&path, format!("names {name}, which the setting queues lists"))
                );
            }
            elsewhere.insert(name);
        }
        Ok(Self {
            name: settings.text_or("/name", "nautobot-job-queues")?,
            workers: settings.text_or("/workers", WORKERS)?,
            declared,
            elsewhere,
        })
    }

    /// Returns whether Nautobot has this queue without the list.
    pub(crate) fn is_elsewhere(&self, queue: &str) -> bool {
        self.elsewhere.contains(queue)
    }

    /// Returns whether Nautobot has this queue, or gets it from the setting `queues`.
    pub(crate) fn accounts_for(&self, queue: &str) -> bool {
        self.is_elsewhere(queue) || self.declared.contains_key(queue)
    }
}

impl Declared {
    fn read(item: &Document) -> Result<(String, Self), BadRead> {
        const NAME: &str = "/name";
        let name = item.text(NAME)?;
        if name == DEFAULT {
            return Err(item.bad(NAME, "is default, which every Nautobot has"));
        }
        if let Some(complaint) = name::name_problem(&name) {
            return Err(item.bad(NAME, complaint));
        }
        let description = item.optional_text("/description")?;
        Ok((name, Self { description, path: item.path(NAME) }))
    }
}
