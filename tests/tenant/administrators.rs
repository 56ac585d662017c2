//! Administrators in the scope of a reset that they may not use: asked for where a policy makes it matter, and never a blocker.

use entra_sandbox::Person;
use ssprctl::testing::plan::change::Plan;
use ssprctl::testing::review::approve::Review;

use crate::harness::{CONTOSO, Harness, NORTHWIND, TestResult, policy};

const CODE: &str = "administrators-in-scope";

fn scope(rest: &str) -> String {
    policy(CONTOSO, &format!("scope: {{ {rest} }}"))
}

fn report(review: &Review) -> Option<&str> {
    review.findings.iter().find(|finding| finding.code == CODE).map(|finding| finding.message.as_str())
}

fn unread(plan: &Plan) -> Vec<(&'static str, &str)> {
    plan.unread.iter().map(|unread| (unread.what, unread.why.message.as_str())).collect()
}

/// Whether the members of a group, or the report of who is an administrator, were asked for.
fn asked(harness: &Harness) -> bool {
    let seen = harness.server.requests();
    seen.iter().any(|seen| seen.path.contains("transitiveMembers") || seen.path.contains("userRegistrationDetails"))
}

#[tokio::test]
async fn administrators_in_the_group_are_counted() -> TestResult {
    let harness = Harness::start()?;
    let review = harness.review(&scope("users: selected, group: Helpdesk Staff, administrators: false")).await?;
    assert_eq!(report(&review), Some("2 administrators are in the scope's group, and administrators cannot reset"));
    assert_eq!(review.refusal(), None);
    let twin = harness.review(&scope("users: selected, group: SSPR-Pilot, administrators: false")).await?;
    assert_eq!((report(&twin), unread(&twin.plan)), (None, vec![]), "{:#?}", twin.findings);
    Ok(())
}

#[tokio::test]
async fn everybody_is_everybody_and_needs_no_counting() -> TestResult {
    let harness = Harness::start()?;
    let review = harness.review(&scope("users: all, administrators: false")).await?;
    assert_eq!(
        report(&review),
        Some("administrators are in the scope, as everybody is, and administrators cannot reset")
    );
    assert!(!asked(&harness));
    let quiet =
        policy(CONTOSO, "scope: { users: all, administrators: false }\nregistration: { requiredAtSignIn: false }");
    assert_eq!(report(&harness.review(&quiet).await?), None, "nobody is asked to register");
    Ok(())
}

#[tokio::test]
async fn nothing_is_asked_where_it_does_not_matter() -> TestResult {
    let harness = Harness::start()?;
    for rest in
        ["users: selected, group: Helpdesk Staff, administrators: true", "users: selected, group: Helpdesk Staff"]
    {
        assert_eq!(report(&harness.review(&scope(rest)).await?), None, "{rest}");
    }
    for group in ["Nobody Knows", "b6cdb9c3-d660-4558-bcfd-82c14a986b56"] {
        let review = harness.review(&scope(&format!("users: selected, group: {group}, administrators: false"))).await?;
        assert!(review.findings.iter().any(|finding| finding.code == "group-not-found"), "{:#?}", review.findings);
    }
    assert!(!asked(&harness));
    Ok(())
}

/// What cannot be read is unknown with its reason; the plan goes on.
#[tokio::test]
async fn what_cannot_be_counted_stops_nobody() -> TestResult {
    let harness = Harness::start()?;
    let text = scope("users: selected, group: Helpdesk Staff, administrators: false");
    let person = Person::lacking(&["AuditLog.Read.All"]);
    let review = harness.review_as(&text, CONTOSO, &person).await?.map_err(|error| error.message)?;
    assert_eq!((report(&review), review.refusal()), (None, None));
    let [(what, why)] = unread(&review.plan)[..] else { return Err(format!("{:#?}", review.plan.unread).into()) };
    assert_eq!(what, "administrators in the scope's group");
    assert!(why.contains("may not read the registration report"), "{why}");
    // A tenant without Entra ID P1 has no such report.
    let text = policy(NORTHWIND, "scope: { users: selected, group: Everyone, administrators: false }");
    let review = harness.review(&text).await?;
    assert!(unread(&review.plan).iter().any(|(what, _)| *what == "administrators in the scope's group"));
    Ok(())
}
