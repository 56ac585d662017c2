//! The registration report and the Secure Score.

use std::sync::Mutex;
use std::time::Duration;

use ssprctl::testing::base::clock::Stopwatch;
use ssprctl::testing::client::{ConnectOptions, HttpClient, RetryPolicy, connect};
use ssprctl::testing::tenant::error::{MissingAccess, TenantErrorKind};
use ssprctl::testing::tenant::registration::RegistrationCounts;
use ssprctl::testing::tenant::surface::Service;

use crate::harness::{Checked, Harness, Reply, Seen, error_of, hurried};

const REPORT: &str = "/v1.0/reports/authenticationMethods/userRegistrationDetails";

/// A line of the report: sort of account, administrator, registered, enabled, capable.
fn line(kind: &str, admin: bool, flags: [bool; 3]) -> serde_json::Value {
    let [registered, enabled, capable] = flags;
    serde_json::json!({"id": "x", "userType": kind, "isAdmin": admin, "isSsprRegistered": registered,
        "isSsprEnabled": enabled, "isSsprCapable": capable, "methodsRegistered": ["mobilePhone"],
        "lastUpdatedDateTime": "2026-11-21T22:10:00.6195833Z", "userPreferredMethodForSecondaryAuthentication": ""})
}

fn page(seen: &Seen, lines: &[serde_json::Value], next: Option<usize>) -> Reply {
    let mut page = serde_json::json!({"value": lines});
    if let Some(next) = next {
        page["@odata.nextLink"] = format!("http://{}{REPORT}?$skiptoken={next}", seen.header("host")).into();
    }
    Reply::new(200, page.to_string())
}

/// The number of a page, as its address says.
fn number(seen: &Seen) -> usize {
    seen.target.split_once("$skiptoken=").and_then(|(_, number)| number.parse().ok()).unwrap_or_default()
}

#[tokio::test]
async fn accounts_are_counted_by_sort_and_administrators_apart() -> Checked {
    let harness = Harness::new(|seen| match number(seen) {
        0 => page(seen, &[line("member", false, [true; 3]), line("guest", false, [false, true, false])], Some(1)),
        1 => page(seen, &[], Some(2)),
        _ => page(
            seen,
            &[
                line("member", true, [true, false, false]),
                line("unknownFutureValue", false, [false; 3]),
                serde_json::json!({"userType": null, "isAdmin": null, "isSsprRegistered": true, "isSsprEnabled": true,
                    "isSsprCapable": true, "lastUpdatedDateTime": "2026-11-22T01:00:00Z"}),
            ],
            None,
        ),
    })?;
    let report = Mutex::new(Vec::new());
    let progress = |users| report.lock().map(|mut report| report.push(users)).unwrap_or_default();
    let counted = harness.reader()?.registration(&progress).await?;
    let tally = |users, registered, enabled, capable| RegistrationCounts { users, registered, enabled, capable };
    assert_eq!(counted.members, tally(1, 1, 1, 1));
    assert_eq!(counted.guests, tally(1, 0, 1, 0));
    assert_eq!(counted.administrators, tally(1, 1, 0, 0));
    assert_eq!(counted.others, tally(2, 1, 1, 1));
    assert_eq!(counted.users(), 5);
    let refreshed = counted.refreshed.map(|(oldest, newest)| format!("{oldest:.0} {newest:.0}"));
    assert_eq!(refreshed.as_deref(), Some("2026-11-21T22:10:00Z 2026-11-22T01:00:00Z"));
    assert_eq!(report.into_inner().unwrap_or_default(), [2, 2, 5]);
    let expected =
        "?$select=userType,isAdmin,isSsprRegistered,isSsprEnabled,isSsprCapable,lastUpdatedDateTime&$top=999";
    assert_eq!(harness.seen()[0].target, format!("{REPORT}{expected}"));
    Ok(())
}

#[tokio::test]
async fn a_report_that_takes_no_options_is_asked_without() -> Checked {
    let harness = Harness::new(|seen| {
        if seen.target.contains("$select") {
            return Reply::new(
                400,
                r#"{"error":{"code":"BadRequest","message":"Query option 'Select' is not allowed."}}"#,
            );
        }
        page(seen, &[line("member", false, [true; 3])], None)
    })?;
    assert_eq!(harness.reader()?.registration(&|_| {}).await?.members.capable, 1);
    assert_eq!(harness.seen()[1].target, REPORT);
    Ok(())
}

#[tokio::test]
async fn a_page_that_fails_leaves_no_half_count() -> Checked {
    let harness = Harness::new(|seen| match number(seen) {
        0 => page(seen, &[line("member", false, [true; 3])], Some(1)),
        _ => Reply::new(500, ""),
    })?;
    assert_eq!(error_of(harness.reader()?.registration(&|_| {}).await)?.kind, TenantErrorKind::Unavailable);
    let shapeless = Harness::replying([Reply::new(200, r#"{"value":[{"userType":"member"}]}"#)])?;
    assert_eq!(error_of(shapeless.reader()?.registration(&|_| {}).await)?.kind, TenantErrorKind::UnexpectedResponse);
    Ok(())
}

#[tokio::test]
async fn a_tenant_without_a_licence_is_reported() -> Checked {
    let body = r#"{"error":{"code":"Authentication_RequestFromNonPremiumTenantOrB2CTenant","message":"Neither tenant is B2C"}}"#;
    let harness = Harness::replying([Reply::new(403, body)])?;
    let found = error_of(harness.reader()?.registration(&|_| {}).await)?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Licence));
    let denied = Harness::replying([Reply::new(403, r#"{"error":{"code":"Authorization_RequestDenied"}}"#)])?;
    let found = error_of(denied.reader()?.registration(&|_| {}).await)?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Scope(Service::Graph)));
    assert!(found.hint.unwrap_or_default().contains("AuditLog.Read.All"));
    Ok(())
}

#[tokio::test]
async fn throttling_is_waited_out_in_the_middle_of_a_report() -> Checked {
    let refused = std::sync::atomic::AtomicBool::new(false);
    let harness = Harness::new(move |seen| match number(seen) {
        0 => page(seen, &[line("member", false, [true; 3])], Some(1)),
        _ if !refused.swap(true, std::sync::atomic::Ordering::SeqCst) => Reply::new(429, "").header("retry-after", "0"),
        _ => page(seen, &[line("member", false, [true; 3])], None),
    })?;
    assert_eq!(harness.reader()?.registration(&|_| {}).await?.members.users, 2);
    assert_eq!(harness.seen().len(), 3);
    Ok(())
}

/// Five requests go out at once, and the sixth five pauses after the first, however fast the machine is.
#[tokio::test]
async fn a_long_report_obeys_the_rate_of_the_service() -> Checked {
    const PAUSE: Duration = Duration::from_millis(40);
    let harness = Harness::new(|seen| page(seen, &[], Some(number(seen) + 1).filter(|next| *next < 7)))?;
    let retry_policy = RetryPolicy { report_pause: PAUSE, ..hurried() };
    let reader = connect(ConnectOptions { http: HttpClient::new(retry_policy), ..harness.options() })?;
    let watch = Stopwatch::start();
    reader.registration(&|_| {}).await?;
    assert!(watch.elapsed() >= 5 * PAUSE, "{:?}", watch.elapsed());
    assert_eq!(harness.seen().len(), 7);
    Ok(())
}

#[tokio::test]
async fn the_newest_score_has_the_control() -> Checked {
    let body = r#"{"value":[{"id":"x_2026-11-21","createdDateTime":"2026-11-21T00:00:00Z","currentScore":39.0,"controlScores":[
        {"controlName":"AdminMFAV2","controlCategory":"Identity","score":10.0},
        {"controlName":"selfServicePasswordReset","controlCategory":"Identity","count":"4","total":"4","score":0.75,
         "scoreInPercentage":75.0,"implementationStatus":"You have 1 of 4 users who don't have it enabled."}]}]}"#;
    let harness = Harness::replying([Reply::new(200, body)])?;
    let score = harness.reader()?.score().await?.ok_or("no score")?;
    assert_eq!(harness.seen()[0].target, "/v1.0/security/secureScores?$top=1");
    assert_eq!(score.taken.map(|at| at.to_string()).as_deref(), Some("2026-11-21T00:00:00Z"));
    assert!((score.points - 0.75).abs() < f64::EPSILON);
    assert_eq!(score.status.as_deref(), Some("You have 1 of 4 users who don't have it enabled."));
    Ok(())
}

#[tokio::test]
async fn a_score_that_is_not_there_is_not_zero() -> Checked {
    let without_points = r#"{"value":[{"controlScores":[{"controlName":"SelfServicePasswordReset"}]}]}"#;
    for body in [r#"{"value":[]}"#, r#"{"value":[{"controlScores":[]}]}"#, without_points] {
        let harness = Harness::replying([Reply::new(200, body)])?;
        assert_eq!(harness.reader()?.score().await?, None, "{body}");
    }
    let harness = Harness::replying([Reply::new(403, r#"{"error":{"code":"AccessDenied"}}"#)])?;
    let found = error_of(harness.reader()?.score().await)?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Scope(Service::Graph)));
    assert!(found.hint.unwrap_or_default().contains("SecurityEvents.Read.All"));
    Ok(())
}
