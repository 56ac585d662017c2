//! The calendar: dated changes of Microsoft's service that matter to password reset. Rules and the model of one person read
//! this one table. Days are counted in UTC, and the day itself counts as after the change.

use jiff::civil::{Date, date};

use crate::base::cloud::Cloud;
use crate::policy::document::Method;

/// A dated change of the service.
#[derive(Debug)]
pub struct CalendarEntry {
    /// The name by which `ssprctl.yaml` and reports refer to it.
    pub id: &'static str,
    /// The first day on which the change may be in force.
    pub date: Date,
    /// The first day on which it is surely in force; later than `date` where the sources name only a month.
    pub certain: Date,
    /// The clouds that it is announced for; all of them where the announcement names none.
    pub clouds: &'static [Cloud],
    /// The people whom it concerns.
    pub population: Population,
    /// What it does to a reset.
    pub effect: CalendarEffect,
    /// What ends or begins, as a sentence without its full stop.
    pub what: &'static str,
    /// Who or what is exempt, as the end of a sentence; empty where nobody is.
    pub exceptions: &'static str,
    /// What a policy should do about it, as an imperative sentence without its full stop.
    pub advice: &'static str,
    /// Where it is published, and how many independent copies agree.
    pub source: &'static str,
}

/// The people whom a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Population {
    /// All people, in whichever tenant their account is.
    Everybody,
    /// Members, guests whose account is in this tenant, and administrators who are not global administrators.
    MostPeople,
    /// Global administrators, and people whose account is in another tenant.
    GlobalAdministratorsAndExternals,
}

/// What a change does to a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalendarEffect {
    /// These methods no longer reset a password.
    Ends(&'static [Method]),
    /// Only registered methods count; contact data of the directory no longer does.
    RegisteredOnly,
    /// The methods of the legacy policy can no longer be managed.
    LegacyUnmanageable,
    /// It changes nobody's answer by itself.
    Neighbour,
}

/// The id of the end of Microsoft's text messages and calls.
pub(crate) const SMS_VOICE: &str = "sms-voice-retirement";
/// The id of the same end for global administrators and external people.
pub(crate) const SMS_VOICE_LATE: &str = "sms-voice-retirement-late";
/// The id of the end of security questions.
pub(crate) const QUESTIONS: &str = "security-questions-retirement";
/// The id of the day since which only registered methods count.
pub(crate) const REGISTERED_ONLY: &str = "registered-methods-only";

/// The methods that need a text or a call.
pub(crate) const PHONES: &[Method] = &[Method::MobilePhone, Method::OfficePhone];
const PUBLIC: &[Cloud] = &[Cloud::Global];
const NOT_CHINA: &[Cloud] = &[Cloud::Global, Cloud::UsGov, Cloud::UsGovDod];

/// Every entry, by date.
pub static CALENDAR: &[CalendarEntry] = &[
    CalendarEntry {
        id: "combined-registration",
        date: date(2022, 9, 30),
        certain: date(2022, 10, 1),
        clouds: &Cloud::ALL,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "one registration serves sign-in and password reset in every tenant",
        exceptions: "",
        advice: "manage nothing; it is on everywhere",
        source: "howto-sspr-deployment; 2 copies agree but for one day",
    },
    CalendarEntry {
        id: "legacy-methods-unmanageable",
        date: date(2025, 9, 30),
        certain: date(2025, 9, 30),
        clouds: &Cloud::ALL,
        population: Population::Everybody,
        effect: CalendarEffect::LegacyUnmanageable,
        what: "methods can no longer be managed in the legacy password reset policy",
        exceptions: "security questions, and the policy for administrators",
        advice: "complete the migration to the authentication methods policy",
        source: "concept-authentication-methods-manage, 2025-03-04; 2 copies agree on the date",
    },
    CalendarEntry {
        id: "account-recovery",
        date: date(2025, 12, 1),
        certain: date(2025, 12, 31),
        clouds: &Cloud::ALL,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "account recovery by proof of identity begins as a preview",
        exceptions: "",
        advice: "name it in texts of the helpdesk at most; it is no method of password reset",
        source: "Microsoft Tech Community, 2026-03-05; 3 copies agree",
    },
    CalendarEntry {
        id: "mfa-for-own-credentials",
        date: date(2026, 1, 26),
        certain: date(2026, 1, 26),
        clouds: &Cloud::ALL,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "people who change their own methods must have passed multifactor authentication ten minutes ago at most",
        exceptions: "people without a registered method",
        advice: "announce that registering begins with a sign-in by multifactor authentication",
        source: "Microsoft Graph, what's new; 2 copies agree",
    },
    CalendarEntry {
        id: "ca-registration-device-credentials",
        date: date(2026, 7, 6),
        certain: date(2026, 7, 13),
        clouds: &Cloud::ALL,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "Conditional Access for registering security information also decides on Windows Hello and macOS Platform SSO",
        exceptions: "tenants without such a policy",
        advice: "expect that `registration.allowedFrom` may block the setup of a device",
        source: "MC1326253, 2026-05-29; 3 copies agree",
    },
    CalendarEntry {
        id: "passkeys-by-default",
        date: date(2026, 9, 1),
        certain: date(2026, 9, 1),
        clouds: PUBLIC,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "Microsoft switches passkeys on for people who use texts and calls",
        exceptions: "tenants that opted out of it until 2027-02-01",
        advice: "expect changes by nobody; a passkey resets no password",
        source: "concept-sms-voice-retirement, 2026-07-29; 4 copies agree",
    },
    CalendarEntry {
        id: "entra-connect-minimum",
        date: date(2026, 9, 30),
        certain: date(2026, 9, 30),
        clouds: &Cloud::ALL,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "Entra Connect Sync below 2.5.79.0 stops synchronising",
        exceptions: "Cloud Sync",
        advice: "update the server on which passwords are written back",
        source: "harden-update-ad-fs-pingfederate; 2 copies agree; that writeback stops too is assumed",
    },
    CalendarEntry {
        id: "registered-methods-campaign",
        date: date(2026, 10, 5),
        certain: date(2026, 10, 5),
        clouds: NOT_CHINA,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "people with too few registered methods are asked to register at sign-in",
        exceptions: "tenants that do not require registration at sign-in",
        advice: "write `registration.requireAtSignIn: true`",
        source: "MC1325414; one copy, and Microsoft Learn has this date and the next one swapped",
    },
    CalendarEntry {
        id: "own-telephony-provider",
        date: date(2026, 10, 30),
        certain: date(2026, 10, 30),
        clouds: PUBLIC,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "texts and calls can be sent by a telephony provider of the tenant's own",
        exceptions: "",
        advice: "waive `sms-voice-retirement` with this reason where the tenant has one; no API shows it",
        source: "phone-providers-faq, 2026-09-20; 3 copies agree",
    },
    CalendarEntry {
        id: "dynamic-group-memberof",
        date: date(2026, 11, 3),
        certain: date(2026, 11, 3),
        clouds: &Cloud::ALL,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "dynamic groups whose rule uses `memberOf` no longer change their members",
        exceptions: "groups without that operator",
        advice: "put another group in scope",
        source: "4 copies or more agree",
    },
    CalendarEntry {
        id: REGISTERED_ONLY,
        date: date(2026, 11, 9),
        certain: date(2026, 11, 9),
        clouds: NOT_CHINA,
        population: Population::Everybody,
        effect: CalendarEffect::RegisteredOnly,
        what: "only registered methods reset a password; phone numbers and addresses of the directory no longer count",
        exceptions: "",
        advice: "require registration at sign-in, so that people are asked",
        source: "MC1325414; 3 copies agree; Microsoft Learn has this date and the one before swapped",
    },
    CalendarEntry {
        id: SMS_VOICE,
        date: date(2027, 2, 1),
        certain: date(2027, 2, 1),
        clouds: PUBLIC,
        population: Population::MostPeople,
        effect: CalendarEffect::Ends(PHONES),
        what: "Microsoft's delivery of texts and calls ends",
        exceptions: "tenants with a telephony provider of their own; whether GCC counts as public is not published",
        advice: "let people register `mobileAppCode` and `email`, then remove the phones",
        source: "MC1426371; concept-sms-voice-retirement-faq, 2026-09-23; 5 copies or more agree",
    },
    CalendarEntry {
        id: QUESTIONS,
        date: date(2027, 3, 1),
        certain: date(2027, 4, 1),
        clouds: &Cloud::ALL,
        population: Population::Everybody,
        effect: CalendarEffect::Ends(&[Method::SecurityQuestions]),
        what: "security questions end",
        exceptions: "",
        advice: "let people register `mobileAppCode` and `email`, then remove the questions",
        source: "MC1234564; concept-authentication-security-questions, 2026-02-18; 3 copies agree on the month",
    },
    CalendarEntry {
        id: SMS_VOICE_LATE,
        date: date(2027, 7, 1),
        certain: date(2027, 7, 1),
        clouds: PUBLIC,
        population: Population::GlobalAdministratorsAndExternals,
        effect: CalendarEffect::Ends(PHONES),
        what: "Microsoft's delivery of texts and calls ends for global administrators and external people, too",
        exceptions: "tenants with a telephony provider of their own",
        advice: "let them register another method",
        source: "concept-sms-voice-retirement-faq, 2026-09-23; one copy",
    },
];

impl PartialEq for CalendarEntry {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for CalendarEntry {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_in_order_and_have_ids_of_their_own() {
        assert!(CALENDAR.is_sorted_by_key(|entry| entry.date));
        for (index, entry) in CALENDAR.iter().enumerate() {
            assert!(entry.date <= entry.certain, "{}", entry.id);
            assert_eq!(CALENDAR.iter().position(|other| other.id == entry.id), Some(index), "{}", entry.id);
        }
    }
}
