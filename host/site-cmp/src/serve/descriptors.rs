//! The file descriptors of the server: as many as the system allows. A quarter is for the trees of calls,
//! an eighth for cached trees, and an eighth for the server's own files, child processes and the metrics
//! page. Connections get the others, those that are served and those that wait.

use std::io::stderr;

use rlimit::{Resource, increase_nofile_limit};
use rustix::io::fcntl_dupfd_cloexec;

/// The part of the descriptors that connections may use however many calls may have a place.
const CONNECTION_PART: u64 = 2;

/// The part of these that is left for connections that wait, however many are served.
const LEFT_PART: usize = 4;

/// The most connections that wait: four times as many as fit into the kernel's own queue. Each costs the
/// kernel about 2 KiB.
const MOST_WAITING: u64 = 16_384;

/// The part of the descriptors that is left for everything that is not counted.
const REST_PART: u64 = 8;

/// The part of the descriptors that the trees of calls may use, while they are unpacked or if they are
/// not cached.
const CALL_PART: u64 = 4;

/// The part of the descriptors that cached trees may use.
const TREE_PART: u64 = 8;

/// Raises the process's limit on file descriptors to the hard limit. Returns the number of
/// connections that may be served: `wanted`, unless there are too few descriptors.
pub(super) fn reserve_descriptors(wanted: usize) -> usize {
    let raised = increase_nofile_limit(u64::MAX).or_else(|_kept| Resource::NOFILE.get_soft());
    // Without a limit the wanted number is possible.
    served_of(raised.unwrap_or(u64::MAX), wanted)
}

/// Returns the number of connections that may wait beside those that are served, and beside so many
/// calls that may have a place.
pub(super) fn most_waiting(served: usize, calls: usize) -> usize {
    waiting_of(soft_limit(), served, most_calls(calls))
}

/// Lets the kernel make its table of descriptors as large as they need. It doubles a table that is full,
/// for which the thread that accepts would wait (24 ms for one of the doublings, measured beside busy
/// processors), just when thousands connect and its queue must not fill.
pub(super) fn enlarge_table(connections: usize, calls: usize) {
    let all = (connections + most_calls(calls)) as u64 + most_trees();
    // A copy under the last number, closed at once. Without it, accepting may take longer.
    let last = all.min(soft_limit() - 1);
    let _ = i32::try_from(last).map(|last| fcntl_dupfd_cloexec(stderr(), last));
}

/// Returns the number of calls that may have a place: `wanted`, unless there are too few descriptors.
/// A call, and a job that unpacks for calls, holds a descriptor.
pub(super) fn most_calls(wanted: usize) -> usize {
    part_of(soft_limit(), CALL_PART, wanted)
}

/// Returns the most trees that are cached: each holds a descriptor.
pub(super) fn most_trees() -> u64 {
    trees_of(soft_limit())
}

fn soft_limit() -> u64 {
    Resource::NOFILE.get_soft().unwrap_or(u64::MAX)
}

fn trees_of(descriptors: u64) -> u64 {
    (descriptors / TREE_PART).clamp(4, 1000)
}

fn served_of(descriptors: u64, wanted: usize) -> usize {
    let all = part_of(descriptors, CONNECTION_PART, usize::MAX);
    wanted.min(all - all / LEFT_PART).max(1)
}

fn waiting_of(descriptors: u64, served: usize, calls: usize) -> usize {
    let others = (served + calls) as u64 + trees_of(descriptors) + descriptors / REST_PART;
    let left = descriptors.saturating_sub(others).clamp(1, MOST_WAITING);
    usize::try_from(left).unwrap_or(usize::MAX)
}

fn part_of(descriptors: u64, part: u64, wanted: usize) -> usize {
    wanted.min(usize::try_from(descriptors / part).unwrap_or(usize::MAX)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_table_has_room_for_all_before_they_come() {
        enlarge_table(500, 10);
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let size = status.lines().find_map(|line| line.strip_prefix("FDSize:")).unwrap();
        assert!(size.trim().parse::<u64>().unwrap() > 500);
    }

    #[test]
    fn connections_trees_and_calls_leave_descriptors_for_the_rest() {
        for descriptors in [64, 512, 20_000, 1 << 20] {
            let served = served_of(descriptors, usize::MAX);
            let calls = part_of(descriptors, CALL_PART, usize::MAX);
            let connections = served + waiting_of(descriptors, served, calls);
            let used = (connections + calls) as u64 + trees_of(descriptors);
            assert!(used <= descriptors - descriptors / REST_PART);
            assert!(served > calls, "not each of them has a call with a place");
        }
        assert_eq!([served_of(512, 1024), waiting_of(512, 192, 128)], [192, 64]);
        assert_eq!([served_of(20_000, 1024), waiting_of(20_000, 1024, 258)], [1024, 15_218]);
        assert_eq!(waiting_of(1 << 20, 1024, 258), 16_384);
        assert_eq!(part_of(512, CALL_PART, 258), 128);
        assert_eq!(part_of(1 << 20, CALL_PART, 258), 258);
        assert_eq!(part_of(1, CALL_PART, 258), 1);
    }
}
