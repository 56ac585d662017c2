//! From what was read to what anybody may see.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};

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
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;
use crate::tenant::wire_schema;

/// The groups in the tenant's scope.
const SCOPE: &str = "passwordResetEnabledGroupIds";
/// What stands for a text that no policy says. No policy can say it.
const REDACTED: &str = "(redacted)";

/// What of a tenant anybody may see, given the policy that is public already.
#[must_use]
pub fn publish(desired: &Desired, snapshot: &Snapshot) -> PublishedTenant {
    // What a document of an unknown shape holds is unknown, too; and objects of which a tenant has many are its own affair.
    let read = snapshot
        .documents
        .iter()
        .filter(|(surface, _)| !surface.is_optional())
        .filter_map(|(surface, read)| Some((*surface, wire_schema::writable(*surface, read.as_ref().ok()?).ok()?)));
    let documents = read.map(|(surface, document)| PublishedDocument {
        surface,
        keys: document_of(surface, document, desired, snapshot),
    });
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
            .map(|known| PublishedLicence { reset: known.reset, writeback: known.writeback }),
        hybrid: snapshot
            .facts
            .hybrid
            .map(|known| PublishedHybrid { synchronised: known.synchronised, writeback_up: known.writeback_up }),
    }
}

/// The text of the file, sealed, and signed where there is a key.
///
/// # Errors
/// Never for what this program makes; the type says so because JSON writers do.
pub fn text(
    tenants: Vec<PublishedTenant>,
    now: Timestamp,
    key: Option<&SigningKey>,
) -> Result<String, serde_json::Error> {
    let taken_at = tenants.iter().map(|tenant| tenant.read_at).min().unwrap_or(now);
    let snapshot = PublicSnapshotFile { taken_at, tool: env!("CARGO_PKG_VERSION").to_owned(), tenants };
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
    let found = found
        .iter()
        .map(|Group { id, name: _, security_enabled }| PublishedGroup { id: *id, security_enabled: *security_enabled });
    PublishedGroups { id, name, found: found.collect() }
}

/// The keys that are known, in the document's order, without what a policy does not say.
fn document_of(surface: Surface, document: &Document, desired: &Desired, snapshot: &Snapshot) -> Document {
    let needed: Vec<_> =
        wire_schema::known(surface).iter().filter(|known| known.needed).map(|known| known.key).collect();
    let kept = document.keys().filter(|key| needed.contains(key)).filter_map(|key| {
        let value: Json = serde_json::from_str(document.raw(key)?).ok()?;
        Some((key, value))
    });
    kept.fold(Document::default(), |published, (key, value)| {
        let value = match surface {
            Surface::PasswordReset => password_reset(key, value, desired),
            Surface::AuthenticationMethods => configuration(value, snapshot),
            // The id of whatever connects a directory on premises is of no use here.
            Surface::OnPremisesPasswordReset if key == "objectId" => Json::Null,
            Surface::OnPremisesPasswordReset
            | Surface::AuthorizationPolicy
            | Surface::ConditionalAccess
            | Surface::DeviceConfiguration => value,
        };
        published.with(key, &value)
    })
}

fn password_reset(key: &str, value: Json, desired: &Desired) -> Json {
    match key {
        "passwordResetEnabledGroupName" => json!(""),
        "registrationConditionalAccessPolicies" => json!([]),
        "customHelpdeskEmailOrUrl" => link(value, desired),
        "securityQuestions" => questions(&value, desired),
        _ => value,
    }
}

/// An address may be somebody's own.
fn link(value: Json, desired: &Desired) -> Json {
    let said = desired.setting(helpdesk::LINK.name).map(|wish| &wish.value);
    match (&value, said) {
        (Json::String(address), _) if address.is_empty() => value,
        (Json::String(address), Some(Value::Text(said))) if address == said => value,
        _ => json!(REDACTED),
    }
}

/// Questions that an organisation wrote are its own words. Their ids are of no use here.
fn questions(value: &Json, desired: &Desired) -> Json {
    let said = desired.setting(security_questions::QUESTIONS.name).map(|wish| &wish.value);
    let says =
        |text: &str| matches!(said, Some(Value::Questions(said)) if said.contains(&Question::Custom(text.to_owned())));
    let list = value.as_array().into_iter().flatten().enumerate().map(|(index, question)| {
        let text = question.get("questionText").and_then(Json::as_str).unwrap_or_default();
        let custom = question.get("isCustomQuestion").and_then(Json::as_bool).unwrap_or(true);
        let text = if custom && !says(text) { format!("{REDACTED} {}", index + 1) } else { text.to_owned() };
        json!({ "questionText": text, "isCustomQuestion": custom })
    });
    list.collect()
}

/// What decides about password reset in a method's configuration, and of its targets only those that a policy may mean.
fn configuration(value: Json, snapshot: &Snapshot) -> Json {
    const KEPT: [&str; 5] = ["@odata.type", "id", "state", "isOfficePhoneAllowed", "isSoftwareOathEnabled"];
    let Json::Object(whole) = value else { return value };
    let meant = meant(snapshot);
    let means = |target: &&Json| {
        target.get("id").and_then(Json::as_str).is_some_and(|id| meant.contains(&id.to_ascii_lowercase()))
    };
    let targets = whole.get("includeTargets").and_then(Json::as_array).into_iter().flatten().filter(means);
    let targets: Json =
        targets.map(|target| json!({ "targetType": target.get("targetType"), "id": target.get("id") })).collect();
    let mut kept: Map<String, Json> = whole.into_iter().filter(|(key, _)| KEPT.contains(&key.as_str())).collect();
    kept.insert("includeTargets".to_owned(), targets);
    kept.into()
}

/// The targets that a policy may mean: everybody, the groups that policies name, and the tenant's own scope.
fn meant(snapshot: &Snapshot) -> BTreeSet<String> {
    let found = snapshot.groups.values().filter_map(|found| found.as_ref().ok()).flatten();
    let scope = snapshot.document(Surface::PasswordReset).ok().and_then(|document| document.get(SCOPE, "").ok());
    let scope: Vec<String> = scope.unwrap_or_default();
    let scope = scope.into_iter().map(|id| id.to_ascii_lowercase());
    found.map(|group| group.id.to_string()).chain([authentication_methods::ALL_USERS.to_owned()]).chain(scope).collect()
}
