//! Every fault at every step of an apply with several requests. At the end the tenant is as planned and proved, or as
//! before and proved, or the outcome says exactly what is still applied; no write is ever sent twice for one line of
//! the journal.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault, Faults, Moment, RetryAfter, ShapeChange};
use entra_sandbox::{Person, World, portal_user};
use futures::{StreamExt, stream};
use jiff::SignedDuration;
use ssprctl::testing::apply::options::OnFailure;
use ssprctl::testing::apply::outcome::{ApplyOutcome, StepOutcome, StepResult};
use ssprctl::testing::apply::run_record;
use ssprctl::testing::base::exit::Exit;
use ssprctl::testing::base::value::Value;
use ssprctl::testing::catalog;
use ssprctl::testing::client::{Jitter, RetryPolicy};
use ssprctl::testing::engine::disposition::exit_of_apply;
use ssprctl::testing::engine::result::{ApplyEnding, ApplyResult, TenantResult};
use ssprctl::testing::plan::actual::document_value;
use ssprctl::testing::review::approve::Review;

use crate::harness::{FABRIKAM, Harness, TestResult, policy};

type Live = BTreeMap<&'static str, Value>;

const POLICY: &str = "/api/PasswordReset/PasswordResetPolicies";
const ON_PREMISES: &str = "/api/PasswordReset/OnPremisesPasswordResetPolicies";
const AUTHORIZATION: &str = "/v1.0/policies/authorizationPolicy";

/// One whole document, two keys of another one of which the second waits for the first, and one that is merged.
const SECTIONS: &str = "scope: { administrators: false }\nmethods: { required: 2 }\nnotifications: { users: false }\n\
                        writeback: { passwords: false, unlockWithoutReset: false }";

/// Each request of the apply: its verb, its path, how many requests of the same kind come before it, and keys that it moves.
type Write = (Method, &'static str, u32, &'static [&'static str]);

fn writes() -> [Write; 4] {
    let both = &["passwordWritebackSupported", "accountUnlockEnabled"];
    [
        (Method::PUT, POLICY, 0, &["numberOfAuthenticationMethodsRequired", "notifyUsersOnPasswordReset"]),
        (Method::PUT, ON_PREMISES, 0, both),
        (Method::PUT, ON_PREMISES, 1, both),
        (Method::PATCH, AUTHORIZATION, 0, &["allowedToUseSSPR"]),
    ]
}

/// What a portal user does in the meantime, in a document of the plan and in another one; none of it is in the plan.
const EDIT: (&str, &str) = ("registration.reconfirmAfterDays", "33");

/// What a service, or a gateway before it, may answer to a write that it refuses, or has carried out.
const STATUSES: [u16; 13] = [400, 401, 403, 404, 408, 409, 412, 413, 429, 500, 502, 503, 504];

/// The faults of a request that writes; `keys` are those of the document that it writes.
fn on_writes(keys: &[&str]) -> Vec<(String, Action)> {
    let mut actions = vec![
        ("throttled".to_owned(), Action::throttled(None)),
        ("throttled, come back".to_owned(), Action::throttled(Some(RetryAfter::Seconds(1)))),
        ("reset before".to_owned(), Action::Reset(Moment::Before)),
        ("reset after".to_owned(), Action::Reset(Moment::After)),
        ("too late".to_owned(), Action::Delay(Duration::from_secs(2))),
        ("slow body".to_owned(), Action::SlowBody(Duration::from_millis(5))),
        ("truncated".to_owned(), Action::Truncate(1)),
        ("one stale read".to_owned(), Action::StaleReads(1)),
        ("many stale reads".to_owned(), Action::StaleReads(200)),
        ("lost".to_owned(), Action::LostWrite),
        ("expired".to_owned(), Action::ExpiredToken),
        ("skew".to_owned(), Action::ClockSkew(SignedDuration::from_hours(3))),
        ("edited after".to_owned(), Action::edit(Moment::After, EDIT.0, EDIT.1)),
    ];
    for key in keys {
        actions.push((format!("ignores {key}"), Action::IgnoreKey((*key).to_owned())));
    }
    for status in STATUSES {
        actions.push((format!("{status} before"), Action::status(status)));
        actions.push((format!("{status} after"), Action::status_after(status)));
    }
    let busy = |status| Action::Refuse { status, retry_after: Some(RetryAfter::Seconds(1)), moment: Moment::After };
    actions.extend([429, 503].map(|status| (format!("{status} after, come back"), busy(status))));
    actions
}

fn on_reads() -> Vec<(String, Action)> {
    vec![
        ("unavailable".to_owned(), Action::status(503)),
        ("forbidden".to_owned(), Action::status(403)),
        ("reset".to_owned(), Action::Reset(Moment::Before)),
        ("truncated".to_owned(), Action::Truncate(9)),
        ("expired".to_owned(), Action::ExpiredToken),
        (
            "without a key".to_owned(),
            Action::ChangeShape(ShapeChange::DropKey("notifyUsersOnPasswordReset".to_owned())),
        ),
        ("retyped".to_owned(), Action::ChangeShape(ShapeChange::RetypeKey("accountUnlockEnabled".to_owned()))),
        ("one more key".to_owned(), Action::ChangeShape(ShapeChange::AddKey("brandNew".to_owned()))),
        ("edited before".to_owned(), Action::edit(Moment::Before, EDIT.0, EDIT.1)),
        ("edited after".to_owned(), Action::edit(Moment::After, EDIT.0, EDIT.1)),
    ]
}

struct Case {
    name: String,
    faults: Faults,
    on_failure: OnFailure,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for on_failure in [OnFailure::Rollback, OnFailure::Stop] {
        let mut add = |name: String, fault: Fault| {
            cases.push(Case { name: format!("{name}, {on_failure:?}"), faults: Faults::none().and(fault), on_failure });
        };
        for (step, (method, path, before, keys)) in writes().into_iter().enumerate() {
            for (name, action) in on_writes(keys) {
                let fault = Fault::on(method.clone(), path, action).after(before);
                add(format!("write {step} {name} once"), fault.clone().times(1));
                add(format!("write {step} {name} from then on"), fault);
            }
        }
        // Reads are the same however the apply is to go on.
        let paths: &[_] = if on_failure == OnFailure::Stop { &[] } else { &[POLICY, ON_PREMISES, AUTHORIZATION] };
        for path in paths {
            for nth in 0..6 {
                for (name, action) in on_reads() {
                    let fault = Fault::on(Method::GET, path, action).after(nth);
                    add(format!("read {nth} of {path} {name} once"), fault.clone().times(1));
                    add(format!("read {nth} of {path} {name} from then on"), fault);
                }
            }
        }
    }
    cases
}

/// Every setting as the tenant really has it, asked of a server without faults.
async fn live_of(world: &World) -> Result<Live, Box<dyn std::error::Error>> {
    let snapshot = Harness::over(world.clone(), Faults::none())?.snapshot(FABRIKAM).await?;
    let read = catalog::ALL.iter().filter_map(|row| Some((row.name, document_value(row, &snapshot).ok()?)));
    Ok(read.collect())
}

#[tokio::test]
async fn every_fault_at_every_step() -> TestResult {
    let world = World::seeded();
    let before = live_of(&world).await?;
    portal_user::set(&world, FABRIKAM, EDIT.0, EDIT.1)?;
    let edited = live_of(&world).await?;
    let (before, edited) = (&before, &edited);
    let cases = cases();
    let many = cases.len();
    let played: Vec<(String, Result<Exit, String>)> = stream::iter(cases)
        .map(|case| async move {
            let name = case.name.clone();
            (name, play(case, before, edited).await.map_err(|error| error.to_string()))
        })
        .buffer_unordered(24)
        .collect()
        .await;
    let wrong: Vec<_> =
        played.iter().filter_map(|(name, end)| end.as_ref().err().map(|why| format!("{name}: {why}"))).collect();
    assert!(wrong.is_empty(), "{} of {many}:\n{}", wrong.len(), wrong.join("\n"));
    // A matrix in which nothing ever fails, or nothing ever works, would prove nothing.
    for exit in [Exit::Done, Exit::Failed, Exit::Stale, Exit::Unverified, Exit::RolledBack, Exit::NoAccess] {
        let times = played.iter().filter(|(_, end)| *end == Ok(exit)).count();
        assert!(times > 10, "only {times} of {many} cases end with {exit:?}");
    }
    Ok(())
}

async fn play(case: Case, before: &Live, edited: &Live) -> Result<Exit, Box<dyn std::error::Error>> {
    let Case { name: _, faults, on_failure } = case;
    let mut harness = Harness::with(faults)?;
    harness.on_failure = on_failure;
    harness.wait_only(RetryPolicy {
        request: Duration::from_secs(1),
        retries: 1,
        first_pause: Duration::from_millis(1),
        jitter: Jitter::None,
        access_pause: Duration::ZERO,
        ..RetryPolicy::default()
    });
    let planned = harness.review_as(&policy(FABRIKAM, SECTIONS), FABRIKAM, &Person::Administrator).await?;
    let result = match planned {
        Err(error) => Err(error),
        Ok(review) => Ok(ApplyResult { ending: end(&harness, review.clone()).await?, review }),
    };
    let tenant = TenantResult { tenant: FABRIKAM.to_owned(), path: String::new(), result };
    let exit = exit_of_apply(std::slice::from_ref(&tenant));
    let now = live_of(&harness.world).await?;
    let mut wrong = Vec::new();
    for (setting, value) in &now {
        let as_it_was = before.get(setting) == Some(value) || edited.get(setting) == Some(value);
        let true_of_it = tenant.result.as_ref().map_or(as_it_was, |applied| says(applied, setting, value, as_it_was));
        if !true_of_it {
            wrong.push(format!("{setting} is {value:?}"));
        }
    }
    once(&harness)?;
    if wrong.is_empty() {
        Ok(exit)
    } else {
        Err(format!("{exit:?}; {}; {:#?}", wrong.join(", "), tenant.result.map(|applied| applied.ending)).into())
    }
}

async fn end(harness: &Harness, review: Review) -> Result<ApplyEnding, Box<dyn std::error::Error>> {
    if let Some(refusal) = review.refusal() {
        return Ok(ApplyEnding::Refused(refusal));
    }
    if review.plan.steps.is_empty() {
        return Ok(ApplyEnding::InSync);
    }
    Ok(harness
        .apply_as(review, &Person::Administrator)
        .await?
        .map_or_else(ApplyEnding::PreconditionFailed, ApplyEnding::Executed))
}

/// Whether what an apply says about a setting is true of the value that the tenant has.
fn says(applied: &ApplyResult, setting: &str, value: &Value, as_it_was: bool) -> bool {
    let ApplyEnding::Executed(ApplyOutcome { steps, rollback: undone }) = &applied.ending else { return as_it_was };
    let about = |steps: &[StepOutcome]| steps.iter().find(|done| done.settings().any(|name| name == setting)).cloned();
    let Some(done) = about(steps) else { return as_it_was };
    if let Some(back) = undone.as_ref().and_then(|undone| about(&undone.steps)) {
        // What could not be rolled back is named as still applied.
        return as_it_was || !back.result.is_applied();
    }
    let sent = done.step.changes.iter().find(|change| change.setting.name == setting).map(|change| &change.after);
    match &done.result {
        StepResult::Verified | StepResult::SideEffects { .. } => sent == Some(value),
        StepResult::Unverified { pending, error: _ } => pending.contains(&setting) || sent == Some(value),
        StepResult::Mismatch { ignored, changed } => {
            changed.contains(&setting) || if ignored.contains(&setting) { as_it_was } else { sent == Some(value) }
        }
        StepResult::Conflict { .. }
        | StepResult::Failed(_)
        | StepResult::Interrupted
        | StepResult::Skipped { .. }
        | StepResult::Abandoned { .. } => as_it_was,
    }
}

/// Every line of the journal about a request corresponds to at most one request on the wire, and the journal is closed.
fn once(harness: &Harness) -> Result<(), Box<dyn std::error::Error>> {
    let mut journalled = 0;
    for run in run_record::list_runs(harness.journals.path())? {
        let past = run_record::read_run(harness.journals.path(), &run)?;
        for tenant in past.tenants.values() {
            journalled += tenant.requests.len();
            let open = tenant.ended.is_none() || tenant.requests.iter().any(|request| request.result.is_none());
            if open || !past.damaged.is_empty() {
                return Err(format!("the journal is not closed: {past:#?}").into());
            }
        }
    }
    let sent = harness.writes().len();
    if sent > journalled {
        return Err(format!("{sent} writes were sent, the journal has {journalled}: {:#?}", harness.writes()).into());
    }
    Ok(())
}
