//! Why something is not known or was not done.

use schemars::JsonSchema;
use serde::Serialize;

use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::surface::Service;

/// A request that did not bring what it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Error")]
pub(crate) struct ErrorJson {
    /// The kind of error.
    kind: ErrorKindJson,
    /// The system to which access is missing; absent for everything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<ServiceJson>,
    /// What happened, to what.
    message: String,
    /// What a person can do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// The request that met it, to quote to the service's support.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "uuid"))]
    request_id: Option<String>,
}

/// The kinds of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ErrorKind")]
pub(crate) enum ErrorKindJson {
    /// No usable token: none given, expired, or of a kind that the system does not take.
    NoCredential,
    /// The credential belongs to another tenant than the policy names.
    WrongTenant,
    /// A scope or an application permission is missing.
    MissingScope,
    /// A directory role is missing.
    MissingRole,
    /// The tenant lacks a licence.
    MissingLicence,
    /// A document has another shape than this version knows; it is read and not written.
    UnknownShape,
    /// The service understood the request and refused it.
    Refused,
    /// Nothing was found where something should be.
    NotFound,
    /// The service is throttling or failing; nothing was changed.
    Unavailable,
    /// A write was sent and no answer came: it may or may not have taken effect.
    #[serde(rename = "answer-lost")]
    OutcomeUnknown,
    /// An answer came that is not understood.
    #[serde(rename = "unintelligible")]
    UnexpectedResponse,
}

/// The services that hold settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "System")]
pub(crate) enum ServiceJson {
    /// The Entra portal's own API.
    Portal,
    /// The Microsoft Graph API.
    Graph,
}

pub(crate) fn error(error: &TenantError) -> ErrorJson {
    let TenantError { kind, message, hint, request_id: request } = error;
    let (kind, service) = words(*kind);
    ErrorJson {
        kind,
        system: service,
        message: message.clone(),
        hint: hint.clone(),
        request_id: request.map(|id| id.to_string()),
    }
}

fn words(kind: TenantErrorKind) -> (ErrorKindJson, Option<ServiceJson>) {
    let of = |service| match service {
        Service::Portal => Some(ServiceJson::Portal),
        Service::Graph => Some(ServiceJson::Graph),
    };
    match kind {
        TenantErrorKind::NoAccess(MissingAccess::Credential(service)) => (ErrorKindJson::NoCredential, of(service)),
        TenantErrorKind::NoAccess(MissingAccess::WrongTenant(service)) => (ErrorKindJson::WrongTenant, of(service)),
        TenantErrorKind::NoAccess(MissingAccess::Scope(service)) => (ErrorKindJson::MissingScope, of(service)),
        TenantErrorKind::NoAccess(MissingAccess::Role(service)) => (ErrorKindJson::MissingRole, of(service)),
        TenantErrorKind::NoAccess(MissingAccess::Licence) => (ErrorKindJson::MissingLicence, None),
        TenantErrorKind::NoAccess(MissingAccess::UnknownShape(service)) => (ErrorKindJson::UnknownShape, of(service)),
        TenantErrorKind::Refused => (ErrorKindJson::Refused, None),
        TenantErrorKind::NotFound => (ErrorKindJson::NotFound, None),
        TenantErrorKind::Unavailable => (ErrorKindJson::Unavailable, None),
        TenantErrorKind::OutcomeUnknown => (ErrorKindJson::OutcomeUnknown, None),
        TenantErrorKind::UnexpectedResponse => (ErrorKindJson::UnexpectedResponse, None),
    }
}
