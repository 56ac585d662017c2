//! What a run over one service alone leaves out.

use std::collections::BTreeSet;

use crate::cli::compose::Setup;
use crate::cli::policies::Gathered;

impl Gathered {
    /// Says which settings this run leaves out, and why.
    pub fn tell_left_out(&self, setup: &Setup) {
        let names: BTreeSet<_> = self.left_out.iter().copied().collect();
        if !names.is_empty() {
            let names = names.into_iter().collect::<Vec<_>>().join(", ");
            setup.output.talk(&format!("left out, because of --surfaces: {names}"));
        }
    }
}
