//! The page of `drift`.

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::render::html::changes::add_changes;
use crate::render::html::common_drift::add_common;
use crate::render::html::document::{
    DocumentView, TenantRow, add_tenants, is_seen_in_part, seen_in_part, title_of, unreadable,
};
use crate::render::html::fields::{count, list, text};
use crate::render::html::findings::add_of_tenants;
use crate::render::html::page::{grouped, plural};
use crate::render::html::timeline::add_timeline;
use crate::render::html::unread::add_unread;
use crate::render::text::summary_lines::IN_SYNC_AS_READ;

pub(super) fn view(view: &mut DocumentView, document: &Json, today: Date) {
    let none = Json::Null;
    let summary = document.get("summary").unwrap_or(&none);
    let tenants = list(document, "tenants");
    let (settings, drifted, unknown) =
        (count(summary, "settings"), count(summary, "drifted"), count(summary, "unknown"));
    view.title = title_of("Drift", tenants);
    let differ = plural(settings, "setting is", "settings are");
    let is_drift = tenants.iter().all(was_in_sync);
    let how = if is_drift { "no longer" } else { "not" };
    let with_errors = tenants.iter().filter(|tenant| has_errors(tenant)).count() as u64;
    let in_part = tenants.iter().filter(|tenant| is_seen_in_part(tenant)).count() as u64;
    match (settings, unknown + with_errors + in_part, tenants.len()) {
        (0, 0, _) => view.conclude("good", "No setting has drifted."),
        (0, ..) => view.conclude("warn", "No setting is known to have drifted."),
        (_, _, 1) => view.conclude("bad", format!("{differ} {how} as the policy says.")),
        (.., all) => view.conclude(
            "bad",
            format!("{differ} {how} as the policies say, in {} of {} tenants.", grouped(drifted), grouped(all as u64)),
        ),
    }
    if unknown > 0 {
        view.more.push(format!("{} could not be compared.", plural(unknown, "setting", "settings")));
    }
    if with_errors > 0 {
        view.more.push(format!("{} errors.", plural(with_errors, "tenant has", "tenants have")));
    }
    view.more.extend(seen_in_part(tenants));
    if let Some(unreadable) = unreadable(tenants) {
        view.conclude_unread(unreadable, tenants);
    }
    let reverted: u64 = tenants.iter().map(|tenant| list(tenant, "reverted").len() as u64).sum();
    let (verb, verbs) = if is_drift { ("drifted", "drifted") } else { ("differs", "differ") };
    view.tile(settings, &format!("setting {verb}"), &format!("settings {verbs}"), "bad");
    if tenants.len() > 1 {
        view.tile(drifted, &format!("tenant {verb}"), &format!("tenants {verbs}"), "bad");
    }
    view.tile_if_any(count(summary, "pending"), "setting waits for an apply", "settings wait for an apply", "");
    view.tile_if_any(unknown, "setting unknown", "settings unknown", "warn");
    view.tile_if_any(reverted, "change taken back", "changes taken back", "");

    add_common(view, document);
    add_tenants(view, &["Tenant", "Drifted", "Pending"], tenants, |tenant| {
        let drifted = list(tenant, "settings").len() as u64;
        let (tone, state) = match (tenant.get("error"), drifted) {
            (Some(_), _) => ("bad", ""),
            (None, 0) if !list(tenant, "unknown").is_empty() => ("warn", "not known"),
            (None, 0) if has_errors(tenant) => ("warn", "has errors"),
            (None, 0) if is_seen_in_part(tenant) => ("warn", IN_SYNC_AS_READ),
            (None, 0) => ("good", "no drift"),
            (None, _) if was_in_sync(tenant) => ("bad", "drifted"),
            (None, _) => ("bad", "differs"),
        };
        let cells = vec![grouped(drifted), grouped(list(tenant, "pending").len() as u64)];
        TenantRow { cells, tone, state: state.to_owned(), message: String::new(), weight: drifted }
    });
    add_timeline(view, tenants);
    add_changes(view, "Waits for an apply", tenants, ["pending", "found", "expected"]);
    let taken_back = tenants.iter().flat_map(|tenant| {
        let line = move |one: &Json| {
            let at =
                |which: &str| one.get(which).and_then(|one| one.get("event")).map(|event| text(event, "at").to_owned());
            let [changed, back] = ["changed", "back"].map(|which| at(which).unwrap_or_default());
            format!("`{}` of {}: changed at {changed}, back at {back}", text(one, "setting"), text(tenant, "tenant"))
        };
        list(tenant, "reverted").iter().map(line)
    });
    let taken_back: Vec<_> = taken_back.collect();
    if !taken_back.is_empty() {
        view.section("Changed and taken back since the run before", "lines", json!({ "lines": taken_back }));
    }
    add_unread(view, tenants);
    add_of_tenants(view, tenants, today);
}

/// Whether a run has seen every setting in sync that a tenant has differently now. The others may never have been as the policy
/// says.
fn was_in_sync(tenant: &Json) -> bool {
    list(tenant, "settings").iter().all(|one| text(one, "state") == "drifted")
}

/// Whether a finding of a tenant is an error. What it is about may not have been compared.
fn has_errors(tenant: &Json) -> bool {
    list(tenant, "findings").iter().any(|finding| text(finding, "severity") == "error")
}
