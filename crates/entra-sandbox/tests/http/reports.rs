//! Registration reports and the secure score: consistent with the policies, at any size.

use entra_sandbox::{Audience, Person, Role, portal_user};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{
    ADATUM, AUTHORIZATION, CONTOSO, Emulator, FABRIKAM, NORTHWIND, Outcome, TAILSPIN, answer, json as sending,
};

const DETAILS: &str = "/v1.0/reports/authenticationMethods/userRegistrationDetails";
const BY_FEATURE: &str = "/v1.0/reports/authenticationMethods/usersRegisteredByFeature";

/// Every user that a query finds, and the number of pages.
async fn all(
    emulator: &Emulator,
    tenant: &str,
    query: &str,
) -> Result<(Vec<Value>, usize), Box<dyn std::error::Error>> {
    let (mut url, mut found, mut pages) = (format!("{DETAILS}?{query}"), Vec::new(), 0);
    loop {
        let answer = emulator.graph(tenant, &url).await?;
        let page = answer.json()?;
        found.extend(page["value"].as_array().ok_or_else(|| format!("{url}: {}", answer.body))?.iter().cloned());
        pages += 1;
        let Some(next) = page["@odata.nextLink"].as_str() else { return Ok((found, pages)) };
        url = next.trim_start_matches(&emulator.server.url()).to_owned();
    }
}

fn count(users: &[Value], property: &str) -> usize {
    users.iter().filter(|user| user[property] == json!(true)).count()
}

#[tokio::test]
async fn a_user_has_the_documented_shape() -> Outcome {
    let emulator = Emulator::start()?;
    let admin = format!("{DETAILS}?$filter=userPrincipalName eq 'ADMIN@contoso.onmicrosoft.com'");
    let user = emulator.graph(CONTOSO, &admin).await?.json()?["value"][0].clone();
    let expected = json!({
        "id": "55bc0001-0ac0-4000-8000-000000000001", "userPrincipalName": "admin@contoso.onmicrosoft.com",
        "userDisplayName": "Ada Admin", "userType": "member", "isAdmin": true, "isSsprRegistered": true,
        "isSsprEnabled": true, "isSsprCapable": true, "isMfaRegistered": true, "isMfaCapable": true,
        "isPasswordlessCapable": true,
        "methodsRegistered": ["mobilePhone", "microsoftAuthenticatorPush", "softwareOneTimePasscode", "fido2SecurityKey"],
        "isSystemPreferredAuthenticationMethodEnabled": true, "systemPreferredAuthenticationMethods": ["push"],
        "userPreferredMethodForSecondaryAuthentication": "push", "lastUpdatedDateTime": "2026-05-13T00:47:21.4210000Z",
    });
    assert_eq!(user, expected);
    let (users, _) = all(&emulator, CONTOSO, "$select=id&$top=7").await?;
    let last = users.last().and_then(|user| user["id"].as_str()).unwrap_or_default().to_owned();
    let one = emulator.graph(CONTOSO, &format!("{DETAILS}/{last}")).await?.json()?;
    assert_eq!(
        (&one["id"], &one["userPrincipalName"]),
        (&json!(last), &json!("worker0000050@contoso.onmicrosoft.com"))
    );
    let nobody = emulator.graph(CONTOSO, &format!("{DETAILS}/55bc0001-0ac1-4000-8000-000000000063")).await?;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn fifty_and_five_thousand_come_in_pages_in_order() -> Outcome {
    let emulator = Emulator::start()?;
    for (tenant, query, users, pages) in [
        (CONTOSO, "$top=20", 50, 3),
        (CONTOSO, "", 50, 1),
        (FABRIKAM, "$select=userPrincipalName", 5_000, 6),
        (FABRIKAM, "$top=999&$orderby=userPrincipalName desc&$select=userPrincipalName", 5_000, 6),
    ] {
        let (found, took) = all(&emulator, tenant, query).await?;
        assert_eq!((found.len(), took), (users, pages), "{query}");
        let names: Vec<&str> = found.iter().filter_map(|user| user["userPrincipalName"].as_str()).collect();
        let sorted = if query.contains("desc") { names.iter().rev().is_sorted() } else { names.iter().is_sorted() };
        assert!(sorted && names.len() == users, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn enabled_follows_the_scope_and_registered_the_number_of_methods() -> Outcome {
    let emulator = Emulator::start()?;
    let set = |setting: &str, value: &str| portal_user::set(&emulator.world, CONTOSO, setting, value);
    let admins = 8;
    let (nobody, _) = all(&emulator, CONTOSO, "").await?;
    assert_eq!((nobody.len(), count(&nobody, "isAdmin"), count(&nobody, "isSsprEnabled")), (50, admins, admins));
    set("scope.group", "SSPR-Pilot")?;
    set("scope.users", "selected")?;
    let (pilot, _) = all(&emulator, CONTOSO, "$filter=isSsprEnabled eq true").await?;
    assert_eq!(pilot.len(), admins + 6);
    set("scope.users", "all")?;
    let (one, _) = all(&emulator, CONTOSO, "").await?;
    assert_eq!(count(&one, "isSsprEnabled"), 50);
    let registered = count(&one, "isSsprRegistered");
    assert!((25..50).contains(&registered), "{registered}");
    set("methods.required", "2")?;
    let (two, _) = all(&emulator, CONTOSO, "").await?;
    assert!(count(&two, "isSsprRegistered") < registered, "who has one method is stranded");
    for user in &two {
        let both = user["isSsprRegistered"] == json!(true) && user["isSsprEnabled"] == json!(true);
        assert_eq!(user["isSsprCapable"], json!(both));
    }
    let token = emulator.token(CONTOSO, Audience::Graph, &Person::Administrator)?;
    let off = sending(emulator.bare(Method::PATCH, AUTHORIZATION), r#"{"allowedToUseSSPR":false}"#);
    answer(off.bearer_auth(token)).await?;
    let (off, _) = all(&emulator, CONTOSO, "$filter=isSsprEnabled eq true").await?;
    assert_eq!((off.len(), count(&off, "isAdmin")), (50 - admins, 0));
    let (with_mail, _) = all(&emulator, CONTOSO, "$filter=methodsRegistered/any(m:m eq 'email')").await?;
    let listed = |user: &Value| user["methodsRegistered"].as_array().is_some_and(|own| own.contains(&json!("email")));
    assert!(!with_mail.is_empty() && with_mail.iter().all(listed));
    Ok(())
}

#[tokio::test]
async fn a_million_users_are_served_a_page_at_a_time() -> Outcome {
    let emulator = Emulator::start()?;
    emulator.world.populate(ADATUM, 1_000_000)?;
    let page = emulator.graph(ADATUM, &format!("{DETAILS}?$top=2&$orderby=userPrincipalName desc")).await?.json()?;
    assert_eq!(page["value"][0]["userPrincipalName"], "worker1000000@adatum.onmicrosoft.com");
    assert_eq!(page["value"].as_array().map(Vec::len), Some(2));
    let next = page["@odata.nextLink"].as_str().ok_or("no next page")?.trim_start_matches(&emulator.server.url());
    let page = emulator.graph(ADATUM, next).await?.json()?;
    assert_eq!(page["value"][0]["userPrincipalName"], "worker0999998@adatum.onmicrosoft.com");
    let sku = emulator.graph(ADATUM, "/v1.0/subscribedSkus").await?.json()?;
    assert_eq!(sku["value"][0]["consumedUnits"], json!(1_000_000));
    Ok(())
}

#[tokio::test]
async fn summaries_count_the_same_users() -> Outcome {
    let emulator = Emulator::start()?;
    let (users, _) = all(&emulator, FABRIKAM, "").await?;
    let summary = emulator.graph(FABRIKAM, BY_FEATURE).await?.json()?;
    assert_eq!((&summary["totalUserCount"], &summary["userTypes"]), (&json!(5_000), &json!("all")));
    for (feature, property) in
        [("ssprRegistered", "isSsprRegistered"), ("ssprEnabled", "isSsprEnabled"), ("ssprCapable", "isSsprCapable")]
    {
        let row = json!({"feature": feature, "userCount": count(&users, property)});
        assert!(summary["userRegistrationFeatureCounts"].as_array().is_some_and(|rows| rows.contains(&row)), "{row}");
    }
    let path = format!("{BY_FEATURE}(includedUserTypes='member',includedUserRoles='admin')");
    assert_eq!(emulator.graph(FABRIKAM, &path).await?.json()?["totalUserCount"], json!(8));
    let path = format!("{BY_FEATURE}(includedUserTypes='alien',includedUserRoles='all')");
    assert_eq!(emulator.graph(FABRIKAM, &path).await?.status, StatusCode::BAD_REQUEST);
    let by_method = "/v1.0/reports/authenticationMethods/usersRegisteredByMethod";
    let methods = emulator.graph(FABRIKAM, by_method).await?.json()?["userRegistrationMethodCounts"].clone();
    let mail = |user: &&Value| user["methodsRegistered"].as_array().is_some_and(|own| own.contains(&json!("email")));
    let row = json!({"authenticationMethod": "email", "userCount": users.iter().filter(mail).count()});
    assert!(methods.as_array().is_some_and(|rows| rows.contains(&row)), "{row}");
    Ok(())
}

#[tokio::test]
async fn who_may_read_reports() -> Outcome {
    let emulator = Emulator::start()?;
    for tenant in [NORTHWIND, TAILSPIN] {
        let refused = emulator.graph(tenant, DETAILS).await?;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert_eq!(refused.json()?["error"]["code"], "Authentication_RequestFromNonPremiumTenantOrB2CTenant");
    }
    for (person, details, summary) in [
        (Person::Holding(vec![Role::ReportsReader]), true, true),
        (Person::Holding(vec![Role::AuthenticationPolicyAdministrator]), false, false),
        (Person::lacking(&["AuditLog.Read.All"]), false, false),
        (Person::App, true, false),
    ] {
        let token = emulator.token(CONTOSO, Audience::Graph, &person)?;
        for (path, may) in [(DETAILS, details), (BY_FEATURE, summary)] {
            let status = answer(emulator.bare(Method::GET, path).bearer_auth(&token)).await?.status;
            assert_eq!(status, if may { StatusCode::OK } else { StatusCode::FORBIDDEN }, "{person:?} {path}");
        }
    }
    for query in ["$filter=id eq 'x'", "$orderby=isAdmin", "$top=1000", "$count=true", "$filter=userType eq 'member'"] {
        let refused = emulator.graph(CONTOSO, &format!("{DETAILS}?{query}")).await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn the_score_follows_the_policy() -> Outcome {
    let emulator = Emulator::start()?;
    let path = "/v1.0/security/secureScores?$top=1&$filter=vendorInformation/vendor eq 'Microsoft'";
    let control = |body: &Value| {
        let controls = body["value"][0]["controlScores"].as_array().cloned().unwrap_or_default();
        controls.into_iter().find(|one| one["controlName"] == "SelfServicePasswordReset").unwrap_or_default()
    };
    let before = control(&emulator.graph(CONTOSO, path).await?.json()?);
    assert_eq!((&before["count"], &before["total"], &before["score"]), (&json!("8"), &json!("50"), &json!(0.16)));
    portal_user::set(&emulator.world, CONTOSO, "scope.users", "all")?;
    let after = control(&emulator.graph(CONTOSO, path).await?.json()?);
    assert_eq!(
        (&after["count"], &after["score"], &after["scoreInPercentage"]),
        (&json!("50"), &json!(1.0), &json!(100.0))
    );
    let status = "You have 0 of 50 users who don't have self-service password reset enabled.";
    assert_eq!((&after["implementationStatus"], &after["controlCategory"]), (&json!(status), &json!("Identity")));
    let profile = "/v1.0/security/secureScoreControlProfiles/SelfServicePasswordReset";
    assert_eq!(emulator.graph(CONTOSO, profile).await?.json()?["maxScore"], json!(1.0));
    let token = emulator.token(CONTOSO, Audience::Graph, &Person::Holding(vec![Role::ReportsReader]))?;
    assert_eq!(answer(emulator.bare(Method::GET, path).bearer_auth(token)).await?.status, StatusCode::FORBIDDEN);
    Ok(())
}

/// One person, by id and by sign-in name: account, line of the report, and what they are a member of.
#[tokio::test]
async fn one_person_is_read_alone() -> Outcome {
    let emulator = Emulator::start()?;
    let user = |tenant: &'static str, key: &str, rest: &str| {
        let path = format!("/v1.0/users/{}{rest}", key.replace('#', "%23"));
        let emulator = &emulator;
        async move { emulator.graph(tenant, &path).await }
    };
    let by_name = user(FABRIKAM, "USER12@fabrikam.onmicrosoft.com", "").await?.json()?;
    let id = by_name["id"].as_str().unwrap_or_default().to_owned();
    assert_eq!(user(FABRIKAM, &id, "").await?.json()?, by_name);
    let selected = user(FABRIKAM, &id, "?$select=id,accountEnabled").await?.json()?;
    assert_eq!((&selected["id"], selected.get("displayName")), (&by_name["id"], None));
    for (tenant, key, expected) in [
        (FABRIKAM, "worker0002000@fabrikam.onmicrosoft.com", json!("Guest")),
        (FABRIKAM, "worker.0002000#EXT#@fabrikam.onmicrosoft.com", json!("Guest")),
        (FABRIKAM, "worker0002001@fabrikam.onmicrosoft.com", json!("Member")),
        (CONTOSO, "user25@contoso.onmicrosoft.com", json!("Member")),
        (CONTOSO, "nobody@contoso.onmicrosoft.com", Value::Null),
        (CONTOSO, "worker9999999@contoso.onmicrosoft.com", Value::Null),
        (CONTOSO, "0e0a0000-0000-4000-8000-000000000000", Value::Null),
    ] {
        let found = user(tenant, key, "").await?;
        let known = !expected.is_null() && (expected != json!("Guest") || key.contains('#'));
        assert_eq!(found.status == StatusCode::OK, known, "{key}: {}", found.body);
        if known {
            assert_eq!(found.json()?["userType"], expected, "{key}");
        }
    }
    let joiner = user(CONTOSO, "user25@contoso.onmicrosoft.com", "").await?.json()?;
    let line = format!(
        "/v1.0/reports/authenticationMethods/userRegistrationDetails/{}",
        joiner["id"].as_str().unwrap_or_default()
    );
    assert_eq!(emulator.graph(CONTOSO, &line).await?.status, StatusCode::NOT_FOUND);
    Ok(())
}

/// Groups at any depth, and roles, of which little is shown without the permission for them.
#[tokio::test]
async fn memberships_of_one_person() -> Outcome {
    let emulator = Emulator::start()?;
    let of = |key: &str, tenant| {
        format!("/v1.0/users/{key}@{tenant}/transitiveMemberOf?$select=id,displayName,roleTemplateId")
    };
    let groups = emulator.graph(FABRIKAM, &of("user12", FABRIKAM)).await?.json()?;
    let names: Vec<_> =
        groups["value"].as_array().into_iter().flatten().map(|one| one["displayName"].clone()).collect();
    assert!(names.contains(&json!("SSPR Users")) && names.contains(&json!("SSPR Branch Offices")), "{names:?}");
    let path = of("alice", CONTOSO);
    let role = |body: &Value| {
        let found = body["value"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|one| one["@odata.type"] == "#microsoft.graph.directoryRole");
        found.cloned().unwrap_or_default()
    };
    let shown = role(&emulator.graph(CONTOSO, &path).await?.json()?);
    assert_eq!(shown["roleTemplateId"], json!("0526716b-113d-4c15-b2c8-68e3c22b9f80"));
    let token = emulator.token(CONTOSO, Audience::Graph, &Person::App)?;
    let hidden = role(&answer(emulator.bare(Method::GET, &path).bearer_auth(token)).await?.json()?);
    assert_eq!((&hidden["id"], &hidden["roleTemplateId"]), (&shown["id"], &Value::Null));
    let token = emulator.token(
        CONTOSO,
        Audience::Graph,
        &Person::Scoped { roles: vec![], scopes: vec!["Policy.Read.All".into()] },
    )?;
    assert_eq!(answer(emulator.bare(Method::GET, &path).bearer_auth(token)).await?.status, StatusCode::FORBIDDEN);

    let scope = "/v1.0/groups/55bc0002-0600-4000-8000-000000000001/members";
    let direct = emulator.graph(FABRIKAM, scope).await?.json()?;
    assert_eq!(direct["value"].as_array().map(Vec::len), Some(11));
    let cast = format!("{scope}/microsoft.graph.group?$select=id,displayName&$count=true");
    assert_eq!(emulator.graph(FABRIKAM, &cast).await?.status, StatusCode::BAD_REQUEST, "a cast is an advanced query");
    let token = emulator.token(FABRIKAM, Audience::Graph, &Person::Administrator)?;
    let request = emulator.bare(Method::GET, &cast).bearer_auth(token).header("ConsistencyLevel", "eventual");
    assert_eq!(answer(request).await?.json()?["value"][0]["displayName"], json!("SSPR Branch Offices"));
    Ok(())
}
