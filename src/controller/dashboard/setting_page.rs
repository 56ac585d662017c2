//! The page of one setting: which tenants have which value.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use minijinja::{Value, context};
use serde_json::{Value as Json, json};

use crate::catalog::setting::Setting;
use crate::controller::dashboard::words::{NOT_READ, as_of, comparison, tenant_path, time, values};
use crate::controller::tenant_view::{SettingComparison, TenantView};
use crate::render::html::page::{Markup, fill, grouped};

/// The body of the page of a setting, of the tenants with what was read of each. `number` is that of the last change, and
/// `note` what is wrong with the source.
pub(super) fn body(
    setting: &Setting,
    tenants: &[(String, Option<Arc<TenantView>>)],
    note: Markup,
    number: &str,
    now: Timestamp,
) -> Markup {
    let mut rows: Vec<(SettingComparison, &String, Json)> = Vec::new();
    let mut counts: BTreeMap<Option<&str>, u64> = BTreeMap::new();
    for (tenant, view) in tenants {
        let found = view.as_ref().and_then(|view| {
            let found = view.settings.iter().find(|one| one.setting.name == setting.name)?;
            let is_read = view.is_read && found.comparison != SettingComparison::Unknown;
            Some((found, is_read, time(view.read, now)))
        });
        let compared = found.as_ref().map_or(SettingComparison::Unknown, |(found, ..)| found.comparison);
        let actual = found.as_ref().and_then(|(found, ..)| found.actual.as_deref().ok());
        *counts.entry(actual).or_default() += 1;
        let desired = found.as_ref().and_then(|(found, ..)| found.desired.as_ref());
        let effective = found.as_ref().and_then(|(found, ..)| found.effective.as_ref().ok());
        rows.push((
            compared,
            tenant,
            json!({
                "tenant": tenant,
                "href": tenant_path(tenant),
                "desired": desired.map(|(words, _)| words),
                "place": desired.map(|(_, place)| place),
                "actual": actual,
                "why": found.as_ref().map_or(Some(NOT_READ), |(found, ..)| found.actual.as_ref().err().map(String::as_str)),
                "effective": effective.map(|(words, _)| words),
                "by": effective.map(|(_, by)| by),
                "comparison": comparison(compared),
                "read": found.as_ref().filter(|(_, is_read, _)| *is_read).map(|(.., read)| read),
                "attempt": found.as_ref().map(|(.., attempt)| attempt),
            }),
        ));
    }
    rows.sort_by(|(one, name, _), (other, other_name, _)| (one, name).cmp(&(other, other_name)));
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(value, count)| (std::cmp::Reverse(*count), *value));
    let summary = counts.iter().map(|(value, count)| format!("{} in {count}", value.unwrap_or("unknown")));
    let of_value = |(value, count): &(Option<&str>, u64)| json!({ "value": value, "count": grouped(*count) });
    let values = values(json!({
            "setting": setting.name,
            "portal": setting.portal,
            "number": number,
            "summary": summary.take(5).collect::<Vec<_>>().join(", "),
            "now": as_of(now),
            "counts": counts.iter().map(of_value).collect::<Vec<_>>(),
            "rows": rows.into_iter().map(|(_, _, row)| row).collect::<Vec<_>>(),
    }));
    fill("dashboard-setting", context! { note => Value::from(note), ..values })
}
