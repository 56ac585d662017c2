//! A client of a running controller: over the socket in its state folder, or over HTTP with its token.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::AUTHORIZATION;
use reqwest::{Client, Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use crate::base::exit::Exit;
use crate::client::{HttpClient, chain, is_loopback};
use crate::controller::control_token::ControlTokenFile;
use crate::controller::event_log::Events;
use crate::controller::http::ROUND;
use crate::controller::status::Status;
use crate::engine::error::RunError;
use crate::render::text::safe::safe;

/// The most bytes of an answer, as much as of a state file.
const MOST_BYTES: usize = 256 * 1024 * 1024;
/// How long to wait where a client has sent too many requests.
const PAUSE: Duration = Duration::from_secs(1);
/// The most characters of a refusal that are shown.
const LONGEST_REFUSAL: usize = 500;

/// A controller that is asked.
pub(crate) struct RemoteController {
    client: Client,
    base: Url,
    token: Option<String>,
    /// Where it is, for people.
    shown: String,
}

impl RemoteController {
    /// The controller that runs with a state folder.
    ///
    /// # Errors
    /// When none runs, or its socket is for somebody else.
    #[cfg(unix)]
    pub(crate) fn local(folder: &Path) -> Result<Self, RunError> {
        use std::io::ErrorKind;
        use std::os::unix::net::UnixStream;

        use crate::client::socket_client;
        use crate::controller::control_socket::NAME;
        let (socket, shown) = (folder.join(NAME), folder.display());
        // The library would only say that it cannot connect.
        if let Err(error) = UnixStream::connect(&socket) {
            let none = || {
                RunError::failed(format!("no controller is running with the state folder {shown}")).hint(
                    "start one with `ssprctl controller`, run this where it was started, name its folder with --state, or \
                     its address with --url and --token-file",
                )
            };
            return Err(match error.kind() {
                ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::NotADirectory => none(),
                ErrorKind::PermissionDenied => {
                    let message = format!("{} is for the user that the controller runs as", socket.display());
                    RunError { exit: Exit::NoAccess, ..RunError::failed(message) }
                        .hint("run this as that user, or name the controller's address with --url and --token-file")
                }
                _ => RunError::failed(format!("{} cannot be opened: {error}", socket.display())).hint(
                    "name a shorter folder with --state, or the controller's address with --url and --token-file",
                ),
            });
        }
        let client = socket_client(&socket).map_err(RunError::failed)?;
        let base = Url::parse("http://localhost/").map_err(|error| RunError::failed(error.to_string()))?;
        Ok(Self { client, base, token: None, shown: format!("the controller with the state folder {shown}") })
    }

    /// There is no socket on this system.
    #[cfg(not(unix))]
    pub(crate) fn local(_: &Path) -> Result<Self, RunError> {
        Err(RunError::failed("this system has no socket to the controller")
            .hint("name its address with --url and --token-file"))
    }

    /// The controller at an address. The token is sent over TLS, or to this machine.
    ///
    /// # Errors
    /// When the address or the file of the token cannot be used.
    pub(crate) fn at(url: &Url, token_file: Option<PathBuf>, http: &HttpClient) -> Result<Self, RunError> {
        let is_plain = url.scheme() == "http" && is_loopback(url);
        if !is_plain && url.scheme() != "https" || url.cannot_be_a_base() || !url.username().is_empty() {
            return Err(RunError::failed("--url is not https://HOST[:PORT], nor http:// on this machine")
                .hint("the token must not travel without TLS: take a port-forward, or a proxy with TLS"));
        }
        let token = token_file.map(|file| ControlTokenFile::new(file).read()).transpose();
        let token = token.map_err(|why| RunError::failed(format!("--token-file {why}")))?;
        let mut base = url.clone();
        base.set_query(None);
        base.set_fragment(None);
        let client = http.client(&base).map_err(RunError::failed)?.clone();
        let shown = format!("the controller at {}", safe(base.as_str()));
        Ok(Self { client, base, token, shown })
    }

    /// What the controller says of itself and its tenants.
    ///
    /// # Errors
    /// When it does not answer.
    pub(crate) async fn status(&self) -> Result<Status, RunError> {
        self.get(&["status"], None).await
    }

    /// Its events after that of a number.
    ///
    /// # Errors
    /// When it does not answer.
    pub(crate) async fn events(&self, after: u64) -> Result<Events, RunError> {
        self.get(&["events"], Some(&format!("after={after}"))).await
    }

    /// Asks for an action, for one tenant or for all. Returns what it says, and the round that does it where that is later.
    ///
    /// # Errors
    /// When it does not answer or refuses.
    pub(crate) async fn act(&self, action: &str, tenant: Option<&str>) -> Result<(String, Option<u64>), RunError> {
        let answer = match tenant {
            Some(tenant) => self.send(Method::POST, &["tenants", tenant, action], None).await?,
            None => self.send(Method::POST, &[action], None).await?,
        };
        let round = answer.headers().get(ROUND).and_then(|round| round.to_str().ok()?.parse().ok());
        let text = self.body(answer).await?;
        Ok((String::from_utf8_lossy(&text).trim().to_owned(), round))
    }

    async fn get<T: DeserializeOwned>(&self, path: &[&str], query: Option<&str>) -> Result<T, RunError> {
        let answer = self.send(Method::GET, path, query).await?;
        let body = self.body(answer).await?;
        serde_json::from_slice(&body).map_err(|_| {
            RunError::failed(format!("the answer of {} is not that of this version of ssprctl", self.shown))
                .hint("ask with the version of the program that the controller has")
        })
    }

    async fn send(&self, method: Method, path: &[&str], query: Option<&str>) -> Result<Response, RunError> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.set_query(query);
        let answer = loop {
            let request = self.client.request(method.clone(), url.clone());
            let request = match &self.token {
                Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
                None => request,
            };
            let answer = request.send().await.map_err(|error| self.silent(error))?;
            if answer.status() != StatusCode::TOO_MANY_REQUESTS {
                break answer;
            }
            // Every request here may be repeated, and --timeout ends the command.
            tokio::time::sleep(PAUSE).await;
        };
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status();
        let body = self.body(answer).await?;
        let why: String = String::from_utf8_lossy(&body).trim().chars().take(LONGEST_REFUSAL).collect();
        let message = format!("{} refuses ({}): {}", self.shown, status.as_u16(), safe(&why));
        Err(match status {
            StatusCode::UNAUTHORIZED => RunError { exit: Exit::NoAccess, ..RunError::failed(message) }
                .hint("name the file of its token with --token-file"),
            StatusCode::FORBIDDEN => RunError { exit: Exit::NoAccess, ..RunError::failed(message) },
            StatusCode::CONFLICT => RunError::refused(message),
            _ => RunError::failed(message),
        })
    }

    async fn body(&self, mut answer: Response) -> Result<Vec<u8>, RunError> {
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.silent(error))? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(RunError::failed(format!("the answer of {} is too large", self.shown)));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn silent(&self, error: reqwest::Error) -> RunError {
        RunError::failed(format!("{} does not answer: {}", self.shown, safe(&chain(&error.without_url()))))
            .hint("check that it is running, and that this is its address")
    }
}
