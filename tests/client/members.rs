//! The members of a group, and the administrators among them.

use ssprctl::testing::base::ids::ObjectId;
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::error::TenantErrorKind;
use uuid::Uuid;

use crate::harness::{Checked, Harness, Reply, Seen, error_of};

const GROUP: ObjectId = ObjectId(Uuid::from_u128(7));
const REPORT: &str = "/v1.0/reports/authenticationMethods/userRegistrationDetails";

fn id(number: usize) -> String {
    Uuid::from_u128(number as u128).to_string()
}

/// A page of objects with these numbers for ids.
fn page(seen: &Seen, numbers: impl IntoIterator<Item = usize>, next: Option<usize>) -> Reply {
    let value: Vec<_> = numbers.into_iter().map(|number| serde_json::json!({"id": id(number)})).collect();
    let mut page = serde_json::json!({ "value": value });
    if let Some(next) = next {
        let path = seen.target.split('?').next().unwrap_or_default();
        page["@odata.nextLink"] = format!("http://{}{path}?$skiptoken={next}", seen.header("host")).into();
    }
    Reply::new(200, page.to_string())
}

/// The number of a page, as its address says.
fn number(seen: &Seen) -> usize {
    seen.target.split_once("$skiptoken=").and_then(|(_, number)| number.parse().ok()).unwrap_or_default()
}

#[tokio::test]
async fn administrators_are_found_on_every_page() -> Checked {
    let harness = Harness::new(|seen| match (seen.target.starts_with(REPORT), number(seen)) {
        (true, 0) => page(seen, [1, 2], Some(1)),
        (true, _) => page(seen, [3], None),
        (false, 0) => page(seen, [10, 1], Some(1)),
        (false, 1) => page(seen, [], Some(2)),
        (false, _) => page(seen, [11, 3, 12], None),
    })?;
    assert_eq!(harness.reader()?.administrators_among(GROUP).await?, 2);
    let targets: Vec<_> = harness.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets[0], format!("{REPORT}?$filter=isAdmin%20eq%20true&$select=id&$top=999"));
    assert_eq!(targets[2], format!("/v1.0/groups/{}/transitiveMembers?$select=id&$top=999", GROUP.0));
    assert_eq!(targets.len(), 5);
    Ok(())
}

/// Once all are found nobody has to read on.
#[tokio::test]
async fn reading_ends_with_the_last_administrator() -> Checked {
    let harness = Harness::new(|seen| match seen.target.starts_with(REPORT) {
        true => page(seen, [1], None),
        false => page(seen, [1], Some(number(seen) + 1)),
    })?;
    assert_eq!(harness.reader()?.administrators_among(GROUP).await?, 1);
    assert_eq!(harness.seen().len(), 2);
    let nobody = Harness::new(|seen| page(seen, [], None))?;
    assert_eq!(nobody.reader()?.administrators_among(GROUP).await?, 0);
    assert_eq!(nobody.seen().len(), 1, "without administrators there is nothing to look for");
    Ok(())
}

#[tokio::test]
async fn a_group_without_end_is_left() -> Checked {
    let harness = Harness::new(|seen| match seen.target.starts_with(REPORT) {
        true => page(seen, [1], None),
        false => page(seen, [2], Some(number(seen) + 1)),
    })?;
    let found = error_of(harness.reader()?.administrators_among(GROUP).await)?;
    assert_eq!(found.kind, TenantErrorKind::Refused);
    assert!(found.message.contains("more than 249750 members"), "{found:?}");
    assert_eq!(harness.seen().len(), 1 + 250);
    Ok(())
}
