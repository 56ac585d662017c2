//! The share of people who are ready for a policy, over time.

use std::fmt::Write as _;

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use crate::render::html::fields::{count, list, text};
use crate::render::html::page::{Markup, escaped, grouped, plural};

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 120.0;
/// How high the share of 100 % is drawn, from above.
const TOP: f64 = 14.0;
/// The least span of time that is drawn, in days.
const SHORTEST: i32 = 14;
/// How wide a letter of a date is at most, where the letters are largest: on a phone.
const LETTER: f64 = 7.2;
/// How many days the table has, the newest ones.
const MOST_ROWS: usize = 30;

/// What the template `readiness` takes, and the drawing of two days or more.
pub(super) fn values(readiness: &Json, forecast: &Json, id: &str) -> (Json, Markup) {
    let days: Vec<_> = list(readiness, "days").iter().filter_map(share_of_day).collect();
    let rows = days.iter().rev().take(MOST_ROWS);
    let rows = rows.map(|(at, share)| json!({ "at": at.to_string(), "share": format!("{share:.1} %") }));
    let values = json!({ "sentence": sentence(readiness), "rows": rows.collect::<Vec<_>>() });
    (values, if days.len() > 1 { drawing(readiness, forecast, &days, id) } else { Markup::default() })
}

/// The share of those who can reset on a day, in percent of those of whom it is known.
fn share_of_day(day: &Json) -> Option<(Date, f64)> {
    let (able, not_able) = (count(day, "able"), count(day, "notAble"));
    let known = able.saturating_add(not_able);
    (known > 0).then_some(()).and(text(day, "at").parse().ok()).map(|at| (at, 100.0 * able as f64 / known as f64))
}

fn sentence(readiness: &Json) -> String {
    let (able, not_able) = (count(readiness, "able"), count(readiness, "notAble"));
    let threshold = count(readiness, "threshold");
    let when = match text(readiness, "pace") {
        "reached" => format!("{threshold} % are reached."),
        "about" => {
            let latest = match text(readiness, "latest") {
                "" => "perhaps much later".to_owned(),
                latest => format!("not after {latest}"),
            };
            format!(
                "At this pace {threshold} % are reached about {}: not before {}, {latest}.",
                text(readiness, "about"),
                text(readiness, "earliest")
            )
        }
        "too-far" => format!("At this pace {threshold} % are more than a year away."),
        "not-growing" => format!("At this pace {threshold} % are not reached."),
        "too-few-days" => format!("Too few days are counted to say when {threshold} % are reached."),
        _ => format!("It is not known when {threshold} % are reached."),
    };
    let known = able.saturating_add(not_able);
    let known = plural(known, "person", "people");
    format!("{} of {known} can reset with the policy. {when}", grouped(able))
}

fn drawing(readiness: &Json, forecast: &Json, days: &[(Date, f64)], id: &str) -> Markup {
    let (Some((first, _)), Some((newest, share))) = (days.first(), days.last()) else { return Markup::default() };
    let reached: Option<Date> = text(readiness, "about").parse().ok();
    let today = list(forecast, "rows").first().map(|row| text(row, "at")).unwrap_or_default();
    let ends: Vec<Date> = list(forecast, "rows")
        .iter()
        .filter(|row| text(row, "at") != today && row.get("people").is_some_and(|people| count(people, "lose") > 0))
        .filter_map(|row| text(row, "at").parse().ok())
        .collect();
    let between = |from: Date, to: Date| from.until(to).map_or(0, |span| span.get_days());
    let last = ends.iter().chain(&reached).copied().fold(*newest, Date::max);
    let span = f64::from(between(*first, last).max(SHORTEST));
    let x = |at: Date| f64::from(between(*first, at)) / span * (WIDTH - 8.0) + 4.0;
    let bottom = HEIGHT - 16.0;
    let y = |share: f64| bottom - share.clamp(0.0, 100.0) / 100.0 * (bottom - TOP);
    let threshold = count(readiness, "threshold");
    let mut svg = format!(
        "<svg class=\"flows\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"{id}t {id}d\"><title id=\"{id}t\">The share of people who can reset \
         with the policy</title><desc id=\"{id}d\">{}</desc>",
        escaped(&format!("From {first} to {newest}: now {share:.1} %. {}", sentence(readiness)))
    );
    let level = y(threshold as f64);
    let _ = write!(
        svg,
        "<line class=\"axis\" x1=\"4\" x2=\"356\" y1=\"{bottom}\" y2=\"{bottom}\"/><line class=\"grid\" x1=\"4\" x2=\"356\" y1=\"{level:.1}\" y2=\"{level:.1}\"/>\
         <text class=\"muted\" x=\"4\" y=\"{:.1}\">{threshold} %</text>",
        level - 3.0
    );
    let mut above = PlacedWords::default();
    for at in &ends {
        let _ = write!(svg, "<line class=\"end\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{TOP}\" y2=\"{bottom}\"/>", x(*at));
        if let Some((at_x, anchor)) = above.place(x(*at), &format!("{at}: people fall out")) {
            let _ = write!(svg, "<text x=\"{at_x:.1}\" y=\"10\" text-anchor=\"{anchor}\">{at}: people fall out</text>");
        }
    }
    let points: Vec<_> = days.iter().map(|(at, share)| format!("{:.1},{:.1}", x(*at), y(*share))).collect();
    let _ = write!(svg, "<polyline class=\"curve\" points=\"{}\"/>", points.join(" "));
    if let Some(at) = reached {
        let _ = write!(
            svg,
            "<polyline class=\"curve ahead\" points=\"{:.1},{:.1} {:.1},{level:.1}\"/>",
            x(*newest),
            y(*share),
            x(at)
        );
    }
    // Below the curve, and not under the words of the threshold.
    let share_x = x(*newest).max(40.0);
    let share_anchor = if share_x > 80.0 { "end" } else { "start" };
    let share_y = (y(*share) + 13.0).min(bottom - 3.0);
    let _ = write!(
        svg,
        "<text class=\"strong\" x=\"{share_x:.1}\" y=\"{share_y:.1}\" text-anchor=\"{share_anchor}\">{share:.0} %</text>"
    );
    let mut below = PlacedWords::default();
    for at in [Some(*first), reached, Some(*newest)].into_iter().flatten() {
        if let Some((at_x, anchor)) = below.place(x(at), &at.to_string()) {
            let _ = write!(
                svg,
                "<text class=\"muted\" x=\"{at_x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{at}</text>",
                HEIGHT - 3.0
            );
        }
    }
    svg.push_str("</svg>");
    Markup(svg)
}

/// The words of one line of a drawing, none of which may be over others.
#[derive(Default)]
struct PlacedWords(Vec<(f64, f64)>);

impl PlacedWords {
    /// Where words go that belong to a place, and how they are anchored there; `None` where they would be over others.
    fn place(&mut self, at: f64, words: &str) -> Option<(f64, &'static str)> {
        let width = words.chars().count() as f64 * LETTER;
        let ends = [(at - width, at, at, "end"), (at, at + width, at, "start")];
        let fits = |from: f64, to: f64| {
            from >= 0.0 && to <= WIDTH && self.0.iter().all(|(other, end)| to < *other - LETTER || from > *end + LETTER)
        };
        let (from, to, at, anchor) = ends.into_iter().find(|(from, to, ..)| fits(*from, *to))?;
        self.0.push((from, to));
        Some((at, anchor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_never_over_others() {
        let mut line = PlacedWords::default();
        assert_eq!(line.place(4.0, "2026-11-07"), Some((4.0, "start")));
        assert_eq!(line.place(80.0, "2026-11-28"), None);
        assert_eq!(line.place(200.0, "2026-12-18"), Some((200.0, "end")));
        assert_eq!(line.place(356.0, "2027-02-01"), Some((356.0, "end")));
    }
}
