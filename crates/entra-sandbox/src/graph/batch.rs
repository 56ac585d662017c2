//! `$batch`: several requests in one.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};

use super::errors;
use crate::http::message::{self, Reply, Request};

const MAX_REQUESTS: usize = 20;

pub(crate) fn is_batch(request: &Request) -> bool {
    matches!(request.segments.as_slice(), [_, batch] if batch.eq_ignore_ascii_case("$batch"))
}

/// A request of a batch.
struct Item {
    id: String,
    depends_on: Vec<String>,
    request: Request,
}

/// Answers every request of a batch through `send`, dependent ones after those on which they depend. The status of the
/// batch is 200, whatever the statuses of its requests are.
pub(crate) fn answer(request: &Request, send: impl Fn(&Request) -> Reply) -> Reply {
    match items(request) {
        Ok(items) => respond(items, send),
        Err(message) => errors::bad_request(request, &message),
    }
}

fn respond(mut waiting: Vec<Item>, send: impl Fn(&Request) -> Reply) -> Reply {
    let mut done: BTreeMap<String, bool> = BTreeMap::new();
    let mut responses = Vec::new();
    while !waiting.is_empty() {
        let ready = |item: &Item| item.depends_on.iter().all(|id| done.contains_key(id));
        // `items` has refused circular dependencies.
        let Some(at) = waiting.iter().position(ready) else { break };
        let item = waiting.remove(at);
        let failed = item.depends_on.iter().any(|id| done.get(id) == Some(&false));
        let reply = if failed {
            let message = "The request was not made because a request it depends on failed.";
            errors::error(&item.request, StatusCode::FAILED_DEPENDENCY, "FailedDependency", message)
        } else {
            send(&item.request)
        };
        done.insert(item.id.clone(), reply.status.is_success());
        responses.push(response_json(&item.id, &reply));
    }
    Reply::value(StatusCode::OK, &json!({"responses": responses}))
}

fn response_json(id: &str, reply: &Reply) -> Value {
    let copied = ["content-type", "retry-after", "location", "request-id"];
    let named = |name: &str| copied.iter().find(|known| known.eq_ignore_ascii_case(name)).copied();
    let headers: Map<String, Value> =
        reply.headers.iter().filter_map(|(name, value)| Some((title_case(named(name)?), json!(value)))).collect();
    let mut response = json!({"id": id, "status": reply.status.as_u16(), "headers": headers});
    if !reply.body.is_empty() {
        // A body that is not JSON is sent as text.
        response["body"] = serde_json::from_str(&reply.body).unwrap_or_else(|_| json!(reply.body));
    }
    response
}

fn title_case(name: &str) -> String {
    let part = |part: &str| part.get(..1).unwrap_or_default().to_uppercase() + part.get(1..).unwrap_or_default();
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

fn items(request: &Request) -> Result<Vec<Item>, String> {
    if request.method != Method::POST || !request.has_json_body() {
        return Err("A batch is a POST with a JSON Content-Type header.".to_owned());
    }
    let body: Value = serde_json::from_str(&request.body).map_err(|_| "Unable to read JSON request payload.")?;
    let sent = body["requests"].as_array().ok_or("The property 'requests' is required.")?;
    if !(1..=MAX_REQUESTS).contains(&sent.len()) {
        return Err(format!("Number of batch request steps is {}; it must be 1 to {MAX_REQUESTS}.", sent.len()));
    }
    let items = sent.iter().map(|one| item(request, one)).collect::<Result<Vec<_>, _>>()?;
    for (at, item) in items.iter().enumerate() {
        if items.iter().take(at).any(|earlier| earlier.id == item.id) {
            return Err(format!("Request id '{}' occurs twice.", item.id));
        }
        // A request may only depend on an earlier one, so that there are no circular dependencies.
        let unknown = |id: &&String| items.iter().take(at).all(|earlier| earlier.id != **id);
        if let Some(id) = item.depends_on.iter().find(unknown) {
            return Err(format!("Request '{}' depends on '{id}', which is not before it.", item.id));
        }
    }
    Ok(items)
}

fn item(outer: &Request, sent: &Value) -> Result<Item, String> {
    let text = |name: &str| sent[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let id = text("id").ok_or("Every request of a batch needs an id.")?;
    let missing = |what: &str| format!("Request '{id}' has no {what}.");
    let method = text("method").and_then(|name| Method::from_bytes(name.to_uppercase().as_bytes()).ok());
    let method = method.ok_or_else(|| missing("method"))?;
    let url = text("url")
        .filter(|url| !url.contains("://") && !url.contains("$batch"))
        .ok_or_else(|| missing("relative url"))?;
    let (path, query) = url.split_once('?').unwrap_or((&url, ""));
    let version = outer.segments.first().map_or("v1.0", String::as_str);
    let path = format!("/{version}/{}", path.trim_start_matches('/'));
    let mut headers = HeaderMap::new();
    if let Some(token) = outer.headers.get("authorization") {
        headers.insert("authorization", token.clone());
    }
    for (name, value) in sent["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().and_then(|value| HeaderValue::from_str(value).ok());
        if let (Ok(name), Some(value)) = (HeaderName::try_from(name.as_str()), value) {
            headers.insert(name, value);
        }
    }
    let body = if sent["body"].is_null() { String::new() } else { sent["body"].to_string() };
    if !body.is_empty() && !headers.contains_key("content-type") {
        return Err(missing("Content-Type header for its body"));
    }
    let depends_on: Option<Vec<String>> = match &sent["dependsOn"] {
        Value::Null => Some(Vec::new()),
        list => serde_json::from_value(list.clone()).ok(),
    };
    let depends_on = depends_on.ok_or_else(|| missing("valid dependsOn"))?;
    let request = Request {
        segments: message::segments(&path),
        path,
        method,
        query: query.to_owned(),
        headers,
        body,
        base: outer.base.clone(),
        now: outer.now,
    };
    Ok(Item { id, depends_on, request })
}
