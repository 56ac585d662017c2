//! What a run over one service alone leaves out.

use std::collections::BTreeSet;

use crate::cli::compose::Context;
use crate::cli::policies::LoadedPolicies;

impl LoadedPolicies {
    /// Says which settings this run leaves out, and why.
    pub fn report_skipped(&self, setup: &Context) {
        let names: BTreeSet<_> = self.left_out.iter().copied().collect();
        if !names.is_empty() {
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            setup.output.note(&format!("left out, because of --surfaces: {names}"));
        }
    }
}
