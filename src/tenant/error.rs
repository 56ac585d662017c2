//! Why a service did not do what was asked, in terms of what a person can do about it.

use crate::base::ids::RequestId;
use crate::tenant::surface::Service;

/// A request that failed, or a response that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TenantError {
    /// The kind of error, which decides the exit code and whether a later attempt may succeed.
    pub kind: TenantErrorKind,
    /// What happened, to what; lower case, present tense. It never contains a token or a body.
    pub message: String,
    /// What a person can do about it.
    pub hint: Option<String>,
    /// The id of the failed request, to quote to Microsoft's support.
    pub request_id: Option<RequestId>,
}

/// The kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TenantErrorKind {
    /// The caller lacks something that permits access.
    NoAccess(MissingAccess),
    /// The service understood the request and refused it, so the same request will be refused again.
    Refused,
    /// The service has nothing at this URL or by this name.
    NotFound,
    /// The service cannot be reached, throttles or fails; nothing was changed.
    Unavailable,
    /// A write was sent and its outcome is unknown: it may or may not have taken effect.
    OutcomeUnknown,
    /// A response came that is not of the known shape.
    UnexpectedResponse,
}

/// What the caller lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MissingAccess {
    /// A usable token: there is none, it has expired, or the service does not accept its kind.
    Credential(Service),
    /// A token for the tenant that the policy names; the token is for another one.
    WrongTenant(Service),
    /// A delegated permission (a scope) or an application permission.
    Scope(Service),
    /// A directory role for requests to this service.
    Role(Service),
    /// A licence, which the tenant does not have.
    Licence,
    /// A document of the shape that this program knows; one of another shape is read but not written.
    UnknownShape(Service),
}

/// A write without success. Only a request that never left proves that the tenant is as it was: a gateway may refuse what the
/// service behind it has done already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteFailure {
    /// No request was sent: there was no token, no connection, or no valid body.
    NotSent(TenantError),
    /// A request was sent, and was refused or not answered. A later read shows whether it took effect.
    Sent(TenantError),
}

impl WriteFailure {
    /// The error, whether a request was sent or not.
    #[must_use]
    pub fn into_error(self) -> TenantError {
        match self {
            Self::NotSent(error) | Self::Sent(error) => error,
        }
    }
}

impl TenantError {
    /// An error without a hint and without a request id.
    #[must_use]
    pub fn new(kind: TenantErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, request_id: None }
    }

    /// The same error with this hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same error with the id of the failed request.
    #[must_use]
    pub fn request(mut self, request: RequestId) -> Self {
        self.request_id = Some(request);
        self
    }
}
