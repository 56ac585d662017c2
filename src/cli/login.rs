//! `login` and `logout`: a person's sign-in by device code, kept sealed.

use crate::base::exit::Exit;
use crate::cli::compose::Context;
use crate::cli::failure::RunError;
use crate::cli::show;
use crate::cli::sign_in_options::{LoginArgs, LogoutArgs};
use crate::client::DeviceCode;
use crate::render::text::error;
use crate::render::text::safe::safe;

/// Has a person sign in to the tenant of `--tenant` and keeps it for the runs that follow.
///
/// # Errors
/// When no tenant is named, nobody signs in, or the sign-in cannot be kept.
pub async fn run(setup: &Context, arguments: &LoginArgs) -> Result<Exit, RunError> {
    if setup.options.sandbox {
        return Err(RunError::failed("the embedded tenant needs no sign-in").hint(
            "to try one, run `ssprctl sandbox serve` and set SSPRCTL_LOGIN_URL, SSPRCTL_GRAPH_URL and \
             SSPRCTL_PORTAL_URL in another shell",
        ));
    }
    let (name, reader) = show::reader(setup, arguments.cloud)?;
    let say = |DeviceCode { verification_uri, user_code, minutes }: &DeviceCode| {
        setup.output.note(&format!(
            "to sign in to {name}, open {} and type {} within {minutes} minutes",
            safe(verification_uri),
            safe(user_code)
        ));
    };
    let client = arguments.client_id.as_deref();
    let signed = reader.sign_in(client, setup.options.surfaces.services(), &say).await?;
    let who = signed.who.as_deref().map_or("somebody".into(), safe);
    setup
        .output
        .note(&format!("signed in to {name} as {who}; good until {:.0}, and 90 days from each use", signed.ends));
    for (system, why) in &signed.without {
        setup.output.note(&format!("this sign-in does not serve {}:", system.display_name()));
        setup.output.note(&error::error_block(why));
    }
    Ok(if signed.without.is_empty() { Exit::Done } else { Exit::NoAccess })
}

/// Forgets who signed in: to the tenant of `--tenant`, or to any.
///
/// # Errors
/// When what is kept cannot be changed.
pub async fn out(setup: &Context, arguments: &LogoutArgs) -> Result<Exit, RunError> {
    let gone = match &setup.options.tenant {
        Some(_) => show::reader(setup, arguments.cloud)?.1.sign_out().await?,
        None => setup.forget_sign_ins()?,
    };
    setup.output.note(if gone {
        "the sign-in is forgotten here; the service still honours it until it ends"
    } else {
        "nobody was signed in"
    });
    Ok(Exit::Done)
}
