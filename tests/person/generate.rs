//! Made-up tenants, policies, people and dates, the odd ones often. The same number gives the same case in every run.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::ObjectId;
use ssprctl::testing::catalog::tenant_calendar::{MovedDate, TelephonyProvider, TenantCalendar};
use ssprctl::testing::person::facts::TenantSituation;
use ssprctl::testing::person::policy_state::{
    ConvergedState, MethodTarget, MethodTargets, PolicyState, ResetScope, TargetPeople,
};
use ssprctl::testing::policy::document::Method;
use ssprctl::testing::policy::repository::calendar::TelephonyChannel;
use ssprctl::testing::tenant::account::{AccountHome, UserAccount};
use ssprctl::testing::tenant::facts::{Licence, Migration, ResetLicence};
use ssprctl::testing::tenant::registration::UserRegistrationDetails;
use uuid::Uuid;

use crate::directory::{Directory, Group};

/// What most tenants of a kind are like. Numbers are percentages.
#[derive(Debug)]
pub(crate) struct TenantKind {
    pub(crate) name: &'static str,
    migrations: &'static [Migration],
    synchronised: u64,
    administrators: u64,
    elsewhere: u64,
    licence_not_permitting: u64,
    /// How often one fact could not be read, or is of a kind that nobody knows.
    unread: u64,
}

const CLOUD_ONLY: TenantKind = TenantKind {
    name: "",
    migrations: &[Migration::Complete],
    synchronised: 0,
    administrators: 0,
    elsewhere: 0,
    licence_not_permitting: 0,
    unread: 0,
};
const ANY: &[Migration] = &[Migration::PreMigration, Migration::InProgress, Migration::Complete];

/// Every kind of tenant.
pub(crate) const KINDS: [TenantKind; 8] = [
    TenantKind { name: "cloud only, migrated", ..CLOUD_ONLY },
    TenantKind { name: "cloud only, migrating", migrations: &[Migration::InProgress], ..CLOUD_ONLY },
    TenantKind { name: "cloud only, not migrated", migrations: &[Migration::PreMigration], ..CLOUD_ONLY },
    TenantKind { name: "hybrid", migrations: ANY, synchronised: 70, ..CLOUD_ONLY },
    TenantKind {
        name: "administrators",
        migrations: ANY,
        synchronised: 15,
        administrators: 100,
        licence_not_permitting: 10,
        ..CLOUD_ONLY
    },
    TenantKind { name: "people of other tenants", migrations: ANY, elsewhere: 70, ..CLOUD_ONLY },
    TenantKind { name: "doubtful licences", migrations: ANY, licence_not_permitting: 70, ..CLOUD_ONLY },
    TenantKind {
        name: "partly read",
        migrations: ANY,
        synchronised: 30,
        administrators: 20,
        elsewhere: 10,
        licence_not_permitting: 20,
        unread: 12,
    },
];

/// One made-up case.
#[derive(Debug)]
pub(crate) struct MadeUp {
    pub(crate) policy: PolicyState,
    pub(crate) tenant: TenantSituation,
    pub(crate) directory: Directory,
    pub(crate) account: Option<UserAccount>,
    pub(crate) report: Option<UserRegistrationDetails>,
    pub(crate) at: Date,
}

/// The person of whom every case asks.
pub(crate) const PERSON: ObjectId = id(1);
/// A group that is gone.
const GONE: u64 = 19;
const DATES: [Date; 11] = [
    date(2026, 11, 27),
    date(2027, 1, 31),
    date(2027, 2, 1),
    date(2027, 2, 28),
    date(2027, 3, 1),
    date(2027, 3, 8),
    date(2027, 3, 31),
    date(2027, 4, 1),
    date(2027, 6, 30),
    date(2027, 7, 1),
    date(2027, 12, 31),
];
const MOVABLE: [&str; 3] = ["sms-voice-retirement", "security-questions-retirement", "sms-voice-retirement-late"];
const REGISTRABLE: [(&str, u64); 13] = [
    ("microsoftAuthenticatorPush", 45),
    ("softwareOneTimePasscode", 40),
    ("hardwareOneTimePasscode", 12),
    ("email", 45),
    ("mobilePhone", 55),
    ("officePhone", 20),
    ("securityQuestion", 15),
    ("microsoftAuthenticatorPasswordless", 15),
    ("alternateMobilePhone", 10),
    ("fido2SecurityKey", 10),
    ("passKeyDeviceBoundAuthenticator", 10),
    ("windowsHelloForBusiness", 10),
    ("macOsSecureEnclaveKey", 5),
];
const LEGACY: [Method; 6] = [
    Method::MobileAppNotification,
    Method::MobileAppCode,
    Method::Email,
    Method::MobilePhone,
    Method::OfficePhone,
    Method::SecurityQuestions,
];
const CONFIGURATIONS: [&str; 6] = ["Email", "Sms", "Voice", "MicrosoftAuthenticator", "SoftwareOath", "HardwareOath"];

const fn id(number: u64) -> ObjectId {
    ObjectId(Uuid::from_u128(number as u128))
}

/// A sequence of numbers that look random (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        let index = self.below(values.len() as u64);
        values[usize::try_from(index).unwrap_or_default()]
    }

    /// A value, or `None` as often as facts are not read.
    fn read<T>(&mut self, kind: &TenantKind, value: T) -> Option<T> {
        (!self.chance(kind.unread)).then_some(value)
    }

    /// A fact that holds with this chance, or `None`.
    fn fact(&mut self, kind: &TenantKind, percent: u64) -> Option<bool> {
        let holds = self.chance(percent);
        self.read(kind, holds)
    }

    /// A group; now and then one that is gone.
    fn group(&mut self, kind: &TenantKind) -> ObjectId {
        if self.chance(kind.unread) { id(GONE) } else { id(10 + self.below(5)) }
    }
}

/// The case of this number, of a tenant of this kind.
pub(crate) fn case(kind: &TenantKind, number: u64) -> MadeUp {
    let mut dice = Dice(number.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 20_261_127);
    let dice = &mut dice;
    let today = if dice.chance(80) { DATES[0] } else { dice.one_of(&DATES) };
    let later = dice.one_of(&DATES);
    let at = if dice.chance(25) { today } else { later.max(today) };
    let directory = directory(dice, kind);
    let policy = policy(dice, kind);
    let groups = directory.as_read(policy.groups().into_iter().chain((10..15).map(id)));
    let synchronised = dice.chance(kind.synchronised);
    let account = UserAccount {
        home: if dice.chance(kind.elsewhere) { AccountHome::Elsewhere } else { AccountHome::Here },
        enabled: dice.fact(kind, 96),
        synchronised,
    };
    let writeback_running = if synchronised && dice.chance(35) { None } else { Some(dice.chance(70)) };
    let tenant = TenantSituation {
        licence: licence(dice, kind),
        synchronised: dice.fact(kind, if kind.synchronised > 0 { 95 } else { 0 }),
        writeback_running,
        needed_by_administrators: dice.one_of(&[(2, 2), (2, 2), (1, 1), (1, 2)]),
        groups,
        calendar: calendar(dice),
        today,
    };
    let report = report(dice, kind);
    let report = dice.read(kind, report);
    MadeUp { policy, tenant, directory, account: dice.read(kind, account), report, at }
}

fn directory(dice: &mut Dice, kind: &TenantKind) -> Directory {
    let mut groups = BTreeMap::new();
    for number in 10..15 {
        let people = (1..5).filter(|_| dice.chance(35)).map(id).collect();
        let inside = (10..15).filter(|_| dice.chance(15)).map(id).collect();
        groups.insert(id(number), Group { people, groups: inside, hidden: dice.chance(kind.unread / 2) });
    }
    Directory(groups)
}

fn calendar(dice: &mut Dice) -> TenantCalendar {
    let cloud = if dice.chance(85) { Cloud::Global } else { dice.one_of(&Cloud::ALL) };
    let mut moved = BTreeMap::new();
    if dice.chance(12) {
        let (id, date) = (dice.one_of(&MOVABLE), dice.one_of(&DATES));
        moved.insert(id, MovedDate { date, reason: String::new(), place: None });
    }
    let provider = dice.chance(10).then(|| telephony_provider(dice));
    TenantCalendar { cloud, moved, provider }
}

/// A telephony provider; now and then one that sends not everything, or not to everybody.
fn telephony_provider(dice: &mut Dice) -> TelephonyProvider {
    let (sms, voice) = (TelephonyChannel::Sms, TelephonyChannel::Voice);
    let channels = dice.one_of(&[[sms, voice], [sms, sms], [voice, voice]]);
    let groups = dice.chance(40).then(|| BTreeSet::from([id(10 + dice.below(5)), id(10 + dice.below(5))]));
    TelephonyProvider { channels: BTreeSet::from(channels), groups, reason: String::new(), place: None }
}

fn licence(dice: &mut Dice, kind: &TenantKind) -> Option<Licence> {
    let reset = match dice.chance(kind.licence_not_permitting) {
        false => ResetLicence::Permits,
        true => dice.one_of(&[ResetLicence::NotKnown, ResetLicence::ChangeOnly]),
    };
    let writeback = reset == ResetLicence::Permits && dice.chance(90);
    dice.read(kind, Licence { reset, writeback })
}

fn report(dice: &mut Dice, kind: &TenantKind) -> UserRegistrationDetails {
    let nothing = dice.chance(4);
    let registered = REGISTRABLE.iter().filter(|(_, weight)| !nothing && dice.chance(*weight));
    let mut methods: Vec<_> = registered.map(|(name, _)| (*name).to_owned()).collect();
    if dice.chance(kind.unread) {
        methods.push("telepathy".to_owned());
    }
    UserRegistrationDetails {
        id: PERSON,
        member: dice.chance(90),
        administrator: dice.chance(kind.administrators),
        methods,
        enabled: dice.chance(50),
        capable: dice.chance(50),
        refreshed: None,
    }
}

fn policy(dice: &mut Dice, kind: &TenantKind) -> PolicyState {
    let scope = match dice.below(20) {
        0 => ResetScope::Nobody,
        1..=5 => ResetScope::Members(dice.group(kind)),
        _ => ResetScope::Everybody,
    };
    let legacy: BTreeSet<Method> = LEGACY.into_iter().filter(|_| dice.chance(50)).collect();
    let migration = dice.one_of(kind.migrations);
    // Many tenants that have not migrated never touched the authentication methods policy.
    let untouched = migration == Migration::PreMigration && dice.chance(40);
    let mut configurations = BTreeMap::new();
    for name in CONFIGURATIONS {
        let seen = if name == "HardwareOath" { 70 } else { 100 - kind.unread / 3 };
        let targets = targets(dice, kind, name == "MicrosoftAuthenticator");
        if dice.chance(seen) {
            configurations.insert(name, if untouched { MethodTargets { on: Some(false), ..targets } } else { targets });
        }
    }
    PolicyState {
        scope: dice.read(kind, scope),
        required: dice.fact(kind, 50).map(|one| if one { 1 } else { 2 }),
        administrators: dice.fact(kind, 80),
        writeback: dice.fact(kind, 75),
        legacy: dice.read(kind, legacy),
        converged: dice.read(kind, ConvergedState { migration, configurations }),
    }
}

fn targets(dice: &mut Dice, kind: &TenantKind, app: bool) -> MethodTargets {
    let include = match dice.below(20) {
        0 => 0,
        1..=12 => 1,
        _ => 2,
    };
    let include: Vec<_> = (0..include)
        .map(|_| {
            let people = match dice.below(20) {
                0..=10 => TargetPeople::Everybody,
                11..=18 => TargetPeople::Group(dice.group(kind)),
                _ => TargetPeople::User(id(1 + dice.below(3))),
            };
            MethodTarget { people, notifications: !app || dice.chance(70) }
        })
        .collect();
    let excluded = if dice.chance(25) { 1 + dice.below(2) } else { 0 };
    let exclude: Vec<_> = (0..excluded).map(|_| dice.group(kind)).collect();
    MethodTargets {
        on: dice.fact(kind, 75),
        include: dice.read(kind, include),
        exclude: dice.read(kind, exclude),
        office_phone: dice.chance(60),
        authenticator_codes: dice.chance(60),
    }
}
