//! The limits of policies. The operator sets them in a file beside the plugin's configuration;
//! nothing in a rendered repository can change them.

mod keys;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use site_render::finding::Finding;
use site_render::keys::{Fallback, Key, Kind};

use crate::codes;
use crate::reject_error::RejectError;
use crate::text::escape_controls;

/// The keys of the limits of policies, in two groups.
pub const KEYS: [&[Key]; 2] = [keys::ACCESS, NUMBERS];

/// The size of policies that the limits allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tier {
    /// Policies in Rust, C and Go.
    #[default]
    Lean,
    /// Policies in JavaScript and Python too, whose artifacts contain their interpreter.
    Wide,
}

/// Defines the numeric limits, a line each: the field, its key in the file, its type, its lean
/// default and its wide one. The doc comment is the key's meaning in the reference too.
macro_rules! tiered_limits {
    ($($(#[doc = $doc:literal])+ $name:ident $key:literal: $kind:ty = $lean:expr, $wide:expr;)+) => {
        /// The limits of a sandbox. A key that is absent from the file has the default of the
        /// tier; an unknown key is an error.
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
        #[serde(from = "LimitOverrides")]
        pub struct Limits {
            /// The tier, which chooses the defaults.
            pub tier: Tier,
            /// Digests (lower-case hex SHA-256) of the policies that may be loaded; any, if
            /// absent.
            pub allowed_digests: Option<BTreeSet<String>>,
            /// The names of the policies that each Argo CD project may use; any, if absent. A
            /// project that is not listed may use none.
            pub projects: Option<BTreeMap<String, BTreeSet<String>>>,
            $($(#[doc = $doc])+ pub $name: $kind,)+
        }

        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields, default)]
        struct LimitOverrides {
            tier: Tier,
            allowed_digests: Option<BTreeSet<String>>,
            projects: Option<BTreeMap<String, BTreeSet<String>>>,
            $(#[serde(rename = $key)] $name: Option<$kind>,)+
        }

        impl From<LimitOverrides> for Limits {
            fn from(file: LimitOverrides) -> Self {
                let wide = file.tier == Tier::Wide;
                Self {
                    tier: file.tier,
                    allowed_digests: file.allowed_digests,
                    projects: file.projects,
                    $($name: file.$name.unwrap_or(if wide { $wide } else { $lean }),)+
                }
            }
        }

        /// The numeric limits, as the reference and the JSON Schema list them.
        const NUMBERS: &[Key] = &[
            $(Key {
                name: $key,
                kind: Kind::Number,
                default: Fallback::Tiers($lean, $wide),
                meaning: concat!($($doc),+),
                example: "",
            },)+
        ];
    };
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

tiered_limits! {
    /// Fuel of one call: about one unit for each instruction and for each byte that a bulk
    /// instruction moves. The most expensive language needs 9 million for a plan of 20 edits; a
    /// tight loop burns 100 million in about 10 ms.
    fuel "fuel": u64 = 100_000_000, 100_000_000;
    /// Linear memory of one call, in bytes. Python starts with 12.4 MiB.
    memory_bytes "memoryBytes": u64 = 64 * MIB, 64 * MIB;
    /// Wall-clock time of one call, in milliseconds. Fuel ends an endless loop earlier, unless
    /// the host is overloaded.
    milliseconds "milliseconds": u64 = 2_000, 5_000;
    /// Stack of one call, in bytes. It must fit into the stack of the calling thread.
    stack_bytes "stackBytes": u64 = 512 * KIB, 512 * KIB;
    /// Elements of one table. Go needs 6,152, JavaScript 7,694.
    table_elements "tableElements": u64 = 10_000, 10_000;
    /// Tables of one policy. The shim of wit-component takes the second one.
    tables "tables": u32 = 2, 2;
    /// Core instances of one policy. Python needs 38, every other language at most 4.
    core_instances "coreInstances": u32 = 4, 40;
    /// Bookkeeping of one core instance, in bytes. JavaScript needs 202 KB.
    core_instance_bytes "coreInstanceBytes": u64 = 256 * KIB, 256 * KIB;
    /// Bookkeeping of one policy instance, in bytes. Python needs 413 KB.
    instance_bytes "instanceBytes": u64 = 512 * KIB, 512 * KIB;
    /// Reads of documents in one call.
    reads "reads": u64 = 500_000, 500_000;
    /// JSON Pointers and results of all reads of one call, in bytes.
    read_bytes "readBytes": u64 = 64 * MIB, 64 * MIB;
    /// Size of all that a call returns, and of each argument that it passes to the host, in bytes.
    plan_bytes "planBytes": u64 = 8 * MIB, 8 * MIB;
    /// Edits of one plan.
    edits "edits": usize = 5_000, 5_000;
    /// Manifests of one plan. A policy of scope global may create two per site, for some thousand
    /// sites. `planBytes` limits their size.
    manifests "manifests": usize = 10_000, 10_000;
    /// Keys and values in all edits and manifests of one plan: a short text may describe many.
    plan_values "planValues": usize = 250_000, 250_000;
    /// Findings of one plan, and invalid values that one failed call reports.
    findings "findings": usize = 1_000, 1_000;
    /// Config layers and variables of one plan.
    layers "layers": usize = 100, 100;
    /// One text for people, in bytes: a reason, a message, a hint or a path.
    text_bytes "textBytes": usize = 8 << 10, 8 << 10;
    /// One JSON text, in bytes: the value of an edit, a manifest or a settings schema.
    json_bytes "jsonBytes": usize = 1 << 20, 1 << 20;
    /// The size of an artifact, in bytes. Go builds 3.1 MB, Python 18.5 MB.
    module_bytes "moduleBytes": u64 = 4 * MIB, 24 * MIB;
    /// CPU time of one compilation, in seconds. JavaScript takes 18.
    compile_seconds "compileSeconds": u64 = 20, 60;
    /// Private writable memory of the compiling process, in bytes. It must fit into the memory
    /// limit of the container. The largest policy of this project needs 55 MiB.
    compile_memory_bytes "compileMemoryBytes": u64 = 256 * MIB, 768 * MIB;
    /// The compiled code of one policy, in bytes. JavaScript needs 39.5 MB.
    code_bytes "codeBytes": u64 = 32 * MIB, 128 * MIB;
    /// Calls that run at the same time. More calls wait. Each may keep 4 MiB of memory warm.
    concurrent_calls "concurrentCalls": u32 = 32, 16;
    /// Policies that stay loaded. The least recently used one is dropped first.
    loaded_policies "loadedPolicies": usize = 64, 16;
    /// The folder of compiled code, in bytes. The oldest file is deleted first.
    cache_bytes "cacheBytes": u64 = 512 * MIB, 2 * GIB;
}

impl Default for Limits {
    fn default() -> Self {
        LimitOverrides::default().into()
    }
}

impl Limits {
    /// Returns the defaults of a tier.
    pub fn of(tier: Tier) -> Self {
        LimitOverrides { tier, ..LimitOverrides::default() }.into()
    }

    /// Checks that an Argo CD project may use the policy of a name and digest.
    pub fn permits(&self, project: &str, policy: &str, sha256: &str) -> Result<(), Box<Finding>> {
        self.permits_digest(sha256).map_err(|r| r.for_policy(policy))?;
        let Some(projects) = &self.projects else {
            return Ok(());
        };
        if projects.get(project).is_some_and(|p| p.contains(policy)) {
            return Ok(());
        }
        Err(RejectError::input(
            &codes::POLICY_NOT_ALLOWED,
            format!("the Argo CD project {} may not use it", escape_controls(project)),
        )
        .hint("the operator can add it under projects in the limits file")
        .for_policy(policy)
        .into())
    }

    /// Checks that the policy of a digest may be used at all.
    pub(crate) fn permits_digest(&self, sha256: &str) -> Result<(), RejectError> {
        match &self.allowed_digests {
            Some(allowed) if !allowed.contains(sha256) => Err(RejectError::input(
                &codes::POLICY_NOT_ALLOWED,
                format!("its digest {} is not in allowedDigests", escape_controls(sha256)),
            )
            .hint("the operator can add it to allowedDigests in the limits file")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
