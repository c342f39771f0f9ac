//! The bindings that `bindgen!` generates from the contract.
//!
//! Nothing here leaves the crate; `lift.rs` turns it into the pipeline's own types.

wasmtime::component::bindgen!({
    path: "../../plugin/wit/v1",
    world: "policy",
    with: { "site-cmp:policy/documents.document": crate::documents::Document },
    imports: { default: trappable },
});

pub(crate) use site_cmp::policy::{documents, types};
