//! Bodies that are too large, too deep, or too small for what they unfold to.

use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::error::TenantErrorKind;
use ssprctl::testing::tenant::surface::Surface;

use crate::gzip;
use crate::harness::{Checked, Harness, Reply, error_of};

const MIB: usize = 1024 * 1024;

async fn refused(reply: Reply, says: &str) -> Checked {
    let harness = Harness::replying([reply])?;
    let found = error_of(harness.reader()?.read(Surface::PasswordReset).await)?;
    assert_eq!(found.kind, TenantErrorKind::UnexpectedResponse);
    assert!(found.message.contains(says), "{found}");
    assert_eq!(harness.seen().len(), 1, "such an answer is not asked for again");
    Ok(())
}

#[tokio::test]
async fn a_body_may_be_large_but_not_huge() -> Checked {
    let of = |size: usize| Reply::new(200, format!(r#"{{"a":"{}"}}"#, "x".repeat(size)));
    let harness = Harness::replying([of(7 * MIB)])?;
    assert_eq!(harness.reader()?.read(Surface::PasswordReset).await?.raw("a").map(str::len), Some(7 * MIB + 2));
    refused(of(8 * MIB), "is larger than 8 MiB").await
}

#[tokio::test]
async fn nesting_is_bounded_and_needs_no_stack() -> Checked {
    let of = |depth: usize| Reply::new(200, format!(r#"{{"a":{}{}}}"#, "[".repeat(depth), "]".repeat(depth)));
    let harness = Harness::replying([of(63)])?;
    assert!(harness.reader()?.read(Surface::PasswordReset).await?.raw("a").is_some());
    refused(of(64), "nests deeper than 64 levels").await?;
    refused(of(1_000_000), "nests deeper than 64 levels").await
}

/// Of the pages of people only known columns are read; the others are skipped without a stack.
#[tokio::test]
async fn a_page_of_people_that_nests_deep_ends_no_process() -> Checked {
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let line = r#""id":"00000000-0000-0000-0000-000000000001","isSsprEnabled":true,"isSsprCapable":true"#;
    let pages = [
        (true, format!(r#"{{"odd":{deep},"value":[]}}"#)),
        (true, format!(r#"{{"value":[{{{line},"odd":{deep}}}]}}"#)),
        (false, format!(r#"{{"value":[{{{line},"methodsRegistered":{deep}}}]}}"#)),
        (false, format!(r#"{{"value":[{{{line},"userType":{deep}}}]}}"#)),
        (false, format!(r#"{{"value":[],"@odata.nextLink":{deep}}}"#)),
        (false, format!(r#"{{"value":{deep}}}"#)),
    ];
    for (readable, page) in pages {
        let read = Harness::replying([Reply::new(200, page)])?.reader()?.people(None, &mut |_| {}).await;
        let kind = read.err().map(|error| error.kind);
        assert_eq!(kind, (!readable).then_some(TenantErrorKind::UnexpectedResponse));
    }
    Ok(())
}

#[tokio::test]
async fn a_compressed_body_is_read() -> Checked {
    let harness = Harness::replying([Reply::new(200, gzip::stored(b"{\"a\":1}")).header("content-encoding", "gzip")])?;
    assert_eq!(harness.reader()?.read(Surface::PasswordReset).await?.raw("a"), Some("1"));
    assert!(harness.seen()[0].header("accept-encoding").contains("gzip"));
    Ok(())
}

#[tokio::test]
async fn a_small_body_may_not_unfold_to_a_huge_one() -> Checked {
    let bomb = gzip::repeated(b'{', 64 * MIB);
    assert!(bomb.len() < MIB);
    refused(Reply::new(200, bomb).header("content-encoding", "gzip"), "is larger than 8 MiB").await
}

#[tokio::test]
async fn a_huge_or_deep_error_is_still_reported_by_its_status() -> Checked {
    for body in ["x".repeat(MIB), "[".repeat(100_000)] {
        let harness = Harness::replying([Reply::new(403, body)])?;
        let found = error_of(harness.reader()?.read(Surface::OnPremisesPasswordReset).await)?;
        assert_eq!(found.message, "may not read the on-premises password reset policy (HTTP 403)");
    }
    Ok(())
}
