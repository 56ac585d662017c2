//! The file of `--faults`, key by key; its JSON Schema is generated from these types.

use std::time::Duration;

use axum::http;
use jiff::SignedDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::faults::fault::{Action, Fault, Faults, Moment, PageFault, RequestFilter, RetryAfter, ShapeChange};
use crate::methods::defaults;
use crate::portal_user::edit::SETTINGS;

/// The faults of the embedded tenants, and when they act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "ssprctl faults")]
pub struct FaultsFile {
    /// The version of this format. Always 1.
    #[schemars(range(min = 1, max = 1), extend("examples" = [1]))]
    pub(crate) version: u32,

    /// How long every reply takes, in milliseconds, in addition to delays of faults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(max = 600_000), extend("default" = 0))]
    pub(crate) latency_ms: Option<u32>,

    /// Whether the limits apply that Microsoft documents for Graph: 5 requests in 10 seconds for reports and the audit
    /// log, 1 a second for Conditional Access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool", extend("default" = false))]
    pub(crate) throttling: Option<bool>,

    /// The faults. Each counts its own matching requests; if several act on one request, they act in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    pub(crate) faults: Vec<FaultEntry>,
}

/// Faults on some requests: which requests, from which one on, how often, and what happens to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FaultEntry {
    /// Only requests with this method; every method if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Verb")]
    pub(crate) method: Option<Verb>,

    /// Only requests whose path contains this text, in any casing; every path if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1, max = 256), extend("examples" = ["PasswordResetPolicies", "/v1.0/policies/authorizationPolicy"]))]
    pub(crate) path: Option<String>,

    /// How many matching requests pass before the fault acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(max = 1_000_000), extend("default" = 0))]
    pub(crate) after: Option<u32>,

    /// After that, the fault acts on the first of every so many matching requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 1, max = 1_000_000), extend("default" = 1))]
    pub(crate) every: Option<u32>,

    /// On how many requests the fault acts; without end if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 1, max = 1_000_000), extend("examples" = [1]))]
    pub(crate) times: Option<u32>,

    /// What happens to these requests. Several keys act together.
    pub(crate) fault: FaultEffects,
}

/// An HTTP method that the services accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Verb {
    /// Reads a document or a collection.
    Get,
    /// Replaces a document of the portal.
    Put,
    /// Changes a document of Graph.
    Patch,
    /// Creates, sends a batch, or requests a token.
    Post,
    /// Deletes an object of Graph.
    Delete,
}

/// What happens to a request. At least one key; several act together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("minProperties" = 1))]
pub(crate) struct FaultEffects {
    /// The reply is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ErrorReply")]
    pub(crate) error: Option<ErrorReply>,

    /// The connection is reset instead of a reply, before or after the service acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Moment")]
    pub(crate) reset: Option<Moment>,

    /// The connection ends after so many bytes of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(max = 4_194_304), extend("examples" = [20]))]
    pub(crate) truncate_at_bytes: Option<u32>,

    /// The body is sent in pieces of 64 bytes, with a pause of so many milliseconds before each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(max = 600_000), extend("examples" = [200]))]
    pub(crate) slow_body_ms: Option<u32>,

    /// The reply is delayed by so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(max = 600_000), extend("examples" = [2000]))]
    pub(crate) delay_ms: Option<u32>,

    /// After a successful write, so many reads of the same path return the old document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 1, max = 1_000_000), extend("examples" = [3]))]
    pub(crate) stale_reads: Option<u32>,

    /// After a successful write, reads of the same path return the new document and the old one in turn, until the old
    /// one was returned so many times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 1, max = 1_000_000), extend("examples" = [1]))]
    pub(crate) flapping_reads: Option<u32>,

    /// The write is reported as successful and changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool", extend("default" = false))]
    pub(crate) lose_write: Option<bool>,

    /// The write leaves out this top-level key of the document, in the service's own spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1, max = 256), extend("examples" = ["notifyOnAdminPasswordReset"]))]
    pub(crate) ignore_key: Option<String>,

    /// A portal user changes a setting. Before a write, this is between the check of the preconditions and the write;
    /// after the first read, between the plan and that check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ForeignEdit")]
    pub(crate) foreign_edit: Option<ForeignEdit>,

    /// The token counts as expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool", extend("default" = false))]
    pub(crate) expire_token: Option<bool>,

    /// The service's clock is so many seconds ahead, or behind if negative, in the `Date` header and for tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i32", range(min = -31_536_000, max = 31_536_000), extend("examples" = [-600]))]
    pub(crate) clock_skew_seconds: Option<i32>,

    /// The document in the reply lacks this top-level key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1, max = 256), extend("examples" = ["enablementType"]))]
    pub(crate) drop_key: Option<String>,

    /// In the document of the reply, this top-level key has a value of another type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1, max = 256), extend("examples" = ["enablementType"]))]
    pub(crate) retype_key: Option<String>,

    /// The document in the reply has this additional top-level key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1, max = 256), extend("examples" = ["passkeyResetEnabled"]))]
    pub(crate) add_key: Option<String>,

    /// In the document of the reply, the keys at this path have this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "SetKey")]
    pub(crate) set_key: Option<SetKey>,

    /// In the document of the reply, this top-level key has another number in every reply, so that no two reads agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1, max = 256), extend("examples" = ["passkeyResetCounter"]))]
    pub(crate) restless_key: Option<String>,

    /// In a list, so many pages without items come before each page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 1, max = 1000), extend("examples" = [1]))]
    pub(crate) empty_pages: Option<u32>,

    /// In a list, pages hold so many items at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 1, max = 999), extend("examples" = [1]))]
    pub(crate) page_items: Option<u32>,

    /// In a list, the links to the next page lead through so many pages and back to the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 1, max = 1000), extend("examples" = [2]))]
    pub(crate) circle: Option<u32>,

    /// In a list, the link to the next page leads to this scheme and host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1, max = 256), extend("examples" = ["https://graph.example.com"]))]
    pub(crate) foreign_link: Option<String>,
}

/// An error in place of the service's reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ErrorReply {
    /// The HTTP status of the reply.
    #[schemars(range(min = 400, max = 599), extend("examples" = [429, 503]))]
    pub(crate) status: u16,

    /// The seconds of `Retry-After`; without it the reply has no such header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(max = 86_400), extend("examples" = [5]))]
    pub(crate) retry_after_seconds: Option<u32>,

    /// Whether `Retry-After` is written as a date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "bool", extend("default" = false))]
    pub(crate) as_date: Option<bool>,

    /// Before: the service never receives the request. After: it acts, and only its reply is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Moment", extend("default" = "before"))]
    pub(crate) when: Option<Moment>,
}

/// Another value in the document of a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SetKey {
    /// The keys from the outside to the inside, separated by `/`; `*` is every item of a list.
    #[schemars(length(min = 1, max = 256), extend("examples" = ["registrationEnforcement/authenticationMethodsRegistrationCampaign/state", "value/*/isAdmin"]))]
    pub(crate) path: String,
    /// The value, as JSON.
    pub(crate) value: Value,
}

/// A change that a portal user makes meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ForeignEdit {
    /// Before or after the request.
    pub(crate) when: Moment,
    /// The setting, as `ssprctl explain` names it.
    pub(crate) setting: EditableSetting,
    /// The new value, as `ssprctl sandbox set` takes it.
    #[schemars(length(max = 4096))]
    pub(crate) value: String,
}

/// A setting that a portal user can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EditableSetting(pub String);

/// The names come from the tables of other files, so the schema is not derived.
impl JsonSchema for EditableSetting {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "EditableSetting".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let methods = defaults::ids().map(|id| format!("authenticationMethods.{id}.state"));
        let names: Vec<String> = SETTINGS
            .iter()
            .map(|name| (*name).to_owned())
            .chain(["authenticationMethods.policyMigrationState".to_owned()])
            .chain(methods)
            .collect();
        json_schema!({
            "type": "string",
            "description": "A setting that a portal user can change.",
            "enum": names,
        })
    }
}

impl FaultsFile {
    /// The faults that the file describes.
    #[must_use]
    pub fn faults(self) -> Faults {
        let Self { version: _, latency_ms, throttling, faults } = self;
        Faults {
            latency: millis(latency_ms.unwrap_or_default()),
            throttling: throttling.unwrap_or_default(),
            throttling_speed: 1,
            scripted: faults.into_iter().flat_map(FaultEntry::faults).collect(),
        }
    }
}

impl FaultEntry {
    fn faults(self) -> Vec<Fault> {
        let Self { method, path, after, every, times, fault } = self;
        let filter = RequestFilter { method: method.map(Verb::method), path_contains: path.unwrap_or_default() };
        let (after, every) = (after.unwrap_or_default(), every.unwrap_or(1));
        let acting = |action| Fault { filter: filter.clone(), after, every, times, action };
        fault.actions().into_iter().map(acting).collect()
    }
}

impl FaultEffects {
    fn actions(self) -> Vec<Action> {
        let Self {
            error,
            reset,
            truncate_at_bytes,
            slow_body_ms,
            delay_ms,
            stale_reads,
            flapping_reads,
            lose_write,
            ignore_key,
            foreign_edit,
            expire_token,
            clock_skew_seconds,
            drop_key,
            retype_key,
            add_key,
            set_key,
            restless_key,
            empty_pages,
            page_items,
            circle,
            foreign_link,
        } = self;
        let bytes = |bytes| Action::Truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
        let actions = [
            error.map(ErrorReply::action),
            reset.map(Action::Reset),
            truncate_at_bytes.map(bytes),
            slow_body_ms.map(|time| Action::SlowBody(millis(time))),
            delay_ms.map(|time| Action::Delay(millis(time))),
            stale_reads.map(Action::StaleReads),
            flapping_reads.map(Action::FlappingReads),
            (lose_write == Some(true)).then_some(Action::LostWrite),
            ignore_key.map(Action::IgnoreKey),
            foreign_edit.map(ForeignEdit::action),
            (expire_token == Some(true)).then_some(Action::ExpiredToken),
            clock_skew_seconds.map(|seconds| Action::ClockSkew(SignedDuration::from_secs(seconds.into()))),
            drop_key.map(|key| Action::ChangeShape(ShapeChange::DropKey(key))),
            retype_key.map(|key| Action::ChangeShape(ShapeChange::RetypeKey(key))),
            add_key.map(|key| Action::ChangeShape(ShapeChange::AddKey(key))),
            set_key.map(|SetKey { path, value }| Action::ChangeShape(ShapeChange::SetKey(path, value))),
            restless_key.map(|key| Action::ChangeShape(ShapeChange::RestlessKey(key))),
            empty_pages.map(|pages| Action::Pages(PageFault::Empty(pages))),
            page_items.map(|items| Action::Pages(PageFault::Items(items))),
            circle.map(|pages| Action::Pages(PageFault::Circle(pages))),
            foreign_link.map(|base| Action::Pages(PageFault::ForeignLink(base))),
        ];
        actions.into_iter().flatten().collect()
    }
}

impl ErrorReply {
    fn action(self) -> Action {
        let Self { status, retry_after_seconds, as_date, when } = self;
        let retry_after = retry_after_seconds.map(|seconds| match as_date {
            Some(true) => RetryAfter::Date(seconds),
            _ => RetryAfter::Seconds(seconds),
        });
        Action::Refuse { status, retry_after, moment: when.unwrap_or(Moment::Before) }
    }
}

impl ForeignEdit {
    fn action(self) -> Action {
        let Self { when, setting: EditableSetting(setting), value } = self;
        Action::ForeignEdit { moment: when, setting, value }
    }
}

impl Verb {
    fn method(self) -> http::Method {
        match self {
            Self::Get => http::Method::GET,
            Self::Put => http::Method::PUT,
            Self::Patch => http::Method::PATCH,
            Self::Post => http::Method::POST,
            Self::Delete => http::Method::DELETE,
        }
    }
}

fn millis(number: u32) -> Duration {
    Duration::from_millis(number.into())
}
