//! What one version of Graph has and the other does not, and words of enums, as Microsoft's metadata has them.

use entra_sandbox::{Audience, Faults, Person, World};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{CONTOSO, Emulator, FABRIKAM, Outcome, answer, json as sending};

const DETAILS: &str = "/v1.0/reports/authenticationMethods/userRegistrationDetails";

#[tokio::test]
async fn a_version_has_its_own_properties_and_takes_no_others_in_select() -> Outcome {
    let emulator = Emulator::start()?;
    for (path, pointer, only, both) in [
        ("organization", "/onPremisesLastPasswordSyncDateTime", "beta", "onPremisesLastSyncDateTime"),
        ("auditLogs/directoryAudits?$top=1", "/initiatedBy/user/homeTenantId", "beta", ""),
        ("deviceManagement/deviceConfigurations", "/roleScopeTagIds", "beta", "version"),
        ("deviceManagement/deviceConfigurations", "/supportsScopeTags", "beta", "version"),
        ("deviceManagement/deviceConfigurations", "/omaSettings/0/isEncrypted", "beta", ""),
        ("identity/conditionalAccess/policies", "/templateId", "v1.0", "state"),
    ] {
        for version in ["v1.0", "beta"] {
            let list = emulator.graph(FABRIKAM, &format!("/{version}/{path}")).await?.json()?;
            let first = &list["value"][0];
            assert_eq!(first.pointer(pointer).is_some(), version == only, "{version} {path} {first}");
            if both.is_empty() {
                continue;
            }
            let select = format!("/{version}/{path}?$select={both},{}", &pointer[1..]);
            let status = if version == only { StatusCode::OK } else { StatusCode::BAD_REQUEST };
            assert_eq!(emulator.graph(FABRIKAM, &select).await?.status, status, "{select}");
            let id = first["id"].as_str().unwrap_or_default();
            let one = emulator.graph(FABRIKAM, &format!("/{version}/{path}/{id}")).await?.json()?;
            assert_eq!(one.pointer(pointer).is_some(), version == only, "{version} {path}/{id}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn consent_is_a_permission_of_users_in_one_version_alone() -> Outcome {
    let emulator = Emulator::start()?;
    let inner = "/defaultUserRolePermissions/permissionGrantPoliciesAssigned";
    let own = "/permissionGrantPolicyIdsAssignedToDefaultUserRole";
    let old = emulator.graph(CONTOSO, "/v1.0/policies/authorizationPolicy").await?.json()?;
    let list = emulator.graph(CONTOSO, "/beta/policies/authorizationPolicy").await?.json()?;
    let one = emulator.graph(CONTOSO, "/beta/policies/authorizationPolicy/authorizationPolicy").await?.json()?;
    assert_eq!((old.pointer(inner).is_some(), old.pointer(own)), (true, None));
    for beta in [&one, &list["value"][0]] {
        assert_eq!((beta.pointer(inner), beta.pointer(own)), (None, old.pointer(inner)));
    }
    assert!(one["@odata.context"].as_str().is_some_and(|context| context.contains("/beta/")), "{one}");
    Ok(())
}

#[tokio::test]
async fn scope_tags_are_not_sent_to_the_version_without_them() -> Outcome {
    let emulator = Emulator::start()?;
    let token = emulator.token(CONTOSO, Audience::Graph, &Person::Administrator)?;
    let body = json!({"@odata.type": "#microsoft.graph.windows10CustomConfiguration", "displayName": "Link",
        "roleScopeTagIds": ["1"]});
    for (version, status) in [("v1.0", StatusCode::BAD_REQUEST), ("beta", StatusCode::CREATED)] {
        let path = format!("/{version}/deviceManagement/deviceConfigurations");
        let sent = answer(sending(emulator.bare(Method::POST, &path).bearer_auth(&token), &body.to_string())).await?;
        assert_eq!(sent.status, status, "{version}: {}", sent.body);
    }
    Ok(())
}

#[tokio::test]
async fn who_has_no_method_prefers_none() -> Outcome {
    let emulator = Emulator::start()?;
    let users = emulator.graph(CONTOSO, DETAILS).await?.json()?["value"].clone();
    let preferred = |user: &Value| user["userPreferredMethodForSecondaryAuthentication"].as_str().map(str::to_owned);
    let words: Vec<String> = users.as_array().into_iter().flatten().filter_map(preferred).collect();
    assert!(words.iter().any(|word| word == "none"));
    assert!(words.iter().all(|word| ["push", "oath", "sms", "none"].contains(&word.as_str())), "{words:?}");
    Ok(())
}

#[tokio::test]
async fn reports_say_only_sometimes_for_how_long_to_wait() -> Outcome {
    let emulator = Emulator::over(World::seeded(), Faults::throttled())?;
    let token = emulator.token(CONTOSO, Audience::Graph, &Person::Administrator)?;
    let mut seen = Vec::new();
    for _ in 0..8 {
        let response = emulator.bare(Method::GET, DETAILS).bearer_auth(&token).send().await?;
        seen.push((response.status().as_u16(), response.headers().contains_key("retry-after")));
    }
    assert_eq!(seen[4..], [(200, false), (429, true), (429, false), (429, true)]);
    Ok(())
}
