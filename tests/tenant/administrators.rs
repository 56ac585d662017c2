//! Administrators in the scope of a reset that they may not use: asked for where a policy makes it matter, and never a blocker.

use entra_sandbox::Person;
use ssprctl::plan::change::Plan;
use ssprctl::review::approve::Review;

use crate::harness::{CONTOSO, Ended, NORTHWIND, Stand, policy};

const CODE: &str = "administrators-in-scope";

fn scope(rest: &str) -> String {
    policy(CONTOSO, &format!("scope: {{ {rest} }}"))
}

fn told(review: &Review) -> Option<&str> {
    review.findings.iter().find(|finding| finding.code == CODE).map(|finding| finding.message.as_str())
}

fn unread(plan: &Plan) -> Vec<(&'static str, &str)> {
    plan.unread.iter().map(|unread| (unread.what, unread.why.message.as_str())).collect()
}

/// Whether the members of a group, or the report of who is an administrator, were asked for.
fn asked(stand: &Stand) -> bool {
    let seen = stand.server.requests();
    seen.iter().any(|seen| seen.path.contains("transitiveMembers") || seen.path.contains("userRegistrationDetails"))
}

#[tokio::test]
async fn administrators_in_the_group_are_counted() -> Ended {
    let stand = Stand::start()?;
    let review = stand.review(&scope("users: selected, group: Helpdesk Staff, administrators: false")).await?;
    assert_eq!(told(&review), Some("2 administrators are in the scope's group, and administrators cannot reset"));
    assert_eq!(review.refusal(), None);
    let twin = stand.review(&scope("users: selected, group: SSPR-Pilot, administrators: false")).await?;
    assert_eq!((told(&twin), unread(&twin.plan)), (None, vec![]), "{:#?}", twin.findings);
    Ok(())
}

#[tokio::test]
async fn everybody_is_everybody_and_needs_no_counting() -> Ended {
    let stand = Stand::start()?;
    let review = stand.review(&scope("users: all, administrators: false")).await?;
    assert_eq!(
        told(&review),
        Some("administrators are in the scope, as everybody is, and administrators cannot reset")
    );
    assert!(!asked(&stand));
    let quiet =
        policy(CONTOSO, "scope: { users: all, administrators: false }\nregistration: { requiredAtSignIn: false }");
    assert_eq!(told(&stand.review(&quiet).await?), None, "nobody is asked to register");
    Ok(())
}

#[tokio::test]
async fn nothing_is_asked_where_it_does_not_matter() -> Ended {
    let stand = Stand::start()?;
    for rest in
        ["users: selected, group: Helpdesk Staff, administrators: true", "users: selected, group: Helpdesk Staff"]
    {
        assert_eq!(told(&stand.review(&scope(rest)).await?), None, "{rest}");
    }
    for group in ["Nobody Knows", "b6cdb9c3-d660-4558-bcfd-82c14a986b56"] {
        let review = stand.review(&scope(&format!("users: selected, group: {group}, administrators: false"))).await?;
        assert!(review.findings.iter().any(|finding| finding.code == "group-not-found"), "{:#?}", review.findings);
    }
    assert!(!asked(&stand));
    Ok(())
}

/// What cannot be read is unknown with its reason; the plan goes on.
#[tokio::test]
async fn what_cannot_be_counted_stops_nobody() -> Ended {
    let stand = Stand::start()?;
    let text = scope("users: selected, group: Helpdesk Staff, administrators: false");
    let person = Person::lacking(&["AuditLog.Read.All"]);
    let review = stand.review_as(&text, CONTOSO, &person).await?.map_err(|trouble| trouble.message)?;
    assert_eq!((told(&review), review.refusal()), (None, None));
    let [(what, why)] = unread(&review.plan)[..] else { return Err(format!("{:#?}", review.plan.unread).into()) };
    assert_eq!(what, "administrators in the scope's group");
    assert!(why.contains("may not read the registration report"), "{why}");
    // A tenant without Entra ID P1 has no such report.
    let text = policy(NORTHWIND, "scope: { users: selected, group: Everyone, administrators: false }");
    let review = stand.review(&text).await?;
    assert!(unread(&review.plan).iter().any(|(what, _)| *what == "administrators in the scope's group"));
    Ok(())
}
