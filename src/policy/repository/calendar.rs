//! The `calendar` section of `ssprctl.yaml`: what no API says about the dates of Microsoft's service. A tenant may have a
//! telephony provider of its own, and Microsoft may have moved a date since this version was made.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::policy::managed::Managed;
use crate::policy::repository::controller::CalendarDay;

/// The id of the end of Microsoft's text messages and calls, the only entry for which a provider means anything.
pub(crate) const SMS_VOICE: &str = "sms-voice-retirement";

/// The id of every entry of the calendar. A test compares them with the table in `catalog::calendar`.
pub(crate) const IDS: [&str; 16] = [
    "combined-registration",
    "legacy-methods-unmanageable",
    "account-recovery",
    "mfa-for-own-credentials",
    "ca-registration-device-credentials",
    "passkeys-by-default",
    "registration-campaign-2026",
    "entra-connect-minimum",
    "registered-methods-campaign",
    "own-telephony-provider",
    "dynamic-group-memberof",
    "registered-methods-only",
    SMS_VOICE,
    "sms-sign-in-retirement",
    "security-questions-retirement",
    "sms-voice-retirement-late",
];

/// What the repository says about dates of the service, by the id of the entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct CalendarConfig(pub(crate) BTreeMap<String, CalendarChange>);

/// What is said about the end of Microsoft's text messages and calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CalendarChange {
    /// The day to which Microsoft moved the date (UTC).
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(with = "CalendarDay")]
    pub(crate) date: Managed<Date>,

    /// `true` where a telephony provider of the tenant's own sends text messages or calls.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("examples" = [true]))]
    pub(crate) provider: Managed<bool>,

    /// What the provider sends; without it both.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 2), extend("examples" = [["sms"]]))]
    pub(crate) channels: Managed<BTreeSet<TelephonyChannel>>,

    /// The groups whose members the provider serves, by object id; without it everybody.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(with = "Vec<GroupId>", length(min = 1, max = 100))]
    pub(crate) groups: Managed<Vec<String>>,

    /// The tenants to which it applies, as patterns; without it all.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 1_000), extend("examples" = [["contoso.*"]]))]
    pub(crate) tenants: Managed<Vec<String>>,

    /// How it is known, for whoever reads this next.
    #[schemars(length(min = 10, max = 500))]
    pub(crate) reason: String,
}

/// What a telephony provider sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum TelephonyChannel {
    /// Text messages.
    Sms,
    /// Calls.
    Voice,
}

/// A date that Microsoft moved.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used: every entry is read as a `CalendarChange`")]
struct MovedEntry {
    /// The day to which Microsoft moved the date (UTC).
    date: CalendarDay,

    /// The tenants to which it applies, as patterns; without it all.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(min = 1, max = 1_000), extend("examples" = [["contoso.*"]]))]
    tenants: Managed<Vec<String>>,

    /// How it is known, for whoever reads this next.
    #[schemars(length(min = 10, max = 500))]
    reason: String,
}

/// The object id of a group.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
struct GroupId(
    #[schemars(regex(pattern = r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"), extend("examples" = ["5f0c1a52-7a55-4e4c-9d0e-3a1f6f7f2b10"]))]
    #[expect(dead_code, reason = "only its schema is used")]
    String,
);

impl JsonSchema for CalendarConfig {
    fn schema_name() -> Cow<'static, str> {
        "Calendar".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let phones = generator.subschema_for::<CalendarChange>().to_value();
        let others = generator.subschema_for::<MovedEntry>().to_value();
        let entry = |id: &&str| {
            let mut schema = if *id == SMS_VOICE { phones.clone() } else { others.clone() };
            if let Some(keys) = schema.as_object_mut() {
                keys.insert(
                    "description".to_owned(),
                    json!(format!("The date `{id}`, where something is known that this version does not know.")),
                );
            }
            ((*id).to_owned(), schema)
        };
        let properties: Map<String, Value> = IDS.iter().map(entry).collect();
        let schema = json!({
            "type": "object",
            "description": "What the repository says about dates of the service, by the id of the entry.",
            "properties": properties,
            "additionalProperties": false,
        });
        schema.try_into().unwrap_or_default()
    }
}
