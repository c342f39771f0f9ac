//! The generated code of the plugin protocol. No other file includes it.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    reason = "generated from proto/, where the documentation is"
)]

/// The plugin service.
pub mod plugin {
    tonic::include_proto!("plugin");
}

/// The messages that announce a plugin's parameters.
pub mod repository {
    tonic::include_proto!("repository");
}

/// The version service.
pub mod version {
    tonic::include_proto!("version");
}

/// Descriptors of all three, for reflection.
pub(crate) const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
