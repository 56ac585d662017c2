//! Puts back what `conformance --write` has changed, and finds by reading whether that has worked.

use serde_json::Value;

use crate::apply::entry::{ResponseKind, WriteResult};
use crate::apply::verify::{FIRST_PAUSE, LONGEST_PAUSE};
use crate::base::clock::Stopwatch;
use crate::client::{Operation, TrialRequest};
use crate::engine::trial_run::{LeftOver, TrialRunner};
use crate::tenant::api::ReadTenant;
use crate::tenant::authentication_methods as entries;
use crate::tenant::document::Document;
use crate::tenant::surface::Surface;

/// How many reads one after another must show that everything is back.
const READS: u32 = 2;
/// How often a document is written back at most.
const ATTEMPTS: u32 = 6;
/// Where objects are that a run creates; the first refer to the second.
const COLLECTIONS: [(Surface, &str); 3] = [
    (Surface::ConditionalAccess, "v1.0/identity/conditionalAccess/policies"),
    (Surface::ConditionalAccess, "v1.0/identity/conditionalAccess/namedLocations"),
    (Surface::DeviceConfiguration, "v1.0/deviceManagement/deviceConfigurations"),
];
const METHODS: &str = "v1.0/policies/authenticationMethodsPolicy";

impl TrialRunner<'_> {
    /// Deletes what the run has created, and writes every document back that differs. Returns what is left.
    pub(super) async fn put_back(&mut self) -> Vec<LeftOver> {
        let mut left = Vec::new();
        for (surface, collection) in COLLECTIONS {
            if self.touched.contains(&surface) {
                left.extend(self.delete_all(surface, collection).await);
            }
        }
        for surface in self.touched.clone().into_iter().rev() {
            if let Some(original) = self.originals.get(&surface).cloned() {
                left.extend(self.put_document_back(surface, &original).await);
            }
        }
        left
    }

    /// Deletes the objects with the name of this run.
    async fn delete_all(&mut self, surface: Surface, collection: &str) -> Option<LeftOver> {
        let name = self.facts.words.get("name").cloned().unwrap_or_default();
        let watch = Stopwatch::start();
        let mut pause = FIRST_PAUSE;
        let (mut gone, mut attempts) = (0, 0);
        loop {
            let read = self.list(Operation::Read(surface), collection, "").await;
            if read.is_none() && watch.elapsed() >= self.timeout * 3 {
                return Some(LeftOver { surface, what: vec![name] });
            }
            let all = read.as_deref().unwrap_or_default();
            let own: Vec<&Value> =
                all.iter().filter(|object| object["displayName"].as_str() == Some(name.as_str())).collect();
            gone = if own.is_empty() && read.is_some() { gone + 1 } else { 0 };
            let certain = !self.unsure.contains(&surface) || watch.elapsed() >= self.timeout;
            if gone >= READS && certain {
                return None;
            }
            if attempts >= ATTEMPTS && !own.is_empty() {
                return Some(LeftOver { surface, what: vec![name] });
            }
            attempts += u32::from(!own.is_empty());
            for object in &own {
                let Some(id) = object["id"].as_str() else { continue };
                let path = format!("{collection}/{id}");
                // A trusted location cannot be deleted.
                if object["isTrusted"] == Value::Bool(true) {
                    let kind = object["@odata.type"].as_str().unwrap_or_default();
                    let body = format!(r#"{{"@odata.type":"{kind}","isTrusted":false}}"#);
                    self.send_back(surface, "PATCH", path.clone(), "", body).await;
                }
                self.send_back(surface, "DELETE", path, "", String::new()).await;
            }
            tokio::time::sleep(pause.min(self.timeout)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Writes a document back until reads show that it is as it was. After a write whose result is not known, it is read for as
    /// long as that write may still take effect.
    async fn put_document_back(&mut self, surface: Surface, original: &Document) -> Option<LeftOver> {
        let watch = Stopwatch::start();
        let (mut pause, mut agreed, mut attempts) = (FIRST_PAUSE, 0, 0);
        let mut sent: Option<Stopwatch> = None;
        loop {
            let read = self.writer.read(surface).await;
            let keys = read.as_ref().map(|now| original.differing_keys(now, surface.volatile_keys()));
            agreed = if keys.as_ref().is_ok_and(Vec::is_empty) { agreed + 1 } else { 0 };
            let certain = !self.unsure.contains(&surface) || watch.elapsed() >= self.timeout;
            if agreed >= READS && certain {
                return None;
            }
            let may_send = sent.as_ref().is_none_or(|sent| sent.elapsed() >= self.timeout / 3);
            if let (Ok(now), Ok(keys)) = (&read, &keys)
                && !keys.is_empty()
                && attempts < ATTEMPTS
                && may_send
            {
                attempts += 1;
                sent = Some(Stopwatch::start());
                self.write_back(surface, original, now, keys).await;
                continue;
            }
            // What was sent last has its time to take effect; without a read nothing can be sent.
            let last = sent.as_ref().map_or(watch.elapsed(), Stopwatch::elapsed);
            let hopeless = if read.is_ok() { attempts >= ATTEMPTS } else { watch.elapsed() >= self.timeout * 3 };
            if hopeless && last >= self.timeout && agreed == 0 {
                return Some(LeftOver { surface, what: keys.unwrap_or_default() });
            }
            tokio::time::sleep(pause.min(self.timeout)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Sends the requests that put these keys of a document back.
    async fn write_back(&mut self, surface: Surface, original: &Document, now: &Document, keys: &[String]) {
        let only = |names: &[&str], from: &Document| {
            names.iter().fold(Document::default(), |body, key| body.copy_key(key, from))
        };
        let path = match surface {
            Surface::PasswordReset => "api/PasswordReset/PasswordResetPolicies",
            Surface::OnPremisesPasswordReset => "api/PasswordReset/OnPremisesPasswordResetPolicies",
            Surface::AuthorizationPolicy => "v1.0/policies/authorizationPolicy",
            Surface::AuthenticationMethods => METHODS,
            Surface::ConditionalAccess | Surface::DeviceConfiguration => return,
        };
        let requests: Vec<(&str, String, &'static str, Document)> = match surface {
            // The policy was as it was: its methods are not counted again.
            Surface::PasswordReset => {
                vec![("PUT", path.to_owned(), "byPassMethodCountCheck=true", original.clone())]
            }
            Surface::OnPremisesPasswordReset => {
                keys.iter().map(|key| ("PUT", path.to_owned(), "", only(&[key], original))).collect()
            }
            _ => keys
                .iter()
                .map(|key| match entries::entry(original, key).filter(|entry| entry.raw("@odata.type").is_some()) {
                    None => ("PATCH", path.to_owned(), "", only(&[key], original)),
                    Some(entry) => {
                        let changed = entries::entry(now, key).map(|now| entry.differing_keys(&now, &[]));
                        let changed = changed.unwrap_or_default();
                        let names: Vec<&str> =
                            ["@odata.type", "id"].into_iter().chain(changed.iter().map(String::as_str)).collect();
                        let path = format!("{METHODS}/authenticationMethodConfigurations/{key}");
                        ("PATCH", path, "", only(&names, &entry))
                    }
                })
                .collect(),
        };
        for (method, path, query, body) in requests {
            // Without a line in the journal it is sent all the same: it only restores.
            let is_recorded = self.record(true, surface, now, body.clone()).is_ok();
            // Every document serialises.
            let text = serde_json::to_string(&body).unwrap_or_default();
            let accepted = self.send_back(surface, method, path, query, text).await;
            let kind = if accepted { ResponseKind::Accepted } else { ResponseKind::Refused };
            self.answered(is_recorded, kind, Some(WriteResult::Unverified));
        }
    }

    async fn send_back(
        &self,
        surface: Surface,
        method: &'static str,
        path: String,
        query: &'static str,
        body: String,
    ) -> bool {
        let request = TrialRequest { surface, method, path, query, body, json: true };
        self.writer.try_write(&request).await.is_ok_and(|answer| answer.refusal.is_none())
    }
}
