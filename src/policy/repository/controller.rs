//! The `controller` section of `ssprctl.yaml`: which tenants are suspended, when nothing is written, and whom to
//! notify.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::managed::Managed;

/// How the controller reconciles the tenants of this repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Controller")]
pub struct ControllerConfig {
    /// Suspended tenants, which are neither read nor written. Patterns such as `contoso.*`, compared with `tenant` as
    /// the policies write it.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("maxItems" = 1000))]
    pub(crate) suspend: Managed<Vec<String>>,

    /// Times in which nothing is written. Drift is still reported.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("maxItems" = 100))]
    pub(crate) freeze: Managed<Vec<FreezeWindow>>,

    /// Who is notified when the state of a tenant changes.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("maxItems" = 20))]
    pub(crate) notify: Managed<Vec<NotificationTarget>>,
}

/// A time in which nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FreezeWindow {
    /// The reason, for people who wait for a change.
    #[schemars(length(min = 3, max = 200), extend("examples" = ["no changes at the weekend"]))]
    pub(crate) reason: String,

    /// The days of the week; without it every day.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("maxItems" = 7))]
    pub(crate) days: Managed<Vec<Day>>,

    /// When it begins on each day; without it at midnight.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(with = "TimeOfDay")]
    pub(crate) from: Managed<String>,

    /// When it ends; without it at the end of the day. A time that is not later than `from` is on the next day.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(with = "TimeOfDay")]
    pub(crate) to: Managed<String>,

    /// The first day on which it counts.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(with = "CalendarDay")]
    pub(crate) first_day: Managed<Date>,

    /// The last day on which it counts.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(with = "CalendarDay")]
    pub(crate) last_day: Managed<Date>,

    /// The time zone by its IANA name; without it UTC.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(max = 64), extend("examples" = ["Europe/Berlin"]))]
    pub(crate) time_zone: Managed<String>,

    /// The tenants to which it applies, as patterns; without it all.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("maxItems" = 1000))]
    pub(crate) tenants: Managed<Vec<String>>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A receiver of notifications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotificationTarget {
    /// The kind of receiver.
    pub(crate) to: ReceiverKind,

    /// The environment variable of the controller that holds the address. The address itself is a secret and
    /// never in this file.
    #[schemars(length(max = 80), regex(pattern = r"^SSPRCTL_NOTIFY_[A-Z0-9_]+$"), extend("examples" = ["SSPRCTL_NOTIFY_TEAMS"]))]
    pub(crate) url: String,

    /// The environment variable that holds the key with which messages to a webhook are signed.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(length(max = 80), regex(pattern = r"^SSPRCTL_NOTIFY_[A-Z0-9_]+$"), extend("examples" = ["SSPRCTL_NOTIFY_KEY"]))]
    pub(crate) key: Managed<String>,

    /// The tenants whose events are sent, as patterns; without it all.
    #[serde(default, skip_serializing_if = "Managed::is_unmanaged")]
    #[schemars(extend("maxItems" = 1000))]
    pub(crate) tenants: Managed<Vec<String>>,
}

/// The kind of receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ReceiverKind {
    /// A workflow of Microsoft Teams that takes Adaptive Cards.
    Teams,
    /// An incoming webhook of Slack.
    Slack,
    /// Any service that accepts JSON.
    Webhook,
}

/// Hour and minute, as in `16:00`; `24:00` is the end of the day.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
struct TimeOfDay(
    #[schemars(regex(pattern = r"^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$"), extend("examples" = ["16:00"]))]
    #[expect(dead_code, reason = "only its schema is used")]
    String,
);

/// A day of this century.
#[derive(JsonSchema)]
#[schemars(inline, transparent)]
pub(crate) struct CalendarDay(
    #[schemars(regex(pattern = r"^20(?:\d\d-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|(?:[02468][048]|[13579][26])-02-29)$"), extend("examples" = ["2026-12-21"]))]
    #[expect(dead_code, reason = "only its schema is used")]
    String,
);

/// Whether patterns match a tenant. Absent patterns match all.
#[must_use]
pub(crate) fn applies_to(patterns: &Managed<Vec<String>>, tenant: &str) -> bool {
    patterns.get().is_none_or(|patterns| matches_any(patterns, tenant))
}

/// Whether one of the patterns matches a tenant. Domains have no case.
#[must_use]
pub(crate) fn matches_any(patterns: &[String], tenant: &str) -> bool {
    let tenant = tenant.to_ascii_lowercase();
    let matches = |pattern: &String| {
        glob::Pattern::new(&pattern.to_ascii_lowercase()).is_ok_and(|pattern| pattern.matches(&tenant))
    };
    patterns.iter().any(matches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_domains_in_any_case_and_none_match_all() {
        let patterns = |list: &[&str]| Managed::Set(list.iter().map(|pattern| (*pattern).to_owned()).collect());
        for (list, expected) in [
            (vec!["fabrikam.*"], true),
            (vec!["contoso.*", "*.onMicrosoft.com"], true),
            (vec!["contoso.*"], false),
            (vec![], false),
        ] {
            assert_eq!(applies_to(&patterns(&list), "Fabrikam.onmicrosoft.com"), expected, "{list:?}");
        }
        assert!(applies_to(&Managed::Unmanaged, "fabrikam.onmicrosoft.com"));
    }
}
