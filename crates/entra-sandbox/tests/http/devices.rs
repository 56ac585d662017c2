//! Intune's device configurations over HTTP, with their assignments.

use entra_sandbox::{Audience, Person, Role};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, CONTOSO, Emulator, Outcome, answer, json as sending};

const CONFIGURATIONS: &str = "/v1.0/deviceManagement/deviceConfigurations";
const GROUP: &str = "55bc0001-0600-4000-8000-000000000001";

async fn send(
    emulator: &Emulator,
    method: Method,
    path: &str,
    body: &Value,
) -> Result<Answer, Box<dyn std::error::Error>> {
    let token = emulator.token(CONTOSO, Audience::Graph, &Person::Administrator)?;
    answer(sending(emulator.bare(method, path).bearer_auth(token), &body.to_string())).await
}

fn wanted() -> Value {
    json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "Reset link", "omaSettings": [
        {"@odata.type": "#microsoft.graph.omaSettingInteger", "displayName": "AllowAadPasswordReset",
         "omaUri": "./Device/Vendor/MSFT/Policy/Config/Authentication/AllowAadPasswordReset", "value": 1}]})
}

#[tokio::test]
async fn a_configuration_is_made_assigned_changed_and_deleted() -> Outcome {
    let emulator = Emulator::start()?;
    let seeded = emulator.graph(CONTOSO, CONFIGURATIONS).await?.json()?["value"].clone();
    assert_eq!((seeded.as_array().map(Vec::len), &seeded[0]["assignments"]), (Some(1), &Value::Null));
    let created = send(&emulator, Method::POST, CONFIGURATIONS, &wanted()).await?;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let created = created.json()?;
    assert_eq!((&created["version"], &created["omaSettings"][0]["value"]), (&json!(1), &json!(1)));
    assert_eq!(created["@odata.type"], "#microsoft.graph.windows10CustomConfiguration");
    let path = format!("{CONFIGURATIONS}/{}", created["id"].as_str().unwrap_or_default());
    assert_eq!(emulator.graph(CONTOSO, &path).await?.json()?["displayName"], "Reset link");

    let group = json!({"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": GROUP});
    let body = json!({"assignments": [{"target": group}]});
    let assigned = send(&emulator, Method::POST, &format!("{path}/assign"), &body).await?;
    assert_eq!((assigned.status, &assigned.json()?["value"][0]["target"]), (StatusCode::OK, &group));
    let listed = emulator.graph(CONTOSO, &format!("{path}/assignments")).await?.json()?["value"].clone();
    let id = format!("{}_{GROUP}", created["id"].as_str().unwrap_or_default());
    assert_eq!(listed, json!([{"id": id, "target": group}]));

    let change = json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "description": "mine"});
    let changed = send(&emulator, Method::PATCH, &path, &change).await?;
    assert_eq!((changed.status, &changed.json()?["version"]), (StatusCode::OK, &json!(2)));
    let found = emulator.graph(CONTOSO, &path).await?.json()?;
    assert_eq!((&found["description"], &found["omaSettings"][0]["value"]), (&json!("mine"), &json!(1)));
    assert_eq!(emulator.graph(CONTOSO, &format!("{path}/assignments")).await?.json()?["value"], listed);
    let nobody = send(&emulator, Method::POST, &format!("{path}/assign"), &json!({"assignments": []})).await?;
    assert_eq!(nobody.json()?["value"], json!([]));
    assert_eq!(send(&emulator, Method::DELETE, &path, &Value::Null).await?.status, StatusCode::NO_CONTENT);
    assert_eq!(emulator.graph(CONTOSO, &path).await?.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn what_intune_would_not_take() -> Outcome {
    let emulator = Emulator::start()?;
    for (pointer, value) in [
        ("/@odata.type", Value::Null),
        ("/@odata.type", json!("#microsoft.graph.iosGeneralDeviceConfiguration")),
        ("/displayName", json!("")),
        ("/omaSettings/0/value", json!("1")),
        ("/omaSettings/0/omaUri", json!("Vendor/MSFT")),
        ("/omaSettings/0/@odata.type", json!("#microsoft.graph.omaSettingOther")),
    ] {
        let mut body = wanted();
        *body.pointer_mut(pointer).ok_or(pointer)? = value;
        let refused = send(&emulator, Method::POST, CONFIGURATIONS, &body).await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{pointer}: {}", refused.body);
    }
    let assign = format!("{CONFIGURATIONS}/55bc0001-0de0-4000-8000-000000000001/assign");
    let nobody = json!({"assignments": [{"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget",
        "groupId": "55bc0001-0600-4000-8000-0000000000ff"}}]});
    for body in [nobody, json!({}), json!({"assignments": [{"target": {"@odata.type": "#x"}}]})] {
        assert_eq!(send(&emulator, Method::POST, &assign, &body).await?.status, StatusCode::BAD_REQUEST, "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn scopes_and_roles_decide() -> Outcome {
    let emulator = Emulator::start()?;
    for (person, reads, writes) in [
        (Person::Holding(vec![Role::IntuneAdministrator]), true, true),
        (Person::Holding(vec![Role::GlobalReader]), true, false),
        (Person::Holding(vec![Role::ConditionalAccessAdministrator]), false, false),
        (Person::lacking(&["DeviceManagementConfiguration.ReadWrite.All"]), false, false),
        (Person::App, true, true),
    ] {
        let token = emulator.token(CONTOSO, Audience::Graph, &person)?;
        let read = answer(emulator.bare(Method::GET, CONFIGURATIONS).bearer_auth(&token)).await?;
        let write = sending(emulator.bare(Method::POST, CONFIGURATIONS).bearer_auth(&token), &wanted().to_string());
        for (answer, may) in [(read, reads), (answer(write).await?, writes)] {
            let refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!((answer.status.is_success(), refused), (may, !may), "{person:?}: {}", answer.body);
        }
    }
    Ok(())
}
