//! `/subscribedSkus`: the products that the organization has bought.

use serde_json::{Value, json};

use super::errors::{self, require_get};
use super::query::{self, Collection};
use crate::http::message::{Answer, Caller, Request};
use crate::state::tenant::{Licence, Tenant};

const READ: [&str; 5] = [
    "LicenseAssignment.Read.All",
    "Organization.Read.All",
    "Organization.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const PROPERTIES: [&str; 11] = [
    "accountName",
    "accountId",
    "appliesTo",
    "capabilityStatus",
    "consumedUnits",
    "id",
    "prepaidUnits",
    "servicePlans",
    "skuId",
    "skuPartNumber",
    "subscriptionIds",
];

type Plan = (&'static str, &'static str);
const P1: Plan = ("AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d");
const P2: Plan = ("AAD_PREMIUM_P2", "eec0eb4f-6444-4f95-aba0-50c24d67f998");
const SMB: Plan = ("AAD_SMB", "de377cbc-0019-4ec2-b77c-3f223947e102");
const MFA: Plan = ("MFA_PREMIUM", "8a256a2b-b617-496d-b51b-e76466e88db0");
const CLOUD_APPS: Plan = ("ADALLOM_S_O365", "8c098270-9dd4-4350-9b30-ba4703f3b36b");

/// The part number, the id and the service plans of a product.
type Product = (&'static str, &'static str, &'static [Plan]);
const PREMIUM: Product = ("AAD_PREMIUM", "078d2b04-f1bd-4111-bbd4-b4b1b354cef4", &[P1, MFA]);
const EMS: Product = ("EMSPREMIUM", "b05e124f-c7cc-45a0-a6aa-8cf78c946968", &[P1, P2, MFA]);
const OFFICE: Product = ("ENTERPRISEPREMIUM", "c7df2760-2c81-4ef7-b578-5b5392b571df", &[CLOUD_APPS]);
const OFFICE_E3: Product = ("ENTERPRISEPACK", "6fd2c87f-b296-42f0-b197-1e91e994b900", &[CLOUD_APPS]);
const BUSINESS_PREMIUM: Product = ("SPB", "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", &[P1, SMB]);
/// The part number contains `PREMIUM`, but this is Business Standard, which has no plan for the directory.
const BUSINESS_STANDARD: Product = ("O365_BUSINESS_PREMIUM", "f245ecc8-75af-4f8e-b61f-27d8114de5f3", &[]);

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    require_get(request)?;
    if !caller.has_any_scope(&READ) {
        return Err(errors::insufficient_privileges(request));
    }
    query::allow_options(request, &["$select"])?;
    let all = Collection {
        context: "subscribedSkus",
        kind: "microsoft.graph.subscribedSku",
        properties: &PROPERTIES,
        objects: products(tenant.licence).iter().map(|product| product_json(tenant, product)).collect(),
    };
    match request.segments.get(2..) {
        None | Some([]) => query::page(request, all),
        Some([id]) => {
            let found =
                all.objects.iter().find(|one| one["id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(id)));
            let found = found.cloned().ok_or_else(|| errors::unknown_object(request, id))?;
            query::single(request, &all, found)
        }
        Some([_, other, ..]) => Err(errors::unknown_segment(request, other)),
    }
}

fn products(licence: Licence) -> &'static [Product] {
    match licence {
        Licence::Free => &[],
        Licence::Office365 => &[OFFICE_E3],
        Licence::BusinessStandard => &[BUSINESS_STANDARD],
        Licence::BusinessPremium => &[BUSINESS_PREMIUM],
        Licence::P1 => &[PREMIUM],
        Licence::P2 => &[OFFICE, EMS],
    }
}

fn product_json(tenant: &Tenant, (part_number, id, plans): &Product) -> Value {
    let plan = |(name, id): &Plan| json!({"servicePlanId": id, "servicePlanName": name, "provisioningStatus": "Success", "appliesTo": "User"});
    json!({
        "accountName": tenant.domain().trim_end_matches(".onmicrosoft.com"),
        "accountId": tenant.id,
        "appliesTo": "User",
        "capabilityStatus": "Enabled",
        "consumedUnits": tenant.user_count(),
        "id": format!("{}_{id}", tenant.id),
        "prepaidUnits": {"enabled": tenant.user_count(), "lockedOut": 0, "suspended": 0, "warning": 0},
        "servicePlans": plans.iter().map(plan).collect::<Vec<_>>(),
        "skuId": id,
        "skuPartNumber": part_number,
        "subscriptionIds": [uuid::Uuid::from_u128(tenant.id.as_u128() ^ u128::from(id.as_bytes()[0]))],
    })
}
