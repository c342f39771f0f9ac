//! Write a policy.
