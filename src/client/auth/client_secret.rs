//! Tokens of an application that has a client secret. They reach Microsoft Graph alone.

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::Value;

use crate::client::auth::claims::PERSON_ONLY;
use crate::client::auth::source::{NoToken, TokenSource, Want};
use crate::client::classify;
use crate::client::endpoints::below;
use crate::client::envelope::Envelope;
use crate::client::errand::Errand;
use crate::client::retry;
use crate::client::token::Token;
use crate::client::transport::{self, Answer, Call, Cause, Payload, Setback};
use crate::tenant::surface::System;
use crate::tenant::trouble::{Access, Trouble, TroubleKind};

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
const SECRET: &str = "AZURE_CLIENT_SECRET";

/// The application, as the environment names it.
pub(crate) struct ClientSecret {
    tenant: Option<String>,
    client: Option<String>,
    secret: Option<String>,
}

impl ClientSecret {
    /// Takes the three variables from `get`. Without `AZURE_TENANT_ID` the policy's own tenant is signed in to, so that
    /// one application can serve several tenants.
    pub(crate) fn from_env(get: &impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        Self { tenant: get(TENANT), client: get(CLIENT), secret: get(SECRET) }
    }

    async fn token(&self, want: &Want<'_>) -> Result<Token, NoToken> {
        let (client, secret) = match (&self.client, &self.secret) {
            (Some(client), Some(secret)) => (client, secret),
            (None, None) => return Err(NoToken::Absent(format!("{CLIENT} and {SECRET} are not set"))),
            (None, Some(_)) => return Err(NoToken::Absent(format!("{SECRET} is set, but {CLIENT} is not"))),
            (Some(_), None) => return Err(NoToken::Absent(format!("{CLIENT} is set, but {SECRET} is not"))),
        };
        if want.system == System::Portal {
            return Err(NoToken::Absent(format!("{SECRET} cannot serve: {PERSON_ONLY}")));
        }
        let call = self.call(want, client, secret);
        // Asking for a token changes nothing, so it may be repeated like a read.
        let answer =
            retry::patiently(want.http.patience(), || transport::send(want.http, want.clock, &call, None)).await;
        answer
            .map_err(|setback| refused(want, &setback))
            .and_then(|answer| granted(want, &answer))
            .map_err(NoToken::Failed)
    }

    fn call(&self, want: &Want<'_>, client: &str, secret: &str) -> Call {
        let tenant = self.tenant.clone().unwrap_or_else(|| want.tenant.to_string());
        Call {
            method: Method::POST,
            url: below(want.endpoints.login(), &[&tenant, "oauth2", "v2.0", "token"]),
            ids: &["client-request-id"],
            payload: Payload::SecretForm {
                fields: vec![
                    ("grant_type", "client_credentials".to_owned()),
                    ("client_id", client.to_owned()),
                    ("scope", want.scope()),
                ],
                secret: ("client_secret", secret.to_owned()),
            },
        }
    }
}

impl TokenSource for ClientSecret {
    fn acquire<'a>(&'a self, want: &'a Want<'a>) -> BoxFuture<'a, Result<Token, NoToken>> {
        Box::pin(self.token(want))
    }

    fn way(&self, want: &Want<'_>) -> Option<String> {
        (want.system == System::Graph)
            .then(|| format!("set {CLIENT} and {SECRET}, and {TENANT} if it is another tenant"))
    }
}

fn granted(want: &Want<'_>, answer: &Answer) -> Result<Token, Trouble> {
    let unusable = |why| classify::unintelligible(Errand::SignIn, why).request(answer.request);
    let body: Value = serde_json::from_str(&answer.text).map_err(|_| unusable("is not JSON"))?;
    let token = body.get("access_token").and_then(Value::as_str).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| unusable("holds no token"))?;
    let seconds = body.get("expires_in").and_then(Value::as_i64);
    Ok(Token::new(token).expiring(seconds.and_then(|seconds| after(want.clock.now(), seconds))))
}

fn after(now: Timestamp, seconds: i64) -> Option<Timestamp> {
    now.checked_add(SignedDuration::from_secs(seconds)).ok()
}

fn refused(want: &Want<'_>, setback: &Setback) -> Trouble {
    let trouble = classify::judge(Errand::SignIn, setback);
    let Cause::Status(answer) = &setback.cause else { return trouble };
    if !answer.status.is_client_error() || trouble.kind == TroubleKind::Unavailable {
        return trouble;
    }
    let envelope = Envelope::open(answer);
    let hint = hint(&codes(answer), want);
    let message = format!("the sign-in service refuses the application in {CLIENT}{}", envelope.said());
    Trouble::new(TroubleKind::NoAccess(Access::Credential(want.system)), message).hint(hint).request(setback.request)
}

/// The numbers of the sign-in service's errors; they are also at the start of its description.
fn codes(answer: &Answer) -> Vec<u64> {
    let body = serde_json::from_str::<Value>(&answer.text).unwrap_or_default();
    let listed = body.get("error_codes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_u64);
    let described = body.get("error_description").and_then(Value::as_str).and_then(|text| {
        let digits = text.strip_prefix("AADSTS")?.split(':').next()?;
        digits.parse().ok()
    });
    listed.chain(described).collect()
}

fn hint(codes: &[u64], want: &Want<'_>) -> String {
    let has = |code: u64| codes.contains(&code);
    if has(7_000_215) {
        format!("{SECRET} is wrong: it must be the secret's value, not its id")
    } else if has(7_000_222) {
        format!("the secret has expired: add a new one to the application, and put its value into {SECRET}")
    } else if has(700_016) {
        format!("the application is not known in {}: check {CLIENT}, or consent to it there", want.tenant)
    } else if has(90_002) {
        format!("there is no such tenant in the {} cloud: check {TENANT} and `tenant`", want.cloud.cloud.name())
    } else {
        format!("check {TENANT}, {CLIENT} and {SECRET}")
    }
}
