//! All assumptions.

use crate::conformance::assumption::Assumption;
use crate::conformance::{graph, portal, sign_in};

/// Every assumption, in the order of docs/emulator.md.
pub(crate) fn all() -> impl Iterator<Item = &'static Assumption> {
    portal::ASSUMPTIONS.iter().chain(graph::ASSUMPTIONS).chain(sign_in::ASSUMPTIONS)
}

/// The name and the evidence of every assumption.
pub fn listed() -> Vec<(&'static str, &'static str)> {
    all().map(|assumption| (assumption.id, assumption.evidence.word())).collect()
}
