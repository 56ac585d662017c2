//! The clock of tests: a debug build can be on another day than the machine.

use jiff::SignedDuration;

/// The variable that moves the clock of a debug build by a length of time, such as `-36h`, so that tests run on a fixed day.
const CLOCK_SHIFT: &str = "SSPRCTL_TEST_CLOCK_SHIFT";

/// How far the clock of this process is from the machine's: nothing, but for a debug build with [`CLOCK_SHIFT`].
pub(crate) fn clock_shift() -> SignedDuration {
    let shift = std::env::var(CLOCK_SHIFT).ok().filter(|_| cfg!(debug_assertions));
    shift.and_then(|length| length.parse().ok()).unwrap_or_default()
}
