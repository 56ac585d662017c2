//! Who would feel a plan: one made-up person at a time.

use jiff::civil::{Date, date};
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::ObjectId;
use ssprctl::testing::catalog::tenant_calendar::TenantCalendar;
use ssprctl::testing::person::answer::AnswerReason;
use ssprctl::testing::person::census::Census;
use ssprctl::testing::person::facts::{GroupMemberships, PersonFacts, TenantSituation};
use ssprctl::testing::plan::change::Plan;
use ssprctl::testing::review::impact::{Impact, LostReset, policy_change};
use ssprctl::testing::review::losses::Losses;
use ssprctl::testing::tenant::account::{AccountHome, UserAccount};
use ssprctl::testing::tenant::facts::{Licence, ResetLicence};
use ssprctl::testing::tenant::registration::UserRegistrationDetails;
use uuid::Uuid;

use crate::harness::{CONTOSO, Harness, TestResult, policy};

pub(crate) const NOW: &str = "scope: { users: all, administrators: true }
methods: { required: 1, allowed: [mobileAppCode, email, mobilePhone] }";
pub(crate) const TODAY: Date = date(2026, 11, 27);
pub(crate) const HERE: UserAccount = UserAccount { home: AccountHome::Here, enabled: Some(true), synchronised: false };

pub(crate) fn id(number: u128) -> ObjectId {
    ObjectId(Uuid::from_u128(number))
}

pub(crate) fn person(number: u128, methods: &str, enabled: bool, capable: bool) -> UserRegistrationDetails {
    UserRegistrationDetails {
        id: id(number),
        member: true,
        administrator: false,
        methods: methods.split_whitespace().map(str::to_owned).collect(),
        enabled,
        capable,
        refreshed: None,
    }
}

/// A tenant of which everything is known, with these members of the group in scope.
pub(crate) fn situation(plan: &Plan, members: &[u128]) -> TenantSituation {
    let mut groups = GroupMemberships::default();
    for group in plan.group_names.keys() {
        groups.insert(*group, Some(members.iter().map(|number| id(*number)).collect()));
    }
    TenantSituation {
        licence: Some(Licence { reset: ResetLicence::Permits, writeback: true }),
        synchronised: Some(false),
        writeback_running: None,
        needed_by_administrators: (2, 2),
        groups,
        calendar: TenantCalendar::of(Cloud::Global),
        today: TODAY,
    }
}

/// People with these accounts.
pub(crate) fn census<'a>(
    tenant: &TenantSituation,
    people: impl IntoIterator<Item = (&'a UserRegistrationDetails, UserAccount)>,
) -> Census {
    let mut census = Census::default();
    for (report, account) in people {
        census.add(
            &tenant.groups,
            &PersonFacts { id: report.id, account: Some(account), report: Some(report), roles: None },
        );
    }
    census
}

/// What a plan does to people whose accounts are in the tenant, without its losses, which have tests of their own.
fn counted(plan: &Plan, people: &[UserRegistrationDetails], members: &[u128]) -> Option<Impact> {
    let tenant = situation(plan, members);
    let change = policy_change(plan, &tenant.calendar, TODAY, TODAY)?;
    let census = census(&tenant, people.iter().map(|person| (person, HERE)));
    Some(Impact { losses: Losses::default(), lost: LostReset::default(), ..change.count(&census, &tenant) })
}

/// What a policy does to some people of a tenant that is as [`NOW`] says.
async fn impact(
    sections: &str,
    people: &[UserRegistrationDetails],
    members: &[u128],
) -> Result<Impact, Box<dyn std::error::Error>> {
    let harness = Harness::start()?;
    harness.apply(&policy(CONTOSO, NOW)).await?;
    let review = harness.review(&policy(CONTOSO, sections)).await?;
    Ok(counted(&review.plan, people, members).ok_or("nobody is touched")?)
}

/// The numbers of today.
fn today() -> Impact {
    Impact { at: Some(TODAY), ..Impact::default() }
}

/// From one method to two: whoever registered one is stranded.
#[tokio::test]
async fn a_second_method_strands_those_who_have_one() -> TestResult {
    let people = [
        person(1, "email", true, true),
        person(2, "email mobilePhone", true, true),
        person(3, "", true, false),
        // The app counts once, a phone counts once, a key never.
        person(4, "microsoftAuthenticatorPush softwareOneTimePasscode", true, true),
        person(5, "mobilePhone alternateMobilePhone fido2SecurityKey", true, true),
    ];
    let text = NOW.replace("required: 1", "required: 2");
    let counted = impact(&text, &people, &[]).await?;
    let expected = Impact { people: 5, now: 4, then: 1, lose: 3, short: 3, unregistered: 1, ..today() };
    assert_eq!(counted, expected);
    Ok(())
}

#[tokio::test]
async fn a_group_counts_its_members_alone() -> TestResult {
    let people = [1, 2, 3].map(|number| person(number, "email", true, true));
    let text = NOW.replace("users: all", "users: selected, group: SSPR-Pilot");
    let counted = impact(&text, &people, &[3, 1, 9]).await?;
    assert_eq!(counted, Impact { people: 3, now: 3, then: 2, lose: 1, ..today() });
    let nobody = impact(&NOW.replace("users: all", "users: none"), &people, &[]).await?;
    assert_eq!(nobody, Impact { people: 3, now: 3, lose: 3, ..today() });
    Ok(())
}

#[tokio::test]
async fn a_method_that_comes_brings_those_who_have_it() -> TestResult {
    let people = [person(1, "officePhone", true, false), person(2, "securityQuestion", true, false)];
    let counted = impact(&NOW.replace("email, ", "email, officePhone, "), &people, &[]).await?;
    assert_eq!(counted, Impact { people: 2, then: 1, gain: 1, unregistered: 1, ..today() });
    Ok(())
}

/// Entra ID does not offer the notification of the app while one method is required: whoever has nothing else cannot reset,
/// before two are required and after.
#[tokio::test]
async fn a_notification_counts_only_with_another_method() -> TestResult {
    let harness = Harness::start()?;
    harness.apply(&policy(CONTOSO, NOW)).await?;
    harness.set(CONTOSO, "methods.allowed", "mobileAppNotification,email")?;
    let people = [
        person(1, "microsoftAuthenticatorPush", true, false),
        person(2, "microsoftAuthenticatorPush email", true, true),
        person(3, "email", true, true),
    ];
    let text = "scope: { users: all }\nmethods: { required: 2, allowed: [mobileAppNotification, email] }";
    let review = harness.review(&policy(CONTOSO, text)).await?;
    let impact = counted(&review.plan, &people, &[]).ok_or("nobody is touched")?;
    assert_eq!(impact, Impact { people: 3, now: 2, then: 1, lose: 1, short: 2, ..today() });
    Ok(())
}

/// Nothing is claimed of somebody for whom the report says otherwise, or whose methods are not understood.
#[tokio::test]
async fn what_the_report_does_not_bear_out_is_unclear() -> TestResult {
    let text = NOW.replace("required: 1", "required: 2");
    for (unclear, reason) in [
        (person(1, "email", true, false), AnswerReason::ReportDisagrees),
        (person(2, "fido2SecurityKey", true, true), AnswerReason::ReportDisagrees),
        (person(3, "email telepathy", true, true), AnswerReason::MethodNotKnown),
    ] {
        let counted = impact(&text, std::slice::from_ref(&unclear), &[]).await?;
        let reasons = [(reason, 1)].into();
        // Whoever can reset now may lose it.
        let able = u64::from(reason == AnswerReason::MethodNotKnown);
        let expected = Impact { people: 1, now: able, unclear: 1, at_risk: able, reasons, ..today() };
        assert_eq!(counted, expected, "{unclear:?}");
    }
    Ok(())
}

#[tokio::test]
async fn administrators_and_people_of_other_tenants_are_counted_apart() -> TestResult {
    let harness = Harness::start()?;
    harness.apply(&policy(CONTOSO, NOW)).await?;
    let text = NOW.replace("administrators: true", "administrators: false").replace("users: all", "users: none");
    let plan = harness.review(&policy(CONTOSO, &text)).await?.plan;
    let tenant = situation(&plan, &[]);
    let change = policy_change(&plan, &tenant.calendar, TODAY, TODAY).ok_or("nobody is touched")?;
    let administrator = UserRegistrationDetails { administrator: true, ..person(1, "email mobilePhone", true, true) };
    let without = UserRegistrationDetails { administrator: true, ..person(2, "email", true, false) };
    let guest = UserRegistrationDetails { member: false, ..person(3, "email", true, true) };
    let people =
        [(&administrator, HERE), (&without, HERE), (&guest, UserAccount { home: AccountHome::Elsewhere, ..HERE })];
    let impact = change.count(&census(&tenant, people), &tenant);
    let losses = Losses::default();
    assert_eq!(
        Impact { losses, lost: LostReset::default(), ..impact },
        Impact { administrators_lose: 1, external: 1, ..today() }
    );
    Ok(())
}

#[tokio::test]
async fn a_plan_about_something_else_touches_nobody() -> TestResult {
    let harness = Harness::start()?;
    let review = harness.review(&policy(CONTOSO, "notifications: { administrators: true }")).await?;
    assert_eq!(counted(&review.plan, &[], &[]), None);
    Ok(())
}

/// A date at which methods end changes who can reset, although the plan changes nothing.
#[tokio::test]
async fn the_end_of_phones_touches_those_who_have_nothing_else() -> TestResult {
    let harness = Harness::start()?;
    harness.apply(&policy(CONTOSO, NOW)).await?;
    let plan = harness.review(&policy(CONTOSO, NOW)).await?.plan;
    let tenant = situation(&plan, &[]);
    let people = [person(1, "mobilePhone", true, true), person(2, "mobilePhone email", true, true)];
    for (at, lose) in [(date(2027, 1, 31), None), (date(2027, 2, 1), Some(1)), (date(2027, 2, 2), Some(1))] {
        let census = census(&tenant, people.iter().map(|person| (person, HERE)));
        let change = policy_change(&plan, &tenant.calendar, TODAY, at);
        let counted = change.map(|change| change.count(&census, &tenant).lose);
        assert_eq!(counted, lose, "{at}");
    }
    Ok(())
}
