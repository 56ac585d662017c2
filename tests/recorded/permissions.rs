//! What each kind of command asks permissions for. What a single request takes is recorded in `requests.txt`, which a
//! test next to the client compares.

use std::collections::BTreeSet;

use ssprctl::testing::client::{Permission, RequiredAccess, permissions, scopes};
use ssprctl::testing::tenant::surface::Service;

use crate::{Checked, recorded};

fn row(permission: &Permission) -> String {
    let Permission { action: _, service, delegated, application, also, roles, writes } = permission;
    let service = match service {
        Service::Portal => "portal",
        Service::Graph => "graph",
    };
    let writes = writes.map(|surface| format!(", writes {}", surface.spec().name)).unwrap_or_default();
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
        ("reads settings and one person", RequiredAccess::ReadPerson),
        ("reads and writes settings", RequiredAccess::Write),
        ("reads reports and accounts, and writes settings", RequiredAccess::WriteLimited),
    ] {
        text.push_str(&format!("{name}: {}\n", scopes(purpose).join(" ")));
        permissions(purpose).iter().for_each(|permission| text.push_str(&row(permission)));
    }
    recorded("permissions.txt", &text)
}

/// The script that `init` writes names each application permission that a pipeline may need, with a `#` before those that
/// only some policies need.
#[test]
fn the_script_of_init_names_them() -> Checked {
    let script = std::fs::read_to_string("src/cli/scaffold/setup/entra.sh")?;
    let id = |text: &str| text.len() == 36 && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let lines = script.lines().filter_map(|line| line.trim_start_matches('#').split_once(' '));
    let named = lines.filter(|(first, _)| id(first)).filter_map(|(_, rest)| rest.split(' ').next());
    let named: BTreeSet<_> = named.map(str::to_owned).collect();
    let purposes = [RequiredAccess::ReadAudit, RequiredAccess::ReadPeople, RequiredAccess::WriteLimited];
    let needed = purposes.into_iter().flat_map(permissions);
    let needed = needed.flat_map(|one| one.application.into_iter().chain(one.also.iter().copied()).collect::<Vec<_>>());
    assert_eq!(named, needed.map(str::to_owned).collect());
    Ok(())
}
