//! Who would feel a plan: one made-up person at a time.

use ssprctl::testing::base::ids::ObjectId;
use ssprctl::testing::review::impact::{GroupMembers, Impact, shift};
use ssprctl::testing::tenant::registration::UserRegistrationDetails;
use uuid::Uuid;

use crate::harness::{CONTOSO, Harness, TestResult, policy};

const NOW: &str = "scope: { users: all, administrators: true }
methods: { required: 1, allowed: [mobileAppCode, email, mobilePhone] }";

fn person(number: u128, methods: &str, enabled: bool, capable: bool) -> UserRegistrationDetails {
    UserRegistrationDetails {
        id: ObjectId(Uuid::from_u128(number)),
        member: true,
        administrator: false,
        methods: methods.split_whitespace().map(str::to_owned).collect(),
        enabled,
        capable,
        refreshed: None,
    }
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
    let shift = shift(&review.plan)?.ok_or("nobody is touched")?;
    let members: GroupMembers = members.iter().map(|number| ObjectId(Uuid::from_u128(*number))).collect();
    let mut impact = Impact::default();
    people.iter().for_each(|person| shift.count(&mut impact, person, &members));
    Ok(impact)
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
    let expected = Impact { people: 5, now: 4, then: 1, lose: 3, short: 3, unregistered: 1, ..Impact::default() };
    assert_eq!(counted, expected);
    Ok(())
}

#[tokio::test]
async fn a_group_counts_its_members_alone() -> TestResult {
    let people = [1, 2, 3].map(|number| person(number, "email", true, true));
    let text = NOW.replace("users: all", "users: selected, group: SSPR-Pilot");
    let counted = impact(&text, &people, &[3, 1, 9]).await?;
    assert_eq!(counted, Impact { people: 3, now: 3, then: 2, lose: 1, ..Impact::default() });
    let nobody = impact(&NOW.replace("users: all", "users: none"), &people, &[]).await?;
    assert_eq!(nobody, Impact { people: 3, now: 3, lose: 3, ..Impact::default() });
    Ok(())
}

#[tokio::test]
async fn a_method_that_comes_brings_those_who_have_it() -> TestResult {
    let people = [person(1, "officePhone", true, false), person(2, "securityQuestion", true, false)];
    let counted = impact(&NOW.replace("email, ", "email, officePhone, "), &people, &[]).await?;
    assert_eq!(counted, Impact { people: 2, then: 1, gain: 1, unregistered: 1, ..Impact::default() });
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
    let shift = shift(&review.plan)?.ok_or("nobody is touched")?;
    let mut impact = Impact::default();
    people.iter().for_each(|person| shift.count(&mut impact, person, &GroupMembers::default()));
    assert_eq!(impact, Impact { people: 3, now: 2, then: 1, lose: 1, short: 2, ..Impact::default() });
    Ok(())
}

/// Nothing is claimed of somebody for whom the report says otherwise, or whose methods are not understood.
#[tokio::test]
async fn what_the_report_does_not_bear_out_is_unclear() -> TestResult {
    let text = NOW.replace("required: 1", "required: 2");
    for unclear in [
        person(1, "email", true, false),
        person(2, "fido2SecurityKey", true, true),
        person(3, "email telepathy", true, true),
        // Notifications are on file, codes perhaps.
        person(4, "email microsoftAuthenticatorPush", true, true),
    ] {
        let counted = impact(&text, std::slice::from_ref(&unclear), &[]).await?;
        assert_eq!(counted, Impact { people: 1, unclear: 1, ..Impact::default() }, "{unclear:?}");
    }
    Ok(())
}

#[tokio::test]
async fn administrators_and_guests_are_no_members() -> TestResult {
    let administrator = UserRegistrationDetails { administrator: true, ..person(1, "email mobilePhone", true, true) };
    let without = UserRegistrationDetails { capable: false, ..administrator.clone() };
    let guest = UserRegistrationDetails { member: false, ..person(2, "email", true, true) };
    let text = NOW.replace("administrators: true", "administrators: false").replace("required: 1", "required: 2");
    let counted = impact(&text, &[administrator, without, guest], &[]).await?;
    assert_eq!(counted, Impact { administrators_lose: 1, ..Impact::default() });
    Ok(())
}

#[tokio::test]
async fn a_plan_about_something_else_touches_nobody() -> TestResult {
    let harness = Harness::start()?;
    let review = harness.review(&policy(CONTOSO, "notifications: { administrators: true }")).await?;
    assert_eq!(shift(&review.plan)?, None);
    // Half of what decides was not read: no number is better than a wrong one.
    let half = harness.review(&policy(CONTOSO, "scope: { administrators: false }")).await?;
    assert_eq!(shift(&half.plan), Err("scope.users"));
    Ok(())
}
