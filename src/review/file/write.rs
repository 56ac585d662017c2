//! Writes review files.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::base::finding::Finding;
use crate::base::signature::{Digest, SharedKey};
use crate::base::source::{Place, portable};
use crate::plan::change::{Change, Plan, Step};
use crate::review::approve::{Refusal, Review};
use crate::review::exceptions::Exception;
use crate::review::file::format::{
    FORMAT_VERSION, ReadDocument, ReviewFile, ReviewedTenant, SavedChange, SavedFinding, SavedRefusal, SavedRequest,
    SavedReview,
};
use crate::review::file::saved_exception::SavedException;
use crate::review::rules::{self, Rule};
use crate::review::waivers::WaivedFinding;
use crate::tenant::document::Document;
use crate::tenant::surface::Surface;

/// The version of this program.
pub(crate) const TOOL: &str = env!("CARGO_PKG_VERSION");

/// What all reviews of a run were made by.
#[derive(Clone, Debug, Default)]
pub struct ReviewBasis<'a> {
    /// The digest of what `ssprctl.yaml` says about reviews; `None` where it says nothing about them.
    pub config: Option<Digest>,
    /// How many tenants have a policy, also those that the run does not select. Where no limit is in percent, only those under
    /// the paths of the run count.
    pub fleet: usize,
    /// Whether the tenants are embedded ones, not real ones.
    pub sandbox: bool,
    /// The exceptions that are in force.
    pub exceptions: &'a [Exception],
}

/// These reviews and what they were made by, in the form in which they are saved.
#[must_use]
pub fn reviewed<'a>(
    reviews: impl IntoIterator<Item = &'a Review>,
    basis: ReviewBasis<'_>,
    now: Timestamp,
) -> SavedReview {
    let ReviewBasis { config, fleet, sandbox, exceptions } = basis;
    let tenants = reviews.into_iter().map(tenant).collect();
    let exceptions = exceptions.iter().map(SavedException::from).collect();
    SavedReview {
        made_at: now,
        tool: TOOL.to_owned(),
        rules: rules_digest(),
        config,
        fleet: Some(fleet),
        sandbox,
        exceptions,
        tenants,
    }
}

/// The text of the file with its digest, signed if there is a key.
///
/// # Errors
/// None occur for values that this program makes: `serde_json` declares them for all types.
pub fn text(review: SavedReview, key: Option<&SharedKey>) -> Result<String, serde_json::Error> {
    let sealed = serde_json::to_vec(&review)?;
    let file = ReviewFile {
        format_version: FORMAT_VERSION,
        digest: Digest::of(&sealed),
        signature: key.map(|key| key.sign(&sealed)),
        review,
    };
    Ok(format!("{}\n", serde_json::to_string_pretty(&file)?))
}

/// The digest of all rules: their codes, their severities, and what they say.
#[must_use]
pub(crate) fn rules_digest() -> Digest {
    let rules = rules::ALL.iter().map(|rule| {
        let Rule { code, severity, enforced, says, .. } = rule;
        format!("{code} {} {enforced} {says}\n", severity.name())
    });
    Digest::of(rules.collect::<String>().as_bytes())
}

fn tenant(review: &Review) -> ReviewedTenant {
    let Review { plan, findings, waived, silenced: _, held, impact: _ } = review;
    let Plan {
        tenant,
        tenant_id,
        cloud,
        source,
        files,
        taken,
        steps,
        seen,
        unchanged: _,
        unmanaged: _,
        skipped: _,
        unknown: _,
        actual,
        effects_now: _,
        effects: _,
        ended: _,
        unread: _,
        new_keys: _,
        rolled_back: _,
        group_names: _,
    } = plan;
    ReviewedTenant {
        tenant: tenant.to_string(),
        tenant_id: *tenant_id,
        cloud: *cloud,
        policy: source.path.clone(),
        files: files.iter().map(|file| (file.path.clone(), Digest::of(portable(&file.text).as_bytes()))).collect(),
        read_at: *taken,
        documents: seen.iter().map(|(surface, document)| read_document(*surface, document)).collect(),
        settings: actual.iter().map(|(name, value)| ((*name).to_owned(), value.into())).collect(),
        requests: steps.iter().map(request).collect(),
        held: held.iter().map(|held| change(&held.change)).collect(),
        refused: review.refusal().map(|refusal| match refusal {
            Refusal::Errors => SavedRefusal::Errors,
            Refusal::Unknown => SavedRefusal::Unknown,
        }),
        findings: findings.iter().map(finding).collect(),
        waived: waived
            .iter()
            .map(|WaivedFinding { finding: accepted, waiver: _, place: _ }| finding(accepted))
            .collect(),
    }
}

/// The digests of a document, without the keys that services fill in on their own.
#[must_use]
pub(crate) fn read_document(surface: Surface, document: &Document) -> ReadDocument {
    // Annotations of OData belong to the response, not to the tenant.
    let counted =
        document.entries().filter(|(key, _)| !key.contains("@odata.") && !surface.volatile_keys().contains(key));
    let keys: BTreeMap<_, _> = counted.map(|(key, raw)| (key.to_owned(), Digest::of_json(raw))).collect();
    let all: String = keys.iter().map(|(key, digest)| format!("{key}\n{digest}\n")).collect();
    ReadDocument { surface, digest: Digest::of(all.as_bytes()), keys }
}

fn request(step: &Step) -> SavedRequest {
    let Step { surface, body, changes, waits_for } = step;
    SavedRequest {
        surface: *surface,
        body: body.clone(),
        changes: changes.iter().map(change).collect(),
        waits_for: waits_for.clone(),
    }
}

fn change(change: &Change) -> SavedChange {
    let Change { setting, before, after, place } = change;
    SavedChange {
        setting: setting.name.to_owned(),
        before: before.into(),
        after: after.into(),
        path: place.source.path.clone(),
        line: place.line_column().0,
    }
}

/// A finding in the form in which it is saved.
#[must_use]
pub(crate) fn finding(finding: &Finding) -> SavedFinding {
    let Finding { at, code, severity, message, also: _, hint: _ } = finding;
    let place: Option<&Place> = at.as_ref().map(|label| &label.place);
    SavedFinding {
        code: (*code).to_owned(),
        severity: severity.name().to_owned(),
        message: message.clone(),
        path: place.map(|place| place.source.path.clone()),
        line: place.map(|place| place.line_column().0),
    }
}
