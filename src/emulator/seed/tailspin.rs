//! Ahead of its time: a service that already serves keys which no client knows, numbers spelled in unusual ways among them.
//! A client that writes the whole document must send them back as they came.

use super::parts::{blank, crowd, group};
use crate::emulator::raw::Raw;
use crate::emulator::state::{Licence, Tenant};

const NUMBER: u32 = 5;

const NEWER: [(&str, &str); 5] = [
    ("resetRiskTolerance", "1.10"),
    ("passkeyOptionEnabled", "false"),
    ("resetWindow", r#"{"opens":"08:00","closes":"18:00","weight":1e2,"exempt":[]}"#),
    ("policySerial", "123456789012345678901234567890"),
    ("announcement", r#""Caf\u00e9 \/ helpdesk""#),
];

pub(super) fn tenant() -> Tenant {
    let mut tenant = Tenant {
        groups: vec![group(NUMBER, 1, "SSPR-Pilot", crowd(NUMBER, 1, 3))],
        ..blank(NUMBER, "tailspin", "Tailspin Toys", Licence::P1)
    };
    // Two of the newer keys stand in the middle of the document, the others at its end.
    let mut policy = Raw::default();
    for (key, value) in tenant.password_reset.entries() {
        policy.set_text(key, value);
        if key == "mobileAppCodeEnabled" {
            NEWER.iter().take(2).for_each(|(key, value)| policy.set_text(key, value));
        }
    }
    NEWER.iter().skip(2).for_each(|(key, value)| policy.set_text(key, value));
    tenant.password_reset = policy;
    tenant
}
