//! Greenfield: P1, cloud-only, the password reset policy as nobody ever touched it.

use super::parts::{blank, break_glass, crowd, group};
use super::{access, devices};
use crate::emulator::state::{Licence, Tenant};

const NUMBER: u32 = 1;

pub(super) fn tenant() -> Tenant {
    let mut tenant = Tenant {
        users: 50,
        groups: vec![
            group(NUMBER, 1, "SSPR-Pilot", crowd(NUMBER, 1, 6)),
            group(NUMBER, 2, "Helpdesk Staff", crowd(NUMBER, 7, 9)),
            group(NUMBER, 3, "All Employees", crowd(NUMBER, 1, 24)),
            break_glass(NUMBER, 4),
        ],
        ..blank(NUMBER, "contoso", "Contoso", Licence::P1)
    };
    access::furnish(&mut tenant, NUMBER, 4);
    devices::furnish(&mut tenant, NUMBER);
    tenant
}
