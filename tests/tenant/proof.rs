//! What an apply takes as proof: reads that agree, requests whose effect is known, and one read where the run is to stop.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use axum::http::Method;
use entra_sandbox::Person;
use entra_sandbox::faults::{Action, Fault, Faults, Moment};
use ssprctl::testing::apply::execute::execute;
use ssprctl::testing::apply::journal::Journal;
use ssprctl::testing::apply::options::{ApplyOptions, OnFailure};
use ssprctl::testing::apply::outcome::StepResult;
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::client::TenantWriter;
use ssprctl::testing::tenant::error::TenantErrorKind;

use crate::harness::{ADATUM, CONTOSO, FABRIKAM, Harness, TestResult, policy};

const POLICY: &str = "/api/PasswordReset/PasswordResetPolicies";
const METHODS: &str = "/v1.0/policies/authenticationMethodsPolicy";
/// Longer than any test here takes; whatever ends sooner was not ended by it.
const LONG: Duration = Duration::from_secs(20);

fn on(method: Method, path: &str, action: Action) -> Faults {
    Faults::none().and(Fault::on(method, path, action))
}

/// How an apply of this file is run.
struct Care {
    verify: Duration,
    agreeing: u32,
    /// Whether the run is to stop while its first write is on its way.
    interrupt: bool,
}

const CARE: Care = Care { verify: LONG, agreeing: 2, interrupt: false };

async fn apply(harness: &Harness, text: &str, care: Care) -> Result<Vec<StepResult>, Box<dyn Error>> {
    let review = harness.review(text).await?;
    let tenant = review.plan.tenant.to_string();
    let approved = review.approve().map_err(|refusal| format!("{refusal:?}"))?;
    let writer = TenantWriter::new(harness.reader(&tenant, &tenant, &Person::Administrator)?);
    let stop = CancellationToken::new();
    let Care { verify, agreeing, interrupt } = care;
    let bounds =
        ApplyOptions { verify_timeout: verify, consistent_reads: agreeing, on_failure: OnFailure::Stop, cancel: &stop };
    let journal = Journal::new(harness.journals.path(), &Clock::System);
    let mut run = pin!(execute(&writer, &approved, bounds, &journal));
    let outcome = poll_fn(|context| {
        // The server logs a request before it answers, so the run is to stop before it can see the answer.
        if interrupt && !harness.writes().is_empty() {
            stop.cancel();
        }
        run.as_mut().poll(context)
    });
    let outcome = outcome.await.map_err(|closed| format!("{closed:?}"))?;
    Ok(outcome.steps.into_iter().map(|step| step.result).collect())
}

/// How many reads of a document came after the first write.
fn reads_after_the_write(harness: &Harness, path: &str) -> usize {
    let requests = harness.server.requests();
    let after = requests.iter().skip_while(|seen| seen.method == "GET");
    after.filter(|seen| seen.method == "GET" && seen.path == path).count()
}

/// Servers behind one address: a read that shows the write proves nothing once a later one does not.
#[tokio::test]
async fn reads_that_agree_must_follow_each_other() -> TestResult {
    let text = policy(CONTOSO, "notifications: { administrators: true }");
    for (action, agreeing, reads) in [
        (None, 1, 1),
        (None, 2, 2),
        (None, 3, 3),
        // New, old, new, new.
        (Some(Action::FlappingReads(1)), 2, 4),
        // New, old, new, old, new, new, new.
        (Some(Action::FlappingReads(2)), 3, 7),
        (Some(Action::FlappingReads(1)), 1, 1),
        (Some(Action::StaleReads(1)), 2, 3),
    ] {
        let faults = action.clone().map_or_else(Faults::none, |action| on(Method::PUT, POLICY, action));
        let harness = Harness::with(faults)?;
        let found = apply(&harness, &text, Care { agreeing, ..CARE }).await?;
        let case = format!("{action:?}, {agreeing} agreeing reads");
        assert_eq!((found, reads_after_the_write(&harness, POLICY)), (vec![StepResult::Verified], reads), "{case}");
    }
    Ok(())
}

/// Two requests for one document, neither of which waits for the other: what the first has made of it is not known.
#[tokio::test]
async fn after_a_write_of_unknown_effect_its_document_alone_is_not_written() -> TestResult {
    let text = policy(
        ADATUM,
        "methods: { convergedPolicy: manage, allowed: [email, mobileAppCode] }\nnotifications: { administrators: true }",
    );
    let unverified = |setting| StepResult::Unverified { pending: vec![setting], error: None };
    let (document, methods) = (unverified("notifications.administrators"), unverified("methods.allowed"));
    for (path, results) in [
        (POLICY, [document, StepResult::Verified, StepResult::Verified]),
        (METHODS, [StepResult::Verified, methods, StepResult::Skipped { waited_for: 1 }]),
    ] {
        let lost = |method| Fault::on(method, path, Action::LostWrite).nth(1);
        let harness = Harness::with(Faults::none().and(lost(Method::PUT)).and(lost(Method::PATCH)))?;
        harness.set(ADATUM, "methods.required", "1")?;
        let planned = harness.review(&text).await?.plan.steps;
        assert!(planned.iter().all(|step| step.waits_for.is_empty()), "{planned:#?}");
        let found = apply(&harness, &text, Care { verify: Duration::from_millis(100), ..CARE }).await?;
        assert_eq!(found, results, "{path}");
    }
    Ok(())
}

/// Whoever interrupts a run waits for one read and no more, and nothing is said of a request that this read cannot show.
#[tokio::test]
async fn a_write_that_is_interrupted_is_read_once() -> TestResult {
    let text = policy(FABRIKAM, "notifications: { users: false }\nwriteback: { passwords: false }");
    let pending = vec!["notifications.users"];
    for (action, verified) in [(None, true), (Some(Action::LostWrite), false), (Some(Action::StaleReads(9)), false)] {
        let faults = action.clone().map_or_else(Faults::none, |action| on(Method::PUT, POLICY, action));
        let harness = Harness::with(faults)?;
        let found = apply(&harness, &text, Care { interrupt: true, ..CARE }).await?;
        let pending = pending.clone();
        let first = if verified { StepResult::Verified } else { StepResult::Unverified { pending, error: None } };
        assert_eq!(found, [first, StepResult::Interrupted], "{action:?}");
        assert_eq!((harness.writes().len(), reads_after_the_write(&harness, POLICY)), (1, 1), "{action:?}");
    }
    Ok(())
}

/// With its answer lost and no time to wait for its effect, a request has not failed: it may still appear.
#[tokio::test]
async fn an_interrupted_write_without_an_answer_stays_open() -> TestResult {
    let text = policy(CONTOSO, "notifications: { administrators: true }");
    for interrupt in [true, false] {
        let harness = Harness::with(on(Method::PUT, POLICY, Action::Reset(Moment::Before)))?;
        let verify = if interrupt { LONG } else { Duration::from_millis(100) };
        let found = apply(&harness, &text, Care { verify, interrupt, ..CARE }).await?;
        match found.as_slice() {
            [StepResult::Unverified { pending, error: Some(error) }] if interrupt => {
                assert_eq!(pending, &["notifications.administrators"]);
                assert_eq!(error.kind, TenantErrorKind::OutcomeUnknown, "{error:?}");
            }
            [StepResult::Failed(error)] if !interrupt => {
                assert!(error.message.contains("is still as it was before"), "{error:?}");
            }
            other => return Err(format!("interrupted: {interrupt}; {other:#?}").into()),
        }
    }
    Ok(())
}
