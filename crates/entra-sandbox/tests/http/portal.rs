//! `PasswordResetPolicies`: reading, writing, binding and rules.

use entra_sandbox::{Audience, Person};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{
    ADATUM, CONTOSO, Emulator, FABRIKAM, NORTHWIND, Outcome, POLICY, TAILSPIN, answer, json as sending,
};

const UNTOUCHED: &str = include_str!("untouched.json");

#[tokio::test]
async fn an_untouched_tenant_serves_the_captured_bytes() -> Outcome {
    let emulator = Emulator::start()?;
    let read = emulator.get(CONTOSO, POLICY).await?;
    assert_eq!(read.status, StatusCode::OK);
    assert_eq!(read.kind, "application/json; charset=utf-8");
    assert_eq!(read.body, UNTOUCHED.trim_end());
    assert_eq!(read.body.len(), 951);
    Ok(())
}

#[tokio::test]
async fn a_put_answers_true_and_is_read_back() -> Outcome {
    let emulator = Emulator::start()?;
    // The changes of a captured portal session in August 2021 and of a script in April 2022.
    let keys = [
        ("enablementType", json!(2)),
        ("mobileAppCodeEnabled", json!(true)),
        ("notifyOnAdminPasswordReset", json!(true)),
        ("customizeHelpdeskLink", json!(true)),
        ("customHelpdeskEmailOrUrl", json!("https://help.contoso.com")),
    ];
    let written = emulator.change(CONTOSO, &keys).await?;
    assert_eq!((written.status, written.body.as_str()), (StatusCode::OK, "true"));
    let after = emulator.policy(CONTOSO).await?;
    for (key, value) in keys {
        assert_eq!(after[key], value, "{key}");
    }
    let order = |text: &str| -> Result<Vec<String>, serde_json::Error> {
        Ok(serde_json::from_str::<serde_json::Map<String, Value>>(text)?.keys().cloned().collect())
    };
    assert_eq!(order(&after.to_string())?, order(UNTOUCHED)?);
    Ok(())
}

#[tokio::test]
async fn keys_bind_in_any_casing_and_values_as_text() -> Outcome {
    let emulator = Emulator::start()?;
    let body = UNTOUCHED
        .replace("\"enablementType\":0", "\"ENABLEMENTTYPE\":\"2\"")
        .replace("\"notifyOnAdminPasswordReset\":false", "\"NotifyOnAdminPasswordReset\":\"True\"");
    assert_eq!(emulator.put(CONTOSO, POLICY, &body).await?.body, "true");
    let after = emulator.policy(CONTOSO).await?;
    assert_eq!((&after["enablementType"], &after["notifyOnAdminPasswordReset"]), (&json!(2), &json!(true)));
    Ok(())
}

#[tokio::test]
async fn a_short_body_erases_what_it_leaves_out() -> Outcome {
    let emulator = Emulator::start()?;
    let body = r#"{"numberOfAuthenticationMethodsRequired":1,"emailOptionEnabled":true,"numberOfQuestionsToRegister":3,
        "numberOfQuestionsToReset":3,"skipRegistrationMaxAllowedDays":7}"#;
    assert_eq!(emulator.put(CONTOSO, POLICY, body).await?.body, "true");
    let after = emulator.policy(CONTOSO).await?;
    assert_eq!(after["notifyUsersOnPasswordReset"], json!(false));
    assert_eq!(after["registrationReconfirmIntevalInDays"], json!(0));
    assert_eq!(after["emailOptionAllowed"], json!(true), "availability is not the client's to write");
    let refused = emulator.put(CONTOSO, POLICY, r#"{"enablementType":2}"#).await?;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    Ok(())
}

#[tokio::test]
async fn the_groups_name_is_resolved_only_on_request() -> Outcome {
    let emulator = Emulator::start()?;
    let plain = emulator.policy(FABRIKAM).await?;
    assert_eq!(plain["passwordResetEnabledGroupIds"].as_array().map(Vec::len), Some(1));
    assert_eq!(plain["passwordResetEnabledGroupName"], "");
    for (flag, name) in [("true", "SSPR Users"), ("True", "SSPR Users"), ("false", "")] {
        let path = format!("{POLICY}?getPasswordResetEnabledGroup={flag}");
        assert_eq!(emulator.get(FABRIKAM, &path).await?.json()?["passwordResetEnabledGroupName"], name);
    }
    // The service ignores a name in the body.
    emulator.change(FABRIKAM, &[("passwordResetEnabledGroupName", json!("Marketing"))]).await?;
    assert_eq!(emulator.policy(FABRIKAM).await?["passwordResetEnabledGroupName"], "");
    Ok(())
}

#[tokio::test]
async fn read_only_keys_and_unknown_ones_do_not_stick() -> Outcome {
    let emulator = Emulator::start()?;
    let keys = [("emailOptionAllowed", json!(false)), ("neverHeardOf", json!(1))];
    assert_eq!(emulator.change(CONTOSO, &keys).await?.body, "true");
    assert_eq!(emulator.get(CONTOSO, POLICY).await?.body, UNTOUCHED.trim_end());
    Ok(())
}

#[tokio::test]
async fn unknown_keys_preserve_their_spelling() -> Outcome {
    let emulator = Emulator::start()?;
    let before = emulator.get(TAILSPIN, POLICY).await?.body;
    for text in ["\"resetRiskTolerance\":1.10", "123456789012345678901234567890", "\"weight\":1e2", "Caf\\u00e9 \\/"] {
        assert!(before.contains(text), "{text} in {before}");
    }
    let body = before.replace("\"enablementType\":0", "\"enablementType\":2");
    assert_eq!(emulator.put(TAILSPIN, POLICY, &body).await?.body, "true");
    assert_eq!(emulator.get(TAILSPIN, POLICY).await?.body, body);
    // A client that leaves one of them out erases it.
    let body = body.replace(r#""resetRiskTolerance":1.10,"#, "");
    assert_eq!(emulator.put(TAILSPIN, POLICY, &body).await?.body, "true");
    assert_eq!(emulator.policy(TAILSPIN).await?["resetRiskTolerance"], json!(0));
    Ok(())
}

#[tokio::test]
async fn questions_retain_their_ids_and_new_ones_get_some() -> Outcome {
    let emulator = Emulator::start()?;
    let before = emulator.policy(FABRIKAM).await?["securityQuestions"].clone();
    assert_eq!(before[0]["objectId"], "8df9f139ad3b44258ef05e5cdf2bd740");
    let mut wanted = before.as_array().cloned().unwrap_or_default();
    wanted.reverse();
    wanted.push(json!({"questionText": "What is our motto?", "isCustomQuestion": true, "objectId": null}));
    wanted.push(json!({"questionText": "What was your first job?", "isCustomQuestion": false}));
    wanted.push(json!({"questionText": "Who founded us?", "isCustomQuestion": true, "objectId": "made-up"}));
    assert_eq!(emulator.change(FABRIKAM, &[("securityQuestions", json!(wanted))]).await?.body, "true");
    let after = emulator.policy(FABRIKAM).await?["securityQuestions"].clone();
    for at in 0..6 {
        assert_eq!(after[at], before[5 - at]);
    }
    for at in 6..9 {
        let id = after[at]["objectId"].as_str().unwrap_or_default();
        assert!(id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit()), "{id}");
    }
    Ok(())
}

#[tokio::test]
async fn bad_values_are_refused_in_the_portals_envelope() -> Outcome {
    let emulator = Emulator::start()?;
    let group = |n: u8| format!("55bc0001-0600-4000-8000-00000000000{n}");
    let questions = |texts: &[&str], custom: bool| {
        json!(texts.iter().map(|text| json!({"questionText": text, "isCustomQuestion": custom})).collect::<Vec<_>>())
    };
    let cases: Vec<(&str, Vec<(&str, Value)>)> = vec![
        ("enablementType", vec![("enablementType", json!(3))]),
        ("numberOfAuthenticationMethodsRequired", vec![("numberOfAuthenticationMethodsRequired", json!(0))]),
        ("numberOfAuthenticationMethodsRequired", vec![("numberOfAuthenticationMethodsRequired", json!(3))]),
        ("numberOfQuestionsToRegister", vec![("numberOfQuestionsToRegister", json!(6))]),
        ("numberOfQuestionsToReset", vec![("numberOfQuestionsToReset", json!(2))]),
        ("registrationReconfirmIntevalInDays", vec![("registrationReconfirmIntevalInDays", json!(731))]),
        ("more than", vec![("numberOfQuestionsToRegister", json!(3)), ("numberOfQuestionsToReset", json!(4))]),
        ("are enabled", vec![("emailOptionEnabled", json!(false)), ("mobilePhoneOptionEnabled", json!(false))]),
        (
            "mobile app needs",
            vec![
                ("emailOptionEnabled", json!(false)),
                ("mobilePhoneOptionEnabled", json!(false)),
                ("mobileAppCodeEnabled", json!(true)),
            ],
        ),
        (
            "mobile app needs 2",
            vec![
                ("numberOfAuthenticationMethodsRequired", json!(2)),
                ("emailOptionEnabled", json!(false)),
                ("mobileAppCodeEnabled", json!(true)),
            ],
        ),
        ("A group is required", vec![("enablementType", json!(1))]),
        ("does not exist", vec![("enablementType", json!(1)), ("passwordResetEnabledGroupIds", json!([group(9)]))]),
        ("2 groups", vec![("passwordResetEnabledGroupIds", json!([group(1), group(2)]))]),
        ("passwordResetEnabledGroupIds", vec![("passwordResetEnabledGroupIds", json!("not a list"))]),
        ("web address", vec![("customizeHelpdeskLink", json!(true))]),
        (
            "web address",
            vec![("customizeHelpdeskLink", json!(true)), ("customHelpdeskEmailOrUrl", json!("ftp://contoso.com"))],
        ),
        ("are selected", vec![("securityQuestionsOptionEnabled", json!(true))]),
        ("not a predefined", vec![("securityQuestions", questions(&["What is this?"], false))]),
        ("3 to 200", vec![("securityQuestions", questions(&["ab"], true))]),
        ("3 to 200", vec![("securityQuestions", questions(&["ä".repeat(201).as_str()], true))]),
        ("occurs twice", vec![("securityQuestions", questions(&["Why?!", "Why?!"], true))]),
        ("notifyUsersOnPasswordReset", vec![("notifyUsersOnPasswordReset", Value::Null)]),
        ("objectId", vec![("objectId", json!("other"))]),
    ];
    for (says, keys) in cases {
        let refused = emulator.change(CONTOSO, &keys).await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{says}: {keys:?}");
        let message = refused.json()?["Message"].as_str().unwrap_or_default().to_owned();
        assert!(message.contains(says), "{message} / {says}");
    }
    assert_eq!(emulator.get(CONTOSO, POLICY).await?.body, UNTOUCHED.trim_end(), "a refusal changes nothing");
    for body in ["", "[]", "{\"enablementType\":"] {
        assert_eq!(emulator.put(CONTOSO, POLICY, body).await?.status, StatusCode::BAD_REQUEST, "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn groups_must_be_security_groups_and_the_zero_id_is_none() -> Outcome {
    let emulator = Emulator::start()?;
    let marketing = json!(["55bc0002-0600-4000-8000-000000000005"]);
    let refused = emulator.change(FABRIKAM, &[("passwordResetEnabledGroupIds", marketing)]).await?;
    assert!(refused.body.contains("not security-enabled"), "{}", refused.body);
    let zero = json!(["00000000-0000-0000-0000-000000000000"]);
    let scope =
        |kind: i32, ids: &Value| [("enablementType", json!(kind)), ("passwordResetEnabledGroupIds", ids.clone())];
    assert_eq!(emulator.change(CONTOSO, &scope(2, &zero)).await?.body, "true");
    let upper = json!(["55BC0001-0600-4000-8000-000000000001"]);
    assert_eq!(emulator.change(CONTOSO, &scope(1, &upper)).await?.body, "true");
    let ids = emulator.policy(CONTOSO).await?["passwordResetEnabledGroupIds"].clone();
    assert_eq!(ids, json!(["55bc0001-0600-4000-8000-000000000001"]));
    assert_eq!(emulator.change(CONTOSO, &scope(1, &zero)).await?.status, StatusCode::BAD_REQUEST);
    Ok(())
}

#[tokio::test]
async fn a_migrated_tenant_is_written_only_past_the_method_count() -> Outcome {
    let emulator = Emulator::start()?;
    let mut policy = emulator.policy(ADATUM).await?;
    policy["notifyOnAdminPasswordReset"] = json!(true);
    let refused = emulator.put(ADATUM, POLICY, &policy.to_string()).await?;
    assert!(refused.body.contains("2 authentication methods are required"), "{}", refused.body);
    let path = format!("{POLICY}?byPassMethodCountCheck=true");
    assert_eq!(emulator.put(ADATUM, &path, &policy.to_string()).await?.body, "true");
    assert_eq!(emulator.policy(ADATUM).await?["notifyOnAdminPasswordReset"], json!(true));
    Ok(())
}

#[tokio::test]
async fn a_free_tenant_cannot_enable_users() -> Outcome {
    let emulator = Emulator::start()?;
    let refused = emulator.change(NORTHWIND, &[("enablementType", json!(2))]).await?;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.json()?["ClientData"]["errorCode"], "FeatureNotAvailable");
    assert_eq!(emulator.change(NORTHWIND, &[("notifyOnAdminPasswordReset", json!(true))]).await?.body, "true");
    Ok(())
}

#[tokio::test]
async fn a_write_needs_json_and_bears_any_query() -> Outcome {
    let emulator = Emulator::start()?;
    let token = emulator.token(CONTOSO, Audience::Portal, &Person::Administrator)?;
    let form = emulator.portal(Method::PUT, POLICY, &token).body(UNTOUCHED);
    assert_eq!(answer(form).await?.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for query in ["?ESRV2=true", "?api-version=2.0", ""] {
        let put = sending(emulator.portal(Method::PUT, &format!("{POLICY}{query}"), &token), UNTOUCHED);
        assert_eq!(answer(put).await?.body, "true", "{query}");
    }
    Ok(())
}
