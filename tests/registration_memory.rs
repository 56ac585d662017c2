//! Reading the registration report takes the same memory whatever its length. This test is alone in its process, because
//! what it measures is the process.

use std::error::Error;
use std::fmt::Write as _;
use std::sync::Mutex;

use axum::Router;
use axum::extract::{Query, Request};
use axum::routing::get;
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::base::ids::TenantName;
use ssprctl::testing::client::{
    ConnectOptions, Credentials, EndpointOverrides, HttpClient, RetryPolicy, Token, connect,
};
use ssprctl::testing::tenant::registration::ReportPart;

const USERS: usize = 200_000;
const PAGE: usize = 999;
const ROUTE: &str = "/v1.0/reports/authenticationMethods/userRegistrationDetails";
/// The whole report is more than 70 MB, and its accounts without their names would still be more than this.
const MOST_KIB: u64 = 12 * 1024;

/// Writes a page down when it is asked for.
async fn page(Query(asked): Query<Vec<(String, String)>>, request: Request) -> String {
    let from = asked.iter().find(|(key, _)| key == "$skiptoken").and_then(|(_, from)| from.parse().ok()).unwrap_or(0);
    let until = USERS.min(from + PAGE);
    let mut text = String::from("{\"value\":[");
    for user in from..until {
        let comma = if user > from { "," } else { "" };
        let name = "x".repeat(160);
        let _ = write!(
            text,
            "{comma}{{\"id\":\"{user:08x}-0000-4000-8000-000000000000\",\"userPrincipalName\":\"{name}\",\"userType\":\"member\",\"isAdmin\":false,\
             \"methodsRegistered\":[\"mobilePhone\",\"email\"],\"isSsprRegistered\":true,\"isSsprEnabled\":true,\"isSsprCapable\":{},\
             \"lastUpdatedDateTime\":\"2026-11-21T22:10:00.6195833Z\"}}",
            user % 4 == 0
        );
    }
    text.push(']');
    if until < USERS {
        let host = request.headers().get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
        let _ = write!(text, ",\"@odata.nextLink\":\"http://{host}{ROUTE}?$skiptoken={until}\"");
    }
    text.push('}');
    text
}

/// The most memory that the process has had, in KiB; `None` where the system does not report it.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

#[tokio::test]
async fn a_long_report_takes_no_more_memory_than_a_short_one() -> Result<(), Box<dyn Error>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = Some(format!("http://{}", listener.local_addr()?));
    let server = tokio::spawn(async move { axum::serve(listener, Router::new().route(ROUTE, get(page))).await });
    let reader = connect(ConnectOptions {
        cloud: Cloud::Global,
        tenant: TenantName::parse("contoso.onmicrosoft.com"),
        overrides: EndpointOverrides { portal: url.clone(), graph: url.clone(), login: url },
        credentials: Credentials::fixed(None, Some(Token::new("a-token"))),
        clock: Clock::System,
        http: HttpClient::new(RetryPolicy { report_pause: std::time::Duration::ZERO, ..RetryPolicy::default() }),
    })?;
    // What the first ten pages took is what it takes.
    let early = Mutex::new(None);
    let progress = |users| {
        if users == 10 * 999
            && let Ok(mut early) = early.lock()
        {
            *early = peak();
        }
    };
    let counted = reader.registration(&progress).await?;
    let late = peak();
    let (mut people, mut capable) = (0, 0);
    let mut each = |part: ReportPart<'_>| {
        if let ReportPart::Line(number, person) = part {
            people += 1;
            capable += usize::from(person.capable && person.methods.len() == 2 && number <= 2);
        }
    };
    reader.people(None, &mut each).await?;
    let latest = peak();
    server.abort();
    assert_eq!((people, capable), (USERS, USERS / 4));
    assert_eq!((counted.members.users, counted.members.capable), (200_000, 50_000));
    if let (Some(early), Some(late), Some(latest)) = (early.into_inner()?, late, latest) {
        assert!(late - early < MOST_KIB, "{early} KiB grew to {late} KiB");
        assert!(latest - early < MOST_KIB, "{early} KiB grew to {latest} KiB");
    }
    Ok(())
}
