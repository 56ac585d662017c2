//! Changes of settings: what, in which direction, where it is written, and who decides.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use crate::render::html::document::DocumentView;
use crate::render::html::fields::{count, list, place, text};
use crate::render::html::findings::{MOST_PLACES, folded_of};

/// A value in words.
pub(super) fn words(value: &Json) -> String {
    match value {
        Json::Null => "none".to_owned(),
        Json::Array(members) if members.is_empty() => "none".to_owned(),
        Json::Array(members) => members.iter().map(words).collect::<Vec<_>>().join(", "),
        Json::String(text) => text.clone(),
        Json::Object(_) => {
            let custom = text(value, "custom");
            let named =
                ["name", "predefined", "id"].map(|key| text(value, key)).into_iter().find(|text| !text.is_empty());
            if custom.is_empty() { named.unwrap_or_default().to_owned() } else { format!("{custom} (custom)") }
        }
        Json::Bool(_) | Json::Number(_) => value.to_string(),
    }
}

/// A change of a value: what a set loses and gains, or the value before and after.
fn lines(before: &Json, after: &Json) -> Json {
    match (before, after) {
        (Json::Array(before), Json::Array(after)) => {
            let without = |all: &[Json], others: &[Json]| {
                all.iter().filter(|one| !others.contains(one)).map(words).collect::<Vec<_>>()
            };
            json!({ "gained": without(after, before), "lost": without(before, after) })
        }
        _ => {
            let id = |value: &Json| format!("{} ({})", words(value), text(value, "id"));
            let same = words(before) == words(after);
            let [before, after] = [before, after].map(|value| if same { id(value) } else { words(value) });
            json!({ "before": before, "after": after })
        }
    }
}

/// Adds what changes in tenants.
pub(super) fn add_changes(
    view: &mut DocumentView,
    title: &str,
    tenants: &[Json],
    [list_key, before, after]: [&str; 3],
) {
    let rows = rows(tenants.iter().map(|tenant| (tenant, list(tenant, list_key))), [before, after]);
    if !rows.is_empty() {
        let decided = rows.iter().any(|row| !text(row, "decided").is_empty());
        view.section(
            title,
            "changes",
            json!({ "label": title, "rows": rows, "decided": decided, "several": tenants.len() > 1 }),
        );
    }
}

/// The rows of the template `changes`: those that tenants share are there once, with the tenants. `keys` are the names of the
/// fields with the value before and after.
fn rows<'a>(owners: impl IntoIterator<Item = (&'a Json, &'a [Json])>, [before, after]: [&str; 2]) -> Vec<Json> {
    let none = Json::Null;
    let mut found: Vec<(&Json, &Json, Vec<&str>, bool)> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let owners: Vec<_> = owners.into_iter().collect();
    let (is_fleet, all) = (owners.len() > MOST_PLACES, owners.len());
    for (tenant, changes) in owners {
        for change in changes {
            let keys = ["setting", before, after, "message", "path", "line"];
            let keys = keys.iter().take(if is_fleet { 4 } else { keys.len() });
            let same: Vec<_> = keys.map(|key| change.get(*key).unwrap_or(&none).to_string()).collect();
            let next = found.len();
            match found.get_mut(*known.entry(same.concat()).or_insert(next)) {
                Some((first, _, tenants, elsewhere)) => {
                    tenants.push(text(tenant, "tenant"));
                    *elsewhere |= place(first) != place(change);
                }
                None => found.push((change, tenant, vec![text(tenant, "tenant")], false)),
            }
        }
    }
    let row = |(change, tenant, tenants, elsewhere): (&Json, &Json, Vec<&str>, bool)| {
        let value = |key: &str| change.get(key).unwrap_or(&none).clone();
        json!({
            "setting": text(change, "setting"),
            "change": lines(&value(before), &value(after)),
            "why": text(change, "message"),
            "place": if elsewhere { format!("{}, and others", place(change)) } else { place(change) },
            "decided": decided(tenant, text(change, "setting")),
            "tenants": folded_of(&tenants, all),
        })
    };
    found.into_iter().map(row).collect()
}

/// Who decides a setting in a tenant once the plan is applied, or why the setting does nothing then.
fn decided(tenant: &Json, setting: &str) -> String {
    let effect = list(tenant, "effects").iter().find(|effect| text(effect, "setting") == setting);
    effect.map(decider).unwrap_or_default()
}

/// Who decides a setting, or why it does nothing.
pub(super) fn decider(effect: &Json) -> String {
    match effect.get("noEffect") {
        Some(why) => format!("no effect: {}", text(why, "reason")),
        None => match text(effect, "decidedBy") {
            "password-reset-policy" => "the password reset policy".to_owned(),
            "authentication-methods-policy" => "the authentication methods policy".to_owned(),
            "either-policy" => "either policy, while the tenant migrates".to_owned(),
            "administrators-policy" => administrators(effect),
            "on-premises" => "the on-premises integration".to_owned(),
            "conditional-access" => "Conditional Access".to_owned(),
            "intune" => "Microsoft Intune".to_owned(),
            other => other.replace('-', " "),
        },
    }
}

/// Microsoft's policy for administrators, with how many methods it asks for.
fn administrators(effect: &Json) -> String {
    let needed = match (count(effect, "administratorsNeedLeast"), count(effect, "administratorsNeedMost")) {
        (1, 1) => "one method",
        (1, _) => "one method, or two if the tenant is synchronised",
        _ => "two methods",
    };
    format!("Microsoft's fixed policy for administrators: {needed}, never security questions")
}
