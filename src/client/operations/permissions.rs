//! What a command asks permissions for.

use crate::client::operations::table::Operation;
use crate::tenant::surface::{Service, Surface};

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequiredAccess {
    /// Reads settings.
    Read,
    /// Reads settings, and asks who changed them.
    ReadAudit,
    /// Reads settings and reports.
    ReadReports,
    /// Reads settings and changes them.
    Write,
}

/// The delegated permissions on Microsoft Graph that a purpose needs, by name, each once.
#[must_use]
pub fn scopes(purpose: RequiredAccess) -> Vec<&'static str> {
    let mut scopes: Vec<_> = operations(purpose)
        .into_iter()
        .filter(|errand| errand.service() == Some(Service::Graph))
        .flat_map(|errand| [&[errand.delegated()], errand.also()].concat())
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// Everything that a purpose may ask of the services.
pub(crate) fn operations(purpose: RequiredAccess) -> Vec<Operation> {
    let mut errands = vec![Operation::Identify(Service::Portal), Operation::Identify(Service::Graph)];
    errands.extend(Surface::ALL.map(Operation::Read));
    errands.extend([
        Operation::Groups,
        Operation::Licence,
        Operation::Synchronisation,
        Operation::Writeback,
        Operation::Locations,
        Operation::Members,
    ]);
    match purpose {
        RequiredAccess::Read => {}
        RequiredAccess::ReadAudit => errands.push(Operation::Audit),
        RequiredAccess::ReadReports => errands.extend([Operation::Registration, Operation::Score]),
        RequiredAccess::Write => errands.extend(Surface::ALL.map(Operation::Write)),
    }
    errands
}

/// One row of the table of permissions: what somebody must be allowed, for one thing that is asked of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// What is done, as in "read the audit log".
    pub action: &'static str,
    /// The service that is asked.
    pub service: Service,
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
pub fn permissions(purpose: RequiredAccess) -> Vec<Permission> {
    let row = |errand: Operation| {
        let system = errand.service()?;
        let graph = system == Service::Graph;
        Some(Permission {
            action: errand.action(),
            service: system,
            delegated: graph.then(|| errand.delegated()),
            application: graph.then(|| errand.application()),
            also: errand.also(),
            roles: errand.roles(),
            writes: if let Operation::Write(surface) = errand { Some(surface) } else { None },
        })
    };
    operations(purpose).into_iter().filter_map(row).collect()
}
