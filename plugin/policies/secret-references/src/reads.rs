//! Readers of Secrets and ConfigMaps, and the shapes in which they name one.
//!
//! The same in values and in objects: charts pass such parts on as they are.

use policy_sdk::{Document, Kind, pointer};

/// What a registry's Secret holds (`kubernetes.io/dockerconfigjson`).
const REGISTRY: &str = ".dockerconfigjson";

/// The kind of object that a pod takes variables or files from.
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

    /// Returns the code of a finding about it.
    pub(crate) fn code(self, problem: &str) -> String {
        let area = match self {
            Self::Secret => "secret/",
            Self::ConfigMap => "config-map/",
        };
        [area, problem].concat()
    }
}

/// A Secret or ConfigMap is named, and perhaps a key of it.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) source: Source,
    pub(crate) name: String,
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

/// A reader of Secrets and ConfigMaps, and what it is found to read.
#[derive(Debug)]
pub(crate) struct Reader<'r> {
    pub(crate) by: String,
    pub(crate) namespace: String,
    pub(crate) found: &'r mut Vec<Read>,
}

impl Reader<'_> {
    /// Notes that the object named at this place is read. A name that is a template of the
    /// chart's is known to the chart alone.
    pub(crate) fn note(
        &mut self,
        source: Source,
        part: &Document,
        path: &str,
        key: Option<String>,
    ) {
        let Some(name) = part.scalar(path).filter(|name| !name.is_empty()) else { return };
        if name.contains("{{") || is_automatic(source, &name) {
            return;
        }
        self.found.push(Read {
            source,
            name,
            key,
            by: self.by.clone(),
            path: part.path(path),
            namespace: self.namespace.clone(),
            optional: part.is_true("/optional"),
        });
    }

    /// Looks through a part for every shape in which a Secret or ConfigMap is named, unless the
    /// part is switched off.
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
        use Source::{ConfigMap, Secret};
        let path = &*pointer([key]);
        let child = || part.at(path);
        let is_mapping = || part.kind(path) == Kind::Mapping;
        match key {
            "secretName" | "existingSecret" => self.note(Secret, part, path, None),
            "extraEnvVarsSecret" => self.names(Secret, &child(), None),
            "extraEnvVarsCM" => self.names(ConfigMap, &child(), None),
            "imagePullSecrets" | "pullSecrets" => self.names(Secret, &child(), Some(REGISTRY)),
            "secret" if is_mapping() => self.volume(Secret, &child()),
            "configMap" if is_mapping() => self.volume(ConfigMap, &child()),
            "configMapRef" | "configMapKeyRef" => self.reference(ConfigMap, &child()),
            _ if key.ends_with("ecretRef") || key == "secretKeyRef" => {
                self.reference(Secret, &child());
            }
            _ => self.search(&child()),
        }
    }

    /// A reference by name, and by key where one is picked.
    fn reference(&mut self, source: Source, reference: &Document) {
        self.note(source, reference, "/name", reference.scalar("/key"));
    }

    /// A list of names, or of maps with a name.
    fn names(&mut self, source: Source, list: &Document, key: Option<&str>) {
        for item in list.items("") {
            let path = if item.kind("") == Kind::Mapping { "/name" } else { "" };
            self.note(source, &item, path, key.map(str::to_owned));
        }
    }

    /// A volume's `secret` or `configMap`, or a source of a projected one; keys where they are
    /// picked.
    fn volume(&mut self, source: Source, volume: &Document) {
        let path =
            if volume.kind("/secretName") == Kind::Missing { "/name" } else { "/secretName" };
        self.note(source, volume, path, None);
        for item in volume.items("/items") {
            if let Some(key) = item.scalar("/key") {
                self.note(source, volume, path, Some(key));
            }
        }
    }
}

/// Returns whether Kubernetes itself makes the object in every namespace (controller
/// `root-ca-certificate-publisher` of kube-controller-manager).
fn is_automatic(source: Source, name: &str) -> bool {
    source == Source::ConfigMap && name == "kube-root-ca.crt"
}
