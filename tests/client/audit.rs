//! The audit log: what is asked, how pages are followed, and what is made of entries.

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use ssprctl::testing::tenant::audit::{Actor, ActorKind, AuditQuery, AuditResult};
use ssprctl::testing::tenant::error::{MissingAccess, TenantErrorKind};
use ssprctl::testing::tenant::surface::Service;

use crate::harness::{Checked, GRAPH_TOKEN, Harness, Reply, Seen, error_of, unpaced};

fn query() -> Result<AuditQuery, jiff::Error> {
    Ok(AuditQuery {
        activity: "Update SSPR",
        service: "Self-service Password Management",
        since: "2026-11-22T09:00:00.25Z".parse()?,
        until: "2026-11-22T10:20:00Z".parse()?,
    })
}

/// An entry as Graph writes it, with these extra keys in place of the usual ones.
fn entry(extra: &serde_json::Value) -> serde_json::Value {
    let mut entry = serde_json::json!({
        "id": "Directory_1", "category": "Policy", "correlationId": "c", "result": "success", "resultReason": "",
        "activityDisplayName": "Update SSPR Settings", "activityDateTime": "2026-11-22T09:14:00.1234567Z",
        "loggedByService": "Self-service Password Management", "operationType": "Update",
        "initiatedBy": {"app": null, "user": {"id": "u-1", "displayName": "Alice", "userPrincipalName": "alice@contoso.com",
            "ipAddress": "127.0.0.1", "userType": null, "homeTenantId": null, "homeTenantName": null}},
        "targetResources": [{"id": "t", "displayName": "Policy", "type": "Policy", "modifiedProperties": [
            {"displayName": "NumberOfRequiredContactMethodsForUsers", "oldValue": "\"2\"", "newValue": "\"1\""}]}],
        "additionalDetails": [{"key": "k", "value": "v"}]
    });
    for (key, value) in extra.as_object().into_iter().flatten() {
        entry[key] = value.clone();
    }
    entry
}

fn page(entries: &[serde_json::Value], next: Option<String>) -> Reply {
    let mut page = serde_json::json!({"@odata.context": "x", "value": entries});
    if let Some(next) = next {
        page["@odata.nextLink"] = next.into();
    }
    Reply::new(200, page.to_string())
}

/// What a request asked for, decoded.
fn asked(seen: &Seen) -> Result<(String, Vec<(String, String)>), url::ParseError> {
    let url = url::Url::parse(&format!("http://localhost{}", seen.target))?;
    Ok((url.path().to_owned(), url.query_pairs().into_owned().collect()))
}

#[tokio::test]
async fn the_log_is_asked_for_an_activity_in_a_time() -> Checked {
    let harness = Harness::replying([page(&[entry(&serde_json::json!({}))], None)])?;
    let trail = harness.reader()?.audit(&query()?).await?;
    let seen = harness.seen();
    let (path, options) = asked(&seen[0])?;
    assert_eq!(path, "/v1.0/auditLogs/directoryAudits");
    let expected = [
        (
            "$filter",
            "activityDateTime ge 2026-11-22T09:00:00.250Z and activityDateTime le 2026-11-22T10:20:00.000Z \
             and startswith(activityDisplayName,'Update SSPR')",
        ),
        ("$orderby", "activityDateTime desc"),
        ("$top", "100"),
    ];
    let options: Vec<_> = options.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(options, expected);
    assert_eq!(seen[0].header("authorization"), format!("Bearer {GRAPH_TOKEN}"));
    assert!(trail.whole);
    let event = &trail.events[0];
    assert_eq!((event.id.as_str(), event.activity.as_str()), ("Directory_1", "Update SSPR Settings"));
    assert_eq!(event.at, "2026-11-22T09:14:00.1234567Z".parse::<Timestamp>()?);
    assert_eq!(event.result, AuditResult::Success);
    assert_eq!(event.properties, ["NumberOfRequiredContactMethodsForUsers"]);
    let principal = String::new();
    let alice = Actor { kind: ActorKind::User, id: "u-1".into(), principal, name: "alice@contoso.com".into() };
    assert_eq!(event.actor, Some(alice));
    let value = |values: &std::collections::BTreeMap<String, String>| values.values().cloned().collect::<Vec<_>>();
    assert_eq!((value(&event.old_values), value(&event.new_values)), (vec!["2".to_owned()], vec!["1".to_owned()]));
    Ok(())
}

#[tokio::test]
async fn a_log_that_refuses_the_activity_is_asked_for_the_service() -> Checked {
    let harness = Harness::new(|seen| {
        if seen.target.contains("startswith") {
            return Reply::new(400, r#"{"error":{"code":"Request_BadRequest","message":"Unsupported filter"}}"#);
        }
        let noise = serde_json::json!({"id": "2", "activityDisplayName": "Reset password (self-service)"});
        let early = serde_json::json!({"id": "3", "activityDateTime": "2026-11-22T08:59:59Z"});
        page(&[entry(&noise), entry(&early), entry(&serde_json::json!({}))], None)
    })?;
    let trail = harness.reader()?.audit(&query()?).await?;
    assert_eq!(trail.events.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["Directory_1"]);
    let (_, options) = asked(&harness.seen()[1])?;
    assert!(options[0].1.ends_with(" and loggedByService eq 'Self-service Password Management'"), "{options:?}");
    Ok(())
}

#[tokio::test]
async fn pages_are_followed_also_empty_ones_and_no_event_counts_twice() -> Checked {
    let harness = Harness::new(|seen| {
        let next = |token: &str| {
            let host = seen.header("host");
            Some(format!("http://{host}/v1.0/auditLogs/directoryAudits?$skiptoken={token}"))
        };
        let at = |id: &str, time: &str| {
            entry(&serde_json::json!({"id": id, "activityDateTime": format!("2026-11-22T{time}:00Z")}))
        };
        match seen.target.split_once("$skiptoken=").map(|(_, token)| token) {
            None => page(&[at("a", "09:01")], next("one")),
            Some("one") => page(&[], next("two")),
            Some(_) => page(&[at("b", "09:05"), at("a", "09:01")], None),
        }
    })?;
    let trail = harness.reader()?.audit(&query()?).await?;
    assert_eq!(trail.events.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["b", "a"], "newest first");
    assert!(trail.whole);
    assert_eq!(harness.seen().len(), 3);
    Ok(())
}

#[tokio::test]
async fn a_log_without_an_end_is_left_after_twenty_pages() -> Checked {
    let pages = AtomicUsize::new(0);
    let harness = Harness::new(move |seen| {
        let number = pages.fetch_add(1, Ordering::SeqCst);
        let next = format!("http://{}/v1.0/auditLogs/directoryAudits?$skiptoken={number}", seen.header("host"));
        page(&[entry(&serde_json::json!({"id": number.to_string()}))], Some(next))
    })?;
    let trail = unpaced(&harness)?.audit(&query()?).await?;
    assert_eq!((trail.whole, trail.events.len(), harness.seen().len()), (false, 20, 20));
    Ok(())
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_asked_for() -> Checked {
    let elsewhere = Harness::replying([page(&[], None)])?;
    for path in ["/v1.0/auditLogs/directoryAudits?$skiptoken=x", "/v1.0/me"] {
        let next = format!("{}{path}", elsewhere.url());
        let harness = Harness::replying([page(&[], Some(next))])?;
        let found = error_of(harness.reader()?.audit(&query()?).await)?;
        assert_eq!(found.kind, TenantErrorKind::UnexpectedResponse);
        assert!(found.message.contains("names a next page on another host"), "{found}");
        assert_eq!(harness.seen().len(), 1);
    }
    assert_eq!(elsewhere.seen().len(), 0);
    Ok(())
}

#[tokio::test]
async fn entries_may_lack_anything_but_their_time() -> Checked {
    let null = serde_json::json!({"id": null, "result": null, "initiatedBy": null, "targetResources": null});
    let empty = serde_json::json!({"id": "e", "result": "timeout", "initiatedBy": {"user": null, "app": null},
        "targetResources": [{"modifiedProperties": null}]});
    let timeless = serde_json::json!({"id": "t", "activityDateTime": null});
    let harness = Harness::replying([page(&[entry(&null), entry(&empty), entry(&timeless)], None)])?;
    let events = harness.reader()?.audit(&query()?).await?.events;
    assert_eq!(events.len(), 2);
    for event in events {
        assert_eq!((event.actor, event.result, event.properties.len()), (None, AuditResult::Unclear, 0));
    }
    Ok(())
}

#[tokio::test]
async fn an_application_is_named_by_what_it_has() -> Checked {
    let of = |app: serde_json::Value| entry(&serde_json::json!({"initiatedBy": {"user": null, "app": app}}));
    let whole = of(serde_json::json!({"appId": "a-1", "displayName": "Pipeline", "servicePrincipalId": "s-1",
        "servicePrincipalName": null}));
    let bare = of(serde_json::json!({"appId": "", "displayName": null, "servicePrincipalId": "s-1"}));
    let live = of(serde_json::json!({"appId": null, "displayName": "Pipeline", "servicePrincipalId": "s-1",
        "servicePrincipalName": null}));
    for (entry, id, name) in [(whole, "a-1", "Pipeline"), (bare, "s-1", "s-1"), (live, "s-1", "Pipeline")] {
        let harness = Harness::replying([page(&[entry], None)])?;
        let events = harness.reader()?.audit(&query()?).await?.events;
        let actor = Actor { kind: ActorKind::App, id: id.into(), principal: "s-1".into(), name: name.into() };
        assert_eq!(events[0].actor, Some(actor));
    }
    Ok(())
}

#[tokio::test]
async fn values_that_are_policies_in_text_show_which_keys_changed() -> Checked {
    let text = |policy: &str| serde_json::Value::from(serde_json::Value::from(policy).to_string());
    let property = serde_json::json!({"displayName": "SelfServePasswordResetPolicy",
        "oldValue": text(r#"[{"EnablementForUsers":2,"NotifyUsersOfReset":true}]"#),
        "newValue": text(r#"[{"EnablementForUsers":2,"NotifyUsersOfReset":false,"New":1}]"#)});
    let changed = serde_json::json!({"targetResources": [{"modifiedProperties": [property]}]});
    let harness = Harness::replying([page(&[entry(&changed)], None)])?;
    let events = harness.reader()?.audit(&query()?).await?.events;
    assert_eq!(events[0].properties, ["New", "NotifyUsersOfReset", "SelfServePasswordResetPolicy"]);
    let value = |values: &std::collections::BTreeMap<String, String>| values.get("NotifyUsersOfReset").cloned();
    assert_eq!(value(&events[0].old_values), Some("true".to_owned()));
    assert_eq!(value(&events[0].new_values), Some("false".to_owned()));
    Ok(())
}

#[tokio::test]
async fn without_the_permission_its_name_is_reported() -> Checked {
    let body = r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges."}}"#;
    let harness = Harness::replying([Reply::new(403, body)])?;
    let found = error_of(harness.reader()?.audit(&query()?).await)?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Scope(Service::Graph)));
    assert!(found.message.starts_with("may not read the audit log (HTTP 403)"), "{found}");
    let hint = found.hint.unwrap_or_default();
    assert!(hint.contains("AuditLog.Read.All") && hint.contains("Reports Reader"), "{hint}");
    Ok(())
}
