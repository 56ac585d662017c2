//! The reset link on the Windows sign-in screen: one Intune configuration, made, assigned, found again and repaired.

use axum::http::Method;
use entra_sandbox::Person;
use entra_sandbox::faults::{Action, Fault, Faults};
use serde_json::{Value, json};
use ssprctl::apply::outcome::StepResult;
use ssprctl::catalog::no_effect::NoEffectReason;
use ssprctl::review::approve::{Refusal, Review};
use ssprctl::tenant::error::{MissingAccess, TenantErrorKind};

use crate::harness::{CONTOSO, Ended, FABRIKAM, NORTHWIND, Stand, changed, policy};

const CONFIGURATIONS: &str = "/v1.0/deviceManagement/deviceConfigurations";
const MARK: &str = "[ssprctl:resetLink]";
const LINK: &str = "windowsSignIn.resetLink";
const GROUP: &str = "windowsSignIn.group";
const ON: &str = "resetLink: true, group: SSPR-Pilot";

fn screen(tenant: &str, keys: &str) -> String {
    policy(tenant, &format!("windowsSignIn: {{ {keys} }}"))
}

fn configurations(stand: &Stand, tenant: &str) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let shown: Value = serde_json::from_str(&stand.world.show(tenant)?)?;
    Ok(shown["deviceConfigurations"].as_array().cloned().unwrap_or_default())
}

fn kept(stand: &Stand) -> Result<Value, Box<dyn std::error::Error>> {
    let all = configurations(stand, CONTOSO)?;
    let mut marked = all.into_iter().filter(|one| one["displayName"].as_str().is_some_and(|name| name.contains(MARK)));
    match (marked.next(), marked.next()) {
        (Some(one), None) => Ok(one),
        other => Err(format!("{other:?}").into()),
    }
}

fn edit(stand: &Stand, change: impl FnOnce(&mut Value)) -> Ended {
    stand.world.change(CONTOSO, |tenant| {
        change(tenant.device_configurations.last_mut().ok_or("no configuration")?);
        Ok::<_, &str>(())
    })??;
    Ok(())
}

fn codes(review: &Review) -> Vec<&'static str> {
    review.findings.iter().map(|finding| finding.code).collect()
}

fn sent(stand: &Stand) -> Vec<String> {
    let short = |path: &str| path.replace(CONFIGURATIONS, "");
    stand.writes().into_iter().map(|seen| format!("{} {}", seen.method, short(&seen.path))).collect()
}

#[tokio::test]
async fn it_is_made_and_assigned_and_a_second_apply_sends_nothing() -> Ended {
    let stand = Stand::start()?;
    let before = configurations(&stand, CONTOSO)?;
    let text = screen(CONTOSO, ON);
    assert_eq!(changed(&stand.review(&text).await?), [LINK, GROUP]);
    assert_eq!(stand.apply(&text).await?.requests(), 2);
    let made = kept(&stand)?;
    let id = made["id"].as_str().ok_or("no id")?;
    assert_eq!(
        sent(&stand),
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
    assert_eq!(configurations(&stand, CONTOSO)?[..1], before[..], "what somebody else keeps is as it was");
    stand.apply(&text).await?;
    assert_eq!(stand.writes().len(), 2);
    Ok(())
}

/// Each drift takes one request, and what others have put into it stays.
#[tokio::test]
async fn what_drifted_is_repaired_with_one_request() -> Ended {
    let stand = Stand::start()?;
    let text = screen(CONTOSO, ON);
    stand.apply(&text).await?;
    let other = json!({"@odata.type": "#microsoft.graph.omaSettingString", "displayName": "Other", "description": null,
        "omaUri": "./Device/Vendor/MSFT/Policy/Config/Other", "secretReferenceValueId": null, "isEncrypted": false, "value": "x"});
    for (change, setting) in [
        (json!({"value": 0}), LINK),
        (json!([]), GROUP),
        (json!([{"id": "all", "target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]), GROUP),
    ] {
        edit(&stand, |configuration| match setting {
            LINK => {
                configuration["omaSettings"][0]["value"] = change["value"].clone();
                let settings = configuration["omaSettings"].as_array_mut();
                settings.into_iter().for_each(|settings| settings.push(other.clone()));
            }
            _ => configuration["assignments"] = change.clone(),
        })?;
        assert_eq!(changed(&stand.review(&text).await?), [setting], "{change}");
        assert_eq!(stand.apply(&text).await?.requests(), 1, "{change}");
        assert!(stand.review(&text).await?.plan.is_empty(), "{change}");
    }
    assert_eq!(kept(&stand)?["omaSettings"][1]["value"], "x");
    Ok(())
}

#[tokio::test]
async fn off_says_no_and_keeps_the_configuration() -> Ended {
    let stand = Stand::start()?;
    let off = screen(CONTOSO, "resetLink: false, group: SSPR-Pilot");
    assert!(stand.review(&off).await?.plan.is_empty(), "nothing is made in order to be off");
    stand.apply(&screen(CONTOSO, ON)).await?;
    stand.apply(&off).await?;
    let configuration = kept(&stand)?;
    assert_eq!(
        (&configuration["omaSettings"][0]["value"], &configuration["assignments"][0]["target"]["groupId"]),
        (&json!(0), &json!("55bc0001-0600-4000-8000-000000000001"))
    );
    let review = stand.review(&off).await?;
    let idle: Vec<_> = review.plan.managed_effects().filter_map(|effect| effect.no_effect).collect();
    assert_eq!((review.plan.is_empty(), idle), (true, vec![NoEffectReason::LinkOff]));
    Ok(())
}

#[tokio::test]
async fn somebody_elses_is_told_and_taken_over_only_on_request() -> Ended {
    let stand = Stand::start()?;
    stand.set(CONTOSO, LINK, "true")?;
    stand.set(CONTOSO, GROUP, "Helpdesk Staff")?;
    let before = configurations(&stand, CONTOSO)?;
    let text = screen(CONTOSO, ON);
    let review = stand.review(&text).await?;
    assert_eq!((codes(&review), review.refusal()), (vec!["kept-by-others"], Some(Refusal::Errors)));
    assert_eq!(configurations(&stand, CONTOSO)?, before);

    let stand = stand.adopting();
    let review = stand.review(&text).await?;
    let told = format!("{:?}", review.plan.changes()[0].before);
    assert!(told.contains("somebody else's configuration has it: Windows: reset link"), "{told}");
    stand.apply(&text).await?;
    let after = kept(&stand)?;
    assert_eq!((&after["id"], configurations(&stand, CONTOSO)?.len()), (&before[1]["id"], 2));
    let stand = stand.without_adopting();
    assert!(stand.review(&text).await?.plan.is_empty());
    Ok(())
}

/// One with other settings in it is more than a policy has words for.
#[tokio::test]
async fn a_larger_configuration_is_never_taken_over() -> Ended {
    let stand = Stand::start()?;
    stand.set(CONTOSO, LINK, "true")?;
    edit(&stand, |configuration| {
        let mut second = configuration["omaSettings"][0].clone();
        second["omaUri"] = json!("./Device/Vendor/MSFT/Policy/Config/Other");
        let settings = configuration["omaSettings"].as_array_mut();
        settings.into_iter().for_each(|settings| settings.push(second.clone()));
    })?;
    let stand = stand.adopting();
    assert_eq!(codes(&stand.review(&screen(CONTOSO, ON)).await?), ["others-beside"]);
    Ok(())
}

/// The values of secret settings come masked: what was read must not be sent back.
#[tokio::test]
async fn a_secret_in_it_makes_it_unknown() -> Ended {
    let stand = Stand::start()?;
    stand.apply(&screen(CONTOSO, ON)).await?;
    edit(&stand, |configuration| configuration["omaSettings"][0]["isEncrypted"] = json!(true))?;
    let review = stand.review(&screen(CONTOSO, ON)).await?;
    assert_eq!(review.plan.unknown.iter().map(|unknown| unknown.setting.name).collect::<Vec<_>>(), [LINK]);
    Ok(())
}

#[tokio::test]
async fn what_will_not_do_is_an_error_before_any_write() -> Ended {
    let stand = Stand::start()?;
    for (keys, code) in
        [("resetLink: true", "reset-link-without-group"), ("resetLink: true, group: Nobody Knows", "group-not-found")]
    {
        let review = stand.review(&screen(CONTOSO, keys)).await?;
        assert_eq!((codes(&review), review.refusal()), (vec![code], Some(Refusal::Errors)), "{keys}");
    }
    Ok(())
}

#[tokio::test]
async fn without_licence_or_scope_it_is_unknown_with_the_reason() -> Ended {
    let text = |tenant, group| {
        let sections =
            format!("registration: {{ reconfirmAfterDays: 90 }}\nwindowsSignIn: {{ resetLink: true, group: {group} }}");
        policy(tenant, &sections)
    };
    let stand = Stand::start()?;
    let review = stand.review(&text(NORTHWIND, "Everyone")).await?;
    let kinds: Vec<_> = review.plan.unknown.iter().map(|unknown| (unknown.setting.name, unknown.why.kind)).collect();
    let licence = TenantErrorKind::NoAccess(MissingAccess::Licence);
    assert_eq!(kinds, [(LINK, licence), (GROUP, licence)]);
    assert_eq!(changed(&review), ["registration.reconfirmAfterDays"]);

    let refused =
        r#"{"error":{"code":"Forbidden","message":"Application is not authorized to perform this operation."}}"#;
    let refuse = Action::Respond { status: 403, headers: Vec::new(), body: refused.to_owned() };
    let stand = Stand::with(Faults::none().and(Fault::on(Method::GET, "deviceConfigurations", refuse)))?;
    let review = stand.review(&text(FABRIKAM, "SSPR Users")).await?;
    let unknown = review.plan.unknown.first().ok_or("nothing is unknown")?;
    assert!(matches!(unknown.why.kind, TenantErrorKind::NoAccess(MissingAccess::Scope(_))), "{:?}", unknown.why);
    let hint = unknown.why.hint.clone().unwrap_or_default();
    assert!(hint.contains("DeviceManagementConfiguration.Read.All"), "{hint}");
    let other = stand.review(&policy(FABRIKAM, "registration: { reconfirmAfterDays: 90 }")).await?;
    assert_eq!(other.refusal(), None, "who does not manage it does not read it");
    Ok(())
}

/// Nobody is left with a configuration that says yes and that no plan has proved.
#[tokio::test]
async fn a_configuration_that_cannot_be_assigned_is_switched_off_again() -> Ended {
    let refuse = Action::Respond { status: 403, headers: Vec::new(), body: String::new() };
    let stand = Stand::with(Faults::none().and(Fault::on(Method::POST, "/assign", refuse)))?;
    let review = stand.review(&screen(CONTOSO, ON)).await?;
    let outcome = stand.apply_as(review, &Person::Administrator).await?.map_err(|closed| format!("{closed:?}"))?;
    let results: Vec<_> = outcome.steps.iter().map(|done| &done.result).collect();
    assert!(matches!(results.as_slice(), [StepResult::Verified, StepResult::Failed(_)]), "{results:#?}");
    let undone = outcome.rollback.ok_or("not taken back")?;
    assert!(undone.is_complete(), "{undone:#?}");
    assert_eq!(kept(&stand)?["omaSettings"][0]["value"], 0);
    Ok(())
}
