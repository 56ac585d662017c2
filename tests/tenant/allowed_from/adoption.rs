//! A policy that somebody else made for the same purpose: reported, taken over on request, and otherwise not touched.

use serde_json::json;
use ssprctl::testing::review::approve::Refusal;

use super::{ALL, MARK, allowed, codes, managed_policy, policies};
use crate::harness::{CONTOSO, Harness, TestResult, changed};

#[tokio::test]
async fn an_unmanaged_policy_is_reported_and_not_touched() -> TestResult {
    let harness = Harness::start()?;
    harness.set(CONTOSO, ALL[2], "enforced")?;
    let before = policies(&harness, CONTOSO)?;
    let text = allowed(CONTOSO, "locations: [Headquarters], excludedGroups: [Break-glass accounts]");
    let review = harness.review(&text).await?;
    assert_eq!(codes(&review), ["kept-by-others"], "reported once: {:#?}", review.findings);
    let hint = review.findings[0].hint.clone().unwrap_or_default();
    assert!(
        hint.contains("--adopt") && review.findings[0].message.contains("Security information from trusted places")
    );
    assert_eq!((review.refusal(), review.plan.steps.len()), (Some(Refusal::Errors), 0));
    assert_eq!(policies(&harness, CONTOSO)?, before);
    Ok(())
}

#[tokio::test]
async fn it_is_taken_over_on_request() -> TestResult {
    let harness = Harness::start()?;
    harness.set(CONTOSO, ALL[2], "enforced")?;
    let before = policies(&harness, CONTOSO)?;
    let text = allowed(CONTOSO, "locations: [allTrusted]");
    let harness = harness.adopting();
    let review = harness.review(&text).await?;
    assert_eq!(changed(&review), [ALL[0]], "only its name is missing");
    let report = format!("{:?}", review.plan.changes()[0].before);
    assert!(report.contains("somebody else's policy has it: Security information from trusted places"), "{report}");
    assert_eq!(harness.apply(&text).await?.requests(), 1);
    let after = managed_policy(&harness, CONTOSO)?;
    let mut expected = before.last().cloned().ok_or("no policy")?;
    expected["displayName"] = json!(format!("Security information from trusted places {MARK}"));
    expected["modifiedDateTime"] = after["modifiedDateTime"].clone();
    assert_eq!(after, expected, "adopted, and otherwise as it was: still enforced");
    let harness = harness.without_adopting();
    assert!(harness.review(&text).await?.plan.is_empty(), "from then on it is found by its name");
    Ok(())
}

/// One that asks for a second factor does something else; both act together, and neither is the other's business.
#[tokio::test]
async fn a_policy_that_does_something_else_is_never_taken_over() -> TestResult {
    let harness = Harness::start()?;
    harness.set(CONTOSO, ALL[2], "enforced")?;
    harness.world.change(CONTOSO, |tenant| {
        tenant.access_policies.last_mut().ok_or("no policy")?["grantControls"]["builtInControls"] = json!(["mfa"]);
        Ok::<_, &str>(())
    })??;
    let before = policies(&harness, CONTOSO)?;
    let harness = harness.adopting();
    let text = allowed(CONTOSO, "locations: [allTrusted]");
    assert_eq!(codes(&harness.review(&text).await?), ["others-beside"]);
    harness.apply(&text).await?;
    assert_eq!(policies(&harness, CONTOSO)?[..2], before[..]);
    assert_eq!(codes(&harness.review(&text).await?), [""; 0], "reported when it is created, not for ever");
    Ok(())
}

#[tokio::test]
async fn two_that_fit_are_not_chosen_between() -> TestResult {
    let harness = Harness::start()?;
    harness.set(CONTOSO, ALL[2], "enforced")?;
    harness.world.change(CONTOSO, |tenant| {
        let mut second = tenant.access_policies.last().cloned().ok_or("no policy")?;
        second["id"] = json!("cafe0001-0000-4000-8000-000000000001");
        tenant.access_policies.push(second);
        Ok::<_, &str>(())
    })??;
    let harness = harness.adopting();
    let review = harness.review(&allowed(CONTOSO, "locations: [allTrusted]")).await?;
    assert_eq!((codes(&review), review.plan.steps.len()), (vec!["kept-by-others"], 0));
    // Marked twice, it is not known which one is meant.
    harness.world.change(CONTOSO, |tenant| {
        for policy in tenant.access_policies.iter_mut().skip(1) {
            policy["displayName"] = json!(format!("Doubled {MARK}"));
        }
        Ok::<_, &str>(())
    })??;
    let review = harness.review(&allowed(CONTOSO, "locations: [allTrusted]")).await?;
    let [unknown] = review.plan.unknown.as_slice() else { return Err(format!("{review:#?}").into()) };
    assert!(unknown.why.message.contains("cafe0001-0000-4000-8000-000000000001"), "{}", unknown.why.message);
    Ok(())
}
