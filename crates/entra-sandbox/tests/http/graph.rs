//! Graph: the authorization policy, groups, the organization, and refusals.

use entra_sandbox::{Audience, Person, Role};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{
    AUTHORIZATION, Answer, CONTOSO, Emulator, FABRIKAM, Outcome, REQUEST_ID, answer, json as sending,
};

fn code(answer: &Answer) -> Result<String, Box<dyn std::error::Error>> {
    Ok(answer.json()?["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn names(answer: &Answer) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let body = answer.json()?;
    let objects = body["value"].as_array().ok_or_else(|| format!("no value in {}", answer.body))?;
    Ok(objects.iter().map(|object| object["displayName"].as_str().unwrap_or_default().to_owned()).collect())
}

#[tokio::test]
async fn a_patch_merges_and_answers_nothing() -> Outcome {
    let emulator = Emulator::start()?;
    let before = emulator.graph(CONTOSO, AUTHORIZATION).await?.json()?;
    assert_eq!(before["allowedToUseSSPR"], json!(true));
    assert!(before["@odata.context"].as_str().is_some_and(|context| context.contains("$metadata#policies")));
    let token = emulator.token(CONTOSO, Audience::Graph, &Person::Administrator)?;
    let body = r##"{"@odata.type":"#microsoft.graph.authorizationPolicy","allowedToUseSSPR":false,
        "defaultUserRolePermissions":{"allowedToCreateApps":false}}"##;
    let patched = answer(sending(emulator.bare(Method::PATCH, AUTHORIZATION).bearer_auth(&token), body)).await?;
    assert_eq!((patched.status, patched.body.as_str()), (StatusCode::NO_CONTENT, ""));
    let mut expected = before;
    expected["allowedToUseSSPR"] = json!(false);
    expected["defaultUserRolePermissions"]["allowedToCreateApps"] = json!(false);
    assert_eq!(emulator.graph(CONTOSO, AUTHORIZATION).await?.json()?, expected);
    let selected = emulator.graph(CONTOSO, &format!("{AUTHORIZATION}?%24select=id,allowedToUseSSPR")).await?.json()?;
    assert_eq!(selected.as_object().map(serde_json::Map::len), Some(3));

    for body in [r#"{"allowedToUseSSPR":"no"}"#, r#"{"noSuchThing":true}"#, "{"] {
        let refused = answer(sending(emulator.bare(Method::PATCH, AUTHORIZATION).bearer_auth(&token), body)).await?;
        assert_eq!((refused.status, code(&refused)?), (StatusCode::BAD_REQUEST, "Request_BadRequest".to_owned()));
    }
    let form = emulator.bare(Method::PATCH, AUTHORIZATION).bearer_auth(&token).body("{}");
    assert_eq!(answer(form).await?.status, StatusCode::BAD_REQUEST);
    assert_eq!(emulator.graph(CONTOSO, AUTHORIZATION).await?.json()?, expected);

    let beta = emulator.graph(CONTOSO, "/beta/policies/authorizationPolicy").await?.json()?;
    assert_eq!(beta["value"][0]["allowedToUseSSPR"], json!(false));
    Ok(())
}

#[tokio::test]
async fn scopes_and_roles_decide() -> Outcome {
    let emulator = Emulator::start()?;
    let body = r#"{"allowedToUseSSPR":true}"#;
    let cases = [
        (Person::Holding(vec![Role::PrivilegedRoleAdministrator]), true),
        (Person::Administrator, true),
        (Person::App, true),
        (Person::Holding(vec![Role::AuthenticationPolicyAdministrator]), false),
        (Person::Holding(vec![]), false),
    ];
    for (person, may) in cases {
        let token = emulator.token(CONTOSO, Audience::Graph, &person)?;
        let read = answer(emulator.bare(Method::GET, AUTHORIZATION).bearer_auth(&token)).await?;
        assert_eq!(read.status, StatusCode::OK, "{person:?}");
        let patched = answer(sending(emulator.bare(Method::PATCH, AUTHORIZATION).bearer_auth(&token), body)).await?;
        if may {
            assert_eq!(patched.status, StatusCode::NO_CONTENT, "{person:?}");
        } else {
            assert_eq!(patched.status, StatusCode::FORBIDDEN, "{person:?}");
            assert_eq!(code(&patched)?, "Authorization_RequestDenied");
        }
    }
    Ok(())
}

#[tokio::test]
async fn refusals_have_graphs_body_and_headers() -> Outcome {
    let emulator = Emulator::start()?;
    let expired = emulator.token(CONTOSO, Audience::Graph, &Person::Expired)?;
    let portal = emulator.token(CONTOSO, Audience::Portal, &Person::Administrator)?;
    let cases = [
        (Some(expired.as_str()), "Lifetime validation failed, the token is expired."),
        (Some(portal.as_str()), "Access token validation failure. Invalid audience."),
        (Some("nonsense"), "IDX14100: JWT is not well formed, there are no dots (.)."),
        (None, "Access token is empty."),
    ];
    for (token, message) in cases {
        let request = emulator.bare(Method::GET, AUTHORIZATION).header("client-request-id", REQUEST_ID);
        let response =
            token.map_or(request.try_clone().ok_or("a body")?, |token| request.bearer_auth(token)).send().await?;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let header =
            |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let (id, client, challenge) = (header("request-id"), header("client-request-id"), header("www-authenticate"));
        assert!(challenge.starts_with("Bearer "), "{challenge}");
        assert_eq!(client, REQUEST_ID);
        let expected = json!({"error": {"code": "InvalidAuthenticationToken", "message": message, "innerError":
            {"date": "2026-05-13T07:17:35", "request-id": id, "client-request-id": REQUEST_ID}}});
        assert_eq!(response.json::<Value>().await?, expected);
    }
    Ok(())
}

#[tokio::test]
async fn segments_and_objects_that_do_not_exist() -> Outcome {
    let emulator = Emulator::start()?;
    for (path, segment) in [
        ("/v1.0/nothing", "nothing"),
        ("/v1.0/policies/selfServicePasswordResetPolicy", "selfServicePasswordResetPolicy"),
        ("/beta/policies/selfServicePasswordResetPolicy", "selfServicePasswordResetPolicy"),
        ("/v1.0/groups/55bc0001-0600-4000-8000-000000000001/nothing", "nothing"),
    ] {
        let refused = emulator.graph(CONTOSO, path).await?;
        assert_eq!((refused.status, code(&refused)?), (StatusCode::BAD_REQUEST, "BadRequest".to_owned()));
        let message = format!("Resource not found for the segment '{segment}'.");
        assert_eq!(refused.json()?["error"]["message"], json!(message));
    }
    let missing = emulator.graph(CONTOSO, "/v1.0/groups/55bc0001-0600-4000-8000-0000000000ff").await?;
    assert_eq!((missing.status, code(&missing)?), (StatusCode::NOT_FOUND, "Request_ResourceNotFound".to_owned()));
    Ok(())
}

#[tokio::test]
async fn groups_are_found_by_name_however_it_is_spelled() -> Outcome {
    let emulator = Emulator::start()?;
    let cases = [
        ("$filter=displayName eq 'SSPR Users'&$top=2", vec!["SSPR Users"]),
        ("%24filter=displayName%20eq%20%27sspr%20users%27&%24top=2", vec!["SSPR Users"]),
        ("$filter=displayName+eq+'M%C3%BCller''s+Team'", vec!["Müller's Team"]),
        ("$filter=displayName eq 'All Employees'&$top=2", vec!["All Employees", "All Employees"]),
        ("$filter=displayName eq 'Nobody'", vec![]),
        ("$filter=id eq '55bc0002-0600-4000-8000-000000000005'", vec!["Marketing"]),
        (
            "$filter=startswith(displayName,'sspr') and securityEnabled eq true",
            vec!["SSPR Users", "SSPR Branch Offices"],
        ),
        ("$filter=groupTypes/any(c:c eq 'Unified')", vec!["Marketing"]),
        ("$filter=onPremisesSyncEnabled eq true&$select=displayName", vec!["All Employees"]),
    ];
    for (query, expected) in cases {
        let found = emulator.graph(FABRIKAM, &format!("/v1.0/groups?{query}")).await?;
        assert_eq!(found.status, StatusCode::OK, "{query}: {}", found.body);
        assert_eq!(names(&found)?, expected, "{query}");
    }
    for query in [
        "$filter=displayName ne 'x'",
        "$filter=displayName eq 'it's'",
        "$filter=nonsense eq 'x'",
        "$select=nonsense",
        "$top=0",
        "$top=1000",
        "$expand=members",
        "$search=\"displayName:x\"",
    ] {
        let refused = emulator.graph(FABRIKAM, &format!("/v1.0/groups?{query}")).await?;
        assert_eq!(
            (refused.status, code(&refused)?),
            (StatusCode::BAD_REQUEST, "Request_BadRequest".to_owned()),
            "{query}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn selected_properties_and_pages() -> Outcome {
    let emulator = Emulator::start()?;
    let token = emulator.token(FABRIKAM, Audience::Graph, &Person::Administrator)?;
    let get = |url: String, level: Option<&'static str>| {
        let path = url.strip_prefix(&emulator.server.url()).unwrap_or(&url).to_owned();
        let request = emulator.bare(Method::GET, &path).bearer_auth(&token);
        answer(level.into_iter().fold(request, |request, level| request.header("ConsistencyLevel", level)))
    };
    let mut url = "/v1.0/groups?%24select=id%2CdisplayName&%24top=3&%24count=true&%24orderby=displayName".to_owned();
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let page = get(url, Some("eventual")).await?;
        seen.extend(names(&page)?);
        let body = page.json()?;
        assert_eq!(body["value"][0].as_object().map(serde_json::Map::len), Some(2));
        assert_eq!(body["@odata.count"], if pages == 0 { json!(8) } else { Value::Null });
        pages += 1;
        match body["@odata.nextLink"].as_str() {
            Some(next) => url = next.to_owned(),
            None => break,
        }
    }
    assert_eq!((seen.len(), pages), (8, 3));
    let elsewhere = emulator.bare(Method::GET, "/v1.0/groups?$top=1").bearer_auth(&token);
    let elsewhere = answer(elsewhere.header("host", "graph.microsoft.com")).await?.json()?;
    let next = elsewhere["@odata.nextLink"].as_str().unwrap_or_default();
    assert!(next.starts_with(&emulator.server.url()), "{next}");
    let uncounted = get("/v1.0/groups?$count=true".to_owned(), None).await?.json()?;
    assert_eq!(uncounted["@odata.count"], Value::Null);
    let one =
        get("/v1.0/groups/55bc0002-0600-4000-8000-000000000007?$select=displayName,membershipRule".to_owned(), None);
    let one = one.await?.json()?;
    assert_eq!((one["displayName"].as_str(), one["id"].as_str()), (Some("Sales (dynamic)"), None));
    Ok(())
}

#[tokio::test]
async fn members_are_counted_through_nested_groups() -> Outcome {
    let emulator = Emulator::start()?;
    let token = emulator.token(FABRIKAM, Audience::Graph, &Person::App)?;
    let group = "/v1.0/groups/55bc0002-0600-4000-8000-000000000001/transitiveMembers";
    let get = |path: &str| emulator.bare(Method::GET, &format!("{group}{path}")).bearer_auth(&token);
    // Microsoft's own clients cast by the short name.
    for (cast, count) in [("", 15), ("/microsoft.graph.user", 14), ("/graph.user", 14), ("/microsoft.graph.group", 1)] {
        for word in ["$count", "%24count"] {
            let request = || get(&format!("{cast}/{word}"));
            let counted = answer(request().header("ConsistencyLevel", "eventual")).await?;
            assert_eq!((counted.status, counted.kind.as_str()), (StatusCode::OK, "text/plain"), "{cast}");
            assert_eq!(counted.body, count.to_string(), "{cast}");
            assert_eq!(answer(request()).await?.status, StatusCode::BAD_REQUEST);
        }
        let listed = answer(get(&format!("{cast}?$count=true")).header("ConsistencyLevel", "eventual")).await?;
        let listed = listed.json()?;
        assert_eq!((&listed["@odata.count"], listed["value"].as_array().map(Vec::len)), (&json!(count), Some(count)));
    }
    let filtered = "/v1.0/groups/$count?$filter=displayName eq 'All Employees'";
    let counted = emulator.bare(Method::GET, filtered).bearer_auth(&token).header("ConsistencyLevel", "eventual");
    assert_eq!(answer(counted).await?.body, "2");
    assert_eq!(answer(get("/graph.user")).await?.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer(get("/graph.device/$count")).await?.status, StatusCode::BAD_REQUEST);
    Ok(())
}

#[tokio::test]
async fn the_organization_says_which_tenant_it_is() -> Outcome {
    let emulator = Emulator::start()?;
    let own = emulator.graph(FABRIKAM, "/v1.0/organization").await?.json()?["value"][0].clone();
    assert_eq!(own["id"], "55bc0002-0000-4000-8000-000000000001");
    assert_eq!((&own["onPremisesSyncEnabled"], &own["tenantType"]), (&json!(true), &json!("AAD")));
    let initial = json!({"capabilities": "Email, OfficeCommunicationsOnline", "isDefault": false, "isInitial": true,
        "name": "fabrikam.onmicrosoft.com", "type": "Managed"});
    assert_eq!(own["verifiedDomains"][0], initial);
    assert_eq!(own["verifiedDomains"][1]["name"], "fabrikam.com");
    let path = "/v1.0/organization/55bc0002-0000-4000-8000-000000000001?$select=id";
    assert_eq!(emulator.graph(FABRIKAM, path).await?.json()?["id"], own["id"]);
    assert_eq!(emulator.graph(CONTOSO, path).await?.status, StatusCode::NOT_FOUND);
    Ok(())
}
