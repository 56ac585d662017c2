//! From where people may register: one Conditional Access policy, made, found again, repaired, and never somebody else's.

mod adoption;

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, Faults};
use entra_sandbox::{Person, Role};
use serde_json::{Value, json};
use ssprctl::testing::apply::outcome::StepResult;
use ssprctl::testing::base::value;
use ssprctl::testing::catalog::no_effect::NoEffectReason;
use ssprctl::testing::client::TenantWriter;
use ssprctl::testing::plan::reversal;
use ssprctl::testing::plan::reversal::{Reversal, SentRequest, WriteState};
use ssprctl::testing::review::approve::{Refusal, Review};
use ssprctl::testing::tenant::api::WriteTenant;
use ssprctl::testing::tenant::error::{MissingAccess, TenantErrorKind};
use ssprctl::testing::tenant::surface::Surface;

use crate::harness::{CONTOSO, FABRIKAM, Harness, NORTHWIND, TestResult, changed, policy};

const POLICIES: &str = "/v1.0/identity/conditionalAccess/policies";
const MARK: &str = "[ssprctl:allowedFrom]";
const ALL: [&str; 3] =
    ["registration.allowedFrom.locations", "registration.allowedFrom.excludedGroups", "registration.allowedFrom.state"];

fn allowed(tenant: &str, from: &str) -> String {
    policy(tenant, &format!("registration: {{ allowedFrom: {{ {from} }} }}"))
}

/// The Conditional Access policies of a tenant.
fn policies(harness: &Harness, tenant: &str) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let shown: Value = serde_json::from_str(&harness.world.show(tenant)?)?;
    Ok(shown["accessPolicies"].as_array().cloned().unwrap_or_default())
}

/// The managed policy.
fn managed_policy(harness: &Harness, tenant: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let all = policies(harness, tenant)?;
    let mut marked = all.into_iter().filter(|one| one["displayName"].as_str().is_some_and(|name| name.contains(MARK)));
    match (marked.next(), marked.next()) {
        (Some(one), None) => Ok(one),
        other => Err(format!("{other:?}").into()),
    }
}

fn codes(review: &Review) -> Vec<&'static str> {
    review.findings.iter().map(|finding| finding.code).collect()
}

#[tokio::test]
async fn it_is_made_to_report_with_one_request_and_a_second_apply_sends_nothing() -> TestResult {
    let harness = Harness::start()?;
    let text = allowed(CONTOSO, "locations: [Headquarters, allTrusted], excludedGroups: [Break-glass accounts]");
    let before = policies(&harness, CONTOSO)?;
    let review = harness.review(&text).await?;
    assert_eq!(changed(&review), [ALL[0], ALL[2], ALL[1]], "that it only reports is planned, too");
    assert_eq!(harness.apply(&text).await?.requests(), 1);
    let made = managed_policy(&harness, CONTOSO)?;
    assert_eq!(made["state"], "enabledForReportingButNotEnforced");
    assert_eq!(made["grantControls"]["builtInControls"], json!(["block"]));
    let conditions = &made["conditions"];
    assert_eq!(conditions["applications"]["includeUserActions"], json!(["urn:user:registersecurityinfo"]));
    assert_eq!(conditions["users"]["includeUsers"], json!(["All"]));
    assert_eq!(conditions["users"]["excludeUsers"], json!(["GuestsOrExternalUsers"]));
    assert_eq!(conditions["users"]["excludeGroups"], json!(["55bc0001-0600-4000-8000-000000000004"]));
    assert_eq!(conditions["locations"]["includeLocations"], json!(["All"]));
    let headquarters = "55bc0001-010c-4000-8000-000000000001";
    assert_eq!(conditions["locations"]["excludeLocations"], json!([headquarters, "AllTrusted"]));
    let [post] = harness.writes().try_into().map_err(|writes| format!("{writes:?}"))?;
    assert_eq!((post.method.as_str(), post.path.as_str()), ("POST", POLICIES));
    assert_eq!(policies(&harness, CONTOSO)?[..1], before[..], "the unmanaged policy is as it was");

    let again = harness.review(&text).await?;
    assert!(again.plan.is_empty() && again.findings.is_empty(), "{again:#?}");
    harness.apply(&text).await?;
    assert_eq!(harness.writes().len(), 1);
    Ok(())
}

/// Left out, the state is the tenant's own business from then on: whoever has read the reports switches it on.
#[tokio::test]
async fn a_state_that_is_not_written_stays_and_one_that_is_written_is_repaired() -> TestResult {
    let harness = Harness::start()?;
    let silent = allowed(CONTOSO, "locations: [allTrusted], excludedGroups: [Break-glass accounts]");
    harness.apply(&silent).await?;
    harness.set(CONTOSO, ALL[2], "enforced")?;
    assert!(harness.review(&silent).await?.plan.is_empty());
    let off = allowed(CONTOSO, "locations: [allTrusted], state: disabled");
    harness.apply(&off).await?;
    let policy = managed_policy(&harness, CONTOSO)?;
    assert_eq!(policy["state"], "disabled", "taken away is switched off, not deleted");
    let patch = harness.writes().pop().ok_or("no write")?;
    assert_eq!(patch.method, "PATCH");
    Ok(())
}

/// What is off already needs no policy.
#[tokio::test]
async fn nothing_is_made_in_order_to_be_off() -> TestResult {
    let harness = Harness::start()?;
    let review = harness.review(&allowed(CONTOSO, "locations: [allTrusted], state: disabled")).await?;
    assert!(review.plan.is_empty(), "{review:#?}");
    Ok(())
}

/// Other people's conditions, keys that nobody knows, and whom it is for: preserved, and not even sent.
#[tokio::test]
async fn what_is_not_ours_in_it_survives_and_is_not_sent() -> TestResult {
    let harness = Harness::start()?;
    let text = allowed(CONTOSO, "locations: [allTrusted], excludedGroups: [Break-glass accounts], state: reportOnly");
    harness.apply(&text).await?;
    harness.world.change(CONTOSO, |tenant| {
        let policy = tenant.access_policies.last_mut().ok_or("no policy")?;
        policy["newKey"] = json!({"of": "tomorrow", "number": 1.5});
        policy["conditions"]["newCondition"] = json!(["of tomorrow"]);
        policy["conditions"]["platforms"] = json!({"includePlatforms": ["windows"], "excludePlatforms": []});
        policy["conditions"]["users"]["includeUsers"] = json!([]);
        policy["conditions"]["users"]["includeGroups"] = json!(["55bc0001-0600-4000-8000-000000000001"]);
        policy["conditions"]["users"]["excludeGroups"] = json!([]);
        policy["state"] = json!("disabled");
        Ok::<_, &str>(())
    })??;
    let before = managed_policy(&harness, CONTOSO)?;
    let review = harness.review(&text).await?;
    assert_eq!(changed(&review), [ALL[1], ALL[2]]);
    let body: Value = serde_json::from_str(&serde_json::to_string(&review.plan.steps[0].body)?)?;
    let sent: Vec<_> = body["conditions"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    assert_eq!(sent, ["users"], "{body}");
    assert!(body.get("newKey").is_none() && body.get("grantControls").is_none(), "{body}");
    harness.apply(&text).await?;
    let after = managed_policy(&harness, CONTOSO)?;
    for key in ["newKey", "grantControls", "displayName", "id"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    for key in ["newCondition", "platforms", "applications", "locations", "clientAppTypes"] {
        assert_eq!(after["conditions"][key], before["conditions"][key], "{key}");
    }
    assert_eq!(after["conditions"]["users"]["includeGroups"], before["conditions"]["users"]["includeGroups"]);
    Ok(())
}

/// Somebody lets people through with a second factor instead: then registering is blocked nowhere.
#[tokio::test]
async fn a_policy_that_no_longer_blocks_is_repaired() -> TestResult {
    let harness = Harness::start()?;
    let text = allowed(CONTOSO, "locations: [Headquarters]");
    harness.apply(&text).await?;
    for edit in [
        |policy: &mut Value| policy["grantControls"]["builtInControls"] = json!(["mfa"]),
        |policy: &mut Value| policy["conditions"]["locations"] = Value::Null,
        |policy: &mut Value| {
            policy["conditions"]["applications"]["includeUserActions"] = json!(["urn:user:registerdevice"])
        },
    ] {
        harness.world.change(CONTOSO, |tenant| {
            edit(tenant.access_policies.last_mut().ok_or("no policy")?);
            Ok::<_, &str>(())
        })??;
        let review = harness.review(&text).await?;
        assert_eq!(changed(&review), [ALL[0]]);
        assert_eq!(review.plan.changes()[0].before, value::Value::Set(["anywhere".to_owned()].into()));
        harness.apply(&text).await?;
        assert!(harness.review(&text).await?.plan.is_empty());
    }
    Ok(())
}

/// The way back from applying a review: what it takes, and the document that is there now.
async fn way_back(harness: &Harness, review: &Review) -> Result<Reversal, Box<dyn std::error::Error>> {
    let surface = Surface::ConditionalAccess;
    let [step] = review.plan.steps.as_slice() else { return Err(format!("{review:#?}").into()) };
    let before = review.plan.seen.get(&surface).cloned().ok_or("not seen")?;
    let sent = SentRequest { surface, before, body: step.body.clone(), confirmed: true };
    let now = harness.snapshot(CONTOSO).await?.document(surface).cloned().map_err(|error| error.message)?;
    assert_eq!(reversal::write_state(&sent, &now), WriteState::Applied);
    Ok(reversal::reverse(&[sent], &BTreeMap::from([(surface, now)]), |_| step.changes[0].place.clone()))
}

fn report(undo: &Reversal) -> Vec<String> {
    let changes = undo.steps.iter().flat_map(|step| &step.changes);
    changes.map(|change| format!("{}: {:?}", change.setting.name, change.after)).collect()
}

/// What was made is switched off, what was changed is as it was before; what others changed meanwhile stays.
#[tokio::test]
async fn an_apply_is_taken_back() -> TestResult {
    let harness = Harness::start()?;
    let first = allowed(CONTOSO, "locations: [Headquarters], excludedGroups: [Break-glass accounts], state: enforced");
    let made = harness.review(&first).await?;
    harness.apply(&first).await?;
    let back = way_back(&harness, &made).await?;
    assert_eq!(report(&back), [r#"registration.allowedFrom.state: Text("disabled")"#]);
    let body: Value = serde_json::from_str(&serde_json::to_string(&back.steps[0].body)?)?;
    assert_eq!(body, json!({"id": managed_policy(&harness, CONTOSO)?["id"], "state": "disabled"}));

    let before = managed_policy(&harness, CONTOSO)?;
    let second = allowed(CONTOSO, "locations: [allTrusted], excludedGroups: [], state: reportOnly");
    let changed = harness.review(&second).await?;
    harness.apply(&second).await?;
    harness.world.change(CONTOSO, |tenant| {
        let policy = tenant.access_policies.last_mut().ok_or("no policy")?;
        policy["conditions"]["platforms"] = json!({"includePlatforms": ["windows"], "excludePlatforms": []});
        Ok::<_, &str>(())
    })??;
    let back = way_back(&harness, &changed).await?;
    assert_eq!((report(&back).len(), back.diverged.len()), (3, 0), "{back:#?}");
    let writer = TenantWriter::new(harness.reader(CONTOSO, CONTOSO, &Person::Administrator)?);
    writer.write(Surface::ConditionalAccess, &back.steps[0].body).await.map_err(|error| error.into_error().message)?;
    let after = managed_policy(&harness, CONTOSO)?;
    for key in ["users", "locations", "applications"] {
        assert_eq!(after["conditions"][key], before["conditions"][key], "{key}");
    }
    assert_eq!(
        (&after["state"], &after["conditions"]["platforms"]["includePlatforms"][0]),
        (&json!("enabled"), &json!("windows"))
    );

    harness.apply(&second).await?;
    harness.set(CONTOSO, ALL[2], "disabled")?;
    let since = harness.review(&first).await?;
    harness.apply(&first).await?;
    harness.set(CONTOSO, ALL[2], "reportOnly")?;
    let surface = Surface::ConditionalAccess;
    let now = harness.snapshot(CONTOSO).await?.document(surface).cloned().map_err(|error| error.message)?;
    let before = since.plan.seen.get(&surface).cloned().ok_or("not seen")?;
    let sent = SentRequest { surface, before, body: since.plan.steps[0].body.clone(), confirmed: true };
    let back =
        reversal::reverse(&[sent], &BTreeMap::from([(surface, now)]), |_| since.plan.steps[0].changes[0].place.clone());
    assert_eq!(
        back.diverged.iter().flat_map(|managed_policy| &managed_policy.keys).collect::<Vec<_>>(),
        ["state"],
        "somebody changed it since"
    );
    Ok(())
}

#[tokio::test]
async fn places_that_will_not_do_are_errors_before_any_write() -> TestResult {
    let harness = Harness::start()?;
    harness.world.change(CONTOSO, |tenant| {
        let mut twin = tenant.named_locations.last().cloned().ok_or("no location")?;
        twin["id"] = json!("cafe0002-0000-4000-8000-000000000001");
        tenant.named_locations.push(twin);
        tenant.named_locations[0]["isTrusted"] = json!(false);
        Ok::<_, &str>(())
    })??;
    for (from, code) in [
        ("locations: [Atlantis]", "location-not-found"),
        ("locations: [cafe0003-0000-4000-8000-000000000001]", "location-not-found"),
        ("locations: [Headquarters, Where we work]", "location-ambiguous"),
        ("locations: [allTrusted]", "location-none-trusted"),
        ("locations: [Headquarters], excludedGroups: [Nobody Knows]", "group-not-found"),
        ("state: enforced, excludedGroups: [Break-glass accounts]", "registration-without-locations"),
    ] {
        let review = harness.review(&allowed(CONTOSO, from)).await?;
        assert_eq!(codes(&review), [code], "{from}");
        assert_eq!(review.refusal(), Some(Refusal::Errors), "{from}");
        let finding = &review.findings[0];
        let place = &finding.at.as_ref().ok_or("no place")?.place;
        let text = place.source.text.get(place.span.start..place.span.end).unwrap_or_default();
        assert!(from.contains(text) && !text.contains(','), "{from}: points at {text}");
    }
    let by_id = "locations: [CAFE0002-0000-4000-8000-000000000001, headquarters]";
    harness.apply(&allowed(CONTOSO, by_id)).await?;
    assert!(harness.review(&allowed(CONTOSO, by_id)).await?.plan.is_empty());
    Ok(())
}

#[tokio::test]
async fn enforced_for_everybody_is_warned_about_and_reporting_has_no_effect() -> TestResult {
    let harness = Harness::start()?;
    let review = harness.review(&allowed(CONTOSO, "locations: [allTrusted], state: enforced")).await?;
    assert_eq!((codes(&review), review.refusal()), (vec!["registration-without-break-glass"], None));
    let review = harness.review(&allowed(CONTOSO, "locations: [allTrusted]")).await?;
    let idle: Vec<_> = review.plan.managed_effects().filter_map(|effect| effect.no_effect).collect();
    assert_eq!(idle, [NoEffectReason::ReportOnly]);
    Ok(())
}

/// The rest still plans; it weighs only where a policy manages it.
#[tokio::test]
async fn without_licence_or_scope_it_is_unknown_with_the_reason() -> TestResult {
    let text =
        |tenant| policy(tenant, "registration: { reconfirmAfterDays: 90, allowedFrom: { locations: [allTrusted] } }");
    let harness = Harness::start()?;
    let review = harness.review(&text(NORTHWIND)).await?;
    let [unknown] = review.plan.unknown.as_slice() else { return Err(format!("{review:#?}").into()) };
    assert_eq!((unknown.setting.name, unknown.why.kind), (ALL[0], TenantErrorKind::NoAccess(MissingAccess::Licence)));
    assert_eq!(changed(&review), ["registration.reconfirmAfterDays"]);

    let refused = r#"{"error":{"code":"AccessDenied","message":"required scopes are missing in the token."}}"#;
    let refuse = Action::Respond { status: 403, headers: Vec::new(), body: refused.to_owned() };
    let harness = Harness::with(Faults::none().and(Fault::on(Method::GET, "conditionalAccess/policies", refuse)))?;
    let review = harness.review(&text(FABRIKAM)).await?;
    let [unknown] = review.plan.unknown.as_slice() else { return Err(format!("{review:#?}").into()) };
    assert!(matches!(unknown.why.kind, TenantErrorKind::NoAccess(MissingAccess::Scope(_))), "{:?}", unknown.why);
    assert!(unknown.why.hint.as_ref().is_some_and(|hint| hint.contains("Policy.Read.All")), "{:?}", unknown.why.hint);
    let other = harness.review(&policy(FABRIKAM, "registration: { reconfirmAfterDays: 90 }")).await?;
    assert_eq!((other.refusal(), other.plan.unread.len()), (None, 0), "who does not manage it does not read it");
    Ok(())
}

#[tokio::test]
async fn a_role_that_may_only_read_is_met_by_the_write() -> TestResult {
    let harness = Harness::start()?;
    let reader = Person::Holding(vec![Role::GlobalReader]);
    let text = allowed(CONTOSO, "locations: [allTrusted]");
    let review = harness.review_as(&text, CONTOSO, &reader).await?.map_err(|error| error.message)?;
    let outcome = harness.apply_as(review, &reader).await?.map_err(|closed| format!("{closed:?}"))?;
    assert_eq!(outcome.requests(), 0, "{outcome:#?}");
    assert_eq!(policies(&harness, CONTOSO)?.len(), 1);
    Ok(())
}

/// Whether it was made is looked up, and never tried again.
#[tokio::test]
async fn an_unclear_answer_makes_no_second_request() -> TestResult {
    let unclear = Action::Respond { status: 502, headers: Vec::new(), body: String::new() };
    let harness = Harness::with(Faults::none().and(Fault::on(Method::POST, POLICIES, unclear)))?;
    let review = harness.review(&allowed(CONTOSO, "locations: [allTrusted]")).await?;
    let outcome = harness.apply_as(review, &Person::Administrator).await?.map_err(|closed| format!("{closed:?}"))?;
    let [step] = outcome.steps.as_slice() else { return Err(format!("{outcome:#?}").into()) };
    assert!(matches!(step.result, StepResult::Failed(_)), "it left no trace: {step:#?}");
    assert_eq!(harness.writes().len(), 1);
    Ok(())
}

/// With the documented limit held by the emulator's real clock: nothing is refused, because requests are sent a second
/// apart.
#[tokio::test]
async fn requests_are_limited_to_one_a_second() -> TestResult {
    let harness = Harness::paced(Faults::throttled(), Duration::from_secs(1))?;
    harness.apply(&allowed(CONTOSO, "locations: [allTrusted], excludedGroups: [Break-glass accounts]")).await?;
    managed_policy(&harness, CONTOSO)?;
    let seen = harness.server.requests().into_iter().filter(|seen| seen.path.contains("conditionalAccess"));
    let seen: Vec<_> = seen.map(|seen| format!("{} {}", seen.status, seen.method)).collect();
    let once = ["200 GET", "200 GET", "200 GET", "200 GET", "201 POST", "200 GET", "200 GET"];
    assert_eq!(seen, once, "two to plan, two to look again, one to write, two to see it: none was repeated");
    Ok(())
}
