//! The document of `why`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::base::ids::ObjectId;
use crate::engine::why::{PersonReport, PolicyAnswer};
use crate::person::action::NextAction;
use crate::person::allowed::{Allowed, MethodState};
use crate::person::answer::{Answer, AnswerReason};
use crate::person::explanation::Explanation;
use crate::person::policy_state::ResetScope;
use crate::person::roles::HeldPolicy;
use crate::render::json::effect::{UnreadJson, unread};
use crate::render::json::error::{ErrorJson, error};
use crate::render::json::head::{DocumentHead, RunEnd, document_schema};
use crate::render::json::text::ended_text;
use crate::render::text::person;
use crate::tenant::audit::RefusedReset;

/// The result of `ssprctl why --format json`: whether one person can reset, and why. It holds personal data.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl why")]
struct WhyDocument {
    /// The fields with which every document begins.
    #[serde(flatten)]
    head: DocumentHead,
    /// The tenant, as given in `--tenant` or in the policy.
    tenant: String,
    /// The id of the Entra tenant.
    #[schemars(extend("format" = "uuid"))]
    tenant_id: String,
    /// The sign-in name of the person.
    user: String,
    /// The object id of the person.
    #[schemars(extend("format" = "uuid"))]
    user_id: String,
    /// Whether the account is synchronised from on premises, where its password then is.
    synchronised: bool,
    /// The registered methods, by the names of the registration report; absent where the report does not have the person, or was
    /// not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    registered: Option<Vec<String>>,
    /// Whether temporary access passes are on for the person, by the authentication methods policy as it is.
    temporary_access_pass: AnswerWord,
    /// When the service made that line of the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    refreshed: Option<String>,
    /// The answer by the tenant as it is.
    live: PersonAnswerJson,
    /// The answer by the plan of the policy of `--policy`; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed: Option<ProposedJson>,
    /// The newest resets that the service refused within 30 days, the newest first.
    refused: Vec<RefusedResetJson>,
    /// What could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    unread: Vec<UnreadJson>,
}

/// The answer by the plan of a policy, or why it is not known what the plan changes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ProposedAnswer")]
struct ProposedJson {
    /// The path of the policy.
    path: String,
    /// The codes of the findings because of which the plan is refused.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    refused: Vec<&'static str>,
    /// The answer; absent where it is not known, and where the policy names something that the tenant does not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<PersonAnswerJson>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorJson>,
}

/// One person's answer by one state of the policies.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PersonAnswer")]
struct PersonAnswerJson {
    /// The date for which it holds.
    #[schemars(extend("format" = "date"))]
    at: String,
    /// Whether the person can reset.
    answer: AnswerWord,
    /// The codes of the reasons; none for yes.
    reasons: Vec<&'static str>,
    /// The policy that decides about the person.
    policy: PolicyWord,
    /// The answer by Microsoft's policy for administrators, where it is not known whether that holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_administrators: Option<AnswerWord>,
    /// The steps in the order of the service.
    steps: Vec<StepAnswerJson>,
    /// The groups from the one in scope to the one that has the person itself; empty where no group decides.
    path: Vec<PathGroupJson>,
    /// How many methods a reset takes at least; absent where that was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    needed_least: Option<u32>,
    /// How many it takes at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    needed_most: Option<u32>,
    /// Every kind of method.
    methods: Vec<MethodStateJson>,
    /// Whether notification and code of the app count as one method: `yes`, or `unclear` where they may count as two; absent
    /// where that makes no difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    app_counts_once: Option<AnswerWord>,
    /// What later days of the calendar change for somebody who registers nothing, by day.
    coming: Vec<ComingAnswerJson>,
    /// What is to be done now.
    action: ActionJson,
}

/// Whether somebody can reset.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AnswerWord")]
enum AnswerWord {
    Yes,
    No,
    Unclear,
}

/// The policy that decides about a person.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DecidingPolicy")]
enum PolicyWord {
    /// The tenant's policy for users.
    Users,
    /// Microsoft's policy for administrators.
    Administrators,
    /// One of the two; the steps are by the one for users.
    NotKnown,
}

/// One step of the service on the way to a reset.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "StepAnswer")]
struct StepAnswerJson {
    /// What is asked: `scope`, `account`, `licence`, `password` or `methods`.
    step: &'static str,
    /// What the step alone says.
    answer: AnswerWord,
    /// The codes of its reasons; none for yes.
    reasons: Vec<&'static str>,
    /// Whether this step decides.
    decides: bool,
    /// What was found, in words.
    says: String,
}

/// A group on the way to a person.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PathGroup")]
struct PathGroupJson {
    #[schemars(extend("format" = "uuid"))]
    id: String,
    name: String,
}

/// One kind of method, and what it does for the person.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MethodState")]
struct MethodStateJson {
    /// Its name in the registration report.
    name: &'static str,
    /// The word of `methods.allowed` that it belongs to.
    method: &'static str,
    /// Whether the person has registered it; absent where the report does not have the person, or was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    registered: Option<bool>,
    /// Whether it is allowed for the person and has not ended: whether it counts, if registered.
    counts: AnswerWord,
    /// Whether it has ended for the person at the date.
    ended: bool,
    /// What allows it or does not, in words.
    because: String,
}

/// What a day changes for the person.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ComingAnswer")]
struct ComingAnswerJson {
    /// The first day of the answer.
    #[schemars(extend("format" = "date"))]
    from: String,
    /// The answer from that day on.
    answer: AnswerWord,
    /// The codes of its reasons.
    reasons: Vec<&'static str>,
    /// The registered methods that no longer count, or not surely, by the names of the report.
    lost: Vec<&'static str>,
}

/// What is to be done now.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PersonAction")]
struct ActionJson {
    /// The code of the action, such as `register`.
    code: &'static str,
    /// The action in words.
    says: String,
    /// What the person registers, in words; empty unless the code is `register`.
    register: Vec<&'static str>,
    /// The day before which it is to be registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    before: Option<String>,
}

/// A reset that the service refused, by the audit log.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "RefusedReset")]
struct RefusedResetJson {
    /// When it was refused.
    #[schemars(extend("format" = "date-time"))]
    at: String,
    /// What was tried, in the service's words.
    activity: String,
    /// The reason in the service's words; empty where the log has none.
    reason: String,
    /// The reason in words.
    says: String,
}

/// The document of `why`.
#[must_use]
pub(crate) fn why(report: &PersonReport, end: RunEnd) -> String {
    let refused = |reset: &RefusedReset| RefusedResetJson {
        at: reset.at.to_string(),
        activity: reset.activity.clone(),
        reason: reset.reason.clone(),
        says: person::refused(reset),
    };
    ended_text(
        &WhyDocument {
            head: DocumentHead::new("why", end),
            tenant: report.tenant.to_string(),
            tenant_id: report.tenant_id.to_string(),
            user: report.account.name.clone(),
            user_id: report.account.id.to_string(),
            synchronised: report.account.account.synchronised,
            registered: report.registered.clone(),
            temporary_access_pass: word_of(report.access_pass.known()),
            refreshed: report.refreshed.map(|at| at.to_string()),
            live: person_answer(report, &report.live),
            proposed: report.proposed.as_ref().map(|(path, proposed)| ProposedJson {
                path: path.clone(),
                refused: report.refusal.iter().copied().collect(),
                answer: proposed.as_ref().and_then(|by| by.as_ref().ok()).map(|by| person_answer(report, by)),
                error: proposed.as_ref().and_then(|by| by.as_ref().err()).map(error),
            }),
            refused: report.refused.iter().map(refused).collect(),
            unread: unread(&report.unread),
        },
        end,
    )
}

/// The JSON Schema of [`why`](fn@why)'s document.
#[must_use]
pub(crate) fn why_schema() -> Value {
    document_schema::<WhyDocument>("why")
}

fn person_answer(report: &PersonReport, by: &PolicyAnswer) -> PersonAnswerJson {
    let Explanation { at, held, answer, steps, by_administrators, needed, methods, app_is_one: _, coming, action } =
        &by.explanation;
    let deciding = by.explanation.deciding();
    let path = match by.scope {
        Some(ResetScope::Members(group)) => report.paths.get(&group),
        Some(ResetScope::Nobody | ResetScope::Everybody) | None => None,
    };
    let (register, before) = match action {
        NextAction::Register(missing, before) => (missing.as_slice(), *before),
        _ => (&[][..], None),
    };
    PersonAnswerJson {
        at: at.to_string(),
        answer: answer_word(answer),
        reasons: codes(answer),
        policy: match held {
            HeldPolicy::Users => PolicyWord::Users,
            HeldPolicy::Administrators => PolicyWord::Administrators,
            HeldPolicy::NotKnown => PolicyWord::NotKnown,
        },
        by_administrators: by_administrators.as_ref().map(answer_word),
        steps: steps
            .iter()
            .map(|row| StepAnswerJson {
                step: person::step(row.0),
                answer: answer_word(&row.1),
                reasons: codes(&row.1),
                decides: deciding == Some(row.0),
                says: person::step_words(report, by, row),
            })
            .collect(),
        path: path.into_iter().flatten().map(|id| path_group(report, *id)).collect(),
        needed_least: needed.map(|(least, _)| least),
        needed_most: needed.map(|(_, most)| most),
        methods: methods.iter().map(|state| method_state(report, state)).collect(),
        app_counts_once: by.explanation.app_counts_once().map(|once| word_of(once.then_some(true))),
        coming: coming
            .iter()
            .map(|coming| ComingAnswerJson {
                from: coming.day.to_string(),
                answer: answer_word(&coming.answer),
                reasons: codes(&coming.answer),
                lost: coming.lost.iter().map(|kind| kind.name()).collect(),
            })
            .collect(),
        action: ActionJson {
            code: person::action_code(action),
            says: person::action(report, action),
            register: register.iter().map(|one| person::registration(*one)).collect(),
            before: before.map(|day| day.to_string()),
        },
    }
}

fn path_group(report: &PersonReport, id: ObjectId) -> PathGroupJson {
    PathGroupJson { id: id.to_string(), name: person::name(report, id) }
}

fn method_state(report: &PersonReport, state: &MethodState) -> MethodStateJson {
    MethodStateJson {
        name: state.kind.name(),
        method: state.kind.method().word(),
        registered: state.registered,
        counts: match state.counts() {
            Allowed::Yes => AnswerWord::Yes,
            Allowed::No | Allowed::Ended => AnswerWord::No,
            Allowed::Unclear(_) => AnswerWord::Unclear,
        },
        ended: state.dated == Allowed::Ended || state.allowed == Allowed::Ended,
        because: person::sources(report, state),
    }
}

fn answer_word(answer: &Answer) -> AnswerWord {
    word_of(answer.known())
}

fn word_of(known: Option<bool>) -> AnswerWord {
    match known {
        Some(true) => AnswerWord::Yes,
        Some(false) => AnswerWord::No,
        None => AnswerWord::Unclear,
    }
}

fn codes(answer: &Answer) -> Vec<&'static str> {
    person::reasons(answer).into_iter().map(AnswerReason::code).collect()
}
