//! How many people can reset, day by day: only the days on which they were counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;
use minijinja::Value;
use minijinja::value::Serde;
use serde_json::json;

use crate::render::html::page::{Markup, fill, grouped, plural};

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 76.0;
/// Where the curve begins: right of the numbers, the largest of which is ten million.
const LEFT: f64 = 78.0;
const RIGHT: f64 = WIDTH - 8.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = HEIGHT - 22.0;

/// How many people can reset on each day, as a sentence, a drawing and a table. `of` says whose numbers they are, as the end of
/// the first sentence; nothing is shown where there is no count.
#[must_use]
pub(crate) fn trend(counts: &BTreeMap<Date, u64>, of: &str, id: &str) -> Option<Markup> {
    let (first, last) = (counts.keys().next()?, counts.keys().next_back()?);
    let mut before = None;
    let rows = counts.iter().map(|(day, able)| {
        let change = before.replace(*able).map(|before| change(before, *able));
        json!({ "day": day.to_string(), "able": grouped(*able), "change": change })
    });
    let mut rows: Vec<_> = rows.collect();
    rows.reverse();
    let values = json!({
        "sentence": format!("{}{of}.", summary(counts, *first, *last)),
        "gaps": gaps(counts, *first, *last),
        "rows": if counts.len() > 1 { rows } else { Vec::new() },
    });
    let drawing = drawing(counts, (*first, *last), id);
    Some(fill("trend", minijinja::context! { drawing => Value::from(drawing), ..Value::from(Serde(values)) }))
}

/// How a count differs from the one before.
pub(crate) fn change(before: u64, able: u64) -> String {
    match able.checked_sub(before) {
        Some(0) => "= the same".to_owned(),
        Some(more) => format!("▲ {} more", grouped(more)),
        None => format!("▼ {} fewer", grouped(before - able)),
    }
}

fn summary(counts: &BTreeMap<Date, u64>, first: Date, last: Date) -> String {
    let of = |day: Date| counts.get(&day).copied().map(grouped).unwrap_or_default();
    match counts.len() {
        1 => format!("One count, of {first}: {} can reset", of(first)),
        days => format!(
            "{days} counts, from {first} to {last}: {} could reset on the first day, {} on the last",
            of(first),
            of(last)
        ),
    }
}

/// What the drawing does not have.
fn gaps(counts: &BTreeMap<Date, u64>, first: Date, last: Date) -> String {
    let days = u64::try_from(days_between(first, last)).unwrap_or_default() + 1;
    match days.saturating_sub(counts.len() as u64) {
        _ if counts.len() == 1 => "One count is a point; a trend takes those of several days.".to_owned(),
        0 => String::new(),
        1 => "Of 1 day between them there is no count; it is a gap.".to_owned(),
        missing => format!("Of {} between them there is no count; they are gaps.", plural(missing, "day", "days")),
    }
}

fn days_between(first: Date, last: Date) -> i32 {
    first.until(last).map_or(0, |span| span.get_days())
}

/// The counts of days that follow each other are joined; all others stand alone.
fn drawing(counts: &BTreeMap<Date, u64>, (first, last): (Date, Date), id: &str) -> Markup {
    let (Some(lowest), Some(highest)) = (counts.values().min(), counts.values().max()) else {
        return Markup::default();
    };
    let span = f64::from(days_between(first, last));
    let x = |day: Date| match days_between(first, day) {
        _ if first == last => f64::midpoint(LEFT, RIGHT),
        days => LEFT + f64::from(days) / span * (RIGHT - LEFT),
    };
    let y = |able: u64| match highest - lowest {
        0 => f64::midpoint(TOP, BOTTOM),
        range => BOTTOM - (able - lowest) as f64 / range as f64 * (BOTTOM - TOP),
    };
    let mut svg = format!(
        "<svg class=\"flows\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"{id}t {id}d\"><title id=\"{id}t\">How many people can \
         reset, by day</title><desc id=\"{id}d\">{}; at least {}, at most {}. A point is a count, and a line joins those of days that follow each \
         other. The scale begins at the lowest count.</desc>",
        summary(counts, first, last),
        grouped(*lowest),
        grouped(*highest)
    );
    let _ = write!(svg, "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{0}\" y2=\"{0}\"/>", BOTTOM + 6.0);
    let mut levels = vec![highest];
    levels.extend((lowest != highest).then_some(lowest));
    for level in levels {
        let _ = write!(svg, "<text class=\"muted\" x=\"4\" y=\"{:.1}\">{}</text>", y(*level) + 3.0, grouped(*level));
    }
    let mut joined = String::new();
    let mut before: Option<Date> = None;
    for (day, able) in counts {
        let follows = before.replace(*day).and_then(|before| before.tomorrow().ok()) == Some(*day);
        let _ = write!(joined, "{}{:.1} {:.1}", if follows { 'L' } else { 'M' }, x(*day), y(*able));
    }
    if joined.contains('L') {
        let _ = write!(svg, "<path class=\"curve\" d=\"{joined}\"/>");
    }
    for (day, able) in counts {
        let _ = write!(svg, "<circle class=\"able\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2\"/>", x(*day), y(*able));
    }
    let ends = if first == last { vec![(first, "middle")] } else { vec![(first, "start"), (last, "end")] };
    for (day, anchor) in ends {
        let _ = write!(
            svg,
            "<text class=\"muted\" x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{day}</text>",
            x(day),
            HEIGHT - 4.0
        );
    }
    svg.push_str("</svg>");
    Markup(svg)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn shown(counts: &[(i8, u64)]) -> String {
        let counts = counts.iter().map(|(day, able)| (date(2026, 11, *day), *able)).collect();
        trend(&counts, " here", "p").map(|Markup(markup)| markup).unwrap_or_default()
    }

    #[test]
    fn no_count_is_nothing_and_one_is_a_point() {
        assert_eq!(shown(&[]), "");
        let one = shown(&[(28, 1_234)]);
        assert!(
            one.contains("One count, of 2026-11-28: 1,234 can reset here.") && one.contains("One count is a point"),
            "{one}"
        );
        assert_eq!(
            (one.matches("<circle").count(), one.contains("<path"), one.contains("<table")),
            (1, false, false),
            "{one}"
        );
    }

    #[test]
    fn a_line_joins_days_that_follow_each_other_and_a_gap_stays_one() {
        let shown = shown(&[(24, 10), (25, 12), (28, 9), (27, 9)]);
        assert!(
            shown.contains(
                "4 counts, from 2026-11-24 to 2026-11-28: 10 could reset on the first day, 9 on the last here."
            ),
            "{shown}"
        );
        assert!(shown.contains("Of 1 day between them there is no count"), "{shown}");
        assert!(shown.contains("d=\"M78.0 39.3L146.5 10.0M283.5 54.0L352.0 54.0\""), "{shown}");
        assert_eq!(shown.matches("<circle").count(), 4);
        for row in
            ["<td class=\"num\">▲ 2 more</td>", "<td class=\"num\">▼ 3 fewer</td>", "<td class=\"num\">= the same</td>"]
        {
            assert!(shown.contains(row), "{row}: {shown}");
        }
        assert!(shown.find("2026-11-28</th>") < shown.find("2026-11-24</th>"), "the newest comes first: {shown}");
    }

    #[test]
    fn equal_counts_are_drawn_on_one_level_and_alone_without_a_line() {
        let shown = shown(&[(20, 5), (28, 5)]);
        assert!(!shown.contains("<path") && shown.matches("cy=\"32.0\"").count() == 2, "{shown}");
        assert!(shown.contains("Of 7 days between them there is no count; they are gaps."), "{shown}");
    }
}
