//! Callers that stall, send too much at once, or only hold connections.

use std::time::Duration;

use super::super::fleet::{DEADLINE, HostileFleet};
use super::super::streams::{Misuse, PREFACE};
use super::{Attack, Case, Owed, site_call};

/// A deadline that nobody waits for.
const LONG: Duration = Duration::from_hours(1);
/// A limit of the operator that ends such a call.
pub const SHORT: &str = "server: {milliseconds: 25000}\n";
const LIMIT: Owed = Owed::Error(&["error["]);
const MIB: usize = 1 << 20;

pub(super) const CASES: &[Case] = &[
    Case::new(22, "300-streams-that-stall", |seed| misuse(Misuse::Stall, 300, LONG, seed), LIMIT)
        .under(SHORT),
    Case::new(22, "300-streams-that-drip", |seed| misuse(Misuse::Drip, 300, LONG, seed), LIMIT)
        .under(SHORT),
    Case::new(
        23,
        "14-messages-of-90-mib",
        |seed| misuse(Misuse::Message(90 * MIB), 14, DEADLINE, seed),
        LIMIT,
    ),
    Case::new(
        23,
        "200-messages-that-only-claim-90-mib",
        |seed| misuse(Misuse::Claim { bytes: 90 * MIB, sent: 0 }, 200, LONG, seed),
        LIMIT,
    )
    .under(SHORT),
    Case::new(
        23,
        "600-messages-of-90-mib-of-which-one-arrives",
        |seed| misuse(Misuse::Claim { bytes: 90 * MIB, sent: MIB }, 600, LONG, seed),
        LIMIT,
    )
    .under(SHORT),
    Case::new(
        23,
        "two-million-variables-without-a-name",
        |seed| Attack::Calls(vec![with_empty_variables(2_000_000, seed); 2]),
        Owed::Any,
    ),
    Case::new(28, "4700-connections-without-a-request", |_| Attack::Connections(4700), Owed::Any),
    Case::new(28, "5500-connections-that-return", |_| Attack::Returning(5500, b""), Owed::Any),
    Case::new(28, "5500-prefaces-that-return", |_| Attack::Returning(5500, PREFACE), Owed::Any),
    Case::new(
        28,
        "1100-calls-without-a-message",
        |seed| Attack::Unbegun(site_call(&HostileFleet::new(), seed), 1100),
        Owed::Any,
    ),
    Case::new(
        28,
        "60-new-trees-of-a-megabyte",
        |seed| {
            let trees = (0..60).map(|at| {
                let seed = seed * 100 + at;
                let fleet = HostileFleet::new().file("sites/edge/large", noise(MIB, seed));
                site_call(&fleet, seed)
            });
            Attack::Calls(trees.collect())
        },
        Owed::Manifests,
    ),
];

fn misuse(misuse: Misuse, streams: usize, deadline: Duration, seed: u64) -> Attack {
    let call = site_call(&HostileFleet::new(), seed);
    Attack::Streams(misuse, super::Call { deadline, ..call }, streams)
}

fn with_empty_variables(count: usize, seed: u64) -> super::Call {
    let mut call = site_call(&HostileFleet::new(), seed);
    call.variables.extend(std::iter::repeat_n((String::new(), String::new()), count));
    call
}

/// Returns bytes that do not pack, the same for the same seed.
fn noise(bytes: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        // Xorshift: as random as this needs.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    (0..bytes).map(|_| next()).collect()
}
