//! Write a site-cmp policy in Rust.
//!
//! A policy changes the Helm values of a component for one site, or for the global cluster of an
//! environment. It reads the documents of a
//! [`Request`] (the site's profile, the base values, its own settings) and returns a [`Plan`]:
//! edits with reasons, Kubernetes objects, findings. If it cannot, it returns a [`Failure`] that
//! names the value to fix.
//!
//! The host runs a policy as a WASM component without clock, files, network or output, so the
//! same request always results in the same plan.
//!
//! 1. Implement [`Policy`] for a type and export it with [`export_policy!`].
//! 2. Declare each kind of finding that the policy reports with [`catalog!`].
//! 3. Test the policy natively with [`harness`](mod@harness).
//! 4. Build the component with `cmp policy build` and pin it with `cmp policy lock`.
//!
//! A whole policy:
//!
//! ```
//! use policy_sdk::{Description, Failure, Plan, Policy, Request, export_policy, pointer};
//!
//! /// Each kind of finding, once: severity, code, cause and fix.
//! mod codes {
//!     policy_sdk::catalog! {
//!         ZERO_REPLICAS: Warning, "worker/zero-replicas",
//!             "The settings of the site give its worker no pod, so no job runs there.",
//!             "Set replicas to 1 or more.";
//!     }
//! }
//!
//! /// Sets the number of replicas of the site's worker.
//! struct WorkerReplicas;
//!
//! impl Policy for WorkerReplicas {
//!     fn describe() -> Description {
//!         Description::transform("worker-replicas", "1.0.0", "nautobot_worker").settings(
//!             r#"{
//!               "type": "object", "additionalProperties": false, "required": ["replicas"],
//!               "properties": {"replicas": {"type": "integer", "minimum": 0}}
//!             }"#,
//!         )
//!     }
//!
//!     fn evaluate(request: &Request) -> Result<Plan, Failure> {
//!         let label = request.profile.text("/appLabels/understack.rackspace.com~1site")?;
//!         let replicas = request.settings.u64("/replicas")?;
//!         let mut plan = Plan::new();
//!         plan.set(
//!             pointer(["workers", &label, "replicaCount"]),
//!             replicas,
//!             "the settings of the site set the number of replicas",
//!         );
//!         if replicas == 0 {
//!             let finding = codes::ZERO_REPLICAS.finding("the worker has no replicas");
//!             plan.report(finding.at("/replicas").hint("set replicas to 1 or more"));
//!         }
//!         Ok(plan)
//!     }
//! }
//!
//! export_policy!(WorkerReplicas);
//!
//! // The test runs natively and needs no WASM toolchain.
//! let plan = policy_sdk::harness::evaluate::<WorkerReplicas>(serde_json::json!({
//!     "profile": {"appLabels": {"understack.rackspace.com/site": "iad3"}},
//!     "settings": {"replicas": 3},
//! }))?;
//! assert_eq!(
//!     policy_sdk::harness::overlay(&plan),
//!     serde_json::json!({"workers": {"iad3": {"replicaCount": 3}}}),
//! );
//! assert!(plan.findings.is_empty());
//! # Ok::<(), Failure>(())
//! ```

mod bad_read;
mod code;
mod document;
mod failure;
mod finding;
mod json;
mod names;
mod object;
mod pattern;
mod plan;
mod pointer;
mod policy;
mod request;
mod sites;
mod source;
mod template;

#[cfg(target_arch = "wasm32")]
mod allocator;
#[doc(hidden)]
pub mod bindings;
#[doc(hidden)]
pub mod contract;
#[cfg(not(target_arch = "wasm32"))]
pub mod harness;

pub use bad_read::{BadRead, DocumentName};
pub use bindings::exports::site_cmp::policy::evaluation::{Failure, Plan};
pub use bindings::site_cmp::policy::documents::Kind;
pub use bindings::site_cmp::policy::types::{
    BadValue, Change, Config, Edit, Finding, Manifest, Role, Scope, Severity,
};
pub use code::Code;
pub use document::Document;
pub use json::Json;
pub use names::{is_label, is_subdomain};
pub use object::Object;
pub use pattern::Pattern;
pub use pointer::pointer;
pub use policy::{Description, Policy};
pub use request::Request;
pub use sites::subject;
pub use source::Source;
pub use template::Template;

/// Exports a type as the policy of this component.
///
/// On any target but WASM it does nothing, so that one test can link two policies.
#[macro_export]
macro_rules! export_policy {
    ($policy:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::exports::site_cmp::policy::evaluation;

            struct Exported;

            impl evaluation::Guest for Exported {
                fn describe() -> evaluation::Description {
                    $crate::contract::describe::<$policy>()
                }

                fn evaluate(
                    request: evaluation::Request,
                ) -> ::core::result::Result<evaluation::Plan, evaluation::Failure> {
                    $crate::contract::evaluate::<$policy>(request)
                }
            }

    $crate::bindings::export!(Exported with_types_in $crate::bindings);
        };
    };
}
