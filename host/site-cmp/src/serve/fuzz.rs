//! What a fuzzer, or a test with changed bytes, throws at the reader of streams and
//! archives: whatever comes, the answer is a tree or a refusal, never a panic, and what it
//! took is given back.

use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use prost::Message as _;
use site_render::finding::Problems;
use site_render::tree::Tree as _;
use tracing::Span;

use super::budget::Budget;
use super::call::Call;
use super::metrics::Metrics;
use super::proto::plugin::AppStreamRequest;
use super::receive;
use super::scope::Scope;
use super::trees::Trees;
use super::unpack::unpack;
use crate::server_limits::ServerLimits;

/// Reads bytes as the messages of a stream, each with its length before it.
///
/// # Panics
/// Where it has found something to mend.
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
    let budget = Budget::new(limits.in_flight_bytes);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let Ok(runtime) = runtime else { return };
    runtime.block_on(async {
        let trees = Trees::new(limits.clone(), budget.clone());
        let call = Call::begin("fuzz", Arc::new(Metrics::new()), Span::none());
        if let Ok(received) = receive::replay(messages, &trees, &limits, &call).await {
            let fleet = received.tree.fleet(&received.folder, "", |_| Err(Problems(Vec::new())));
            drop(fleet);
        }
    });
    drop(runtime);
    assert_eq!(budget.held(), 0, "bytes were not given back");
}

/// Reads bytes as the archive inside, packed without compression: a changed byte of what
/// is compressed is found by its check sum and goes no further.
///
/// # Panics
/// Where it has found something to mend.
pub fn archive(bytes: &[u8]) {
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    let packed = packed.write_all(bytes).and_then(|()| packed.finish());
    let (limits, budget) = (limits(), Budget::new(16 << 20));
    let (packed, scope) = (packed.unwrap_or_default(), Scope::default());
    scope.join("sites/probe");
    let unpacked = unpack(packed.as_slice(), &limits, &mut budget.account(), &scope);
    if let Ok((archive, _)) = unpacked {
        let archive = Arc::new(archive);
        if let Some((fleet, _)) = archive.fleet("sites/probe") {
            let _read = fleet.read("sites/probe/profile.yaml", 1 << 20);
            let _listed = fleet.list("sites");
        }
    }
    assert_eq!(budget.held(), 0, "bytes were not given back");
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
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::*;
    use crate::probe;

    /// A stream of the probe's, as bytes.
    fn whole() -> Vec<u8> {
        let messages = probe::stream(probe::archive().unwrap());
        messages.iter().flat_map(AppStreamRequest::encode_length_delimited_to_vec).collect()
    }

    #[test]
    fn a_stream_that_was_changed_anywhere_is_read_or_refused() {
        changed_everywhere(&whole(), 500, stream);
    }

    #[test]
    fn an_archive_that_was_changed_anywhere_is_read_or_refused() {
        let mut whole = Vec::new();
        let packed = probe::archive().unwrap();
        GzDecoder::new(packed.as_slice()).read_to_end(&mut whole).unwrap();
        changed_everywhere(&whole, 5000, archive);
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
