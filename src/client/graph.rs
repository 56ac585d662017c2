//! Builds requests to Microsoft Graph v1.0: those that all documents share, those that read no document, and the one to the
//! sign-in service that looks up the tenant of a domain. Each document has its own file in
//! [`documents`](crate::client::documents).

use jiff::Timestamp;
use reqwest::Method;
use url::{Url, form_urlencoded};

use crate::base::ids::ObjectId;
use crate::client::endpoints::below;
use crate::client::transport::{HttpRequest, Payload};
use crate::tenant::audit::AuditQuery;
use crate::tenant::group::GroupQuery;

const IDS: &[&str] = &["client-request-id"];
const ACCOUNT_KEYS: &str = "$select=id,userPrincipalName,accountEnabled,onPremisesSyncEnabled,externalUserState";
const GROUP_KEYS: &str = "$select=id,displayName,securityEnabled,groupTypes,membershipRule";

/// Creates an object of a collection, or merges keys into the one with that id.
pub(crate) fn write_object(base: &Url, collection: &[&str], id: Option<&str>, body: String) -> HttpRequest {
    let method = if id.is_some() { Method::PATCH } else { Method::POST };
    let url = below(base, &collection.iter().copied().chain(id).collect::<Vec<_>>());
    send(method, url, body)
}

/// Asks which tenant the token belongs to.
pub(crate) fn identify(base: &Url) -> HttpRequest {
    let mut url = below(base, &["v1.0", "organization"]);
    url.set_query(Some("$select=id,displayName,verifiedDomains"));
    get(url)
}

/// Lists the tenant's subscriptions.
pub(crate) fn subscriptions(base: &Url) -> HttpRequest {
    let mut url = below(base, &["v1.0", "subscribedSkus"]);
    url.set_query(Some("$select=skuId,capabilityStatus,servicePlans"));
    get(url)
}

/// Asks whether the directory is synchronised from on premises, and for a moment that every organisation has: where both are
/// `null`, the token may read neither.
pub(crate) fn synchronisation(base: &Url) -> HttpRequest {
    let mut url = below(base, &["v1.0", "organization"]);
    url.set_query(Some("$select=id,createdDateTime,onPremisesSyncEnabled"));
    get(url)
}

/// Looks up groups. By name at most two are requested: a second one already proves that the name is ambiguous.
pub(crate) fn groups(base: &Url, query: &GroupQuery) -> HttpRequest {
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

/// Lists the members of a group at any depth, by id only, which the least privileged permission covers. Without a type in the
/// URL this is no advanced query, so it is not served from an index that lags.
pub(crate) fn members(base: &Url, group: ObjectId) -> HttpRequest {
    let mut url = below(base, &["v1.0", "groups", &group.to_string(), "transitiveMembers"]);
    url.set_query(Some("$select=id&$top=999"));
    page_of(url)
}

/// Lists the administrators in the report of who registered.
pub(crate) fn administrators(base: &Url) -> HttpRequest {
    let mut call = administrators_plain(base);
    call.url.set_query(Some("$filter=isAdmin%20eq%20true&$select=id&$top=999"));
    call
}

/// Lists them without the options that are not documented for the report.
pub(crate) fn administrators_plain(base: &Url) -> HttpRequest {
    let mut call = registration_plain(base);
    call.url.set_query(Some("$filter=isAdmin%20eq%20true"));
    call
}

/// Asks the audit log for an activity, by the beginning of its name.
pub(crate) fn audit_of_activity(base: &Url, query: &AuditQuery) -> HttpRequest {
    audit(base, query, &format!("startswith(activityDisplayName,'{}')", query.activity))
}

/// Asks the audit log for everything that a service logged.
pub(crate) fn audit_of_service(base: &Url, query: &AuditQuery) -> HttpRequest {
    audit(base, query, &format!("loggedByService eq '{}'", query.service))
}

fn audit(base: &Url, query: &AuditQuery, which: &str) -> HttpRequest {
    let AuditQuery { since, until, .. } = query;
    audit_with(base, &format!("activityDateTime ge {since:.3} and activityDateTime le {until:.3} and {which}"))
}

fn audit_with(base: &Url, filter: &str) -> HttpRequest {
    let mut url = below(base, &["v1.0", "auditLogs", "directoryAudits"]);
    url.set_query(Some(&format!("$filter={}&$orderby=activityDateTime%20desc&$top=100", encoded(filter))));
    get(url)
}

/// Reads the report of who registered: only the keys that are counted, in the largest pages that are known to work.
pub(crate) fn registration(base: &Url) -> HttpRequest {
    let mut call = registration_plain(base);
    let keys = "userType,isAdmin,isSsprRegistered,isSsprEnabled,isSsprCapable,lastUpdatedDateTime";
    call.url.set_query(Some(&format!("$select={keys}&$top=999")));
    call
}

/// The same with the methods of each person, and without names.
pub(crate) fn registration_of_people(base: &Url) -> HttpRequest {
    let mut call = registration_plain(base);
    let keys = "id,userType,isAdmin,isSsprEnabled,isSsprCapable,methodsRegistered,lastUpdatedDateTime";
    call.url.set_query(Some(&format!("$select={keys}&$top=999")));
    call
}

/// Reads the report of who registered without any option.
pub(crate) fn registration_plain(base: &Url) -> HttpRequest {
    page_of(below(base, &["v1.0", "reports", "authenticationMethods", "userRegistrationDetails"]))
}

/// Lists the accounts of the directory, with what decides whether they can reset. A name is the only sign of an account of
/// another tenant that every such account has.
pub(crate) fn accounts(base: &Url) -> HttpRequest {
    let mut url = below(base, &["v1.0", "users"]);
    url.set_query(Some(&format!("{ACCOUNT_KEYS}&$top=999")));
    page_of(url)
}

/// The same with further keys.
pub(crate) fn named_accounts(base: &Url, keys: &[&str]) -> HttpRequest {
    let mut call = accounts(base);
    let keys: String = keys.iter().map(|key| format!(",{key}")).collect();
    call.url.set_query(Some(&format!("{ACCOUNT_KEYS}{keys}&$top=999")));
    call
}

/// Asks how many accounts the directory has. Counting is an advanced query, which needs the header.
pub(crate) fn account_count(base: &Url) -> HttpRequest {
    let mut url = below(base, &["v1.0", "users"]);
    url.set_query(Some("$count=true&$select=id&$top=1"));
    let payload = Payload::Headers { plain: vec![("consistencylevel", "eventual")], secrets: Vec::new() };
    HttpRequest { payload, ..get(url) }
}

/// The same request with another query.
pub(crate) fn with_query(mut call: HttpRequest, query: &str) -> HttpRequest {
    call.url.set_query(Some(query));
    call
}

/// Reads one account, by sign-in name or object id.
pub(crate) fn account(base: &Url, user: &str) -> HttpRequest {
    let mut url = below(base, &["v1.0", "users", user]);
    url.set_query(Some(ACCOUNT_KEYS));
    get(url)
}

/// Lists the groups and the directory roles of a person, at any depth.
pub(crate) fn memberships(base: &Url, person: ObjectId) -> HttpRequest {
    let mut call = memberships_plain(base, person);
    call.url.set_query(Some("$select=id,displayName,roleTemplateId&$top=999"));
    call
}

/// Lists the same without selecting keys that only roles have.
pub(crate) fn memberships_plain(base: &Url, person: ObjectId) -> HttpRequest {
    get(below(base, &["v1.0", "users", &person.to_string(), "transitiveMemberOf"]))
}

/// Lists the groups that are direct members of a group. The type in the address makes it an advanced query.
pub(crate) fn groups_in(base: &Url, group: ObjectId) -> HttpRequest {
    let mut url = below(base, &["v1.0", "groups", &group.to_string(), "members", "microsoft.graph.group"]);
    url.set_query(Some("$count=true&$select=id,displayName&$top=999"));
    let eventual = Payload::Headers { plain: vec![("ConsistencyLevel", "eventual")], secrets: Vec::new() };
    HttpRequest { payload: eventual, ..get(url) }
}

/// Reads one person's line of the report of who registered.
pub(crate) fn registration_of(base: &Url, person: ObjectId) -> HttpRequest {
    get(below(base, &["v1.0", "reports", "authenticationMethods", "userRegistrationDetails", &person.to_string()]))
}

/// Asks the audit log for what a service logged about a person since a moment.
pub(crate) fn audit_of_person(base: &Url, service: &str, person: ObjectId, since: Timestamp) -> HttpRequest {
    let about = format!("targetResources/any(t:t/id eq '{person}')");
    audit_with(base, &format!("activityDateTime ge {since:.3} and loggedByService eq '{service}' and {about}"))
}

/// Asks for everything about the person, for a log that refuses the other conditions in addition to that one.
pub(crate) fn audit_of_person_plain(base: &Url, person: ObjectId) -> HttpRequest {
    audit_with(base, &format!("targetResources/any(t:t/id eq '{person}')"))
}

/// Reads the newest of the daily Secure Scores.
pub(crate) fn score(base: &Url) -> HttpRequest {
    let mut url = below(base, &["v1.0", "security", "secureScores"]);
    url.set_query(Some("$top=1"));
    get(url)
}

/// Asks the sign-in service which tenant has verified a domain.
pub(crate) fn tenant_of(login: &Url, domain: &str) -> HttpRequest {
    get(below(login, &[domain, "v2.0", ".well-known", "openid-configuration"]))
}

/// Percent-encoding as in a path: a form's plus sign is not a space everywhere.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A page of a list of which only known columns are read.
fn page_of(url: Url) -> HttpRequest {
    HttpRequest { payload: Payload::Page, ..get(url) }
}

pub(crate) fn get(url: Url) -> HttpRequest {
    HttpRequest { method: Method::GET, url, ids: IDS, payload: Payload::Nothing }
}

/// A request with a JSON body.
pub(crate) fn send(method: Method, url: Url, body: String) -> HttpRequest {
    HttpRequest { method, url, ids: IDS, payload: Payload::Json(body) }
}
