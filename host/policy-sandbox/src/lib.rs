//! Runs policies.
