//! The labels of a fleet's vocabulary: keys of `appLabels` that operators already write in a
//! `deploy.yaml`. A policy decides what follows from a label; the host compares its values.

/// The site label, which names a site to everything that runs there.
pub const SITE_LABEL: &str = "understack.rackspace.com/site";

/// The partition label, which names the environment of a profile that has no `environment`.
pub const PARTITION_LABEL: &str = "understack.rackspace.com/partition";
