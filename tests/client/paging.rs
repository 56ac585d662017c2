//! Lists in pages: every list is read to its end, and links that lead in a circle or elsewhere are refused.

use std::time::Duration;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, PageFault};
use entra_sandbox::{Audience, Faults, Person};
use serde_json::{Value, json};
use ssprctl::testing::base::ids::ObjectId;
use ssprctl::testing::client::{ConnectOptions, Credentials, HttpClient, RetryPolicy, TenantReader, connect};
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::audit::AuditQuery;
use ssprctl::testing::tenant::error::{TenantError, TenantErrorKind};
use ssprctl::testing::tenant::facts::{Licence, ResetLicence};
use ssprctl::testing::tenant::group::GroupQuery;
use ssprctl::testing::tenant::surface::{Service, Surface};
use uuid::Uuid;

use crate::emulator::Sandbox;
use crate::harness::{Checked, Harness, Reply, error_of, hurried, unpaced};

const FABRIKAM: &str = "fabrikam.onmicrosoft.com";
const USERS: u128 = 0x55bc_0002_0600_4000_8000_0000_0000_0001;

/// Everything that is read as a list, as text.
async fn lists(reader: &TenantReader) -> Result<Vec<String>, TenantError> {
    let named = |name: &str| GroupQuery::Name(name.to_owned());
    let query = AuditQuery {
        activity: "Update SSPR",
        service: "Self-service Password Management",
        since: "2026-05-01T00:00:00Z".parse().unwrap_or_default(),
        until: "2026-05-13T07:17:35Z".parse().unwrap_or_default(),
    };
    let audit = reader.audit(&query).await?;
    let found = [
        format!("{:?}", reader.groups(&named("SSPR Users")).await?),
        format!("{:?}", reader.groups(&named("All Employees")).await?.len()),
        format!("{:?}", reader.groups(&named("nobody")).await?),
        format!("{:?}", reader.identify(Service::Graph).await?),
        format!("{:?}", reader.licence().await?),
        format!("{:?}", reader.directory_synced().await?),
        format!("{:?}", reader.administrators_among(ObjectId(Uuid::from_u128(USERS))).await?),
        format!("{:?}", reader.read(Surface::ConditionalAccess).await?),
        format!("{:?}", reader.read(Surface::DeviceConfiguration).await?),
        format!("{:?}", reader.registration(&|_| {}).await?),
        format!("{:?}", reader.score().await?),
        format!("{} {}", audit.whole, audit.events.len()),
    ];
    Ok(found.to_vec())
}

fn reader(sandbox: &Sandbox) -> Result<TenantReader, Box<dyn std::error::Error>> {
    let token = sandbox.token(FABRIKAM, Audience::Graph, &Person::Administrator)?;
    let retry_policy = RetryPolicy { report_pause: Duration::ZERO, ..hurried() };
    let options = sandbox.options(FABRIKAM, Credentials::fixed(None, Some(token)));
    Ok(connect(ConnectOptions { http: HttpClient::new(retry_policy), ..options })?)
}

fn paging(fault: PageFault) -> Faults {
    Faults::none().and(Fault::on(Method::GET, "/v1.0/", Action::Pages(fault)))
}

#[tokio::test]
async fn every_list_is_read_to_its_end() -> Checked {
    let whole = lists(&reader(&Sandbox::start()?)?).await?;
    for fault in [PageFault::Empty(1), PageFault::Empty(3), PageFault::Items(1)] {
        // The report of thousands of users is read with few items only where that is quick.
        let faults = match &fault {
            PageFault::Items(_) => ["groups", "organization", "subscribedSkus", "conditionalAccess", "directoryAudits"]
                .into_iter()
                .fold(Faults::none(), |faults, path| {
                    faults.and(Fault::on(Method::GET, path, Action::Pages(fault.clone())))
                }),
            _ => paging(fault.clone()),
        };
        assert_eq!(lists(&reader(&Sandbox::failing(faults)?)?).await?, whole, "{fault:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_circle_of_any_length_ends_the_read() -> Checked {
    for length in [1, 2, 3, 7] {
        let sandbox = Sandbox::failing(paging(PageFault::Circle(length)))?;
        let reader = reader(&sandbox)?;
        let found = error_of(reader.groups(&GroupQuery::Name("nobody".to_owned())).await)?;
        assert_eq!(found.kind, TenantErrorKind::UnexpectedResponse);
        assert!(found.message.contains("names as its next page one that was read already"), "{found}");
        assert!(found.request_id.is_some() && found.hint.is_some());
        assert_eq!(sandbox.server.requests().len(), usize::try_from(length)?, "a circle of {length}");
        for found in errors_of_lists(&reader).await? {
            assert!(found.message.contains("so the list has no end"), "{found}");
        }
    }
    Ok(())
}

/// The errors of every list but that of groups.
async fn errors_of_lists(reader: &TenantReader) -> Result<[TenantError; 6], Box<dyn std::error::Error>> {
    Ok([
        error_of(reader.identify(Service::Graph).await)?,
        error_of(reader.licence().await)?,
        error_of(reader.directory_synced().await)?,
        error_of(reader.administrators_among(ObjectId(Uuid::from_u128(USERS))).await)?,
        error_of(reader.read(Surface::ConditionalAccess).await)?,
        error_of(reader.registration(&|_| {}).await)?,
    ])
}

#[tokio::test]
async fn a_link_elsewhere_is_refused_and_nothing_is_sent_there() -> Checked {
    let elsewhere = Harness::replying([Reply::new(200, r#"{"value":[]}"#)])?;
    let sandbox = Sandbox::failing(paging(PageFault::ForeignLink(elsewhere.url())))?;
    let reader = reader(&sandbox)?;
    let groups = error_of(reader.groups(&GroupQuery::Name("nobody".to_owned())).await)?;
    for found in std::iter::once(groups).chain(errors_of_lists(&reader).await?) {
        assert_eq!(found.kind, TenantErrorKind::UnexpectedResponse);
        assert!(found.message.contains("names a next page on another host, which is not followed"), "{found}");
    }
    assert!(elsewhere.seen().is_empty());
    Ok(())
}

fn group(number: u32) -> Value {
    json!({"id": Uuid::from_u128(number.into()), "displayName": "SSPR-Pilot", "securityEnabled": true})
}

/// Pages of groups, linked one to the next.
fn pages(pages: Vec<Vec<Value>>) -> std::io::Result<Harness> {
    Harness::new(move |seen| {
        let number = seen.target.split_once("$skiptoken=").and_then(|(_, n)| n.parse().ok()).unwrap_or(0_usize);
        let mut page = json!({"value": pages.get(number)});
        if number + 1 < pages.len() {
            let next = format!("http://{}/v1.0/groups?$skiptoken={}", seen.header("host"), number + 1);
            page["@odata.nextLink"] = next.into();
        }
        Reply::new(200, page.to_string())
    })
}

#[tokio::test]
async fn whether_a_name_is_ambiguous_is_judged_on_all_pages() -> Checked {
    for (found, requests, listed) in [
        (1, 2, vec![vec![], vec![group(1)]]),
        (2, 2, vec![vec![group(1)], vec![group(2)]]),
        (2, 4, vec![vec![group(1)], vec![], vec![], vec![group(2)], vec![group(3)]]),
        (1, 3, vec![vec![group(1)], vec![group(1)], vec![]]),
        (0, 3, vec![vec![], vec![], vec![]]),
    ] {
        let harness = pages(listed.clone())?;
        let groups = harness.reader()?.groups(&GroupQuery::Name("SSPR-Pilot".to_owned())).await?;
        assert_eq!((groups.len(), harness.seen().len()), (found, requests), "{listed:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_subscription_on_the_last_page_counts() -> Checked {
    let premium = json!({"skuId": "078d2b04-f1bd-4111-bbd4-b4b1b354cef4", "capabilityStatus": "Enabled",
        "servicePlans": [{"servicePlanId": "41781fb2-bc02-4b7c-bd55-b576c07bb09d", "provisioningStatus": "Success"}]});
    let harness = Harness::new(move |seen| {
        let next = format!("http://{}/v1.0/subscribedSkus?$skiptoken=x", seen.header("host"));
        Reply::new(
            200,
            match seen.target.contains("$skiptoken") {
                false => json!({"value": [], "@odata.nextLink": next}),
                true => json!({"value": [premium]}),
            }
            .to_string(),
        )
    })?;
    assert_eq!(harness.reader()?.licence().await?, Licence { reset: ResetLicence::Permits, writeback: true });
    Ok(())
}

/// The token in a link expires: the list is read once more, and refused when that fails as well.
#[tokio::test]
async fn a_list_whose_token_expired_is_read_again_from_its_first_page() -> Checked {
    let expired = r#"{"error":{"code":"Directory_ExpiredPageToken","message":"The token has expired."}}"#;
    for (refusals, whole, requests) in [(1, true, 4), (2, false, 4)] {
        let left = std::sync::atomic::AtomicUsize::new(refusals);
        let harness = Harness::new(move |seen| {
            let later = seen.target.contains("$skiptoken");
            let refused = |left: usize| left.checked_sub(1);
            let order = std::sync::atomic::Ordering::SeqCst;
            if later && left.fetch_update(order, order, refused).is_ok() {
                return Reply::new(400, expired);
            }
            let next = format!("http://{}/v1.0/groups?$skiptoken=x", seen.header("host"));
            let page =
                json!({"value": [group(if later { 2 } else { 1 })], "@odata.nextLink": (!later).then_some(next)});
            Reply::new(200, page.to_string())
        })?;
        let found = unpaced(&harness)?.groups(&GroupQuery::Name("SSPR-Pilot".to_owned())).await;
        assert_eq!((found.is_ok(), harness.seen().len()), (whole, requests), "{found:?}");
    }
    Ok(())
}
