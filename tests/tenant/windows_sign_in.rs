//! The reset link on the Windows sign-in screen: one Intune configuration, made, assigned, found again and repaired.

use axum::http::Method;
use entra_sandbox::Person;
use entra_sandbox::faults::{Action, Fault, Faults};
use serde_json::{Value, json};
use ssprctl::testing::apply::outcome::StepResult;
use ssprctl::testing::catalog::no_effect::NoEffectReason;
use ssprctl::testing::review::approve::{Refusal, Review};
use ssprctl::testing::tenant::error::{MissingAccess, TenantErrorKind};

use crate::harness::{CONTOSO, FABRIKAM, Harness, NORTHWIND, TestResult, changed, policy};

const CONFIGURATIONS: &str = "/v1.0/deviceManagement/deviceConfigurations";
const MARK: &str = "[ssprctl:resetLink]";
const LINK: &str = "windowsSignIn.resetLink";
const GROUP: &str = "windowsSignIn.group";
const ON: &str = "resetLink: true, group: SSPR-Pilot";

fn screen(tenant: &str, keys: &str) -> String {
    policy(tenant, &format!("windowsSignIn: {{ {keys} }}"))
}

fn configurations(harness: &Harness, tenant: &str) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let shown: Value = serde_json::from_str(&harness.world.show(tenant)?)?;
    Ok(shown["deviceConfigurations"].as_array().cloned().unwrap_or_default())
}

fn managed_configuration(harness: &Harness) -> Result<Value, Box<dyn std::error::Error>> {
    let all = configurations(harness, CONTOSO)?;
    let mut marked = all.into_iter().filter(|one| one["displayName"].as_str().is_some_and(|name| name.contains(MARK)));
    match (marked.next(), marked.next()) {
        (Some(one), None) => Ok(one),
        other => Err(format!("{other:?}").into()),
    }
}

fn edit(harness: &Harness, change: impl FnOnce(&mut Value)) -> TestResult {
    harness.world.change(CONTOSO, |tenant| {
        change(tenant.device_configurations.last_mut().ok_or("no configuration")?);
        Ok::<_, &str>(())
    })??;
    Ok(())
}

fn codes(review: &Review) -> Vec<&'static str> {
    review.findings.iter().map(|finding| finding.code).collect()
}

fn sent(harness: &Harness) -> Vec<String> {
    let short = |path: &str| path.replace(CONFIGURATIONS, "");
    harness.writes().into_iter().map(|seen| format!("{} {}", seen.method, short(&seen.path))).collect()
}

#[tokio::test]
async fn it_is_made_and_assigned_and_a_second_apply_sends_nothing() -> TestResult {
    let harness = Harness::start()?;
    let before = configurations(&harness, CONTOSO)?;
    let text = screen(CONTOSO, ON);
    assert_eq!(changed(&harness.review(&text).await?), [LINK, GROUP]);
    assert_eq!(harness.apply(&text).await?.requests(), 2);
    let made = managed_configuration(&harness)?;
    let id = made["id"].as_str().ok_or("no id")?;
    assert_eq!(
        sent(&harness),
        ["POST ".to_owned(), format!("POST /{id}/assign")],
        "the second knows what the first made"
    );
    assert_eq!(made["@odata.type"], "#microsoft.graph.windows10CustomConfiguration");
    let setting = &made["omaSettings"][0];
    assert_eq!(setting["@odata.type"], "#microsoft.graph.omaSettingInteger");
    assert_eq!(setting["omaUri"], "./Device/Vendor/MSFT/Policy/Config/Authentication/AllowAadPasswordReset");
    assert_eq!((&setting["value"], made["omaSettings"].as_array().map(Vec::len)), (&json!(1), Some(1)));
    let target = json!({"@odata.type": "#microsoft.graph.groupAssignmentTarget",
        "groupId": "55bc0001-0600-4000-8000-000000000001"});
    assert_eq!((&made["assignments"][0]["target"], made["assignments"].as_array().map(Vec::len)), (&target, Some(1)));
    assert_eq!(configurations(&harness, CONTOSO)?[..1], before[..], "the unmanaged configuration is as it was");
    harness.apply(&text).await?;
    assert_eq!(harness.writes().len(), 2);
    Ok(())
}

/// Each drift takes one request, and what others have put into it stays.
#[tokio::test]
async fn what_drifted_is_repaired_with_one_request() -> TestResult {
    let harness = Harness::start()?;
    let text = screen(CONTOSO, ON);
    harness.apply(&text).await?;
    let other = json!({"@odata.type": "#microsoft.graph.omaSettingString", "displayName": "Other", "description": null,
        "omaUri": "./Device/Vendor/MSFT/Policy/Config/Other", "secretReferenceValueId": null, "isEncrypted": false, "value": "x"});
    for (change, setting) in [
        (json!({"value": 0}), LINK),
        (json!([]), GROUP),
        (json!([{"id": "all", "target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]), GROUP),
    ] {
        edit(&harness, |configuration| match setting {
            LINK => {
                configuration["omaSettings"][0]["value"] = change["value"].clone();
                let settings = configuration["omaSettings"].as_array_mut();
                settings.into_iter().for_each(|settings| settings.push(other.clone()));
            }
            _ => configuration["assignments"] = change.clone(),
        })?;
        assert_eq!(changed(&harness.review(&text).await?), [setting], "{change}");
        assert_eq!(harness.apply(&text).await?.requests(), 1, "{change}");
        assert!(harness.review(&text).await?.plan.is_empty(), "{change}");
    }
    assert_eq!(managed_configuration(&harness)?["omaSettings"][1]["value"], "x");
    Ok(())
}

#[tokio::test]
async fn off_is_a_value_and_the_configuration_stays() -> TestResult {
    let harness = Harness::start()?;
    let off = screen(CONTOSO, "resetLink: false, group: SSPR-Pilot");
    assert!(harness.review(&off).await?.plan.is_empty(), "nothing is made in order to be off");
    harness.apply(&screen(CONTOSO, ON)).await?;
    harness.apply(&off).await?;
    let configuration = managed_configuration(&harness)?;
    assert_eq!(
        (&configuration["omaSettings"][0]["value"], &configuration["assignments"][0]["target"]["groupId"]),
        (&json!(0), &json!("55bc0001-0600-4000-8000-000000000001"))
    );
    let review = harness.review(&off).await?;
    let idle: Vec<_> = review.plan.managed_effects().filter_map(|effect| effect.no_effect).collect();
    assert_eq!((review.plan.is_empty(), idle), (true, vec![NoEffectReason::LinkOff]));
    Ok(())
}

#[tokio::test]
async fn an_unmanaged_object_is_reported_and_adopted_only_on_request() -> TestResult {
    let harness = Harness::start()?;
    harness.set(CONTOSO, LINK, "true")?;
    harness.set(CONTOSO, GROUP, "Helpdesk Staff")?;
    let before = configurations(&harness, CONTOSO)?;
    let text = screen(CONTOSO, ON);
    let review = harness.review(&text).await?;
    assert_eq!((codes(&review), review.refusal()), (vec!["kept-by-others"], Some(Refusal::Errors)));
    assert_eq!(configurations(&harness, CONTOSO)?, before);

    let harness = harness.adopting();
    let review = harness.review(&text).await?;
    let report = format!("{:?}", review.plan.changes()[0].before);
    assert!(report.contains("somebody else's configuration has it: Windows: reset link"), "{report}");
    harness.apply(&text).await?;
    let after = managed_configuration(&harness)?;
    assert_eq!((&after["id"], configurations(&harness, CONTOSO)?.len()), (&before[1]["id"], 2));
    let harness = harness.without_adopting();
    assert!(harness.review(&text).await?.plan.is_empty());
    Ok(())
}

/// One with other settings in it is more than a policy has words for.
#[tokio::test]
async fn a_larger_configuration_is_never_taken_over() -> TestResult {
    let harness = Harness::start()?;
    harness.set(CONTOSO, LINK, "true")?;
    edit(&harness, |configuration| {
        let mut second = configuration["omaSettings"][0].clone();
        second["omaUri"] = json!("./Device/Vendor/MSFT/Policy/Config/Other");
        let settings = configuration["omaSettings"].as_array_mut();
        settings.into_iter().for_each(|settings| settings.push(second.clone()));
    })?;
    let harness = harness.adopting();
    assert_eq!(codes(&harness.review(&screen(CONTOSO, ON)).await?), ["others-beside"]);
    Ok(())
}

/// The values of secret settings come masked: what was read must not be sent back.
#[tokio::test]
async fn a_secret_in_it_makes_it_unknown() -> TestResult {
    let harness = Harness::start()?;
    harness.apply(&screen(CONTOSO, ON)).await?;
    edit(&harness, |configuration| configuration["omaSettings"][0]["isEncrypted"] = json!(true))?;
    let review = harness.review(&screen(CONTOSO, ON)).await?;
    assert_eq!(review.plan.unknown.iter().map(|unknown| unknown.setting.name).collect::<Vec<_>>(), [LINK]);
    Ok(())
}

#[tokio::test]
async fn what_will_not_do_is_an_error_before_any_write() -> TestResult {
    let harness = Harness::start()?;
    for (keys, code) in
        [("resetLink: true", "reset-link-without-group"), ("resetLink: true, group: Nobody Knows", "group-not-found")]
    {
        let review = harness.review(&screen(CONTOSO, keys)).await?;
        assert_eq!((codes(&review), review.refusal()), (vec![code], Some(Refusal::Errors)), "{keys}");
    }
    Ok(())
}

#[tokio::test]
async fn without_licence_or_scope_it_is_unknown_with_the_reason() -> TestResult {
    let text = |tenant, group| {
        let sections =
            format!("registration: {{ reconfirmAfterDays: 90 }}\nwindowsSignIn: {{ resetLink: true, group: {group} }}");
        policy(tenant, &sections)
    };
    let harness = Harness::start()?;
    let review = harness.review(&text(NORTHWIND, "Everyone")).await?;
    let kinds: Vec<_> = review.plan.unknown.iter().map(|unknown| (unknown.setting.name, unknown.why.kind)).collect();
    let licence = TenantErrorKind::NoAccess(MissingAccess::Licence);
    assert_eq!(kinds, [(LINK, licence), (GROUP, licence)]);
    assert_eq!(changed(&review), ["registration.reconfirmAfterDays"]);

    let refused =
        r#"{"error":{"code":"Forbidden","message":"Application is not authorized to perform this operation."}}"#;
    let refuse = Action::Respond { status: 403, headers: Vec::new(), body: refused.to_owned() };
    let harness = Harness::with(Faults::none().and(Fault::on(Method::GET, "deviceConfigurations", refuse)))?;
    let review = harness.review(&text(FABRIKAM, "SSPR Users")).await?;
    let unknown = review.plan.unknown.first().ok_or("nothing is unknown")?;
    assert!(matches!(unknown.why.kind, TenantErrorKind::NoAccess(MissingAccess::Scope(_))), "{:?}", unknown.why);
    let hint = unknown.why.hint.clone().unwrap_or_default();
    assert!(hint.contains("DeviceManagementConfiguration.Read.All"), "{hint}");
    let other = harness.review(&policy(FABRIKAM, "registration: { reconfirmAfterDays: 90 }")).await?;
    assert_eq!(other.refusal(), None, "who does not manage it does not read it");
    Ok(())
}

/// Nobody is left with a configuration that says yes and that no plan has proved.
#[tokio::test]
async fn a_configuration_that_cannot_be_assigned_is_switched_off_again() -> TestResult {
    let refuse = Action::Respond { status: 403, headers: Vec::new(), body: String::new() };
    let harness = Harness::with(Faults::none().and(Fault::on(Method::POST, "/assign", refuse)))?;
    let review = harness.review(&screen(CONTOSO, ON)).await?;
    let outcome = harness.apply_as(review, &Person::Administrator).await?.map_err(|closed| format!("{closed:?}"))?;
    let results: Vec<_> = outcome.steps.iter().map(|done| &done.result).collect();
    assert!(matches!(results.as_slice(), [StepResult::Verified, StepResult::Failed(_)]), "{results:#?}");
    let undone = outcome.rollback.ok_or("not taken back")?;
    assert!(undone.is_complete(), "{undone:#?}");
    assert_eq!(managed_configuration(&harness)?["omaSettings"][0]["value"], 0);
    Ok(())
}
