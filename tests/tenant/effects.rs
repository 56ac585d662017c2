//! What acts, who decides it, and what is written and does nothing.

use axum::http::Method;
use entra_sandbox::Migration;
use entra_sandbox::faults::{Action, Fault, Faults};
use ssprctl::testing::base::value::Value;
use ssprctl::testing::catalog::no_effect::NoEffectReason;
use ssprctl::testing::plan::effective::EffectiveSetting;
use ssprctl::testing::plan::effects;
use ssprctl::testing::review::approve::Review;
use ssprctl::testing::tenant::surface::Decider;

use crate::harness::{ADATUM, CONTOSO, FABRIKAM, Harness, NORTHWIND, TestResult, policy};

fn idle<'a>(effects: impl IntoIterator<Item = &'a EffectiveSetting>) -> Vec<(&'static str, NoEffectReason)> {
    effects.into_iter().filter_map(|effect| Some((effect.setting.name, effect.no_effect?))).collect()
}

fn methods(review: &Review) -> Option<(&Value, Decider)> {
    let effect = review.plan.effects.iter().find(|effect| effect.setting.name == "methods.allowed")?;
    Some((&effect.value, effect.decider))
}

#[tokio::test]
async fn methods_come_from_the_policy_that_decides_them() -> TestResult {
    let text = policy(
        CONTOSO,
        "scope: { users: all }\nmethods: { required: 2, convergedPolicy: extend, allowed: [mobileAppCode, email, officePhone] }",
    );
    for (state, origin) in [
        (Migration::PreMigration, Decider::Legacy),
        (Migration::MigrationInProgress, Decider::Either),
        (Migration::MigrationComplete, Decider::Converged),
    ] {
        let harness = Harness::start()?;
        harness.set(CONTOSO, "authenticationMethods.Sms.state", "enabled")?;
        harness.world.migrate(CONTOSO, Some(state))?;
        let forecast = harness.review(&text).await?;
        harness.apply(&text).await?;
        let seen = harness.review(&text).await?;
        assert_eq!(methods(&forecast).map(|(_, origin)| origin), Some(origin));
        assert_eq!(methods(&forecast), methods(&seen), "what was said to act is what acts ({state:?})");
        // Texts were on where sign-in is decided, and nobody asked to switch them off.
        let texts = matches!(methods(&seen), Some((Value::Set(words), _)) if words.contains("mobilePhone"));
        assert_eq!(texts, state != Migration::PreMigration, "{state:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_setting_without_effect_is_reported() -> TestResult {
    let harness = Harness::start()?;
    let text = policy(
        CONTOSO,
        "scope: { users: all, administrators: false }
methods: { allowed: [email, mobilePhone, mobileAppCode] }
securityQuestions: { toRegister: 4 }
registration: { requiredAtSignIn: false, reconfirmAfterDays: 90 }
notifications: { administrators: true, users: true }",
    );
    let review = harness.review(&text).await?;
    assert_eq!(
        idle(review.plan.managed_effects()),
        [
            ("securityQuestions.toRegister", NoEffectReason::NoQuestions),
            ("registration.reconfirmAfterDays", NoEffectReason::RegistrationNotRequired),
            ("notifications.administrators", NoEffectReason::NoAdministrators),
        ]
    );
    let nobody = policy(CONTOSO, "scope: { users: none }\nmethods: { required: 2 }\nhelpdesk: { link: a@contoso.com }");
    assert_eq!(
        idle(harness.review(&nobody).await?.plan.managed_effects()),
        [("methods.required", NoEffectReason::NobodyInScope)]
    );
    Ok(())
}

#[tokio::test]
async fn licences_and_the_writeback_client_decide_too() -> TestResult {
    let harness = Harness::start()?;
    let free = harness.review(&policy(NORTHWIND, "scope: { users: all }")).await?;
    assert_eq!(idle(free.plan.managed_effects()), [("scope.users", NoEffectReason::NoLicence)]);

    let missing = harness.review(&policy(ADATUM, "writeback: { passwords: true }")).await?;
    assert_eq!(idle(missing.plan.managed_effects()), [("writeback.passwords", NoEffectReason::NoClient)]);
    let report = missing.findings.iter().find(|finding| finding.code == "writeback-client-missing");
    let hint = report.and_then(|finding| finding.hint.as_deref()).unwrap_or_default();
    for cmdlet in ["Set-ADSyncAADPasswordResetConfiguration", "Set-AADCloudSyncPasswordWritebackConfiguration"] {
        assert!(hint.contains(cmdlet), "{hint}");
    }
    assert!(missing.refusal().is_none(), "a person may write the switch before the client is there");

    let connected = harness.review(&policy(FABRIKAM, "writeback: { passwords: true }")).await?;
    assert_eq!(idle(connected.plan.managed_effects()), []);
    assert!(connected.findings.iter().all(|finding| finding.code != "writeback-client-missing"));
    Ok(())
}

#[tokio::test]
async fn a_tenant_as_it_is_shows_the_same() -> TestResult {
    let harness = Harness::start()?;
    let now = effects::effective_now(&harness.snapshot(CONTOSO).await?);
    let idle = idle(&now);
    assert!(idle.contains(&("methods.required", NoEffectReason::NobodyInScope)), "{idle:?}");
    assert!(idle.iter().all(|(name, _)| *name != "helpdesk.link"), "whoever cannot reset still finds help: {idle:?}");
    Ok(())
}

/// What the policy does not manage, and cannot be read, is named with its reason and stops nobody.
#[tokio::test]
async fn what_could_not_be_read_is_named() -> TestResult {
    let refused =
        |path| Fault::on(Method::GET, path, Action::Respond { status: 403, headers: vec![], body: String::new() });
    let harness =
        Harness::with(Faults::none().and(refused("subscribedSkus")).and(refused("CheckWritebackConnectivityStatus")))?;
    let review = harness.review(&policy(FABRIKAM, "scope: { users: all }\nwriteback: { passwords: true }")).await?;
    let unread: Vec<_> = review.plan.unread.iter().map(|unread| unread.what).collect();
    assert_eq!(unread, ["the tenant's licences", "the writeback client"]);
    assert!(review.plan.unread.iter().all(|unread| unread.why.hint.is_some()), "{:#?}", review.plan.unread);
    assert!(review.refusal().is_none(), "{review:#?}");
    Ok(())
}
