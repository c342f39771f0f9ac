//! References to Secrets and ConfigMaps, and the fields that hold them.
//!
//! The fields are the same in values and in objects, because charts copy such parts unchanged.

use policy_sdk::{Code, Document, Kind, pointer};

use crate::codes;

/// The key of a registry's Secret (type `kubernetes.io/dockerconfigjson`).
const REGISTRY: &str = ".dockerconfigjson";

/// The kind of an object from which a pod reads variables or files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Secret,
    ConfigMap,
}

impl Source {
    /// Returns the kind as Kubernetes writes it.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
        }
    }

    /// Returns the code for one that two objects create.
    pub(crate) fn made_twice_code(self) -> &'static Code {
        match self {
            Self::Secret => &codes::SECRET_MADE_TWICE,
            Self::ConfigMap => &codes::CONFIG_MAP_MADE_TWICE,
        }
    }

    /// Returns the code for one that no object creates.
    pub(crate) fn not_made_code(self) -> &'static Code {
        match self {
            Self::Secret => &codes::SECRET_NOT_MADE,
            Self::ConfigMap => &codes::CONFIG_MAP_NOT_MADE,
        }
    }

    /// Returns the code for one that lacks a key.
    pub(crate) fn no_key_code(self) -> &'static Code {
        match self {
            Self::Secret => &codes::SECRET_NO_KEY,
            Self::ConfigMap => &codes::CONFIG_MAP_NO_KEY,
        }
    }

    /// Returns the code for one that nothing reads.
    pub(crate) fn not_read_code(self) -> &'static Code {
        match self {
            Self::Secret => &codes::SECRET_NOT_READ,
            Self::ConfigMap => &codes::CONFIG_MAP_NOT_READ,
        }
    }
}

/// A reference to a Secret or ConfigMap, or to a key of it.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) source: Source,
    pub(crate) name: String,
    /// The key, unless the reader uses all of them.
    pub(crate) key: Option<String>,
    /// The reader, for messages.
    pub(crate) by: String,
    /// The pointer to the reference.
    pub(crate) path: String,
    /// The namespace; empty for that of the release.
    pub(crate) namespace: String,
    /// Whether the reader works without it.
    pub(crate) optional: bool,
}

/// A reader of Secrets and ConfigMaps, and the list that collects its references.
#[derive(Debug)]
pub(crate) struct Reader<'r> {
    pub(crate) by: String,
    pub(crate) namespace: String,
    pub(crate) references: &'r mut Vec<Reference>,
}

impl Reader<'_> {
    /// Adds a reference to the object that this place names. A name that is a template is skipped:
    /// only the chart can evaluate it.
    pub(crate) fn add(&mut self, source: Source, part: &Document, path: &str, key: Option<String>) {
        let Some(name) = part.scalar(path).filter(|name| !name.is_empty()) else { return };
        if name.contains("{{") || is_automatic(source, &name) {
            return;
        }
        self.references.push(Reference {
            source,
            name,
            key,
            by: self.by.clone(),
            path: part.path(path),
            namespace: self.namespace.clone(),
            optional: part.is_true("/optional"),
        });
    }

    /// Searches a part for every field that names a Secret or ConfigMap, unless the part is
    /// disabled.
    pub(crate) fn search(&mut self, part: &Document) {
        match part.kind("") {
            Kind::Sequence => part.items("").iter().for_each(|item| self.search(item)),
            Kind::Mapping if !part.is_false("/enabled") => {
                part.keys("").iter().for_each(|key| self.search_key(part, key));
            }
            _ => {}
        }
    }

    /// Searches one key of a part, and everything below it.
    pub(crate) fn search_key(&mut self, part: &Document, key: &str) {
        use Source::{ConfigMap, Secret};
        let path = &*pointer([key]);
        let child = || part.at(path);
        let is_mapping = || part.kind(path) == Kind::Mapping;
        match key {
            "secretName" | "existingSecret" => self.add(Secret, part, path, None),
            "extraEnvVarsSecret" => self.add_names(Secret, &child(), None),
            "extraEnvVarsCM" => self.add_names(ConfigMap, &child(), None),
            "imagePullSecrets" | "pullSecrets" => self.add_names(Secret, &child(), Some(REGISTRY)),
            "secret" if is_mapping() => self.add_volume(Secret, &child()),
            "configMap" if is_mapping() => self.add_volume(ConfigMap, &child()),
            "configMapRef" | "configMapKeyRef" => self.add_key_ref(ConfigMap, &child()),
            _ if key.ends_with("ecretRef") || key == "secretKeyRef" => {
                self.add_key_ref(Secret, &child());
            }
            _ => self.search(&child()),
        }
    }

    /// Adds a reference by name, and by key where the field has one.
    fn add_key_ref(&mut self, source: Source, reference: &Document) {
        self.add(source, reference, "/name", reference.scalar("/key"));
    }

    /// Adds a list of names, or of maps with a name.
    fn add_names(&mut self, source: Source, list: &Document, key: Option<&str>) {
        for item in list.items("") {
            let path = if item.kind("") == Kind::Mapping { "/name" } else { "" };
            self.add(source, &item, path, key.map(str::to_owned));
        }
    }

    /// Adds a volume's `secret` or `configMap`, or a source of a projected volume, with the keys
    /// that it picks.
    fn add_volume(&mut self, source: Source, volume: &Document) {
        let path =
            if volume.kind("/secretName") == Kind::Missing { "/name" } else { "/secretName" };
        self.add(source, volume, path, None);
        for item in volume.items("/items") {
            if let Some(key) = item.scalar("/key") {
                self.add(source, volume, path, Some(key));
            }
        }
    }
}

/// Returns whether Kubernetes itself creates the object in every namespace (controller
/// `root-ca-certificate-publisher` of kube-controller-manager).
fn is_automatic(source: Source, name: &str) -> bool {
    source == Source::ConfigMap && name == "kube-root-ca.crt"
}
