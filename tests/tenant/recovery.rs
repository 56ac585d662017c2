//! What a later run finds out about one that was cut off, where the tenant does not come to rest.

use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

use axum::http::Method;
use entra_sandbox::Person;
use entra_sandbox::faults::{Action, Fault, Faults, ShapeChange};
use ssprctl::testing::apply::entry::WriteResult;
use ssprctl::testing::apply::execute::execute;
use ssprctl::testing::apply::journal::Journal;
use ssprctl::testing::apply::options::{ApplyOptions, OnFailure};
use ssprctl::testing::apply::recovery;
use ssprctl::testing::apply::recovery::RecoveryOptions;
use ssprctl::testing::apply::run_record::{RunRecord, list_runs, read_run};
use ssprctl::testing::base::clock::{Clock, Stopwatch};
use ssprctl::testing::base::ids::TenantId;
use ssprctl::testing::client::TenantWriter;

use crate::harness::{CONTOSO, Harness, TestResult, policy};

const POLICY: &str = "/api/PasswordReset/PasswordResetPolicies";
/// How long after it was sent a request may still appear.
const LAG: Duration = Duration::from_millis(150);

/// A document that is another one in every read, in a key that nobody knows: the run that was interrupted is recovered
/// all the same, and not before everything that it sent had time to appear twice over.
#[tokio::test]
async fn a_document_that_never_comes_to_rest_is_taken_as_it_is_once_the_time_is_over() -> TestResult {
    // The plan and the fence read it at rest.
    let restless = Action::ChangeShape(ShapeChange::RestlessKey("passkeyResetCounter".to_owned()));
    for (action, became) in [(None, WriteResult::Verified), (Some(Action::LostWrite), WriteResult::NotDone)] {
        let mut faults = Faults::none().and(Fault::on(Method::GET, POLICY, restless.clone()).after(2));
        faults.scripted.extend(action.map(|action| Fault::on(Method::PUT, POLICY, action)));
        let harness = Harness::with(faults)?;
        let reader = || harness.reader(CONTOSO, CONTOSO, &Person::Administrator);
        let review = harness.review(&policy(CONTOSO, "notifications: { administrators: true }")).await?;
        let tenant = review.plan.tenant_id;
        let approved = review.approve().map_err(|refusal| format!("{refusal:?}"))?;
        let clock = Clock::Fixed("2026-11-22T09:00:00Z".parse()?);
        let (writer, stop) = (TenantWriter::new(reader()?), CancellationToken::new());
        let bounds =
            ApplyOptions { verify_timeout: LAG, consistent_reads: 2, on_failure: OnFailure::Rollback, cancel: &stop };
        let journal = Journal::new(harness.journals.path(), &clock);
        {
            // The server logs a request before it answers: the run is gone before it can see the answer to its write.
            let mut run = pin!(execute(&writer, &approved, bounds, &journal));
            poll_fn(|context| {
                if !harness.writes().is_empty() {
                    return Poll::Ready(Ok(()));
                }
                run.as_mut().poll(context).map(|ended| Err(format!("{ended:?}")))
            })
            .await?;
        }
        let unfinished = interrupted(harness.journals.path(), tenant)?;
        let [past] = unfinished.as_slice() else { return Err(format!("{unfinished:#?}").into()) };
        let (watch, reads_before) = (Stopwatch::start(), harness.reads(POLICY));
        let care = RecoveryOptions { lag: LAG, consistent_reads: 2, clock: &clock };
        let reader = reader()?;
        let journal = Journal::of(harness.journals.path(), journal.run(), &clock);
        let recovered = recovery::recover_run(&reader, tenant, past, &journal, care);
        let recovered =
            tokio::time::timeout(Duration::from_secs(20), recovered).await?.map_err(|error| error.message)?;
        assert!(watch.elapsed() > LAG * 2, "believed after {:?}", watch.elapsed());
        let reads = harness.reads(POLICY) - reads_before;
        assert!((2..12).contains(&reads), "the document was read {reads} times without a pause");
        let found: Vec<_> = recovered.requests.iter().map(|(_, became)| *became).collect();
        assert_eq!(found, [became]);
        assert_eq!(interrupted(harness.journals.path(), tenant)?, []);
    }
    Ok(())
}

/// The runs that were interrupted at a tenant, by reading every journal.
fn interrupted(folder: &Path, tenant: TenantId) -> std::io::Result<Vec<RunRecord>> {
    let runs = list_runs(folder)?.into_iter().map(|run| read_run(folder, &run));
    let records: Vec<_> = runs.collect::<Result<_, _>>()?;
    Ok(records.into_iter().filter(|record| record.is_interrupted(tenant)).collect())
}
