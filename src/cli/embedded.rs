//! The embedded tenants, for `--sandbox` and `sandbox`.

use std::path::Path;

use crate::base::ids::TenantName;
use crate::client::{Credentials, Overrides, Token};
use crate::tenant::trouble::{Trouble, TroubleKind};
use entra_sandbox::clock::Clock;
use entra_sandbox::fault::Faults;
use entra_sandbox::person::Person;
use entra_sandbox::serve::{self, Running};
use entra_sandbox::store::Unavailable;
use entra_sandbox::token::Audience;
use entra_sandbox::world::World;

/// Where the embedded tenants keep their state, below the folder in which a run starts.
pub const SANDBOX_FOLDER: &str = ".ssprctl/sandbox";

/// Where log lines of the embedded tenants come from.
pub const LOG_TARGET: &str = "entra_sandbox";

/// Embedded tenants that are being served inside this process.
pub struct Embedded {
    world: World,
    running: Running,
}

/// Opens the embedded tenants' state.
///
/// # Errors
/// When it cannot be read or made.
pub fn open_world() -> Result<World, Trouble> {
    World::open(Path::new(SANDBOX_FOLDER)).map_err(|error| {
        Trouble::new(TroubleKind::Unavailable, format!("the embedded tenant cannot keep its state: {error}"))
            .hint(format!("make {SANDBOX_FOLDER} writable, or run in another folder"))
    })
}

impl Embedded {
    /// Starts serving on a free loopback port, with these faults.
    ///
    /// # Errors
    /// When the state cannot be opened or no port can be had.
    pub fn start(faults: Faults) -> Result<Self, Trouble> {
        let world = open_world()?;
        let options = serve::Options { port: 0, world: world.clone(), faults, clock: Clock::System };
        let running = serve::serve(options).map_err(|error| {
            Trouble::new(TroubleKind::Unavailable, format!("the embedded tenant cannot start: {error}"))
        })?;
        Ok(Self { world, running })
    }

    /// Addresses that lead here.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        let url = Some(self.running.url());
        Overrides { portal: url.clone(), graph: url.clone(), login: url }
    }

    /// Tokens of a person with every role in a tenant.
    ///
    /// # Errors
    /// When the tenant is not one of the embedded ones.
    pub fn credentials(&self, tenant: &TenantName) -> Result<Credentials, Trouble> {
        let token = |audience| {
            let sealed = self.world.person_token(&tenant.to_string(), audience, &Person::Administrator, &Clock::System);
            sealed.map(Token::new).map_err(|error| unusable(&error))
        };
        Ok(Credentials::fixed(Some(token(Audience::Portal)?), Some(token(Audience::Graph)?)))
    }
}

/// What keeps an embedded tenant from being used, with the way out.
#[must_use]
pub fn unusable(error: &Unavailable) -> Trouble {
    let (kind, hint) = match error {
        Unavailable::NoTenant(_) => (
            TroubleKind::NotFound,
            "`ssprctl sandbox show` lists the embedded tenants; leave --sandbox out to reach a real one".to_owned(),
        ),
        Unavailable::Damaged { .. } => {
            (TroubleKind::Unavailable, "a reset forgets every change that was made to the embedded tenants".to_owned())
        }
        Unavailable::Io { .. } => {
            (TroubleKind::Unavailable, format!("make {SANDBOX_FOLDER} writable, or run in another folder"))
        }
    };
    Trouble::new(kind, error.to_string()).hint(hint)
}
