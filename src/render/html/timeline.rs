//! When drifted settings changed, as far as runs and the audit log show it.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Deserialize as _;
use serde_json::{Value as Json, json};

use crate::plan::attribution::Doubt;
use crate::render::html::changes::words;
use crate::render::html::document::DocumentView;
use crate::render::html::fields::{list, place, text};
use crate::render::html::page::{Markup, escaped, fitting};
use crate::render::text::attribution::doubt_words;

const WIDTH: f64 = 360.0;
/// The height of one setting.
const ROW: f64 = 26.0;
/// The width for the name of a setting, in parts of the height of its letters, which are 12 high on a phone.
const NAME: f64 = 29.0;
/// How many settings are drawn.
const MOST_ROWS: usize = 12;

/// One drifted setting with when it changed.
struct DriftedRow<'a> {
    name: String,
    setting: &'a Json,
    after: Option<Timestamp>,
    by: Option<Timestamp>,
    event: Option<Timestamp>,
}

/// Adds what drifted, and the drawing of when.
pub(super) fn add_timeline(view: &mut DocumentView, tenants: &[Json]) {
    let several = tenants.len() > 1;
    let rows = tenants.iter().flat_map(|tenant| list(tenant, "settings").iter().map(move |setting| (tenant, setting)));
    let rows = rows.map(|(tenant, setting)| {
        let name = text(setting, "setting");
        DriftedRow::new(if several { format!("{}: {name}", text(tenant, "tenant")) } else { name.to_owned() }, setting)
    });
    let rows: Vec<_> = rows.collect();
    if !rows.is_empty() {
        let drawing = drawing(&rows, &format!("t{}", view.number));
        view.drawn("Drift", "timeline", json!({ "rows": rows.iter().map(row).collect::<Vec<_>>() }), drawing);
    }
}

/// The drifted settings of one tenant, as the document of `drift` has them: a row for each, and the drawing of when they changed.
#[must_use]
pub(crate) fn timeline(settings: &[&Json], id: &str) -> (Vec<Json>, Markup) {
    let rows = settings.iter().map(|setting| DriftedRow::new(text(setting, "setting").to_owned(), setting));
    let rows: Vec<_> = rows.collect();
    (rows.iter().map(row).collect(), drawing(&rows, id))
}

impl<'a> DriftedRow<'a> {
    fn new(name: String, setting: &'a Json) -> Self {
        let attribution = setting.get("attribution").unwrap_or(&Json::Null);
        let time = |object: &Json, key: &str| text(object, key).parse().ok();
        Self {
            name,
            setting,
            after: time(attribution, "after"),
            by: time(attribution, "by"),
            event: attribution.get("event").and_then(|event| time(event, "at")),
        }
    }
}

fn row(row: &DriftedRow<'_>) -> Json {
    let DriftedRow { name, setting, after, by, event: _ } = row;
    let none = Json::Null;
    let attribution = setting.get("attribution").unwrap_or(&none);
    let event = attribution.get("event").unwrap_or(&none);
    let bracket = match (after, by) {
        (Some(after), Some(by)) if short(*after) == short(*by) => short(*by),
        (Some(after), Some(by)) => match (short(*after).split_once(' '), short(*by).split_once(' ')) {
            (Some((day, from)), Some((other, to))) if day == other => {
                format!("{day}, between {} and {to}", from.trim_end_matches(" UTC"))
            }
            _ => format!("between {} and {}", short(*after), short(*by)),
        },
        (None, Some(by)) => format!("before {}", short(*by)),
        (Some(after), None) => format!("after {}", short(*after)),
        (None, None) => String::new(),
    };
    let (sign, tone) = match text(attribution, "confidence") {
        "certain" => ("●", "good"),
        "likely" => ("◐", "warn"),
        _ => ("○", ""),
    };
    let what = match text(event, "at") {
        "" => String::new(),
        at => format!("{}: {}", at.parse().map_or_else(|_| at.to_owned(), short), text(event, "activity")),
    };
    let reason = text(attribution, "reason");
    let doubts = list(attribution, "doubts").iter().filter_map(|doubt| Doubt::deserialize(doubt).ok());
    let doubts: Vec<_> = doubts.map(doubt_words).collect();
    json!({
        "name": name,
        "expected": words(setting.get("expected").unwrap_or(&none)),
        "found": words(setting.get("found").unwrap_or(&none)),
        "place": place(setting),
        "drifted": text(setting, "state") == "drifted",
        "bracket": bracket,
        "event": what,
        "who": who(attribution),
        "confidence": text(attribution, "confidence"),
        "sign": sign,
        "tone": tone,
        "reason": if reason.is_empty() { doubts.join("; ") } else { reason.to_owned() },
    })
}

/// Who it was, without the name of a person.
pub(super) fn who(attribution: &Json) -> String {
    let actor = attribution.get("actor").unwrap_or(&Json::Null);
    match (attribution.get("run"), text(actor, "kind")) {
        (Some(run), _) => format!("a run of ssprctl {}", text(run, "id")).trim_end().to_owned(),
        (None, "user") => "the account of a person".to_owned(),
        (None, "app") => format!("the application {}", text(actor, "name")),
        (None, _) => String::new(),
    }
}

/// A time to the minute.
fn short(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn drawing(rows: &[DriftedRow<'_>], id: &str) -> Markup {
    // Where no run saw another value and no event is known, there is nothing to draw.
    if rows.iter().all(|row| row.after.is_none() && row.event.is_none()) {
        return Markup::default();
    }
    let times = || rows.iter().flat_map(|row| [row.after, row.by, row.event]).flatten();
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return Markup::default() };
    let since = |at: Timestamp| at.duration_since(first).as_secs_f64();
    let span = since(last).max(1.0);
    let x = |at: Timestamp| since(at) / span * (WIDTH - 24.0) + 12.0;
    let rows: Vec<_> = rows.iter().filter(|row| row.by.is_some() || row.event.is_some()).take(MOST_ROWS).collect();
    let height = rows.len() as f64 * ROW + 16.0;
    let mut svg = format!(
        "<svg class=\"flows\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}t {id}d\"><title id=\"{id}t\">When the settings changed</title>\
         <desc id=\"{id}d\">A bracket is the time between the last run that saw another value and the first that saw this one; a \
         diamond is the event of the audit log. The table below has every time.</desc>"
    );
    for (index, row) in rows.iter().enumerate() {
        let y = index as f64 * ROW + 18.0;
        let _ = write!(svg, "<text x=\"4\" y=\"{:.1}\">{}</text>", y - 7.0, escaped(&fitting(&row.name, NAME)));
        if let Some(by) = row.by {
            let (from, to) = (row.after.map_or(0.0, x), x(by));
            let start = if row.after.is_some() { format!("M{from:.1} {:.1}v8", y - 4.0) } else { String::new() };
            let _ =
                write!(svg, "<path class=\"span\" d=\"{start}M{from:.1} {y:.1}H{to:.1}M{to:.1} {:.1}v8\"/>", y - 4.0);
        }
        if let Some(event) = row.event {
            let _ = write!(svg, "<path class=\"event\" d=\"M{:.1} {:.1}l5 5-5 5-5-5Z\"/>", x(event), y - 5.0);
        }
    }
    let bottom = height - 2.0;
    let _ = write!(
        svg,
        "<text class=\"muted\" x=\"4\" y=\"{bottom:.1}\">{}</text><text class=\"muted\" x=\"356\" y=\"{bottom:.1}\" text-anchor=\"end\">{}</text></svg>",
        short(first),
        short(last)
    );
    Markup(svg)
}
