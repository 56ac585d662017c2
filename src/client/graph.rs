//! The endpoints of Microsoft Graph v1.0 that are used, and the one of the sign-in service that tells a domain's tenant.

use reqwest::Method;
use url::{Url, form_urlencoded};

use crate::client::endpoints::below;
use crate::client::transport::{Call, Payload};
use crate::tenant::group::GroupQuery;

const IDS: &[&str] = &["client-request-id"];
const METHODS: &[&str] = &["v1.0", "policies", "authenticationMethodsPolicy"];
const GROUP_KEYS: &str = "$select=id,displayName,securityEnabled";

/// Reads the authorization policy.
pub(crate) fn read_authorization(base: &Url) -> Call {
    get(below(base, &["v1.0", "policies", "authorizationPolicy"]))
}

/// Merges keys into the authorization policy.
pub(crate) fn write_authorization(base: &Url, body: String) -> Call {
    let url = below(base, &["v1.0", "policies", "authorizationPolicy"]);
    Call { method: Method::PATCH, url, ids: IDS, payload: Payload::Json(body) }
}

/// Reads the authentication methods policy with all its configurations. Takes no query options.
pub(crate) fn read_methods(base: &Url) -> Call {
    get(below(base, METHODS))
}

/// Merges keys into one method configuration.
pub(crate) fn write_method(base: &Url, configuration: &str, body: String) -> Call {
    let url = below(base, &[METHODS, &["authenticationMethodConfigurations", configuration]].concat());
    Call { method: Method::PATCH, url, ids: IDS, payload: Payload::Json(body) }
}

/// Asks which tenant the token belongs to.
pub(crate) fn identify(base: &Url) -> Call {
    let mut url = below(base, &["v1.0", "organization"]);
    url.set_query(Some("$select=id,displayName,verifiedDomains"));
    get(url)
}

/// Lists the tenant's subscriptions.
pub(crate) fn subscriptions(base: &Url) -> Call {
    let mut url = below(base, &["v1.0", "subscribedSkus"]);
    url.set_query(Some("$select=skuId,capabilityStatus,servicePlans"));
    get(url)
}

/// Asks whether the directory is synchronised from on premises.
pub(crate) fn synchronisation(base: &Url) -> Call {
    let mut url = below(base, &["v1.0", "organization"]);
    url.set_query(Some("$select=id,onPremisesSyncEnabled"));
    get(url)
}

/// Looks up groups. By name at most two are asked for: a second one already proves that the name is ambiguous.
pub(crate) fn groups(base: &Url, query: &GroupQuery) -> Call {
    match query {
        GroupQuery::Id(id) => {
            let mut url = below(base, &["v1.0", "groups", &id.to_string()]);
            url.set_query(Some(GROUP_KEYS));
            get(url)
        }
        GroupQuery::Name(name) => {
            let mut url = below(base, &["v1.0", "groups"]);
            let filter = format!("displayName eq '{}'", name.replace('\'', "''"));
            url.set_query(Some(&format!("$filter={}&{GROUP_KEYS}&$top=2", encoded(&filter))));
            get(url)
        }
    }
}

/// Asks the sign-in service which tenant has verified a domain.
pub(crate) fn tenant_of(login: &Url, domain: &str) -> Call {
    get(below(login, &[domain, "v2.0", ".well-known", "openid-configuration"]))
}

/// Percent-encoding as in a path: a form's plus sign is not a space everywhere.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn get(url: Url) -> Call {
    Call { method: Method::GET, url, ids: IDS, payload: Payload::Nothing }
}
