//! Write a site-cmp policy in Rust.
//!
//! A policy reads documents that the host keeps and answers with a [`Plan`]: edits
//! with reasons, manifests, findings; or with a [`Failure`] that names the value to
//! mend. It has no clock, no files, no network and no output: the same request always
//! gives the same answer. This crate offers nothing that could break that.
//!
//! A whole policy:
//!
//! ```
//! use policy_sdk::{Description, Failure, Plan, Policy, Request, export_policy, pointer};
//!
//! /// How many replicas the site's worker has.
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
//!             "the site's settings say how many replicas it needs",
//!         );
//!         Ok(plan)
//!     }
//! }
//!
//! export_policy!(WorkerReplicas);
//!
//! // Its test runs natively; no WASM toolchain is needed.
//! let plan = policy_sdk::harness::evaluate::<WorkerReplicas>(serde_json::json!({
//!     "profile": {"appLabels": {"understack.rackspace.com/site": "iad3"}},
//!     "settings": {"replicas": 3},
//! }))?;
//! assert_eq!(
//!     policy_sdk::harness::overlay(&plan),
//!     serde_json::json!({"workers": {"iad3": {"replicaCount": 3}}}),
//! );
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
pub mod border;
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

/// Makes the type the policy of this crate: what the component exports.
///
/// On any target but WASM it does nothing, so that two policies fit into one test.
#[macro_export]
macro_rules! export_policy {
    ($policy:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::bindings::exports::site_cmp::policy::evaluation;

            struct Exported;

            impl evaluation::Guest for Exported {
                fn describe() -> evaluation::Description {
                    $crate::border::describe::<$policy>()
                }

                fn evaluate(
                    request: evaluation::Request,
                ) -> ::core::result::Result<evaluation::Plan, evaluation::Failure> {
                    $crate::border::evaluate::<$policy>(request)
                }
            }

    $crate::bindings::export!(Exported with_types_in $crate::bindings);
        };
    };
}
