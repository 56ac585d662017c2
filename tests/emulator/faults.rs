//! Every fault, over HTTP.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;
use ssprctl::base::clock::Stopwatch;
use ssprctl::emulator::fault::{Action, Fault, Moment};
use ssprctl::emulator::{Audience, Faults, Person, World};

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
async fn answers_take_the_time_they_are_told() -> Outcome {
    let delay = Action::Delay(Duration::from_millis(60));
    let faults = Faults::slow(Duration::from_millis(40)).and(Fault::on(Method::GET, POLICY, delay));
    let emulator = Emulator::over(World::seeded(), faults)?;
    let watch = Stopwatch::start();
    emulator.get(CONTOSO, POLICY).await?;
    assert!(watch.elapsed() >= Duration::from_millis(100));
    Ok(())
}

#[tokio::test]
async fn the_log_tells_what_was_asked() -> Outcome {
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
