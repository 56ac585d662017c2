//! What is missing is named, and nothing is written.

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, Faults};
use entra_sandbox::{Person, Role};
use ssprctl::testing::apply::outcome::StepResult;
use ssprctl::testing::review::approve::Refusal;
use ssprctl::testing::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use ssprctl::testing::tenant::surface::Service;

use crate::harness::{CONTOSO, FABRIKAM, Harness, NORTHWIND, TestResult, policy};

const TEXT: &str = "notifications: { administrators: true }";

fn kind(error: Result<impl std::fmt::Debug, TenantError>) -> Result<TenantErrorKind, String> {
    error.map_or_else(|error| Ok(error.kind), |found| Err(format!("{found:?}")))
}

#[tokio::test]
async fn a_credential_of_another_tenant_is_refused() -> TestResult {
    let harness = Harness::start()?;
    for tenant in [CONTOSO.to_owned(), harness.snapshot(CONTOSO).await?.tenant.to_string()] {
        let found = harness.review_as(&policy(&tenant, TEXT), FABRIKAM, &Person::Administrator).await?;
        assert_eq!(kind(found)?, TenantErrorKind::NoAccess(MissingAccess::WrongTenant(Service::Portal)));
    }
    assert_eq!(harness.writes(), []);
    Ok(())
}

/// The portal's token is of another tenant, and the portal does not say so: what it answers may not be taken for the tenant's.
#[tokio::test]
async fn a_system_that_does_not_say_which_tenant_it_answers_for_is_not_believed() -> TestResult {
    let silent = Action::Respond { status: 403, headers: Vec::new(), body: String::new() };
    let harness = Harness::with(Faults::none().and(Fault::on(Method::GET, "/api/Directories", silent)))?;
    let text = policy(CONTOSO, "scope: { administrators: true }\nnotifications: { administrators: true }");
    let review = harness.review(&text).await?;
    assert!(review.refusal().is_some());
    let [unknown] = review.plan.unknown.as_slice() else { return Err(format!("{review:#?}").into()) };
    assert_eq!(unknown.setting.name, "notifications.administrators");
    assert!(unknown.why.message.contains("identify the tenant of the credential"), "{}", unknown.why.message);
    assert_eq!(review.plan.unchanged.len(), 1, "what Graph says is used: {review:#?}");
    Ok(())
}

#[tokio::test]
async fn a_directory_that_does_not_say_which_tenant_it_is_pins_no_group() -> TestResult {
    let silent = Action::Respond { status: 403, headers: Vec::new(), body: String::new() };
    let harness = Harness::with(Faults::none().and(Fault::on(Method::GET, "/v1.0/organization", silent)))?;
    let review = harness.review(&policy(CONTOSO, "scope: { users: selected, group: SSPR-Pilot }")).await?;
    assert!(review.refusal().is_some());
    assert_eq!(review.plan.unknown.iter().map(|unknown| unknown.setting.name).collect::<Vec<_>>(), ["scope.group"]);
    Ok(())
}

#[tokio::test]
async fn an_expired_token_is_named_as_such() -> TestResult {
    let harness = Harness::start()?;
    let found = harness.review_as(&policy(CONTOSO, TEXT), CONTOSO, &Person::Expired).await?;
    assert_eq!(kind(found)?, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Portal)));
    Ok(())
}

#[tokio::test]
async fn an_application_cannot_use_the_portal() -> TestResult {
    let harness = Harness::start()?;
    // Microsoft Graph says which tenant it is; what only the portal knows stays unknown, and nothing can be approved.
    let found = harness.review_as(&policy(CONTOSO, TEXT), CONTOSO, &Person::App).await?;
    let review = found.map_err(|error| error.message)?;
    assert_eq!(review.refusal(), Some(Refusal::Unknown));
    let [unknown] = review.plan.unknown.as_slice() else { return Err(format!("{:#?}", review.plan.unknown).into()) };
    assert!(matches!(
        unknown.why.kind,
        TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Portal) | MissingAccess::Role(Service::Portal))
    ));
    Ok(())
}

#[tokio::test]
async fn a_missing_role_is_met_by_the_write_and_named() -> TestResult {
    let harness = Harness::start()?;
    let reader = Person::Holding(vec![Role::GlobalReader]);
    let before = harness.world.show(CONTOSO)?;
    let review = harness.review_as(&policy(CONTOSO, TEXT), CONTOSO, &reader).await?.map_err(|error| error.message)?;
    let outcome = harness.apply_as(review, &reader).await?.map_err(|closed| format!("{closed:?}"))?;
    let [step] = outcome.steps.as_slice() else { return Err(format!("{outcome:#?}").into()) };
    let StepResult::Failed(error) = &step.result else { return Err(format!("{step:#?}").into()) };
    assert_eq!(error.kind, TenantErrorKind::NoAccess(MissingAccess::Role(Service::Portal)));
    let hint = error.hint.clone().unwrap_or_default();
    assert!(hint.contains("Authentication Policy Administrator"), "{hint}");
    assert!(error.request_id.is_some());
    assert_eq!(harness.world.show(CONTOSO)?, before);
    Ok(())
}

#[tokio::test]
async fn a_missing_licence_leaves_the_setting_unknown_and_the_plan_unapprovable() -> TestResult {
    let harness = Harness::start()?;
    let text = policy(NORTHWIND, "notifications: { administrators: true }\nwriteback: { passwords: true }");
    let review = harness.review(&text).await?;
    assert!(review.refusal().is_some());
    let [unknown] = review.plan.unknown.as_slice() else { return Err(format!("{review:#?}").into()) };
    assert_eq!(
        (unknown.setting.name, unknown.why.kind),
        ("writeback.passwords", TenantErrorKind::NoAccess(MissingAccess::Licence))
    );
    assert!(unknown.why.hint.as_ref().is_some_and(|hint| hint.contains("P1")), "{:?}", unknown.why.hint);
    assert_eq!(harness.writes(), []);
    Ok(())
}
