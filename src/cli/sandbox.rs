//! The embedded tenants: `--sandbox`, `--faults`, `sandbox` and `schema faults`.
//!
//! This is the only file that names the crate `entra_sandbox` and the feature `sandbox`. Both builds have the same functions.
//! Without the feature they refuse: if `--sandbox` were ignored there, an apply would be sent to a real tenant.

use clap::Subcommand;

use crate::cli::args::assignment;

#[cfg(not(feature = "sandbox"))]
pub(crate) use absent::{SandboxServer, check_available, faults_schema, faults_text, run};
#[cfg(feature = "sandbox")]
pub(crate) use embedded::{SandboxServer, check_available, faults_schema, faults_text, run};

/// The log target of the embedded tenants, in the form that log filters take.
pub(crate) const LOG_TARGET: &str = "entra_sandbox";

/// The largest fleet that `sandbox reset --fleet` seeds.
pub(crate) const LARGEST_FLEET: u32 = 20_000;

/// What to do with the embedded tenant.
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Serve the embedded tenants on a loopback port until interrupted
    Serve {
        /// The port; 0 takes any free one
        #[arg(long, env = "SSPRCTL_SANDBOX_PORT", default_value_t = 8750)]
        port: u16,
    },
    /// Restore the seeded tenants; every change is lost
    Reset {
        /// Also seed this many similar tenants: tenant-0001.onmicrosoft.com and so on
        #[arg(long, env = "SSPRCTL_FLEET", value_name = "N", default_value_t = 0,
              value_parser = clap::value_parser!(u32).range(0..=i64::from(LARGEST_FLEET)))]
        fleet: u32,
        /// Give one tenant this many users in its reports, up to 1,000,000: that of --tenant, or else contoso.onmicrosoft.com
        #[arg(long, env = "SSPRCTL_USERS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        users: Option<u32>,
    },
    /// List the embedded tenants, or show the documents of one
    Show {
        /// The tenant whose documents are shown, by domain or id; the same as --tenant
        #[arg(value_name = "TENANT")]
        name: Option<String>,
    },
    /// Change settings as a portal user would, without a policy
    Set {
        /// NAME=VALUE, for example methods.required=1; of --tenant, or else contoso.onmicrosoft.com
        #[arg(required = true, value_name = "NAME=VALUE", value_parser = assignment)]
        assignments: Vec<(String, String)>,
        /// The sign-in name of the user in the audit log, under any domain of the tenant; without it there is no entry
        #[arg(long = "as", env = "SSPRCTL_AS", value_name = "PERSON")]
        person: Option<String>,
    },
}

#[cfg(feature = "sandbox")]
mod embedded {
    use std::path::Path;

    use entra_sandbox::faults::FaultsFile;
    use entra_sandbox::portal_user::{self, EditError};
    use entra_sandbox::{Audience, Clock, Faults, Person, RunningServer, ServerOptions, StateError, World, serve};
    use serde_json::Value;

    use crate::base::count::counted;
    use crate::base::exit::Exit;
    use crate::base::ids::TenantName;
    use crate::base::state_file::create_folder;
    use crate::cli::args::GlobalArgs;
    use crate::cli::clock_shift::clock_shift;
    use crate::cli::output::Output;
    use crate::cli::sandbox::{LARGEST_FLEET, SandboxCommand};
    use crate::cli::shutdown::interrupt;
    use crate::client::{Credentials, EndpointOverrides, Token};
    use crate::engine::error::RunError;
    use crate::policy::schema::{self, FileSchema};
    use crate::policy::single_file;
    use crate::render::text::findings::findings;
    use crate::tenant::error::{TenantError, TenantErrorKind};

    /// What to do when none of the embedded tenants has a name.
    const LISTS: &str = "`ssprctl sandbox show` lists the embedded tenants";
    /// What to do when the state of the embedded tenants cannot be written.
    const WRITABLE: &str = "make the state folder writable, or name another one with --state";
    /// The tenant that `sandbox set`, `sandbox serve` and `sandbox reset --users` take if none is named.
    const DEFAULT_TENANT: &str = "contoso.onmicrosoft.com";

    /// The published schema of a file for `--faults`.
    const FAULTS: &str = include_str!("../../schemas/faults.json");

    const _: () = assert!(LARGEST_FLEET == entra_sandbox::seed::LARGEST_FLEET, "--fleet goes as far as the sandbox");

    /// The embedded tenants, served on a loopback port by this process.
    pub(crate) struct SandboxServer {
        world: World,
        running: RunningServer,
    }

    impl SandboxServer {
        /// Serves the tenants of a folder on any free port, with the faults of `--faults`.
        ///
        /// # Errors
        /// If the file of `--faults` is invalid, the state cannot be opened or no port is free.
        pub(crate) fn start(options: &GlobalArgs, folder: &Path, output: &Output) -> Result<Self, RunError> {
            let faults = read_faults(options, output)?;
            let world = open_world(folder)?;
            let options = ServerOptions { faults, clock: clock(), ..ServerOptions::new(world.clone()) };
            let running = serve(options).map_err(|error| {
                TenantError::new(TenantErrorKind::Unavailable, format!("the embedded tenant cannot start: {error}"))
            })?;
            Ok(Self { world, running })
        }

        /// The addresses of the server, in place of Microsoft's.
        pub(crate) fn overrides(&self) -> EndpointOverrides {
            let url = Some(self.running.url());
            EndpointOverrides { portal: url.clone(), graph: url.clone(), login: url }
        }

        /// Tokens of the tenant's Global Administrator.
        ///
        /// # Errors
        /// If the tenant is not an embedded one, or its state cannot be read.
        pub(crate) fn credentials(&self, tenant: &TenantName) -> Result<Credentials, TenantError> {
            let token = |audience| {
                let token = administrator_token(&self.world, &tenant.to_string(), audience).map(Token::new);
                token.map_err(|error| match error.kind {
                    TenantErrorKind::NotFound => {
                        error.hint(format!("{LISTS}; leave --sandbox out to reach a real one"))
                    }
                    _ => error,
                })
            };
            Ok(Credentials::fixed(Some(token(Audience::Portal)?), Some(token(Audience::Graph)?)))
        }
    }

    /// Every command and option is available in this build.
    pub(crate) fn check_available(_: &GlobalArgs) -> Result<(), RunError> {
        Ok(())
    }

    /// The JSON Schema of a file for `--faults`, made from its type.
    pub(crate) fn faults_schema() -> Result<Value, RunError> {
        Ok(schema::of::<FaultsFile>())
    }

    /// The same as it is published.
    pub(crate) fn faults_text() -> Result<&'static str, RunError> {
        Ok(FAULTS)
    }

    /// Runs one of the `sandbox` commands.
    ///
    /// # Errors
    /// If the state cannot be used, the port is taken, or the portal refuses a setting.
    pub(crate) async fn run(
        output: &Output,
        options: &GlobalArgs,
        folder: &Path,
        command: SandboxCommand,
    ) -> Result<Exit, RunError> {
        let world = open_world(folder)?;
        let tenant = options.tenant.as_ref().map(glob::Pattern::as_str);
        match command {
            SandboxCommand::Serve { port } => {
                let faults = read_faults(options, output)?;
                serve_until_interrupted(output, world, (port, faults), tenant.unwrap_or(DEFAULT_TENANT)).await?
            }
            SandboxCommand::Reset { fleet, users } => {
                world.reset_with(fleet).map_err(|error| unusable(&error))?;
                output.note("the embedded tenants are as they were seeded");
                if let Some(users) = users {
                    let name = tenant.unwrap_or(DEFAULT_TENANT);
                    world.populate(name, users).map_err(|error| unusable(&error))?;
                    output.note(&format!("{name} has {} in its reports", counted(users, "user", "users")));
                }
            }
            SandboxCommand::Show { name } => match name.as_deref().or(tenant) {
                Some(name) => {
                    let documents = world.show(name).map_err(|error| unusable(&error))?;
                    output.write_result(&format!("{}\n", documents.trim_end()))?;
                }
                None => output.write_text(&format!("{}\n", list(&world)?.trim_end()))?,
            },
            SandboxCommand::Set { assignments, person } => {
                let tenant = tenant.unwrap_or(DEFAULT_TENANT);
                for (name, value) in assignments {
                    let who = portal_user::set_as(&world, tenant, &name, &value, person.as_deref(), clock().now())
                        .map_err(|refusal| not_set(&name, refusal))?;
                    let who = who.as_deref().unwrap_or("somebody");
                    output.note(&format!("{tenant}: {name} is now {value}, as if {who} had used the portal"));
                }
            }
        }
        Ok(Exit::Done)
    }

    /// Prints the variables with which another shell reaches the embedded tenants, then serves until Ctrl-C.
    async fn serve_until_interrupted(
        output: &Output,
        world: World,
        (port, faults): (u16, Faults),
        tenant: &str,
    ) -> Result<(), RunError> {
        let options = ServerOptions { port, faults, clock: clock(), ..ServerOptions::new(world.clone()) };
        let running = serve(options).map_err(|error| {
            RunError::failed(format!("cannot serve on port {port}: {error}")).hint("choose another --port")
        })?;
        let url = running.url();
        let mut lines = String::new();
        for variable in ["SSPRCTL_PORTAL_URL", "SSPRCTL_GRAPH_URL", "SSPRCTL_LOGIN_URL"] {
            lines.push_str(&format!("export {variable}={url}\n"));
        }
        for (variable, audience) in
            [("SSPRCTL_PORTAL_TOKEN", Audience::Portal), ("SSPRCTL_GRAPH_TOKEN", Audience::Graph)]
        {
            let token = administrator_token(&world, tenant, audience)?;
            lines.push_str(&format!("export {variable}={token}\n"));
        }
        output.note(&format!("serving the embedded tenants on {url} until Ctrl-C; give another shell what follows"));
        output.write_result(&lines)?;
        interrupt().await;
        running.stop();
        Ok(())
    }

    /// The embedded tenants, one a line, each with what distinguishes it.
    fn list(world: &World) -> Result<String, RunError> {
        let tenants = world.tenants().map_err(|error| unusable(&error))?;
        let width = tenants.iter().map(|tenant| tenant.domain().len()).max().unwrap_or_default();
        let line = |tenant: &entra_sandbox::Tenant| format!("{:width$}  {}", tenant.domain(), tenant.summary());
        Ok(tenants.iter().map(line).collect::<Vec<_>>().join("\n"))
    }

    /// The clock of the embedded tenants, which is the program's.
    fn clock() -> Clock {
        Clock::Shifted(clock_shift())
    }

    fn administrator_token(world: &World, tenant: &str, audience: Audience) -> Result<String, TenantError> {
        let issued = world.person_token(tenant, audience, &Person::Administrator, &clock());
        issued.map_err(|error| unusable(&error))
    }

    /// The faults of `--faults`; none without the option.
    fn read_faults(options: &GlobalArgs, output: &Output) -> Result<Faults, RunError> {
        let Some(file) = &options.faults else { return Ok(Faults::none()) };
        let folder = std::env::current_dir().unwrap_or_default();
        let shape = FileSchema::new("the file of faults", "", FAULTS);
        let loaded = single_file::load::<FaultsFile>(file, &folder, &shape).map(FaultsFile::faults);
        loaded.map_err(|found| {
            output.say(&findings(&found, true));
            RunError::failed(format!("the faults of {} are not usable", file.display()))
                .hint("`ssprctl schema faults` prints what the file may say")
        })
    }

    fn open_world(folder: &Path) -> Result<World, TenantError> {
        let unusable = |error: &std::io::Error| {
            let message = format!("the embedded tenants cannot be opened: {error}");
            TenantError::new(TenantErrorKind::Unavailable, message).hint(WRITABLE)
        };
        create_folder(folder).map_err(|error| unusable(&error))?;
        World::open(folder).map_err(|error| {
            let message = format!("the state of the embedded tenants cannot be written: {error}");
            TenantError::new(TenantErrorKind::Unavailable, message).hint(WRITABLE)
        })
    }

    fn unusable(error: &StateError) -> TenantError {
        let (kind, hint) = match error {
            StateError::NoTenant(_) => (TenantErrorKind::NotFound, LISTS.to_owned()),
            StateError::Damaged { .. } => (
                TenantErrorKind::Unavailable,
                "`ssprctl sandbox reset` restores the seeded tenants and discards every change".to_owned(),
            ),
            StateError::Io { .. } => (TenantErrorKind::Unavailable, WRITABLE.to_owned()),
        };
        TenantError::new(kind, error.to_string()).hint(hint)
    }

    fn not_set(name: &str, refusal: EditError) -> RunError {
        match refusal {
            EditError::State(error) => unusable(&error).into(),
            EditError::UnknownSetting { .. } => {
                RunError::failed(format!("the embedded tenants have no setting `{name}`"))
                    .hint("`ssprctl explain` lists the settings")
            }
            EditError::NoPerson { .. } => RunError::failed(refusal.to_string())
                .hint("name one of them, or leave --as out to change the setting without an event in the audit log"),
            EditError::Value { .. } | EditError::Rule { .. } => {
                RunError::refused(refusal.to_string()).hint(format!("`ssprctl explain {name}` describes its values"))
            }
        }
    }
}

#[cfg(not(feature = "sandbox"))]
mod absent {
    use std::path::Path;

    use serde_json::Value;

    use crate::base::exit::Exit;
    use crate::base::ids::TenantName;
    use crate::cli::args::GlobalArgs;
    use crate::cli::output::Output;
    use crate::cli::sandbox::SandboxCommand;
    use crate::client::{Credentials, EndpointOverrides};
    use crate::engine::error::RunError;
    use crate::tenant::error::TenantError;

    /// No value of this type exists.
    pub(crate) enum SandboxServer {}

    impl SandboxServer {
        pub(crate) fn start(_: &GlobalArgs, _: &Path, _: &Output) -> Result<Self, RunError> {
            Err(refused("--sandbox"))
        }

        pub(crate) fn overrides(&self) -> EndpointOverrides {
            match *self {}
        }

        pub(crate) fn credentials(&self, _: &TenantName) -> Result<Credentials, TenantError> {
            match *self {}
        }
    }

    /// Refuses `--sandbox` and `sandbox` before anything is read or sent, whatever the command.
    ///
    /// # Errors
    /// If a run asks for the embedded tenants.
    pub(crate) fn check_available(options: &GlobalArgs) -> Result<(), RunError> {
        if options.sandbox { Err(refused("--sandbox")) } else { Ok(()) }
    }

    pub(crate) fn faults_schema() -> Result<Value, RunError> {
        faults_text().map(Value::from)
    }

    pub(crate) fn faults_text() -> Result<&'static str, RunError> {
        Err(refused("`ssprctl schema faults`"))
    }

    pub(crate) async fn run(_: &Output, _: &GlobalArgs, _: &Path, _: SandboxCommand) -> Result<Exit, RunError> {
        Err(refused("`ssprctl sandbox`"))
    }

    fn refused(asked: &str) -> RunError {
        RunError::failed(format!("{asked} is not available: this build has no embedded tenants")).hint(
            "leave --sandbox and SSPRCTL_SANDBOX out for real tenants; a build with default features has embedded ones",
        )
    }
}
