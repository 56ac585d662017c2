//! Exceptions in the form in which a review file saves them.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::exceptions::{Exception, ExceptionKind};

/// An exception that was in force. Its line is not saved: what is written above it may change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Exception")]
pub(crate) struct SavedException {
    /// What the exception does, in one word.
    kind: SavedExceptionKind,
    /// The code of the rule or of the change, the key of the limit, such as `limits.tenants`, or the id of the date.
    name: String,
    /// The file that makes it; absent for an option of the command line, and for a line that was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The value of the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<u32>,
    /// Whether it is in percent of people; absent for a number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    percent: bool,
    /// The last day of a waiver (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    expires: Option<Date>,
    /// The day to which a date was moved, or what a telephony provider sends and to whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    says: Option<String>,
}

/// What an exception does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExceptionKind")]
enum SavedExceptionKind {
    /// A rule is off.
    RuleOff,
    /// A rule has a lower severity.
    RuleLowered,
    /// A limit is higher or gone.
    LimitRaised,
    /// A destructive change is allowed.
    ChangeAllowed,
    /// A waiver accepts the findings of a rule.
    Waiver,
    /// A date of the service is another one.
    DateMoved,
    /// A telephony provider of the tenant's own sends texts or calls.
    OwnProvider,
}

impl From<&Exception> for SavedException {
    fn from(exception: &Exception) -> Self {
        Self {
            kind: match exception.kind {
                ExceptionKind::RuleOff => SavedExceptionKind::RuleOff,
                ExceptionKind::RuleLowered => SavedExceptionKind::RuleLowered,
                ExceptionKind::LimitRaised => SavedExceptionKind::LimitRaised,
                ExceptionKind::ChangeAllowed => SavedExceptionKind::ChangeAllowed,
                ExceptionKind::Waiver => SavedExceptionKind::Waiver,
                ExceptionKind::DateMoved => SavedExceptionKind::DateMoved,
                ExceptionKind::OwnProvider => SavedExceptionKind::OwnProvider,
            },
            name: exception.name.clone(),
            path: exception.place.as_ref().map(|place| place.source.path.clone()),
            value: exception.value,
            percent: exception.percent,
            expires: exception.waiver.as_ref().map(|waiver| waiver.expires),
            says: exception.calendar.as_ref().map(|calendar| calendar.says.clone()),
        }
    }
}
