//! Is a review, made now, the one that was saved? Whatever is not makes the saved one stale.

use std::collections::BTreeSet;

use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{self};
use crate::plan::change::Change;
use crate::review::approve::Review;
use crate::review::file::format::{ReadDocument, ReviewedTenant, SavedFinding};
use crate::review::file::write;
use crate::tenant::surface::Surface;

/// One thing that is no longer what was reviewed.
#[derive(Clone, Debug, PartialEq)]
pub enum ReviewMismatch {
    /// The tenant's name now leads to another tenant.
    Tenant,
    /// The tenant has another value.
    Setting {
        /// The setting.
        setting: &'static Setting,
        /// What it had; `None` where that was not known.
        was: Option<Value>,
        /// What it has; `None` where that is not known.
        is: Option<Value>,
    },
    /// A key that no setting answers for has another value, is new, or is gone.
    Key {
        /// The document.
        surface: Surface,
        /// The key on the wire.
        key: String,
    },
    /// A document could be read then and not now, or now and not then.
    Document(Surface),
    /// The policy comes to another value, such as another group of the same name.
    DesiredSetting {
        /// The setting.
        setting: &'static Setting,
        /// What was to be written; `None` where nothing was.
        was: Option<Value>,
        /// What would be written; `None` where nothing would.
        is: Option<Value>,
    },
    /// The requests are others, although nothing else moved.
    Requests,
    /// Something is to be told that nobody was told when this was reviewed.
    Finding(SavedFinding),
}

/// Everything in which a review is not the saved one; nothing when it is the same to the byte of every request.
#[must_use]
pub fn mismatches(saved: &ReviewedTenant, review: &Review) -> Vec<ReviewMismatch> {
    if saved.tenant_id != review.plan.tenant_id {
        return vec![ReviewMismatch::Tenant];
    }
    let mut moved = settings(saved, review);
    let explained: BTreeSet<&str> = moved.iter().flat_map(keys_of).collect();
    moved.extend(documents(saved, review, &explained));
    if moved.is_empty() {
        moved.extend(desired_settings(saved, review));
    }
    if moved.is_empty() && !same_requests(saved, review) {
        moved.push(ReviewMismatch::Requests);
    }
    moved.extend(findings(saved, review));
    moved
}

/// Whether the tenant already has everything that the saved review was to bring about.
#[must_use]
pub fn is_done(saved: &ReviewedTenant, review: &Review) -> bool {
    let changes = saved.requests.iter().flat_map(|request| &request.changes);
    let mut wanted = changes.filter_map(|change| Some((catalog::find(&change.setting)?, Value::from(&change.after))));
    review.refusal().is_none()
        && review.plan.steps.is_empty()
        && wanted.all(|(setting, _)| review.plan.unchanged.contains(&setting))
}

fn settings(saved: &ReviewedTenant, review: &Review) -> Vec<ReviewMismatch> {
    let all = catalog::ALL.iter().filter_map(|setting| {
        let was = saved.settings.get(setting.name).map(Value::from);
        let is = review.plan.live.get(setting.name).cloned();
        (was != is).then_some(ReviewMismatch::Setting { setting, was, is })
    });
    all.collect()
}

fn keys_of(moved: &ReviewMismatch) -> Vec<&'static str> {
    match moved {
        ReviewMismatch::Setting { setting, .. } => setting.keys.to_vec(),
        _ => Vec::new(),
    }
}

/// Documents whose keys moved, without the keys of the settings that are told of.
fn documents(saved: &ReviewedTenant, review: &Review, explained: &BTreeSet<&str>) -> Vec<ReviewMismatch> {
    let mut moved = Vec::new();
    let now: Vec<ReadDocument> =
        review.plan.seen.iter().map(|(surface, document)| write::read_document(*surface, document)).collect();
    let surfaces: BTreeSet<Surface> = saved.documents.iter().chain(&now).map(|read| read.surface).collect();
    for surface in surfaces {
        let [then, now] = [&saved.documents, &now].map(|reads| reads.iter().find(|read| read.surface == surface));
        match (then, now) {
            (Some(then), Some(now)) => moved.extend(keys(then, now, explained)),
            _ => moved.push(ReviewMismatch::Document(surface)),
        }
    }
    moved
}

fn keys(then: &ReadDocument, now: &ReadDocument, explained: &BTreeSet<&str>) -> Vec<ReviewMismatch> {
    let all: BTreeSet<&String> = then.keys.keys().chain(now.keys.keys()).collect();
    let differ = all.into_iter().filter(|key| then.keys.get(*key) != now.keys.get(*key));
    let differ = differ.filter(|key| !explained.contains(key.as_str()));
    differ.map(|key| ReviewMismatch::Key { surface: then.surface, key: key.clone() }).collect()
}

/// What the policy comes to, where that is another value than it was.
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
        (was != is).then(|| ReviewMismatch::DesiredSetting {
            setting,
            was: was.first().copied().cloned(),
            is: is.first().copied().cloned(),
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

/// What would be told now and was not told then. A finding is the same where code, severity and place are: its words may
/// count days.
fn findings(saved: &ReviewedTenant, review: &Review) -> Vec<ReviewMismatch> {
    let now = review.findings.iter().map(write::finding);
    let known = |new: &SavedFinding| {
        saved.findings.iter().any(|told| {
            (&told.code, &told.severity, &told.path, told.line) == (&new.code, &new.severity, &new.path, new.line)
        })
    };
    now.filter(|new| !known(new)).map(ReviewMismatch::Finding).collect()
}
