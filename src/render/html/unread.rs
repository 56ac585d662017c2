//! What could not be read or compared, and why.

use serde_json::{Value as Json, json};

use crate::render::html::document::DocumentView;
use crate::render::html::fields::{list, text};
use crate::render::html::findings::folded_of;

/// One thing that is not known, with the tenants of which it is not.
struct UnknownItem<'a> {
    what: String,
    error: &'a Json,
    tenants: Vec<&'a str>,
}

/// Adds what is not known of tenants. What several share is there once.
pub(super) fn add_unread(view: &mut DocumentView, tenants: &[Json]) {
    let mut found: Vec<UnknownItem<'_>> = Vec::new();
    for tenant in tenants {
        for (what, error) in items(tenant) {
            let is_same = |one: &&mut UnknownItem<'_>| {
                one.what == what && ["message", "hint"].iter().all(|key| text(one.error, key) == text(error, key))
            };
            match found.iter_mut().find(is_same) {
                Some(one) => one.tenants.push(text(tenant, "tenant")),
                None => found.push(UnknownItem { what, error, tenants: vec![text(tenant, "tenant")] }),
            }
        }
    }
    let row = |UnknownItem { what, error, tenants: of }: &UnknownItem<'_>| {
        json!({
            "what": what,
            "why": text(error, "message"),
            "hint": text(error, "hint"),
            "tenants": if tenants.len() > 1 { folded_of(of, tenants.len()) } else { String::new() },
        })
    };
    if !found.is_empty() {
        let rows: Vec<_> = found.iter().map(row).collect();
        view.section("What could not be read", "unread", json!({ "rows": rows }));
    }
}

/// What is not known of one tenant, each with its error.
fn items(tenant: &Json) -> Vec<(String, &Json)> {
    let unknown = list(tenant, "unknown").iter();
    let unknown = unknown.filter_map(|one| Some((format!("`{}`", text(one, "setting")), one.get("error")?)));
    let mut items: Vec<(String, &Json)> = unknown.collect();
    let people = tenant.get("people").unwrap_or(&Json::Null);
    let counts = people.get("counts").unwrap_or(&Json::Null);
    for one in [tenant, counts].into_iter().flat_map(|of| list(of, "unread")) {
        let what = text(one, "what");
        let is_known = items.iter().any(|(known, _)| known == what);
        items.extend(one.get("error").filter(|_| !is_known).map(|error| (what.to_owned(), error)));
    }
    items.extend(people.get("error").map(|error| ("who can reset".to_owned(), error)));
    items.extend(tenant.get("revertedError").map(|error| ("what was changed and taken back".to_owned(), error)));
    items
}
