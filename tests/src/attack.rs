//! Attacks on a plugin server: hostile repos, and callers that misuse the socket.
//!
//! [`cases`] lists them. Each is one recipe: a repo or a way to call, and the answer that the
//! server owes. The tests throw each at a server beside honest callers and compare what comes
//! back; the program `soak` mixes all of them for as long as it is told.

mod call;
mod cases;
mod fleet;
mod guests;
mod honest;
mod memory;
mod packed;
mod streams;

pub use call::{Answer, Call};
pub use cases::{Attack, Case, Owed, SHORT_LIMITS, cases, hostile_schemas};
pub use fleet::HostileFleet;
pub use honest::{Honest, Tally};
pub use memory::{MemoryWatch, process_bytes};
pub use packed::Packed;
pub use streams::{HOLD, Misuse};
