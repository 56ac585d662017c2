//! Cases in which the program once disagreed with the reference, by name.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::ObjectId;
use ssprctl::testing::catalog::tenant_calendar::TenantCalendar;
use ssprctl::testing::person::answer::Answer;
use ssprctl::testing::person::facts::{GroupMemberships, PersonFacts, TenantSituation};
use ssprctl::testing::person::policy_state::{
    ConvergedState, MethodTarget, MethodTargets, PolicyState, ResetScope, TargetPeople,
};
use ssprctl::testing::person::state::Moment;
use ssprctl::testing::policy::document::Method;
use ssprctl::testing::tenant::account::{AccountHome, UserAccount};
use ssprctl::testing::tenant::facts::{Licence, Migration, ResetLicence};
use ssprctl::testing::tenant::registration::UserRegistrationDetails;
use uuid::Uuid;

const ID: ObjectId = ObjectId(Uuid::from_u128(1));
const TODAY: Date = date(2026, 11, 27);

/// A case of which everything is known: a user of a cloud-only tenant, everybody in scope, one method required.
struct Known {
    policy: PolicyState,
    tenant: TenantSituation,
    account: Option<UserAccount>,
    report: Option<UserRegistrationDetails>,
    at: Date,
}

impl Known {
    /// With these configurations on for everybody, and these methods registered.
    fn new(migration: Migration, on: &[&'static str], registered: &[&str]) -> Self {
        let everybody = MethodTarget { people: TargetPeople::Everybody, notifications: true };
        let all = ["Email", "Sms", "Voice", "MicrosoftAuthenticator", "SoftwareOath", "HardwareOath"];
        let targets = |id| MethodTargets {
            on: Some(on.contains(&id)),
            include: Some(vec![everybody]),
            exclude: Some(Vec::new()),
            office_phone: true,
            authenticator_codes: true,
        };
        let configurations: BTreeMap<_, _> = all.into_iter().map(|id| (id, targets(id))).collect();
        Self {
            policy: PolicyState {
                scope: Some(ResetScope::Everybody),
                required: Some(1),
                administrators: Some(true),
                writeback: Some(true),
                legacy: Some(BTreeSet::new()),
                converged: Some(ConvergedState { migration, configurations }),
            },
            tenant: TenantSituation {
                licence: Some(Licence { reset: ResetLicence::Permits, writeback: true }),
                synchronised: Some(false),
                writeback_running: Some(true),
                needed_by_administrators: (2, 2),
                groups: GroupMemberships::default(),
                calendar: TenantCalendar::of(Cloud::Global),
                today: TODAY,
            },
            account: Some(UserAccount { home: AccountHome::Here, enabled: Some(true), synchronised: false }),
            report: Some(UserRegistrationDetails {
                id: ID,
                member: true,
                administrator: false,
                methods: registered.iter().map(|name| (*name).to_owned()).collect(),
                enabled: true,
                capable: true,
                refreshed: None,
            }),
            at: TODAY,
        }
    }

    fn legacy(mut self, methods: &[Method]) -> Self {
        self.policy.legacy = Some(methods.iter().copied().collect());
        self
    }

    fn person(&self) -> PersonFacts<'_> {
        PersonFacts { id: ID, account: self.account, report: self.report.as_ref(), roles: None }
    }

    fn answer(&self) -> String {
        shown(
            &Moment { policy: &self.policy, at: self.at, read: None }.answer_of_any_role(&self.tenant, &self.person()),
        )
    }

    fn as_administrator(&self) -> String {
        let report = self.report.clone().map(|report| UserRegistrationDetails { administrator: true, ..report });
        let person = PersonFacts { report: report.as_ref(), ..self.person() };
        shown(&Moment { policy: &self.policy, at: self.at, read: None }.answer(&self.tenant, &person))
    }
}

fn shown(answer: &Answer) -> String {
    match answer {
        Answer::Yes => "yes".to_owned(),
        Answer::No(reason) => format!("no: {}", reason.code()),
        Answer::Unclear(reasons) => {
            let codes: Vec<_> = reasons.iter().map(|reason| reason.code()).collect();
            format!("unclear: {}", codes.join(" "))
        }
    }
}

const PUSH: &str = "microsoftAuthenticatorPush";
const CODE: &str = "softwareOneTimePasscode";
const TOKEN: &str = "hardwareOneTimePasscode";

/// The legacy page offers the code alone where one method is required; of migrated tenants that is not known.
#[test]
fn a_notification_alone() {
    let page = [Method::MobileAppNotification, Method::Email];
    let by_page = |migration, on| Known::new(migration, on, &[PUSH]).legacy(&page).answer();
    assert_eq!(by_page(Migration::PreMigration, &[]), "no: nothing-allowed");
    assert_eq!(by_page(Migration::InProgress, &["Email"]), "no: nothing-allowed");
    assert_eq!(by_page(Migration::InProgress, &["MicrosoftAuthenticator"]), "unclear: push-alone");
    assert_eq!(by_page(Migration::Complete, &["MicrosoftAuthenticator"]), "unclear: push-alone");
}

/// What changes nothing is no reason: here the notification and the code of the app are enough either way, or not at all.
#[test]
fn only_what_decides_is_a_reason() {
    let of = |on: &[&'static str], required, registered: &[&str]| {
        let mut known = Known::new(Migration::Complete, on, registered);
        known.policy.required = Some(required);
        known.answer()
    };
    assert_eq!(of(&["MicrosoftAuthenticator"], 1, &[PUSH, CODE]), "unclear: code-app-not-known push-alone");
    assert_eq!(of(&["SoftwareOath"], 2, &[CODE, "email", "telepathy"]), "unclear: method-not-known code-app-not-known");
    let page = [Method::MobileAppNotification, Method::MobileAppCode];
    let before = Known::new(Migration::PreMigration, &["SoftwareOath"], &[CODE]).legacy(&page);
    assert_eq!(before.answer(), "unclear: legacy-not-managed code-app-not-known");
}

/// Which policy holds does not decide where the same is open in both.
#[test]
fn the_same_is_open_in_both_policies() {
    let mut known = Known::new(Migration::Complete, &["Email"], &["email"]);
    known.report = None;
    assert_eq!(known.answer(), "unclear: not-in-report");
}

/// Notification and code are one method where the legacy page alone allows them.
#[test]
fn the_app_by_the_legacy_page_while_migrating() {
    let page = [Method::MobileAppNotification, Method::MobileAppCode];
    let mut known = Known::new(Migration::InProgress, &["Email"], &[PUSH, CODE]).legacy(&page);
    known.policy.required = Some(2);
    assert_eq!(known.answer(), "no: methods-missing");
    let mut known = Known::new(Migration::InProgress, &["MicrosoftAuthenticator"], &[PUSH, CODE]).legacy(&page);
    known.policy.required = Some(2);
    assert_eq!(known.answer(), "unclear: app-once-or-twice");
}

/// Whoever has registered nothing cannot reset, whatever the policies say.
#[test]
fn nothing_registered_and_a_policy_that_was_not_read() {
    for unread in 0..3 {
        let mut known = Known::new(Migration::Complete, &["Email"], &[]);
        match unread {
            0 => known.policy.required = None,
            1 => known.policy.legacy = None,
            _ => known.policy.converged = None,
        }
        assert_eq!(known.answer(), "no: nothing-registered", "{unread}");
    }
    let mut known = Known::new(Migration::Complete, &["Email"], &["email"]);
    known.policy.converged = None;
    assert_eq!(known.answer(), "unclear: target-not-read");
}

/// Texts and calls end later for people of other tenants, and on an unknown day for an account that was not read.
#[test]
fn phones_of_people_of_other_tenants() {
    let mut known = Known::new(Migration::Complete, &["Sms"], &["mobilePhone"]);
    known.at = date(2027, 3, 1);
    assert_eq!(known.answer(), "no: method-ended");
    known.account = None;
    assert_eq!(known.answer(), "unclear: account-not-read");
    known.account = Some(UserAccount { home: AccountHome::Elsewhere, enabled: Some(true), synchronised: false });
    assert_eq!(known.answer(), "unclear: home-tenant-decides");
    known.at = date(2027, 7, 1);
    assert_eq!(known.answer(), "no: method-ended");
}

/// Nobody says what the legacy switches still do, so that they are no answer where the other policy allows nothing.
#[test]
fn legacy_switches_before_the_migration() {
    let of = |migration, on| Known::new(migration, on, &["email"]).legacy(&[Method::Email]).answer();
    assert_eq!(of(Migration::PreMigration, &[]), "unclear: legacy-not-managed");
    assert_eq!(of(Migration::PreMigration, &["Email"]), "yes");
    assert_eq!(of(Migration::InProgress, &[]), "yes");
}

/// Before its migration the authentication methods policy is about sign-in alone, for administrators, too.
#[test]
fn tokens_of_administrators() {
    let of = |migration, on| Known::new(migration, on, &["email", TOKEN]).as_administrator();
    assert_eq!(of(Migration::Complete, &["HardwareOath"]), "yes");
    assert_eq!(of(Migration::PreMigration, &["HardwareOath"]), "unclear: legacy-not-managed");
    assert_eq!(of(Migration::PreMigration, &[]), "no: methods-missing");
}

/// Administrators who need one method have no more certainty about a notification than users.
#[test]
fn a_notification_alone_of_administrators() {
    let mut known = Known::new(Migration::Complete, &["MicrosoftAuthenticator"], &[PUSH]);
    known.tenant.needed_by_administrators = (1, 1);
    assert_eq!(known.as_administrator(), "unclear: push-alone");
}

/// A tenant without a paid plan has no calls to offices.
#[test]
fn office_phones_in_a_free_tenant() {
    let mut known = Known::new(Migration::Complete, &["Voice"], &["officePhone"]);
    known.tenant.licence = Some(Licence { reset: ResetLicence::ChangeOnly, writeback: false });
    assert_eq!(known.as_administrator(), "no: nothing-allowed");
}

/// The account says where the password is, even if the tenant is no longer synchronised.
#[test]
fn a_synchronised_account_in_a_tenant_that_is_not() {
    let mut known = Known::new(Migration::Complete, &["Email"], &["email"]);
    known.account = Some(UserAccount { home: AccountHome::Here, enabled: Some(true), synchronised: true });
    known.policy.writeback = Some(false);
    assert_eq!(known.answer(), "no: writeback-off");
}

/// Somebody who is not in the report may be an administrator, whom the scope does not concern.
#[test]
fn out_of_scope_and_not_in_the_report() {
    let mut known = Known::new(Migration::Complete, &["Email"], &[]);
    known.policy.scope = Some(ResetScope::Nobody);
    known.report = None;
    assert_eq!(known.answer(), "unclear: administrator-not-known not-in-report");
    known.policy.administrators = Some(false);
    assert_eq!(known.answer(), "no: administrators-off");
}
