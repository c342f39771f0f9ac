//! Who reads a Secret, and the shapes in which it is named.
//!
//! The same in values and in objects: charts pass such parts on as they are.

use policy_sdk::{Document, Kind, pointer};

/// What a registry's Secret holds (`kubernetes.io/dockerconfigjson`).
const REGISTRY: &str = ".dockerconfigjson";

/// A Secret is named, and perhaps a key of it.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) secret: String,
    /// The key; none where all are read.
    pub(crate) key: Option<String>,
    /// Who reads, for a human.
    pub(crate) by: String,
    /// Where it is named.
    pub(crate) path: String,
    /// In which namespace; empty where that is the release's.
    pub(crate) namespace: String,
    /// Whether the reader goes on without it.
    pub(crate) optional: bool,
}

/// A reader of Secrets, and what is found of it.
#[derive(Debug)]
pub(crate) struct Reader<'r> {
    pub(crate) by: String,
    pub(crate) namespace: String,
    pub(crate) found: &'r mut Vec<Read>,
}

impl Reader<'_> {
    /// Notes that the Secret named at this place is read. A name that is a template of the
    /// chart's is known to the chart alone.
    pub(crate) fn note(&mut self, part: &Document, path: &str, key: Option<String>) {
        let Some(secret) = part.scalar(path).filter(|name| !name.is_empty()) else { return };
        if secret.contains("{{") {
            return;
        }
        self.found.push(Read {
            secret,
            key,
            by: self.by.clone(),
            path: part.path(path),
            namespace: self.namespace.clone(),
            optional: part.is_true("/optional"),
        });
    }

    /// Looks through a part for every shape in which a Secret is named, unless the part is
    /// switched off.
    pub(crate) fn search(&mut self, part: &Document) {
        match part.kind("") {
            Kind::Sequence => part.items("").iter().for_each(|item| self.search(item)),
            Kind::Mapping if !part.is_false("/enabled") => {
                part.keys("").iter().for_each(|key| self.search_one(part, key));
            }
            _ => {}
        }
    }

    /// Looks at one key of a part, and through what is under it.
    pub(crate) fn search_one(&mut self, part: &Document, key: &str) {
        let path = &*pointer([key]);
        let child = || part.at(path);
        match key {
            "secretName" | "existingSecret" => self.note(part, path, None),
            "extraEnvVarsSecret" => self.names(&child(), None),
            "imagePullSecrets" | "pullSecrets" => self.names(&child(), Some(REGISTRY)),
            "secret" if part.kind(path) == Kind::Mapping => self.volume(&child()),
            _ if key.ends_with("ecretRef") || key == "secretKeyRef" => {
                let reference = child();
                self.note(&reference, "/name", reference.scalar("/key"));
            }
            _ => self.search(&child()),
        }
    }

    /// A list of names, or of maps with a name.
    fn names(&mut self, list: &Document, key: Option<&str>) {
        for item in list.items("") {
            let path = if item.kind("") == Kind::Mapping { "/name" } else { "" };
            self.note(&item, path, key.map(str::to_owned));
        }
    }

    /// A volume's `secret`, or a source of a projected one; keys where they are picked.
    fn volume(&mut self, secret: &Document) {
        let path =
            if secret.kind("/secretName") == Kind::Missing { "/name" } else { "/secretName" };
        self.note(secret, path, None);
        for item in secret.items("/items") {
            if let Some(key) = item.scalar("/key") {
                self.note(secret, path, Some(key));
            }
        }
    }
}
