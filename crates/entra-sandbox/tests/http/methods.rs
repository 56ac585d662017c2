//! The authentication methods policy over HTTP, and the edits of a portal user.

use entra_sandbox::faults::{Action, Fault, Faults, Moment};
use entra_sandbox::{Audience, Migration, Person, Role, World, portal_user};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{
    ADATUM, Answer, CONTOSO, Emulator, FABRIKAM, NORTHWIND, Outcome, TAILSPIN, answer, json as sending,
};

const METHODS: &str = "/v1.0/policies/authenticationMethodsPolicy";

fn at(id: &str) -> String {
    format!("{METHODS}/authenticationMethodConfigurations/{id}")
}

async fn patch(
    emulator: &Emulator,
    tenant: &str,
    path: &str,
    body: &str,
) -> Result<Answer, Box<dyn std::error::Error>> {
    let token = emulator.token(tenant, Audience::Graph, &Person::Administrator)?;
    answer(sending(emulator.bare(Method::PATCH, path).bearer_auth(token), body)).await
}

/// A configuration of the policy.
async fn one(emulator: &Emulator, tenant: &str, id: &str) -> Result<Value, Box<dyn std::error::Error>> {
    let policy = emulator.graph(tenant, METHODS).await?.json()?;
    let all = policy["authenticationMethodConfigurations"].as_array().cloned().unwrap_or_default();
    Ok(all.into_iter().find(|one| one["id"] == id).ok_or_else(|| format!("no {id}"))?)
}

#[tokio::test]
async fn tenants_are_at_different_stages_of_migration() -> Outcome {
    let emulator = Emulator::start()?;
    for (tenant, state) in [
        (CONTOSO, json!("migrationInProgress")),
        (FABRIKAM, json!("migrationInProgress")),
        (NORTHWIND, Value::Null),
        (ADATUM, json!("migrationComplete")),
        (TAILSPIN, json!("migrationComplete")),
    ] {
        let policy = emulator.graph(tenant, METHODS).await?.json()?;
        assert_eq!(policy["policyMigrationState"], state, "{tenant}");
        assert_eq!(policy["id"], "authenticationMethodsPolicy");
    }
    emulator.world.migrate(CONTOSO, Some(Migration::MigrationComplete))?;
    assert_eq!(emulator.graph(CONTOSO, METHODS).await?.json()?["policyMigrationState"], "migrationComplete");
    Ok(())
}

#[tokio::test]
async fn the_policy_has_its_documented_shape() -> Outcome {
    let emulator = Emulator::start()?;
    let policy = emulator.graph(ADATUM, METHODS).await?.json()?;
    let base = format!("{}/v1.0/$metadata#", emulator.server.url());
    assert_eq!(policy["@odata.context"], json!(format!("{base}authenticationMethodsPolicy")));
    let all = policy["authenticationMethodConfigurations"].as_array().ok_or("no configurations")?;
    let ids: Vec<&str> = all.iter().filter_map(|one| one["id"].as_str()).collect();
    let expected =
        "Fido2 MicrosoftAuthenticator Sms TemporaryAccessPass SoftwareOath Voice Email X509Certificate QRCodePin";
    assert_eq!(ids, expected.split_whitespace().collect::<Vec<_>>());
    let kind = "microsoft.graph.voiceAuthenticationMethodConfiguration";
    let noise = format!(
        "{base}policies/authenticationMethodsPolicy/authenticationMethodConfigurations('Voice')/{kind}/includeTargets"
    );
    let voice = json!({"@odata.type": format!("#{kind}"), "id": "Voice", "state": "disabled", "excludeTargets": [],
        "isOfficePhoneAllowed": false, "includeTargets@odata.context": noise,
        "includeTargets": [{"targetType": "group", "id": "all_users", "isRegistrationRequired": false}]});
    assert_eq!(one(&emulator, ADATUM, "Voice").await?, voice);
    let mut own = emulator.graph(ADATUM, &at("vOiCe")).await?.json()?;
    let context = own.as_object_mut().and_then(|own| own.remove("@odata.context")).unwrap_or_default();
    assert!(context.as_str().is_some_and(|context| context.ends_with("authenticationMethodConfigurations/$entity")));
    assert_eq!(own, voice);
    let listed = emulator.graph(ADATUM, &format!("{METHODS}/authenticationMethodConfigurations")).await?.json()?;
    assert_eq!(listed["value"], policy["authenticationMethodConfigurations"]);
    let beta = emulator.graph(ADATUM, "/beta/policies/authenticationMethodsPolicy").await?.body;
    assert!(beta.contains("hardwareOathAuthenticationMethodConfiguration"), "{beta}");
    assert_eq!(emulator.graph(ADATUM, &at("HardwareOath")).await?.status, StatusCode::NOT_FOUND);
    for option in ["$select=id", "$expand=authenticationMethodConfigurations", "%24top=1"] {
        let refused = emulator.graph(ADATUM, &format!("{METHODS}?{option}")).await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{option}");
    }
    Ok(())
}

#[tokio::test]
async fn a_configuration_is_patched_and_its_targets_replaced() -> Outcome {
    let emulator = Emulator::start()?;
    let before = emulator.graph(CONTOSO, METHODS).await?.json()?;
    assert_eq!(before["lastModifiedDateTime"], Value::Null);
    let body = r##"{"@odata.type":"#microsoft.graph.smsAuthenticationMethodConfiguration","id":"Sms","state":"enabled",
        "includeTargets":[{"targetType":"group","id":"55bc0001-0600-4000-8000-000000000001"}]}"##;
    let patched = patch(&emulator, CONTOSO, &at("sms"), body).await?;
    assert_eq!((patched.status, patched.body.as_str()), (StatusCode::NO_CONTENT, ""));
    let sms = one(&emulator, CONTOSO, "Sms").await?;
    let target = json!([{"targetType": "group", "id": "55bc0001-0600-4000-8000-000000000001",
        "isRegistrationRequired": false, "isUsableForSignIn": true}]);
    assert_eq!((&sms["state"], &sms["includeTargets"]), (&json!("enabled"), &target));
    let after = emulator.graph(CONTOSO, METHODS).await?.json()?;
    assert_eq!(after["lastModifiedDateTime"], "2026-05-13T07:17:35.5553969Z");

    let token = emulator.token(CONTOSO, Audience::Graph, &Person::App)?;
    let deleted = answer(emulator.bare(Method::DELETE, &at("Sms")).bearer_auth(token)).await?;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    assert_eq!(one(&emulator, CONTOSO, "Sms").await?["state"], "disabled");
    Ok(())
}

#[tokio::test]
async fn what_the_service_would_not_take() -> Outcome {
    let emulator = Emulator::start()?;
    let before = emulator.graph(FABRIKAM, METHODS).await?.body;
    let typed = |stem: &str, rest: &str| {
        format!("{{\"@odata.type\":\"#microsoft.graph.{stem}AuthenticationMethodConfiguration\",{rest}}}")
    };
    let user = r#""includeTargets":[{"targetType":"user","id":"55bc0002-0ac0-4000-8000-000000000065"}]"#;
    let nobody = r#""includeTargets":[{"targetType":"group","id":"55bc0002-0600-4000-8000-0000000000ff"}]"#;
    let many = format!("\"description\":\"{}\"", "x".repeat(21_000));
    for (id, body) in [
        ("sms", r#"{"state":"enabled"}"#.to_owned()),
        ("sms", typed("email", r#""state":"enabled""#)),
        ("sms", typed("sms", r#""state":"on""#)),
        ("sms", typed("sms", r#""isOfficePhoneAllowed":true"#)),
        ("sms", typed("sms", r#""id":"Voice""#)),
        ("sms", typed("sms", user)),
        ("sms", typed("sms", nobody)),
        ("sms", typed("sms", &many)),
        ("voice", typed("voice", r#""isOfficePhoneAllowed":"false""#)),
        ("email", typed("email", r#""allowExternalIdToUseEmailOtp":"maybe""#)),
        ("email", typed("email", r#""allowExternalIdToUseEmailOtp":"enabled","state":"disabled""#)),
    ] {
        let refused = patch(&emulator, FABRIKAM, &at(id), &body).await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(refused.json()?["error"]["code"], "Request_BadRequest");
    }
    for body in [
        r#"{"policyMigrationState":"preMigration"}"#,
        r#"{"policyMigrationState":null}"#,
        r#"{"displayName":"mine"}"#,
        r#"{"registrationEnforcement":{"authenticationMethodsRegistrationCampaign":{"snoozeDurationInDays":15}}}"#,
        "[",
    ] {
        assert_eq!(patch(&emulator, FABRIKAM, METHODS, body).await?.status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(patch(&emulator, FABRIKAM, &at("fax"), "{}").await?.status, StatusCode::NOT_FOUND);
    assert_eq!(emulator.graph(FABRIKAM, METHODS).await?.body, before);
    // A user who is a target already may stay one.
    let found = r#""includeTargets":[{"targetType":"user","id":"55bc0002-0ac0-4000-8000-000000000073"}]"#;
    assert_eq!(patch(&emulator, FABRIKAM, &at("sms"), &typed("sms", found)).await?.status, StatusCode::NO_CONTENT);
    Ok(())
}

#[tokio::test]
async fn migration_goes_on_and_one_step_back() -> Outcome {
    let emulator = Emulator::start()?;
    for state in ["migrationInProgress", "migrationComplete", "migrationInProgress"] {
        let body = json!({"policyMigrationState": state}).to_string();
        let patched = patch(&emulator, CONTOSO, METHODS, &body).await?;
        assert_eq!((patched.status, &patched.json()?["policyMigrationState"]), (StatusCode::OK, &json!(state)));
    }
    let back = patch(&emulator, CONTOSO, METHODS, r#"{"policyMigrationState":"premigration"}"#).await?;
    assert_eq!(back.status, StatusCode::BAD_REQUEST);
    Ok(())
}

#[tokio::test]
async fn unknown_keys_preserve_their_spelling() -> Outcome {
    let emulator = Emulator::start()?;
    let unknown = "\"FederatedIdentityCredential\",\"state\":\"enabled\",\"excludeTargets\":[],\"trustWeight\":1.50,";
    assert!(emulator.graph(TAILSPIN, METHODS).await?.body.contains(unknown));
    let body = r##"{"@odata.type":"#microsoft.graph.emailAuthenticationMethodConfiguration","state":"disabled"}"##;
    assert_eq!(patch(&emulator, TAILSPIN, &at("email"), body).await?.status, StatusCode::NO_CONTENT);
    assert!(emulator.graph(TAILSPIN, METHODS).await?.body.contains(unknown));
    Ok(())
}

#[tokio::test]
async fn scopes_and_roles_decide() -> Outcome {
    let emulator = Emulator::start()?;
    let body = r##"{"@odata.type":"#microsoft.graph.emailAuthenticationMethodConfiguration","state":"enabled"}"##;
    let scoped = |scopes: &[&str]| Person::Scoped {
        roles: vec![Role::GlobalAdministrator],
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    for (person, reads, writes) in [
        (Person::Administrator, true, true),
        (Person::App, true, true),
        (Person::Holding(vec![Role::AuthenticationPolicyAdministrator]), true, true),
        (Person::Holding(vec![Role::GlobalReader]), true, false),
        (Person::Holding(vec![Role::SecurityReader]), false, false),
        (Person::Holding(vec![]), false, false),
        (scoped(&["Policy.Read.AuthenticationMethod"]), true, false),
        (scoped(&["Policy.Read.All"]), true, false),
        (scoped(&["Policy.ReadWrite.AuthenticationMethod"]), true, true),
        (scoped(&["Policy.ReadWrite.Authorization"]), false, false),
    ] {
        let token = emulator.token(CONTOSO, Audience::Graph, &person)?;
        let read = answer(emulator.bare(Method::GET, METHODS).bearer_auth(&token)).await?;
        let write = answer(sending(emulator.bare(Method::PATCH, &at("Email")).bearer_auth(&token), body)).await?;
        for (answer, may) in [(read, reads), (write, writes)] {
            let expected = if may { answer.status.is_success() } else { answer.status == StatusCode::FORBIDDEN };
            assert!(expected, "{person:?}: {}", answer.status);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_portal_user_changes_methods_where_they_act() -> Outcome {
    let emulator = Emulator::start()?;
    let world = &emulator.world;
    let questions = portal_user::set(world, ADATUM, "methods.allowed", "email,securityQuestions").err();
    assert!(questions.is_some_and(|refusal| refusal.to_string().contains("5 questions")));
    portal_user::set(world, ADATUM, "methods.allowed", "email,officePhone,mobileAppCode")?;
    let legacy = emulator.policy(ADATUM).await?;
    assert_eq!(legacy["emailOptionEnabled"], json!(false), "the old flags are let alone");
    for (id, state) in [
        ("Email", "enabled"),
        ("Voice", "enabled"),
        ("Sms", "disabled"),
        ("SoftwareOath", "enabled"),
        ("MicrosoftAuthenticator", "disabled"),
        ("Fido2", "enabled"),
    ] {
        assert_eq!(one(&emulator, ADATUM, id).await?["state"], state, "{id}");
    }
    assert_eq!(one(&emulator, ADATUM, "Voice").await?["isOfficePhoneAllowed"], json!(true));
    portal_user::set(world, ADATUM, "authenticationMethods.fido2.state", "disabled")?;
    assert_eq!(one(&emulator, ADATUM, "Fido2").await?["state"], "disabled");
    portal_user::set(world, CONTOSO, "authenticationMethods.policyMigrationState", "migrationComplete")?;
    portal_user::set(world, CONTOSO, "methods.allowed", "mobilePhone")?;
    assert_eq!(one(&emulator, CONTOSO, "Voice").await?["state"], "enabled");
    assert_eq!(emulator.policy(CONTOSO).await?["emailOptionEnabled"], json!(true));
    Ok(())
}

#[tokio::test]
async fn faults_act_on_it() -> Outcome {
    let sms = |state: &str| {
        format!(r##"{{"@odata.type":"#microsoft.graph.smsAuthenticationMethodConfiguration","state":"{state}"}}"##)
    };
    let with = |action| {
        let fault = Fault::on(Method::PATCH, "authenticationMethodConfigurations/sms", action);
        Emulator::over(World::seeded(), Faults::none().and(fault))
    };
    let edit = Action::ForeignEdit {
        moment: Moment::After,
        setting: "authenticationMethods.Email.state".to_owned(),
        value: "enabled".to_owned(),
    };
    for (action, seen) in [
        (Action::StaleReads(1), ["disabled", "enabled"]),
        (Action::LostWrite, ["disabled", "disabled"]),
        (Action::IgnoreKey("state".to_owned()), ["disabled", "disabled"]),
        (edit, ["enabled", "enabled"]),
    ] {
        let emulator = with(action.clone())?;
        let patched = patch(&emulator, CONTOSO, &at("sms"), &sms("enabled")).await?;
        assert_eq!(patched.status, StatusCode::NO_CONTENT, "{action:?}");
        for state in seen {
            assert_eq!(one(&emulator, CONTOSO, "Sms").await?["state"], state, "{action:?}");
        }
        let email = if matches!(action, Action::ForeignEdit { .. }) { "enabled" } else { "disabled" };
        assert_eq!(one(&emulator, CONTOSO, "Email").await?["state"], email);
    }
    Ok(())
}
