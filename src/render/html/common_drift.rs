//! The drift that several tenants have in common.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::render::html::changes::words;
use crate::render::html::document::DocumentView;
use crate::render::html::fields::{list, place, text};
use crate::render::html::findings::folded;
use crate::render::html::page::{grouped, plural};
use crate::render::html::timeline::who;

/// One drift with the tenants that have it, each with its setting.
struct CommonDriftJson<'a> {
    setting: &'a str,
    members: Vec<(&'a str, &'a Json)>,
}

/// Says first what several tenants have in common, and adds a section about it.
pub(super) fn add_common(view: &mut DocumentView, document: &Json) {
    let tenants = list(document, "tenants");
    let mut by_key: BTreeMap<&str, Vec<(&str, &Json)>> = BTreeMap::new();
    for tenant in tenants {
        for setting in list(tenant, "settings") {
            by_key.entry(text(setting, "key")).or_default().push((text(tenant, "tenant"), setting));
        }
    }
    let common = list(document, "common").iter().filter_map(|one| {
        let members = by_key.get(text(one, "key"))?.clone();
        Some(CommonDriftJson { setting: text(one, "setting"), members })
    });
    let common: Vec<_> = common.collect();
    let Some(first) = common.first() else { return };
    let others = match common.len() {
        1 => String::new(),
        more => format!(", and {} likewise", plural(more as u64 - 1, "other difference", "other differences")),
    };
    let many = grouped(first.members.len() as u64);
    view.more.push(format!("`{}` drifted in the same way in {many} tenants{others}.", first.setting));
    let rows: Vec<_> = common.iter().map(|one| row(one, tenants.len())).collect();
    view.section("The same drift in several tenants", "common-drift", json!({ "rows": rows }));
}

fn row(common: &CommonDriftJson<'_>, all: usize) -> Json {
    let CommonDriftJson { setting, members } = common;
    let none = Json::Null;
    let first = members.first().map_or(&none, |(_, setting)| *setting);
    let value = |key: &str| words(first.get(key).unwrap_or(&none));
    let mut places: Vec<_> = members.iter().map(|(_, setting)| place(setting)).collect();
    places.dedup();
    let place = match places.as_slice() {
        [one] => one.clone(),
        [one, ..] => format!("{one}, and others"),
        [] => String::new(),
    };
    let mut by: BTreeMap<String, u64> = BTreeMap::new();
    for (_, setting) in members {
        let who = setting.get("attribution").map(who).filter(|who| !who.is_empty());
        *by.entry(who.unwrap_or_else(|| "not known".to_owned())).or_default() += 1;
    }
    let undecided = members.iter().filter(|(_, setting)| text(setting, "state") != "drifted").count() as u64;
    let names: Vec<_> = members.iter().map(|(tenant, _)| *tenant).collect();
    json!({
        "setting": setting,
        "place": place,
        "expected": value("expected"),
        "found": value("found"),
        "undecided": (undecided > 0).then(|| plural(undecided, "tenant", "tenants")),
        "many": grouped(members.len() as u64),
        "all": grouped(all as u64),
        "by": by.into_iter().map(|(who, many)| format!("{who} ({})", grouped(many))).collect::<Vec<_>>(),
        "tenants": folded(&names),
    })
}
