//! The people whom a plan affects, in words.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::base::count::counted;
use crate::engine::result::{ApplyResult, TenantResult};
use crate::person::answer::AnswerReason;
use crate::person::policy_state::decides_who_can_reset;
use crate::render::text::error::error_line;
use crate::render::text::forecast::{judged_by, losses_ahead};
use crate::render::text::reports::by_report;
use crate::render::text::summary_lines::count;
use crate::review::approve::Review;
use crate::review::impact::{Impact, ImpactResult, LostReset};
use crate::review::losing::{by_size, words};
use crate::tenant::facts::{SynchronisedPeople, UnreadFact};

/// What is said of a plan that may move people, of whom nobody was counted.
const NOT_COUNTED: &str = "not counted; `ssprctl plan --impact` counts who gains the reset and who loses it";
/// The same of a rollback, of which nobody is ever counted.
const ROLLBACK_NOT_COUNTED: &str =
    "not counted: a rollback counts nobody; `ssprctl forecast` counts who can reset afterwards";

/// A title and the lines below it about the plan of one tenant, not escaped; `None` when nobody was counted and the plan cannot
/// move anybody.
pub(crate) fn lines_of_one(review: &Review) -> Option<(String, Vec<String>)> {
    lines(review).or_else(|| may_move(review).then(|| ("people".to_owned(), vec![not_counted(review).to_owned()])))
}

fn not_counted(review: &Review) -> &'static str {
    if review.plan.rolled_back.is_empty() { NOT_COUNTED } else { ROLLBACK_NOT_COUNTED }
}

/// Whether nobody was counted, and the plan changes something that decides who can reset.
fn may_move(review: &Review) -> bool {
    review.impact.is_none() && review.plan.changes().iter().any(|change| decides_who_can_reset(change.setting))
}

/// A title and the lines below it, not escaped; `None` when nobody was counted.
pub(crate) fn lines(review: &Review) -> Option<(String, Vec<String>)> {
    let title = "people".to_owned();
    Some(match review.impact.as_ref()? {
        ImpactResult::Unaffected => {
            let line = "nobody: the plan changes neither who may reset nor with what; `ssprctl forecast` counts whom dates move";
            (title, vec![line.to_owned()])
        }
        ImpactResult::Unknown(why) => {
            let hint = why.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
            (title, vec![format!("unknown: {}{hint}", error_line(why))])
        }
        ImpactResult::Counted(impact) => {
            (format!("people, by the {}{}", by_report(impact.refreshed), judged_by(&impact.forecast)), rows(impact))
        }
    })
}

/// The people of several tenants on one line, not escaped; `None` where nobody was to be counted and no plan moves anybody.
pub(crate) fn sum(tenants: &[TenantResult<Review>]) -> Option<String> {
    let reviews = || tenants.iter().filter_map(|one| one.result.as_ref().ok());
    let asked: Vec<_> = reviews().filter_map(|review| review.impact.as_ref()).collect();
    if asked.is_empty() {
        return reviews().find(|review| may_move(review)).map(|review| not_counted(review).to_owned());
    }
    Some(sum_of(&asked, tenants.len() - reviews().count()))
}

/// The people of the tenants in which something was written that is left, on one line, not escaped; `None` where nobody was
/// counted.
pub(crate) fn sum_of_applied(tenants: &[TenantResult<ApplyResult>]) -> Option<String> {
    let asked: Vec<_> = tenants.iter().filter_map(|one| one.result.as_ref().ok()?.affected()).collect();
    (!asked.is_empty()).then(|| format!("People, counted before anything was sent: {}", sum_of(&asked, 0)))
}

/// The people of all who were asked for; the people of `unread` more tenants are not known.
fn sum_of(asked: &[&ImpactResult], unread: usize) -> String {
    let counted: Vec<_> = asked.iter().filter_map(|one| known(one)).collect();
    let of = |many: fn(&Impact) -> u64| counted.iter().map(|one| many(one)).sum::<u64>();
    let losing = counted.iter().filter(|one| one.lose + one.administrators_lose > 0).count();
    let [lose, gain] = [of(|one| one.lose), of(|one| one.gain)];
    let administrators = match of(|one| one.administrators_lose) {
        0 => String::new(),
        many => format!(" and {}", count_of(many, "administrator", "administrators")),
    };
    let place = if losing == 0 { String::new() } else { format!(" in {}", count(losing, "tenant")) };
    let unclear = of(|one| one.unclear + one.administrators_unclear);
    let unknown = asked.iter().filter(|one| matches!(one, ImpactResult::Unknown(_))).count();
    let more = [
        Some(count_of(gain, "gains it", "gain it")),
        (unclear > 0).then(|| format!("of {unclear} it is unclear")),
        (unknown + unread > 0).then(|| format!("in {} it is not known", count(unknown + unread, "tenant"))),
    ];
    let more: String = more.into_iter().flatten().map(|words| format!("; {words}")).collect();
    let people = count_of(lose, "person", "people");
    let verb = if lose == 1 && administrators.is_empty() { "loses" } else { "lose" };
    format!("{people}{administrators} {verb} the reset{place}{more}")
}

/// The counts of the tenants of which people lose the reset, the most first; each with the name of the tenant.
pub(crate) fn losing(tenants: &[TenantResult<Review>]) -> Vec<(&str, String)> {
    let read = tenants.iter().filter_map(|one| Some((one, known(one.result.as_ref().ok()?.impact.as_ref()?)?)));
    let losses = read.map(|(one, impact)| (impact.lose + impact.administrators_lose, one, impact));
    let row = |impact| rows(impact).into_iter().next().unwrap_or_default();
    let mut all: Vec<_> = losses
        .filter(|(many, ..)| *many > 0)
        .map(|(many, one, impact)| (Reverse(many), one.tenant.as_str(), row(impact)))
        .collect();
    all.sort_by_key(|(many, ..)| *many);
    all.into_iter().map(|(_, tenant, row)| (tenant, row)).collect()
}

fn known(people: &ImpactResult) -> Option<&Impact> {
    match people {
        ImpactResult::Counted(impact) => Some(impact),
        ImpactResult::Unaffected | ImpactResult::Unknown(_) => None,
    }
}

fn count_of(many: u64, one: &str, several: &str) -> String {
    format!("{many} {}", if many == 1 { one } else { several })
}

/// The lines about the people whom the plan of one tenant affects, not escaped; what is below another one begins with two spaces.
pub(crate) fn rows(impact: &Impact) -> Vec<String> {
    let Impact {
        people,
        now,
        then,
        gain,
        lose,
        lost,
        short,
        unregistered,
        unclear,
        at_risk,
        reasons,
        administrators_lose,
        administrators_enabled,
        administrators_unclear,
        administrators_reasons,
        synchronised,
        external,
        refreshed: _,
        at,
        by_date_alone,
        not_counted,
        unread,
        losses: _,
        forecast,
        grouped: _,
    } = impact;
    let once = match at {
        None => "once applied".to_owned(),
        Some(at) if *by_date_alone => format!("on {at}, with the policies as they are"),
        Some(at) => format!("once applied, on {at}"),
    };
    let of = counted(*people, "person", "people");
    let gain = counted(*gain, "gains it", "gain it");
    let mut rows = vec![format!("of {of}, {now} can reset now and {then} {once}: {gain}, {}", loses(*lose))];
    if !not_counted.is_empty() {
        let codes = not_counted.iter().copied().collect::<Vec<_>>().join(", ");
        rows.push(format!("the policy is not counted, as it names something that the tenant does not have: {codes}"));
    }
    let LostReset { reasons: lose_reasons, without_plan, perhaps_without_plan, administrators: of_administrators } =
        lost;
    let lost = by_size(lose_reasons).into_iter();
    rows.extend(lost.map(|(reason, many)| format!("  {} because {}", loses(many), words(reason))));
    let by_date = [
        (without_plan, "by that date, and would without the plan, too"),
        (perhaps_without_plan, "then, and whether they would without the plan, too, is not known"),
    ];
    let by_date = by_date.into_iter().filter(|(many, _)| **many > 0);
    rows.extend(by_date.map(|(many, says)| format!("  {} {says}", loses(*many))));
    rows.extend(losses_ahead(forecast));
    let counts = [
        (short, "may reset then, with too few methods registered"),
        (unregistered, "may reset then, with no method registered that counts"),
        (unclear, "unclear: whether they can reset, now or then, is not known"),
        (at_risk, "of these can reset now, and may lose it"),
    ];
    let of = |(many, says): (&u64, &str)| (*many > 0).then(|| format!("{many} {says}"));
    rows.extend(counts.into_iter().filter_map(of));
    rows.extend(because(reasons));
    rows.extend(unread.iter().map(|UnreadFact { what, why }| format!("  not read: {what}: {}", error_line(why))));
    let SynchronisedPeople { people: _, cannot, unclear: _, why } = synchronised;
    let are = counted(*cannot, "is in scope and cannot", "are in scope and cannot");
    rows.extend((*cannot > 0).then(|| format!("{are} reset then: {why}")));
    let administrators = |many: u64, says: &str| {
        (many > 0).then(|| format!("{} {says}", counted(many, "administrator", "administrators")))
    };
    rows.extend(administrators(*administrators_lose, "can reset now, and cannot then"));
    let lost = by_size(of_administrators).into_iter();
    rows.extend(lost.map(|(reason, many)| format!("  {many} because {}", words(reason))));
    rows.extend(administrators(*administrators_enabled, "may reset then, if they have registered enough methods"));
    let are = if *administrators_unclear == 1 { "is unclear" } else { "are unclear" };
    rows.extend(administrators(*administrators_unclear, are));
    rows.extend(because(administrators_reasons));
    rows.extend(of((external, "more whose account is in another tenant, which decides about them")));
    rows
}

/// How many lose it, with the verb.
fn loses(many: u64) -> String {
    counted(many, "loses it", "lose it")
}

/// The reasons why people are unclear, the most frequent first.
fn because(reasons: &BTreeMap<AnswerReason, u64>) -> Vec<String> {
    let mut reasons: Vec<_> = reasons.iter().collect();
    reasons.sort_by_key(|(reason, many)| (Reverse(**many), **reason));
    reasons.into_iter().map(|(reason, many)| format!("  {many} because {}", reason.words())).collect()
}
