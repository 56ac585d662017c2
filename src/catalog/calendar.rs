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
    pub(crate) population: Population,
    /// What it does to a reset.
    pub(crate) effect: CalendarEffect,
    /// What ends or begins, as a sentence without its full stop.
    pub what: &'static str,
    /// Who or what is exempt, as the end of a sentence; empty where nobody is.
    pub exceptions: &'static str,
    /// What a policy should do about it, as an imperative sentence without its full stop.
    pub advice: &'static str,
    /// What people must know of it, as the end of a sentence that begins with the date; empty where that is nothing.
    pub announcement: &'static str,
    /// The code of the rule that reports it; empty where no rule does.
    pub rule: &'static str,
    /// Where it is published, and how many independent copies agree.
    pub source: &'static str,
    /// How sure it is.
    pub confidence: SourceAgreement,
}

/// How sure an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceAgreement {
    /// Independent public copies agree.
    Confirmed,
    /// There is one public copy.
    Single,
    /// Public copies disagree, which every text about the entry says.
    Conflicting,
}

impl SourceAgreement {
    /// What a text about the entry says of that, with a space before it; empty where copies agree.
    #[must_use]
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Confirmed => "",
            Self::Single => " (one source says so)",
            Self::Conflicting => " (the sources disagree)",
        }
    }
}

/// The people whom a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Population {
    /// All people, in whichever tenant their account is.
    Everybody,
    /// Members, guests whose account is in this tenant, and administrators who are not global administrators.
    MostPeople,
    /// Global administrators, and people whose account is in another tenant.
    GlobalAdministratorsAndExternals,
}

/// What a change does to a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CalendarEffect {
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
pub(crate) use crate::policy::repository::calendar::SMS_VOICE;
/// The id of the same end for global administrators and external people.
pub(crate) const SMS_VOICE_LATE: &str = "sms-voice-retirement-late";
/// The id of the end of text messages as a first factor, which comes with that of text messages and calls.
pub(crate) const SMS_SIGN_IN: &str = "sms-sign-in-retirement";
/// The id of the day since which a tenant may have a telephony provider of its own.
pub(crate) const OWN_PROVIDER: &str = "own-telephony-provider";
/// The id of the day since which the methods of the legacy policy cannot be managed.
pub(crate) const LEGACY: &str = "legacy-methods-unmanageable";
/// The id of the day since which dynamic groups of members of groups no longer change.
pub(crate) const MEMBER_OF: &str = "dynamic-group-memberof";
/// The id of the day on which old versions of Entra Connect Sync stop.
pub(crate) const CONNECT: &str = "entra-connect-minimum";
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
        announcement: "",
        rule: "",
        source: "howto-sspr-deployment; 2 copies agree but for one day",
        confidence: SourceAgreement::Confirmed,
    },
    CalendarEntry {
        id: LEGACY,
        date: date(2025, 9, 30),
        certain: date(2025, 9, 30),
        clouds: &Cloud::ALL,
        population: Population::Everybody,
        effect: CalendarEffect::LegacyUnmanageable,
        what: "methods can no longer be managed in the legacy password reset policy",
        exceptions: "security questions, and the policy for administrators",
        advice: "complete the migration to the authentication methods policy",
        announcement: "",
        rule: LEGACY,
        source: "concept-authentication-methods-manage, 2025-03-04; 2 copies agree on the date",
        confidence: SourceAgreement::Confirmed,
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
        announcement: "",
        rule: "",
        source: "Microsoft Tech Community, 2026-03-05; 3 copies agree",
        confidence: SourceAgreement::Confirmed,
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
        announcement: "whoever has registered a method before confirms it first when changing what is registered",
        rule: "",
        source: "Microsoft Graph, what's new; 2 copies agree",
        confidence: SourceAgreement::Confirmed,
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
        announcement: "",
        rule: "",
        source: "MC1326253, 2026-05-29; 3 copies agree",
        confidence: SourceAgreement::Confirmed,
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
        announcement: "",
        rule: "",
        source: "concept-sms-voice-retirement, 2026-07-29; 4 copies agree",
        confidence: SourceAgreement::Confirmed,
    },
    CalendarEntry {
        id: "registration-campaign-2026",
        date: date(2026, 9, 1),
        certain: date(2026, 9, 30),
        clouds: &Cloud::ALL,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "the registration campaign asks for a passkey or for Authenticator, and snoozes differently",
        exceptions: "people who may not register where they are",
        advice: "do not take the campaign for registration of password reset; require that at sign-in",
        announcement: "",
        rule: "",
        source: "how-to-mfa-registration-campaign, 2026-09-02; 2 copies agree, but for the default of its state",
        confidence: SourceAgreement::Confirmed,
    },
    CalendarEntry {
        id: CONNECT,
        date: date(2026, 9, 30),
        certain: date(2026, 9, 30),
        clouds: &Cloud::ALL,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "Entra Connect Sync below 2.5.79.0 stops synchronising",
        exceptions: "Cloud Sync",
        advice: "update the server on which passwords are written back",
        announcement: "",
        rule: CONNECT,
        source: "harden-update-ad-fs-pingfederate; 2 copies agree; that writeback stops too is assumed",
        confidence: SourceAgreement::Confirmed,
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
        advice: "write `registration.requiredAtSignIn: true`",
        announcement: "",
        rule: "registration-not-required",
        source: "MC1325414; one copy, and Microsoft Learn has this date and the next one swapped",
        confidence: SourceAgreement::Conflicting,
    },
    CalendarEntry {
        id: OWN_PROVIDER,
        date: date(2026, 10, 30),
        certain: date(2026, 10, 30),
        clouds: PUBLIC,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "texts and calls can be sent by a telephony provider of the tenant's own",
        exceptions: "",
        advice: "say in `calendar` of `ssprctl.yaml` that the tenant has one; no API shows it",
        announcement: "",
        rule: OWN_PROVIDER,
        source: "phone-providers-faq, 2026-09-20; 3 copies agree",
        confidence: SourceAgreement::Confirmed,
    },
    CalendarEntry {
        id: MEMBER_OF,
        date: date(2026, 11, 3),
        certain: date(2026, 11, 3),
        clouds: &Cloud::ALL,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "dynamic groups whose rule uses `memberOf` no longer change their members",
        exceptions: "groups without that operator",
        advice: "put another group in scope",
        announcement: "",
        rule: MEMBER_OF,
        source: "4 copies or more agree",
        confidence: SourceAgreement::Confirmed,
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
        announcement: "only what you have registered yourself counts; a phone number or an address that is on file for you does not",
        rule: "registration-not-required",
        source: "MC1325414; 3 copies agree; Microsoft Learn has this date and the one before swapped",
        confidence: SourceAgreement::Confirmed,
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
        announcement: "no text messages and no calls come for a reset, so register another method",
        rule: SMS_VOICE,
        source: "MC1426371; concept-sms-voice-retirement-faq, 2026-09-23; 5 copies or more agree",
        confidence: SourceAgreement::Confirmed,
    },
    CalendarEntry {
        id: SMS_SIGN_IN,
        date: date(2027, 2, 1),
        certain: date(2027, 2, 1),
        clouds: PUBLIC,
        population: Population::Everybody,
        effect: CalendarEffect::Neighbour,
        what: "text messages as a first factor of signing in end, also those of a provider of the tenant's own",
        exceptions: "",
        advice: "switch off sign-in by text message for every target of `Sms`",
        announcement: "",
        rule: SMS_SIGN_IN,
        source: "phone-providers-faq, 2026-09-20; one copy, with the date of `sms-voice-retirement`",
        confidence: SourceAgreement::Single,
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
        announcement: "security questions no longer reset a password, so register another method",
        rule: QUESTIONS,
        source: "MC1234564; concept-authentication-security-questions, 2026-02-18; 3 copies agree on the month",
        confidence: SourceAgreement::Confirmed,
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
        announcement: "",
        rule: SMS_VOICE_LATE,
        source: "concept-sms-voice-retirement-faq, 2026-09-23; one copy",
        confidence: SourceAgreement::Single,
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

    /// `ssprctl.yaml` knows the same entries, in the same order.
    #[test]
    fn the_repository_file_knows_every_entry() {
        assert!(CALENDAR.iter().map(|entry| entry.id).eq(crate::policy::repository::calendar::IDS));
    }

    #[test]
    fn entries_are_in_order_and_have_ids_of_their_own() {
        assert!(CALENDAR.is_sorted_by_key(|entry| entry.date));
        for (index, entry) in CALENDAR.iter().enumerate() {
            assert!(entry.date <= entry.certain, "{}", entry.id);
            assert_eq!(CALENDAR.iter().position(|other| other.id == entry.id), Some(index), "{}", entry.id);
        }
    }
}
