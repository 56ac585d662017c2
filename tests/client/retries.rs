//! What is tried again, how often, and how long is waited.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use ssprctl::testing::base::clock::{Clock, Stopwatch};
use ssprctl::testing::client::{HttpClient, RetryPolicy, connect};
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::error::{TenantError, TenantErrorKind};
use ssprctl::testing::tenant::surface::Surface;

use crate::harness::{Checked, Harness, Reply, error_of, hurried};

/// Reads once and counts the requests that it took.
async fn requests(
    replies: impl IntoIterator<Item = Reply>,
    retry_policy: RetryPolicy,
) -> Result<(usize, Option<TenantError>), Box<dyn std::error::Error>> {
    let harness = Harness::replying(replies)?;
    let mut options = harness.options();
    options.http = HttpClient::new(retry_policy);
    let outcome = connect(options)?.read(Surface::PasswordReset).await;
    Ok((harness.seen().len(), outcome.err()))
}

fn fine() -> Reply {
    Reply::new(200, "{}")
}

#[tokio::test]
async fn a_read_is_repeated_when_that_may_help() -> Checked {
    for status in [408, 429, 500, 502, 503, 504] {
        assert_eq!(requests([Reply::new(status, ""), fine()], hurried()).await?, (2, None), "{status}");
    }
    assert_eq!(requests([Reply::HangUp, fine()], hurried()).await?, (2, None));
    assert_eq!(requests([Reply::Cut(r#"{"a":"bcdefgh"}"#), fine()], hurried()).await?, (2, None));
    assert_eq!(requests([Reply::HangUp, Reply::new(503, ""), fine()], hurried()).await?, (3, None));
    Ok(())
}

#[tokio::test]
async fn a_read_is_not_repeated_when_that_cannot_help() -> Checked {
    for reply in [
        Reply::new(400, ""),
        Reply::new(403, ""),
        Reply::new(404, ""),
        Reply::new(409, ""),
        Reply::new(501, ""),
        Reply::html(200),
        Reply::new(302, "").header("location", "/elsewhere"),
    ] {
        let (count, error_of) = requests([reply.clone(), fine()], hurried()).await?;
        assert_eq!((count, error_of.is_some()), (1, true), "{reply:?}");
    }
    Ok(())
}

#[tokio::test]
async fn retries_end() -> Checked {
    let (count, error_of) = requests([Reply::new(503, "")], hurried()).await?;
    assert_eq!((count, error_of.map(|error_of| error_of.kind)), (3, Some(TenantErrorKind::Unavailable)));
    let (count, error_of) = requests([Reply::HangUp], RetryPolicy { retries: 0, ..hurried() }).await?;
    assert_eq!((count, error_of.map(|error_of| error_of.kind)), (1, Some(TenantErrorKind::Unavailable)));
    Ok(())
}

#[tokio::test]
async fn a_named_pause_is_obeyed() -> Checked {
    let watch = Stopwatch::start();
    let (count, error_of) = requests([Reply::new(429, "").header("retry-after", "1"), fine()], hurried()).await?;
    assert_eq!((count, error_of), (2, None));
    assert!(watch.elapsed() >= Duration::from_secs(1));
    Ok(())
}

#[tokio::test]
async fn a_pause_beyond_the_limit_is_reported_instead_of_obeyed() -> Checked {
    let retry_policy = RetryPolicy { all_pauses: Duration::from_secs(60), ..hurried() };
    for wait in ["61", "Thu, 01 Jan 1970 00:01:01 GMT", "18446744073709551615"] {
        let (count, error_of) =
            requests([Reply::new(429, "").header("retry-after", wait), fine()], retry_policy).await?;
        let error_of = error_of.ok_or("this was expected to fail")?;
        assert_eq!((count, error_of.kind), (1, TenantErrorKind::Unavailable));
        assert!(error_of.hint.is_some_and(|hint| hint.contains("asks to be left alone for")), "{wait}");
    }
    Ok(())
}

#[tokio::test]
async fn a_date_is_a_pause_by_the_clock_it_is_given() -> Checked {
    let harness =
        Harness::replying([Reply::new(503, "").header("retry-after", "Fri, 02 Jan 1970 00:00:00 GMT"), fine()])?;
    let mut options = harness.options();
    // A date that has passed means "now".
    options.clock = Clock::Fixed("1970-01-02T00:00:00Z".parse::<Timestamp>()?);
    connect(options)?.read(Surface::PasswordReset).await?;
    assert_eq!(harness.seen().len(), 2);
    Ok(())
}

#[tokio::test]
async fn all_pauses_of_a_read_share_one_budget() -> Checked {
    let harness = Harness::replying([Reply::new(429, "").header("retry-after", "1")])?;
    let mut options = harness.options();
    options.http = HttpClient::new(RetryPolicy { all_pauses: Duration::from_millis(1_500), ..hurried() });
    let found = error_of(connect(options)?.read(Surface::PasswordReset).await)?;
    assert_eq!((harness.seen().len(), found.kind), (2, TenantErrorKind::Unavailable));
    Ok(())
}

/// Two tenants of one run, or two reads of one tenant: what the one has waited, the other cannot.
#[tokio::test]
async fn all_reads_of_a_run_share_one_budget() -> Checked {
    let harness = Harness::replying([Reply::new(503, "")])?;
    let mut options = harness.options();
    let (first_pause, run_pauses) = (Duration::from_millis(10), Duration::from_millis(40));
    options.http = HttpClient::new(RetryPolicy { first_pause, run_pauses, ..hurried() });
    let other = connect(options.clone())?;
    error_of(connect(options)?.read(Surface::PasswordReset).await)?;
    assert_eq!(harness.seen().len(), 3, "10 and 20 ms are waited");
    error_of(other.read(Surface::PasswordReset).await)?;
    assert_eq!(harness.seen().len(), 5, "then 10 more, and 20 would be too many");
    error_of(other.read(Surface::PasswordReset).await)?;
    assert_eq!(harness.seen().len(), 6);
    Ok(())
}

#[tokio::test]
async fn a_long_pause_is_shown_and_cleared() -> Checked {
    let lines = Arc::<Mutex<Vec<String>>>::default();
    let harness = Harness::replying([Reply::new(429, "").header("retry-after", "1"), fine()])?;
    let (mut options, log) = (harness.options(), Arc::clone(&lines));
    options.http = HttpClient::watched(hurried(), move |line| {
        log.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    });
    let reader = connect(options)?;
    reader.read(Surface::AuthorizationPolicy).await?;
    reader.read(Surface::AuthorizationPolicy).await?;
    let lines = lines.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert_eq!(lines, ["waiting 1 s: Microsoft Graph throttles", ""]);
    Ok(())
}

#[tokio::test]
async fn a_silent_server_is_given_up() -> Checked {
    // Accepts connections and never answers: the backlog of a listener that nobody accepts from.
    let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
    let harness = Harness::replying([fine()])?;
    let mut options = harness.options();
    options.overrides.portal = Some(format!("http://{}", silent.local_addr()?));
    options.http = HttpClient::new(RetryPolicy { request: Duration::from_millis(50), retries: 1, ..hurried() });
    let found = error_of(connect(options)?.read(Surface::PasswordReset).await)?;
    assert_eq!(found.kind, TenantErrorKind::Unavailable);
    assert!(found.message.contains("no answer in time"), "{found}");
    Ok(())
}
