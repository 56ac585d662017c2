//! What the sign-in service remembers between requests: codes that wait, and refresh tokens that served.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

/// The sign-in service's memory; gone with the process.
#[derive(Debug)]
pub struct SignInState {
    /// Seconds that a client must wait before it asks for a code again.
    pub interval: i64,
    /// Every secret that was issued or shown, for tests that look where they turn up.
    pub secrets: BTreeSet<String>,
    /// Codes that wait to be typed or asked for.
    pub(super) codes: Vec<DeviceCode>,
    spent: BTreeSet<Uuid>,
}

impl Default for SignInState {
    fn default() -> Self {
        Self { interval: 5, secrets: BTreeSet::new(), codes: Vec::new(), spent: BTreeSet::new() }
    }
}

impl SignInState {
    /// Uses up a refresh token; `false` when it was used before.
    pub(super) fn spend(&mut self, serial: Uuid) -> bool {
        self.spent.insert(serial)
    }
}

/// A code that a person types on another device.
#[derive(Debug)]
pub(super) struct DeviceCode {
    /// What the program asks with.
    pub(super) device_code: String,
    /// What the person types.
    pub(super) user_code: String,
    /// The program's client id.
    pub(super) client: String,
    /// What it asked for.
    pub(super) scope: String,
    /// The tenant it named; `None` for any.
    pub(super) tenant: Option<Uuid>,
    /// When it ends.
    pub(super) expires: Timestamp,
    /// When it was last asked for.
    pub(super) polled: Option<Timestamp>,
    /// What the person did.
    pub(super) status: CodeStatus,
}

/// What a person did with a code.
#[derive(Clone, Copy, Debug)]
pub(super) enum CodeStatus {
    /// Nothing yet.
    Pending,
    /// Signed in.
    Approved {
        /// The person's tenant.
        tenant: Uuid,
        /// The person.
        person: Uuid,
    },
    /// Declined.
    Denied,
}
