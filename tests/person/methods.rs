//! The steps of the second model about methods: which registered methods count for a person at a date, and whether they
//! are enough.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::ObjectId;
use ssprctl::testing::person::policy_state::{MethodTargets, TargetPeople};
use ssprctl::testing::policy::document::Method;
use ssprctl::testing::policy::repository::calendar::TelephonyChannel;
use ssprctl::testing::tenant::account::AccountHome;
use ssprctl::testing::tenant::facts::{Migration, ResetLicence};

use crate::model::{Case, Codes, Expected};

/// What a person may register, as far as it counts for a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Push,
    SoftwareCode,
    HardwareCode,
    Email,
    MobilePhone,
    OfficePhone,
    Questions,
}

const KINDS: [Kind; 7] = [
    Kind::Push,
    Kind::SoftwareCode,
    Kind::HardwareCode,
    Kind::Email,
    Kind::MobilePhone,
    Kind::OfficePhone,
    Kind::Questions,
];

/// The registered methods that never count, by how their names begin.
const NEVER: [&str; 10] = [
    "microsoftAuthenticatorPasswordless",
    "alternateMobilePhone",
    "fido2",
    "passKey",
    "windowsHello",
    "macOs",
    "temporaryAccessPass",
    "x509Certificate",
    "qrCode",
    "external",
];

/// The policy by which methods are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    LegacyPage,
    Either,
    Converged,
    Administrators,
}

fn and(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    not(and(not(one), not(other)))
}

fn not(value: Option<bool>) -> Option<bool> {
    value.map(|value| !value)
}

/// The common value; `None` if there is none.
fn same(values: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    values.into_iter().reduce(|one, other| one.filter(|_| one == other)).flatten()
}

/// Whether a user has enough methods.
pub(crate) fn as_user(case: &Case<'_>) -> Expected {
    let by = |view| {
        let needed = case.policy.required.map_or(vec![1, 2], |required| vec![required]);
        Expected::common(needed.into_iter().map(|needed| case.enough(view, needed)))
    };
    let Some(converged) = &case.policy.converged else {
        return Expected::common([View::LegacyPage, View::Either, View::Converged].map(by));
    };
    match converged.migration {
        Migration::PreMigration => Expected::common([View::LegacyPage, View::Converged].map(by)),
        Migration::InProgress => by(View::Either),
        Migration::Complete => by(View::Converged),
    }
}

/// Whether an administrator has enough methods.
pub(crate) fn as_administrator(case: &Case<'_>) -> Expected {
    let (least, most) = case.tenant.needed_by_administrators;
    Expected::common((least..=most).map(|needed| case.enough(View::Administrators, needed)))
}

impl Case<'_> {
    /// Whether a configuration of the authentication methods policy is on for the person.
    fn is_on(&self, id: &str, counts: impl Fn(&MethodTargets) -> Option<bool>, only_push: bool) -> Option<bool> {
        let targets = self.policy.converged.as_ref()?.configurations.get(id)?;
        let member = |group| self.directory.is_member(group, self.person.id);
        let any = |found: &mut dyn Iterator<Item = Option<bool>>| found.fold(Some(false), or);
        let included = targets.include.as_ref().and_then(|include| {
            any(&mut include.iter().filter(|target| target.notifications || !only_push).map(|target| {
                match target.people {
                    TargetPeople::Everybody => Some(true),
                    TargetPeople::Group(group) => member(group),
                    TargetPeople::User(user) => Some(user == self.person.id),
                }
            }))
        });
        let excluded =
            targets.exclude.as_ref().and_then(|exclude| any(&mut exclude.iter().map(|group| member(*group))));
        [targets.on, included, not(excluded), counts(targets)].into_iter().fold(Some(true), and)
    }

    /// Whether the authentication methods policy allows a method to the person.
    fn converged(&self, kind: Kind) -> Option<bool> {
        let on = |id| self.is_on(id, |_| Some(true), false);
        match kind {
            Kind::Push => self.is_on("MicrosoftAuthenticator", |_| Some(true), true),
            Kind::SoftwareCode => {
                let codes = |targets: &MethodTargets| Some(targets.authenticator_codes);
                // The report does not say whose app it is.
                same([self.is_on("MicrosoftAuthenticator", codes, false), on("SoftwareOath")])
            }
            Kind::HardwareCode => on("HardwareOath"),
            Kind::Email => on("Email"),
            Kind::MobilePhone => or(on("Sms"), on("Voice")),
            Kind::OfficePhone => self.is_on("Voice", |targets| Some(targets.office_phone), false),
            Kind::Questions => self.legacy(kind),
        }
    }

    /// Whether the legacy page allows a method; it knows no targets.
    fn legacy(&self, kind: Kind) -> Option<bool> {
        let switch = match kind {
            Kind::Push => Method::MobileAppNotification,
            Kind::SoftwareCode | Kind::HardwareCode => Method::MobileAppCode,
            Kind::Email => Method::Email,
            Kind::MobilePhone => Method::MobilePhone,
            Kind::OfficePhone => Method::OfficePhone,
            Kind::Questions => Method::SecurityQuestions,
        };
        Some(self.policy.legacy.as_ref()?.contains(&switch))
    }

    /// Whether Microsoft's policy for administrators allows a method: e-mail, Authenticator and phone, and what the
    /// authentication methods policy allows them besides, once that policy is about resets. Whether the phone of an office
    /// is meant, and codes of which app, is not said.
    fn administrators(&self, kind: Kind) -> Option<bool> {
        let besides = |allowed: Option<bool>| match self.policy.converged.as_ref().map(|policy| policy.migration) {
            Some(Migration::InProgress | Migration::Complete) => allowed,
            Some(Migration::PreMigration) | None => allowed.filter(|allowed| !allowed),
        };
        match kind {
            Kind::Push | Kind::Email | Kind::MobilePhone => Some(true),
            Kind::SoftwareCode | Kind::OfficePhone => or(None, besides(self.converged(kind))),
            Kind::HardwareCode => besides(self.converged(kind)),
            Kind::Questions => Some(false),
        }
    }

    fn allowed(&self, view: View, kind: Kind) -> Option<bool> {
        let free = self.tenant.licence.is_some_and(|licence| licence.reset == ResetLicence::ChangeOnly);
        if kind == Kind::OfficePhone && free {
            return Some(false);
        }
        match view {
            View::LegacyPage => self.legacy(kind),
            View::Either => or(self.legacy(kind), self.converged(kind)),
            View::Converged => self.converged(kind),
            View::Administrators => self.administrators(kind),
        }
    }

    /// The day of an entry, as announced or moved.
    fn day(&self, id: &str, announced: Date) -> Date {
        self.tenant.calendar.moved.get(id).map_or(announced, |moved| moved.date)
    }

    /// Whether texts, or calls, still come to the person at the date: Microsoft's, or those of the tenant's own provider.
    fn sent(&self, channel: TelephonyChannel) -> Option<bool> {
        let calendar = &self.tenant.calendar;
        if calendar.cloud != Cloud::Global {
            return Some(true);
        }
        let most = Some(self.at < self.day("sms-voice-retirement", date(2027, 2, 1)));
        let late = Some(self.at < self.day("sms-voice-retirement-late", date(2027, 7, 1)));
        let no_role = self.person.report.is_some_and(|report| !report.administrator);
        let by_microsoft = match self.person.account.map(|account| account.home) {
            Some(AccountHome::Elsewhere) => late,
            Some(AccountHome::Here) if no_role => most,
            Some(AccountHome::Here) | None => same([most, late]),
        };
        let provider = calendar.provider.as_ref().filter(|provider| provider.channels.contains(&channel));
        let by_provider = provider.map_or(Some(false), |provider| match &provider.groups {
            None => Some(true),
            Some(groups) => {
                let member = |group: &ObjectId| self.directory.is_member(*group, self.person.id);
                groups.iter().map(member).fold(Some(false), or)
            }
        });
        or(by_microsoft, by_provider)
    }

    /// Whether a method has ended for the person at the date.
    fn ended(&self, kind: Kind) -> Option<bool> {
        match kind {
            Kind::Push | Kind::SoftwareCode | Kind::HardwareCode | Kind::Email => Some(false),
            Kind::Questions => {
                let first = self.day("security-questions-retirement", date(2027, 3, 1));
                let last = self.day("security-questions-retirement", date(2027, 4, 1));
                same([Some(self.at >= first), Some(self.at >= last)])
            }
            Kind::MobilePhone => not(or(self.sent(TelephonyChannel::Sms), self.sent(TelephonyChannel::Voice))),
            Kind::OfficePhone => not(self.sent(TelephonyChannel::Voice)),
        }
    }

    /// Whether a method is allowed and works. A text to a mobile phone takes the configuration of texts, where the
    /// authentication methods policy decides, and a call that of calls.
    fn works(&self, view: View, kind: Kind) -> Option<bool> {
        let on = |id| self.is_on(id, |_| Some(true), false);
        let sent = [self.sent(TelephonyChannel::Sms), self.sent(TelephonyChannel::Voice)];
        if kind != Kind::MobilePhone || sent[0] == sent[1] {
            return and(self.allowed(view, kind), not(self.ended(kind)));
        }
        let legacy = and(self.legacy(kind), or(sent[0], sent[1]));
        let converged = or(and(on("Sms"), sent[0]), and(on("Voice"), sent[1]));
        match view {
            View::LegacyPage => legacy,
            View::Either => or(legacy, converged),
            View::Converged => converged,
            View::Administrators => or(sent[0], sent[1]),
        }
    }

    /// Whether the person has as many methods as are needed.
    fn enough(&self, view: View, needed: u32) -> Expected {
        let works = |kind: &Kind| self.works(view, *kind);
        let Some(report) = self.person.report else {
            let possible = KINDS.into_iter().filter(|kind| works(kind) != Some(false)).collect();
            let few = self.most(view, &possible, needed) < needed;
            let codes = Codes::from(["nothing-allowed", "methods-missing", "method-ended"]);
            return if few { Expected::UnclearOrNo(codes) } else { Expected::Unclear };
        };
        let registered: BTreeSet<Kind> = report.methods.iter().filter_map(|name| kind(name)).collect();
        let strange: BTreeSet<&String> = report.methods.iter().filter(|name| is_strange(name)).collect();
        let strange = u32::try_from(strange.len()).unwrap_or(u32::MAX);
        let sure = registered.iter().copied().filter(|kind| works(kind) == Some(true)).collect();
        let possible = registered.iter().copied().filter(|kind| works(kind) != Some(false)).collect();
        if self.least(view, &sure, needed) >= needed {
            return Expected::Yes;
        }
        if self.most(view, &possible, needed) + strange >= needed {
            return Expected::Unclear;
        }
        let before: Vec<_> = registered.iter().map(|kind| self.allowed(view, *kind)).collect();
        Expected::No(match () {
            () if report.methods.is_empty() => Codes::from(["nothing-registered"]),
            // A notification where one method is required: it is allowed, and not offered.
            () if possible.contains(&Kind::Push) && self.most(view, &possible, needed) == 0 => {
                Codes::from(["nothing-allowed", "methods-missing", "method-ended"])
            }
            () if !possible.is_empty() || strange > 0 => Codes::from(["methods-missing"]),
            () if before.contains(&Some(true)) => Codes::from(["method-ended"]),
            () if before.contains(&None) => Codes::from(["method-ended", "nothing-allowed"]),
            () => Codes::from(["nothing-allowed"]),
        })
    }

    /// Whether the rules of the legacy page surely hold for these methods of the app: it alone allows them.
    fn by_legacy_page(&self, view: View, kinds: &[Kind]) -> bool {
        match view {
            View::LegacyPage => true,
            View::Either => kinds.iter().all(|kind| self.converged(*kind) == Some(false)),
            View::Converged | View::Administrators => false,
        }
    }

    /// As how many methods these count at least.
    fn least(&self, view: View, kinds: &BTreeSet<Kind>, needed: u32) -> u32 {
        let has = |kind| kinds.contains(&kind);
        let push = has(Kind::Push) && needed > 1;
        let code = has(Kind::SoftwareCode);
        let token = has(Kind::HardwareCode);
        let apart = push && token && !self.by_legacy_page(view, &[Kind::Push, Kind::SoftwareCode]);
        others(kinds) + u32::from(push || code || token) + u32::from(apart)
    }

    /// As how many methods these count at most.
    fn most(&self, view: View, kinds: &BTreeSet<Kind>, needed: u32) -> u32 {
        let has = |kind| kinds.contains(&kind);
        let push = has(Kind::Push) && (needed > 1 || !self.by_legacy_page(view, &[Kind::Push]));
        let code = has(Kind::SoftwareCode);
        let once = self.by_legacy_page(view, &[Kind::Push, Kind::SoftwareCode]);
        let app = if once { u32::from(push || code) } else { u32::from(push) + u32::from(code) };
        others(kinds) + app + u32::from(has(Kind::HardwareCode))
    }
}

/// How many of these are neither of an app nor of a token.
fn others(kinds: &BTreeSet<Kind>) -> u32 {
    [Kind::Email, Kind::MobilePhone, Kind::OfficePhone, Kind::Questions]
        .iter()
        .map(|kind| u32::from(kinds.contains(kind)))
        .sum()
}

/// What a name of the report counts as.
fn kind(name: &str) -> Option<Kind> {
    match name {
        "microsoftAuthenticatorPush" => Some(Kind::Push),
        "softwareOneTimePasscode" => Some(Kind::SoftwareCode),
        "hardwareOneTimePasscode" => Some(Kind::HardwareCode),
        "email" => Some(Kind::Email),
        "mobilePhone" => Some(Kind::MobilePhone),
        "officePhone" => Some(Kind::OfficePhone),
        "securityQuestion" => Some(Kind::Questions),
        _ => None,
    }
}

/// Whether the reference does not know a name.
fn is_strange(name: &str) -> bool {
    kind(name).is_none() && !NEVER.iter().any(|never| name.starts_with(never))
}
