//! A new tenant: P1, cloud-only, with the password reset policy of a tenant that nobody configured.

use super::parts::{IdKind, base_tenant, break_glass, crowd, group, id};
use super::{access, devices};
use crate::state::tenant::{Licence, Tenant};

const NUMBER: u32 = 1;

pub(super) fn tenant() -> Tenant {
    // Two members of the helpdesk have a directory role.
    let helpdesk = crowd(NUMBER, 7, 9).into_iter().chain([8, 9].map(|n| id(NUMBER, IdKind::Person, n))).collect();
    let mut tenant = Tenant {
        users: 50,
        groups: vec![
            group(NUMBER, 1, "SSPR-Pilot", crowd(NUMBER, 1, 6)),
            group(NUMBER, 2, "Helpdesk Staff", helpdesk),
            group(NUMBER, 3, "All Employees", crowd(NUMBER, 1, 24)),
            break_glass(NUMBER, 4),
        ],
        ..base_tenant(NUMBER, "contoso", "Contoso", Licence::P1)
    };
    access::add(&mut tenant, NUMBER, 4);
    devices::add(&mut tenant, NUMBER);
    tenant
}
