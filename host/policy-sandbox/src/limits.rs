//! Limits of policies. The operator sets them in a file beside the plugin's own
//! configuration; nothing in a rendered repository can change them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use site_render::finding::Finding;

use crate::codes;
use crate::reject_error::RejectError;
use crate::text::escape_controls;

/// The size of policies that are supported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Tier {
    /// Rust, C, Go.
    #[default]
    Lean,
    /// Also JavaScript and Python, whose artifacts contain their interpreter.
    Wide,
}

/// Declares the numeric limits once, as a table: what the operator writes, the type, the
/// lean and the wide default.
macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $kind:ty = $lean:expr, $wide:expr;)+) => {
        /// The limits of a sandbox. Keys are written in camel case; a key that is not
        /// given takes the tier's default, an unknown one is an error.
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
        #[serde(from = "Overrides")]
        pub struct Limits {
            /// The tier, which selects the defaults.
            pub tier: Tier,
            /// Digests (lower case hex SHA-256) of the policies that may be loaded;
            /// default: any.
            pub allowed_digests: Option<BTreeSet<String>>,
            /// Which Argo CD project may use which policies, by name; any may use any
            /// if not given. A project that is not listed may use none.
            pub projects: Option<BTreeMap<String, BTreeSet<String>>>,
            $($(#[doc = $doc])+ pub $name: $kind,)+
        }

        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields, default)]
        struct Overrides {
            tier: Tier,
            allowed_digests: Option<BTreeSet<String>>,
            projects: Option<BTreeMap<String, BTreeSet<String>>>,
            $($name: Option<$kind>,)+
        }

        impl From<Overrides> for Limits {
            fn from(given: Overrides) -> Self {
                let wide = given.tier == Tier::Wide;
                Self {
                    tier: given.tier,
                    allowed_digests: given.allowed_digests,
                    projects: given.projects,
                    $($name: given.$name.unwrap_or(if wide { $wide } else { $lean }),)+
                }
            }
        }
    };
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

limits! {
    /// Fuel of one call: about one unit per instruction and per byte that a bulk
    /// instruction moves. The worst language needs 9 million for a plan of 20 edits;
    /// a tight loop burns 100 million in about 10 ms.
    fuel: u64 = 100_000_000, 100_000_000;
    /// Linear memory of one call, in bytes. Python starts with 12.4 MiB.
    memory_bytes: u64 = 64 * MIB, 64 * MIB;
    /// Wall-clock time of one call, in milliseconds. Fuel ends a loop long before on a
    /// healthy system; this limit is for an overloaded one.
    milliseconds: u64 = 2_000, 5_000;
    /// Stack of one call, in bytes; it must fit into that of the calling thread.
    stack_bytes: u64 = 512 * KIB, 512 * KIB;
    /// Elements of one table. Go needs 6,152, JavaScript 7,694.
    table_elements: u64 = 10_000, 10_000;
    /// Tables of one policy; wit-component's own shim takes the second.
    tables: u32 = 2, 2;
    /// Core instances inside one policy. Python needs 38, everyone else at most 4.
    core_instances: u32 = 4, 40;
    /// Bookkeeping of one core instance, in bytes. JavaScript needs 202 KB.
    core_instance_bytes: u64 = 256 * KIB, 256 * KIB;
    /// Bookkeeping of one whole policy instance, in bytes. Python needs 413 KB.
    instance_bytes: u64 = 512 * KIB, 512 * KIB;
    /// Reads of documents in one call.
    reads: u64 = 500_000, 500_000;
    /// Bytes of pointers and answers of all reads of one call.
    read_bytes: u64 = 64 * MIB, 64 * MIB;
    /// Bytes of everything that a call returns, and of any one argument to the host.
    plan_bytes: u64 = 8 * MIB, 8 * MIB;
    /// Edits of one plan.
    edits: usize = 5_000, 5_000;
    /// Manifests of one plan. A policy of scope global makes two for each of some thousand
    /// sites; their bytes have a limit of their own.
    manifests: usize = 10_000, 10_000;
    /// Findings of one plan, bad values of one failure.
    findings: usize = 1_000, 1_000;
    /// Config layers and variables of one plan.
    layers: usize = 100, 100;
    /// Bytes of one text for people: a reason, a message, a hint, a path.
    text_bytes: usize = 8 << 10, 8 << 10;
    /// Bytes of one JSON text: an edit's value, a manifest, a settings schema.
    json_bytes: usize = 1 << 20, 1 << 20;
    /// Size of an artifact, in bytes. Go makes 3.1 MB, Python 18.5 MB.
    module_bytes: u64 = 4 * MIB, 24 * MIB;
    /// CPU time of one compilation, in seconds. JavaScript takes 18.
    compile_seconds: u64 = 20, 60;
    /// Address space of the compiling process, in bytes.
    compile_memory_bytes: u64 = GIB, 2 * GIB;
    /// Size of one policy's compiled code, in bytes. JavaScript makes 39.5 MB.
    code_bytes: u64 = 32 * MIB, 128 * MIB;
    /// Calls that run at the same time; more wait. Each may keep 4 MiB warm.
    concurrent_calls: u32 = 32, 16;
    /// LoadedPolicies policies that are kept in memory; the one unused longest goes first.
    loaded_policies: usize = 64, 16;
    /// Size of the folder of compiled code, in bytes; the oldest file goes first.
    cache_bytes: u64 = 512 * MIB, 2 * GIB;
}

impl Default for Limits {
    fn default() -> Self {
        Overrides::default().into()
    }
}

impl Limits {
    /// The defaults of a tier.
    pub fn of(tier: Tier) -> Self {
        Overrides { tier, ..Overrides::default() }.into()
    }

    /// Checks that an Argo CD project may use the policy of this name and digest.
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

    /// Checks that the policy of this digest may be loaded.
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
