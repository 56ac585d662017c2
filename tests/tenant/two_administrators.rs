//! Two administrators at once: what is caught before a write, what is proved to have survived it, and the one window that
//! cannot be closed.

use std::error::Error;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, Faults, Moment};
use entra_sandbox::{Person, World, portal_user};
use ssprctl::apply::outcome::{ApplyOutcome, StepResult};
use ssprctl::apply::precondition::PreconditionFailed;

use crate::harness::{ADATUM, Ended, FABRIKAM, Stand, policy};

const POLICY: &str = "/api/PasswordReset/PasswordResetPolicies";
const ON_PREMISES: &str = "/api/PasswordReset/OnPremisesPasswordResetPolicies";

/// An edit in the portal around the first request of that kind.
fn edit(method: Method, path: &str, moment: Moment, setting: &str, value: &str) -> Faults {
    Faults::none().and(Fault::on(method, path, Action::edit(moment, setting, value)).times(1))
}

async fn apply(stand: &Stand, text: &str) -> Result<ApplyOutcome, Box<dyn Error>> {
    let review = stand.review(text).await?;
    Ok(stand.apply_as(review, &Person::Administrator).await?.map_err(|closed| format!("{closed:?}"))?)
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
async fn an_edit_between_plan_and_apply_is_caught_before_any_write() -> Ended {
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
        let stand = Stand::start()?;
        let review = stand.review(&text).await?;
        stand.set(FABRIKAM, setting, value)?;
        let closed = stand.apply_as(review, &Person::Administrator).await?;
        assert!(matches!(closed, Err(PreconditionFailed::TenantChanged(_))), "{setting}: {closed:?}");
        assert_eq!(stand.writes(), [], "{setting}");
        assert!(stand.world.show(FABRIKAM)? == edited(FABRIKAM, &[(setting, value)])?, "{setting} did not survive");
    }
    Ok(())
}

/// While the documents are read for the fence, too: the one that is written first is read last.
#[tokio::test]
async fn an_edit_during_the_fence_is_caught() -> Ended {
    let text = policy(FABRIKAM, "notifications: { users: false }\nscope: { administrators: false }");
    let edit = Action::edit(Moment::After, "registration.reconfirmAfterDays", "33");
    let fence = Fault::on(Method::GET, "/v1.0/policies/authorizationPolicy", edit).after(1).times(1);
    let stand = Stand::with(Faults::none().and(fence))?;
    let review = stand.review(&text).await?;
    let closed = stand.apply_as(review, &Person::Administrator).await?;
    assert!(matches!(closed, Err(PreconditionFailed::TenantChanged(_))), "{closed:?}");
    assert_eq!(stand.writes(), []);
    Ok(())
}

/// A request that carries one key leaves the others alone, so an edit between fence and write survives and is told.
#[tokio::test]
async fn an_edit_between_fence_and_write_survives_where_one_key_is_sent() -> Ended {
    let faults = edit(Method::PUT, ON_PREMISES, Moment::Before, "writeback.passwords", "false");
    let stand = Stand::with(faults)?;
    let outcome = apply(&stand, &policy(FABRIKAM, "writeback: { unlockWithoutReset: false }")).await?;
    assert_eq!(results(&outcome), [&StepResult::SideEffects { keys: vec!["passwordWritebackSupported".to_owned()] }]);
    let expected = [("writeback.unlockWithoutReset", "false"), ("writeback.passwords", "false")];
    assert!(stand.world.show(FABRIKAM)? == edited(FABRIKAM, &expected)?);
    Ok(())
}

/// The same where entries are merged.
#[tokio::test]
async fn an_edit_between_fence_and_write_survives_where_entries_are_merged() -> Ended {
    let methods = "methods: { allowed: [mobileAppNotification, mobilePhone, email], convergedPolicy: manage }";
    let text = policy(ADATUM, methods);
    let plain = Stand::start()?;
    let path = "/authenticationMethodConfigurations/";
    plain.apply(&text).await?;
    let written = plain.writes().into_iter().find(|seen| seen.path.contains(path)).ok_or("no entry is written")?;
    let faults = edit(Method::PATCH, path, Moment::Before, "authenticationMethods.Voice.state", "enabled");
    let stand = Stand::with(faults)?;
    let outcome = apply(&stand, &text).await?;
    assert!(outcome.steps.iter().any(|done| !matches!(done.result, StepResult::Verified)), "{written:?} {outcome:#?}");
    assert!(stand.world.show(ADATUM)?.contains("Voice"));
    Ok(())
}

/// In another document nothing of it is overwritten; a later request there finds it, and what was sent is taken back.
#[tokio::test]
async fn an_edit_in_the_next_document_stops_the_next_request_and_survives() -> Ended {
    for moment in [Moment::Before, Moment::After] {
        let stand = Stand::with(edit(Method::PUT, POLICY, moment, "writeback.passwords", "false"))?;
        let text = policy(FABRIKAM, "notifications: { users: false }\nwriteback: { unlockWithoutReset: false }");
        let outcome = apply(&stand, &text).await?;
        let moved = StepResult::Conflict { keys: vec!["passwordWritebackSupported".to_owned()] };
        assert_eq!(results(&outcome), [&StepResult::Verified, &moved]);
        assert!(outcome.rollback.as_ref().is_some_and(|undone| undone.is_complete()), "{outcome:#?}");
        assert!(stand.world.show(FABRIKAM)? == edited(FABRIKAM, &[("writeback.passwords", "false")])?);
    }
    Ok(())
}

/// Right after the write it is told as collateral, and stays where the write is taken back.
#[tokio::test]
async fn an_edit_after_the_write_is_told_and_outlives_a_rollback() -> Ended {
    let refused = Fault::on(Method::PATCH, "authorizationPolicy", Action::status(400));
    let stand =
        Stand::with(edit(Method::PUT, POLICY, Moment::After, "registration.reconfirmAfterDays", "33").and(refused))?;
    let text = policy(FABRIKAM, "notifications: { users: false }\nscope: { administrators: false }");
    let outcome = apply(&stand, &text).await?;
    let collateral = StepResult::SideEffects { keys: vec!["registrationReconfirmIntevalInDays".to_owned()] };
    assert_eq!(outcome.steps.first().map(|done| &done.result), Some(&collateral));
    assert!(outcome.rollback.as_ref().is_some_and(|undone| undone.is_complete()), "{outcome:#?}");
    assert!(stand.world.show(FABRIKAM)? == edited(FABRIKAM, &[("registration.reconfirmAfterDays", "33")])?);
    Ok(())
}

/// Somebody changes the very setting right after: that is neither "not yet" nor "ignored", and no rollback touches it.
#[tokio::test]
async fn an_edit_of_the_same_setting_after_the_write_is_told_apart_and_kept() -> Ended {
    let refused = Fault::on(Method::PATCH, "authorizationPolicy", Action::status(400));
    let stand =
        Stand::with(edit(Method::PUT, POLICY, Moment::After, "registration.reconfirmAfterDays", "33").and(refused))?;
    let text = policy(FABRIKAM, "registration: { reconfirmAfterDays: 60 }\nscope: { administrators: false }");
    let outcome = apply(&stand, &text).await?;
    let differs = StepResult::Mismatch { ignored: Vec::new(), changed: vec!["registration.reconfirmAfterDays"] };
    assert_eq!(outcome.steps.first().map(|done| &done.result), Some(&differs));
    let kept: Vec<_> =
        outcome.rollback.iter().flat_map(|undone| &undone.diverged).flat_map(|kept| &kept.keys).collect();
    assert_eq!(kept, ["registrationReconfirmIntevalInDays"]);
    assert!(stand.world.show(FABRIKAM)? == edited(FABRIKAM, &[("registration.reconfirmAfterDays", "33")])?);
    Ok(())
}

/// The one window: the portal API takes the whole document and knows no ETag. An edit of the same document that lands after
/// the fence and before the write is overwritten, and nothing that can be read afterwards shows that it was there.
#[tokio::test]
async fn an_edit_of_the_same_whole_document_between_fence_and_write_is_lost() -> Ended {
    let stand = Stand::with(edit(Method::PUT, POLICY, Moment::Before, "registration.reconfirmAfterDays", "33"))?;
    let outcome = apply(&stand, &policy(FABRIKAM, "notifications: { users: false }")).await?;
    assert_eq!(results(&outcome), [&StepResult::Verified]);
    assert!(stand.world.show(FABRIKAM)? == edited(FABRIKAM, &[("notifications.users", "false")])?);
    Ok(())
}
