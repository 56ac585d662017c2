//! How a run ends for one tenant: the exit code, what the controller makes of it, and the metric's label, for every way in
//! which an apply or a review can end.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ssprctl::testing::apply::outcome::{ApplyOutcome, ChangedDocuments, RollbackOutcome, StepOutcome, StepResult};
use ssprctl::testing::apply::precondition::PreconditionFailed;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::exit::Exit;
use ssprctl::testing::base::finding::Finding;
use ssprctl::testing::base::ids::TenantName;
use ssprctl::testing::base::source::{Place, Source};
use ssprctl::testing::base::value::Value;
use ssprctl::testing::catalog;
use ssprctl::testing::controller::condition::Condition;
use ssprctl::testing::controller::metrics::{Metrics, ProcessInfo};
use ssprctl::testing::controller::reconcile::{ReconcileOutcome, ReconcileResult};
use ssprctl::testing::controller::reconciler::{outcome_of_apply, outcome_of_review};
use ssprctl::testing::controller::schedule::Schedule;
use ssprctl::testing::controller::state::{ControllerState, ObservedRevision, TenantState};
use ssprctl::testing::controller::tenant_status;
use ssprctl::testing::controller::tenant_status::StatusContext;
use ssprctl::testing::engine::disposition;
use ssprctl::testing::engine::result::{ApplyEnding, ApplyResult, TenantResult};
use ssprctl::testing::plan::change::{Change, Plan, Step, UnknownSetting};
use ssprctl::testing::plan::reversal::DivergedKeys;
use ssprctl::testing::review::approve::{Refusal, Review};
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use ssprctl::testing::tenant::surface::{Service, Surface};

use crate::{Checked, recorded};

type Made<T> = Result<T, Box<dyn Error>>;

/// Every sort of error, by the word that JSON has for it.
fn errors() -> [(&'static str, TenantErrorKind); 11] {
    [
        ("no-credential", TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Portal))),
        ("wrong-tenant", TenantErrorKind::NoAccess(MissingAccess::WrongTenant(Service::Graph))),
        ("missing-scope", TenantErrorKind::NoAccess(MissingAccess::Scope(Service::Graph))),
        ("missing-role", TenantErrorKind::NoAccess(MissingAccess::Role(Service::Portal))),
        ("missing-licence", TenantErrorKind::NoAccess(MissingAccess::Licence)),
        ("unknown-shape", TenantErrorKind::NoAccess(MissingAccess::UnknownShape(Service::Portal))),
        ("refused", TenantErrorKind::Refused),
        ("not-found", TenantErrorKind::NotFound),
        ("unavailable", TenantErrorKind::Unavailable),
        ("answer-lost", TenantErrorKind::OutcomeUnknown),
        ("unintelligible", TenantErrorKind::UnexpectedResponse),
    ]
}

fn error(kind: TenantErrorKind) -> TenantError {
    TenantError::new(kind, "something went wrong")
}

/// Every result of a step; one for each sort of error where it failed.
fn results() -> Vec<(String, StepResult)> {
    let keys = || vec!["emailOptionEnabled".to_owned()];
    let pending = || vec!["scope.users"];
    let lost = Some(error(TenantErrorKind::OutcomeUnknown));
    let mut results = vec![
        ("verified".to_owned(), StepResult::Verified),
        ("not shown".to_owned(), StepResult::Unverified { pending: pending(), error: None }),
        ("not shown, answer-lost".to_owned(), StepResult::Unverified { pending: pending(), error: lost }),
        ("shown otherwise".to_owned(), StepResult::Mismatch { ignored: pending(), changed: Vec::new() }),
        ("other keys moved".to_owned(), StepResult::SideEffects { keys: keys() }),
        ("changed before".to_owned(), StepResult::Conflict { keys: keys() }),
        ("interrupted".to_owned(), StepResult::Interrupted),
        ("skipped".to_owned(), StepResult::Skipped { waited_for: 0 }),
        ("abandoned".to_owned(), StepResult::Abandoned { failed: 0 }),
    ];
    results.extend(errors().map(|(name, kind)| (format!("failed, {name}"), StepResult::Failed(error(kind)))));
    results
}

fn source() -> Arc<Source> {
    Arc::new(Source::new("policies/contoso.yaml", "version: 1\n"))
}

fn step() -> Step {
    let (before, after) = (Value::Text("none".to_owned()), Value::Text("all".to_owned()));
    let change = Change { setting: catalog::ALL[0], before, after, place: Place::new(&source(), 0, 0) };
    Step { surface: Surface::PasswordReset, body: Document::default(), changes: vec![change], waits_for: Vec::new() }
}

/// A review of one step, with these settings unknown.
fn review(steps: usize, findings: Vec<Finding>, unknown: &[TenantErrorKind]) -> Made<Review> {
    let administrators = catalog::find("scope.administrators").ok_or("there is no such setting")?;
    let unknown = unknown.iter().map(|kind| UnknownSetting {
        setting: administrators,
        place: Place::new(&source(), 0, 0),
        why: error(*kind),
    });
    let plan = Plan {
        tenant: TenantName::parse("contoso.onmicrosoft.com"),
        tenant_id: "11111111-2222-4333-8444-555555555555".parse()?,
        cloud: Cloud::Global,
        source: source(),
        files: Vec::new(),
        taken: Timestamp::UNIX_EPOCH,
        steps: vec![step(); steps],
        seen: BTreeMap::new(),
        unchanged: Vec::new(),
        unmanaged: Vec::new(),
        skipped: Vec::new(),
        unknown: unknown.collect(),
        actual: BTreeMap::new(),
        ended: Vec::new(),
        effects_now: Vec::new(),
        effects: Vec::new(),
        unread: Vec::new(),
        new_keys: Vec::new(),
        rolled_back: std::collections::BTreeSet::new(),
        group_names: BTreeMap::new(),
    };
    Ok(Review::new(plan, findings))
}

fn bad() -> Vec<Finding> {
    vec![Finding::error("group-not-found", "the tenant has no such group")]
}

fn done(results: &[&StepResult], undone: Option<RollbackOutcome>) -> ApplyEnding {
    let steps = results.iter().map(|result| StepOutcome { step: step(), result: (*result).clone(), refused: None });
    ApplyEnding::Executed(ApplyOutcome { steps: steps.collect(), rollback: undone })
}

fn tenant<T>(result: Result<T, TenantError>) -> TenantResult<T> {
    TenantResult { tenant: "contoso.onmicrosoft.com".to_owned(), path: "policies/contoso.yaml".to_owned(), result }
}

/// The cases by what they come to, in the order in which each answer first occurs.
#[derive(Default)]
struct Answers(Vec<(String, Vec<String>)>);

impl Answers {
    fn add(&mut self, case: &str, answer: String) {
        match self.0.iter_mut().find(|(known, _)| *known == answer) {
            Some((_, cases)) => cases.push(case.to_owned()),
            None => self.0.push((answer, vec![case.to_owned()])),
        }
    }

    fn text(&self) -> String {
        self.0.iter().map(|(answer, cases)| format!("{answer}\n    {}\n", cases.join("\n    "))).collect()
    }
}

/// Adds what an apply that ended so comes to.
fn apply(answers: &mut Answers, name: &str, result: Result<(Review, ApplyEnding), TenantError>) -> Checked {
    let tenant = tenant(result.map(|(review, ending)| ApplyResult { review, ending }));
    let exit = disposition::exit_of_apply(std::slice::from_ref(&tenant)).code();
    answers.add(name, format!("exit {exit}, {}", condition_of(outcome_of_apply(&tenant), false, None)?));
    Ok(())
}

/// What the controller makes of it at the epoch, where it reconciles every five minutes: the three conditions, the
/// pause before it tries again, the metric's label and how many settings it counts as written.
fn condition_of(outcome: ReconcileOutcome, followed: bool, frozen: Option<&str>) -> Made<String> {
    let metrics = Metrics::new()?;
    metrics.reconciled(&outcome, Duration::ZERO);
    let facts = ProcessInfo { started: Timestamp::UNIX_EPOCH, remediate: true, sandbox: false, count_people: false };
    let text = metrics.text(&ControllerState::default(), facts)?;
    let label =
        |line: &str| Some(line.strip_prefix("ssprctl_reconciles_total{outcome=\"")?.strip_suffix("\"} 1")?.to_owned());
    let label = text.lines().find_map(label).unwrap_or_default();
    let written =
        text.lines().find_map(|line| line.strip_prefix("ssprctl_settings_written_total ")).unwrap_or_default();

    let schedule = Schedule { interval: SignedDuration::from_mins(5), jitter: 0, seed: 0 };
    let context = StatusContext {
        tenant: "contoso",
        revision: "a",
        schedule: &schedule,
        frozen,
        waits_for_ring: None,
        now: Timestamp::UNIX_EPOCH,
    };
    let last = followed.then(|| ObservedRevision { revision: "a".to_owned(), at: Timestamp::UNIX_EPOCH });
    let mut state = TenantState::default();
    (state.next, state.last_applied) = (Some(Timestamp::from_second(-1)?), last);
    tenant_status::update_status(
        &mut state,
        ReconcileResult { outcome, drift: Vec::new(), unread: Vec::new() },
        &context,
    );
    let next = match state.next.map(Timestamp::as_second) {
        None => "when the revision changes".to_owned(),
        Some(-1) => "as before".to_owned(),
        Some(seconds) => format!("in {seconds} s"),
    };
    let conditions = &state.conditions;
    Ok(format!(
        "ready {}, reconciling {}, stalled {}, next {next}, label {label}, written {written}",
        held(&conditions.ready)?,
        held(&conditions.reconciling)?,
        held(&conditions.stalled)?
    ))
}

fn held(condition: &Condition) -> Made<String> {
    let json = serde_json::to_value(condition)?;
    Ok(format!("{} {}", json["status"].as_str().unwrap_or_default(), json["reason"].as_str().unwrap_or_default()))
}

#[test]
fn an_apply_that_sent_nothing() -> Checked {
    let mut answers = Answers::default();
    let lines = &mut answers;
    let ring = || ApplyEnding::RingNotStarted { ring: "all".to_owned(), after: "pilot".to_owned() };
    apply(lines, "in sync", Ok((review(0, vec![], &[])?, ApplyEnding::InSync)))?;
    apply(lines, "declined", Ok((review(1, vec![], &[])?, ApplyEnding::Declined)))?;
    apply(lines, "ring not started", Ok((review(1, vec![], &[])?, ring())))?;
    apply(lines, "no steps", Ok((review(1, vec![], &[])?, done(&[], None))))?;
    apply(lines, "refused, errors", Ok((review(1, bad(), &[])?, ApplyEnding::Refused(Refusal::Errors))))?;
    let stale = ChangedDocuments { moved: vec![(Surface::PasswordReset, vec!["enablementType".to_owned()])] };
    apply(
        lines,
        "closed, tenant changed",
        Ok((review(1, vec![], &[])?, ApplyEnding::PreconditionFailed(PreconditionFailed::TenantChanged(stale)))),
    )?;
    for (name, kind) in errors() {
        apply(lines, &format!("not read, {name}"), Err(error(kind)))?;
        let errors_too = review(1, bad(), &[kind])?;
        apply(
            lines,
            &format!("refused, errors and unknown, {name}"),
            Ok((errors_too, ApplyEnding::Refused(Refusal::Errors))),
        )?;
        for (other, second) in errors() {
            let both = review(1, vec![], &[kind, second])?;
            apply(
                lines,
                &format!("refused, unknown, {name} and {other}"),
                Ok((both, ApplyEnding::Refused(Refusal::Unknown))),
            )?;
        }
        for (why, closed) in [
            ("read failed", PreconditionFailed::ReadFailed(error(kind))),
            ("review outdated", PreconditionFailed::ReviewOutdated(error(kind))),
            ("journal failed", PreconditionFailed::JournalFailed(error(kind))),
            ("locked", PreconditionFailed::Locked(error(kind))),
        ] {
            apply(
                lines,
                &format!("closed, {why}, {name}"),
                Ok((review(1, vec![], &[])?, ApplyEnding::PreconditionFailed(closed))),
            )?;
        }
    }
    recorded("dispositions-nothing-sent.txt", &answers.text())
}

#[test]
fn an_apply_of_one_or_two_steps() -> Checked {
    let mut answers = Answers::default();
    for (name, result) in &results() {
        apply(&mut answers, name, Ok((review(1, vec![], &[])?, done(&[result], None))))?;
    }
    for (first, one) in &results() {
        for (second, two) in &results() {
            apply(
                &mut answers,
                &format!("{first} + {second}"),
                Ok((review(2, vec![], &[])?, done(&[one, two], None))),
            )?;
        }
    }
    recorded("dispositions-steps.txt", &answers.text())
}

#[test]
fn an_apply_that_was_rolled_back() -> Checked {
    let mut answers = Answers::default();
    let verified = StepResult::Verified;
    for (name, result) in &results() {
        let diverged =
            || vec![DivergedKeys { surface: Surface::PasswordReset, keys: vec!["enablementType".to_owned()] }];
        let back = |result: &StepResult| vec![StepOutcome { step: step(), result: result.clone(), refused: None }];
        for (what, undone) in [
            ("nothing to take back", RollbackOutcome::default()),
            ("taken back", RollbackOutcome { steps: back(&verified), diverged: Vec::new() }),
            ("keys of others stay", RollbackOutcome { steps: back(&verified), diverged: diverged() }),
        ] {
            let ending = done(&[&verified, result], Some(undone));
            apply(&mut answers, &format!("verified + {name}, {what}"), Ok((review(2, vec![], &[])?, ending)))?;
        }
        let undone = RollbackOutcome { steps: back(result), diverged: Vec::new() };
        let ending = done(&[&verified, &StepResult::Failed(error(TenantErrorKind::Refused))], Some(undone));
        apply(
            &mut answers,
            &format!("verified + failed, refused, rollback {name}"),
            Ok((review(2, vec![], &[])?, ending)),
        )?;
    }
    recorded("dispositions-rolled-back.txt", &answers.text())
}

#[test]
fn a_run_that_only_reads() -> Checked {
    let mut answers = Answers::default();
    let reviewed = |review: Review| -> Made<String> {
        let outcome = outcome_of_review(&review);
        let tenants = [tenant(Ok(review))];
        let [plan, detailed] =
            [Exit::Done, Exit::Changes].map(|differs| disposition::exit_of_reviews(&tenants, differs).code());
        Ok(format!("exit {plan} or {detailed}, {}", condition_of(outcome, false, None)?))
    };
    answers.add("in sync", reviewed(review(0, vec![], &[])?)?);
    answers.add("differs", reviewed(review(1, vec![], &[])?)?);
    let warning = Finding::warning("one-method-required", "one is enough");
    answers.add("differs, with a warning", reviewed(review(1, vec![warning], &[])?)?);
    answers.add("errors", reviewed(review(1, bad(), &[])?)?);
    for (name, kind) in errors() {
        answers.add(&format!("unknown, {name}"), reviewed(review(1, vec![], &[kind])?)?);
        answers.add(&format!("errors and unknown, {name}"), reviewed(review(0, bad(), &[kind])?)?);
        let tenants = [tenant(Err::<Review, _>(error(kind)))];
        let exit = disposition::exit_of_reviews(&tenants, Exit::Changes).code();
        answers.add(&format!("not read, {name}"), format!("exit {exit}"));
    }
    let differs = outcome_of_review(&review(1, vec![], &[])?);
    for (name, followed, frozen) in
        [("new revision", false, None), ("same revision", true, None), ("frozen", true, Some("the weekend"))]
    {
        answers.add(&format!("differs, {name}"), condition_of(differs.clone(), followed, frozen)?);
    }
    recorded("dispositions-reviews.txt", &answers.text())
}

/// A run over several tenants ends as the worst of them, wherever it is among them.
#[test]
fn the_worst_tenant_decides() -> Checked {
    let ended = |ending| -> Made<_> { Ok(tenant(Ok(ApplyResult { review: review(1, vec![], &[])?, ending }))) };
    let back = RollbackOutcome {
        steps: vec![StepOutcome { step: step(), result: StepResult::Verified, refused: None }],
        diverged: Vec::new(),
    };
    let failed = StepResult::Failed(error(TenantErrorKind::Refused));
    let stale = PreconditionFailed::TenantChanged(ChangedDocuments { moved: Vec::new() });
    let from_worst = [
        ended(done(&[&StepResult::Interrupted], None))?,
        tenant(Err(error(TenantErrorKind::Unavailable))),
        ended(done(&[&StepResult::Verified, &failed], Some(back)))?,
        ended(done(&[&StepResult::Unverified { pending: Vec::new(), error: None }], None))?,
        tenant(Err(error(TenantErrorKind::NoAccess(MissingAccess::Licence)))),
        ended(ApplyEnding::PreconditionFailed(stale))?,
        ended(ApplyEnding::Declined)?,
        ended(ApplyEnding::InSync)?,
    ];
    let codes: Vec<_> =
        from_worst.iter().map(|one| disposition::exit_of_apply(std::slice::from_ref(one)).code()).collect();
    assert_eq!(codes, [130, 1, 7, 6, 8, 5, 4, 0]);
    for (rank, (one, code)) in from_worst.iter().zip(&codes).enumerate() {
        for other in &from_worst[rank..] {
            assert_eq!(disposition::exit_of_apply(&[one.clone(), other.clone()]).code(), *code);
            assert_eq!(disposition::exit_of_apply(&[other.clone(), one.clone()]).code(), *code);
        }
    }
    assert_eq!(disposition::exit_of_apply(&[]).code(), 0);
    Ok(())
}
