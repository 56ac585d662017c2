//! What the sign-in service remembers between requests: codes that wait, and refresh tokens that served.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

/// The sign-in service's memory; gone with the process.
#[derive(Debug)]
pub(crate) struct SignInState {
    /// Seconds that a client must wait before it asks for a code again.
    pub(crate) interval: i64,
    /// Every secret that was issued or shown, for tests that look where they turn up.
    pub(crate) secrets: BTreeSet<String>,
    /// Codes that wait to be typed or asked for.
    pub(crate) codes: Vec<DeviceCode>,
    used_refresh_tokens: BTreeSet<Uuid>,
}

impl Default for SignInState {
    fn default() -> Self {
        Self { interval: 5, secrets: BTreeSet::new(), codes: Vec::new(), used_refresh_tokens: BTreeSet::new() }
    }
}

impl SignInState {
    /// Uses up a refresh token; `false` when it was used before.
    pub(crate) fn use_refresh_token(&mut self, serial: Uuid) -> bool {
        self.used_refresh_tokens.insert(serial)
    }
}

/// A code that a person types on another device.
#[derive(Debug)]
pub(crate) struct DeviceCode {
    /// What the program asks with.
    pub(crate) device_code: String,
    /// What the person types.
    pub(crate) user_code: String,
    /// The program's client id.
    pub(crate) client: String,
    /// What it asked for.
    pub(crate) scope: String,
    /// The tenant it named; `None` for any.
    pub(crate) tenant: Option<Uuid>,
    /// When it ends.
    pub(crate) expires: Timestamp,
    /// When it was last asked for.
    pub(crate) polled: Option<Timestamp>,
    /// What the person did.
    pub(crate) status: CodeStatus,
}

/// What a person did with a code.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CodeStatus {
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
