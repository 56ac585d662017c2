//! Which services a run uses.

use clap::ValueEnum;

use crate::tenant::surface::System;

/// Which services are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Surfaces {
    /// Both
    All,
    /// The Entra portal API alone
    Portal,
    /// Microsoft Graph alone
    Graph,
}

impl Surfaces {
    /// The services themselves.
    #[must_use]
    pub fn systems(self) -> &'static [System] {
        match self {
            Self::All => &System::ALL,
            Self::Portal => &[System::Portal],
            Self::Graph => &[System::Graph],
        }
    }
}
