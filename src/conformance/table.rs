//! All assumptions.

use crate::conformance::assumption::Assumption;
use crate::conformance::trial::Trial;
use crate::conformance::{graph, graph_trials, portal, portal_trials, sign_in};

/// Every assumption, in the order of docs/emulator.md.
pub(crate) fn all() -> impl Iterator<Item = &'static Assumption> {
    portal::ASSUMPTIONS.iter().chain(graph::ASSUMPTIONS).chain(sign_in::ASSUMPTIONS)
}

/// Every write, in the order in which they are tried.
pub(crate) fn all_trials() -> impl Iterator<Item = &'static Trial> {
    portal_trials::ALL.iter().chain(graph_trials::ALL)
}

/// The name and the evidence of every assumption.
pub fn listed() -> Vec<(&'static str, &'static str)> {
    all().map(|assumption| (assumption.id, assumption.evidence.word())).collect()
}
