//! What a read sends, and what it makes of a good answer.

use std::collections::BTreeSet;

use ssprctl::testing::base::ids::RequestId;
use ssprctl::testing::client::connect;
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::error::TenantErrorKind;
use ssprctl::testing::tenant::group::GroupQuery;
use ssprctl::testing::tenant::surface::{Service, Surface};

use crate::harness::{Checked, GRAPH_TOKEN, Harness, PORTAL_TOKEN, Reply, TENANT, error_of, in_turn};

const GROUP: &str = "b6cdb9c3-d660-4558-bcfd-82c14a986b56";

#[tokio::test]
async fn a_portal_read_has_its_path_and_its_headers() -> Checked {
    let harness = Harness::replying([Reply::new(200, r#"{"objectId":"default"}"#)])?;
    let document = harness.reader()?.read(Surface::PasswordReset).await?;
    assert_eq!(document.raw("objectId"), Some("\"default\""));
    let seen = harness.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].method, "GET");
    assert_eq!(seen[0].target, "/api/PasswordReset/PasswordResetPolicies?getPasswordResetEnabledGroup=true");
    assert_eq!(seen[0].header("authorization"), format!("Bearer {PORTAL_TOKEN}"));
    assert_eq!(seen[0].header("accept"), "application/json");
    assert_eq!(seen[0].header("user-agent"), concat!("ssprctl/", env!("CARGO_PKG_VERSION")));
    seen[0].header("x-ms-client-request-id").parse::<RequestId>()?;
    seen[0].header("x-ms-correlation-id").parse::<RequestId>()?;
    Ok(())
}

#[tokio::test]
async fn each_surface_is_read_from_its_own_place_with_its_own_token() -> Checked {
    let harness = Harness::replying([Reply::new(200, r#"{"authenticationMethodConfigurations":[],"value":[]}"#)])?;
    let reader = harness.reader()?;
    for surface in Surface::ALL {
        reader.read(surface).await?;
    }
    let seen: Vec<_> =
        harness.seen().into_iter().map(|seen| (seen.header("authorization").to_owned(), seen.target)).collect();
    let (portal, graph) = (format!("Bearer {PORTAL_TOKEN}"), format!("Bearer {GRAPH_TOKEN}"));
    assert_eq!(
        seen,
        [
            (portal.clone(), "/api/PasswordReset/PasswordResetPolicies?getPasswordResetEnabledGroup=true".to_owned()),
            (portal, "/api/PasswordReset/OnPremisesPasswordResetPolicies".to_owned()),
            (graph.clone(), "/v1.0/policies/authorizationPolicy".to_owned()),
            (graph.clone(), "/v1.0/policies/authenticationMethodsPolicy".to_owned()),
            (graph.clone(), "/v1.0/identity/conditionalAccess/policies".to_owned()),
            (graph.clone(), "/v1.0/identity/conditionalAccess/namedLocations".to_owned()),
            (graph, "/v1.0/deviceManagement/deviceConfigurations".to_owned()),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn a_base_may_have_a_path_of_its_own() -> Checked {
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    let mut options = harness.options();
    options.overrides.graph = Some(format!("{}/recording/", harness.url()));
    connect(options)?.read(Surface::AuthorizationPolicy).await?;
    assert_eq!(harness.seen()[0].target, "/recording/v1.0/policies/authorizationPolicy");
    Ok(())
}

#[tokio::test]
async fn localhost_is_this_machine() -> Checked {
    let harness = Harness::replying([Reply::new(200, "{}")])?;
    let mut options = harness.options();
    options.overrides.graph = Some(harness.url().replace("127.0.0.1", "localhost"));
    connect(options)?.read(Surface::AuthorizationPolicy).await?;
    assert_eq!(harness.seen().len(), 1);
    Ok(())
}

#[tokio::test]
async fn no_two_requests_share_an_id_not_even_repetitions() -> Checked {
    let harness = Harness::replying([Reply::new(503, ""), Reply::new(200, "{}")])?;
    let reader = harness.reader()?;
    for _ in 0..3 {
        reader.read(Surface::PasswordReset).await?;
        reader.read(Surface::AuthorizationPolicy).await?;
    }
    let seen = harness.seen();
    let ids: BTreeSet<_> = seen
        .iter()
        .map(|seen| format!("{}{}", seen.header("x-ms-client-request-id"), seen.header("client-request-id")))
        .collect();
    assert_eq!(seen.len(), 7);
    assert_eq!(ids.len(), 7);
    assert!(ids.iter().all(|id| id.parse::<RequestId>().is_ok()));
    Ok(())
}

#[tokio::test]
async fn each_system_says_which_tenant_it_is() -> Checked {
    let harness = Harness::new(|seen| match seen.target.as_str() {
        "/api/Directories/Properties" => {
            Reply::new(200, format!(r#"{{"objectId":"{TENANT}","displayName":"Contoso","x":1}}"#))
        }
        "/v1.0/organization?$select=id,displayName,verifiedDomains" => Reply::new(
            200,
            format!(
                r#"{{"value":[{{"id":"{}","displayName":null,"verifiedDomains":[{{"name":"Contoso.com","isDefault":true}}]}}]}}"#,
                TENANT.to_uppercase()
            ),
        ),
        _ => Reply::new(404, ""),
    })?;
    let reader = harness.reader()?;
    let portal = reader.identify(Service::Portal).await?;
    assert_eq!((portal.id.to_string().as_str(), portal.name.as_str(), portal.domains.len()), (TENANT, "Contoso", 0));
    let graph = reader.identify(Service::Graph).await?;
    assert_eq!((graph.id, graph.name.as_str()), (portal.id, ""));
    assert_eq!(graph.domains, ["contoso.com"]);
    Ok(())
}

#[tokio::test]
async fn an_organisation_without_an_entry_is_not_a_tenant() -> Checked {
    let harness = Harness::replying([Reply::new(200, r#"{"value":[]}"#)])?;
    let found = error_of(harness.reader()?.identify(Service::Graph).await)?;
    assert_eq!(found.kind, TenantErrorKind::UnexpectedResponse);
    assert!(found.request_id.is_some());
    Ok(())
}

#[tokio::test]
async fn a_group_name_is_escaped_for_the_filter_and_for_the_address() -> Checked {
    let harness = Harness::replying([Reply::new(200, r#"{"value":[]}"#)])?;
    let name = "Anna's R&D + Käse #1/2?%20";
    assert!(harness.reader()?.groups(&GroupQuery::Name(name.to_owned())).await?.is_empty());
    let target = harness.seen()[0].target.clone();
    assert_eq!(
        target,
        "/v1.0/groups?$filter=displayName%20eq%20%27Anna%27%27s%20R%26D%20%2B%20K%C3%A4se%20%231%2F2%3F%2520%27\
         &$select=id,displayName,securityEnabled,groupTypes,membershipRule&$top=2"
    );
    let url = url::Url::parse(&format!("http://localhost{target}"))?;
    let filter = url.query_pairs().find(|(key, _)| key == "$filter").map(|(_, value)| value.into_owned());
    assert_eq!(filter.as_deref(), Some("displayName eq 'Anna''s R&D + Käse #1/2?%20'"));
    Ok(())
}

#[tokio::test]
async fn groups_are_found_by_name_and_by_id() -> Checked {
    let one = format!(r#"{{"id":"{GROUP}","displayName":"SSPR-Pilot","securityEnabled":true}}"#);
    let other = r#"{"id":"00000000-1111-4222-8333-444444444444","displayName":"sspr-pilot","securityEnabled":null}"#;
    let (by_id, by_name) = (one.clone(), format!(r#"{{"value":[{one},{other}]}}"#));
    let harness = Harness::new(move |seen| {
        Reply::new(200, if seen.target.contains("$filter") { by_name.clone() } else { by_id.clone() })
    })?;
    let reader = harness.reader()?;
    let groups = reader.groups(&GroupQuery::Id(GROUP.parse()?)).await?;
    assert_eq!(
        harness.seen()[0].target,
        format!("/v1.0/groups/{GROUP}?$select=id,displayName,securityEnabled,groupTypes,membershipRule")
    );
    assert_eq!((groups.len(), groups[0].name.as_str(), groups[0].security_enabled), (1, "SSPR-Pilot", true));
    let groups = reader.groups(&GroupQuery::Name("SSPR-Pilot".to_owned())).await?;
    assert_eq!(groups.iter().map(|group| group.security_enabled).collect::<Vec<_>>(), [true, false]);
    Ok(())
}

#[tokio::test]
async fn a_group_that_is_not_there_is_no_error_but_an_unknown_route_is() -> Checked {
    let absent = r#"{"error":{"code":"Request_ResourceNotFound","message":"Resource does not exist."}}"#;
    let harness = Harness::replying([Reply::new(404, absent), Reply::new(404, "nothing here")])?;
    let reader = harness.reader()?;
    let query = GroupQuery::Id(GROUP.parse()?);
    assert!(reader.groups(&query).await?.is_empty());
    assert_eq!(error_of(reader.groups(&query).await)?.kind, TenantErrorKind::UnexpectedResponse);
    Ok(())
}

#[tokio::test]
async fn the_tenant_of_a_domain_is_asked_without_a_token() -> Checked {
    let body = format!(r#"{{"issuer":"https://login.microsoftonline.com/{TENANT}/v2.0","token_endpoint":"x"}}"#);
    let unknown =
        r#"{"error":"invalid_tenant","error_description":"AADSTS90002: Tenant 'x' not found.","error_codes":[90002]}"#;
    let harness = Harness::discovering(in_turn([
        Reply::new(200, body),
        Reply::new(400, unknown),
        Reply::new(200, r#"{"issuer":"https://x/"}"#),
    ]))?;
    let reader = harness.reader()?;
    assert_eq!(reader.tenant_of("contoso.com").await?.to_string(), TENANT);
    let found = error_of(reader.tenant_of("fabrikam.com").await)?;
    assert_eq!(
        (found.kind, found.message.as_str()),
        (TenantErrorKind::NotFound, "no tenant has verified the domain fabrikam.com")
    );
    assert!(found.request_id.is_some());
    assert_eq!(error_of(reader.tenant_of("contoso.com").await)?.kind, TenantErrorKind::UnexpectedResponse);
    let seen = harness.seen();
    assert_eq!(seen[0].target, "/contoso.com/v2.0/.well-known/openid-configuration");
    assert!(seen.iter().all(|seen| seen.header("authorization").is_empty()));
    Ok(())
}
