//! A waiver: the acceptance of a finding until a date.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Accepts the findings of one rule about this policy until a date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waiver {
    /// The code of the rule, as `ssprctl explain` lists it. What the service itself refuses cannot be waived.
    #[schemars(length(max = 64), regex(pattern = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"), extend("examples" = ["sms-voice-retirement"]))]
    pub rule: String,

    /// Why it is right for now, and what will end it, for whoever reads this next.
    #[schemars(length(min = 10, max = 500))]
    pub reason: String,

    /// Who answers for it: a team, a person or an address.
    #[schemars(length(min = 1, max = 200), extend("examples" = ["identity@contoso.com"]))]
    pub owner: String,

    /// The last day on which it is valid (UTC), at most a year ahead.
    // The calendar of this century as a pattern: validators disagree about whether `format` means anything.
    #[schemars(with = "String", regex(pattern = r"^20(?:\d\d-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|(?:[02468][048]|[13579][26])-02-29)$"), extend("examples" = ["2027-01-31"]))]
    pub expires: Date,
}
