//! A new tenant: P1, cloud-only, with the password reset policy of a tenant that nobody configured.

use super::parts::{IdKind, base_tenant, break_glass, crowd, group, id};
use super::{access, devices};
use crate::state::tenant::{Account, Licence, Profile, Tenant};

const NUMBER: u32 = 1;

pub(super) fn tenant() -> Tenant {
    // Two members of the helpdesk have a directory role.
    let helpdesk = crowd(NUMBER, 7, 9).into_iter().chain([8, 9].map(|n| id(NUMBER, IdKind::Person, n))).collect();
    let mut tenant = Tenant {
        users: 50,
        groups: vec![
            group(NUMBER, 1, "SSPR-Pilot", crowd(NUMBER, 1, 6).into_iter().chain(crowd(NUMBER, 25, 25)).collect()),
            group(NUMBER, 2, "Helpdesk Staff", helpdesk),
            group(NUMBER, 3, "All Employees", crowd(NUMBER, 1, 24)),
            break_glass(NUMBER, 4),
        ],
        ..base_tenant(NUMBER, "contoso", "Contoso", Licence::P1)
    };
    add_profiles(&mut tenant);
    access::add(&mut tenant, NUMBER, 4);
    devices::add(&mut tenant, NUMBER);
    tenant
}

/// The people of the pilot by their number: what each has registered. Most of them depend on their phone.
const PILOT: [(u8, &[&str]); 6] = [
    (1, &["mobilePhone", "email"]),
    (2, &["mobilePhone", "microsoftAuthenticatorPush", "softwareOneTimePasscode"]),
    (3, &["mobilePhone", "email"]),
    (4, &["email", "microsoftAuthenticatorPush", "softwareOneTimePasscode"]),
    (5, &["email"]),
    (6, &[]),
];

/// Gives people a department and what they have registered. Two came from a directory on premises that is no longer
/// connected, and one began to work after the registration report was made.
fn add_profiles(tenant: &mut Tenant) {
    let department =
        |n: u8| ["Sales", "Engineering", "Operations"][usize::from(n.saturating_sub(1) / 8) % 3].to_owned();
    let domain = tenant.domain().to_owned();
    for (account, n) in tenant.accounts.iter_mut().filter(|account| account.password.is_none()).zip(1_u8..) {
        let registered = PILOT.iter().find(|(person, _)| *person == n);
        account.profile = Some(Profile {
            department: department(n),
            registered: registered.map(|(_, names)| names.iter().map(|name| (*name).to_owned()).collect()),
            synchronised: n > 22,
            is_joiner: false,
            tried: matches!(n, 6 | 10 | 24),
        });
    }
    tenant.accounts.push(Account {
        id: id(NUMBER, IdKind::Person, 125),
        user_principal_name: format!("user25@{domain}"),
        display_name: "User 25".to_owned(),
        password: None,
        roles: Vec::new(),
        profile: Some(Profile { department: department(1), is_joiner: true, ..Profile::default() }),
    });
}
