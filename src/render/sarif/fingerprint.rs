//! A name for a finding that stays when lines move, so that an alert is the same alert after an edit above it.

use std::collections::BTreeMap;

use crate::base::digest::fnv1a;

/// Hands out names; equal findings are counted, so that no two share one.
#[derive(Default)]
pub(super) struct Fingerprinter {
    seen: BTreeMap<u64, usize>,
}

impl Fingerprinter {
    /// The fingerprint of these parts.
    pub(super) fn of(&mut self, parts: &[&str]) -> String {
        let hash = fnv(parts);
        let times = self.seen.entry(hash).or_default();
        *times += 1;
        format!("{hash:016x}:{times}")
    }
}

/// FNV-1a with 64 bits: published, so that the names stay the same from one version to the next. The parts are separated by
/// a byte that is no part of UTF-8.
fn fnv(parts: &[&str]) -> u64 {
    fnv1a(parts.iter().flat_map(|part| part.bytes().chain([0xff])))
}

#[cfg(test)]
mod tests {
    use super::{Fingerprinter, fnv};

    #[test]
    fn names_are_stable_and_no_two_are_equal() {
        assert_eq!(fnv(&[]), 0xcbf2_9ce4_8422_2325);
        assert_ne!(fnv(&["ab", "c"]), fnv(&["a", "bc"]));
        let mut fingerprints = Fingerprinter::default();
        let first = fingerprints.of(&["drift", "a.yaml", "methods.required"]);
        assert_eq!(first, Fingerprinter::default().of(&["drift", "a.yaml", "methods.required"]));
        assert_ne!(first, fingerprints.of(&["drift", "a.yaml", "methods.required"]));
    }
}
