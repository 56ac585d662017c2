//! How many people can reset over policies and dates, in tables and words.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::base::count::counted;
use crate::catalog::calendar::CalendarEffect;
use crate::engine::forecast::TenantForecast;
use crate::engine::result::TenantResult;
use crate::person::answer::AnswerReason;
use crate::person::forecast::{ForecastCounts, ForecastRow, StateCounts};
use crate::person::forecast_dates::DateCause;
use crate::person::registrations::Registrations;
use crate::person::state::PersonState;
use crate::policy::document::Method;
use crate::render::text::summary_lines::{UNREAD, UNREAD_IN_PART, and_tenants};
use crate::review::losing::words;

/// The columns of a table: when, the states, and who loses or gains it since the row before.
pub(crate) const COLUMNS: [&str; 8] = ["", "can", "lose", "gain", "short", "nothing", "may not", "unclear"];

/// The moment at which a plan is applied.
const APPLIED: &str = "once applied";

/// What is said of a moment at which everybody is in the state of the one before.
pub(crate) const NOBODY_MOVES: &str = "nobody moves";

/// A title with the lines below it.
pub(crate) struct TitledLines {
    pub(crate) title: String,
    pub(crate) lines: Vec<String>,
}

/// The table of people, and that of administrators where there are any: a title, and the cells of each row.
pub(crate) fn tables(counts: &ForecastCounts) -> Vec<(&'static str, Vec<[String; 8]>)> {
    let table = |of: fn(&ForecastRow) -> &StateCounts| {
        let rows = counts.rows.iter().enumerate().map(|(index, row)| cells(&label(counts, row), index, of(row)));
        rows.collect::<Vec<_>>()
    };
    let administrators = counts.rows.iter().any(|row| row.administrators.all() > 0);
    let administrators = administrators.then(|| ("administrators", table(|row| &row.administrators)));
    [("people", table(|row| &row.people))].into_iter().chain(administrators).collect()
}

fn cells(label: &str, index: usize, counts: &StateCounts) -> [String; 8] {
    let moved = |many: u64| if index == 0 { "–".to_owned() } else { many.to_string() };
    let of = |state| counts.of(state).to_string();
    [
        label.to_owned(),
        of(PersonState::Able),
        moved(counts.lose),
        moved(counts.gain),
        of(PersonState::Short),
        of(PersonState::Unregistered),
        of(PersonState::NotPermitted),
        of(PersonState::Unclear),
    ]
}

/// The moment of a row in words.
pub(crate) fn label(counts: &ForecastCounts, row: &ForecastRow) -> String {
    let today = counts.rows.first().map(|first| first.at);
    match (today == Some(row.at), row.planned) {
        (true, true) => APPLIED.to_owned(),
        (true, false) if !counts.past => "today".to_owned(),
        (_, _) => row.at.to_string(),
    }
}

/// What else is to be said of a reading where its numbers are not those of the day on which it took place; else nothing.
pub(crate) fn judged_by(counts: &ForecastCounts) -> String {
    let past = counts.rows.first().filter(|_| counts.past);
    past.map(|row| format!(", read now and judged as on {}", row.at)).unwrap_or_default()
}

/// Why a plan of the policy is refused, and whether it counts; nothing where it is not refused.
pub(crate) fn refused(forecast: &TenantForecast) -> Vec<String> {
    let each = forecast.refused.iter().map(|finding| {
        let counted = if forecast.counts_policy { "counted as if it were applied" } else { "not counted" };
        let message = &finding.message;
        format!("the plan of the policy is refused, and the policy {counted}: {}: {message}", finding.code)
    });
    each.collect()
}

/// What moves the numbers of each row, and what would have to be registered then.
pub(crate) fn details(counts: &ForecastCounts) -> Vec<TitledLines> {
    let said = counts.rows.iter().zip(lines_of_rows(counts)).enumerate();
    let each = said.filter(|(_, (_, lines))| !lines.is_empty()).map(|(index, (row, lines))| {
        let nobody = if index > 0 && row.nobody_moves() { format!(": {NOBODY_MOVES}") } else { String::new() };
        TitledLines { title: format!("{}{nobody}", label(counts, row)), lines }
    });
    each.collect()
}

/// The same lines, for each row in its order; none for a row of which nothing is to be said.
pub(crate) fn lines_of_rows(counts: &ForecastCounts) -> Vec<Vec<String>> {
    let before = [None].into_iter().chain(counts.rows.iter().map(Some));
    let first = counts.rows.first().map(|row| label(counts, row)).unwrap_or_default();
    counts.rows.iter().zip(before).map(|(row, before)| lines(row, before, &first)).collect()
}

/// The dates ahead on which people lose the reset, each with how many and with what changes then.
pub(crate) fn losses_ahead(counts: &ForecastCounts) -> Vec<String> {
    let today = counts.rows.first().map(|row| row.at);
    let ahead = counts.rows.iter().filter(|row| today < Some(row.at));
    let each = ahead.filter(|row| row.people.lose + row.administrators.lose > 0).map(|row| {
        let lose = if row.people.lose + row.administrators.lose == 1 { "loses" } else { "lose" };
        let who = who(row.people.lose, row.administrators.lose);
        let ends = row.causes.iter().filter_map(|cause| match cause {
            DateCause::Calendar { entry, .. } if entry.effect != CalendarEffect::Neighbour => Some(entry.what),
            DateCause::Calendar { .. } | DateCause::Waiver(_) => None,
        });
        let ends = ends.collect::<Vec<_>>().join("; ");
        let ends = if ends.is_empty() { ends } else { format!(": {ends}") };
        format!("{who} {lose} it on {}{ends}", row.at)
    });
    each.collect()
}

/// The counts and their details below the people whom a plan affects, which says already what moves the numbers of today.
/// The dates on which nobody moves share one line.
pub(crate) fn of_plan(counts: &ForecastCounts) -> (ForecastCounts, Vec<TitledLines>) {
    let today = counts.rows.first().map(|row| row.at);
    let before = [None].into_iter().chain(counts.rows.iter().map(Some));
    let rows: Vec<_> = counts.rows.iter().zip(before).collect();
    let (quiet, moving): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|(row, before)| today < Some(row.at) && before.is_some_and(|one| row.repeats(one)));
    let shown = ForecastCounts { rows: moving.into_iter().map(|(row, _)| row.clone()).collect(), ..counts.clone() };
    let applied = shown.rows.iter().take_while(|row| today == Some(row.at)).last();
    let register = applied.map(|row| TitledLines { title: label(counts, row), lines: to_register(&row.registrations) });
    let register = register.filter(|TitledLines { title: _, lines }| !lines.is_empty());
    let of_today: Vec<_> =
        shown.rows.iter().take_while(|row| today == Some(row.at)).map(|row| label(counts, row)).collect();
    let is_ahead = |detail: &TitledLines| !of_today.iter().any(|label| detail.title.starts_with(label));
    let ahead = details(&shown).into_iter().filter(is_ahead);
    let quiet: Vec<_> = quiet.into_iter().map(|(row, _)| row.at.to_string()).collect();
    let nobody = (!quiet.is_empty())
        .then(|| TitledLines { title: format!("{NOBODY_MOVES} on {}", listed(&quiet)), lines: Vec::new() });
    let details = register.into_iter().chain(ahead).chain(nobody).collect();
    (shown, details)
}

/// The first moment is that of the word or date `first`.
fn lines(row: &ForecastRow, before: Option<&ForecastRow>, first: &str) -> Vec<String> {
    let ForecastRow { at: _, planned: _, causes, people, administrators, ended, registrations, able_without_plan } =
        row;
    let mut lines: Vec<String> = causes.iter().map(cause).collect();
    let no_longer: Vec<_> = ended.iter().map(|(method, many)| format!("{} for {many}", method.word())).collect();
    if !no_longer.is_empty() {
        lines.push(format!("registered, and no longer counts: {}", no_longer.join(", ")));
    }
    for (who, counts, earlier) in [
        ("", people, before.map(|before| &before.people)),
        ("administrators: ", administrators, before.map(|before| &before.administrators)),
    ] {
        lines.extend(moves(who, counts));
        let unclear_before = earlier.map(|earlier| earlier.of(PersonState::Unclear));
        if unclear_before != Some(counts.of(PersonState::Unclear)) {
            lines.extend(unclear(who, &counts.reasons));
        }
    }
    let since_today = (people.lose_since_today, people.gain_since_today);
    if people.lose + people.gain > 0 && since_today != (people.lose, people.gain) {
        let (lose, gain) = since_today;
        let lose = counted(lose, "loses it", "lose it");
        lines.push(format!("against {first}: {lose}, {}", counted(gain, "gains it", "gain it")));
    }
    if before.is_some_and(|before| before.able_without_plan != *able_without_plan) {
        lines.extend(able_without_plan.map(|able| format!("without the plan: {able} can reset then")));
    }
    if before.is_none_or(|before| before.registrations != *registrations) {
        let certainly = if is_doubtful(row) { "to be certain: " } else { "" };
        lines.extend(to_register(registrations).into_iter().map(|line| format!("{certainly}{line}")));
    }
    lines
}

/// What happens on a date, in words.
pub(crate) fn cause(cause: &DateCause) -> String {
    match cause {
        DateCause::Calendar { entry, date, certain } => {
            let doubt = if *certain { "" } else { ", not certain on this day" };
            format!("{} ({date}{doubt}): {}", entry.id, entry.what)
        }
        DateCause::Waiver(waiver) => {
            format!("the waiver of {} ended on {}: its finding counts again", waiver.rule, waiver.expires)
        }
    }
}

/// Who loses it, and who can no longer or at last be answered for.
fn moves(who: &str, counts: &StateCounts) -> Vec<String> {
    let mut losses: Vec<_> = counts.losses.iter().collect();
    losses.sort_by_key(|(_, many)| std::cmp::Reverse(**many));
    let lose = losses
        .into_iter()
        .map(|(reason, many)| format!("{who}{} because {}", counted(*many, "loses it", "lose it"), words(reason)));
    let gain = (counts.gain > 0).then(|| format!("{who}{}", counted(counts.gain, "gains it", "gain it")));
    let open = counts.flows.get(&(PersonState::Able, PersonState::Unclear));
    let open = open.map(|many| {
        let are = if *many == 1 { "is" } else { "are" };
        format!("{who}{many} could reset, and {are} unclear from then on")
    });
    lose.chain(gain).chain(open).collect()
}

fn unclear(who: &str, reasons: &BTreeMap<AnswerReason, u64>) -> Vec<String> {
    let mut reasons: Vec<_> = reasons.iter().collect();
    reasons.sort_by_key(|(reason, many)| (std::cmp::Reverse(**many), **reason));
    reasons.into_iter().map(|(reason, many)| format!("{who}{many} unclear because {}", reason.words())).collect()
}

/// What people need who have to register one method; those that it can be follow.
const ONE_MORE: &str = "one method more, which can be";
/// The same of two methods.
const TWO_MORE: &str = "two methods more, which can be";

/// Whether it is not certain that the service has changed on the day already, so that people are counted who may need less.
fn is_doubtful(row: &ForecastRow) -> bool {
    row.causes.iter().any(|cause| matches!(cause, DateCause::Calendar { certain: false, .. }))
}

/// What people would have to register to be able to reset.
fn to_register(registrations: &Registrations) -> Vec<String> {
    let Registrations { one, two, neither, methods } = registrations;
    let served = |of: fn(&(u64, u64)) -> u64| {
        let each = methods.iter().filter(|(_, served)| of(served) > 0);
        let each = each.map(|(method, served): (&Method, _)| format!("{} for {}", method.word(), of(served)));
        // Several may serve one person, so that these numbers can be more than the people together.
        each.collect::<Vec<_>>().join(", ")
    };
    let needs = |many, what| format!("{} {what}", counted(many, "needs", "need"));
    let lines = [
        (*one, needs(*one, ONE_MORE), served(|served| served.0)),
        (*two, needs(*two, TWO_MORE), served(|served| served.1)),
        (*neither, format!("{neither} may reset, and no two methods let them do it for certain"), String::new()),
    ];
    let lines = lines.into_iter().filter(|(many, ..)| *many > 0);
    lines.map(|(_, needs, which)| if which.is_empty() { needs } else { format!("{needs}: {which}") }).collect()
}

/// The tenants in which people fall out, each with how many and when, the most people first; none for a single tenant.
pub(crate) fn tenants_with_losses(tenants: &[TenantResult<TenantForecast>]) -> Vec<String> {
    let lines = tenants.iter().filter(|_| tenants.len() > 1).filter_map(|tenant| {
        let falls = falls_out(tenant.result.as_ref().ok().into_iter());
        let many: u64 = falls.values().map(|(people, administrators)| people + administrators).sum();
        (many > 0).then(|| (many, format!("{}: {}", tenant.tenant, falls_words(falls))))
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort_by_key(|(many, _)| std::cmp::Reverse(*many));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// How many people, and how many administrators, surely fall out at each moment, by date and by the words for it.
type FallsOut = BTreeMap<(Date, String), (u64, u64)>;

fn falls_out<'a>(forecasts: impl Iterator<Item = &'a TenantForecast>) -> FallsOut {
    let mut falls = FallsOut::new();
    for TenantForecast { counts, .. } in forecasts {
        for row in counts.rows.iter().filter(|row| row.people.lose + row.administrators.lose > 0) {
            let (people, administrators) = falls.entry((row.at, label(counts, row))).or_default();
            *people += row.people.lose;
            *administrators += row.administrators.lose;
        }
    }
    falls
}

fn falls_words(falls: FallsOut) -> String {
    let each = falls.into_iter().enumerate().map(|(index, ((at, label), (people, administrators)))| {
        let when = if label == at.to_string() { format!("on {label}") } else { label };
        let verb = match (index, people + administrators) {
            (0, 1) => " falls out",
            (0, _) => " fall out",
            _ => "",
        };
        format!("{}{verb} {when}", who(people, administrators))
    });
    listed(&each.collect::<Vec<_>>())
}

/// The line under a forecast. Its beginning is published.
#[must_use]
pub(crate) fn forecast_line(tenants: &[TenantResult<TenantForecast>]) -> String {
    let read: Vec<_> = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).collect();
    let falls = falls_out(read.iter().copied());
    let today = |counts: &ForecastCounts| counts.rows.first().map(|first| first.at);
    let ends = read.iter().filter(|forecast| Some(forecast.counts.end) > today(&forecast.counts));
    let until = ends.map(|forecast| forecast.counts.end).max().map(|end| format!(" until {end}")).unwrap_or_default();
    let incomplete = read.iter().filter(|forecast| forecast.is_incomplete()).count();
    let falls = match (falls.is_empty(), incomplete) {
        (false, _) => falls_words(falls),
        (true, 0) => format!("nobody falls out{until}"),
        (true, _) => format!("nobody is known to fall out{until}"),
    };
    let unclear = read.iter().map(|forecast| forecast.counts.unclear).sum::<u64>();
    let administrators = read.iter().map(|forecast| forecast.counts.administrators_unclear).sum::<u64>();
    let are = if unclear + administrators == 1 { "is" } else { "are" };
    let who = if unclear + administrators > 0 { who(unclear, administrators) } else { "0".to_owned() };
    let refused = read.iter().filter(|forecast| !forecast.refused.is_empty()).count();
    let unread = and_tenants([
        (tenants.len() - read.len(), UNREAD),
        (incomplete, UNREAD_IN_PART),
        (refused, "with a policy whose plan is refused"),
    ]);
    if read.is_empty() && !tenants.is_empty() {
        return format!("Forecast: nothing is known{unread}.");
    }
    format!("Forecast: {falls}, {who} {are} unclear{unread}.")
}

fn who(people: u64, administrators: u64) -> String {
    let count = |number: u64, one: &str, many: &str| (number > 0).then(|| counted(number, one, many));
    let parts = [count(people, "person", "people"), count(administrators, "administrator", "administrators")];
    listed(&parts.into_iter().flatten().collect::<Vec<_>>())
}

fn listed(parts: &[String]) -> String {
    match parts.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
