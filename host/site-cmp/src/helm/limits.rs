//! The limits of helm: the block `helm` of the operator's limits file.

use serde::Deserialize;
use site_render::keys::{Fallback, Key, Kind};

use super::address;

const MIB: u64 = 1 << 20;

/// The time of one chart, in milliseconds: less than the 60 seconds of a call.
const MILLISECONDS: u64 = 30_000;

/// Private writable memory. For a chart with two large subcharts helm 4 needs 128 MiB, helm 3
/// needs 96 MiB.
const MEMORY_BYTES: u64 = 256 * MIB;

/// The rendered chart. Real ones have at most a few MiB.
const OUTPUT_BYTES: u64 = 16 * MIB;

/// Variables by name, the last one of a name wins.
pub(crate) type HelmVariables = Vec<(String, String)>;

/// The variable that names the folder for temporary folders.
pub(super) const TEMPORARY: &str = "TMPDIR";

/// The operator's decisions on helm.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(crate) struct HelmLimits {
    /// Whether helm may run at all. Absent: only for a person at a command line.
    pub(super) enabled: Option<bool>,
    /// Repositories and registries that helm may ask.
    pub(super) repositories: Vec<String>,
    /// Variables of this process that helm gets.
    pub(super) environment: Vec<String>,
    /// Wall-clock time of one chart, in milliseconds.
    pub(super) milliseconds: u64,
    /// Private writable memory of helm, in bytes.
    pub(super) memory_bytes: u64,
    /// The rendered chart, in bytes.
    pub(super) output_bytes: u64,
}

impl Default for HelmLimits {
    fn default() -> Self {
        Self {
            enabled: None,
            repositories: Vec::new(),
            environment: Vec::new(),
            milliseconds: MILLISECONDS,
            memory_bytes: MEMORY_BYTES,
            output_bytes: OUTPUT_BYTES,
        }
    }
}

impl HelmLimits {
    /// Checks the repositories, and brings them into the form in which they are compared.
    ///
    /// # Errors
    /// One of them is not the address of a repository; the error is a message for the operator.
    pub(crate) fn normalized(mut self) -> Result<Self, String> {
        for repository in &mut self.repositories {
            *repository = address::normalize(repository).ok_or_else(|| {
                format!("helm.repositories: `{repository}` is not {}", address::FORM)
            })?;
        }
        Ok(self)
    }
}

impl HelmLimits {
    /// Returns the variables of this process that helm may get, and those that locate it and its
    /// home.
    pub(crate) fn variables(&self) -> HelmVariables {
        let names =
            ["PATH", TEMPORARY].into_iter().chain(self.environment.iter().map(String::as_str));
        names.filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?))).collect()
    }
}

/// The keys of the block.
pub(crate) const KEYS: &[Key] = &[
    Key {
        name: "enabled",
        kind: Kind::Bool,
        default: Fallback::Rule(
            "`false` for `cmp serve` and `cmp generate`; other commands run the user's own helm",
        ),
        meaning: "Whether helm may run. `true` confines it at every front door: a clean \
                  environment, a home of its own, and only `repositories`. `false` turns it off \
                  everywhere.",
        example: "true",
    },
    Key {
        name: "repositories",
        kind: Kind::Texts,
        default: Fallback::Rule("none, but any for a user's own helm"),
        meaning: "The chart repositories and OCI registries that helm may ask. An entry allows \
                  all addresses that continue it after a `/`, so it may end with a chart's name \
                  in a registry. What a repository's index or a redirect names is trusted too.",
        example: "[https://charts.example.org, oci://registry.example.org/charts]",
    },
    Key {
        name: "environment",
        kind: Kind::Texts,
        default: Fallback::Rule("only PATH"),
        meaning: "The environment variables of cmp that a confined helm gets, such as those of a \
                  proxy, or `HELM_REGISTRY_CONFIG` for a file with credentials.",
        example: "[HTTPS_PROXY, NO_PROXY]",
    },
    Key {
        name: "milliseconds",
        kind: Kind::Number,
        default: Fallback::Number(MILLISECONDS),
        meaning: "The wall-clock time of one chart, in milliseconds. Then helm is killed.",
        example: "",
    },
    Key {
        name: "memoryBytes",
        kind: Kind::Number,
        default: Fallback::Number(MEMORY_BYTES),
        meaning: "The private writable memory of helm, in bytes. helm 4 needs 128 MiB for a \
                  chart with two large subcharts. It must fit into the container as often as there are renders.",
        example: "",
    },
    Key {
        name: "outputBytes",
        kind: Kind::Number,
        default: Fallback::Number(OUTPUT_BYTES),
        meaning: "The size of a rendered chart, in bytes.",
        example: "",
    },
];
