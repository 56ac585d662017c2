//! Secrets that a service repeats in another spelling, or in part: random secrets in random spellings never appear.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::json;
use ssprctl::testing::client::{Credentials, connect};
use ssprctl::testing::tenant::api::ReadTenant;
use ssprctl::testing::tenant::surface::Surface;

use crate::harness::{Checked, Harness, Reply, error_of, jwt};

/// What an encoder makes of a text.
#[derive(Clone, Copy, Debug)]
enum Encoder {
    Json,
    JsonAll,
    Percent,
    PercentAll,
    Entities,
    EntitiesAll,
}

impl Encoder {
    fn encode(self, text: &str) -> String {
        let unit = |unit: u16| format!("\\u{unit:04x}");
        let all = |c: char| c.encode_utf16(&mut [0; 2]).iter().map(|one| unit(*one)).collect::<String>();
        let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let plain = |c: char| c.is_ascii_alphanumeric();
        let each = |keep: &dyn Fn(char) -> bool, spell: &dyn Fn(char) -> String| {
            text.chars().map(|c| if keep(c) { c.to_string() } else { spell(c) }).collect::<String>()
        };
        match self {
            Self::Json => serde_json::Value::from(text).to_string().trim_matches('"').to_owned(),
            Self::JsonAll => each(&|_| false, &all),
            Self::Percent => each(&plain, &|c| percent(&c.to_string())),
            Self::PercentAll => percent(text),
            Self::Entities => each(&|c| !"&<>\"'".contains(c), &|c| format!("&#{};", u32::from(c))),
            Self::EntitiesAll => each(&|_| false, &|c| format!("&#x{:X};", u32::from(c))),
        }
    }
}

fn encoder() -> impl Strategy<Value = Encoder> {
    prop_oneof![
        Just(Encoder::Json),
        Just(Encoder::JsonAll),
        Just(Encoder::Percent),
        Just(Encoder::PercentAll),
        Just(Encoder::Entities),
        Just(Encoder::EntitiesAll),
    ]
}

/// A secret, a part of it and how that is spelled: encoder after encoder, a mixture, or base64.
fn spelled_part() -> impl Strategy<Value = (String, String)> {
    let nested = ("[!-;=?-~äß€😀]{8,48}", prop::collection::vec(encoder(), 0..4));
    let nested = nested.prop_map(|(secret, encoders)| {
        let spelling = |part: &str| encoders.iter().fold(part.to_owned(), |text, encoder| encoder.encode(&text));
        let spelled = spelling(&secret);
        (secret, spelled)
    });
    let mixed = prop::collection::vec(("[!#$'-;=?-Z_a-z~]", encoder()), 12..40);
    let mixed = (mixed, any::<prop::sample::Index>()).prop_map(|(characters, from)| {
        let secret: String = characters.iter().map(|(c, _)| c.as_str()).collect();
        let from = from.index(characters.len() - 8);
        let spelled = characters.iter().skip(from).map(|(c, encoder)| encoder.encode(c)).collect();
        (secret, spelled)
    });
    let encoded = ("[!-;=?-~]{8,48}", "[a-z]{0,4}", any::<bool>()).prop_map(|(secret, before, url)| {
        let text = format!("{before}{secret}");
        let spelled = if url { URL_SAFE_NO_PAD.encode(text) } else { STANDARD.encode(text) };
        (secret, spelled)
    });
    prop_oneof![nested, mixed, encoded]
}

fn application(secret: &str) -> Credentials {
    let secret = secret.to_owned();
    Credentials::from_env_and_cli(
        move |name| match name {
            "AZURE_CLIENT_ID" => Some("application".to_owned()),
            "AZURE_CLIENT_SECRET" => Some(secret.clone()),
            _ => None,
        },
        Some("/nonexistent/az".into()),
    )
}

/// What is left of a spelling between the marks of the message.
fn left_of(message: &str) -> Result<String, TestCaseError> {
    let (_, rest) = message.split_once('«').ok_or_else(|| TestCaseError::fail(format!("not quoted: {message}")))?;
    Ok(rest.split('»').next().unwrap_or_default().replace("[secret]", ""))
}

#[test]
fn random_secrets_in_random_spellings_never_appear() -> Checked {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let said = Arc::new(Mutex::new(String::new()));
    let script = Arc::clone(&said);
    let harness = Harness::new(move |_| {
        let text = script.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Reply::new(401, json!({"error": "invalid_client", "error_description": format!("«{text}»")}).to_string())
    })?;
    let mut runner = TestRunner::new(Config { cases: 600, failure_persistence: None, ..Config::default() });
    runner.run(&spelled_part(), |(secret, spelled)| {
        *said.lock().unwrap_or_else(PoisonError::into_inner) = spelled.clone();
        let mut options = harness.options();
        options.credentials = application(&secret);
        let failed = |error: &dyn std::fmt::Display| TestCaseError::fail(error.to_string());
        let reader = connect(options).map_err(|error| failed(&error))?;
        let error = error_of(runtime.block_on(reader.read(Surface::AuthorizationPolicy)));
        let left = left_of(&error.map_err(|error| failed(&error))?.message)?;
        // Base64 keeps up to a quartet on each side that says nothing of the secret alone.
        prop_assert!(left.len() <= 12 && !spelled.is_empty(), "{secret} as {spelled} leaves {left}");
        Ok(())
    })?;
    Ok(())
}

#[tokio::test]
async fn a_redirect_and_a_granted_token_do_not_show_the_secret() -> Checked {
    let secret = "secret-that-nobody-may-see";
    let token = jwt(&json!({"aud": format!("https://{secret}.example"), "exp": 9_999_999_999_i64}));
    for reply in [
        Reply::new(302, "").header("location", format!("https://{secret}.example/")),
        Reply::new(200, json!({"access_token": token}).to_string()),
    ] {
        let harness = Harness::replying([reply])?;
        let mut options = harness.options();
        options.credentials = application(secret);
        let found = error_of(connect(options)?.read(Surface::AuthorizationPolicy).await)?;
        assert!(found.message.contains("[secret].example") && !format!("{found:?}").contains(secret), "{found:?}");
    }
    Ok(())
}

/// The words of a message that no secret has stay as they are.
#[tokio::test]
async fn the_rest_of_a_message_stays() -> Checked {
    let said = "AADSTS7000215: Invalid client secret provided: abc\u{2022}. 100% of C:\\new &amp; \\u0041";
    let harness = Harness::replying([Reply::new(401, json!({"error": "x", "error_description": said}).to_string())])?;
    let mut options = harness.options();
    options.credentials = application("another~secret+of/length");
    let found = error_of(connect(options)?.read(Surface::AuthorizationPolicy).await)?;
    assert!(found.message.ends_with(said), "{found}");
    Ok(())
}
