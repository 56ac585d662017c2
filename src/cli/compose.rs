//! Builds everything once: clock, output, connections, credentials, and the embedded tenant where it is asked for.

use std::time::Duration;

use crate::base::clock::{Clock, Stopwatch};
use crate::base::cloud::Cloud;
use crate::base::ids::TenantName;
use crate::cli::failure::RunError;
use crate::cli::options::GlobalArgs;
use crate::cli::output::Output;
use crate::cli::sandbox::SandboxServer;
use crate::client::{self, Credentials, EndpointOverrides, HttpClient, RequiredAccess, RetryPolicy, TenantReader};
use crate::tenant::error::TenantError;

/// What every command works with.
pub struct Context {
    /// The options that every command takes.
    pub options: GlobalArgs,
    /// The time.
    pub clock: Clock,
    /// Where results go.
    pub output: Output,
    began: Stopwatch,
    punctual: bool,
    http: HttpClient,
    sandbox: Option<SandboxServer>,
    /// Of a run against real tenants; one for all of them, so that no refresh token is used twice.
    credentials: Credentials,
}

impl Context {
    /// Builds everything, for a command that needs permissions for `purpose`; starts the embedded tenant for `--sandbox`.
    ///
    /// # Errors
    /// When the embedded tenant cannot start, or the file of its faults is not usable.
    pub fn new(options: GlobalArgs, purpose: RequiredAccess) -> Result<Self, RunError> {
        let (clock, output) = (Clock::System, Output::new(&options));
        let sandbox = options.sandbox.then(|| SandboxServer::start(&options, &output)).transpose()?;
        // The embedded tenant has nobody else to leave room for.
        let alone =
            RetryPolicy { report_pause: Duration::ZERO, access_pause: Duration::ZERO, ..RetryPolicy::default() };
        let patience = if options.sandbox { alone } else { RetryPolicy::default() };
        let watcher = output.clone();
        let http = HttpClient::watched(patience, move |line| watcher.progress(line));
        let credentials = Credentials::from_env(environment).asking_for(client::scopes(purpose));
        let began = Stopwatch::start();
        Ok(Self { output, began, punctual: false, http, sandbox, credentials, clock, options })
    }

    /// The same for a command that looks at the time itself, and tells what there is when it is over.
    #[must_use]
    pub fn punctual(self, punctual: bool) -> Self {
        Self { punctual, ..self }
    }

    /// How much of the time is left that the whole run may take, as far as the command has to look at it.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        if self.punctual { self.options.timeout.saturating_sub(self.began.elapsed()) } else { Duration::MAX }
    }

    /// A reader for one tenant, with nothing sent yet.
    ///
    /// # Errors
    /// When an address that the environment gives is not allowed, or the embedded tenant is not one of the seeded ones.
    pub fn reader(&self, tenant: &TenantName, cloud: Cloud) -> Result<TenantReader, TenantError> {
        let (overrides, credentials) = match &self.sandbox {
            None => (EndpointOverrides::from_env(environment), self.credentials.clone()),
            Some(sandbox) => (sandbox.overrides(), sandbox.credentials(tenant)?),
        };
        let (clock, http) = (self.clock.clone(), self.http.clone());
        client::connect(client::ConnectOptions { cloud, tenant: tenant.clone(), overrides, credentials, clock, http })
    }

    /// Takes every kept sign-in away; tells whether there was any.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn forget_sign_ins(&self) -> Result<bool, TenantError> {
        self.credentials.remove_sign_ins()
    }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
