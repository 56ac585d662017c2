//! The page of `apply` and `rollback`.

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::plan::reversal::run_of_source;
use crate::render::html::changes::add_changes;
use crate::render::html::document::{
    DocumentView, TenantRow, add_tenants, is_seen_in_part, seen_in_part, sign_of, title_of,
};
use crate::render::html::fields::{count, list, text};
use crate::render::html::findings::add_of_tenants;
use crate::render::html::page::{grouped, plural};
use crate::render::html::unread::add_unread;
use crate::render::text::error::acts_within;
use crate::render::text::summary_lines::IN_SYNC_AS_READ;

pub(super) fn view(view: &mut DocumentView, document: &Json, today: Date) {
    let none = Json::Null;
    let summary = document.get("summary").unwrap_or(&none);
    let tenants = list(document, "tenants");
    let (changed, verified) = (count(summary, "changed"), count(summary, "verified"));
    let ended_well = |tenant: &&Json| matches!(text(tenant, "ending"), "matched" | "applied");
    let failed = tenants.iter().filter(|tenant| !ended_well(tenant)).count() as u64;
    let reversed = tenants.iter().find_map(|tenant| run_of_source(text(tenant, "path")));
    let (title, what) = if reversed.is_some() { ("Rollback", "rollback") } else { ("Apply", "apply") };
    view.title = title_of(title, tenants);
    match (failed, changed, tenants) {
        (0, 0, _) if tenants.iter().any(is_seen_in_part) => {
            view.conclude("warn", format!("Nothing was sent: {IN_SYNC_AS_READ}."));
        }
        (0, 0, _) if reversed.is_some() => {
            view.conclude("good", "Nothing was sent: nothing of the run is left to roll back.");
        }
        (0, 0, _) => view.conclude("good", "Nothing was sent: the settings are as the policies say."),
        (0, ..) => view.conclude(
            "good",
            format!("{} changed, and the tenant shows each.", plural(changed, "setting", "settings")),
        ),
        (_, _, [one]) => {
            let message = text(one, "message");
            let message = if message.is_empty() { ending(text(one, "ending")).1 } else { message };
            view.conclude("bad", format!("The {what} did not succeed: {message}."));
        }
        (failed, ..) => view.conclude(
            "bad",
            format!("In {} of {} tenants the {what} did not succeed.", grouped(failed), grouped(tenants.len() as u64)),
        ),
    }
    view.more.extend(reversed.map(|run| format!("This is a rollback of the run `{run}`.")));
    let hints =
        tenants.iter().filter(|_| tenants.len() == 1).map(|one| text(one, "hint")).filter(|hint| !hint.is_empty());
    view.more.extend(hints.map(str::to_owned));
    view.more.extend(list(summary, "says").iter().filter_map(Json::as_str).map(str::to_owned));
    view.more.extend(seen_in_part(tenants));
    let executed: Vec<_> = tenants.iter().filter_map(|tenant| tenant.get("people")?.get("counts")).collect();
    let sum = |key: &str| executed.iter().map(|counts| count(counts, key)).sum::<u64>();
    view.tile_if_any(sum("lose"), "person loses the reset by the plan", "people lose the reset by the plan", "bad");
    view.tile_if_any(
        sum("administratorsLose"),
        "administrator loses it by the plan",
        "administrators lose it by the plan",
        "bad",
    );
    view.tile_if_any(sum("gain"), "person gains it by the plan", "people gain it by the plan", "good");
    view.tile(changed, "setting written", "settings written", "");
    view.tile(verified, "setting verified", "settings verified", "good");
    let held: usize = tenants.iter().map(|tenant| list(tenant, "held").len()).sum();
    view.tile_if_any(held as u64, "setting held", "settings held", "warn");
    view.tile(count(summary, "requests"), "request", "requests", "");
    view.tile_if_any(count(summary, "stale"), "tenant stale", "tenants stale", "bad");
    view.tile(failed, "tenant without success", "tenants without success", "bad");

    add_tenants(view, &["Tenant", "Changes", "Requests"], tenants, |tenant| {
        let (tone, state) = match text(tenant, "ending") {
            "matched" if is_seen_in_part(tenant) => ("warn", IN_SYNC_AS_READ),
            word => ending(word),
        };
        TenantRow {
            cells: vec![grouped(list(tenant, "changes").len() as u64), grouped(list(tenant, "steps").len() as u64)],
            tone,
            state: state.to_owned(),
            message: text(tenant, "message").to_owned(),
            weight: u64::from(tone == "bad"),
        }
    });
    add_changes(view, "What was to change", tenants, ["changes", "before", "after"]);
    let step = |tenant: &Json, step: &Json, is_back: bool| {
        let result = text(step, "result");
        let tone = match result {
            "verified" => "good",
            "skipped" | "abandoned" | "interrupted" => "warn",
            _ => "bad",
        };
        let settings: Vec<_> = list(step, "settings").iter().filter_map(Json::as_str).collect();
        let lines = ["message", "hint"].map(|key| text(step, key)).into_iter().filter(|line| !line.is_empty());
        let refused =
            step.get("refused").map(|why| format!("although the service refused it: {}", text(why, "message")));
        let acts = u32::try_from(count(step, "actsWithinMinutes")).ok().filter(|minutes| *minutes > 0).map(acts_within);
        let lines: Vec<_> = lines.map(str::to_owned).chain(refused).chain(acts).collect();
        json!({
            "tenant": if tenants.len() > 1 { text(tenant, "tenant") } else { "" },
            "surface": format!("{}{}", text(step, "surface"), if is_back { ", back" } else { "" }),
            "settings": settings.join(", "),
            "result": result,
            "tone": tone,
            "sign": sign_of(tone),
            "lines": lines,
        })
    };
    let steps = tenants.iter().flat_map(|tenant| {
        let done = list(tenant, "steps").iter().map(move |one| (tenant, one, false));
        done.chain(list(tenant, "undone").iter().map(move |one| (tenant, one, true)))
    });
    let rows: Vec<_> = steps.map(|(tenant, one, is_back)| step(tenant, one, is_back)).collect();
    if !rows.is_empty() {
        view.section("Requests", "apply", json!({ "rows": rows }));
    }
    add_changes(view, "Held until enough people are ready", tenants, ["held", "before", "after"]);
    for (title, key) in
        [("Changed by somebody else since the plan", "moved"), ("Not restored, as somebody else changed it", "kept")]
    {
        let lines = tenants.iter().flat_map(|tenant| list(tenant, key).iter().map(move |document| (tenant, document)));
        let lines = lines.map(|(tenant, document)| {
            let keys: Vec<_> = list(document, "keys").iter().filter_map(Json::as_str).collect();
            let of = if tenants.len() > 1 { format!("{}: ", text(tenant, "tenant")) } else { String::new() };
            format!("{of}`{}`: {}", text(document, "surface"), keys.join(", "))
        });
        let lines: Vec<_> = lines.collect();
        if !lines.is_empty() {
            view.section(title, "lines", json!({ "lines": lines }));
        }
    }
    add_unread(view, tenants);
    add_of_tenants(view, tenants, today);
}

/// How an apply ended: the tone and the words.
fn ending(word: &str) -> (&'static str, &'static str) {
    match word {
        "matched" => ("good", "in sync, nothing sent"),
        "applied" => ("good", "applied and verified"),
        "incomplete" => ("bad", "not complete"),
        "refused" => ("bad", "refused, nothing sent"),
        "declined" => ("warn", "declined, nothing sent"),
        "not-begun" => ("warn", "not started"),
        "stale" => ("bad", "stale, nothing sent"),
        "rolled-back" => ("bad", "rolled back"),
        "unrecorded" => ("bad", "no journal, nothing sent"),
        "busy" => ("bad", "another run is at work"),
        _ => ("bad", "could not be read"),
    }
}
