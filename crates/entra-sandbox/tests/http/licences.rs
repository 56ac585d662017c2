//! Licences and synchronization, which Graph and the portal must report alike.

use entra_sandbox::{Audience, Person, Role};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{ADATUM, CONTOSO, Emulator, FABRIKAM, NORTHWIND, ON_PREMISES, Outcome, POLICY, TAILSPIN, answer};

const SKUS: &str = "/v1.0/subscribedSkus";
const SYNC: &str = "/v1.0/directory/onPremisesSynchronization";

#[tokio::test]
async fn products_agree_with_what_the_portal_lets_a_tenant_do() -> Outcome {
    let emulator = Emulator::start()?;
    for (tenant, products, premium, resets) in [
        (CONTOSO, vec!["AAD_PREMIUM"], true, true),
        (FABRIKAM, vec!["ENTERPRISEPREMIUM", "EMSPREMIUM"], true, true),
        (NORTHWIND, vec![], false, false),
        (ADATUM, vec!["SPB"], true, true),
        (TAILSPIN, vec!["O365_BUSINESS_PREMIUM"], false, true),
    ] {
        let skus = emulator.graph(tenant, SKUS).await?.json()?["value"].clone();
        let skus = skus.as_array().ok_or("no value")?;
        assert_eq!(skus.iter().filter_map(|sku| sku["skuPartNumber"].as_str()).collect::<Vec<_>>(), products);
        let plans: Vec<&Value> = skus.iter().filter_map(|sku| sku["servicePlans"].as_array()).flatten().collect();
        assert_eq!(plans.iter().any(|plan| plan["servicePlanName"] == "AAD_PREMIUM"), premium, "{tenant}");
        assert_eq!(emulator.get(tenant, "/api/TenantSkuInfo").await?.json()?["aadPremium"], json!(premium));
        assert_eq!(emulator.get(tenant, ON_PREMISES).await?.status.is_success(), premium, "{tenant}");
        let mut policy = emulator.policy(tenant).await?;
        policy["enablementType"] = json!(2);
        let path = format!("{POLICY}?byPassMethodCountCheck=true");
        assert_eq!(emulator.put(tenant, &path, &policy.to_string()).await?.status.is_success(), resets, "{tenant}");
    }
    Ok(())
}

#[tokio::test]
async fn a_product_has_its_documented_shape() -> Outcome {
    let emulator = Emulator::start()?;
    let sku = emulator.graph(ADATUM, SKUS).await?.json()?["value"][0].clone();
    let tenant = "55bc0004-0000-4000-8000-000000000001";
    let expected = json!({
        "accountName": "adatum", "accountId": tenant, "appliesTo": "User", "capabilityStatus": "Enabled",
        "consumedUnits": 33, "id": format!("{tenant}_cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46"),
        "prepaidUnits": {"enabled": 33, "lockedOut": 0, "suspended": 0, "warning": 0},
        "servicePlans": [
            {"servicePlanId": "41781fb2-bc02-4b7c-bd55-b576c07bb09d", "servicePlanName": "AAD_PREMIUM",
             "provisioningStatus": "Success", "appliesTo": "User"},
            {"servicePlanId": "de377cbc-0019-4ec2-b77c-3f223947e102", "servicePlanName": "AAD_SMB",
             "provisioningStatus": "Success", "appliesTo": "User"}],
        "skuId": "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", "skuPartNumber": "SPB",
        "subscriptionIds": sku["subscriptionIds"],
    });
    assert_eq!(sku, expected);
    let one = emulator.graph(ADATUM, &format!("{SKUS}/{}", sku["id"].as_str().unwrap_or_default())).await?.json()?;
    assert_eq!(one["skuPartNumber"], "SPB");
    let selected = emulator.graph(ADATUM, &format!("{SKUS}?$select=skuPartNumber")).await?.json()?;
    assert_eq!(selected["value"], json!([{"skuPartNumber": "SPB"}]));
    for query in ["$filter=skuPartNumber eq 'SPB'", "$top=1", "$expand=x", "$select=nonsense"] {
        let refused = emulator.graph(ADATUM, &format!("{SKUS}?{query}")).await?;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
    }
    assert_eq!(emulator.graph(ADATUM, &format!("{SKUS}/x")).await?.status, StatusCode::NOT_FOUND);
    let person = Person::Scoped { roles: vec![Role::GlobalAdministrator], scopes: vec!["Policy.Read.All".to_owned()] };
    let token = emulator.token(ADATUM, Audience::Graph, &person)?;
    assert_eq!(answer(emulator.bare(Method::GET, SKUS).bearer_auth(token)).await?.status, StatusCode::FORBIDDEN);
    Ok(())
}

#[tokio::test]
async fn synchronization_is_reported_and_writeback_never() -> Outcome {
    let emulator = Emulator::start()?;
    for (tenant, synced) in [(CONTOSO, Value::Null), (FABRIKAM, json!(true))] {
        let own = emulator.graph(tenant, "/v1.0/organization").await?.json()?["value"][0].clone();
        assert_eq!(own["onPremisesSyncEnabled"], synced);
        let hybrid = synced == json!(true);
        let moment = |text: &str| if hybrid { json!(text) } else { Value::Null };
        assert_eq!(own["onPremisesLastSyncDateTime"], moment("2026-05-13T07:00:35Z"));
        let beta = emulator.graph(tenant, "/beta/organization").await?.json()?["value"][0].clone();
        assert_eq!(beta["onPremisesLastPasswordSyncDateTime"], moment("2026-05-13T07:16:35Z"));
        let sync = emulator.graph(tenant, SYNC).await?.json()?["value"][0].clone();
        assert_eq!(sync["features"]["passwordSyncEnabled"], json!(hybrid));
        assert_eq!(sync["features"]["passwordWritebackEnabled"], json!(false), "although Fabrikam writes back");
        assert_eq!(sync["features"].as_object().map(serde_json::Map::len), Some(20));
        let by_id = format!("{SYNC}/{}", sync["id"].as_str().unwrap_or_default());
        assert_eq!(emulator.graph(tenant, &by_id).await?.json()?["features"], sync["features"]);
    }
    for (person, may) in [
        (Person::Holding(vec![Role::HybridIdentityAdministrator]), true),
        (Person::Holding(vec![Role::AuthenticationPolicyAdministrator]), false),
        (Person::lacking(&["OnPremDirectorySynchronization.Read.All"]), false),
        (Person::App, false),
    ] {
        let token = emulator.token(FABRIKAM, Audience::Graph, &person)?;
        let status = answer(emulator.bare(Method::GET, SYNC).bearer_auth(token)).await?.status;
        assert_eq!(status, if may { StatusCode::OK } else { StatusCode::FORBIDDEN }, "{person:?}");
    }
    Ok(())
}
