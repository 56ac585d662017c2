//! Numbers that look random, the same in each run, for tests over made-up tenants.

/// A sequence of numbers that look random (SplitMix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below the bound.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// True in so many of a hundred cases.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// What was read, or in a few cases nothing.
    pub(super) fn read<T>(&mut self, value: T) -> Option<T> {
        (!self.chance(4)).then_some(value)
    }
}
