//! The permissions that a command needs.

use crate::client::operations::spec::OperationSpec;
use crate::client::operations::table::Operation;
use crate::tenant::surface::{Service, Surface};

/// What a command does with a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequiredAccess {
    /// The run reads settings and writes nothing.
    Read,
    /// It reads settings, and who changed them.
    ReadAudit,
    /// It reads settings and reports.
    ReadReports,
    /// It reads settings, reports and accounts.
    ReadRegistration,
    /// It reads settings, the report of who registered, and accounts.
    ReadPeople,
    /// It reads settings, and one person with the refused resets of that person.
    ReadPerson,
    /// It reads settings and changes them.
    Write,
    /// It reads settings, the report of who registered, and accounts, and changes settings.
    WriteLimited,
    /// It reads settings, reports, accounts and the audit log, and changes settings.
    WriteAll,
}

/// The delegated permissions on Microsoft Graph that a command needs, sorted, each once.
#[must_use]
pub fn scopes(access: RequiredAccess) -> Vec<&'static str> {
    let permissions = operations(access).into_iter().filter_map(|operation| operation.spec().graph);
    let mut scopes: Vec<_> =
        permissions.flat_map(|permission| [&[permission.delegated], permission.also].concat()).collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// Every operation that a command may send. Whatever it reads, it also needs the ids behind names.
pub(crate) fn operations(access: RequiredAccess) -> Vec<Operation> {
    let mut operations = vec![Operation::Identify(Service::Portal), Operation::Identify(Service::Graph)];
    operations.extend(Surface::ALL.map(Operation::Read));
    operations.extend([
        Operation::Groups,
        Operation::Licence,
        Operation::Synchronisation,
        Operation::Writeback,
        Operation::Locations,
        Operation::Members,
    ]);
    let people = [Operation::Registration, Operation::Accounts];
    match access {
        RequiredAccess::Read => {}
        RequiredAccess::ReadAudit => operations.push(Operation::Audit),
        RequiredAccess::ReadReports => operations.extend([Operation::Registration, Operation::Score]),
        RequiredAccess::ReadRegistration => {
            operations.extend(people);
            operations.push(Operation::Score);
        }
        RequiredAccess::ReadPeople => operations.extend(people),
        RequiredAccess::ReadPerson => {
            let person = [Operation::Registration, Operation::Account, Operation::Memberships, Operation::Audit];
            operations.extend(person);
        }
        RequiredAccess::Write => operations.extend(Surface::ALL.map(Operation::Write)),
        RequiredAccess::WriteLimited => {
            operations.extend(people);
            operations.extend(Surface::ALL.map(Operation::Write));
        }
        RequiredAccess::WriteAll => {
            operations.extend(people);
            operations.extend([Operation::Score, Operation::Audit]);
            operations.extend(Surface::ALL.map(Operation::Write));
        }
    }
    operations
}

/// One row of docs/permissions.md: what a person or an application must be allowed for one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// What is done, as in "read the audit log".
    pub action: &'static str,
    /// The service that is asked.
    pub service: Service,
    /// The least privileged delegated permission; `None` where the service has none.
    pub delegated: Option<&'static str>,
    /// The least privileged application permission; `None` where the service accepts no application.
    pub application: Option<&'static str>,
    /// Permissions that are needed as well, delegated or application.
    pub also: &'static [&'static str],
    /// The directory roles of which a person needs one, the least privileged first.
    pub roles: &'static str,
    /// The document that it changes; `None` where it changes nothing.
    pub writes: Option<Surface>,
}

/// What a command needs to count the people whom a plan affects, besides what every command needs.
#[must_use]
pub(crate) fn permissions_for_people() -> Vec<Permission> {
    let plain = permissions(RequiredAccess::Read);
    permissions(RequiredAccess::ReadPeople).into_iter().filter(|row| !plain.contains(row)).collect()
}

/// Everything that a command needs, in the order of `operations`.
#[must_use]
pub fn permissions(access: RequiredAccess) -> Vec<Permission> {
    let row = |operation: Operation| {
        let OperationSpec { action, service, graph, roles, .. } = operation.spec();
        Some(Permission {
            action,
            service: (*service)?,
            delegated: graph.map(|permission| permission.delegated),
            application: graph.map(|permission| permission.application),
            also: graph.map_or(&[], |permission| permission.also),
            roles,
            writes: if let Operation::Write(surface) = operation { Some(surface) } else { None },
        })
    };
    operations(access).into_iter().filter_map(row).collect()
}
