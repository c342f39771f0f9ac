//! Generated code of the plugin protocol; the only file that takes it in.

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

/// What a plugin tells of its parameters.
pub mod repository {
    tonic::include_proto!("repository");
}

/// The version service.
pub mod version {
    tonic::include_proto!("version");
}

/// Descriptors of all three, for reflection.
pub(super) const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
