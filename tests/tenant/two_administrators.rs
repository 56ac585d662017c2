//! Two administrators at once: what is caught before a write, what is proved to have survived it, and the one window that
//! cannot be closed.

use std::error::Error;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, Faults, Moment};
use entra_sandbox::{Person, World, portal_user};
use ssprctl::testing::apply::outcome::{ApplyOutcome, StepResult};
use ssprctl::testing::apply::precondition::PreconditionFailed;

use crate::harness::{ADATUM, FABRIKAM, Harness, TestResult, policy};

const POLICY: &str = "/api/PasswordReset/PasswordResetPolicies";
const ON_PREMISES: &str = "/api/PasswordReset/OnPremisesPasswordResetPolicies";

/// An edit in the portal around the first request of that kind.
fn edit(method: Method, path: &str, moment: Moment, setting: &str, value: &str) -> Faults {
    Faults::none().and(Fault::on(method, path, Action::edit(moment, setting, value)).times(1))
}

async fn apply(harness: &Harness, text: &str) -> Result<ApplyOutcome, Box<dyn Error>> {
    let review = harness.review(text).await?;
    Ok(harness.apply_as(review, &Person::Administrator).await?.map_err(|closed| format!("{closed:?}"))?)
}

fn results(outcome: &ApplyOutcome) -> Vec<&StepResult> {
    outcome.steps.iter().map(|done| &done.result).collect()
}

/// The tenant after only these edits.
fn edited(tenant: &str, edits: &[(&str, &str)]) -> Result<String, Box<dyn Error>> {
    let world = World::seeded();
    for (setting, value) in edits {
        portal_user::set(&world, tenant, setting, value)?;
    }
    Ok(world.show(tenant)?)
}

/// Every document that the plan writes is looked at again before the first write, whichever is written first.
#[tokio::test]
async fn an_edit_between_plan_and_apply_is_caught_before_any_write() -> TestResult {
    let text = policy(
        FABRIKAM,
        "notifications: { users: false }\nwriteback: { unlockWithoutReset: false }\nscope: { administrators: false }",
    );
    for (setting, value) in [
        ("registration.reconfirmAfterDays", "33"),
        ("notifications.users", "false"),
        ("writeback.passwords", "false"),
        ("writeback.unlockWithoutReset", "false"),
        ("scope.administrators", "false"),
    ] {
        let harness = Harness::start()?;
        let review = harness.review(&text).await?;
        harness.set(FABRIKAM, setting, value)?;
        let closed = harness.apply_as(review, &Person::Administrator).await?;
        assert!(matches!(closed, Err(PreconditionFailed::TenantChanged(_))), "{setting}: {closed:?}");
        assert_eq!(harness.writes(), [], "{setting}");
        assert!(harness.world.show(FABRIKAM)? == edited(FABRIKAM, &[(setting, value)])?, "{setting} did not survive");
    }
    Ok(())
}

/// While the documents are read for the fence, too: the one that is written first is read last.
#[tokio::test]
async fn an_edit_during_the_fence_is_caught() -> TestResult {
    let text = policy(FABRIKAM, "notifications: { users: false }\nscope: { administrators: false }");
    let edit = Action::edit(Moment::After, "registration.reconfirmAfterDays", "33");
    let fence = Fault::on(Method::GET, "/v1.0/policies/authorizationPolicy", edit).after(1).times(1);
    let harness = Harness::with(Faults::none().and(fence))?;
    let review = harness.review(&text).await?;
    let closed = harness.apply_as(review, &Person::Administrator).await?;
    assert!(matches!(closed, Err(PreconditionFailed::TenantChanged(_))), "{closed:?}");
    assert_eq!(harness.writes(), []);
    Ok(())
}

/// A request that carries one key leaves the others alone, so an edit between the check and the write survives and is
/// reported.
#[tokio::test]
async fn an_edit_between_fence_and_write_survives_where_one_key_is_sent() -> TestResult {
    let faults = edit(Method::PUT, ON_PREMISES, Moment::Before, "writeback.passwords", "false");
    let harness = Harness::with(faults)?;
    let outcome = apply(&harness, &policy(FABRIKAM, "writeback: { unlockWithoutReset: false }")).await?;
    assert_eq!(results(&outcome), [&StepResult::SideEffects { keys: vec!["passwordWritebackSupported".to_owned()] }]);
    let expected = [("writeback.unlockWithoutReset", "false"), ("writeback.passwords", "false")];
    assert!(harness.world.show(FABRIKAM)? == edited(FABRIKAM, &expected)?);
    Ok(())
}

/// The same where entries are merged.
#[tokio::test]
async fn an_edit_between_fence_and_write_survives_where_entries_are_merged() -> TestResult {
    let methods = "methods: { allowed: [mobileAppNotification, mobilePhone, email], convergedPolicy: manage }";
    let text = policy(ADATUM, methods);
    let plain = Harness::start()?;
    let path = "/authenticationMethodConfigurations/";
    plain.apply(&text).await?;
    let written = plain.writes().into_iter().find(|seen| seen.path.contains(path)).ok_or("no entry is written")?;
    let faults = edit(Method::PATCH, path, Moment::Before, "authenticationMethods.Voice.state", "enabled");
    let harness = Harness::with(faults)?;
    let outcome = apply(&harness, &text).await?;
    assert!(outcome.steps.iter().any(|done| !matches!(done.result, StepResult::Verified)), "{written:?} {outcome:#?}");
    assert!(harness.world.show(ADATUM)?.contains("Voice"));
    Ok(())
}

/// In another document nothing of it is overwritten; a later request there finds it, and what was sent is taken back.
#[tokio::test]
async fn an_edit_in_the_next_document_stops_the_next_request_and_survives() -> TestResult {
    for moment in [Moment::Before, Moment::After] {
        let harness = Harness::with(edit(Method::PUT, POLICY, moment, "writeback.passwords", "false"))?;
        let text = policy(FABRIKAM, "notifications: { users: false }\nwriteback: { unlockWithoutReset: false }");
        let outcome = apply(&harness, &text).await?;
        let moved = StepResult::Conflict { keys: vec!["passwordWritebackSupported".to_owned()] };
        assert_eq!(results(&outcome), [&StepResult::Verified, &moved]);
        assert!(outcome.rollback.as_ref().is_some_and(|undone| undone.is_complete()), "{outcome:#?}");
        assert!(harness.world.show(FABRIKAM)? == edited(FABRIKAM, &[("writeback.passwords", "false")])?);
    }
    Ok(())
}

/// An edit right after the write is reported as a side effect, and survives the rollback of the write.
#[tokio::test]
async fn an_edit_after_the_write_is_reported_and_survives_a_rollback() -> TestResult {
    let refused = Fault::on(Method::PATCH, "authorizationPolicy", Action::status(400));
    let harness =
        Harness::with(edit(Method::PUT, POLICY, Moment::After, "registration.reconfirmAfterDays", "33").and(refused))?;
    let text = policy(FABRIKAM, "notifications: { users: false }\nscope: { administrators: false }");
    let outcome = apply(&harness, &text).await?;
    let collateral = StepResult::SideEffects { keys: vec!["registrationReconfirmIntevalInDays".to_owned()] };
    assert_eq!(outcome.steps.first().map(|done| &done.result), Some(&collateral));
    assert!(outcome.rollback.as_ref().is_some_and(|undone| undone.is_complete()), "{outcome:#?}");
    assert!(harness.world.show(FABRIKAM)? == edited(FABRIKAM, &[("registration.reconfirmAfterDays", "33")])?);
    Ok(())
}

/// Somebody changes the very setting right after: that is neither "not yet" nor "ignored", and no rollback touches it.
#[tokio::test]
async fn an_edit_of_the_same_setting_after_the_write_is_distinguished_and_survives() -> TestResult {
    let refused = Fault::on(Method::PATCH, "authorizationPolicy", Action::status(400));
    let harness =
        Harness::with(edit(Method::PUT, POLICY, Moment::After, "registration.reconfirmAfterDays", "33").and(refused))?;
    let text = policy(FABRIKAM, "registration: { reconfirmAfterDays: 60 }\nscope: { administrators: false }");
    let outcome = apply(&harness, &text).await?;
    let differs = StepResult::Mismatch { ignored: Vec::new(), changed: vec!["registration.reconfirmAfterDays"] };
    assert_eq!(outcome.steps.first().map(|done| &done.result), Some(&differs));
    let keys: Vec<_> =
        outcome.rollback.iter().flat_map(|undone| &undone.diverged).flat_map(|keys| &keys.keys).collect();
    assert_eq!(keys, ["registrationReconfirmIntevalInDays"]);
    assert!(harness.world.show(FABRIKAM)? == edited(FABRIKAM, &[("registration.reconfirmAfterDays", "33")])?);
    Ok(())
}

/// The one window: the portal API takes the whole document and knows no ETag. An edit of the same document that lands after
/// the fence and before the write is overwritten, and nothing that can be read afterwards shows that it was there.
#[tokio::test]
async fn an_edit_of_the_same_whole_document_between_fence_and_write_is_lost() -> TestResult {
    let harness = Harness::with(edit(Method::PUT, POLICY, Moment::Before, "registration.reconfirmAfterDays", "33"))?;
    let outcome = apply(&harness, &policy(FABRIKAM, "notifications: { users: false }")).await?;
    assert_eq!(results(&outcome), [&StepResult::Verified]);
    assert!(harness.world.show(FABRIKAM)? == edited(FABRIKAM, &[("notifications.users", "false")])?);
    Ok(())
}
