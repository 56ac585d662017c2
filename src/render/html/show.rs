//! The page of `show`.

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::render::html::changes::{decider, words};
use crate::render::html::document::DocumentView;
use crate::render::html::fields::{count, list, text};
use crate::render::html::page::{grouped, plural};

pub(super) fn view(view: &mut DocumentView, document: &Json, today: Date) {
    let none = Json::Null;
    let settings = list(document, "settings");
    let dates = list(document, "dates");
    let unknown = settings.iter().filter(|setting| setting.get("error").is_some()).count() as u64;
    let has_no_effect = |setting: &&Json| setting.get("effect").is_some_and(|effect| effect.get("noEffect").is_some());
    let idle = settings.iter().filter(has_no_effect).count() as u64;
    view.title = format!("Settings of {}", text(document, "tenant"));
    match dates.first() {
        Some(date) => view.conclude("warn", format!("On {}: {}", text(date, "from"), text(date, "says"))),
        None => view.conclude("good", "No date of the service that lies ahead touches this tenant."),
    }
    if unknown > 0 {
        view.tone = "bad";
        view.more.push(format!("{} could not be read.", plural(unknown, "setting", "settings")));
    }
    view.tile(settings.len() as u64, "setting", "settings", "");
    view.tile(idle, "without effect", "without effect", "warn");
    view.tile(unknown, "could not be read", "could not be read", "bad");
    if let Some(left) = dates.first().and_then(|date| today.until(text(date, "from").parse::<Date>().ok()?).ok()) {
        view.tile(left.get_days().max(0).unsigned_abs().into(), "day to the next date", "days to the next date", "");
    }
    let line = |date: &Json| {
        let surely = match text(date, "surelyFrom") {
            "" => String::new(),
            surely => format!(" (surely from {surely})"),
        };
        format!("{}{surely}: {}", text(date, "from"), text(date, "says"))
    };
    if !dates.is_empty() {
        view.section("Dates ahead", "lines", json!({ "lines": dates.iter().map(line).collect::<Vec<_>>() }));
    }
    let mut pages: Vec<&str> = settings.iter().map(|setting| text(setting, "page")).collect();
    pages.dedup();
    for page in pages {
        let rows = settings.iter().filter(|setting| text(setting, "page") == page).map(|setting| {
            json!({
                "setting": text(setting, "setting"),
                "portal": text(setting, "portal"),
                "value": setting.get("value").map(words),
                "error": setting.get("error").map(|why| text(why, "message")),
                "effect": setting.get("effect").map(decider),
            })
        });
        let values = json!({ "page": page, "rows": rows.collect::<Vec<_>>() });
        view.section(page, "settings", values);
    }
    let mut reports = Vec::new();
    if let Some(registration) = document.get("registration") {
        for (key, who) in [("members", "members"), ("guests", "guests"), ("administrators", "administrators")] {
            let of = registration.get(key).unwrap_or(&none);
            if of.is_object() {
                let [users, registered, capable] =
                    ["users", "registered", "capable"].map(|key| grouped(count(of, key)));
                reports.push(format!("{users} {who}: {registered} registered, {capable} can reset"));
            }
        }
        reports.extend(registration.get("error").map(|why| text(why, "message").to_owned()));
    }
    let score = document.get("secureScore").unwrap_or(&none);
    if let Some(points) = score.get("points") {
        let most = score.get("most").unwrap_or(&none);
        reports.push(format!("Secure Score of `{}`: {points} of {most} points", text(score, "control")));
    }
    if !reports.is_empty() {
        view.section("Reports", "lines", json!({ "lines": reports }));
    }
}
