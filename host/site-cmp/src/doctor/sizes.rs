//! What a call sends of a repo, with the annotation and without, held to the server's
//! limits.

use super::shipment::{self, Shipment};
use super::walk::Listing;
use super::{Check, Environment, bytes, environment};
use crate::report;
use crate::server_limits::ServerLimits;

/// Bytes that an entry takes in a tar beside its content: its header, and what fills the
/// last block.
const ENTRY_BYTES: u64 = 1024;

/// Measures the whole repo and the fleet's folder, and gives the bytes of the former.
pub(super) fn checks(
    listing: &Listing,
    fleet: &str,
    environment: &Environment,
    limits: Option<&ServerLimits>,
) -> (Vec<Check>, u64) {
    let exclusions = environment.exclusions();
    let mut checks = Vec::new();
    let mut size = |topic, root, what: &str| {
        let measured = shipment::measure(listing.sent(root, &exclusions));
        checks.push(match &measured {
            Ok(sent) => told(topic, what, sent),
            Err(error) => {
                let change = "let it be read, as the repo-server must";
                Check::fail(topic, format!("it cannot be packed: {error}"), change)
            }
        });
        measured.unwrap_or_default()
    };
    let whole = size("repo/whole", "", "a call sends the whole repo");
    let mut sent = whole;
    if !fleet.is_empty() {
        let least = size("repo/fleet", fleet, &format!("with the annotation a call sends {fleet}"));
        if environment.uses_generate_paths() {
            sent = least;
        }
    }
    checks.extend(limits.map(|limits| held(&sent, limits)));
    (checks, whole.bytes)
}

/// The size of a shipment.
fn told(topic: &'static str, what: &str, sent: &Shipment) -> Check {
    let files = report::plural(usize::try_from(sent.files).unwrap_or_default(), "file");
    let mut says =
        format!("{what}: {files}, {}, {} compressed", bytes(sent.bytes), bytes(sent.compressed));
    if sent.git > 0 {
        let share = environment::share(sent.git, sent.bytes);
        says = format!("{says}; .git is {share} of it");
    }
    let check = if sent.unmeasured > 0 {
        let says = format!("{says}, and {} files more than are compressed here", sent.unmeasured);
        Check::warn(topic, says, "keep such files out of the repo, or exclude them")
    } else {
        Check::ok(topic, says)
    };
    check
        .figure("files", sent.files)
        .figure("bytes", sent.bytes)
        .figure("compressedBytes", sent.compressed)
        .figure("gitBytes", sent.git)
}

/// Whether the server would take what is sent.
fn held(sent: &Shipment, limits: &ServerLimits) -> Check {
    const TOPIC: &str = "repo/limits";
    let expanded = sent.bytes.saturating_add(sent.entries.saturating_mul(ENTRY_BYTES));
    let over: Vec<String> = [
        ("archiveBytes", sent.compressed, limits.archive_bytes),
        ("expandedBytes", expanded, limits.expanded_bytes),
        ("files", sent.entries, limits.files as u64),
    ]
    .into_iter()
    .filter(|(_, size, limit)| size > limit)
    .map(|(key, size, limit)| format!("{key} is {limit}, and a call has {size}"))
    .collect();
    if over.is_empty() {
        return Check::ok(TOPIC, "what a call sends is within the server's limits");
    }
    let change = "send less, or raise them under `server` in the limits file";
    Check::fail(TOPIC, format!("the server refuses it: {}", over.join("; ")), change)
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn each_limit_that_is_passed_is_named() {
        let limits = ServerLimits::default();
        let sent = Shipment { entries: 10, bytes: 1000, compressed: 100, ..Shipment::default() };
        assert_eq!(held(&sent, &limits).verdict, Verdict::Ok);
        let many = Shipment { entries: limits.files as u64 + 1, ..sent };
        let large = Shipment { bytes: limits.expanded_bytes, ..sent };
        let packed = Shipment { compressed: limits.archive_bytes + 1, ..sent };
        for (sent, key) in [(many, "files"), (large, "expandedBytes"), (packed, "archiveBytes")] {
            let check = held(&sent, &limits);
            assert_eq!(check.verdict, Verdict::Fail, "{key}");
            assert!(check.says.contains(key), "{}", check.says);
        }
    }
}
