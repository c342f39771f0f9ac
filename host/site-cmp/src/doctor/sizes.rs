//! The size of a call with and without the annotation, compared with the server's limits.

use super::archive_size::{self, ArchiveSize};
use super::walk::Listing;
use super::{Check, Environment, environment, format_bytes};
use crate::report;
use crate::server_limits::ServerLimits;

/// Bytes that an entry takes in a tar in addition to its content: its header and the padding of
/// the last block.
const ENTRY_BYTES: u64 = 1024;

/// Measures the whole repo and the fleet's folder. Returns also the bytes of the whole repo.
pub(super) fn check_sizes(
    listing: &Listing,
    fleet: &str,
    environment: &Environment,
    limits: Option<&ServerLimits>,
) -> (Vec<Check>, u64) {
    let exclusions = environment.exclusions();
    let mut checks = Vec::new();
    let mut measure = |topic, root, what: &str| {
        let measured = archive_size::measure_archive(listing.sent_entries(root, &exclusions));
        checks.push(match &measured {
            Ok(sent) => size_check(topic, what, sent),
            Err(error) => {
                let change = "make the files readable, as the repo-server must read them too";
                Check::fail(topic, format!("the files cannot be packed: {error}"), change)
            }
        });
        measured.unwrap_or_default()
    };
    let whole = measure("repo/whole", "", "a call sends the whole repo");
    let mut sent = whole;
    if !fleet.is_empty() {
        let least =
            measure("repo/fleet", fleet, &format!("with the annotation a call sends {fleet}"));
        if environment.uses_generate_paths() {
            sent = least;
        }
    }
    checks.extend(limits.map(|limits| check_limits(&sent, limits)));
    (checks, whole.bytes)
}

/// Reports the size of a call.
fn size_check(topic: &'static str, what: &str, sent: &ArchiveSize) -> Check {
    let files = report::plural(usize::try_from(sent.files).unwrap_or_default(), "file");
    let mut says = format!(
        "{what}: {files}, {}, {} compressed",
        format_bytes(sent.bytes),
        format_bytes(sent.compressed)
    );
    if sent.git > 0 {
        let share = environment::format_share(sent.git, sent.bytes);
        says = format!("{says}; .git is {share} of it");
    }
    let check = if sent.unmeasured > 0 {
        let says =
            format!("{says}, without {} files that are too large to measure", sent.unmeasured);
        Check::warn(topic, says, "remove such files from the repo, or exclude them")
    } else {
        Check::ok(topic, says)
    };
    check
        .with_figure("files", sent.files)
        .with_figure("bytes", sent.bytes)
        .with_figure("compressedBytes", sent.compressed)
        .with_figure("gitBytes", sent.git)
}

/// Checks that the server accepts a call of that size.
fn check_limits(sent: &ArchiveSize, limits: &ServerLimits) -> Check {
    const TOPIC: &str = "repo/limits";
    let expanded = sent.bytes.saturating_add(sent.entries.saturating_mul(ENTRY_BYTES));
    let over: Vec<String> = [
        ("archiveBytes", sent.compressed, limits.archive_bytes),
        ("expandedBytes", expanded, limits.expanded_bytes),
        ("files", sent.entries, limits.files as u64),
    ]
    .into_iter()
    .filter(|(_, size, limit)| size > limit)
    .map(|(key, size, limit)| format!("{key} is {limit}, but a call has {size}"))
    .collect();
    if over.is_empty() {
        return Check::ok(TOPIC, "a call is within the server's limits");
    }
    let change = "send less, or raise them under `server` in the limits file";
    Check::fail(TOPIC, format!("the server rejects the call: {}", over.join("; ")), change)
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn each_limit_that_is_passed_is_named() {
        let limits = ServerLimits::default();
        let sent =
            ArchiveSize { entries: 10, bytes: 1000, compressed: 100, ..ArchiveSize::default() };
        assert_eq!(check_limits(&sent, &limits).verdict, Verdict::Ok);
        let many = ArchiveSize { entries: limits.files as u64 + 1, ..sent };
        let large = ArchiveSize { bytes: limits.expanded_bytes, ..sent };
        let packed = ArchiveSize { compressed: limits.archive_bytes + 1, ..sent };
        for (sent, key) in [(many, "files"), (large, "expandedBytes"), (packed, "archiveBytes")] {
            let check = check_limits(&sent, &limits);
            assert_eq!(check.verdict, Verdict::Fail, "{key}");
            assert!(check.says.contains(key), "{}", check.says);
        }
    }
}
