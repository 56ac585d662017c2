//! Notifications and their delivery.

use std::error::Error;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::client::HttpClient;
use ssprctl::testing::controller::condition::Reason;
use ssprctl::testing::controller::event::Event;
use ssprctl::testing::controller::notify::deliver::deliver;
use ssprctl::testing::controller::notify::notification::Notification;
use ssprctl::testing::controller::notify::{address, body};
use ssprctl::testing::policy::repository::controller::{NotificationTarget, ReceiverKind as To};

use crate::receiver::Receiver;
use crate::repository::TestResult;

const HOSTILE: &str =
    "a <b> & [c](https://evil.example) *d* <!channel> {{DATE(now,SHORT)}} @here \u{1b}[31m\u{202e}x\n```";

fn news(tenant: Option<&str>, message: &str, well: bool) -> Event {
    Event {
        tenant: tenant.map(str::to_owned),
        revision: "0123456789abcdef".to_owned(),
        reason: if well { Reason::InSync } else { Reason::Drifted },
        well,
        message: message.to_owned(),
        drift: Vec::new(),
        at: Timestamp::UNIX_EPOCH,
    }
}

fn target(json: Value) -> Result<NotificationTarget, Box<dyn Error>> {
    Ok(serde_json::from_value(json)?)
}

fn everything(news: &[Event]) -> Result<Notification, Box<dyn Error>> {
    let all = target(json!({ "to": "webhook", "url": "SSPRCTL_NOTIFY_HOOK" }))?;
    Ok(Notification::for_target(news, &all, Timestamp::UNIX_EPOCH).ok_or("no event for this target")?)
}

/// Every text below a value whose key is `text`.
fn texts<'a>(value: &'a Value, found: &mut Vec<(&'a str, &'a Value)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(keys) => {
            if let (Some(kind), Some(Value::String(text))) = (keys.get("type"), keys.get("text")) {
                found.push((text, kind));
            }
            keys.values().for_each(|value| texts(value, found));
        }
        _ => {}
    }
}

#[test]
fn what_others_wrote_is_only_text_to_every_receiver() -> TestResult {
    let notification = everything(&[news(Some("evil<tenant>"), HOSTILE, false)])?;
    for (receiver, plain) in [(To::Slack, "plain_text"), (To::Teams, "TextRun")] {
        let document: Value = serde_json::from_str(&body(receiver, &notification)?)?;
        let mut found = Vec::new();
        texts(&document, &mut found);
        let hostile: Vec<_> = found.iter().filter(|(text, _)| text.contains("evil")).collect();
        assert!(!hostile.is_empty(), "{document:#}");
        for (text, kind) in &hostile {
            assert_eq!(**kind, plain, "{text}");
            assert!(!text.contains(['\u{1b}', '\u{202e}', '\n']), "{text:?}");
            let acted_upon = match receiver {
                To::Slack => text.contains(['<', '>']),
                _ => text.contains("{{"),
            };
            assert!(!acted_upon, "{text}");
        }
    }
    let document: Value = serde_json::from_str(&body(To::Webhook, &notification)?)?;
    assert_eq!(document["events"][0]["message"], HOSTILE, "machines get it as it is");
    Ok(())
}

#[test]
fn a_flood_becomes_one_message_within_the_receivers_limits() -> TestResult {
    let many: Vec<Event> =
        (0..500).map(|n| news(Some(&format!("tenant-{n:03}")), &"<é>".repeat(5_000), n % 2 == 0)).collect();
    let notification = everything(&many)?;
    let slack: Value = serde_json::from_str(&body(To::Slack, &notification)?)?;
    let blocks = slack["blocks"].as_array().ok_or("no blocks")?;
    assert!(blocks.len() <= 50, "{}", blocks.len());
    let mut found = Vec::new();
    texts(&slack, &mut found);
    assert!(found.iter().all(|(text, _)| text.chars().count() <= 3_000), "Slack's limit for one text");
    assert!(body(To::Teams, &notification)?.len() <= 28 * 1024, "the limit of Teams for one message");
    for text in [slack.to_string(), body(To::Teams, &notification)?] {
        assert!(text.contains("500 changes of state, 250 of them need attention") && text.contains("and 480 more"));
        assert!(text.contains("tenant-001") && !text.contains("tenant-000"), "what needs somebody comes first");
    }
    Ok(())
}

#[test]
fn a_target_is_notified_of_its_tenants_and_of_the_source() -> TestResult {
    let some = target(json!({ "to": "slack", "url": "SSPRCTL_NOTIFY_SLACK", "tenants": ["contoso.*"] }))?;
    let report = |news: &[Event]| {
        Notification::for_target(news, &some, Timestamp::UNIX_EPOCH).map(|notification| notification.events.len())
    };
    let (ours, other) = (news(Some("contoso.com"), "", true), news(Some("fabrikam.com"), "", true));
    assert_eq!(report(&[ours, other.clone(), news(None, "", false)]), Some(2));
    assert_eq!(report(&[other]), None);
    Ok(())
}

/// Sends one message to a receiver with these first answers; what came of it, and how often it was tried.
async fn sent(answers: &[&str]) -> Result<(Result<(), String>, usize), Box<dyn Error>> {
    let receiver = Receiver::start(answers)?;
    let target = target(json!({ "to": "slack", "url": "SSPRCTL_NOTIFY_SLACK" }))?;
    let url = format!("http://{}/services/secret", receiver.address);
    let target = address(&target, |name| (name == "SSPRCTL_NOTIFY_SLACK").then(|| url.clone()))?;
    assert!(!format!("{target:?}").contains("secret"));
    let notification = everything(&[news(None, "x", true)])?;
    let clock = Clock::Fixed(Timestamp::UNIX_EPOCH);
    let sent = deliver(&HttpClient::default(), &clock, &target, &notification, &[Duration::ZERO; 3]).await;
    Ok((sent, receiver.got().len()))
}

#[tokio::test]
async fn what_passes_by_itself_is_tried_again_and_not_for_ever() -> TestResult {
    assert_eq!(sent(&[]).await?, (Ok(()), 1));
    let busy = ["503 Service Unavailable", "429 Too Many Requests\r\nRetry-After: 0"];
    assert_eq!(sent(&busy).await?, (Ok(()), 3));
    assert_eq!(sent(&["500 No"; 9]).await?, (Err("the receiver answers HTTP 500".to_owned()), 4));
    assert_eq!(sent(&["404 Not Found"]).await?, (Err("the receiver answers HTTP 404".to_owned()), 1));
    let elsewhere = "302 Found\r\nLocation: http://127.0.0.1:1/";
    assert_eq!(sent(&[elsewhere]).await?, (Err("the receiver answers HTTP 302".to_owned()), 1), "nobody is followed");
    Ok(())
}

#[tokio::test]
async fn an_error_does_not_contain_the_address() -> TestResult {
    let target = target(json!({ "to": "slack", "url": "SSPRCTL_NOTIFY_SLACK" }))?;
    let target = address(&target, |_| Some("http://127.0.0.1:1/services/secret".to_owned()))?;
    let notification = everything(&[news(None, "x", true)])?;
    let why =
        deliver(&HttpClient::default(), &Clock::System, &target, &notification, &[]).await.err().ok_or("it arrived")?;
    assert!(!why.contains("secret") && !why.contains("127.0.0.1:1/"), "{why}");
    Ok(())
}

#[test]
fn secrets_are_read_and_never_repeated() -> TestResult {
    let signed = target(json!({ "to": "webhook", "url": "SSPRCTL_NOTIFY_HOOK", "key": "SSPRCTL_NOTIFY_KEY" }))?;
    for (url, report) in [
        (None, "the variable SSPRCTL_NOTIFY_HOOK is not set"),
        (Some("secret"), "the variable SSPRCTL_NOTIFY_HOOK does not hold an address"),
        (Some("http://hooks.example/secret"), "the address in SSPRCTL_NOTIFY_HOOK does not begin with https://"),
        (Some("file:///secret"), "the address in SSPRCTL_NOTIFY_HOOK does not begin with https://"),
        (Some("https://hooks.example/secret"), "the variable SSPRCTL_NOTIFY_KEY is not set"),
    ] {
        let variable = |name: &str| url.filter(|_| name == "SSPRCTL_NOTIFY_HOOK").map(str::to_owned);
        assert_eq!(address(&signed, variable).err().as_deref(), Some(report));
    }
    Ok(())
}
