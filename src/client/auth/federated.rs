//! Federated credentials: an assertion of another identity provider, which the sign-in service accepts instead of a secret. It
//! comes from a file that a platform renews (Kubernetes), or from GitHub Actions. It expires within minutes, so it is read or
//! requested anew for every token.

use std::path::PathBuf;

use reqwest::Method;
use serde_json::Value;
use url::Url;

use crate::base::file;
use crate::client::auth::source::{TokenRequest, TokenUnavailable};
use crate::client::endpoints::is_loopback;
use crate::client::operations::table::Operation;
use crate::client::transport::{self, HttpRequest, Payload};
use crate::client::{classify, retry};

const FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
const ACTIONS_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const ACTIONS_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
/// The most bytes of a file that are read: tokens have a few kilobytes.
const MOST: u64 = 64 * 1024;

/// Where the assertion comes from.
pub(crate) enum Federated {
    File(PathBuf),
    /// The runner of a GitHub workflow, with what it wants to be shown.
    Actions {
        url: String,
        token: String,
    },
}

impl Federated {
    /// The file that the environment names, or else the runner that announces itself there.
    pub(crate) fn from_env(get: &impl Fn(&str) -> Option<String>) -> Option<Self> {
        let runner = || Some(Self::Actions { url: get(ACTIONS_URL)?, token: get(ACTIONS_TOKEN)? });
        get(FILE).map(|path| Self::File(path.into())).or_else(runner)
    }

    /// The variable that says so.
    pub(crate) fn variable(&self) -> &'static str {
        match self {
            Self::File(_) => FILE,
            Self::Actions { .. } => ACTIONS_URL,
        }
    }

    /// An assertion that is fresh.
    pub(crate) async fn assertion(&self, request: &TokenRequest<'_>) -> Result<String, TokenUnavailable> {
        match self {
            Self::File(path) => {
                let read = file::read_bounded(path, MOST).and_then(file::text);
                let failed = |why: String| {
                    let error = request.error(format!("the token file {} {why}", path.display()));
                    TokenUnavailable::Failed(
                        error.hint(format!("check that the platform writes the file that {FILE} names")),
                    )
                };
                let text = read.map_err(|error| failed(format!("cannot be read: {error}")))?;
                match text.trim() {
                    "" => Err(failed("is empty".to_owned())),
                    token => Ok(token.to_owned()),
                }
            }
            Self::Actions { url, token } => ask(request, url, token).await,
        }
    }
}

/// Asks the runner for a token that the sign-in service takes.
async fn ask(request: &TokenRequest<'_>, url: &str, token: &str) -> Result<String, TokenUnavailable> {
    let parsed = Url::parse(url).ok().filter(|url| url.scheme() == "https" || is_loopback(url));
    let Some(mut url) = parsed else {
        let error = request.error(format!("{ACTIONS_URL} is no https address"));
        return Err(TokenUnavailable::Failed(error.hint("leave it as the runner sets it")));
    };
    url.query_pairs_mut().append_pair("audience", request.cloud.exchange_audience);
    let payload = Payload::Headers { plain: Vec::new(), secrets: vec![("authorization", format!("Bearer {token}"))] };
    let call = HttpRequest { method: Method::GET, url, ids: &[], payload };
    let response = retry::with_retries(request.http, Operation::Assertion.service_name(), || {
        transport::send(request.http, request.clock, &call, None)
    })
    .await;
    let response = response.map_err(|error| {
        let error = classify::tenant_error(Operation::Assertion, &error);
        TokenUnavailable::Failed(error.hint("the job needs `permissions: id-token: write`"))
    })?;
    let body: Value = serde_json::from_str(&response.text).unwrap_or_default();
    let value = body.get("value").and_then(Value::as_str).filter(|value| !value.is_empty());
    value.map(str::to_owned).ok_or_else(|| {
        TokenUnavailable::Failed(
            classify::unexpected_response(Operation::Assertion, "holds no token").request(response.request),
        )
    })
}
