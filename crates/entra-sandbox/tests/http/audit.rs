//! The audit log over HTTP: the events of changes and of users, and how long the log retains them.

use entra_sandbox::{Audience, Person, Role, portal_user};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{
    ADATUM, AUTHORIZATION, CONTOSO, Emulator, FABRIKAM, NORTHWIND, ON_PREMISES, Outcome, answer, json as sending,
};

const AUDITS: &str = "/v1.0/auditLogs/directoryAudits";
const SETTINGS: &str = "$filter=activityDisplayName eq 'Update SSPR Settings'";

fn now() -> Result<Timestamp, Box<dyn std::error::Error>> {
    Ok("2026-05-13T07:17:35.5553969Z".parse()?)
}

async fn events(emulator: &Emulator, tenant: &str, query: &str) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    let answer = emulator.graph(tenant, &format!("{AUDITS}?{query}")).await?;
    let body = answer.json()?;
    Ok(body["value"].as_array().ok_or_else(|| format!("{query}: {}", answer.body))?.clone())
}

#[tokio::test]
async fn a_change_at_the_portal_names_who_and_what() -> Outcome {
    let emulator = Emulator::start()?;
    assert!(events(&emulator, CONTOSO, SETTINGS).await?.is_empty());
    let keys = [("numberOfAuthenticationMethodsRequired", json!(2)), ("mobileAppCodeEnabled", json!(true))];
    emulator.change(CONTOSO, &keys).await?;
    emulator.change(CONTOSO, &keys).await?;
    let seen = events(&emulator, CONTOSO, SETTINGS).await?;
    assert_eq!(seen.len(), 1, "a change that changes nothing leaves nothing");
    let event = &seen[0];
    let expected = json!({
        "id": event["id"], "category": "PolicyManagement", "correlationId": event["correlationId"],
        "result": "success", "resultReason": "", "activityDisplayName": "Update SSPR Settings",
        "activityDateTime": "2026-05-13T07:17:35.5553969Z", "loggedByService": "Self-service Password Management",
        "operationType": "Update",
        "initiatedBy": {"app": null, "user": {"id": "55bc0001-0ac0-4000-8000-000000000001",
            "displayName": "Ada Admin", "userPrincipalName": "admin@contoso.onmicrosoft.com",
            "ipAddress": "203.0.113.24"}},
        "targetResources": [{"id": null, "displayName": "SSPR Policy", "type": "Policy", "userPrincipalName": null,
            "groupType": null, "modifiedProperties": [
                {"displayName": "NumberOfRequiredContactMethodsForUsers", "oldValue": "\"1\"", "newValue": "\"2\""},
                {"displayName": "SelectedContactMethodsForUsers", "oldValue": "\"Email, MobileSMS, MobileCall\"",
                 "newValue": "\"MobileAppCode, Email, MobileSMS, MobileCall\""}]}],
        "additionalDetails": [],
    });
    assert_eq!(*event, expected);
    let id = event["id"].as_str().unwrap_or_default();
    assert_eq!(emulator.graph(CONTOSO, &format!("{AUDITS}/{id}")).await?.json()?["id"], event["id"]);
    assert_eq!(emulator.graph(CONTOSO, &format!("{AUDITS}/x")).await?.status, StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn every_policy_has_its_own_service_and_activity() -> Outcome {
    let emulator = Emulator::start()?;
    emulator.put(FABRIKAM, ON_PREMISES, r#"{"passwordWritebackSupported":false}"#).await?;
    emulator.put(FABRIKAM, ON_PREMISES, r#"{"accountUnlockEnabled":false}"#).await?;
    let sms = "/v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms";
    let app = emulator.token(FABRIKAM, Audience::Graph, &Person::App)?;
    let body = r##"{"@odata.type":"#microsoft.graph.smsAuthenticationMethodConfiguration","state":"disabled"}"##;
    for request in [
        sending(emulator.bare(Method::PATCH, AUTHORIZATION), r#"{"allowedToUseSSPR":false}"#),
        sending(emulator.bare(Method::PATCH, sms), body),
        emulator.bare(Method::DELETE, sms),
    ] {
        assert_eq!(answer(request.bearer_auth(&app)).await?.status, StatusCode::NO_CONTENT);
    }
    let seen = events(&emulator, FABRIKAM, "$filter=activityDateTime ge 2026-05-13T07:17:35Z").await?;
    let named: Vec<(&str, &str, &str)> = seen
        .iter()
        .map(|event| {
            let text = |key: &str| event[key].as_str().unwrap_or_default();
            (text("loggedByService"), text("activityDisplayName"), text("category"))
        })
        .collect();
    for expected in [
        ("Self-service Password Management", "Disable password writeback for directory", "DirectoryManagement"),
        ("Self-service Password Management", "Update SSPR Settings", "PolicyManagement"),
        ("Core Directory", "Update authorization policy", "AuthorizationPolicy"),
        ("Authentication Methods", "Authentication Methods Policy Update", "ApplicationManagement"),
        ("Authentication Methods", "Authentication Methods Policy Reset", "ApplicationManagement"),
    ] {
        assert!(named.contains(&expected), "{expected:?} in {named:?}");
    }
    let service = "$filter=loggedByService eq 'Authentication Methods' and startswith(activityDisplayName,'Authentication \
                   Methods Policy U')";
    let update = events(&emulator, FABRIKAM, service).await?;
    assert_eq!((update.len(), &update[0]["initiatedBy"]["user"]), (1, &Value::Null));
    let app = &update[0]["initiatedBy"]["app"];
    let shown = (&app["displayName"], &app["appId"], &app["servicePrincipalName"]);
    assert_eq!(shown, (&json!("ssprctl apply"), &Value::Null, &Value::Null));
    assert!(app["servicePrincipalId"].is_string(), "live logs know an application by this alone: {app}");
    let changed = &update[0]["targetResources"][0]["modifiedProperties"][0];
    let expected =
        json!({"displayName": "Sms", "oldValue": "{\"state\":\"enabled\"}", "newValue": "{\"state\":\"disabled\"}"});
    assert_eq!(*changed, expected);
    Ok(())
}

/// The names and words of the log, with the quotation marks that JSON texts have inside of texts.
#[tokio::test]
async fn values_are_words_in_json_texts() -> Outcome {
    let emulator = Emulator::start()?;
    for (setting, value, expected) in [
        ("scope.users", "all", json!([["EnablementForUsers", "\"None\"", "\"All\""]])),
        ("notifications.users", "false", json!([["NotifyUsersOfReset", "\"True\"", "\"False\""]])),
        (
            "registration.requiredAtSignIn",
            "false",
            json!([["EnforcedRegistrationEnablementForUsers", "\"Yes\"", "\"No\""]]),
        ),
        (
            "registration.reconfirmAfterDays",
            "90",
            json!([["EnforcedRegistrationIntervalInDaysForUsers", "\"180\"", "\"90\""]]),
        ),
        (
            "helpdesk.link",
            "https://help.contoso.com",
            json!([
                ["CustomizeContactAdminLink", "\"False\"", "\"True\""],
                ["CustomContactAdminLink", "\"\"", "\"https://help.contoso.com\""]
            ]),
        ),
        (
            "scope.administrators",
            "false",
            json!([
                ["AllowedToUseSSPR", "[true]", "[false]"],
                ["Included Updated Properties", null, "\"AllowedToUseSSPR\""]
            ]),
        ),
    ] {
        portal_user::set_as(&emulator.world, CONTOSO, setting, value, Some("alice"), now()?)?;
        let seen = events(&emulator, CONTOSO, "$filter=initiatedBy/user/displayName eq 'Alice Adams'").await?;
        let changes = seen.iter().flat_map(|event| event["targetResources"][0]["modifiedProperties"].as_array());
        let shown: Vec<Vec<Value>> = changes
            .map(|changes| {
                let one = |change: &Value| json!([change["displayName"], change["oldValue"], change["newValue"]]);
                changes.iter().map(one).collect()
            })
            .collect();
        assert!(shown.iter().any(|one| json!(one) == expected), "{setting}: {expected} in {shown:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_edit_names_its_person_or_leaves_nothing() -> Outcome {
    let emulator = Emulator::start()?;
    let world = &emulator.world;
    let set = |setting: &str, value: &str, person, at| portal_user::set_as(world, ADATUM, setting, value, person, at);
    let earlier = now()?.checked_sub(SignedDuration::from_hours(30))?;
    set("registration.reconfirmAfterDays", "30", None, earlier)?;
    assert!(events(&emulator, ADATUM, SETTINGS).await?.is_empty());
    set("registration.reconfirmAfterDays", "60", Some("alice@adatum.com"), earlier)?;
    set("methods.allowed", "email,mobileAppCode", Some("Bob"), now()?)?;
    let seen = events(&emulator, ADATUM, SETTINGS).await?;
    let user = &seen[0]["initiatedBy"]["user"];
    assert_eq!((user["displayName"].as_str(), seen.len()), (Some("Alice Adams"), 1));
    assert_eq!(user["userPrincipalName"], "alice@adatum.onmicrosoft.com");
    assert_eq!(seen[0]["activityDateTime"], "2026-05-12T01:17:35.5553969Z");
    let by_bob = events(&emulator, ADATUM, "$filter=initiatedBy/user/displayName eq 'Bob Brown'").await?;
    assert_eq!(by_bob[0]["activityDisplayName"], "Authentication Methods Policy Update");
    for name in ["carol", "alice@contoso.com"] {
        let refused = set("registration.reconfirmAfterDays", "90", Some(name), now()?).err();
        let message = refused.map(|refusal| refusal.to_string()).unwrap_or_default();
        assert!(message.contains(name) && message.contains("bob@adatum.onmicrosoft.com"), "{message}");
    }
    assert_eq!(emulator.policy(ADATUM).await?["registrationReconfirmIntevalInDays"], json!(60));
    Ok(())
}

#[tokio::test]
async fn events_come_newest_first_page_by_page() -> Outcome {
    let emulator = Emulator::start()?;
    let all = events(&emulator, CONTOSO, "$top=999").await?;
    let times: Vec<&str> = all.iter().filter_map(|event| event["activityDateTime"].as_str()).collect();
    assert!(times.len() > 30 && times.iter().rev().is_sorted(), "{times:?}");
    assert_eq!(times.first().map(|time| &time[..10]), Some("2026-05-12"), "nothing lies ahead of now");
    assert_eq!(times.last().map(|time| &time[..10]), Some("2026-04-14"));
    let rising = events(&emulator, CONTOSO, "$orderby=activityDateTime&$top=1").await?;
    assert_eq!(rising[0]["activityDateTime"].as_str(), times.last().copied());
    let (mut url, mut seen) = (format!("{AUDITS}?$top=7&$orderby=activityDateTime desc"), Vec::new());
    loop {
        let page = emulator.graph(CONTOSO, &url).await?.json()?;
        seen.extend(page["value"].as_array().cloned().unwrap_or_default());
        let Some(next) = page["@odata.nextLink"].as_str() else { break };
        assert!(next.contains("$skiptoken="), "{next}");
        url = next.trim_start_matches(&emulator.server.url()).to_owned();
    }
    assert_eq!(seen, all);
    let window = "$filter=activityDateTime ge 2026-05-01T00:00:00Z and activityDateTime le 2026-05-02T00:00:00Z";
    let window = events(&emulator, CONTOSO, window).await?;
    let inside = |event: &Value| event["activityDateTime"].as_str().is_some_and(|time| time.starts_with("2026-05-01"));
    assert!(!window.is_empty() && window.iter().all(inside));
    let person = window[0]["targetResources"][0]["id"].as_str().unwrap_or_default().to_owned();
    let about = events(&emulator, CONTOSO, &format!("$filter=targetResources/any(t:t/id eq '{person}')")).await?;
    assert!(!about.is_empty() && about.len() < all.len());
    assert!(about.iter().all(|event| event["targetResources"][0]["id"] == person.as_str()));
    assert_eq!(emulator.graph(NORTHWIND, AUDITS).await?.json()?["value"].as_array().map(Vec::is_empty), Some(false));
    Ok(())
}

#[tokio::test]
async fn the_log_forgets_sooner_without_a_licence() -> Outcome {
    let emulator = Emulator::start()?;
    for (tenant, days) in [(CONTOSO, 30), (NORTHWIND, 7)] {
        for age in [days - 1, days + 1] {
            let at = now()?.checked_sub(SignedDuration::from_hours(24 * age))?;
            let value = age.to_string();
            portal_user::set_as(&emulator.world, tenant, "registration.reconfirmAfterDays", &value, Some("bob"), at)?;
        }
        assert_eq!(events(&emulator, tenant, SETTINGS).await?.len(), 1, "{tenant}");
    }
    Ok(())
}

#[tokio::test]
async fn scopes_roles_and_options() -> Outcome {
    let emulator = Emulator::start()?;
    for (person, may) in [
        (Person::Holding(vec![Role::ReportsReader]), true),
        (Person::Holding(vec![Role::SecurityReader]), true),
        (Person::Holding(vec![Role::AuthenticationPolicyAdministrator]), false),
        (Person::App, true),
        (Person::lacking(&["AuditLog.Read.All"]), true),
        (Person::lacking(&["AuditLog.Read.All", "Directory.Read.All"]), false),
    ] {
        let token = emulator.token(CONTOSO, Audience::Graph, &person)?;
        let status = answer(emulator.bare(Method::GET, AUDITS).bearer_auth(token)).await?.status;
        assert_eq!(status, if may { StatusCode::OK } else { StatusCode::FORBIDDEN }, "{person:?}");
    }
    for query in [
        "$filter=activityDateTime ge 'yesterday'",
        "$filter=result eq 'success'",
        "$filter=loggedByService ge 2026-05-01T00:00:00Z",
        "$filter=startswith(loggedByService,'Self')",
        "$search=x",
        "$select=id",
    ] {
        let refused = emulator.graph(CONTOSO, &format!("{AUDITS}?{query}")).await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
    }
    Ok(())
}

/// Whoever tried and may not reset has an event that says why, by the policies of this moment.
#[tokio::test]
async fn refused_resets_say_why() -> Outcome {
    let emulator = Emulator::start()?;
    let reasons = async |emulator: &Emulator| {
        let service = "$filter=loggedByService eq 'Self-service Password Management'&$top=999";
        let all = events(emulator, CONTOSO, service).await?;
        let refused = all.iter().filter(|event| event["result"] == "failure");
        let words = refused
            .map(|event| (event["targetResources"][0]["displayName"].clone(), event["resultReason"].to_string()));
        Ok::<_, Box<dyn std::error::Error>>(words.collect::<Vec<_>>())
    };
    let off = reasons(&emulator).await?;
    assert!(off.len() == 3 && off.iter().all(|(_, why)| why.contains("disabled entirely")), "{off:?}");
    let pilot = json!(["55bc0001-0600-4000-8000-000000000001"]);
    emulator.change(CONTOSO, &[("enablementType", json!(1)), ("passwordResetEnabledGroupIds", pilot)]).await?;
    let mut selected = reasons(&emulator).await?;
    selected.sort_by_key(|(name, _)| name.to_string());
    assert_eq!(selected.len(), 3);
    for ((name, why), (person, reason)) in selected.iter().zip([
        ("User 06", "insufficient authentication methods"),
        ("User 10", "not a member of the password reset users group"),
        ("User 24", "not a member of the password reset users group"),
    ]) {
        assert!(*name == json!(person) && why.contains(reason), "{name} {why}");
    }
    Ok(())
}
