//! What a command asks permissions for.

use crate::client::errand::Errand;
use crate::tenant::surface::{Surface, System};

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Reads settings.
    Read,
    /// Reads settings, and asks who changed them.
    Attribute,
    /// Reads settings and reports.
    Report,
    /// Reads settings and changes them.
    Write,
}

/// The delegated permissions on Microsoft Graph that a purpose needs, by name, each once.
#[must_use]
pub fn scopes(purpose: Purpose) -> Vec<&'static str> {
    let mut scopes: Vec<_> = errands(purpose)
        .into_iter()
        .filter(|errand| errand.system() == Some(System::Graph))
        .flat_map(|errand| [&[errand.delegated()], errand.also()].concat())
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// Everything that a purpose may ask of the services.
pub(crate) fn errands(purpose: Purpose) -> Vec<Errand> {
    let mut errands = vec![Errand::Identify(System::Portal), Errand::Identify(System::Graph)];
    errands.extend(Surface::ALL.map(Errand::Read));
    errands.extend([
        Errand::Groups,
        Errand::Licence,
        Errand::Synchronisation,
        Errand::Writeback,
        Errand::Locations,
        Errand::Members,
    ]);
    match purpose {
        Purpose::Read => {}
        Purpose::Attribute => errands.push(Errand::Audit),
        Purpose::Report => errands.extend([Errand::Registration, Errand::Score]),
        Purpose::Write => errands.extend(Surface::ALL.map(Errand::Write)),
    }
    errands
}

/// One row of the table of permissions: what somebody must be allowed, for one thing that is asked of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// What is done, as in "read the audit log".
    pub what: &'static str,
    /// The service that is asked.
    pub system: System,
    /// The least delegated permission; `None` where the service knows none.
    pub delegated: Option<&'static str>,
    /// The least application permission; `None` where no application is let in.
    pub application: Option<&'static str>,
    /// Permissions that it takes besides, of either kind.
    pub also: &'static [&'static str],
    /// The directory roles of which a person needs one, the least first.
    pub roles: &'static str,
    /// The document that it changes; `None` where it changes nothing.
    pub writes: Option<Surface>,
}

/// Everything that a purpose needs.
#[must_use]
pub fn permissions(purpose: Purpose) -> Vec<Permission> {
    let row = |errand: Errand| {
        let system = errand.system()?;
        let graph = system == System::Graph;
        Some(Permission {
            what: errand.what(),
            system,
            delegated: graph.then(|| errand.delegated()),
            application: graph.then(|| errand.application()),
            also: errand.also(),
            roles: errand.roles(),
            writes: if let Errand::Write(surface) = errand { Some(surface) } else { None },
        })
    };
    errands(purpose).into_iter().filter_map(row).collect()
}
