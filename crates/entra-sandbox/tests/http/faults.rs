//! Every fault, over HTTP.

use std::time::{Duration, Instant};

use entra_sandbox::faults::{Action, Fault, Moment, RetryAfter, ShapeChange};
use entra_sandbox::{Audience, Faults, Person, World};
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{AUTHORIZATION, CONTOSO, Emulator, ON_PREMISES, Outcome, POLICY, REQUEST_ID, answer};

const DAYS: &str = "registrationReconfirmIntevalInDays";

fn with(fault: Fault) -> Result<Emulator, Box<dyn std::error::Error>> {
    Emulator::over(World::seeded(), Faults::none().and(fault))
}

#[tokio::test]
async fn a_scripted_answer_comes_after_n_and_m_times() -> Outcome {
    let action = Action::Respond {
        status: 429,
        headers: vec![("Retry-After".to_owned(), "7".to_owned())],
        body: "slow down".to_owned(),
    };
    let emulator = with(Fault::on(Method::GET, "passwordresetpolicies", action).after(1).times(2))?;
    let token = emulator.token(CONTOSO, Audience::Portal, &Person::Administrator)?;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let response = emulator.portal(Method::GET, POLICY, &token).send().await?;
        statuses.push(response.status().as_u16());
        let wait = response.headers().get("retry-after").and_then(|wait| wait.to_str().ok());
        assert_eq!(wait, (response.status() == 429).then_some("7"));
    }
    assert_eq!(statuses, [200, 429, 429, 200]);
    assert_eq!(emulator.get(CONTOSO, "/api/TenantSkuInfo").await?.status, StatusCode::OK, "other paths are let alone");
    Ok(())
}

#[tokio::test]
async fn reads_are_stale_for_a_while() -> Outcome {
    let emulator = with(Fault::on(Method::PUT, POLICY, Action::StaleReads(2)))?;
    emulator.change(CONTOSO, &[(DAYS, json!(30))]).await?;
    let mut seen = Vec::new();
    for _ in 0..3 {
        assert_eq!(emulator.get(CONTOSO, ON_PREMISES).await?.status, StatusCode::OK);
        seen.push(emulator.policy(CONTOSO).await?[DAYS].clone());
    }
    assert_eq!(seen, [json!(180), json!(180), json!(30)]);
    Ok(())
}

#[tokio::test]
async fn reads_see_the_new_and_the_old_document_in_turn() -> Outcome {
    let emulator = with(Fault::on(Method::PUT, POLICY, Action::FlappingReads(2)))?;
    emulator.change(CONTOSO, &[(DAYS, json!(30))]).await?;
    let mut seen = Vec::new();
    for _ in 0..6 {
        seen.push(emulator.policy(CONTOSO).await?[DAYS].clone());
    }
    assert_eq!(seen, [30, 180, 30, 180, 30, 30].map(|days| json!(days)));
    Ok(())
}

#[tokio::test]
async fn a_restless_document_is_never_the_same_twice() -> Outcome {
    let restless = Action::ChangeShape(ShapeChange::RestlessKey(DAYS.to_owned()));
    let emulator = with(Fault::on(Method::GET, POLICY, restless))?;
    let first = emulator.policy(CONTOSO).await?;
    let mut second = emulator.policy(CONTOSO).await?;
    assert!(first[DAYS].is_number(), "{first}");
    assert_ne!(first[DAYS], second[DAYS]);
    second[DAYS] = first[DAYS].clone();
    assert_eq!(first, second, "no other key moves");
    Ok(())
}

#[tokio::test]
async fn a_lost_write_says_true_and_changes_nothing() -> Outcome {
    let emulator = with(Fault::on(Method::PUT, POLICY, Action::LostWrite).times(1))?;
    assert_eq!(emulator.change(CONTOSO, &[(DAYS, json!(30))]).await?.body, "true");
    assert_eq!(emulator.policy(CONTOSO).await?[DAYS], json!(180));
    assert_eq!(emulator.change(CONTOSO, &[(DAYS, json!(3000))]).await?.status, StatusCode::BAD_REQUEST);
    assert_eq!(emulator.change(CONTOSO, &[(DAYS, json!(30))]).await?.body, "true");
    assert_eq!(emulator.policy(CONTOSO).await?[DAYS], json!(30));
    Ok(())
}

#[tokio::test]
async fn one_key_is_ignored() -> Outcome {
    let emulator = with(Fault::on(Method::PUT, POLICY, Action::IgnoreKey(DAYS.to_owned())))?;
    let keys = [(DAYS, json!(30)), ("notifyOnAdminPasswordReset", json!(true))];
    assert_eq!(emulator.change(CONTOSO, &keys).await?.body, "true");
    let after = emulator.policy(CONTOSO).await?;
    assert_eq!((&after[DAYS], &after["notifyOnAdminPasswordReset"]), (&json!(180), &json!(true)));
    Ok(())
}

#[tokio::test]
async fn somebody_else_edits_before_or_after() -> Outcome {
    let edit = |moment| Action::ForeignEdit {
        moment,
        setting: "registration.reconfirmAfterDays".to_owned(),
        value: "45".to_owned(),
    };
    let after = with(Fault::on(Method::PUT, POLICY, edit(Moment::After)))?;
    after.change(CONTOSO, &[("notifyOnAdminPasswordReset", json!(true))]).await?;
    let policy = after.policy(CONTOSO).await?;
    assert_eq!((&policy[DAYS], &policy["notifyOnAdminPasswordReset"]), (&json!(45), &json!(true)));

    let before = with(Fault::on(Method::GET, POLICY, edit(Moment::Before)).after(1).times(1))?;
    assert_eq!(before.policy(CONTOSO).await?[DAYS], json!(180));
    assert_eq!(before.policy(CONTOSO).await?[DAYS], json!(45));
    Ok(())
}

#[tokio::test]
async fn a_token_expires_in_the_middle() -> Outcome {
    let emulator = with(Fault::on(Method::GET, "", Action::ExpiredToken).after(1))?;
    assert_eq!(emulator.get(CONTOSO, POLICY).await?.status, StatusCode::OK);
    let portal = emulator.get(CONTOSO, POLICY).await?;
    assert_eq!(portal.json()?["ClientData"]["errorCode"], "msalautherror_invalid_grant");
    assert_eq!(emulator.graph(CONTOSO, AUTHORIZATION).await?.status, StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn replies_take_the_scripted_time() -> Outcome {
    let delay = Action::Delay(Duration::from_millis(60));
    let faults = Faults::slow(Duration::from_millis(40)).and(Fault::on(Method::GET, POLICY, delay));
    let emulator = Emulator::over(World::seeded(), faults)?;
    let watch = Instant::now();
    emulator.get(CONTOSO, POLICY).await?;
    assert!(watch.elapsed() >= Duration::from_millis(100));
    Ok(())
}

#[tokio::test]
async fn errors_come_by_schedule_and_say_when_to_come_back() -> Outcome {
    let faults = Faults::none()
        .and(Fault::on(Method::GET, POLICY, Action::throttled(Some(RetryAfter::Seconds(9)))).nth(1))
        .and(Fault::on(Method::GET, POLICY, Action::throttled(Some(RetryAfter::Date(90)))).nth(2))
        .and(Fault::on(Method::GET, POLICY, Action::throttled(None)).nth(3))
        .and(Fault::on(Method::GET, POLICY, Action::status(503)).after(3).every(2).times(2));
    let emulator = Emulator::over(World::seeded(), faults)?;
    let token = emulator.token(CONTOSO, Audience::Portal, &Person::Administrator)?;
    let mut seen = Vec::new();
    for _ in 0..8 {
        let response = emulator.portal(Method::GET, POLICY, &token).send().await?;
        let wait = response.headers().get("retry-after").and_then(|wait| wait.to_str().ok());
        seen.push((response.status().as_u16(), wait.map(str::to_owned)));
    }
    let said = |status, wait: &str| (status, Some(wait.to_owned()));
    // The clock of these tests is at 07:17:35.
    assert_eq!(seen[..3], [said(429, "9"), said(429, "Wed, 13 May 2026 07:19:05 GMT"), (429, None)]);
    assert_eq!(seen[3..], [(503, None), (200, None), (503, None), (200, None), (200, None)]);
    Ok(())
}

#[tokio::test]
async fn an_answer_is_lost_before_or_after_the_write() -> Outcome {
    for (action, took_effect) in [
        (Action::Reset(Moment::Before), false),
        (Action::Reset(Moment::After), true),
        (Action::status(502), false),
        (Action::status_after(504), true),
    ] {
        let cut = matches!(action, Action::Reset(_));
        let emulator = with(Fault::on(Method::PUT, POLICY, action).times(1))?;
        let outcome = emulator.change(CONTOSO, &[(DAYS, json!(30))]).await;
        assert_eq!(outcome.is_err(), cut, "a cut connection brings no answer");
        let wrote = emulator.server.requests().into_iter().find(|seen| seen.method == "PUT").map(|seen| seen.status);
        assert_eq!(wrote.ok_or("no write came")? == 0, cut);
        assert_eq!(emulator.policy(CONTOSO).await?[DAYS] == json!(30), took_effect);
    }
    Ok(())
}

#[tokio::test]
async fn a_body_ends_early_or_comes_slowly() -> Outcome {
    let whole = Emulator::start()?.get(CONTOSO, POLICY).await?.body;
    let cut = with(Fault::on(Method::GET, POLICY, Action::Truncate(20)))?;
    let token = cut.token(CONTOSO, Audience::Portal, &Person::Administrator)?;
    let mut response = cut.portal(Method::GET, POLICY, &token).send().await?;
    assert_eq!(response.content_length(), u64::try_from(whole.len()).ok());
    assert_eq!(response.chunk().await?.as_deref(), Some(&whole.as_bytes()[..20]));
    assert!(response.chunk().await.is_err());

    let slow = with(Fault::on(Method::GET, POLICY, Action::SlowBody(Duration::from_millis(5))))?;
    let watch = Instant::now();
    assert_eq!(slow.get(CONTOSO, POLICY).await?.body, whole);
    let pieces = u32::try_from(whole.len().div_ceil(64))?;
    assert!(watch.elapsed() >= Duration::from_millis(5) * pieces);
    Ok(())
}

#[tokio::test]
async fn the_clock_of_the_service_is_its_own() -> Outcome {
    let ahead = Action::ClockSkew(SignedDuration::from_hours(2));
    let emulator = with(Fault::on(Method::GET, POLICY, ahead).after(1))?;
    let token = emulator.token(CONTOSO, Audience::Portal, &Person::Administrator)?;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let response = emulator.portal(Method::GET, POLICY, &token).send().await?;
        seen.push((response.status().as_u16(), response.headers()["date"].to_str()?.to_owned()));
    }
    let said = |status, date: &str| (status, date.to_owned());
    let fresh = said(200, "Wed, 13 May 2026 07:17:35 GMT");
    assert_eq!(seen, [fresh, said(400, "Wed, 13 May 2026 09:17:35 GMT")], "an hour's token is over in two");
    Ok(())
}

#[tokio::test]
async fn a_document_changes_its_shape() -> Outcome {
    let usual = Emulator::start()?.policy(CONTOSO).await?;
    let reshaped = |change| async move {
        let emulator = with(Fault::on(Method::GET, POLICY, Action::ChangeShape(change)))?;
        emulator.policy(CONTOSO).await
    };
    let mut without = usual.clone();
    without.as_object_mut().ok_or("not an object")?.shift_remove(DAYS);
    assert_eq!(reshaped(ShapeChange::DropKey(DAYS.to_owned())).await?, without);
    let retyped = reshaped(ShapeChange::RetypeKey(DAYS.to_owned())).await?;
    assert_eq!(retyped[DAYS], json!("180"));
    let link = reshaped(ShapeChange::RetypeKey("customHelpdeskEmailOrUrl".to_owned())).await?;
    assert!(link["customHelpdeskEmailOrUrl"].is_array(), "{link}");
    let mut with_more = usual.clone();
    with_more["passkeyResetEnabled"] = json!(true);
    assert_eq!(reshaped(ShapeChange::AddKey("passkeyResetEnabled".to_owned())).await?, with_more);
    Ok(())
}

#[tokio::test]
async fn the_log_lists_the_requests() -> Outcome {
    let emulator = Emulator::start()?;
    emulator.get(CONTOSO, &format!("{POLICY}?getPasswordResetEnabledGroup=true")).await?;
    answer(emulator.bare(Method::POST, "/contoso.com/oauth2/token").form(&[("grant_type", "x")])).await?;
    let seen = emulator.server.requests();
    assert_eq!(seen.len(), 2);
    assert_eq!((seen[0].method.as_str(), seen[0].path.as_str(), seen[0].status), ("GET", POLICY, 200));
    assert_eq!(seen[0].query, "getPasswordResetEnabledGroup=true");
    assert_eq!(seen[0].request_id.as_deref(), Some(REQUEST_ID));
    assert_eq!((seen[1].method.as_str(), seen[1].status), ("POST", 400));
    Ok(())
}
