//! The state of the sign-in service between requests: pending device codes, and the refresh tokens that were used.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

/// The state of the sign-in service. It is lost when the process ends.
#[derive(Debug)]
pub(crate) struct SignInState {
    /// Seconds that a client must wait between two token requests for a device code.
    pub(crate) interval: i64,
    /// Every secret that was received or issued.
    pub(crate) secrets: BTreeSet<String>,
    /// Codes that are not exchanged yet.
    pub(crate) codes: Vec<DeviceCode>,
    used_refresh_tokens: BTreeSet<Uuid>,
}

impl Default for SignInState {
    fn default() -> Self {
        Self { interval: 5, secrets: BTreeSet::new(), codes: Vec::new(), used_refresh_tokens: BTreeSet::new() }
    }
}

impl SignInState {
    /// Marks a refresh token as used; `false` if it was used before.
    pub(crate) fn use_refresh_token(&mut self, serial: Uuid) -> bool {
        self.used_refresh_tokens.insert(serial)
    }
}

/// A pending device code.
#[derive(Debug)]
pub(crate) struct DeviceCode {
    /// The code with which the client polls.
    pub(crate) device_code: String,
    /// The code that the person types.
    pub(crate) user_code: String,
    /// The application id of the client.
    pub(crate) client: String,
    pub(crate) scope: String,
    /// The tenant that the client named; `None` for any.
    pub(crate) tenant: Option<Uuid>,
    pub(crate) expires: Timestamp,
    /// When the client last polled.
    pub(crate) polled: Option<Timestamp>,
    pub(crate) status: CodeStatus,
}

/// What the person did with the code.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CodeStatus {
    Pending,
    Approved { tenant: Uuid, person: Uuid },
    Denied,
}
