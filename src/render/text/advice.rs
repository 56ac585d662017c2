//! The policies that a tenant is advised to choose from, in tables and words.

use std::collections::BTreeSet;

use crate::base::count::counted;
use crate::catalog::calendar;
use crate::engine::advise::TenantAdvice;
use crate::engine::result::TenantResult;
use crate::policy::document::{ConvergedPolicy, Method};
use crate::render::text::summary_lines::{UNREAD, UNREAD_IN_PART, and_tenants, count};
use crate::review::advice::able_people::AblePeople;
use crate::review::advice::candidates::{CandidatePolicy, MethodChoice};
use crate::review::advice::steps::{AwaitedPeople, PolicyStep, StepKind};
use crate::review::advice::weakest_way::WeakestWay;
use crate::review::advice::{Advice, AdvisedPolicy};

/// What the columns of the table mean.
pub(crate) const LEGEND: &str = "people who can reset now and from each date on, if nobody registers anything new; one, two: \
                                 people who need so many more methods at the end; unclear: at the end";

/// The assumptions of every advice, a line each.
pub(crate) const ASSUMED: [&str; 3] = [
    "assumed: people have registered what the report says, and register nothing by themselves",
    "assumed: accounts, groups, licences and writeback stay as they are, and Microsoft keeps to the calendar",
    "whoever is unclear is in no number but that; a step counts as taking the reset also where it makes somebody unclear",
];

/// A row of the table: its label, its cells, and what is said of it.
pub(crate) struct AdviceRow {
    pub(crate) label: String,
    pub(crate) cells: Vec<String>,
    pub(crate) says: Vec<String>,
}

/// The names of the columns, and the rows: the methods of today and of the policy for comparison, then the options. Dates on
/// which no number changes have no column.
pub(crate) fn table(advice: &Advice) -> (Vec<String>, Vec<AdviceRow>) {
    let compared = [("today", Some(&advice.today)), ("policy", advice.policy.as_ref())];
    let compared: Vec<_> = compared.into_iter().filter_map(|(label, rated)| Some((label, rated?))).collect();
    let all: Vec<&AblePeople> =
        compared.iter().map(|(_, rated)| &rated.able).chain(advice.options.iter().map(|option| &option.able)).collect();
    let changes = |index: usize| {
        let able = |people: &AblePeople, at: usize| people.dates.get(at).map(|counts| counts.able);
        all.iter().any(|people| able(people, index) != able(people, index - 1))
    };
    let shown: Vec<usize> = (0..advice.dates.len()).filter(|index| *index == 0 || changes(*index)).collect();
    let dates = shown.iter().filter_map(|index| advice.dates.get(*index)).map(ToString::to_string);
    let columns = ["required".to_owned()].into_iter().chain(dates).chain(["unclear", "one", "two"].map(str::to_owned));
    let row = |label: String, choice: &MethodChoice, people: &AblePeople, weakest: &WeakestWay, more: Vec<String>| {
        let able = shown.iter().filter_map(|index| people.dates.get(*index)).map(|counts| counts.able.to_string());
        let unclear = people.dates.last().map(|counts| counts.unclear).unwrap_or_default();
        let end = [unclear, people.registrations.one, people.registrations.two].map(|many| many.to_string());
        let says = [words(&choice.allowed), format!("weakest reset: {}", strength(weakest))];
        let neither = people.registrations.neither;
        let helpless =
            (neither > 0).then(|| format!("{neither} may reset, and no two methods let them do it at the end"));
        AdviceRow {
            label,
            cells: [choice.required.to_string()].into_iter().chain(able).chain(end).collect(),
            says: says.into_iter().chain(helpless).chain(more).collect(),
        }
    };
    let rows = compared
        .into_iter()
        .map(|(label, rated)| row(label.to_owned(), &rated.choice, &rated.able, &rated.weakest, Vec::new()));
    let options = advice.options.iter().map(|option| {
        let AdvisedPolicy { number, policy, able, weakest, order: _ } = option;
        row(number.to_string(), &policy.choice, able, weakest, notes(policy))
    });
    (columns.collect(), rows.chain(options).collect())
}

/// What benchmarks and rules say about a policy.
fn notes(policy: &CandidatePolicy) -> Vec<String> {
    let list = |codes: &BTreeSet<&'static str>| codes.iter().copied().collect::<Vec<_>>().join(", ");
    let followed = (!policy.benchmarks.is_empty()).then(|| format!("follows {}", list(&policy.benchmarks)));
    let warned = (!policy.warnings.is_empty()).then(|| format!("warnings: {}", list(&policy.warnings)));
    followed.into_iter().chain(warned).collect()
}

fn words(methods: &BTreeSet<Method>) -> String {
    if methods.is_empty() {
        return "no method".to_owned();
    }
    methods.iter().map(|method| method.word()).collect::<Vec<_>>().join(", ")
}

/// The weakest combination of methods, each in the words of NIST SP 800-63B.
pub(crate) fn strength(weakest: &WeakestWay) -> String {
    let each = weakest.methods.iter().map(|method| format!("{} ({})", method.word(), method.spec().strength.words()));
    each.collect::<Vec<_>>().join(" and ")
}

/// What was tried, and why not all of it is among the options.
pub(crate) fn tried(advice: &Advice) -> Vec<String> {
    let Advice { tried, allowed, broken, without_order, lost_by_policy, not_counted, .. } = advice;
    let rules: Vec<_> = broken.iter().map(|(code, many)| format!("{code} {many}")).collect();
    let rules =
        if rules.is_empty() { String::new() } else { format!("; rules forbid the others: {}", rules.join(", ")) };
    let mut lines = vec![format!(
        "{} tried, {allowed} allowed now and on each date{rules}",
        counted(*tried as u64, "policy", "policies")
    )];
    lines.extend(broken.contains_key(calendar::LEGACY).then(|| {
        "before its migration to the authentication methods policy a write of methods is not sure to act: complete the \
         migration, then ask again"
            .to_owned()
    }));
    lines.extend((!not_counted.is_empty()).then(|| {
        let codes = not_counted.iter().copied().collect::<Vec<_>>().join(", ");
        format!(
            "scope, administrators and writeback are taken as the tenant has them: the policy names something that the \
             tenant does not have ({codes}); `ssprctl plan` says what"
        )
    }));
    lines.extend((*without_order > 0).then(|| {
        format!("{without_order} of them are left out: no order of steps to them takes the reset from nobody")
    }));
    lines.extend((*lost_by_policy > 0).then(|| {
        format!(
            "scope, administrators and writeback are taken as the tenant has them: what the policy says of them takes the \
             reset from {}",
            counted(*lost_by_policy, "person", "people")
        )
    }));
    lines
}

/// What is said of administrators.
pub(crate) fn administrators(advice: &Advice) -> String {
    let able = |people: &AblePeople| people.dates.iter().map(|counts| counts.administrators_able).collect::<Vec<_>>();
    let today = able(&advice.today.able);
    let fewest = |able: &[u64]| able.iter().min().copied().unwrap_or_default();
    let first = today.first().copied().unwrap_or_default();
    let unclear = advice.today.able.dates.iter().map(|counts| counts.administrators_unclear).max().unwrap_or_default();
    let numbers = format!("{first} can reset now, {} on the worst date; up to {unclear} unclear", fewest(&today));
    let others: Vec<_> = advice
        .options
        .iter()
        .filter(|option| able(&option.able) != today)
        .map(|option| format!("{} with option {}", fewest(&able(&option.able)), option.number))
        .collect();
    match others.as_slice() {
        [] if fewest(&today) < first => format!(
            "no option affects administrators, for whom Microsoft's own policy holds; dates take the reset from them by that \
             policy ({numbers})"
        ),
        [] => format!("no option affects administrators, for whom Microsoft's own policy holds ({numbers})"),
        others => format!(
            "Microsoft's own policy holds for administrators, who may also use what the authentication methods policy allows \
             ({numbers}; then {})",
            others.join(", ")
        ),
    }
}

/// A step in words: what it does, and what it waits for.
pub(crate) fn step(advice: &Advice, option: &AdvisedPolicy, index: usize) -> Vec<String> {
    let Some(step) = option.order.steps.get(index) else { return Vec::new() };
    let before = index.checked_sub(1).and_then(|before| option.order.steps.get(before));
    let before = before.map_or(&advice.today.choice, |step| &step.policy.choice);
    let mut lines = vec![does(advice, step, before)];
    if step.kind == StepKind::Register {
        lines.extend(option.order.dates.iter().map(|(at, awaited)| {
            format!(
                "before {at} {}, or that date takes the reset from them under one of these policies",
                have_to_register(*awaited)
            )
        }));
    }
    if step.waits_for.all() > 0 {
        lines.push(format!("waits: first {}, or the step takes the reset from them", have_to_register(step.waits_for)));
    }
    lines.extend(step.before.map(|at| format!("has to be done before {at}")));
    lines
}

fn does(advice: &Advice, step: &PolicyStep, before: &MethodChoice) -> String {
    let choice = &step.policy.choice;
    let added: BTreeSet<Method> = choice.allowed.difference(&before.allowed).copied().collect();
    let removed: BTreeSet<Method> = before.allowed.difference(&choice.allowed).copied().collect();
    let mut parts = Vec::new();
    match step.kind {
        StepKind::Announce => {
            return "mail people what `ssprctl announce` writes for the policy of the next step".to_owned();
        }
        StepKind::Apply => return "apply what the policy says of everything but methods".to_owned(),
        StepKind::Register => {}
        StepKind::Switch => parts.push(format!("require {}", counted(choice.required, "method", "methods"))),
        StepKind::Remove => {}
    }
    parts.extend((!added.is_empty()).then(|| format!("allow {}", words(&added))));
    parts.extend((!removed.is_empty()).then(|| format!("remove {}", words(&removed))));
    if step.kind == StepKind::Register {
        let verb = if advice.registration_required == Some(true) { "go on requiring" } else { "require" };
        parts.push(format!("{verb} registration at sign-in"));
    }
    parts.join("; ")
}

fn have_to_register(awaited: AwaitedPeople) -> String {
    let AwaitedPeople { one, two, administrators } = awaited;
    let verb = if awaited.all() == 1 { "has" } else { "have" };
    let of_them = if administrators > 0 { format!(", {administrators} of them administrators") } else { String::new() };
    let how = match (one, two) {
        (_, 0) => "one method".to_owned(),
        (0, _) => "two methods".to_owned(),
        (one, two) => format!("one method ({one}) or two ({two})"),
    };
    format!("{} {verb} to register {how}{of_them}", counted(awaited.all(), "person", "people"))
}

/// What was simulated of an option.
pub(crate) fn simulated(option: &AdvisedPolicy) -> String {
    let order = &option.order;
    match (order.steps.is_empty(), order.register.all()) {
        (true, _) => "nothing to do: the tenant has these methods, and no date takes the reset from anybody".to_owned(),
        (false, 0) => format!("simulated at {} pairs of step and date: nobody who can reset loses it", order.simulated),
        (false, all) => format!(
            "simulated at {} pairs of step and date: nobody who can reset loses it, once {all} have registered as said",
            order.simulated
        ),
    }
}

/// The subject of the commit of a step.
#[must_use]
pub(crate) fn commit(kind: StepKind, choice: &MethodChoice) -> String {
    match kind {
        StepKind::Announce => "Announce other methods of password reset".to_owned(),
        StepKind::Apply => "Apply the policy as it is, but for methods".to_owned(),
        StepKind::Register => "Allow the new methods of password reset, and ask people to register".to_owned(),
        StepKind::Switch => format!("Require {} for password reset", counted(choice.required, "method", "methods")),
        StepKind::Remove => "Remove the old methods of password reset".to_owned(),
    }
}

/// What a policy file says about methods after a step.
#[must_use]
pub(crate) fn yaml(kind: StepKind, policy: &CandidatePolicy) -> Vec<String> {
    let MethodChoice { allowed, required } = &policy.choice;
    let mut lines = vec!["methods:".to_owned(), format!("  required: {required}"), "  allowed:".to_owned()];
    lines.extend(allowed.iter().map(|method| format!("    - {}", method.word())));
    match policy.converged {
        ConvergedPolicy::Observe => {}
        ConvergedPolicy::Extend => lines.push("  convergedPolicy: extend".to_owned()),
        ConvergedPolicy::Manage => lines.push("  convergedPolicy: manage".to_owned()),
    }
    match kind {
        StepKind::Announce | StepKind::Apply => Vec::new(),
        StepKind::Register => {
            lines.extend(["registration:", "  requiredAtSignIn: true"].map(str::to_owned));
            lines
        }
        StepKind::Switch | StepKind::Remove => lines,
    }
}

/// The line under the advice. Its beginning is published.
#[must_use]
pub(crate) fn advice_line(tenants: &[TenantResult<TenantAdvice>]) -> String {
    let read: Vec<_> = tenants.iter().filter_map(|tenant| tenant.result.as_ref().ok()).collect();
    let options = read.iter().map(|read| read.advice.options.len()).sum();
    let incomplete = read.iter().filter(|read| read.is_incomplete()).count();
    let unread = and_tenants([(tenants.len() - read.len(), UNREAD), (incomplete, UNREAD_IN_PART)]);
    format!("Advice: {} for {}{unread}.", count(options, "option"), count(read.len(), "tenant"))
}
