//! The page of the fleet: one row for each tenant.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

use jiff::Timestamp;
use minijinja::{Value, context};
use serde_json::{Value as Json, json};

use crate::controller::dashboard::query::{FleetQuery, SortKey};
use crate::controller::dashboard::trend;
use crate::controller::dashboard::words::{as_of, people, state, tenant_path, time, values, why_uncounted};
use crate::controller::fleet::{FleetState, message};
use crate::controller::git::short;
use crate::controller::state::TenantState;
use crate::controller::status::Status;
use crate::render::html::page::{Markup, cut, fill, plural};

/// The longest message of a row, in characters; the page of the tenant has the whole one.
const LONGEST_MESSAGE: usize = 120;

/// The body of the page. `number` is that of the last change, and `note` what is wrong with the source. Without
/// `counts_people` nobody counts people.
pub(super) fn body(
    status: &Status,
    query: &FleetQuery,
    note: Markup,
    counts_people: bool,
    number: &str,
    now: Timestamp,
) -> Markup {
    let tenants: Vec<(&String, &TenantState)> = status.tenants.iter().collect();
    let mut shown: Vec<(&String, &TenantState)> =
        tenants.iter().filter(|(name, tenant)| is_chosen(query, name, tenant)).copied().collect();
    shown.sort_by(|one, other| {
        let order = compare(query.sort, one.1, other.1);
        let order = if query.descending { order.reverse() } else { order };
        let by_name =
            if query.sort == SortKey::Tenant && query.descending { other.0.cmp(one.0) } else { one.0.cmp(other.0) };
        order.then(by_name)
    });
    let count = |state| tenants.iter().filter(|(_, tenant)| FleetState::of(tenant) == state).count() as u64;
    let states = FleetState::ALL.map(|one| {
        json!({ "count": count(one), "state": state(one), "href": query.in_state(Some(one)),
                "chosen": query.state == Some(one) })
    });
    let summary = FleetState::ALL.into_iter().filter(|state| count(*state) > 0);
    let summary = summary.map(|state| format!("{} {}", count(state), state.words()));
    let rings: BTreeSet<&str> = tenants.iter().filter_map(|(_, tenant)| tenant.ring.as_deref()).collect();
    let columns = SortKey::ALL.map(|key| {
        let order = match (query.sort == key, query.descending) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        json!({ "title": key.title(), "href": query.sorted_by(key), "order": order,
                "number": matches!(key, SortKey::Settings | SortKey::People) })
    });
    let counted = shown.iter().filter(|(_, tenant)| people(tenant).is_some()).count();
    let values = values(json!({
        "number": number,
        "summary": summary.collect::<Vec<_>>().join(", "),
        "now": as_of(now),
        "source": source(status, now),
        "states": states,
        "all": query.in_state(None),
        "whole": query.is_whole(),
        "text": query.text,
        "ring": query.ring,
        "sort": query.sort_word(),
        "rings": rings,
        "columns": columns,
        "rows": shown.iter().map(|(name, tenant)| row(name, tenant, counts_people, now)).collect::<Vec<_>>(),
        "shown": plural(shown.len() as u64, "tenant", "tenants"),
        "total": plural(tenants.len() as u64, "tenant", "tenants"),
        "counted": counted > 0,
        "empty": tenants.is_empty(),
        "uncounted": !counts_people && counted < shown.len(),
    }));
    let trend = trend::of_tenants(shown.iter().map(|(_, tenant)| tenant.people())).unwrap_or_default();
    fill("dashboard-fleet", context! { note => Value::from(note), trend => Value::from(trend), ..values })
}

fn is_chosen(query: &FleetQuery, name: &str, tenant: &TenantState) -> bool {
    query.state.is_none_or(|state| FleetState::of(tenant) == state)
        && query.ring.as_ref().is_none_or(|ring| tenant.ring.as_ref() == Some(ring))
        && name.to_lowercase().contains(&query.text)
}

fn compare(key: SortKey, one: &TenantState, other: &TenantState) -> Ordering {
    let able = |tenant: &TenantState| tenant.people().and_then(|people| people.able());
    let last = |tenant: &TenantState| tenant.compared().map(|mark| mark.at);
    let next = |tenant: &TenantState| tenant.next.filter(|_| !tenant.is_suspended());
    let revision = |tenant: &TenantState| tenant.compared().map(|mark| mark.revision.clone());
    match key {
        SortKey::State => weight(one).cmp(&weight(other)),
        SortKey::Tenant => Ordering::Equal,
        SortKey::Settings => one.differing().cmp(&other.differing()),
        SortKey::People => able(one).cmp(&able(other)),
        SortKey::Last => last(one).cmp(&last(other)),
        SortKey::Next => next(one).cmp(&next(other)),
        SortKey::Ring => one.ring.cmp(&other.ring),
        SortKey::Revision => revision(one).cmp(&revision(other)),
    }
}

/// What needs attention most comes first, and of that where most settings differ.
fn weight(tenant: &TenantState) -> (u8, Reverse<usize>) {
    let weight = match FleetState::of(tenant) {
        FleetState::Drifted => 0,
        FleetState::Failed => 1,
        FleetState::Unreadable => 2,
        FleetState::Held => 3,
        FleetState::Pending => 4,
        FleetState::Unknown => 5,
        FleetState::Suspended => 6,
        FleetState::InSyncAsRead => 7,
        FleetState::InSync => 8,
    };
    (weight, Reverse(tenant.drift.len()))
}

fn row(name: &str, tenant: &TenantState, counts_people: bool, now: Timestamp) -> Json {
    let known = FleetState::of(tenant);
    let message = if known == FleetState::InSync { String::new() } else { message(tenant) };
    let why = counts_people.then(|| cut(&why_uncounted(tenant, true), LONGEST_MESSAGE).into_owned());
    json!({
        "tenant": name,
        "href": tenant_path(name),
        "state": state(known),
        "message": cut(&message, LONGEST_MESSAGE),
        "settings": tenant.differing(),
        "people": people(tenant),
        "uncounted": why,
        "last": tenant.compared().map(|mark| time(mark.at, now)),
        "attempt": tenant.failed_attempt().map(|mark| time(mark.at, now)),
        "next": tenant.next.filter(|_| !tenant.is_suspended()).map(|at| time(at, now)),
        "ring": tenant.ring,
        "revision": tenant.compared().map(|mark| short(&mark.revision)),
    })
}

/// What the controller follows.
fn source(status: &Status, now: Timestamp) -> Json {
    let source = &status.source;
    json!({
        "address": source.address,
        "branch": source.branch,
        "writes": status.remediate,
        "started": time(status.started, now),
        "version": status.version,
        "revision": source.last_applied.as_ref().map(|mark| short(&mark.revision)),
        "since": source.last_applied.as_ref().map(|mark| time(mark.at, now)),
    })
}
