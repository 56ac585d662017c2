//! `sandbox serve`: the embedded tenants on a port, for other programs.

use crate::cli::embedded::unusable;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::stop::interrupt;
use entra_sandbox::clock::Clock;
use entra_sandbox::fault::Faults;
use entra_sandbox::person::Person;
use entra_sandbox::serve::{self, Options};
use entra_sandbox::token::Audience;
use entra_sandbox::world::World;

/// Prints what another shell needs to talk to the embedded tenant, then serves until Ctrl-C.
pub(crate) async fn serve_until_interrupted(
    output: &Output,
    world: World,
    (port, faults): (u16, Faults),
    tenant: &str,
) -> Result<(), Failure> {
    let clock = Clock::System;
    let running =
        serve::serve(Options { port, world: world.clone(), faults, clock: clock.clone() }).map_err(|error| {
            Failure::failed(format!("cannot serve on port {port}: {error}")).hint("choose another --port")
        })?;
    let url = running.url();
    let mut lines = String::new();
    for variable in ["SSPRCTL_PORTAL_URL", "SSPRCTL_GRAPH_URL", "SSPRCTL_LOGIN_URL"] {
        lines.push_str(&format!("export {variable}={url}\n"));
    }
    for (variable, audience) in [("SSPRCTL_PORTAL_TOKEN", Audience::Portal), ("SSPRCTL_GRAPH_TOKEN", Audience::Graph)] {
        let token =
            world.person_token(tenant, audience, &Person::Administrator, &clock).map_err(|error| unusable(&error))?;
        lines.push_str(&format!("export {variable}={token}\n"));
    }
    output.talk(&format!("serving the embedded tenants on {url} until Ctrl-C; give another shell what follows"));
    output.data(&lines)?;
    interrupt().await;
    running.stop();
    Ok(())
}
