//! The answers of one tenant to all reads.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::client::{ProbeAnswer, TenantReader};
use crate::conformance::probe::Probe;
use crate::tenant::error::{MissingAccess, TenantError, TenantErrorKind};
use crate::tenant::snapshot::Snapshot;

/// The answers of one tenant.
pub(crate) struct Answers {
    by_probe: BTreeMap<Probe, Result<JsonAnswer, &'static str>>,
    /// Whether the tenant has Entra ID P1 or P2, if that is known.
    pub(crate) licensed: Option<bool>,
    /// Whether the directory is synchronised from on premises, if that is known.
    pub(crate) synchronised: Option<bool>,
}

/// An answer with its body.
pub(crate) struct JsonAnswer {
    /// The answer as it came.
    pub(crate) answer: ProbeAnswer,
    /// The body, if it is JSON.
    pub(crate) body: Option<Value>,
}

impl Answers {
    /// Makes all reads, one after the other. `snapshot` proves which tenant the credentials belong to: a service that does not
    /// say so is not asked.
    pub(crate) async fn read(reader: &TenantReader, snapshot: &Snapshot) -> Self {
        let mut by_probe = BTreeMap::new();
        for probe in Probe::ALL {
            let request = probe.request();
            let unproved = request.operation.spec().service.and_then(|service| {
                snapshot.identities.get(&service).and_then(|identity| identity.as_ref().err()).map(reason_of)
            });
            let answer = match unproved {
                Some(reason) => Err(reason),
                None => reader
                    .probe(&request)
                    .await
                    .map_err(|error| reason_of(&error))
                    .map(|answer| JsonAnswer { body: serde_json::from_str(&answer.text).ok(), answer }),
            };
            by_probe.insert(probe, answer);
        }
        let facts = &snapshot.facts;
        Self {
            by_probe,
            licensed: facts.licence.map(|licence| licence.writeback),
            synchronised: facts.hybrid.map(|hybrid| hybrid.synchronised),
        }
    }

    /// An answer.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn get(&self, probe: Probe) -> Result<&JsonAnswer, &'static str> {
        match self.by_probe.get(&probe) {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(reason)) => Err(reason),
            None => Err("was not asked"),
        }
    }

    /// The document of a successful answer.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn document(&self, probe: Probe) -> Result<&Value, &'static str> {
        let JsonAnswer { answer, body } = self.get(probe)?;
        if let Some(reason) = answer.refusal.map(reason_of_kind) {
            return Err(reason);
        }
        body.as_ref().ok_or("the answer is not understood")
    }
}

/// Why a request without an answer shows nothing.
fn reason_of(error: &TenantError) -> &'static str {
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
