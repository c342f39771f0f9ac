//! Archives that cost more to unpack, or to keep, than they say.

use bytes::Bytes;
use serde_json::json;

use super::super::fleet::{DEADLINE, HostileFleet};
use super::super::guests;
use super::super::streams::Misuse;
use super::{Attack, Call, Case, Owed, site_call};

static ZEROS: [u8; 30 << 20] = [0; 30 << 20];

pub(super) const CASES: &[Case] = &[
    Case::new(
        28,
        "4-trees-of-links-with-long-paths",
        |seed| {
            let deep = format!("sites/edge/{}", format!("{}/", "d".repeat(200)).repeat(15));
            let fleet = (0..10_000)
                .fold(HostileFleet::new(), |fleet, at| fleet.link(&format!("{deep}{at}"), "x"));
            each_new(&fleet, 4, seed)
        },
        Owed::Any,
    ),
    Case::new(
        28,
        "12-waiting-calls-with-trees-of-60-mib",
        |seed| {
            let zeros = Bytes::from_static(&ZEROS);
            let fleet = HostileFleet::new()
                .file("zz/zeros-1", zeros.clone())
                .file("zz/zeros-2", zeros)
                .policy(
                    "hostile",
                    guests::setting("hostile", "/seed", &seed.to_string()),
                    json!({}),
                );
            each_new(&fleet, 12, seed)
        },
        Owed::Any,
    ),
    Case::new(
        28,
        "30-applications-of-a-repo-of-fleets-and-links",
        |seed| {
            let fleet = (0..20_000).fold(HostileFleet::new(), |fleet, at| {
                fleet.link(&format!("Links/{at}"), "x").file(&format!("a/{at}/policies.lock"), "")
            });
            let call = site_call(&fleet, seed);
            let of = |at| Call { folder: format!("a/{at}"), ..call.clone() };
            Attack::Calls((0..30).map(of).collect())
        },
        Owed::Any,
    ),
    Case::new(
        28,
        "100-callers-that-leave-their-zeros",
        |seed| {
            let fleet = (0..16).fold(HostileFleet::new(), |fleet, at| {
                fleet.file(&format!(".git/{at}"), Bytes::from_static(&ZEROS))
            });
            let call = Call { deadline: DEADLINE, ..site_call(&fleet, seed) };
            Attack::Streams(Misuse::Leave, call, 100)
        },
        Owed::Any,
    ),
];

/// Returns so many calls, each with an archive of its own.
fn each_new(fleet: &HostileFleet, calls: u64, seed: u64) -> Attack {
    Attack::Calls((0..calls).map(|at| site_call(fleet, seed * 100 + at)).collect())
}
