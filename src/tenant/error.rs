//! What can go wrong with a tenant, in the terms a person acts on.

use crate::base::ids::RequestId;
use crate::tenant::surface::Service;

/// A request that did not bring what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TenantError {
    /// What sort of trouble; decides the exit code and whether waiting may help.
    pub kind: TenantErrorKind,
    /// What happened, to what; lower case, present tense. Never holds a token or a body.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// The request that met it, to quote to the service's support.
    pub request_id: Option<RequestId>,
}

/// The sorts of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TenantErrorKind {
    /// Something that permits access is missing.
    NoAccess(MissingAccess),
    /// The service understood and refused: the request itself is wrong.
    Refused,
    /// Nothing was found where something should be.
    NotFound,
    /// The service is throttling or failing; nothing was changed.
    Unavailable,
    /// A write was sent and no answer came: it may or may not have taken effect.
    OutcomeUnknown,
    /// An answer came that is not understood.
    UnexpectedResponse,
}

/// What permits access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MissingAccess {
    /// No usable token: none given, expired, or of a kind that the system does not take.
    Credential(Service),
    /// A token of another tenant than the policy names.
    WrongTenant(Service),
    /// A scope (delegated) or application permission.
    Scope(Service),
    /// A directory role.
    Role(Service),
    /// A licence of the tenant.
    Licence,
    /// A document of the shape that this program was built for: another one is read and not written.
    UnknownShape(Service),
}

impl TenantError {
    /// Trouble of one sort, without a hint or a request yet.
    #[must_use]
    pub fn new(kind: TenantErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, request_id: None }
    }

    /// The same with a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with the request that met it.
    #[must_use]
    pub fn request(mut self, request: RequestId) -> Self {
        self.request_id = Some(request);
        self
    }
}
