//! Compares a new review with a saved one. Any mismatch makes the saved review outdated.

use std::collections::BTreeSet;

use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{self};
use crate::plan::change::Change;
use crate::review::approve::Review;
use crate::review::file::format::{ReadDocument, ReviewedTenant, SavedFinding, SavedRefusal};
use crate::review::file::write;
use crate::tenant::surface::Surface;

/// One difference between a saved review and a new one.
#[derive(Clone, Debug, PartialEq)]
pub enum ReviewMismatch {
    /// The name of the tenant now belongs to another tenant.
    Tenant,
    /// The tenant has another value.
    Setting {
        /// The setting whose value differs.
        setting: &'static Setting,
        /// The value in the saved review; `None` if it was not known.
        was: Option<Value>,
        /// The value now; `None` if it is not known.
        is: Option<Value>,
    },
    /// A key that no setting reads has another value, is new, or is gone.
    Key {
        /// The document with the key.
        surface: Surface,
        /// The key on the wire.
        key: String,
    },
    /// A document could be read for only one of the two reviews.
    Document(Surface),
    /// The policy asks for another value, such as another group of the same name.
    DesiredSetting {
        /// The setting whose value differs.
        setting: &'static Setting,
        /// The value to write in the saved review; `None` if there was none.
        was: Option<Value>,
        /// The value to write now; `None` if there is none.
        is: Option<Value>,
    },
    /// A change of the saved review is held now, because not enough people are ready for it any more.
    Held(&'static Setting),
    /// The requests differ, although nothing else does.
    Requests,
    /// The new review has a finding that the saved one does not have.
    Finding(SavedFinding),
    /// These files, which say something about the tenant, are not those that were reviewed.
    Policies(Vec<String>),
    /// The saved review could not be approved when it was made.
    Refused(SavedRefusal),
}

/// All differences between a review and the saved one; none only if every request is the same to the byte.
#[must_use]
pub fn mismatches(saved: &ReviewedTenant, review: &Review) -> Vec<ReviewMismatch> {
    if saved.tenant_id != review.plan.tenant_id {
        return vec![ReviewMismatch::Tenant];
    }
    let mut mismatches = settings(saved, review);
    let explained: BTreeSet<&str> = mismatches.iter().flat_map(keys_of).collect();
    mismatches.extend(documents(saved, review, &explained));
    if mismatches.is_empty() {
        mismatches.extend(desired_settings(saved, review));
    }
    if mismatches.is_empty() && !same_requests(saved, review) {
        mismatches.push(ReviewMismatch::Requests);
    }
    mismatches.extend(findings(saved, review));
    mismatches
}

/// Whether the tenant already has every value of the saved review.
#[must_use]
pub fn is_done(saved: &ReviewedTenant, review: &Review) -> bool {
    let changes = saved.requests.iter().flat_map(|request| &request.changes);
    let mut desired = changes.filter_map(|change| Some((catalog::find(&change.setting)?, Value::from(&change.after))));
    review.refusal().is_none()
        && review.plan.steps.is_empty()
        && desired.all(|(setting, _)| review.plan.unchanged.contains(&setting))
}

fn settings(saved: &ReviewedTenant, review: &Review) -> Vec<ReviewMismatch> {
    let all = catalog::ALL.iter().filter_map(|setting| {
        let was = saved.settings.get(setting.name).map(Value::from);
        let is = review.plan.actual.get(setting.name).cloned();
        // A document that can no longer be read is named itself, instead of each of its settings.
        let is_read = |surface| saved.documents.iter().any(|read| read.surface == surface);
        let unread = is.is_none() && is_read(setting.surface) && !review.plan.seen.contains_key(&setting.surface);
        (was != is && !unread).then_some(ReviewMismatch::Setting { setting, was, is })
    });
    all.collect()
}

fn keys_of(mismatch: &ReviewMismatch) -> Vec<&'static str> {
    match mismatch {
        ReviewMismatch::Setting { setting, .. } => setting.keys.to_vec(),
        _ => Vec::new(),
    }
}

/// The differences in keys that are not explained by a setting.
fn documents(saved: &ReviewedTenant, review: &Review, explained: &BTreeSet<&str>) -> Vec<ReviewMismatch> {
    let mut mismatches = Vec::new();
    let now: Vec<ReadDocument> =
        review.plan.seen.iter().map(|(surface, document)| write::read_document(*surface, document)).collect();
    let surfaces: BTreeSet<Surface> = saved.documents.iter().chain(&now).map(|read| read.surface).collect();
    for surface in surfaces {
        let [then, now] = [&saved.documents, &now].map(|reads| reads.iter().find(|read| read.surface == surface));
        match (then, now) {
            (Some(then), Some(now)) => mismatches.extend(keys(then, now, explained)),
            _ => mismatches.push(ReviewMismatch::Document(surface)),
        }
    }
    mismatches
}

fn keys(then: &ReadDocument, now: &ReadDocument, explained: &BTreeSet<&str>) -> Vec<ReviewMismatch> {
    let all: BTreeSet<&String> = then.keys.keys().chain(now.keys.keys()).collect();
    let differ = all.into_iter().filter(|key| then.keys.get(*key) != now.keys.get(*key));
    let differ = differ.filter(|key| !explained.contains(key.as_str()));
    differ.map(|key| ReviewMismatch::Key { surface: then.surface, key: key.clone() }).collect()
}

/// The settings for which the policy asks for another value than in the saved review.
fn desired_settings(saved: &ReviewedTenant, review: &Review) -> Vec<ReviewMismatch> {
    let then: Vec<(&str, Value)> = saved
        .requests
        .iter()
        .flat_map(|request| &request.changes)
        .map(|change| (change.setting.as_str(), Value::from(&change.after)))
        .collect();
    let now: Vec<&Change> = review.plan.steps.iter().flat_map(|step| &step.changes).collect();
    let all = catalog::ALL.iter().filter_map(|setting| {
        let was: Vec<&Value> = then.iter().filter(|(name, _)| *name == setting.name).map(|(_, value)| value).collect();
        let is: Vec<&Value> =
            now.iter().filter(|change| change.setting.name == setting.name).map(|change| &change.after).collect();
        let is_held = || is.is_empty() && review.held.iter().any(|held| held.change.setting == *setting);
        (was != is).then(|| match is_held() {
            true => ReviewMismatch::Held(setting),
            false => ReviewMismatch::DesiredSetting {
                setting,
                was: was.first().copied().cloned(),
                is: is.first().copied().cloned(),
            },
        })
    });
    all.collect()
}

/// Whether the same bytes would go to the same documents in the same order.
fn same_requests(saved: &ReviewedTenant, review: &Review) -> bool {
    let then = saved
        .requests
        .iter()
        .map(|request| (request.surface, serde_json::to_string(&request.body).ok(), &request.waits_for));
    let now =
        review.plan.steps.iter().map(|step| (step.surface, serde_json::to_string(&step.body).ok(), &step.waits_for));
    then.eq(now)
}

/// The findings that the saved review does not have. Two findings are the same if their code, severity and place are: their
/// words may count days.
fn findings(saved: &ReviewedTenant, review: &Review) -> Vec<ReviewMismatch> {
    let now = review.findings.iter().map(write::finding);
    let known = |new: &SavedFinding| {
        saved.findings.iter().any(|saved| {
            (&saved.code, &saved.severity, &saved.path, saved.line) == (&new.code, &new.severity, &new.path, new.line)
        })
    };
    now.filter(|new| !known(new)).map(ReviewMismatch::Finding).collect()
}
