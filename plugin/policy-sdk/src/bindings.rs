//! The contract `plugin/wit/v1` as `wit-bindgen` generates it. Nothing else in this crate is
//! generated. Only `contract.rs` and the macro `export_policy!` call its functions.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]

wit_bindgen::generate!({
    path: "../wit/v1",
    world: "policy",
    generate_all,
    pub_export_macro: true,
    default_bindings_module: "policy_sdk::bindings",
    additional_derives: [PartialEq, Eq],
    additional_derives_ignore: ["request"],
});
