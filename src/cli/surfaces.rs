//! Which services a run uses.

use clap::ValueEnum;

use crate::tenant::surface::Service;

/// Which services are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Services {
    /// Both
    All,
    /// The Entra portal API alone
    Portal,
    /// Microsoft Graph alone
    Graph,
}

impl Services {
    /// The services themselves.
    #[must_use]
    pub fn services(self) -> &'static [Service] {
        match self {
            Self::All => &Service::ALL,
            Self::Portal => &[Service::Portal],
            Self::Graph => &[Service::Graph],
        }
    }
}
