//! Methods where they act: before, in the middle of and after the migration to the authentication methods policy.

use std::collections::BTreeSet;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, Faults, Moment};
use entra_sandbox::{Migration, Person};
use ssprctl::testing::apply::options::OnFailure;
use ssprctl::testing::apply::outcome::StepResult;
use ssprctl::testing::base::value::Value;
use ssprctl::testing::plan::{actual, build};
use ssprctl::testing::tenant::surface::Surface;

use crate::harness::{ADATUM, CONTOSO, FABRIKAM, Harness, TAILSPIN, TestResult, changed, policy, wanted};

const CONVERGED: &str = "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/";

async fn effective(harness: &Harness, tenant: &str) -> Result<BTreeSet<String>, Box<dyn std::error::Error>> {
    Ok(actual::allowed_methods(&harness.snapshot(tenant).await?).map_err(|error| error.message)?)
}

#[tokio::test]
async fn one_policy_makes_three_plans_and_the_same_effective_methods() -> TestResult {
    let text = policy(
        CONTOSO,
        "scope: { users: all }
methods: { required: 2, convergedPolicy: manage, allowed: [mobileAppNotification, mobileAppCode, email, officePhone] }",
    );
    let states = [Migration::PreMigration, Migration::MigrationInProgress, Migration::MigrationComplete];
    let (mut plans, mut results) = (Vec::new(), Vec::new());
    for state in states {
        let harness = Harness::start()?;
        // The legacy policy allows email and mobile phone; the other one texts only.
        harness.set(CONTOSO, "authenticationMethods.Sms.state", "enabled")?;
        harness.world.migrate(CONTOSO, Some(state))?;
        let review = harness.review(&text).await?;
        let requests = review.plan.steps.iter().map(|step| serde_json::to_string(&step.body));
        plans.push(requests.collect::<Result<Vec<_>, _>>()?);
        harness.apply(&text).await?;
        assert!(harness.review(&text).await?.plan.is_empty(), "{state:?}: {:#?}", harness.review(&text).await?);
        results.push(effective(&harness, CONTOSO).await?);
    }
    let wanted = ["email", "mobileAppCode", "mobileAppNotification", "officePhone"].map(str::to_owned);
    assert_eq!(results, vec![BTreeSet::from(wanted); 3]);
    assert!(plans[0] != plans[1] && plans[1] != plans[2] && plans[0] != plans[2], "{plans:#?}");
    Ok(())
}

#[tokio::test]
async fn a_method_that_is_not_allowed_stays_on_and_is_reported_unless_managed() -> TestResult {
    let harness = Harness::start()?;
    harness.set(ADATUM, "methods.required", "1")?;
    let text = policy(ADATUM, "methods: { allowed: [email, mobileAppCode] }");
    let review = harness.review(&text).await?;
    assert_eq!(changed(&review), Vec::<&str>::new());
    let report = review.findings.iter().find(|finding| finding.code == "converged-observed");
    let report = report.ok_or_else(|| format!("{:#?}", review.findings))?;
    assert!(report.message.contains("still allows mobileAppNotification, mobilePhone,"), "{}", report.message);
    harness.apply(&text).await?;
    assert_eq!(harness.writes(), []);

    let managed = text.replace("methods: {", "methods: { convergedPolicy: manage,");
    assert_eq!(changed(&harness.review(&managed).await?), ["methods.allowed"]);
    harness.apply(&managed).await?;
    let paths: Vec<_> = harness.writes().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths, ["Sms", "MicrosoftAuthenticator"].map(|id| format!("{CONVERGED}{id}")));
    assert_eq!(effective(&harness, ADATUM).await?, BTreeSet::from(["email", "mobileAppCode"].map(str::to_owned)));
    Ok(())
}

#[tokio::test]
async fn a_method_that_only_some_may_use_gets_the_scope_as_a_target() -> TestResult {
    let harness = Harness::start()?;
    let text = policy(
        ADATUM,
        "methods: { convergedPolicy: extend, allowed: [email, mobilePhone, mobileAppCode, mobileAppNotification] }",
    );
    let review = harness.review(&text).await?;
    let after: Vec<_> = review.plan.changes().into_iter().map(|change| format!("{:?}", change.after)).collect();
    assert!(after.iter().any(|after| after.contains("Sms: all_users")), "{after:?}");
    harness.apply(&text).await?;
    assert!(harness.review(&text).await?.plan.is_empty());
    Ok(())
}

#[tokio::test]
async fn an_unknown_configuration_is_preserved_and_never_sent() -> TestResult {
    let harness = Harness::start()?;
    let unknown = |shown: &str| {
        let shown: serde_json::Value = serde_json::from_str(shown)?;
        let text = shown["authenticationMethods"].to_string();
        let from = text.find("FederatedIdentityCredential").ok_or("the seed has lost its unknown configuration")?;
        Ok::<_, Box<dyn std::error::Error>>(text[from..from + 120].to_owned())
    };
    let before = unknown(&harness.world.show(TAILSPIN)?)?;
    let text = policy(
        TAILSPIN,
        "scope: { users: all }
methods: { convergedPolicy: manage, required: 2, allowed: [email, officePhone, mobileAppCode] }",
    );
    harness.apply(&text).await?;
    assert_eq!(unknown(&harness.world.show(TAILSPIN)?)?, before);
    assert!(harness.writes().iter().all(|seen| !seen.path.contains("Federated")), "{:#?}", harness.writes());
    let snapshot = harness.snapshot(TAILSPIN).await?;
    let document = snapshot.document(Surface::AuthenticationMethods).map_err(|error| error.message)?;
    assert!(document.raw("FederatedIdentityCredential").is_some());
    Ok(())
}

#[tokio::test]
async fn security_questions_stay_with_the_legacy_policy() -> TestResult {
    let harness = Harness::start()?;
    harness.world.migrate(FABRIKAM, Some(Migration::MigrationComplete))?;
    let before = effective(&harness, FABRIKAM).await?;
    assert!(before.contains("securityQuestions"), "{before:?}");
    let allowed: Vec<_> = before.iter().filter(|method| *method != "securityQuestions").cloned().collect();
    let text = policy(FABRIKAM, &format!("methods: {{ required: 1, allowed: [{}] }}", allowed.join(", ")))
        .replace("required: 1, ", "");
    harness.apply(&text).await?;
    assert!(!effective(&harness, FABRIKAM).await?.contains("securityQuestions"));
    Ok(())
}

/// An unknown method word can only come from a mistake of ours: nothing is planned from the list that has it.
#[tokio::test]
async fn an_unknown_method_is_an_error_and_never_left_out() -> TestResult {
    let text = policy(CONTOSO, "scope: { users: all }\nmethods: { required: 1, allowed: [email] }");
    for state in [Migration::PreMigration, Migration::MigrationInProgress, Migration::MigrationComplete] {
        let harness = Harness::start()?;
        harness.world.migrate(CONTOSO, Some(state))?;
        let mut desired = wanted(&text)?;
        let allowed = desired.settings.iter_mut().find(|desired| desired.setting.name == "methods.allowed");
        let allowed = allowed.ok_or("the policy allows no methods")?;
        allowed.value = Value::Set(["email", "telepathy"].map(str::to_owned).into());
        let (plan, _) = build::build(&desired, &harness.everything(&desired).await?);
        let unknown: Vec<_> =
            plan.unknown.iter().map(|unknown| (unknown.setting.name, unknown.why.message.as_str())).collect();
        let why = "methods.allowed: `telepathy` is not a method that this version knows";
        assert_eq!(unknown, [("methods.allowed", why)], "{state:?}");
        assert!(plan.changes().iter().all(|change| change.setting.name != "methods.allowed"), "{state:?}");
    }
    Ok(())
}

/// The portal counts the methods that its own document switches on, unless it is asked not to. In a migrated tenant that count
/// means nothing: it is skipped with every write there, and never where the legacy policy decides.
#[tokio::test]
async fn the_portals_count_is_skipped_where_it_means_nothing() -> TestResult {
    let text = policy(CONTOSO, "registration: { reconfirmAfterDays: 90 }");
    let states = [Migration::PreMigration, Migration::MigrationInProgress, Migration::MigrationComplete];
    for (state, skips) in states.into_iter().zip([false, false, true]) {
        let harness = Harness::start()?;
        harness.world.migrate(CONTOSO, Some(state))?;
        harness.apply(&text).await?;
        let queries: Vec<_> = harness.writes().into_iter().map(|seen| seen.query).collect();
        let expected = if skips { "byPassMethodCountCheck=true" } else { "" };
        assert_eq!(queries, [expected], "{state:?}");
    }
    Ok(())
}

/// What each word of `convergedPolicy` writes to the authentication methods policy of a migrated tenant that allows texts, and
/// what the plan says of the rest.
#[tokio::test]
async fn nothing_is_opened_for_sign_in_unless_the_policy_says_so() -> TestResult {
    let allowed = "allowed: [email, mobileAppCode]";
    for (word, switched, codes) in [
        ("observe", &[][..], &["converged-missing", "converged-observed"][..]),
        ("extend", &["SoftwareOath", "Email"], &["converged-observed", "converged-sign-in"]),
        ("manage", &["Sms", "SoftwareOath", "Email"], &["converged-sign-in"]),
    ] {
        let harness = Harness::start()?;
        harness.set(CONTOSO, "authenticationMethods.Sms.state", "enabled")?;
        harness.world.migrate(CONTOSO, Some(Migration::MigrationComplete))?;
        let review =
            harness.review(&policy(CONTOSO, &format!("methods: {{ convergedPolicy: {word}, {allowed} }}"))).await?;
        let about: BTreeSet<_> =
            review.findings.iter().map(|finding| finding.code).filter(|code| code.starts_with("converged-")).collect();
        assert_eq!(about, codes.iter().copied().collect(), "{word}: {:#?}", review.findings);
        assert_eq!(review.refusal().is_some(), word == "observe", "{word}");
        if review.refusal().is_none() {
            harness.apply_as(review, &Person::Administrator).await?.map_err(|closed| format!("{closed:?}"))?;
        }
        let paths: BTreeSet<_> = harness
            .writes()
            .into_iter()
            .filter_map(|seen| Some(seen.path.strip_prefix(CONVERGED)?.to_owned()))
            .collect();
        assert_eq!(paths, switched.iter().map(|id| (*id).to_owned()).collect(), "{word}");
    }
    Ok(())
}

/// A plan that gives text messages for resets says what the targets that are there may do with them at sign-in.
#[tokio::test]
async fn targets_that_may_sign_in_with_a_text_are_named() -> TestResult {
    let sections =
        "scope: { users: all }\nmethods: { convergedPolicy: extend, allowed: [email, mobileAppCode, mobilePhone] }";
    for (tenant, says) in [
        (CONTOSO, "will let its targets sign in with a text message alone"),
        (FABRIKAM, "Sms: all_users, and lets other targets sign in with a text message alone, as before"),
    ] {
        let harness = Harness::start()?;
        harness.world.migrate(tenant, Some(Migration::MigrationComplete))?;
        let review = harness.review(&policy(tenant, sections)).await?;
        let found = review.findings.iter().find(|finding| finding.code == "converged-sign-in");
        let message = &found.ok_or_else(|| format!("{tenant}: {:#?}", review.findings))?.message;
        assert!(message.contains(says), "{message}");
    }
    Ok(())
}

/// `--on-failure stop`: the next request about the same document must not overwrite what somebody changed while it was found
/// out that the service had refused the one before.
#[tokio::test]
async fn an_edit_during_a_refused_write_stops_the_next_write_of_that_value() -> TestResult {
    let path = format!("{CONVERGED}Email");
    let edit = Action::edit(Moment::Before, "authenticationMethods.SoftwareOath.state", "enabled");
    let refuse = Action::Refuse { status: 409, retry_after: None, moment: Moment::After };
    let faults = [edit, Action::LostWrite, refuse].map(|action| Fault::on(Method::PATCH, &path, action));
    let mut harness = Harness::with(faults.into_iter().fold(Faults::none(), Faults::and))?;
    harness.on_failure = OnFailure::Stop;
    harness.world.migrate(CONTOSO, Some(Migration::MigrationComplete))?;
    let text = policy(CONTOSO, "methods: { convergedPolicy: extend, allowed: [email, mobileAppCode] }");
    let review = harness.review(&text).await?;
    let outcome = harness.apply_as(review, &Person::Administrator).await?.map_err(|closed| format!("{closed:?}"))?;
    let results: Vec<_> = outcome.steps.iter().map(|step| &step.result).collect();
    let [StepResult::Failed(_), StepResult::Conflict { keys }] = results[..] else {
        return Err(format!("{results:#?}").into());
    };
    assert_eq!(keys, &["SoftwareOath"]);
    assert_eq!(harness.writes().len(), 1, "only the refused request was sent");
    Ok(())
}
