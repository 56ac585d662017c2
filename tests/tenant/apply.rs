//! Applying: what is sent, what is proved, and what happens when somebody or something interferes.

use axum::http::Method;
use entra_sandbox::Person;
use entra_sandbox::faults::{Action, Fault, Faults, Moment};
use serde_json::Value;
use ssprctl::testing::apply::options::OnFailure;
use ssprctl::testing::apply::outcome::StepResult;
use ssprctl::testing::apply::precondition::PreconditionFailed;

use crate::harness::{ADATUM, CONTOSO, FABRIKAM, Harness, TAILSPIN, TestResult, policy};

const POLICY: &str = "/api/PasswordReset/PasswordResetPolicies";
const ON_PREMISES: &str = "/api/PasswordReset/OnPremisesPasswordResetPolicies";

fn put(path: &str, action: Action) -> Faults {
    Faults::none().and(Fault::on(Method::PUT, path, action))
}

async fn results(harness: &Harness, text: &str) -> Result<Vec<StepResult>, Box<dyn std::error::Error>> {
    let review = harness.review(text).await?;
    let outcome = harness.apply_as(review, &Person::Administrator).await?.map_err(|closed| format!("{closed:?}"))?;
    Ok(outcome.steps.into_iter().map(|step| step.result).collect())
}

#[tokio::test]
async fn each_document_is_written_in_its_own_mode() -> TestResult {
    let harness = Harness::start()?;
    let everything = policy(
        FABRIKAM,
        "scope: { administrators: false }\nmethods: { required: 2 }\nhelpdesk: { link: none }\nnotifications: { users: false }\nwriteback: { passwords: false, unlockWithoutReset: false }",
    );
    let outcome = harness.apply(&everything).await?;
    assert_eq!((outcome.changed(), outcome.verified(), outcome.requests()), (5, 5, 4));
    let sent: Vec<_> = harness.writes().into_iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect();
    let on_premises = format!("PUT {ON_PREMISES}");
    assert_eq!(
        sent,
        [&format!("PUT {POLICY}"), &on_premises, &on_premises, "PATCH /v1.0/policies/authorizationPolicy"]
    );
    Ok(())
}

#[tokio::test]
async fn unlocking_is_switched_off_before_and_on_after_writeback() -> TestResult {
    let harness = Harness::start()?;
    for on in [false, true] {
        let text = policy(FABRIKAM, &format!("writeback: {{ passwords: {on}, unlockWithoutReset: {on} }}"));
        let review = harness.review(&text).await?;
        let names: Vec<_> = review.plan.changes().iter().map(|change| change.setting.name).collect();
        let mut expected = ["writeback.unlockWithoutReset", "writeback.passwords"];
        if on {
            expected.reverse();
        }
        assert_eq!(names, expected);
        assert_eq!(review.plan.steps.get(1).map(|step| step.waits_for.clone()), Some(vec![0]));
        harness.apply(&text).await?;
    }
    Ok(())
}

#[tokio::test]
async fn keys_that_nobody_knows_survive_byte_for_byte() -> TestResult {
    let harness = Harness::start()?;
    let before = harness.world.show(TAILSPIN)?;
    harness.apply(&policy(TAILSPIN, "registration: { reconfirmAfterDays: 90 }")).await?;
    let key = "\"registrationReconfirmIntevalInDays\": ";
    assert_eq!(harness.world.show(TAILSPIN)?, before.replacen(&format!("{key}180"), &format!("{key}90"), 1));
    for odd in ["1.10", "1e2", "123456789012345678901234567890", "Caf\\u00e9 \\/ helpdesk"] {
        assert!(before.contains(odd), "the seed has lost {odd}");
    }
    Ok(())
}

#[tokio::test]
async fn a_migrated_tenant_takes_what_still_counts_there() -> TestResult {
    let harness = Harness::start()?;
    let outcome = harness.apply(&policy(ADATUM, "notifications: { administrators: true }")).await?;
    assert_eq!(outcome.requests(), 1);
    Ok(())
}

#[tokio::test]
async fn an_edit_between_plan_and_apply_stops_it_before_any_write() -> TestResult {
    let harness = Harness::start()?;
    let review = harness.review(&policy(CONTOSO, "notifications: { administrators: true }")).await?;
    harness.set(CONTOSO, "registration.reconfirmAfterDays", "30")?;
    let closed = harness.apply_as(review, &Person::Administrator).await?;
    let Err(PreconditionFailed::TenantChanged(stale)) = closed else { return Err(format!("{closed:?}").into()) };
    let keys: Vec<_> = stale.moved.into_iter().flat_map(|(_, keys)| keys).collect();
    assert_eq!(keys, ["registrationReconfirmIntevalInDays"]);
    assert_eq!(harness.writes(), []);
    Ok(())
}

#[tokio::test]
async fn an_edit_between_two_steps_stops_the_second() -> TestResult {
    let edit = Action::ForeignEdit {
        moment: Moment::After,
        setting: "writeback.unlockWithoutReset".to_owned(),
        value: "false".to_owned(),
    };
    let harness = Harness::with(put(POLICY, edit))?;
    let text = policy(FABRIKAM, "notifications: { users: false }\nwriteback: { passwords: false }");
    let found = results(&harness, &text).await?;
    assert_eq!(found, [StepResult::Verified, StepResult::Conflict { keys: vec!["accountUnlockEnabled".to_owned()] }]);
    assert_eq!(harness.writes().len(), 2, "the first is taken back");
    Ok(())
}

#[tokio::test]
async fn an_edit_right_after_the_write_is_reported_as_a_side_effect() -> TestResult {
    let edit =
        Action::ForeignEdit { moment: Moment::After, setting: "methods.required".to_owned(), value: "1".to_owned() };
    let harness = Harness::with(put(POLICY, edit))?;
    let found = results(&harness, &policy(FABRIKAM, "notifications: { users: false }")).await?;
    assert_eq!(found, [StepResult::SideEffects { keys: vec!["numberOfAuthenticationMethodsRequired".to_owned()] }]);
    Ok(())
}

#[tokio::test]
async fn a_stale_read_is_waited_for_and_a_lost_write_is_reported() -> TestResult {
    let text = policy(CONTOSO, "notifications: { administrators: true }");
    let harness = Harness::with(put(POLICY, Action::StaleReads(1)))?;
    assert_eq!(results(&harness, &text).await?, [StepResult::Verified]);

    let harness = Harness::with(put(POLICY, Action::LostWrite))?;
    let pending = vec!["notifications.administrators"];
    assert_eq!(results(&harness, &text).await?, [StepResult::Unverified { pending, error: None }]);
    assert_eq!(harness.writes().len(), 1, "a lost write is not repeated blindly");
    Ok(())
}

#[tokio::test]
async fn a_key_that_the_service_ignores_is_named() -> TestResult {
    let harness = Harness::with(put(POLICY, Action::IgnoreKey("notifyOnAdminPasswordReset".to_owned())))?;
    let text = policy(CONTOSO, "notifications: { administrators: true }\nregistration: { reconfirmAfterDays: 90 }");
    let ignored = vec!["notifications.administrators"];
    assert_eq!(results(&harness, &text).await?, [StepResult::Mismatch { ignored, changed: Vec::new() }]);
    Ok(())
}

#[tokio::test]
async fn a_dependent_step_is_skipped_and_names_what_it_waited_for() -> TestResult {
    let mut harness =
        Harness::with(put(ON_PREMISES, Action::Respond { status: 500, headers: Vec::new(), body: String::new() }))?;
    harness.on_failure = OnFailure::Stop;
    let text = policy(
        FABRIKAM,
        "scope: { administrators: false }\nwriteback: { passwords: false, unlockWithoutReset: false }",
    );
    let found = results(&harness, &text).await?;
    assert!(!matches!(found.first(), Some(StepResult::Verified)), "{found:#?}");
    assert_eq!(found.get(1), Some(&StepResult::Skipped { waited_for: 0 }));
    assert_eq!(found.get(2), Some(&StepResult::Verified), "an independent step goes on");
    Ok(())
}

#[tokio::test]
async fn the_documents_shown_are_json() -> TestResult {
    let harness = Harness::start()?;
    let shown: Value = serde_json::from_str(&harness.world.show(CONTOSO)?)?;
    assert_eq!(shown["passwordReset"]["objectId"], "default");
    Ok(())
}
