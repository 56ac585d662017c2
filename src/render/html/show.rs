//! The page of `show`.

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::catalog::calendar::CALENDAR;
use crate::render::html::changes::{decider, words};
use crate::render::html::document::DocumentView;
use crate::render::html::fields::{count, flag, list, text, to_the_second};
use crate::render::html::page::{grouped, plural};
use crate::render::html::unread::add_unread;
use crate::render::text::facts;

pub(super) fn view(view: &mut DocumentView, document: &Json, today: Date) {
    let settings = list(document, "settings");
    let dates = list(document, "dates");
    let unknown = settings.iter().filter(|setting| setting.get("error").is_some()).count() as u64;
    let has_no_effect = |setting: &&Json| setting.get("effect").is_some_and(|effect| effect.get("noEffect").is_some());
    let idle = settings.iter().filter(has_no_effect).count() as u64;
    view.title = format!("Settings of {}", text(document, "tenant"));
    match dates.first() {
        Some(date) => view.conclude("warn", format!("On {}.", date_line(date))),
        None => view.conclude("good", "No date of the service that lies ahead touches this tenant."),
    }
    if unknown > 0 {
        view.tone = "bad";
        view.more.push(format!("{} could not be read.", plural(unknown, "setting", "settings")));
    }
    let unread = document.get("circumstances").map_or(0, |known| list(known, "unread").len() as u64);
    if unread > 0 {
        view.more.push(format!("{} of the tenant could not be read.", plural(unread, "fact", "facts")));
    }
    view.tile(settings.len() as u64, "setting", "settings", "");
    view.tile_if_any(idle, "without effect", "without effect", "warn");
    view.tile_if_any(unknown, "could not be read", "could not be read", "bad");
    if let Some(left) = dates.first().and_then(|date| today.until(text(date, "from").parse::<Date>().ok()?).ok()) {
        view.tile(left.get_days().max(0).unsigned_abs().into(), "day to the next date", "days to the next date", "");
    }
    if !dates.is_empty() {
        view.section("Dates ahead", "lines", json!({ "lines": dates.iter().map(date_line).collect::<Vec<_>>() }));
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
                "idle": setting.get("effect").is_some_and(|effect| effect.get("noEffect").is_some()),
            })
        });
        let values = json!({ "page": page, "rows": rows.collect::<Vec<_>>() });
        view.section(page, "settings", values);
    }
    if let Some(says) = document.get("circumstances").and_then(|known| known.get("says")) {
        view.section(facts::TITLE, "lines", json!({ "lines": says }));
    }
    let reports: Vec<_> = registration(document).into_iter().chain(score(document)).collect();
    if !reports.is_empty() {
        view.section("Reports", "lines", json!({ "lines": reports }));
    }
    add_unread(view, document.get("circumstances").map(std::slice::from_ref).unwrap_or_default());
}

/// A date with how sure it is, what it does, and why it was moved.
fn date_line(date: &Json) -> String {
    let surely = match text(date, "surelyFrom") {
        "" => String::new(),
        surely => format!(" (surely from {surely})"),
    };
    let agreement = CALENDAR.iter().find(|entry| entry.id == text(date, "id")).map(|entry| entry.confidence.words());
    let agreement = match (flag(date, "confirmed"), agreement) {
        (true, _) => "",
        (false, None | Some("")) => " (not confirmed)",
        (false, Some(words)) => words,
    };
    let moved = match text(date, "movedBecause") {
        "" => String::new(),
        why => format!(" (moved: {why})"),
    };
    format!("{}{surely}{agreement}: {}{moved}", text(date, "from"), text(date, "says"))
}

/// Who registered, by the report that was asked for.
fn registration(document: &Json) -> Vec<String> {
    let Some(registration) = document.get("registration") else { return Vec::new() };
    let rows = ["members", "guests", "others", "administrators"].into_iter().filter_map(|who| {
        let of = registration.get(who).filter(|of| of.is_object() && (who != "others" || count(of, "users") > 0))?;
        let [users, registered, enabled, capable] =
            ["users", "registered", "enabled", "capable"].map(|key| grouped(count(of, key)));
        Some(format!("{users} {who}: {registered} registered, {enabled} enabled, {capable} can reset"))
    });
    let error = registration.get("error").map(|why| text(why, "message").to_owned());
    rows.chain(error).collect()
}

/// The points of the Secure Score now, and those expected once a policy is applied.
fn score(document: &Json) -> Vec<String> {
    let Some(score) = document.get("secureScore") else { return Vec::new() };
    let most = score.get("most").unwrap_or(&Json::Null);
    let control = text(score, "control");
    let now = match (score.get("points"), score.get("error")) {
        (Some(points), _) => {
            let on = match text(score, "taken") {
                "" => String::new(),
                taken => format!(" on {}", to_the_second(taken)),
            };
            let status = text(score, "status");
            let status = if status.is_empty() { String::new() } else { format!(": {status}") };
            format!("Secure Score of `{control}`: {points} of {most} points{on}{status}")
        }
        (None, Some(why)) => format!("Secure Score of `{control}`: unknown: {}", text(why, "message")),
        (None, None) => format!("Secure Score of `{control}`: unknown: the tenant's Secure Score does not have it yet"),
    };
    let then = score.get("forecast").map(|then| match then.get("points") {
        Some(points) => format!("{points} of {most} points with `{}` in force", text(then, "path")),
        None => format!("unknown with `{}` in force: {}", text(then, "path"), text(then, "reason")),
    });
    [now].into_iter().chain(then).collect()
}
