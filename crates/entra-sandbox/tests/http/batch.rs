//! Batches, and requests above the rate limits.

use entra_sandbox::faults::{Action, Fault, Faults};
use entra_sandbox::{Audience, Person, World};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, CONTOSO, Emulator, FABRIKAM, Outcome, answer, json as sending};

async fn batch(emulator: &Emulator, requests: Value) -> Result<Answer, Box<dyn std::error::Error>> {
    let token = emulator.token(FABRIKAM, Audience::Graph, &Person::Administrator)?;
    let body = json!({"requests": requests}).to_string();
    answer(sending(emulator.bare(Method::POST, "/v1.0/$batch").bearer_auth(token), &body)).await
}

/// The response with this id.
fn one(answer: &Answer, id: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let all = answer.json()?["responses"].as_array().cloned().unwrap_or_default();
    Ok(all.into_iter().find(|one| one["id"] == id).ok_or_else(|| format!("no response {id}: {}", answer.body))?)
}

#[tokio::test]
async fn every_request_has_its_own_answer() -> Outcome {
    let emulator = Emulator::start()?;
    let json_type = json!({"Content-Type": "application/json"});
    let counted = "/groups/55bc0002-0600-4000-8000-000000000001/transitiveMembers/$count";
    let answered = batch(
        &emulator,
        json!([
            {"id": "1", "method": "GET", "url": "/policies/authorizationPolicy?$select=id"},
            {"id": "2", "method": "PATCH", "url": "policies/authorizationPolicy", "headers": json_type,
             "body": {"allowedToUseSSPR": false}},
            {"id": "3", "method": "get", "url": counted, "headers": {"ConsistencyLevel": "eventual"}},
            {"id": "4", "method": "GET", "url": counted},
            {"id": "5", "method": "GET", "url": "/organization", "dependsOn": ["4"]},
            {"id": "6", "method": "GET", "url": "/organization", "dependsOn": ["2"]},
        ]),
    )
    .await?;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
    for (id, status) in [("1", 200), ("2", 204), ("3", 200), ("4", 400), ("5", 424), ("6", 200)] {
        assert_eq!(one(&answered, id)?["status"], json!(status), "{id}");
    }
    assert_eq!(one(&answered, "1")?["body"]["id"], "authorizationPolicy");
    assert_eq!(one(&answered, "2")?["body"], Value::Null);
    assert_eq!(one(&answered, "3")?["body"], json!(15));
    assert_eq!(one(&answered, "4")?["body"]["error"]["code"], "Request_BadRequest");
    let policy = emulator.graph(FABRIKAM, "/v1.0/policies/authorizationPolicy").await?.json()?;
    assert_eq!(policy["allowedToUseSSPR"], json!(false));
    Ok(())
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused_as_a_whole() -> Outcome {
    let emulator = Emulator::start()?;
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/organization"});
    let many: Vec<Value> = (0..21).map(|id| get(&id.to_string())).collect();
    for requests in [
        json!([]),
        json!(many),
        json!([get("1"), get("1")]),
        json!([{"id": "1", "method": "GET", "url": "/organization", "dependsOn": ["2"]}, get("2")]),
        json!([{"id": "1", "method": "GET", "url": "https://graph.microsoft.com/v1.0/organization"}]),
        json!([{"method": "GET", "url": "/organization"}]),
        json!([{"id": "1", "url": "/organization"}]),
        json!([{"id": "1", "method": "PATCH", "url": "/policies/authorizationPolicy", "body": {}}]),
    ] {
        let refused = batch(&emulator, requests.clone()).await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{requests}");
        assert_eq!(refused.json()?["error"]["code"], "Request_BadRequest");
    }
    let body = json!({"requests": [get("1")]}).to_string();
    let nobody = sending(emulator.bare(Method::POST, "/v1.0/$batch"), &body);
    assert_eq!(answer(nobody).await?.status, StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn faults_meet_the_requests_inside() -> Outcome {
    let action = Action::Respond {
        status: 429,
        headers: vec![("Retry-After".to_owned(), "3".to_owned())],
        body: "{}".to_owned(),
    };
    let fault = Fault::on(Method::GET, "/organization", action).times(1);
    let emulator = Emulator::over(World::seeded(), Faults::none().and(fault))?;
    let get = |id: &str| json!({"id": id, "method": "GET", "url": "/organization"});
    let answered = batch(&emulator, json!([get("1"), get("2")])).await?;
    let first = one(&answered, "1")?;
    assert_eq!((&first["status"], &first["headers"]["Retry-After"]), (&json!(429), &json!("3")));
    assert_eq!(one(&answered, "2")?["status"], json!(200));
    Ok(())
}

#[tokio::test]
async fn documented_limits_hold_when_they_are_asked_for() -> Outcome {
    let emulator = Emulator::over(World::seeded(), Faults::throttled())?;
    let ask = async |tenant: &str,
                     person: &Person,
                     path: &str|
           -> Result<(u16, Option<String>), Box<dyn std::error::Error>> {
        let token = emulator.token(tenant, Audience::Graph, person)?;
        let response = emulator.bare(Method::GET, path).bearer_auth(token).send().await?;
        let wait = response.headers().get("retry-after").and_then(|wait| wait.to_str().ok()).map(str::to_owned);
        Ok((response.status().as_u16(), wait))
    };
    let (audits, people) = ("/v1.0/auditLogs/directoryAudits", Person::Administrator);
    let details = "/v1.0/reports/authenticationMethods/userRegistrationDetails";
    for path in [audits, details, audits, details, audits] {
        assert_eq!(ask(CONTOSO, &people, path).await?, (200, None));
    }
    assert_eq!(ask(CONTOSO, &people, details).await?, (429, Some("10".to_owned())));
    assert_eq!(ask(CONTOSO, &Person::App, audits).await?, (200, None), "another application has its own");
    assert_eq!(ask(FABRIKAM, &people, audits).await?, (200, None));

    let (policies, locations) =
        ("/v1.0/identity/conditionalAccess/policies", "/v1.0/identity/conditionalAccess/namedLocations");
    assert_eq!(ask(CONTOSO, &people, policies).await?, (200, None));
    assert_eq!(
        ask(CONTOSO, &Person::App, locations).await?,
        (429, None),
        "one for the tenant, and no word of how long"
    );
    assert_eq!(ask(FABRIKAM, &people, policies).await?, (200, None));
    let unlimited = Emulator::start()?;
    for _ in 0..7 {
        assert_eq!(unlimited.graph(CONTOSO, policies).await?.status, StatusCode::OK);
    }
    Ok(())
}
