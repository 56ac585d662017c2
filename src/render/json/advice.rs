//! The document of `advise`.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::engine::advise::TenantAdvice;
use crate::engine::result::TenantResult;
use crate::render::json::effect::{UnreadJson, unread};
use crate::render::json::error::{ErrorJson, error};
use crate::render::json::head::{DocumentHead, RunEnd, TenantHead, document_schema};
use crate::render::json::reports::ReportTimesJson;
use crate::render::json::text::ended_text;
use crate::render::text::advice::{ASSUMED, administrators, commit, step, yaml};
use crate::review::advice::able_people::AblePeople;
use crate::review::advice::candidates::MethodChoice;
use crate::review::advice::steps::{AwaitedPeople, StepKind};
use crate::review::advice::weakest_way::WeakestWay;
use crate::review::advice::{Advice, AdvisedPolicy, RatedChoice};

/// The result of `ssprctl advise --format json`: the best policies for the methods of each tenant, and the steps to them. It
/// holds numbers alone, and nothing that names a person.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl advise")]
struct AdviseDocument {
    /// The fields with which every document begins.
    #[serde(flatten)]
    head: DocumentHead,
    /// One entry for each tenant.
    tenants: Vec<AdvisedTenant>,
}

/// The advice for one tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AdvisedTenant {
    /// The fields with which every tenant begins.
    #[serde(flatten)]
    head: TenantHead,
    /// The advice; absent when the tenant could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<AdviceJson>,
    /// What could not be read, because of which people are unclear.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    unread: Vec<UnreadJson>,
    /// When the report was refreshed.
    #[serde(flatten)]
    refreshed: ReportTimesJson,
    /// Why the tenant could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

/// The policies that a tenant can choose from.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Advice")]
struct AdviceJson {
    /// The methods that the tenant has, for comparison.
    today: RatedJson,
    /// The methods of the policy, where they are others.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<RatedJson>,
    /// How many policies were tried: each set of methods, with one method required and with two.
    tried: usize,
    /// How many of them the rules allow now and on each date.
    allowed: usize,
    /// How many of them a rule forbids, by its code; several rules may forbid one.
    forbidden: BTreeMap<&'static str, usize>,
    /// How many would be among the options, had they an order of steps that takes the reset from nobody.
    without_order: usize,
    /// How many people what the policy says of scope, administrators and writeback takes the reset from; the advice takes these
    /// as the tenant has them then.
    lost_by_policy: u64,
    /// The codes of the errors for which what the policy says of scope, administrators and writeback cannot be planned; the
    /// advice takes these as the tenant has them then.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    not_counted: BTreeSet<&'static str>,
    /// People whose account is in another tenant, whose policy decides about them; they are in no other number.
    external: u64,
    /// The best policies: none of all is better by people on the worst date, strength and registrations at once.
    options: Vec<OptionJson>,
    /// What is said of administrators.
    administrators: String,
    /// What the advice assumes, in words.
    assumed: Vec<&'static str>,
}

/// Methods, with what they do for people.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RatedMethods")]
struct RatedJson {
    /// The methods, by their words in `methods.allowed`.
    allowed: Vec<&'static str>,
    /// How many a reset takes.
    required: u32,
    /// Who can reset on the first day, and on each date ahead, if nobody registers anything new.
    dates: Vec<AbleJson>,
    /// How many people without an administrator's role can reset on the worst date.
    fewest: u64,
    /// What people without an administrator's role would have to register to be able to reset on the last date.
    to_register: RegistrationsJson,
    /// The weakest combination of methods that is enough for a reset.
    weakest: Vec<StrengthJson>,
}

/// Who can reset on one date.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AbleOnDate")]
struct AbleJson {
    /// The date by which people are counted.
    #[schemars(extend("format" = "date"))]
    at: String,
    /// People without an administrator's role who can reset.
    able: u64,
    /// Those of whom it is not known.
    unclear: u64,
    /// Administrators who can reset, by Microsoft's policy for them.
    administrators_able: u64,
    /// Administrators of whom it is not known.
    administrators_unclear: u64,
}

/// How many people need one method more, need two more, or cannot reset whatever two methods they register.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NeededRegistrations")]
struct RegistrationsJson {
    /// How many need one method more.
    one: u64,
    /// How many need two methods more.
    two: u64,
    /// Neither is enough for certain.
    neither: u64,
}

/// A method as an authenticator, in the words of NIST SP 800-63B.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MethodStrength")]
struct StrengthJson {
    /// The method, by its word in `methods.allowed`.
    method: &'static str,
    /// What it is: `authenticator`, `restricted`, `notAllowed`, `noAuthenticator`.
    strength: &'static str,
    /// The same in words.
    says: &'static str,
}

/// One of the best policies.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PolicyOption")]
struct OptionJson {
    /// Its number, for `--option`.
    option: usize,
    /// The methods, with what they do for people.
    #[serde(flatten)]
    rated: RatedJson,
    /// The recommendations of public benchmarks about methods that it follows.
    benchmarks: Vec<&'static str>,
    /// The codes of the warnings about its methods.
    warnings: Vec<&'static str>,
    /// What the policy file says in the end.
    yaml: String,
    /// The steps, each one commit, in order.
    steps: Vec<AdvisedStepJson>,
    /// Who has to register so that no step and no date takes the reset from them.
    register: AwaitedJson,
    /// The same by the date before which they have to.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    register_before: Vec<AwaitedBeforeJson>,
    /// How the order of the steps was simulated.
    simulation: SimulationJson,
}

/// One step on the way to the policy.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PolicyStep")]
struct AdvisedStepJson {
    /// What it does: `announce`, `apply`, `register`, `switch`, `remove`.
    step: &'static str,
    /// The subject of its commit.
    commit: String,
    /// What it does, in words.
    says: Vec<String>,
    /// What the policy file says then; absent where it stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    yaml: Option<String>,
    /// Who has to register first: the step would take the reset from them on one of the dates.
    waits_for: AwaitedJson,
    /// The date before which it has to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    before: Option<String>,
}

/// People who have to register.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AwaitedPeople")]
struct AwaitedJson {
    /// How many have to register one method.
    one: u64,
    /// How many have to register two.
    two: u64,
    /// How many of them are administrators.
    administrators: u64,
}

/// People who have to register before a date.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AwaitedBefore")]
struct AwaitedBeforeJson {
    /// The date, which takes the reset from them otherwise.
    #[schemars(extend("format" = "date"))]
    at: String,
    /// How many people the date concerns.
    people: AwaitedJson,
}

/// What was simulated of the steps.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "StepSimulation")]
struct SimulationJson {
    /// How many pairs of a step and a date.
    pairs: usize,
    /// How many people who can reset lose it at one of them, once all have registered who have to.
    lose: u64,
}

/// The document of a run that ends with `exit`.
#[must_use]
pub(crate) fn advice(tenants: &[TenantResult<TenantAdvice>], end: RunEnd) -> String {
    ended_text(
        &AdviseDocument { head: DocumentHead::new("advise", end), tenants: tenants.iter().map(tenant).collect() },
        end,
    )
}

/// The schema of the document.
#[must_use]
pub(crate) fn advice_schema() -> Value {
    document_schema::<AdviseDocument>("advise")
}

fn tenant(tenant: &TenantResult<TenantAdvice>) -> AdvisedTenant {
    let read = tenant.result.as_ref().ok();
    let refreshed = read.and_then(|read| read.refreshed);
    AdvisedTenant {
        head: TenantHead::read(tenant, read.map(|read| (read.tenant_id, read.cloud, read.taken))),
        advice: read.map(|read| advice_json(&read.advice)),
        unread: read.map(|read| unread(&read.unread)).unwrap_or_default(),
        refreshed: ReportTimesJson::from(refreshed),
        error: tenant.result.as_ref().err().map(error),
    }
}

fn advice_json(advice: &Advice) -> AdviceJson {
    let of = |known: &RatedChoice| rated(&known.choice, &known.able, &known.weakest);
    AdviceJson {
        today: of(&advice.today),
        policy: advice.policy.as_ref().map(of),
        tried: advice.tried,
        allowed: advice.allowed,
        forbidden: advice.broken.clone(),
        without_order: advice.without_order,
        lost_by_policy: advice.lost_by_policy,
        not_counted: advice.not_counted.clone(),
        external: advice.external,
        options: advice.options.iter().map(|one| option(advice, one)).collect(),
        administrators: administrators(advice),
        assumed: ASSUMED.to_vec(),
    }
}

fn rated(choice: &MethodChoice, able: &AblePeople, weakest: &WeakestWay) -> RatedJson {
    let dates = able.dates.iter().map(|counts| AbleJson {
        at: counts.at.to_string(),
        able: counts.able,
        unclear: counts.unclear,
        administrators_able: counts.administrators_able,
        administrators_unclear: counts.administrators_unclear,
    });
    let weakest = weakest.methods.iter().map(|method| {
        let strength = method.spec().strength;
        StrengthJson { method: method.word(), strength: strength.word(), says: strength.words() }
    });
    let registrations = &able.registrations;
    RatedJson {
        allowed: choice.allowed.iter().map(|method| method.word()).collect(),
        required: choice.required,
        dates: dates.collect(),
        fewest: able.fewest(),
        to_register: RegistrationsJson {
            one: registrations.one,
            two: registrations.two,
            neither: registrations.neither,
        },
        weakest: weakest.collect(),
    }
}

fn option(advice: &Advice, option: &AdvisedPolicy) -> OptionJson {
    let AdvisedPolicy { number, policy, able, weakest, order } = option;
    let lines = |lines: Vec<String>| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let steps = order.steps.iter().enumerate().map(|(index, one)| AdvisedStepJson {
        step: one.kind.word(),
        commit: commit(one.kind, &one.policy.choice),
        says: step(advice, option, index),
        yaml: Some(lines(yaml(one.kind, &one.policy))).filter(|yaml| !yaml.is_empty()),
        waits_for: awaited(one.waits_for),
        before: one.before.map(|at| at.to_string()),
    });
    let before =
        order.dates.iter().map(|(at, people)| AwaitedBeforeJson { at: at.to_string(), people: awaited(*people) });
    OptionJson {
        option: *number,
        rated: rated(&policy.choice, able, weakest),
        benchmarks: policy.benchmarks.iter().copied().collect(),
        warnings: policy.warnings.iter().copied().collect(),
        yaml: lines(yaml(StepKind::Remove, policy)),
        steps: steps.collect(),
        register: awaited(order.register),
        register_before: before.collect(),
        simulation: SimulationJson { pairs: order.simulated, lose: order.lose },
    }
}

fn awaited(people: AwaitedPeople) -> AwaitedJson {
    let AwaitedPeople { one, two, administrators } = people;
    AwaitedJson { one, two, administrators }
}
