//! Random numbers of a seed.

/// A small generator with the same numbers on every system (Numerical Recipes).
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    /// Returns the generator of a seed.
    pub(super) fn of_seed(seed: u32) -> Self {
        let mut random = Self(u64::from(seed) ^ 0x9e37_79b9_7f4a_7c15);
        random.below(2);
        random
    }

    /// Returns a number below a bound; 0 if the bound is 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default().checked_rem(bound).unwrap_or_default()
    }

    /// Returns one of several items.
    ///
    /// # Panics
    /// If there are none.
    pub(super) fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }

    /// Returns `true` once in so many times.
    pub(super) fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}
