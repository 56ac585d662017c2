//! Makes a public snapshot from a snapshot.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::base::signature::{Digest, SigningKey};
use crate::base::value::{Question, Value};
use crate::catalog::desired::Desired;
use crate::catalog::{authentication_methods, helpdesk, security_questions};
use crate::plan::public_snapshot::format::{
    FORMAT_VERSION, PublicSnapshotFile, PublishedDocument, PublishedGroup, PublishedGroups, PublishedHybrid,
    PublishedLicence, PublishedTenant, SnapshotFile,
};
use crate::tenant::document::Document;
use crate::tenant::group::{Group, GroupQuery};
use crate::tenant::publication::{PublicFacts, Publication};
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;
use crate::tenant::wire_schema;

/// The groups in the tenant's scope.
const SCOPE: &str = "passwordResetEnabledGroupIds";

/// The part of a tenant that may be published, given that its policy is public.
#[must_use]
pub fn publish(desired: &Desired, snapshot: &Snapshot) -> PublishedTenant {
    let facts = facts(desired, snapshot);
    // A document of an unknown shape may hold anything, so it is not published.
    let read = snapshot
        .documents
        .iter()
        .filter(|(surface, _)| !matches!(surface.spec().published, Publication::No))
        .filter_map(|(surface, read)| Some((*surface, wire_schema::writable(*surface, read.as_ref().ok()?).ok()?)));
    let documents =
        read.map(|(surface, document)| PublishedDocument { surface, keys: document_of(surface, document, &facts) });
    let groups = snapshot.groups.iter().filter_map(|(query, found)| Some(groups(query, found.as_ref().ok()?)));
    PublishedTenant {
        tenant: desired.tenant.to_string(),
        tenant_id: snapshot.tenant,
        cloud: desired.cloud,
        read_at: snapshot.taken,
        documents: documents.collect(),
        groups: groups.collect(),
        licence: snapshot
            .facts
            .licence
            .map(|known| PublishedLicence { reset: known.reset.known(), writeback: known.writeback }),
        hybrid: snapshot
            .facts
            .hybrid
            .map(|known| PublishedHybrid { synchronised: known.synchronised, writeback_up: known.writeback_up }),
    }
}

/// The text of the file with its digest, signed if there is a key; `sandbox` says whether the tenants are embedded ones.
///
/// # Errors
/// None occur for values that this program makes: `serde_json` declares them for all types.
pub fn text(
    tenants: Vec<PublishedTenant>,
    sandbox: bool,
    now: Timestamp,
    key: Option<&SigningKey>,
) -> Result<String, serde_json::Error> {
    let taken_at = tenants.iter().map(|tenant| tenant.read_at).min().unwrap_or(now);
    let snapshot = PublicSnapshotFile { taken_at, tool: env!("CARGO_PKG_VERSION").to_owned(), sandbox, tenants };
    let sealed = serde_json::to_vec(&snapshot)?;
    let file = SnapshotFile {
        format_version: FORMAT_VERSION,
        digest: Digest::of(&sealed),
        signature: key.map(|key| key.sign(&sealed)),
        snapshot,
    };
    Ok(format!("{}\n", serde_json::to_string_pretty(&file)?))
}

fn groups(query: &GroupQuery, found: &[Group]) -> PublishedGroups {
    let (id, name) = match query {
        GroupQuery::Id(id) => (Some(*id), None),
        GroupQuery::Name(name) => (None, Some(name.clone())),
    };
    let found = found.iter().map(|Group { id, name: _, security_enabled, uses_member_of: _ }| PublishedGroup {
        id: *id,
        security_enabled: *security_enabled,
    });
    PublishedGroups { id, name, found: found.collect() }
}

/// The required keys, in the document's order, as the surface's row publishes them.
fn document_of(surface: Surface, document: &Document, facts: &PublicFacts) -> Document {
    let spec = surface.spec();
    let is_required = |key: &str| spec.known_keys.iter().any(|known| known.needed && known.key == key);
    let published = document.keys().filter(|key| is_required(key)).filter_map(|key| {
        let value: Json = serde_json::from_str(document.raw(key)?).ok()?;
        Some((key, spec.published.publish(key, value, facts)?))
    });
    published.fold(Document::default(), |document, (key, value)| document.with(key, &value))
}

fn facts(desired: &Desired, snapshot: &Snapshot) -> PublicFacts {
    let value = |name| desired.setting(name).map(|setting| &setting.value);
    let helpdesk_link = match value(helpdesk::LINK.name) {
        Some(Value::Text(address)) => Some(address.clone()),
        Some(_) | None => None,
    };
    let questions = match value(security_questions::QUESTIONS.name) {
        Some(Value::Questions(questions)) => questions.iter().filter_map(custom_text).collect(),
        Some(_) | None => BTreeSet::new(),
    };
    PublicFacts { helpdesk_link, questions, targets: targets(snapshot) }
}

fn custom_text(question: &Question) -> Option<String> {
    match question {
        Question::Custom(text) => Some(text.clone()),
        Question::Predefined(_) => None,
    }
}

/// The targets that a plan may need: everybody, the groups that policies name, and the group of the tenant's scope.
fn targets(snapshot: &Snapshot) -> BTreeSet<String> {
    let found = snapshot.groups.values().filter_map(|found| found.as_ref().ok()).flatten();
    let scope = snapshot.document(Surface::PasswordReset).ok().and_then(|document| document.get(SCOPE, "").ok());
    let scope: Vec<String> = scope.unwrap_or_default();
    let scope = scope.into_iter().map(|id| id.to_ascii_lowercase());
    found.map(|group| group.id.to_string()).chain([authentication_methods::ALL_USERS.to_owned()]).chain(scope).collect()
}
