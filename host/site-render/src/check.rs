//! All that is wrong with a fleet, at once.

use std::sync::Arc;

use crate::finding::Finding;
use crate::fleet::Fleet;
use crate::request::Chart;

/// Every finding on every profile, environment, policy and the lock, in a stable order.
pub fn check(_fleet: &Fleet, _chart: Option<&Arc<Chart>>) -> Vec<Finding> {
    unimplemented!()
}
