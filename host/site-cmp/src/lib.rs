//! The front doors.

pub mod policy_build;
