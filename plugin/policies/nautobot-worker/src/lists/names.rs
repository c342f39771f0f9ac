//! Names by their hash: a list of thousands has to be looked through without comparing each
//! with many others, because a call has limited fuel.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Names, each once.
pub(crate) type NameSet<'a> = HashSet<&'a str, BuildHasherDefault<Fnv>>;
/// Numbers of items by their names.
pub(crate) type NameMap<'a> = HashMap<&'a str, usize, BuildHasherDefault<Fnv>>;

/// FNV-1a. Names that are made to collide cost their own render its fuel and nothing else.
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
