//! Whether an assumption holds, and why something does not show it.

use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};

/// Whether an assumption holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AssumptionState {
    /// Everything that it says was seen, and is so.
    Holds,
    /// Something is not so.
    Broken,
    /// It was not seen, for this reason.
    NotSeen(&'static str),
}

/// Why an assumption is not shown.
pub(crate) const LOST: &str = "the answer to a write was lost";
pub(crate) const WRITE: &str = "only a write shows it";
pub(crate) const ACCOUNT: &str = "takes another account or another token";
pub(crate) const TENANT: &str = "takes another tenant or knowledge from outside of it";
pub(crate) const FORM: &str = "takes a request or a header that is not looked at";

/// Why a request without an answer shows nothing.
pub(crate) fn reason_of(error: &TenantError) -> &'static str {
    reason_of_kind(error.kind)
}

/// Why a refusal of this kind shows nothing.
pub(crate) fn reason_of_kind(kind: TenantErrorKind) -> &'static str {
    match kind {
        TenantErrorKind::NoAccess(MissingAccess::Credential(_)) => "there is no credential that the service accepts",
        TenantErrorKind::NoAccess(MissingAccess::Licence) => "the tenant lacks the licence",
        TenantErrorKind::NoAccess(_) => "the credential may not read it",
        TenantErrorKind::Unavailable => "the service is not available",
        TenantErrorKind::Refused
        | TenantErrorKind::NotFound
        | TenantErrorKind::OutcomeUnknown
        | TenantErrorKind::UnexpectedResponse => "the answer is not understood",
    }
}
