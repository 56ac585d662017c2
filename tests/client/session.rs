//! One token for many requests, a new one when it is due, and none twice in vain.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::client::{ConnectOptions, Credentials, TenantWriter, connect};
use ssprctl::testing::tenant::api::{ReadTenant, WriteTenant};
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::error::{MissingAccess, TenantErrorKind, WriteFailure};
use ssprctl::testing::tenant::surface::{Service, Surface};

use crate::harness::{Checked, Harness, Reply, Seen, error_of};

const EXPIRED: &str = r#"{"error":{"code":"InvalidAuthenticationToken","message":"Lifetime validation failed."}}"#;

/// A sign-in service that counts, and a Graph that takes what `accepts` accepts.
fn graph(lifetime: u32, accepts: impl Fn(&str) -> bool + Send + Sync + 'static) -> std::io::Result<Harness> {
    let granted = AtomicUsize::new(0);
    Harness::new(move |seen| {
        if is_token(seen) {
            let number = granted.fetch_add(1, Ordering::SeqCst) + 1;
            return Reply::new(200, format!(r#"{{"access_token":"token-{number}","expires_in":{lifetime}}}"#));
        }
        let token = seen.header("authorization").trim_start_matches("Bearer ");
        if accepts(token) { Reply::new(200, "{}") } else { Reply::new(401, EXPIRED) }
    })
}

fn is_token(seen: &Seen) -> bool {
    seen.target.ends_with("/oauth2/v2.0/token")
}

fn application(harness: &Harness) -> ConnectOptions {
    let mut options = harness.options();
    options.credentials = Credentials::from_env_and_cli(
        |name| name.starts_with("AZURE_CLIENT_").then(|| "x".to_owned()),
        Some("/nonexistent/az".into()),
    );
    options
}

fn acquired(harness: &Harness) -> usize {
    harness.seen().iter().filter(|seen| is_token(seen)).count()
}

#[tokio::test]
async fn reads_at_the_same_time_share_one_acquisition() -> Checked {
    let harness = graph(3_600, |_| true)?;
    let reader = connect(application(&harness))?;
    for outcome in join_all((0..8).map(|_| reader.read(Surface::AuthorizationPolicy))).await {
        outcome?;
    }
    assert_eq!((acquired(&harness), harness.seen().len()), (1, 9));
    Ok(())
}

#[tokio::test]
async fn nothing_is_acquired_before_it_is_needed() -> Checked {
    let harness = graph(3_600, |_| true)?;
    let reader = connect(application(&harness))?;
    assert!(reader.tenant_of("contoso.com").await.is_err());
    assert_eq!(acquired(&harness), 0);
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_no_longer_accepted_is_replaced_once_for_all() -> Checked {
    let harness = graph(3_600, |token| token != "token-1")?;
    let reader = connect(application(&harness))?;
    for outcome in join_all((0..4).map(|_| reader.read(Surface::AuthorizationPolicy))).await {
        outcome?;
    }
    assert_eq!(acquired(&harness), 2);
    Ok(())
}

#[tokio::test]
async fn a_second_refusal_is_final_and_names_the_way_out() -> Checked {
    let harness = graph(3_600, |_| false)?;
    let reader = connect(application(&harness))?;
    let found = error_of(reader.read(Surface::AuthorizationPolicy).await)?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Graph)));
    assert!(found.hint.is_some_and(|hint| hint.contains("AZURE_CLIENT_SECRET")));
    assert_eq!((acquired(&harness), harness.seen().len()), (2, 4));
    Ok(())
}

#[tokio::test]
async fn a_token_that_cannot_be_replaced_is_not_tried_twice() -> Checked {
    let harness = graph(3_600, |_| false)?;
    let mut options = harness.options();
    options.credentials = Credentials::from_env_and_cli(
        |name| (name == "SSPRCTL_GRAPH_TOKEN").then(|| "opaque".to_owned()),
        Some("/nonexistent/az".into()),
    );
    let reader = connect(options)?;
    for _ in 0..2 {
        let found = error_of(reader.read(Surface::AuthorizationPolicy).await)?;
        assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Graph)));
        assert!(found.message.contains("InvalidAuthenticationToken"), "{found}");
        assert!(found.hint.is_some_and(|hint| hint.contains("set SSPRCTL_GRAPH_TOKEN to a new token")));
    }
    assert_eq!(harness.seen().len(), 1);
    Ok(())
}

#[tokio::test]
async fn the_portal_says_expired_with_400_and_its_token_is_not_tried_twice_either() -> Checked {
    let expired = r#"{"Message":"AADSTS500133: Not within its valid time range.","ClientData":{"errorCode":"msalautherror_invalid_grant","exceptionType":"MsalUiRequiredException"}}"#;
    let harness = Harness::replying([Reply::new(400, expired)])?;
    let reader = harness.reader()?;
    for _ in 0..2 {
        let found = error_of(reader.read(Surface::PasswordReset).await)?;
        assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Portal)));
        assert!(found.message.contains("AADSTS500133"), "{found}");
    }
    assert_eq!(harness.seen().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_write_with_a_spent_token_is_not_repeated_but_the_next_request_has_a_new_one() -> Checked {
    let harness = graph(3_600, |token| token != "token-1")?;
    let writer = TenantWriter::new(connect(application(&harness))?);
    let found = error_of(
        writer.write(Surface::AuthorizationPolicy, &Document::default()).await.map_err(WriteFailure::into_error),
    )?;
    assert_eq!(found.kind, TenantErrorKind::NoAccess(MissingAccess::Credential(Service::Graph)));
    assert_eq!(harness.seen().iter().filter(|seen| seen.method == "PATCH").count(), 1);
    writer.write(Surface::AuthorizationPolicy, &Document::default()).await.map_err(WriteFailure::into_error)?;
    assert_eq!(acquired(&harness), 2);
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_about_to_expire_is_replaced_before_it_does() -> Checked {
    let harness = graph(60, |_| true)?;
    let mut options = application(&harness);
    options.clock = Clock::System;
    let reader = connect(options)?;
    reader.read(Surface::AuthorizationPolicy).await?;
    reader.read(Surface::AuthorizationPolicy).await?;
    assert_eq!(acquired(&harness), 2);
    Ok(())
}

#[tokio::test]
async fn a_failed_acquisition_is_not_repeated_by_every_request() -> Checked {
    let harness = Harness::replying([Reply::new(400, r#"{"error":"x","error_description":"AADSTS90002: y"}"#)])?;
    let reader = connect(application(&harness))?;
    for outcome in join_all((0..4).map(|_| reader.read(Surface::AuthorizationPolicy))).await {
        error_of(outcome)?;
    }
    assert_eq!(harness.seen().len(), 1);
    Ok(())
}
