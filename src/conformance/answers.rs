//! The answers of one tenant to all reads.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::client::{ProbeAnswer, TenantReader};
use crate::conformance::probe::Probe;
use crate::conformance::state::{WRITE, reason_of, reason_of_kind};
use crate::conformance::trial::TrialResult;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;

/// The answers of one tenant.
pub(crate) struct Answers {
    by_probe: BTreeMap<Probe, Result<JsonAnswer, &'static str>>,
    /// Whether the tenant has Entra ID P1 or P2, if that is known.
    pub(crate) licensed: Option<bool>,
    /// Whether the directory is synchronised from on premises, if that is known.
    pub(crate) synchronised: Option<bool>,
    /// What the writes of `--write` showed; `None` if none were tried.
    written: Option<WrittenAnswers>,
}

#[derive(Debug)]
pub(crate) struct WrittenAnswers {
    /// What each write showed, and those that were not tried.
    pub(crate) results: Vec<TrialResult>,
    /// The events of the audit log that were not there before, or why they are not known.
    pub(crate) events: Result<Vec<Value>, &'static str>,
    /// The ids with which requests were sent.
    pub(crate) requests: Vec<String>,
    /// How many writes of each surface changed something.
    pub(crate) changes: BTreeMap<Surface, usize>,
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
            let unproved = probe.request().operation.spec().service.and_then(|service| {
                snapshot.identities.get(&service).and_then(|identity| identity.as_ref().err()).map(reason_of)
            });
            let answer = match unproved {
                Some(reason) => Err(reason),
                None => ask(reader, probe).await,
            };
            by_probe.insert(probe, answer);
        }
        let facts = &snapshot.facts;
        Self {
            by_probe,
            licensed: facts.licence.map(|licence| licence.writeback),
            synchronised: facts.hybrid.map(|hybrid| hybrid.synchronised),
            written: None,
        }
    }

    /// Adds what the writes showed, and reads their events.
    pub(crate) async fn add_written(&mut self, reader: &TenantReader, written: WrittenAnswers) {
        if self.get(Probe::AuditOfReset).is_ok() {
            self.by_probe.insert(Probe::AuditOfReset, ask(reader, Probe::AuditOfReset).await);
        }
        self.written = Some(written);
    }

    /// What the writes showed.
    ///
    /// # Errors
    /// When none were tried.
    pub(crate) fn written(&self) -> Result<&WrittenAnswers, &'static str> {
        self.written.as_ref().ok_or(WRITE)
    }

    /// The events that the writes left in the audit log.
    ///
    /// # Errors
    /// Why they are not known.
    pub(crate) fn events(&self) -> Result<&[Value], &'static str> {
        self.written()?.events.as_deref().map_err(|reason| *reason)
    }

    /// The answer to a read, whatever its status is.
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

async fn ask(reader: &TenantReader, probe: Probe) -> Result<JsonAnswer, &'static str> {
    let answer = reader.probe(&probe.request()).await.map_err(|error| reason_of(&error))?;
    Ok(JsonAnswer { body: serde_json::from_str(&answer.text).ok(), answer })
}
