//! Why something is not known or was not done.

use schemars::JsonSchema;
use serde::Serialize;

use crate::tenant::surface::System;
use crate::tenant::trouble::{Access, Trouble, TroubleKind};

/// A request that did not bring what it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Error")]
pub(crate) struct TroubleJson {
    /// What sort of trouble.
    kind: KindJson,
    /// The system to which access is missing; absent for everything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<SystemJson>,
    /// What happened, to what.
    message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// The request that met it, to quote to the service's support.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "uuid"))]
    request_id: Option<String>,
}

/// The sorts of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ErrorKind")]
pub(crate) enum KindJson {
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
    AnswerLost,
    /// An answer came that is not understood.
    Unintelligible,
}

/// The systems that keep settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "System")]
pub(crate) enum SystemJson {
    /// The Entra portal's own API.
    Portal,
    /// Microsoft Graph.
    Graph,
}

pub(crate) fn trouble(trouble: &Trouble) -> TroubleJson {
    let Trouble { kind, message, hint, request } = trouble;
    let (kind, system) = words(*kind);
    TroubleJson {
        kind,
        system,
        message: message.clone(),
        hint: hint.clone(),
        request_id: request.map(|id| id.to_string()),
    }
}

fn words(kind: TroubleKind) -> (KindJson, Option<SystemJson>) {
    let of = |system| match system {
        System::Portal => Some(SystemJson::Portal),
        System::Graph => Some(SystemJson::Graph),
    };
    match kind {
        TroubleKind::NoAccess(Access::Credential(system)) => (KindJson::NoCredential, of(system)),
        TroubleKind::NoAccess(Access::WrongTenant(system)) => (KindJson::WrongTenant, of(system)),
        TroubleKind::NoAccess(Access::Scope(system)) => (KindJson::MissingScope, of(system)),
        TroubleKind::NoAccess(Access::Role(system)) => (KindJson::MissingRole, of(system)),
        TroubleKind::NoAccess(Access::Licence) => (KindJson::MissingLicence, None),
        TroubleKind::NoAccess(Access::Shape(system)) => (KindJson::UnknownShape, of(system)),
        TroubleKind::Refused => (KindJson::Refused, None),
        TroubleKind::NotFound => (KindJson::NotFound, None),
        TroubleKind::Unavailable => (KindJson::Unavailable, None),
        TroubleKind::AnswerLost => (KindJson::AnswerLost, None),
        TroubleKind::Unintelligible => (KindJson::Unintelligible, None),
    }
}
