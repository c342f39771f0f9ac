//! Collections of names by hash. A call has limited fuel, and comparing thousands of names with
//! each other would use it up.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A set of names.
pub(crate) type NameSet<'a> = HashSet<&'a str, BuildHasherDefault<Fnv>>;
/// Indexes of items by their names.
pub(crate) type NameMap<'a> = HashMap<&'a str, usize, BuildHasherDefault<Fnv>>;

/// The hash FNV-1a, which is cheap in fuel. It is not safe against crafted collisions, but those
/// only exhaust the fuel of the render that contains them.
#[derive(Clone, Copy)]
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
