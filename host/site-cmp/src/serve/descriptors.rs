//! The file descriptors of the server: as many as the system allows. Half of them are for connections,
//! those that are served and those that wait; a quarter for the trees of calls and an eighth for cached
//! trees. The rest is for the server's own files, child processes and the metrics page.

use rlimit::{Resource, increase_nofile_limit};

/// The part of the descriptors that connections may use.
const CONNECTION_PART: u64 = 2;

/// The part of these that is left for connections that wait, however many are served.
const LEFT_PART: usize = 4;

/// The most connections that wait. As many fit into the kernel's own queue, and each costs the kernel
/// some KiB.
const MOST_WAITING: usize = 4096;

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

/// Returns the number of connections that may wait beside those that are served.
pub(super) fn most_waiting(served: usize) -> usize {
    waiting_of(Resource::NOFILE.get_soft().unwrap_or(u64::MAX), served)
}

/// Returns the number of calls that may have a place: `wanted`, unless there are too few descriptors.
/// A call, and a job that unpacks for calls, holds a descriptor.
pub(super) fn most_calls(wanted: usize) -> usize {
    part_of(Resource::NOFILE.get_soft().unwrap_or(u64::MAX), CALL_PART, wanted)
}

/// Returns the most trees that are cached: each holds a descriptor.
pub(super) fn most_trees() -> u64 {
    let descriptors = Resource::NOFILE.get_soft().unwrap_or(u64::MAX);
    (descriptors / TREE_PART).clamp(4, 1000)
}

fn served_of(descriptors: u64, wanted: usize) -> usize {
    let all = part_of(descriptors, CONNECTION_PART, usize::MAX);
    wanted.min(all - all / LEFT_PART).max(1)
}

fn waiting_of(descriptors: u64, served: usize) -> usize {
    let all = part_of(descriptors, CONNECTION_PART, usize::MAX);
    all.saturating_sub(served).clamp(1, MOST_WAITING)
}

fn part_of(descriptors: u64, part: u64, wanted: usize) -> usize {
    wanted.min(usize::try_from(descriptors / part).unwrap_or(usize::MAX)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_trees_and_calls_leave_descriptors_for_the_rest() {
        for descriptors in [64, 512, 1 << 20] {
            let served = served_of(descriptors, usize::MAX);
            let connections = served + waiting_of(descriptors, served);
            let calls = part_of(descriptors, CALL_PART, usize::MAX);
            let used = (connections + calls) as u64 + descriptors / TREE_PART;
            assert!(used <= descriptors - descriptors / 8);
            assert!(served > calls, "not each of them has a call with a place");
        }
        assert_eq!([served_of(20_000, 1024), waiting_of(20_000, 1024)], [1024, MOST_WAITING]);
        assert_eq!([served_of(512, 1024), waiting_of(512, 192)], [192, 64]);
        assert_eq!(part_of(512, CALL_PART, 258), 128);
        assert_eq!(part_of(1 << 20, CALL_PART, 258), 258);
        assert_eq!(part_of(1, CALL_PART, 258), 1);
    }
}
