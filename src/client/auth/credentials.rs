//! Which sources are asked for which system, and in what order.

use std::path::PathBuf;
use std::sync::Arc;

use crate::client::auth::application::Application;
use crate::client::auth::azure_cli::AzureCli;
use crate::client::auth::environment::Environment;
use crate::client::auth::fixed::Fixed;
use crate::client::auth::managed_identity::ManagedIdentity;
use crate::client::auth::source::{NoToken, TokenSource, Want};
use crate::client::token::Token;
use crate::tenant::surface::System;
use crate::tenant::trouble::Trouble;

/// Where tokens come from. Cheap to clone; holds secrets, and so has no text form.
#[derive(Clone)]
pub struct Credentials {
    portal: Vec<Arc<dyn TokenSource>>,
    graph: Vec<Arc<dyn TokenSource>>,
    /// Whether whoever made this knows that the tokens fit, audience and all.
    vouched: bool,
}

impl Credentials {
    /// The sources of a real run, in the order in which they are asked: `SSPRCTL_PORTAL_TOKEN` or `SSPRCTL_GRAPH_TOKEN`;
    /// for Graph the application of `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and a secret, a certificate or a federated token;
    /// for Graph the managed identity; the Azure CLI. `get` looks up a variable of the environment.
    #[must_use]
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Self {
        Self::from_env_and_cli(get, None)
    }

    /// The same with the Azure CLI at a path of its own.
    #[must_use]
    pub fn from_env_and_cli(get: impl Fn(&str) -> Option<String>, az: Option<PathBuf>) -> Self {
        let application: Arc<dyn TokenSource> = Arc::new(Application::from_env(&get));
        let managed: Arc<dyn TokenSource> = Arc::new(ManagedIdentity::from_env(&get));
        let cli: Arc<dyn TokenSource> = Arc::new(AzureCli::new(az));
        let chain = |variable: &'static str| -> Vec<Arc<dyn TokenSource>> {
            let given = Arc::new(Environment::new(variable, get(variable)));
            vec![given, Arc::clone(&application), Arc::clone(&managed), Arc::clone(&cli)]
        };
        Self { portal: chain("SSPRCTL_PORTAL_TOKEN"), graph: chain("SSPRCTL_GRAPH_TOKEN"), vouched: false }
    }

    /// Tokens that the caller already has and vouches for: they are sent as they are.
    #[must_use]
    pub fn fixed(portal: Option<Token>, graph: Option<Token>) -> Self {
        Self { portal: vec![Arc::new(Fixed(portal))], graph: vec![Arc::new(Fixed(graph))], vouched: true }
    }

    /// Whether tokens are sent as they are, whatever their audience.
    pub(crate) fn vouched(&self) -> bool {
        self.vouched
    }

    /// A token from the first source that has something set up, and that source's way to a new one.
    pub(crate) async fn acquire(&self, want: &Want<'_>) -> Result<(Token, Option<String>), Trouble> {
        let mut absent = Vec::new();
        let sources = self.of(want.system);
        for source in sources {
            match source.acquire(want).await {
                Ok(token) => return Ok((token, source.way(want))),
                Err(NoToken::Failed(trouble)) => return Err(trouble),
                Err(NoToken::Absent(why)) => absent.push(why),
                Err(NoToken::Unused) => {}
            }
        }
        let trouble =
            want.trouble(format!("there is no credential for {}: {}", want.system.title(), absent.join("; ")));
        let ways: Vec<_> = sources.iter().rev().filter_map(|source| source.way(want)).collect();
        Err(if ways.is_empty() { trouble } else { trouble.hint(ways.join("; or ")) })
    }

    fn of(&self, system: System) -> &[Arc<dyn TokenSource>] {
        match system {
            System::Portal => &self.portal,
            System::Graph => &self.graph,
        }
    }
}
