//! A write is sent once, as it was given, and its outcome is never guessed.

use std::net::TcpListener;

use ssprctl::testing::client::{TenantWriter, connect};
use ssprctl::testing::tenant::api::{ReadTenant, WriteTenant};
use ssprctl::testing::tenant::document::{Document, Patch};
use ssprctl::testing::tenant::error::{TenantErrorKind, WriteFailure};
use ssprctl::testing::tenant::surface::Surface;

use crate::harness::{Checked, Harness, Reply, error_of};

/// A document as nobody would write it, with keys that nobody knows.
const ODD: &str = r#"{"objectId":"default","zz":{"y":1e5,"x":"\u00e9"},"enablementType":0,"big":123456789012345678901234567890,"a":1.10,"new":[ {} ]}"#;

fn document(text: &str) -> Result<Document, serde_json::Error> {
    Document::parse(text)
}

#[tokio::test]
async fn unknown_keys_survive_from_read_to_write_byte_for_byte() -> Checked {
    let harness = Harness::replying([Reply::new(200, ODD), Reply::new(200, "true")])?;
    let writer = TenantWriter::new(harness.reader()?);
    let read = writer.read(Surface::PasswordReset).await?;
    let patched = read.patched(&[Patch { key: "enablementType", value: 2.into() }]);
    writer.write(Surface::PasswordReset, &patched).await.map_err(WriteFailure::into_error)?;
    let seen = harness.seen();
    assert_eq!(seen[1].method, "PUT");
    assert_eq!(seen[1].target, "/api/PasswordReset/PasswordResetPolicies");
    assert_eq!(seen[1].header("content-type"), "application/json");
    assert!(!seen[1].header("x-ms-client-request-id").is_empty());
    assert_eq!(seen[1].body, ODD.replace(r#""enablementType":0"#, r#""enablementType":2"#));
    Ok(())
}

#[tokio::test]
async fn each_surface_is_written_in_its_own_way() -> Checked {
    let harness = Harness::replying([Reply::new(200, ""), Reply::new(204, ""), Reply::new(200, r#"{"id":"x"}"#)])?;
    let writer = TenantWriter::new(harness.reader()?);
    let key = document(r#"{"accountUnlockEnabled":true}"#)?;
    writer.write(Surface::OnPremisesPasswordReset, &key).await.map_err(WriteFailure::into_error)?;
    let merge = document(r#"{"allowedToUseSSPR":false}"#)?;
    writer.write(Surface::AuthorizationPolicy, &merge).await.map_err(WriteFailure::into_error)?;
    writer.write(Surface::AuthorizationPolicy, &merge).await.map_err(WriteFailure::into_error)?;
    let seen: Vec<_> = harness.seen().into_iter().map(|seen| (seen.method, seen.target, seen.body)).collect();
    let expected = |method: &str, target: &str, body: &str| (method.to_owned(), target.to_owned(), body.to_owned());
    let patch = expected("PATCH", "/v1.0/policies/authorizationPolicy", r#"{"allowedToUseSSPR":false}"#);
    let put = expected("PUT", "/api/PasswordReset/OnPremisesPasswordResetPolicies", r#"{"accountUnlockEnabled":true}"#);
    assert_eq!(seen, [put, patch.clone(), patch]);
    Ok(())
}

/// What a write comes to when the service does this, and that it was sent exactly once.
async fn outcome(reply: Reply) -> Result<TenantErrorKind, Box<dyn std::error::Error>> {
    let harness = Harness::replying([reply, Reply::new(200, "true")])?;
    let found = error_of(
        TenantWriter::new(harness.reader()?)
            .write(Surface::PasswordReset, &document(ODD)?)
            .await
            .map_err(WriteFailure::into_error),
    )?;
    assert!(found.request_id.is_some(), "{found:?}");
    assert!(found.hint.is_some(), "{found:?}");
    assert_eq!(harness.seen().len(), 1, "a write is not repeated: {found:?}");
    Ok(found.kind)
}

#[tokio::test]
async fn false_means_that_nothing_was_done() -> Checked {
    assert_eq!(outcome(Reply::new(200, "false")).await?, TenantErrorKind::Refused);
    Ok(())
}

#[tokio::test]
async fn throttling_proves_that_nothing_was_done() -> Checked {
    assert_eq!(outcome(Reply::new(429, "")).await?, TenantErrorKind::Unavailable);
    assert_eq!(outcome(Reply::new(429, "").header("retry-after", "5")).await?, TenantErrorKind::Unavailable);
    assert_eq!(outcome(Reply::new(503, "").header("retry-after", "5")).await?, TenantErrorKind::Unavailable);
    assert_eq!(outcome(Reply::new(408, "")).await?, TenantErrorKind::Unavailable);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_proves_nothing_leaves_the_outcome_open() -> Checked {
    for reply in [
        Reply::new(500, ""),
        Reply::new(502, "bad gateway"),
        Reply::new(503, ""),
        Reply::new(504, ""),
        Reply::HangUp,
        Reply::Cut("true"),
        Reply::html(200),
        Reply::new(200, r#"{"surprise":true}"#),
        Reply::new(202, "true"),
        Reply::new(200, "[".repeat(1_000)),
        Reply::new(302, "").header("location", "http://localhost:1/"),
    ] {
        assert_eq!(outcome(reply.clone()).await?, TenantErrorKind::OutcomeUnknown, "{reply:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_reused_connection_does_not_make_a_write_twice() -> Checked {
    let harness = Harness::replying([Reply::new(200, ODD), Reply::HangUp])?;
    let writer = TenantWriter::new(harness.reader()?);
    let read = writer.read(Surface::PasswordReset).await?;
    let found = error_of(writer.write(Surface::PasswordReset, &read).await.map_err(WriteFailure::into_error))?;
    assert_eq!(found.kind, TenantErrorKind::OutcomeUnknown);
    assert_eq!(harness.seen().iter().filter(|seen| seen.method == "PUT").count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_not_there_was_not_written_to() -> Checked {
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let harness = Harness::replying([Reply::HangUp])?;
    let mut options = harness.options();
    options.overrides.portal = Some(format!("http://{address}"));
    let found = error_of(
        TenantWriter::new(connect(options)?)
            .write(Surface::PasswordReset, &document(ODD)?)
            .await
            .map_err(WriteFailure::into_error),
    )?;
    assert_eq!(found.kind, TenantErrorKind::Unavailable);
    assert!(found.message.contains("127.0.0.1 cannot be reached"), "{found}");
    // The whole chain of causes is in the message, down to the one that helps.
    assert!(found.message.to_lowercase().contains("refused"), "{found}");
    Ok(())
}
