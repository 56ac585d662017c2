//! The drawing of how many people can reset at two or three moments, and who moves from one state to another between them.
//! The same numbers make the same bytes.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::person::state::PersonState;
use crate::render::html::fields::{count, first_moment, flag, list, text};
use crate::render::html::page::{Markup, escaped, grouped, plural};
use crate::render::text::capital::capitalized;

/// How many people go from which state to which, both by their index in [`PersonState::ALL`].
type Matrix = [[u64; STATES]; STATES];

const STATES: usize = PersonState::ALL.len();
/// The width of a drawing, of which the lengths below are a part.
const WIDTH: f64 = 360.0;
/// The height of everybody.
const HEIGHT: f64 = 190.0;
/// The width of a bar.
const BAR: f64 = 8.0;
/// The least height in which a label fits.
const LABEL: f64 = 15.0;
/// The space between two bars of a column.
const GAP: f64 = 5.0;
/// Where the first bar of a column begins, below its heading.
const TOP: f64 = 20.0;

/// People at the moments of a forecast that are drawn: today, once the policy is applied, and on the next date
/// on which somebody moves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PeopleFlows {
    /// The first moment in words.
    first: String,
    today: [u64; STATES],
    /// From today to the policy applied; `None` where it changes nothing that decides about a reset.
    applied: Option<Matrix>,
    /// From there to a date.
    next: Option<(String, Matrix)>,
}

impl PeopleFlows {
    /// The people of one forecast without an administrator's role.
    pub(super) fn of(forecast: &Json) -> Self {
        let rows = list(forecast, "rows");
        let Some(first) = rows.first() else { return Self::default() };
        let is_applied = |row: &Json| flag(row, "applied") && text(row, "at") == text(first, "at");
        let applied = rows.iter().position(is_applied);
        let after = applied.unwrap_or_default() + 1;
        let moves = |row: &usize| {
            let matrix = matrix(forecast, *row);
            (0..STATES).any(|from| (0..STATES).any(|to| from != to && cell(&matrix, from, to) > 0))
        };
        let has_date = |row: &usize| {
            let causes = rows.get(*row).map(|row| list(row, "causes")).unwrap_or_default();
            causes.iter().any(|cause| cause.get("calendar").is_some())
        };
        // Nobody moves in the rows that are passed over, so that the flows to this one are those from the row that is drawn.
        let later = || after..rows.len();
        let next = later().find(moves).or_else(|| later().find(has_date)).or_else(|| later().next());
        Self {
            first: first_moment(forecast),
            today: PersonState::ALL.map(|state| first.get("people").map_or(0, |people| count(people, state.word()))),
            applied: applied.map(|row| matrix(forecast, row)),
            next: next.and_then(|row| Some((text(rows.get(row)?, "at").to_owned(), matrix(forecast, row)))),
        }
    }

    /// The people of several tenants together.
    pub(super) fn sum(several: &[Self]) -> Self {
        let first = several.first().map(|one| one.first.clone()).unwrap_or_default();
        let mut sum = Self { first, ..Self::default() };
        for one in several {
            sum.today.iter_mut().zip(one.today).for_each(|(all, many)| *all += many);
        }
        let add = |all: &mut Matrix, one: &Matrix| {
            all.iter_mut().zip(one).for_each(|(all, one)| all.iter_mut().zip(one).for_each(|(all, many)| *all += many));
        };
        if several.iter().any(|one| one.applied.is_some()) {
            let mut all = Matrix::default();
            several.iter().for_each(|one| add(&mut all, &one.applied.unwrap_or_else(|| staying(one.today))));
            sum.applied = Some(all);
        }
        let mut dates: Vec<&str> = several.iter().filter_map(|one| Some(one.next.as_ref()?.0.as_str())).collect();
        dates.sort_unstable();
        dates.dedup();
        if let Some(first) = dates.first() {
            let mut all = Matrix::default();
            for one in several {
                let stays = || staying(one.applied.map_or(one.today, |applied| arriving(&applied)));
                add(&mut all, &one.next.as_ref().map_or_else(stays, |(_, next)| *next));
            }
            let date = if dates.len() == 1 { (*first).to_owned() } else { format!("from {first} on") };
            sum.next = Some((date, all));
        }
        sum
    }

    /// Each moment after today in words, with the flows to it.
    fn steps(&self) -> Vec<(String, Matrix)> {
        let applied = self.applied.iter().map(|matrix| ("once applied".to_owned(), *matrix));
        applied.chain(self.next.clone()).collect()
    }

    /// What the template `flows` takes, and the drawing; `None` without people or with one moment. Each
    /// drawing of a page has another `id`.
    pub(super) fn values(&self, id: &str) -> Option<(Json, Markup)> {
        let steps = self.steps();
        if steps.is_empty() || self.today.iter().sum::<u64>() == 0 {
            return None;
        }
        let mut rows = Vec::new();
        let mut from_word = self.first.clone();
        for (to_word, matrix) in &steps {
            for (from, to) in pairs() {
                let many = cell(matrix, from, to);
                if many > 0 {
                    rows.push(json!({
                        "moment": format!("{from_word} → {to_word}"),
                        "from": word(from), "to": word(to), "people": grouped(many), "moves": direction(from, to).1,
                    }));
                }
            }
            from_word.clone_from(to_word);
        }
        Some((json!({ "rows": rows }), self.drawing(&steps, id)))
    }

    fn drawing(&self, steps: &[(String, Matrix)], id: &str) -> Markup {
        let mut columns = vec![(self.first.clone(), self.today)];
        columns.extend(steps.iter().map(|(word, matrix)| (word.clone(), arriving(matrix))));
        let all: u64 = self.today.iter().sum();
        let scale = HEIGHT / all.max(1) as f64;
        let bars: Vec<_> = columns.iter().map(|(_, states)| layout(states, scale)).collect();
        let height = bars.iter().flatten().flatten().map(|bar| bar.slot_end).fold(TOP, f64::max) + 4.0;
        // The labels of the last column are on its left, where those of the middle one are too.
        let x = |column: usize| match column {
            0 => 0.0,
            column if column + 1 == columns.len() => WIDTH - BAR,
            _ => (WIDTH - BAR) / 3.0,
        };
        let title = "Who can reset a password, and who moves";
        let mut svg = format!(
            "<svg class=\"flows\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-labelledby=\"{id}t {id}d\">\
             <title id=\"{id}t\">{title}</title><desc id=\"{id}d\">{}</desc>",
            escaped(&self.description(steps))
        );
        for (column, (_, matrix)) in steps.iter().enumerate() {
            let (Some(from_bars), Some(to_bars)) = (bars.get(column), bars.get(column + 1)) else { continue };
            let (mut left, mut right) = ([0.0; STATES], [0.0; STATES]);
            for (from, to) in pairs() {
                let thick = cell(matrix, from, to) as f64 * scale;
                let ends = from_bars.get(from).copied().flatten().zip(to_bars.get(to).copied().flatten());
                let (Some((one, other)), true) = (ends, thick > 0.0) else { continue };
                let Some((left, right)) = left.get_mut(from).zip(right.get_mut(to)) else { continue };
                let (x0, x1) = (x(column) + BAR, x(column + 1));
                let (y0, y1, middle) = (one.top + *left, other.top + *right, (x0 + x1) / 2.0);
                let shown = thick.max(0.8);
                let _ = write!(
                    svg,
                    "<path class=\"{}\" d=\"M{x0:.1} {y0:.1}C{middle:.1} {y0:.1} {middle:.1} {y1:.1} {x1:.1} {y1:.1}V{:.1}\
                     C{middle:.1} {:.1} {middle:.1} {:.1} {x0:.1} {:.1}Z\"/>",
                    direction(from, to).0,
                    y1 + shown,
                    y1 + shown,
                    y0 + shown,
                    y0 + shown
                );
                *left += thick;
                *right += thick;
            }
        }
        for (column, ((heading, states), bars)) in columns.iter().zip(&bars).enumerate() {
            let is_last = column + 1 == columns.len();
            let (at, anchor) = if is_last { (x(column) + BAR, " text-anchor=\"end\"") } else { (x(column), "") };
            let _ = write!(svg, "<text class=\"muted\" x=\"{at:.1}\" y=\"10\"{anchor}>{}</text>", escaped(heading));
            let at = if is_last { x(column) - 4.0 } else { x(column) + BAR + 4.0 };
            for (state, (many, bar)) in states.iter().zip(bars).enumerate() {
                let Some(bar) = bar else { continue };
                let _ = write!(
                    svg,
                    "<rect class=\"{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{BAR}\" height=\"{:.1}\"/>\
                     <text x=\"{at:.1}\" y=\"{:.1}\" dy=\".35em\"{anchor}><tspan class=\"strong\">{}</tspan> {}</text>",
                    PersonState::ALL.get(state).map_or("", |state| state.word()),
                    x(column),
                    bar.top,
                    bar.height,
                    bar.top + bar.height / 2.0,
                    grouped(*many),
                    word(state)
                );
            }
        }
        svg.push_str("</svg>");
        Markup(svg)
    }

    /// The drawing in words.
    fn description(&self, steps: &[(String, Matrix)]) -> String {
        let able = |states: &[u64; STATES]| plural(states.first().copied().unwrap_or_default(), "person", "people");
        let mut said = match self.first.strip_prefix("on ") {
            Some(date) => format!("On {date} {} can reset.", able(&self.today)),
            None => format!("Today {} can reset.", able(&self.today)),
        };
        for (word, matrix) in steps {
            let moving = |class: &str| -> u64 {
                pairs()
                    .filter(|(from, to)| direction(*from, *to).0 == class)
                    .map(|(from, to)| cell(matrix, from, to))
                    .sum()
            };
            let able = able(&arriving(matrix));
            let lose = plural(moving("lose"), "loses it", "lose it");
            let gain = plural(moving("gain"), "gains it", "gain it");
            let _ = write!(said, " {}: {able}; {lose}, {gain}.", capitalized(word));
        }
        said + " The table below has every number."
    }
}

/// The bar of a state, and where the place of its label ends.
#[derive(Clone, Copy)]
struct Bar {
    top: f64,
    height: f64,
    slot_end: f64,
}

/// The bars of a column from above; none for a state of nobody.
fn layout(states: &[u64; STATES], scale: f64) -> [Option<Bar>; STATES] {
    let mut next = TOP;
    states.map(|many| {
        (many > 0).then(|| {
            let height = (many as f64 * scale).max(1.0);
            let slot = height.max(LABEL);
            let bar = Bar { top: next + (slot - height) / 2.0, height, slot_end: next + slot };
            next += slot + GAP;
            bar
        })
    })
}

/// The flows of one row of a forecast, without administrators.
fn matrix(forecast: &Json, row: usize) -> Matrix {
    let mut matrix = Matrix::default();
    let state = |word: &str| PersonState::ALL.iter().position(|state| state.word() == word);
    for flow in
        list(forecast, "flows").iter().filter(|flow| count(flow, "row") == row as u64 && !flag(flow, "administrators"))
    {
        let ends = state(text(flow, "before")).zip(state(text(flow, "after")));
        if let Some(many) = ends.and_then(|(from, to)| matrix.get_mut(from)?.get_mut(to)) {
            *many += count(flow, "people");
        }
    }
    matrix
}

fn cell(matrix: &Matrix, from: usize, to: usize) -> u64 {
    matrix.get(from).and_then(|row| row.get(to)).copied().unwrap_or_default()
}

/// Everybody stays in their state.
fn staying(states: [u64; STATES]) -> Matrix {
    let mut matrix = Matrix::default();
    for (state, many) in states.into_iter().enumerate() {
        if let Some(cell) = matrix.get_mut(state).and_then(|row| row.get_mut(state)) {
            *cell = many;
        }
    }
    matrix
}

/// How many are in which state at the end.
fn arriving(matrix: &Matrix) -> [u64; STATES] {
    let mut states = [0; STATES];
    for row in matrix {
        states.iter_mut().zip(row).for_each(|(all, many)| *all += many);
    }
    states
}

fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..STATES).flat_map(|from| (0..STATES).map(move |to| (from, to)))
}

/// Whether people who go from one state to another lose or gain the reset: the class of their band, and in words.
fn direction(from: usize, to: usize) -> (&'static str, &'static str) {
    let known = |state: usize| PersonState::ALL.get(state).and_then(|state| state.known());
    match (known(from), known(to)) {
        (Some(true), Some(false)) => ("lose", "− lose it"),
        (Some(false), Some(true)) => ("gain", "+ gain it"),
        (Some(_), Some(_)) if from == to => ("same", "stay"),
        (Some(_), Some(_)) => ("same", "still cannot"),
        (None, None) => ("same", "still unclear"),
        (None, Some(_)) | (Some(_), None) => ("same", "unclear"),
    }
}

/// A state in few words.
pub(super) fn word(state: usize) -> &'static str {
    match PersonState::ALL.get(state) {
        Some(PersonState::Able) => "can reset",
        Some(PersonState::Short) => "too few",
        Some(PersonState::Unregistered) => "no method",
        Some(PersonState::NotPermitted) => "may not",
        Some(PersonState::Unclear) | None => "unclear",
    }
}
