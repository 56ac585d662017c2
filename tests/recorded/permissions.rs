//! What each kind of command asks permissions for. What a single request takes is recorded in `requests.txt`, which a
//! test next to the client compares.

use ssprctl::testing::client::{Permission, RequiredAccess, permissions, scopes};
use ssprctl::testing::tenant::surface::Service;

use crate::{Checked, recorded};

fn row(permission: &Permission) -> String {
    let Permission { action: _, service, delegated, application, also, roles, writes } = permission;
    let service = match service {
        Service::Portal => "portal",
        Service::Graph => "graph",
    };
    let writes = writes.map(|surface| format!(", writes {}", surface.name())).unwrap_or_default();
    let [delegated, application] = [delegated, application].map(|name| name.unwrap_or("-"));
    let also = if also.is_empty() { "-".to_owned() } else { also.join(" and ") };
    format!("    {service}: delegated {delegated}, application {application}, also {also}; {roles}{writes}\n")
}

#[test]
fn every_purpose() -> Checked {
    let mut text = String::new();
    for (name, purpose) in [
        ("reads settings", RequiredAccess::Read),
        ("reads settings and the audit log", RequiredAccess::ReadAudit),
        ("reads settings and reports", RequiredAccess::ReadReports),
        ("reads settings, reports, the score and accounts", RequiredAccess::ReadRegistration),
        ("reads settings, reports and accounts", RequiredAccess::ReadPeople),
        ("reads and writes settings", RequiredAccess::Write),
        ("reads reports and accounts, and writes settings", RequiredAccess::WriteLimited),
    ] {
        text.push_str(&format!("{name}: {}\n", scopes(purpose).join(" ")));
        permissions(purpose).iter().for_each(|permission| text.push_str(&row(permission)));
    }
    recorded("permissions.txt", &text)
}
