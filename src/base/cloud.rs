//! The Microsoft clouds a tenant can live in. Their hosts are in `client::cloud`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The Microsoft cloud that hosts the tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Cloud {
    /// The public cloud, GCC included.
    #[default]
    Global,
    /// US Government L4 (GCC High).
    UsGov,
    /// US Government L5 (DoD).
    UsGovDod,
    /// China, operated by 21Vianet.
    China,
}

impl Cloud {
    /// Every cloud, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Global, Self::UsGov, Self::UsGovDod, Self::China];

    /// The word used in policies and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::UsGov => "usGov",
            Self::UsGovDod => "usGovDod",
            Self::China => "china",
        }
    }

    /// Where people reset their password: Microsoft's tutorial of self-service password reset. `None` where no page is documented.
    #[must_use]
    pub(crate) fn reset_page(self) -> Option<&'static str> {
        match self {
            Self::Global => Some("https://aka.ms/sspr"),
            Self::UsGov | Self::UsGovDod | Self::China => None,
        }
    }

    /// Where people register for it, by the same tutorial.
    #[must_use]
    pub(crate) fn registration_page(self) -> Option<&'static str> {
        match self {
            Self::Global => Some("https://aka.ms/ssprsetup"),
            Self::UsGov | Self::UsGovDod | Self::China => None,
        }
    }

    /// The cloud of that word, if there is one.
    #[must_use]
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cloud| cloud.name() == word)
    }
}
