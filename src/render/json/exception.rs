//! Exceptions, as several documents have them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::render::text::exceptions::{reason, says};
use crate::review::exceptions::{Exception, ExceptionChange, ExceptionKind};

/// Something that the repository, a policy or the caller of the run excepts from the rules and limits.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Exception")]
pub(crate) struct ExceptionJson {
    /// What the exception does, in one word.
    kind: ExceptionKindJson,
    /// The code of the rule or of the change, the key of the limit, such as `limits.tenants`, or the id of the date.
    name: String,
    /// The same in words.
    message: String,
    /// The file, relative to where the run started, with `/`; absent for an option of the command line, and where a
    /// line was removed from the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    line: Option<usize>,
    /// The column, from 1, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    column: Option<usize>,
    /// The value of the limit; absent for a limit that was removed, and for every other kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<u32>,
    /// Whether the value of `limits.losing` is in percent; absent for a number.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    percent: bool,
    /// Why, for a waiver and for what `calendar` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Who answers for it, for a waiver.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// The last day of a waiver (UTC).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    expires: Option<String>,
    /// The day to which a date was moved, or what a telephony provider sends and to whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<String>,
    /// How many tenants have it, for a waiver and for what `calendar` says.
    #[serde(skip_serializing_if = "Option::is_none")]
    tenants: Option<usize>,
    /// How many findings of this run it silences, accepts, lowers or allows.
    findings: usize,
    /// How it compares with the commit of `--base`; absent without one, and for options of the command line.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<ExceptionChangeJson>,
    /// What was in its place there, where it was widened: a severity, a number, a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    was: Option<String>,
}

/// What an exception does.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExceptionKind")]
enum ExceptionKindJson {
    /// `rules` of `ssprctl.yaml` turns a rule off.
    RuleOff,
    /// A rule has a lower severity than by default, or than at the base.
    RuleLowered,
    /// One run may change more than by default, or than at the base.
    LimitRaised,
    /// `limits.allow` or `--allow` lets a destructive change through.
    ChangeAllowed,
    /// A waiver of a policy accepts the findings of a rule until a date.
    Waiver,
    /// A date of the service is another one than this version knows.
    DateMoved,
    /// A telephony provider of the tenant's own sends texts or calls.
    OwnProvider,
}

/// How an exception compares with an earlier commit.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ExceptionChange")]
enum ExceptionChangeJson {
    /// It was not there.
    New,
    /// It was there and excuses more now.
    Widened,
    /// It is as it was.
    Unchanged,
}

/// The exceptions in the order given.
pub(crate) fn exceptions_json(exceptions: &[Exception]) -> Vec<ExceptionJson> {
    exceptions.iter().map(exception).collect()
}

fn exception(exception: &Exception) -> ExceptionJson {
    let Exception { kind, name, place, value, percent, waiver, calendar, tenants, findings, change, was } = exception;
    let (line, column) = place.as_ref().map(|place| place.line_column()).unzip();
    ExceptionJson {
        kind: match kind {
            ExceptionKind::RuleOff => ExceptionKindJson::RuleOff,
            ExceptionKind::RuleLowered => ExceptionKindJson::RuleLowered,
            ExceptionKind::LimitRaised => ExceptionKindJson::LimitRaised,
            ExceptionKind::ChangeAllowed => ExceptionKindJson::ChangeAllowed,
            ExceptionKind::Waiver => ExceptionKindJson::Waiver,
            ExceptionKind::DateMoved => ExceptionKindJson::DateMoved,
            ExceptionKind::OwnProvider => ExceptionKindJson::OwnProvider,
        },
        name: name.clone(),
        message: says(exception),
        path: place.as_ref().map(|place| place.source.path.clone()),
        line,
        column,
        value: *value,
        percent: *percent,
        reason: reason(exception).map(str::to_owned),
        owner: waiver.as_ref().map(|waiver| waiver.owner.clone()),
        expires: waiver.as_ref().map(|waiver| waiver.expires.to_string()),
        says: calendar.as_ref().map(|calendar| calendar.says.clone()),
        tenants: (waiver.is_some() || calendar.is_some()).then_some(*tenants),
        findings: *findings,
        change: change.map(|change| match change {
            ExceptionChange::New => ExceptionChangeJson::New,
            ExceptionChange::Widened => ExceptionChangeJson::Widened,
            ExceptionChange::Unchanged => ExceptionChangeJson::Unchanged,
        }),
        was: was.clone(),
    }
}
