//! `sandbox`: the embedded tenant, served, reset, shown and changed.

use crate::base::exit::Exit;
use crate::cli::embedded::{open_world, unusable};
use crate::cli::failure::Failure;
use crate::cli::faults;
use crate::cli::options::{Global, SandboxCommand};
use crate::cli::output::Output;
use crate::cli::serve;
use entra_sandbox::clock::Clock;
use entra_sandbox::portal_user::{self, Refusal};
use entra_sandbox::world::World;

/// The tenant that `sandbox set` changes where none is named.
const DEFAULT_TENANT: &str = "contoso.onmicrosoft.com";

/// Runs one of the `sandbox` commands.
///
/// # Errors
/// When the embedded tenants' state cannot be used, or a portal user could not do what is asked.
pub async fn run(output: &Output, options: &Global, command: SandboxCommand) -> Result<Exit, Failure> {
    let world = open_world()?;
    let tenant = options.tenant.as_ref().map(glob::Pattern::as_str);
    match command {
        SandboxCommand::Serve { port } => {
            let faults = faults::asked_for(options, output)?;
            serve::serve_until_interrupted(output, world, (port, faults), tenant.unwrap_or(DEFAULT_TENANT)).await?
        }
        SandboxCommand::Reset { fleet, users } => {
            world.reset_with(fleet).map_err(|error| unusable(&error))?;
            output.talk("the embedded tenants are as they were seeded");
            if let Some(users) = users {
                let name = tenant.unwrap_or(DEFAULT_TENANT);
                world.populate(name, users).map_err(|error| unusable(&error))?;
                output.talk(&format!("{name} has {users} users in its reports"));
            }
        }
        SandboxCommand::Show => {
            for name in names(&world, tenant)? {
                let shown = world.show(&name).map_err(|error| unusable(&error))?;
                output.data(&format!("{}\n", shown.trim_end()))?;
            }
        }
        SandboxCommand::Set { assignments, person } => {
            let tenant = tenant.unwrap_or(DEFAULT_TENANT);
            let who = person.as_deref();
            for (name, value) in assignments {
                portal_user::set_as(&world, tenant, &name, &value, who, Clock::System.now())
                    .map_err(|refusal| not_set(&name, refusal))?;
                let who = who.unwrap_or("somebody");
                output.talk(&format!("{tenant}: {name} is now {value}, as if {who} had used the portal"));
            }
        }
    }
    Ok(Exit::Done)
}

fn not_set(name: &str, refusal: Refusal) -> Failure {
    match refusal {
        Refusal::Unavailable(error) => unusable(&error).into(),
        Refusal::UnknownSetting(_) => Failure::failed(format!("the embedded tenants have no setting `{name}`"))
            .hint("`ssprctl explain` lists the settings"),
        Refusal::NoPerson { .. } => {
            Failure::failed(refusal.to_string()).hint("leave --as out for nobody in particular")
        }
        Refusal::Value { .. } | Refusal::Rule { .. } => {
            Failure::refused(refusal.to_string()).hint(format!("`ssprctl explain {name}` tells what it takes"))
        }
    }
}

fn names(world: &World, only: Option<&str>) -> Result<Vec<String>, Failure> {
    match only {
        Some(name) => Ok(vec![name.to_owned()]),
        None => {
            let tenants = world.tenants().map_err(|error| unusable(&error))?;
            Ok(tenants.iter().map(|tenant| tenant.domain().to_owned()).collect())
        }
    }
}
