//! A set of paths of which only hashes are kept, so that a long path takes no more memory than a
//! short one. It may take a path for another one, with a chance of one in 2^64 that nobody can
//! aim at.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, DefaultHasher, Hasher as _, RandomState};

/// The most memory of a path, in bytes: a hash and its part of a table that grows.
pub(super) const PATH_BYTES: u64 = 32;

/// A set of normalized paths.
#[derive(Debug, Default)]
pub(super) struct PathSet {
    seed: RandomState,
    hashes: HashSet<u64>,
}

impl PathSet {
    /// Adds a path.
    pub(super) fn insert(&mut self, path: &str) {
        let last = steps(self.seed.build_hasher(), path).last();
        self.hashes.extend(last);
    }

    /// Adds a path and every folder above it.
    pub(super) fn insert_steps_of(&mut self, path: &str) {
        self.hashes.extend(steps(self.seed.build_hasher(), path));
    }

    /// Returns whether it has a path.
    pub(super) fn contains(&self, path: &str) -> bool {
        let last = steps(self.seed.build_hasher(), path).last();
        last.is_some_and(|hash| self.hashes.contains(&hash))
    }

    /// Returns whether it has a path or a folder above it.
    pub(super) fn has_step_of(&self, path: &str) -> bool {
        !self.hashes.is_empty()
            && steps(self.seed.build_hasher(), path).any(|hash| self.hashes.contains(&hash))
    }

    /// Returns the number of paths.
    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Returns the memory that it takes, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.hashes.len() as u64 * PATH_BYTES
    }
}

/// Returns the hash of each folder on the way to a path, and of the path itself. All together
/// cost as much as one of them.
fn steps(mut hasher: DefaultHasher, path: &str) -> impl Iterator<Item = u64> {
    path.split('/').map(move |part| {
        hasher.write(part.as_bytes());
        hasher.write_u8(b'/');
        hasher.finish()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_by_itself_and_from_below() {
        let mut set = PathSet::default();
        assert!(!set.has_step_of("a/b"));
        set.insert("a/b");
        assert!(set.contains("a/b") && !set.contains("a") && !set.contains("a/b/c"));
        assert!(set.has_step_of("a/b") && set.has_step_of("a/b/c/d"));
        assert!(!set.has_step_of("a/bc") && !set.has_step_of("ab") && !set.has_step_of("b/a/b"));
        set.insert_steps_of("x/y/z");
        assert!(set.contains("x") && set.contains("x/y") && set.contains("x/y/z"));
        assert_eq!((set.len(), set.bytes()), (4, 4 * PATH_BYTES));
    }
}
