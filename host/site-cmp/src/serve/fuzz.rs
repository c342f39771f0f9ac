//! Entry points for a fuzzer, and for tests with changed bytes. Any input to the readers of
//! streams and archives results in a tree or an error, never a panic, and all bytes are
//! released.

use std::io::Write as _;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message as _;
use site_render::tree::Tree as _;
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;
use tonic::metadata::MetadataMap;
use tracing::Span;

use super::admission::Admission;
use super::budget::Budget;
use super::call::Call;
use super::caller_key::CallerKey;
use super::deadline::CallDeadline;
use super::incoming_call::IncomingCall;
use super::metrics::Metrics;
use super::receive::{self, Intake};
use super::scope::Scope;
use super::tree_cache::TreeCache;
use super::unpack::unpack_archive;
use crate::proto::plugin::AppStreamRequest;
use crate::server_limits::ServerLimits;

/// The runtime of all streams. It stays: an unpacking whose call has gone ends a little later.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_current_thread().enable_time().build().expect("a thread can be started")
});

/// The milliseconds in which an unpacking whose call has gone must end.
const MOMENTS: u32 = 10_000;

/// Reads bytes as the messages of a stream, each preceded by its length.
///
/// # Panics
/// If it has found a bug.
pub fn stream(bytes: &[u8]) {
    let mut left = bytes;
    let mut messages = Vec::new();
    while let Ok(message) = AppStreamRequest::decode_length_delimited(&mut left) {
        messages.push(message);
        if left.is_empty() {
            break;
        }
    }
    let limits = Arc::new(limits());
    let budget = Budget::new(limits.in_flight_bytes, 0);
    RUNTIME.block_on(async {
        let trees = TreeCache::new(limits.clone(), budget.clone());
        let metrics = Arc::new(Metrics::new());
        let deadline = CallDeadline::begin(&MetadataMap::new(), Duration::from_mins(1));
        let admission = Admission::new(&limits, metrics.clone());
        let (call, incoming) =
            (Call::begin("fuzz", deadline, metrics, Span::none()), IncomingCall::default());
        let (trees, admission, limits) = (&trees, &admission, &*limits);
        let shared =
            Intake { trees, budget: &budget, admission, limits, incoming: &incoming, call: &call };
        if let Ok(received) = receive::replay_messages(messages, &shared).await {
            let archive = received.tree.open_archive().expect("an archive that was written");
            let _found = archive.find_fleet(&received.folder);
        }
    });
    RUNTIME.block_on(async {
        let mut moments = 0..MOMENTS;
        while budget.held_bytes() > 0 && moments.next().is_some() {
            sleep(Duration::from_millis(1)).await;
        }
    });
    assert_eq!(budget.held_bytes(), 0, "bytes were not given back");
}

/// Reads bytes as the tar inside an archive, packed without compression. In compressed data a
/// changed byte would fail the checksum and never reach the tar reader.
///
/// # Panics
/// If it has found a bug.
pub fn archive(bytes: &[u8]) {
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    let packed = packed.write_all(bytes).and_then(|()| packed.finish());
    let (limits, budget) = (limits(), Budget::new(16 << 20, 0));
    let (packed, scope) = (packed.unwrap_or_default(), Scope::default());
    scope.add_folder("sites/probe");
    let unpacked = unpack_archive(
        packed.as_slice(),
        &limits,
        budget.open_account(&CallerKey::unknown()),
        &scope,
    );
    if let Ok(tree) = unpacked {
        let archive = tree.open_archive().expect("an archive that was written");
        if let Some((fleet, _)) = archive.find_fleet("sites/probe") {
            let _read = fleet.read("sites/probe/profile.yaml", 1 << 20);
            let _listed = fleet.list("sites");
        }
    }
    assert_eq!(budget.held_bytes(), 0, "bytes were not given back");
}

fn limits() -> ServerLimits {
    ServerLimits {
        in_flight_bytes: 16 << 20,
        archive_bytes: 1 << 20,
        expanded_bytes: 4 << 20,
        file_bytes: 1 << 20,
        files: 1000,
        ..ServerLimits::default()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;
    use crate::probe;

    /// A stream of the probe's, as bytes.
    fn whole() -> Vec<u8> {
        let messages = probe::call_messages(probe::pack_fleet().unwrap());
        messages.iter().flat_map(AppStreamRequest::encode_length_delimited_to_vec).collect()
    }

    #[test]
    fn a_stream_that_was_changed_anywhere_is_read_or_refused() {
        changed_everywhere(&whole(), 500, stream);
    }

    #[test]
    fn an_archive_that_was_changed_anywhere_is_read_or_refused() {
        let mut whole = Vec::new();
        let packed = probe::pack_fleet().unwrap();
        GzDecoder::new(packed.as_slice()).read_to_end(&mut whole).unwrap();
        changed_everywhere(&whole, 5000, archive);
    }

    #[test]
    fn each_input_of_the_corpora_is_read_or_refused() {
        let corpora = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fuzz/corpus");
        for (name, read) in [("archive", archive as fn(&[u8])), ("stream", stream)] {
            let mut inputs = fs::read_dir(format!("{corpora}/{name}")).unwrap().peekable();
            assert!(inputs.peek().is_some(), "the corpus of {name} is empty");
            for input in inputs {
                read(&fs::read(input.unwrap().path()).unwrap());
            }
        }
    }

    /// Cuts a text short, and changes some of its bytes, many times.
    fn changed_everywhere(whole: &[u8], times: usize, read: fn(&[u8])) {
        read(whole);
        for cut in (0..whole.len()).step_by(whole.len() / 100) {
            read(&whole[..cut]);
        }
        // Numerical Recipes' generator: the same changes in every run.
        let mut state = 7_u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(state >> 33).unwrap() % below
        };
        for _ in 0..times {
            let mut changed = whole.to_vec();
            for _ in 0..=next(4) {
                let at = next(changed.len());
                changed[at] = u8::try_from(next(256)).unwrap();
            }
            read(&changed);
        }
    }
}
