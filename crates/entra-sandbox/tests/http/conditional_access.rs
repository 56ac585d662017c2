//! Conditional Access over HTTP: policies, named locations, and who may change them.

use entra_sandbox::faults::{Action, Fault, Faults};
use entra_sandbox::{Audience, Person, Role, World};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, CONTOSO, Emulator, NORTHWIND, Outcome, answer, json as sending};

const POLICIES: &str = "/v1.0/identity/conditionalAccess/policies";
const LOCATIONS: &str = "/v1.0/identity/conditionalAccess/namedLocations";
const HEADQUARTERS: &str = "55bc0001-010c-4000-8000-000000000001";
const BREAK_GLASS: &str = "55bc0001-0600-4000-8000-000000000004";

async fn send(
    emulator: &Emulator,
    method: Method,
    path: &str,
    body: &Value,
) -> Result<Answer, Box<dyn std::error::Error>> {
    let token = emulator.token(CONTOSO, Audience::Graph, &Person::Administrator)?;
    answer(sending(emulator.bare(method, path).bearer_auth(token), &body.to_string())).await
}

/// A policy that allows registration only from trusted locations.
fn wanted() -> Value {
    json!({
        "displayName": "Register security information",
        "state": "enabledForReportingButNotEnforced",
        "conditions": {
            "clientAppTypes": ["all"],
            "applications": {"includeUserActions": ["urn:user:registersecurityinfo"]},
            "users": {"includeUsers": ["All"], "excludeGroups": [BREAK_GLASS]},
            "locations": {"includeLocations": ["All"], "excludeLocations": [HEADQUARTERS, "AllTrusted"]},
        },
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    })
}

#[tokio::test]
async fn a_policy_is_made_filled_in_changed_and_deleted() -> Outcome {
    let emulator = Emulator::start()?;
    let created = send(&emulator, Method::POST, POLICIES, &wanted()).await?;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let policy = created.json()?;
    let id = policy["id"].as_str().unwrap_or_default().to_owned();
    let expected = json!({
        "@odata.context": format!("{}/v1.0/$metadata#identity/conditionalAccess/policies/$entity", emulator.server.url()),
        "id": id, "createdDateTime": "2026-05-13T07:17:35.5553969Z", "modifiedDateTime": null, "templateId": null,
        "displayName": "Register security information", "state": "enabledForReportingButNotEnforced",
        "sessionControls": null,
        "conditions": {
            "userRiskLevels": [], "signInRiskLevels": [], "clientAppTypes": ["all"], "servicePrincipalRiskLevels": [],
            "platforms": null, "devices": null, "clientApplications": null,
            "locations": {"includeLocations": ["All"], "excludeLocations": [HEADQUARTERS, "AllTrusted"]},
            "applications": {"includeApplications": [], "excludeApplications": [],
                "includeUserActions": ["urn:user:registersecurityinfo"],
                "includeAuthenticationContextClassReferences": [], "applicationFilter": null},
            "users": {"includeUsers": ["All"], "excludeUsers": [], "includeGroups": [], "excludeGroups": [BREAK_GLASS],
                "includeRoles": [], "excludeRoles": [], "includeGuestsOrExternalUsers": null,
                "excludeGuestsOrExternalUsers": null}},
        "grantControls": {"operator": "OR", "builtInControls": ["block"], "customAuthenticationFactors": [],
            "termsOfUse": [], "authenticationStrength": null},
    });
    assert_eq!(policy, expected);
    let path = format!("{POLICIES}/{id}");
    let change = json!({"state": "enabled", "conditions": {"users": {"excludeGroups": []}}});
    let changed = send(&emulator, Method::PATCH, &path, &change).await?;
    assert_eq!((changed.status, changed.body.as_str()), (StatusCode::NO_CONTENT, ""));
    let mut after = expected;
    after["state"] = json!("enabled");
    after["conditions"]["users"]["excludeGroups"] = json!([]);
    after["modifiedDateTime"] = json!("2026-05-13T07:17:35.5553969Z");
    assert_eq!(emulator.graph(CONTOSO, &path).await?.json()?, after);
    let again = send(&emulator, Method::POST, POLICIES, &wanted()).await?;
    assert_eq!(again.status, StatusCode::CREATED, "names need not be unique");
    let named = format!("{POLICIES}?$filter=displayName eq 'Register security information'&$select=id,state");
    assert_eq!(emulator.graph(CONTOSO, &named).await?.json()?["value"].as_array().map(Vec::len), Some(2));
    assert_eq!(send(&emulator, Method::DELETE, &path, &Value::Null).await?.status, StatusCode::NO_CONTENT);
    assert_eq!(emulator.graph(CONTOSO, &path).await?.status, StatusCode::NOT_FOUND);
    let audits = "/v1.0/auditLogs/directoryAudits?$filter=loggedByService eq 'Conditional Access'";
    let audits = emulator.graph(CONTOSO, audits).await?.json()?["value"].clone();
    let mut activities: Vec<&str> =
        audits.as_array().into_iter().flatten().filter_map(|event| event["activityDisplayName"].as_str()).collect();
    activities.sort_unstable();
    let expected = ["Add", "Add", "Delete", "Update"].map(|verb| format!("{verb} conditional access policy"));
    assert_eq!(activities, expected);
    Ok(())
}

#[tokio::test]
async fn policies_that_make_no_sense_are_refused() -> Outcome {
    let emulator = Emulator::start()?;
    let before = emulator.graph(CONTOSO, POLICIES).await?.body;
    let nobody = json!(["55bc0001-0600-4000-8000-0000000000ff"]);
    for (pointer, value) in [
        ("/displayName", json!("")),
        ("/state", json!("on")),
        ("/conditions/clientAppTypes", json!([])),
        ("/conditions/applications/includeUserActions", json!(["urn:user:other"])),
        ("/conditions/applications/includeUserActions", json!([])),
        ("/conditions/users/includeUsers", json!([])),
        ("/conditions/users/excludeGroups", nobody.clone()),
        ("/conditions/locations/excludeLocations", nobody),
        ("/conditions/locations/includeLocations", json!([])),
        ("/grantControls/operator", json!("XOR")),
        ("/grantControls/builtInControls", json!(["block", "mfa"])),
        ("/grantControls/builtInControls", json!([])),
        ("/grantControls", Value::Null),
    ] {
        let mut body = wanted();
        *body.pointer_mut(pointer).ok_or(pointer)? = value;
        let refused = send(&emulator, Method::POST, POLICIES, &body).await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{pointer}: {}", refused.body);
        assert_eq!(refused.json()?["error"]["code"], "BadRequest");
    }
    let mut both = wanted();
    both["conditions"]["applications"]["includeApplications"] = json!(["All"]);
    let mut unknown = wanted();
    unknown["nonsense"] = json!(1);
    for body in [both, unknown] {
        assert_eq!(send(&emulator, Method::POST, POLICIES, &body).await?.status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(emulator.graph(CONTOSO, POLICIES).await?.body, before);
    Ok(())
}

#[tokio::test]
async fn trusted_and_used_locations_cannot_be_deleted() -> Outcome {
    let emulator = Emulator::start()?;
    let listed = emulator.graph(CONTOSO, LOCATIONS).await?.json()?["value"].clone();
    let names: Vec<(&str, bool)> = listed
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| (one["displayName"].as_str().unwrap_or_default(), one["isTrusted"] == json!(true)))
        .collect();
    assert_eq!(names, [("Headquarters", true), ("Where we work", false)]);
    let body = json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "displayName": "Branch",
        "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "198.51.100.0/24"}]});
    let created = send(&emulator, Method::POST, LOCATIONS, &body).await?;
    assert_eq!((created.status, &created.json()?["isTrusted"]), (StatusCode::CREATED, &json!(false)));
    let branch = format!("{LOCATIONS}/{}", created.json()?["id"].as_str().unwrap_or_default());
    for (change, status) in [
        (json!({"isTrusted": true}), StatusCode::BAD_REQUEST),
        (json!({"@odata.type": "#microsoft.graph.countryNamedLocation"}), StatusCode::BAD_REQUEST),
        (json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "ipRanges": []}), StatusCode::BAD_REQUEST),
        (json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "isTrusted": true}), StatusCode::NO_CONTENT),
    ] {
        assert_eq!(send(&emulator, Method::PATCH, &branch, &change).await?.status, status, "{change}");
    }
    assert_eq!(send(&emulator, Method::DELETE, &branch, &Value::Null).await?.status, StatusCode::BAD_REQUEST);
    let untrust = json!({"@odata.type": "#microsoft.graph.ipNamedLocation", "isTrusted": false});
    send(&emulator, Method::PATCH, &branch, &untrust).await?;
    let mut policy = wanted();
    policy["conditions"]["locations"]["excludeLocations"] = json!([created.json()?["id"]]);
    let policy = send(&emulator, Method::POST, POLICIES, &policy).await?.json()?;
    assert_eq!(send(&emulator, Method::DELETE, &branch, &Value::Null).await?.status, StatusCode::BAD_REQUEST);
    let policy = format!("{POLICIES}/{}", policy["id"].as_str().unwrap_or_default());
    send(&emulator, Method::DELETE, &policy, &Value::Null).await?;
    assert_eq!(send(&emulator, Method::DELETE, &branch, &Value::Null).await?.status, StatusCode::NO_CONTENT);
    Ok(())
}

#[tokio::test]
async fn scopes_roles_and_licence() -> Outcome {
    let emulator = Emulator::start()?;
    for (person, reads, writes) in [
        (Person::Holding(vec![Role::ConditionalAccessAdministrator]), true, true),
        (Person::Holding(vec![Role::SecurityReader]), true, false),
        (Person::Holding(vec![Role::AuthenticationPolicyAdministrator]), false, false),
        (Person::lacking(&["Policy.ReadWrite.ConditionalAccess"]), true, false),
        (Person::lacking(&["Application.Read.All"]), true, false),
        (Person::lacking(&["Policy.Read.All"]), false, false),
        (Person::App, true, true),
    ] {
        let token = emulator.token(CONTOSO, Audience::Graph, &person)?;
        let read = answer(emulator.bare(Method::GET, POLICIES).bearer_auth(&token)).await?;
        let write = sending(emulator.bare(Method::POST, POLICIES).bearer_auth(&token), &wanted().to_string());
        for (answer, may) in [(read, reads), (answer(write).await?, writes)] {
            let refused = answer.status == StatusCode::FORBIDDEN;
            assert_eq!((answer.status.is_success(), refused), (may, !may), "{person:?}: {}", answer.body);
        }
    }
    let free = emulator.graph(NORTHWIND, POLICIES).await?;
    assert_eq!((free.status, &free.json()?["error"]["code"]), (StatusCode::FORBIDDEN, &json!("AccessDenied")));
    Ok(())
}

#[tokio::test]
async fn faults_act_on_policies() -> Outcome {
    let with = |action| {
        Emulator::over(World::seeded(), Faults::none().and(Fault::on(Method::PATCH, "conditionalaccess", action)))
    };
    let path = format!("{POLICIES}/55bc0001-0ca0-4000-8000-000000000001");
    for (action, seen) in [
        (Action::StaleReads(1), ["enabled", "disabled"]),
        (Action::LostWrite, ["enabled", "enabled"]),
        (Action::IgnoreKey("state".to_owned()), ["enabled", "enabled"]),
    ] {
        let emulator = with(action.clone())?;
        send(&emulator, Method::PATCH, &path, &json!({"state": "disabled"})).await?;
        for state in seen {
            let listed = emulator.graph(CONTOSO, POLICIES).await?.json()?;
            assert_eq!(listed["value"][0]["state"], state, "{action:?}");
        }
    }
    Ok(())
}
