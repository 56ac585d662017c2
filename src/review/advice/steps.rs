//! The steps from the methods that a tenant has to other ones, in an order that takes the reset from nobody who has it, and
//! the simulation of that order over every step and date.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::catalog::calendar::Population;
use crate::catalog::tenant_calendar::MethodAvailability;
use crate::person::answer::Answer;
use crate::person::assess::has_role;
use crate::person::census::Census;
use crate::person::facts::{PersonFacts, TenantSituation};
use crate::person::policy_state::PolicyState;
use crate::person::registered::own_names;
use crate::person::state::Moment;
use crate::plan::build;
use crate::policy::document::Method;
use crate::review::advice::candidates::{CandidatePolicy, CandidateSource, MethodChoice, TenantDocuments};
use crate::tenant::registration::UserRegistrationDetails;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum StepKind {
    /// It informs people about what comes; the policy stays as it is.
    Announce,
    /// It applies what the policy says of everything but methods.
    Apply,
    /// It allows the new methods, and has people register at sign-in.
    Register,
    /// It changes how many methods a reset takes.
    Switch,
    /// It removes methods.
    Remove,
}

impl StepKind {
    /// The word in JSON and in texts.
    #[must_use]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Announce => "announce",
            Self::Apply => "apply",
            Self::Register => "register",
            Self::Switch => "switch",
            Self::Remove => "remove",
        }
    }
}

/// People who have to register before something takes the reset from them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AwaitedPeople {
    /// How many have to register one method.
    pub(crate) one: u64,
    /// How many have to register two.
    pub(crate) two: u64,
    /// How many of them are administrators.
    pub(crate) administrators: u64,
}

impl AwaitedPeople {
    /// How many they are.
    #[must_use]
    pub(crate) fn all(self) -> u64 {
        self.one + self.two
    }
}

/// One step, which is one commit.
#[derive(Clone, Debug)]
pub(crate) struct PolicyStep {
    pub(crate) kind: StepKind,
    pub(crate) policy: CandidatePolicy,
    /// The people from whom the step would take the reset, so that it waits for what they register.
    pub(crate) waits_for: AwaitedPeople,
    /// The date by which it has to be done: methods that it removes end then.
    pub(crate) before: Option<Date>,
}

/// The steps to a policy, and what was simulated of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct StepOrder {
    pub(crate) steps: Vec<PolicyStep>,
    /// The people who would lose the reset on a date by a method that ends, so that they have to register before it.
    pub(crate) dates: BTreeMap<Date, AwaitedPeople>,
    /// Everybody who has to register so that no step and no date takes the reset from them.
    pub(crate) register: AwaitedPeople,
    /// How many pairs of a step and a date were simulated.
    pub(crate) simulated: usize,
    /// How many people who can reset lose it at one of them, whatever they register in time.
    pub(crate) lose: u64,
}

/// The steps from the tenant as it is to other methods, each applied to the tenant as the step before leaves it, and simulated
/// for everybody; `None` if the rules forbid one of them.
pub(crate) fn order(
    source: &CandidateSource<'_>,
    target: &MethodChoice,
    census: &Census,
    tenant: &TenantSituation,
) -> Option<StepOrder> {
    let mut snapshot = source.snapshot.clone();
    let live = PolicyState::of(|surface| snapshot.document(surface).ok());
    let (now, _) = source.candidate(source.live.clone(), &snapshot);
    let mut steps: Vec<(StepKind, CandidatePolicy)> = Vec::new();
    let mut take = |documents: TenantDocuments| {
        snapshot.documents.extend(documents.into_iter().map(|(surface, document)| (surface, Ok(document))));
        snapshot.clone()
    };
    let documents = build::build(&source.desired.without_methods(), source.snapshot).0.documents_after();
    let base = PolicyState::of(|surface| documents.get(&surface));
    let mut snapshot = take(documents);
    if live != base {
        steps.push((StepKind::Apply, CandidatePolicy { state: base.clone(), ..now.clone() }));
    }
    let mut before = &source.live;
    let choices = choices(&source.live, target);
    for (kind, choice) in &choices {
        // People register in a step of its own, also where the methods are allowed already.
        if choice == before && *kind != StepKind::Register {
            continue;
        }
        let (policy, documents) = source.candidate(choice.clone(), &snapshot);
        // What the rules hold against the methods of today is wrong whatever is done.
        if policy.errors.iter().any(|code| !now.errors.contains(code)) {
            return None;
        }
        snapshot = take(documents);
        steps.push((*kind, policy));
        before = choice;
    }
    let simulation = Simulation {
        states: [&live].into_iter().chain(steps.iter().map(|(_, policy)| &policy.state)).collect(),
        choices: [&source.live].into_iter().chain(steps.iter().map(|(_, policy)| &policy.choice)).collect(),
        dates: source.dates,
        tenant,
    };
    let SimulationResult { found, steps_wait } = simulation.run(census);
    let mut dated: Vec<PolicyStep> = Vec::new();
    for ((kind, policy), waits_for) in steps.into_iter().zip(steps_wait) {
        let before = dated.last().map_or(&source.live, |step| &step.policy.choice);
        let changes_nothing = kind == StepKind::Register && policy.state == base && found.register.all() == 0;
        if !changes_nothing {
            let removed = before.allowed.difference(&policy.choice.allowed);
            let before = removed.filter_map(|method| ends(*method, source.dates, tenant)).min();
            dated.push(PolicyStep { kind, policy, waits_for, before });
        }
    }
    if !dated.is_empty() {
        let (kind, waits_for) = (StepKind::Announce, AwaitedPeople::default());
        dated.insert(0, PolicyStep { kind, policy: now, waits_for, before: None });
    }
    Some(StepOrder { steps: dated, ..found })
}

/// The first of the dates ahead on which a method that works on the first day no longer works for most people.
fn ends(method: Method, dates: &[Date], tenant: &TenantSituation) -> Option<Date> {
    let calendar = &tenant.calendar;
    let works = |at| calendar.availability(method, Population::MostPeople, at) == MethodAvailability::Works;
    let (first, ahead) = dates.split_first()?;
    ahead.iter().copied().find(|at| works(*first) && !works(*at))
}

/// The choices on the way from one to another: first the new methods next to the old ones, then the number, then without
/// the old ones. A method that the service does not offer with the number of a step is not added before the number changes, and
/// removed with it, unless the choice that is the aim has it.
fn choices(from: &MethodChoice, to: &MethodChoice) -> [(StepKind, MethodChoice); 3] {
    let offered = |method: &&Method, required| method.spec().offered_from <= required;
    let added = to.allowed.iter().filter(|method| to.required == from.required || offered(method, from.required));
    let both: BTreeSet<Method> = from.allowed.iter().chain(added).copied().collect();
    let retained = both.iter().filter(|method| to.allowed.contains(method) || offered(method, to.required));
    let switched = retained.chain(&to.allowed).copied().collect();
    [
        (StepKind::Register, MethodChoice { allowed: both, required: from.required }),
        (StepKind::Switch, MethodChoice { allowed: switched, required: to.required }),
        (StepKind::Remove, to.clone()),
    ]
}

/// The policies of the steps, the tenant's own first, and the dates on which everybody is asked.
struct Simulation<'a> {
    states: Vec<&'a PolicyState>,
    choices: Vec<&'a MethodChoice>,
    dates: &'a [Date],
    tenant: &'a TenantSituation,
}

/// Whether somebody can reset, by step and date.
struct AbleGrid(Vec<Vec<bool>>);

/// Something that takes the reset from somebody: a step, or a date while a step is done; by their places.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loss {
    Step(usize),
    Date { step: usize, date: usize },
}

/// What a simulation has found.
struct SimulationResult {
    found: StepOrder,
    /// Whom each step waits for.
    steps_wait: Vec<AwaitedPeople>,
}

impl Simulation<'_> {
    fn run(&self, census: &Census) -> SimulationResult {
        let simulated = (self.states.len() - 1) * self.dates.len();
        let found = StepOrder { simulated, ..StepOrder::default() };
        let mut result = SimulationResult { found, steps_wait: vec![AwaitedPeople::default(); self.states.len() - 1] };
        for (person, many) in census.people() {
            let losses = self.able(&person).losses();
            if losses.is_empty() {
                continue;
            }
            let Some(registered) = self.register(&person, &losses) else {
                result.found.lose += many;
                continue;
            };
            let administrators = if has_role(&person) { many } else { 0 };
            let (one, two) = if registered == 1 { (many, 0) } else { (0, many) };
            let add = |awaited: &mut AwaitedPeople| {
                awaited.one += one;
                awaited.two += two;
                awaited.administrators += administrators;
            };
            add(&mut result.found.register);
            for (index, awaited) in result.steps_wait.iter_mut().enumerate() {
                if losses.contains(&Loss::Step(index + 1)) {
                    add(awaited);
                }
            }
            for (index, at) in self.dates.iter().enumerate() {
                if losses.iter().any(|loss| matches!(loss, Loss::Date { step: _, date } if *date == index)) {
                    add(result.found.dates.entry(*at).or_default());
                }
            }
        }
        result
    }

    /// Whether somebody can reset, by what is computed alone: where the report contradicts it, a step waits for one person too
    /// many, and never for one too few.
    fn able(&self, person: &PersonFacts<'_>) -> AbleGrid {
        let can =
            |policy: &PolicyState, at| Moment { policy, at, read: None }.answer(self.tenant, person) == Answer::Yes;
        AbleGrid(self.states.iter().map(|policy| self.dates.iter().map(|at| can(policy, *at)).collect()).collect())
    }

    /// How many methods somebody has to register, of those that are allowed before the first loss, so that no step and no date
    /// takes the reset from them; `None` if two are not enough. With them everything is asked again.
    fn register(&self, person: &PersonFacts<'_>, losses: &[Loss]) -> Option<usize> {
        let first = losses.iter().map(|loss| match loss {
            Loss::Step(step) => step - 1,
            Loss::Date { step, date: _ } => *step,
        });
        let allowed = &self.choices.get(first.min()?)?.allowed;
        let report = person.report?;
        let names: Vec<String> = own_names()
            .filter(|(method, name)| (allowed.contains(method) || has_role(person)) && !report.methods.contains(name))
            .map(|(_, name)| name)
            .collect();
        let without = self.able(person);
        let nothing_lost = |more: &[&String]| {
            let methods = report.methods.iter().chain(more.iter().copied()).cloned().collect();
            let report = UserRegistrationDetails { methods, ..report.clone() };
            let able = self.able(&PersonFacts { report: Some(&report), ..*person });
            able.losses().is_empty() && able.includes(&without)
        };
        if names.iter().any(|name| nothing_lost(&[name])) {
            return Some(1);
        }
        let two = |name: &String| names.iter().any(|other| other != name && nothing_lost(&[name, other]));
        names.iter().any(two).then_some(2)
    }
}

impl AbleGrid {
    /// Whether the person can reset wherever they can by another grid.
    fn includes(&self, other: &Self) -> bool {
        let cells = self.0.iter().flatten().zip(other.0.iter().flatten());
        cells.into_iter().all(|(able, known)| *able || !known)
    }

    /// Everything that takes the reset from the person. Dates before the first step take it whatever is done.
    fn losses(&self) -> Vec<Loss> {
        let mut losses = Vec::new();
        for (step, (before, row)) in
            self.0.iter().zip(self.0.iter().skip(1)).enumerate().map(|(at, pair)| (at + 1, pair))
        {
            if before.iter().zip(row).any(|(before, after)| *before && !after) {
                losses.push(Loss::Step(step));
            }
            for (date, (before, after)) in row.iter().zip(row.iter().skip(1)).enumerate() {
                if *before && !after {
                    losses.push(Loss::Date { step, date: date + 1 });
                }
            }
        }
        losses
    }
}
