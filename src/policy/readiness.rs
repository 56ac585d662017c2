//! The condition of a step that asks more of people: it waits until enough of them can reset with it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::managed::Managed;

/// The key of a condition in a policy.
pub(crate) const KEY: &str = "readiness";
/// The settings in whose section it may be written, which it holds.
pub(crate) const HELD: [&str; 2] = ["scope.users", "methods.required"];

/// Holds the step of the same section until enough people are ready for it. Until then the tenant keeps what it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Readiness {
    /// The share that must be able to reset once the policy is applied, from `1%` to `100%`: of the people whom it permits to
    /// reset and of whom it is known, without administrators. Where more than a tenth is unclear, it is not reached.
    #[schemars(with = "String", regex(pattern = r"^(?:100|[1-9][0-9]?)%$"), extend("examples" = ["90%"]))]
    pub(crate) able: Share,

    /// How old the newest line of the registration report may be, in hours or days, from `1h` to `999d`. With an
    /// older one nothing is known.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(with = "String", regex(pattern = r"^[1-9][0-9]{0,2}[hd]$"), extend("default" = "2d", "examples" = ["2d", "36h"]))]
    pub(crate) report_age: Managed<ReportAge>,
}

impl Readiness {
    /// How old the report may be.
    #[must_use]
    pub(crate) fn most_age(&self) -> ReportAge {
        self.report_age.get().copied().unwrap_or(ReportAge { number: 2, days: true })
    }
}

/// A share of people in percent, from 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Share(pub(crate) u32);

impl TryFrom<String> for Share {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let percent = text.strip_suffix('%').and_then(|number| number.parse().ok());
        percent.filter(|percent| (1..=100).contains(percent)).map(Self).ok_or("no percentage from 1% to 100%")
    }
}

impl From<Share> for String {
    fn from(Share(percent): Share) -> Self {
        format!("{percent}%")
    }
}

/// The age of a report in whole hours or days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct ReportAge {
    number: u32,
    days: bool,
}

impl ReportAge {
    /// The age in hours.
    #[must_use]
    pub(crate) fn hours(self) -> i64 {
        i64::from(self.number) * if self.days { 24 } else { 1 }
    }
}

impl fmt::Display for ReportAge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.number, if self.days { "d" } else { "h" })
    }
}

impl TryFrom<String> for ReportAge {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let number = |number: &str, days| Some(Self { number: number.parse().ok()?, days });
        let days = text.strip_suffix('d').and_then(|text| number(text, true));
        days.or_else(|| text.strip_suffix('h').and_then(|text| number(text, false)))
            .ok_or("no hours or days, such as 2d")
    }
}

impl From<ReportAge> for String {
    fn from(age: ReportAge) -> Self {
        age.to_string()
    }
}
