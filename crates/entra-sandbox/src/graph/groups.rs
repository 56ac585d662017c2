//! `/groups`: search by name or id, and members at any depth.

use axum::http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::errors::{self, require_get};
use super::query::{self, Collection};
use crate::http::message::{Answer, Caller, Reply, Request};
use crate::state::tenant::{Account, Group, Tenant};

const READ: [&str; 7] = [
    "Group.ReadBasic.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "GroupMember.ReadBasic.All",
    "GroupMember.Read.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const READ_MEMBERS: [&str; 6] = [
    "GroupMember.ReadBasic.All",
    "GroupMember.Read.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const PROPERTIES: [&str; 30] = [
    "id",
    "deletedDateTime",
    "classification",
    "createdDateTime",
    "description",
    "displayName",
    "expirationDateTime",
    "groupTypes",
    "isAssignableToRole",
    "mail",
    "mailEnabled",
    "mailNickname",
    "membershipRule",
    "membershipRuleProcessingState",
    "onPremisesDomainName",
    "onPremisesLastSyncDateTime",
    "onPremisesNetBiosName",
    "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier",
    "onPremisesSyncEnabled",
    "preferredDataLocation",
    "preferredLanguage",
    "proxyAddresses",
    "renewedDateTime",
    "resourceBehaviorOptions",
    "resourceProvisioningOptions",
    "securityEnabled",
    "securityIdentifier",
    "theme",
    "visibility",
];
const USER_PROPERTIES: [&str; 5] = ["id", "displayName", "userPrincipalName", "userType", "accountEnabled"];

pub(super) fn handle(request: &Request, caller: &Caller, tenant: &Tenant) -> Answer {
    require_get(request)?;
    if !caller.has_any_scope(&READ) {
        return Err(errors::insufficient_privileges(request));
    }
    let tail: Vec<&str> = request.segments.iter().skip(2).map(String::as_str).collect();
    match *tail.as_slice() {
        [] => query::page(request, collection(tenant)),
        ["$count"] => count_reply(request, &collection(tenant)),
        [id] => {
            let group = find(request, tenant, id)?;
            query::single(request, &collection(tenant), group_json(tenant, group))
        }
        [id, members, ref rest @ ..] if members.eq_ignore_ascii_case("transitiveMembers") => {
            let group = find_for_members(request, caller, tenant, id)?;
            members_reply(request, tenant, &tenant.transitive_members(group.id), rest)
        }
        [id, members, ref rest @ ..] if members.eq_ignore_ascii_case("members") => {
            let group = find_for_members(request, caller, tenant, id)?;
            members_reply(request, tenant, &group.members, rest)
        }
        [_, other, ..] => Err(errors::unknown_segment(request, other)),
    }
}

/// Members of a group, with or without a type cast, as objects or as their number.
fn members_reply(request: &Request, tenant: &Tenant, inside: &[Uuid], rest: &[&str]) -> Answer {
    let users = tenant.accounts.iter().filter(|account| inside.contains(&account.id));
    let groups = inside.iter().filter_map(|id| tenant.group(*id));
    let (cast, counted) = match rest {
        [] => (None, false),
        ["$count"] => (None, true),
        [cast] => (Some(*cast), false),
        [cast, "$count"] => (Some(*cast), true),
        [_, other, ..] => return Err(errors::unknown_segment(request, other)),
    };
    // Microsoft's own clients write the type with the alias of the namespace.
    let (with_users, with_groups) = match cast.map(str::to_ascii_lowercase).as_deref() {
        None => (true, true),
        Some("microsoft.graph.user" | "graph.user") => (true, false),
        Some("microsoft.graph.group" | "graph.group") => (false, true),
        Some(_) => return Err(errors::unknown_segment(request, cast.unwrap_or_default())),
    };
    let users = users.filter(|_| with_users).map(user_json);
    let groups = groups.filter(|_| with_groups).map(group_reference);
    let objects: Vec<Value> = users.chain(groups).collect();
    if counted {
        return count_reply(request, &directory_objects(objects));
    }
    let asked = request.query_option("$count").is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
    if cast.is_some() && !(query::is_eventual(request) && asked) {
        let message = "Request with a cast needs the header 'ConsistencyLevel:eventual' and $count=true.";
        return Err(errors::bad_request(request, message));
    }
    query::page(request, directory_objects(objects))
}

fn collection(tenant: &Tenant) -> Collection<'static> {
    Collection {
        context: "groups",
        kind: "microsoft.graph.group",
        properties: &PROPERTIES,
        objects: tenant.groups.iter().map(|group| group_json(tenant, group)).collect(),
    }
}

fn directory_objects(objects: Vec<Value>) -> Collection<'static> {
    Collection { context: "directoryObjects", kind: "microsoft.graph.user", properties: &USER_PROPERTIES, objects }
}

/// A number as text. Counting is an advanced query.
fn count_reply(request: &Request, collection: &Collection<'_>) -> Answer {
    if !query::is_eventual(request) {
        return Err(errors::bad_request(request, "$count is not currently supported."));
    }
    let number = query::count(request, collection)?;
    Ok(Reply::empty(StatusCode::OK).with_header("content-type", "text/plain").with_body(number.to_string()))
}

fn find_for_members<'a>(request: &Request, caller: &Caller, tenant: &'a Tenant, id: &str) -> Result<&'a Group, Reply> {
    if !caller.has_any_scope(&READ_MEMBERS) {
        return Err(errors::insufficient_privileges(request));
    }
    find(request, tenant, id)
}

fn find<'a>(request: &Request, tenant: &'a Tenant, id: &str) -> Result<&'a Group, Reply> {
    let Ok(parsed) = Uuid::parse_str(id) else {
        return Err(errors::bad_request(request, &format!("Invalid object identifier '{id}'.")));
    };
    tenant.group(parsed).ok_or_else(|| errors::unknown_object(request, id))
}

fn user_json(account: &Account) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.user",
        "id": account.id,
        "displayName": account.display_name,
        "userPrincipalName": account.user_principal_name,
        "userType": "Member",
        "accountEnabled": true,
    })
}

/// A group as a list of objects of several types has it.
pub(super) fn group_reference(group: &Group) -> Value {
    json!({"@odata.type": "#microsoft.graph.group", "id": group.id, "displayName": group.display_name})
}

fn group_json(tenant: &Tenant, group: &Group) -> Value {
    let nickname: String = group.display_name.chars().filter(char::is_ascii_alphanumeric).collect();
    let mail = group.mail_enabled.then(|| format!("{}@{}", nickname.to_ascii_lowercase(), tenant.domain()));
    let synced = group.on_premises_sync_enabled.map(|_| "2026-01-15T08:00:00Z");
    let dynamic = group.membership_rule.as_ref().map(|_| "On");
    let unified = group.group_types.iter().any(|kind| kind == "Unified");
    json!({
        "id": group.id,
        "deletedDateTime": null,
        "classification": null,
        "createdDateTime": "2025-11-03T09:00:00Z",
        "description": group.description,
        "displayName": group.display_name,
        "expirationDateTime": null,
        "groupTypes": group.group_types,
        "isAssignableToRole": null,
        "mail": mail,
        "mailEnabled": group.mail_enabled,
        "mailNickname": nickname,
        "membershipRule": group.membership_rule,
        "membershipRuleProcessingState": dynamic,
        "onPremisesDomainName": null,
        "onPremisesLastSyncDateTime": synced,
        "onPremisesNetBiosName": null,
        "onPremisesSamAccountName": null,
        "onPremisesSecurityIdentifier": null,
        "onPremisesSyncEnabled": group.on_premises_sync_enabled,
        "preferredDataLocation": null,
        "preferredLanguage": null,
        "proxyAddresses": mail.as_ref().map(|mail| format!("SMTP:{mail}")).into_iter().collect::<Vec<_>>(),
        "renewedDateTime": "2025-11-03T09:00:00Z",
        "resourceBehaviorOptions": [],
        "resourceProvisioningOptions": [],
        "securityEnabled": group.security_enabled,
        "securityIdentifier": format!("S-1-12-1-{}", group.id.as_u128() % 4_294_967_296),
        "theme": null,
        "visibility": if unified { json!("Private") } else { Value::Null },
    })
}
