//! What the last comparison read of each tenant, setting by setting, for the pages of the dashboard. It is in memory alone:
//! after a restart nothing is known of a tenant until it is read again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value as Json;

use crate::apply::outcome::{ApplyOutcome, StepResult};
use crate::catalog;
use crate::catalog::desired::Desired;
use crate::catalog::setting::Setting;
use crate::engine::attribution::ExplainedDrift;
use crate::engine::result::ApplyEnding;
use crate::plan::change::Plan;
use crate::plan::effective::EffectiveSetting;
use crate::render::json::drift::drifted_settings;
use crate::render::text::value::{self, GroupNames};
use crate::render::text::{effects, error};
use crate::review::approve::Review;
use crate::tenant::error::TenantError;

/// Something that was read, or why it is not known.
pub(crate) type Reading<T> = Result<T, String>;

/// What the last comparison read of one tenant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TenantView {
    /// When it was read, or tried to.
    pub(crate) read: Timestamp,
    /// Whether it could be read.
    pub(crate) is_read: bool,
    /// The names of the groups that were read.
    pub(crate) group_names: GroupNames,
    /// Every setting of the catalogue, in its order.
    pub(crate) settings: Vec<SettingView>,
    /// The waivers in force that accept a finding; why they are not known where the tenant could not be read.
    pub(crate) waivers: Reading<Vec<WaiverView>>,
    /// The settings that drifted, as the document of `drift` has them: when they changed, by earlier runs and by the audit log.
    pub(crate) drifted: Vec<Json>,
    /// What could not be read, each with the reason.
    pub(crate) gaps: Vec<ReadingGap>,
}

/// One setting: what the policy says, what the tenant has, and what takes effect.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SettingView {
    pub(crate) setting: &'static Setting,
    /// What the policy says, and where; `None` if it leaves the setting to the tenant.
    pub(crate) desired: Option<(String, String)>,
    pub(crate) actual: Reading<String>,
    /// The value in effect, and who decides it or why it has no effect.
    pub(crate) effective: Reading<(String, String)>,
    pub(crate) comparison: SettingComparison,
}

/// Whether a setting is as the policy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SettingComparison {
    Differs,
    /// It is not, and the step waits until enough people are ready.
    Held,
    /// It could not be compared.
    Unknown,
    Same,
    /// The policy leaves it to the tenant.
    Unmanaged,
}

/// A finding that the policy accepts. Who answers for it is in the policy, and not on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WaiverView {
    pub(crate) rule: String,
    pub(crate) reason: String,
    pub(crate) finding: String,
    pub(crate) place: String,
    pub(crate) expires: Date,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReadingGap {
    pub(crate) what: String,
    pub(crate) why: String,
}

/// The last view of each tenant, by its name.
#[derive(Debug, Default)]
pub(crate) struct TenantViews(Mutex<BTreeMap<String, Arc<TenantView>>>);

impl TenantViews {
    /// Replaces the view of a tenant.
    pub(crate) fn set(&self, tenant: &str, view: TenantView) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant.to_owned(), Arc::new(view));
    }

    /// The view of a tenant; `None` if this process has not read it yet.
    pub(crate) fn get(&self, tenant: &str) -> Option<Arc<TenantView>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }
}

impl TenantView {
    /// The view of a tenant that was read and reviewed.
    #[must_use]
    pub(crate) fn of(desired: &Desired, review: &Review, explained: &ExplainedDrift) -> Self {
        let plan = &review.plan;
        let differing: BTreeSet<&str> = plan.changes().iter().map(|change| change.setting.name).collect();
        let held: BTreeSet<&str> = review.held.iter().map(|held| held.change.setting.name).collect();
        let settings = catalog::ALL.iter().map(|setting| {
            let name = setting.name;
            let wanted = desired_words(desired, setting, &plan.group_names);
            let actual = actual_words(plan, setting);
            let comparison = match &wanted {
                None => SettingComparison::Unmanaged,
                Some(_) if held.contains(name) => SettingComparison::Held,
                Some(_) if differing.contains(name) => SettingComparison::Differs,
                Some(_) if actual.is_err() => SettingComparison::Unknown,
                Some(_) => SettingComparison::Same,
            };
            let effective = effective_words(&plan.effects_now, setting, &plan.group_names, &actual);
            SettingView { setting, desired: wanted, actual, effective, comparison }
        });
        let waivers = review.waived.iter().map(|waived| WaiverView {
            rule: waived.waiver.rule.clone(),
            reason: waived.waiver.reason.clone(),
            finding: waived.finding.message.clone(),
            place: waived.place.to_string(),
            expires: waived.waiver.expires,
        });
        Self {
            read: plan.taken,
            is_read: true,
            group_names: plan.group_names.clone(),
            settings: settings.collect(),
            waivers: Ok(waivers.collect()),
            drifted: drifted_settings(plan, explained),
            gaps: gaps(plan),
        }
    }

    /// The view of a tenant that could not be read at all.
    #[must_use]
    pub(crate) fn unread(desired: &Desired, why: &str, now: Timestamp) -> Self {
        let settings = catalog::ALL.iter().map(|setting| {
            let wanted = desired_words(desired, setting, &GroupNames::new());
            let comparison = if wanted.is_some() { SettingComparison::Unknown } else { SettingComparison::Unmanaged };
            let unknown = why.to_owned();
            SettingView { setting, desired: wanted, actual: Err(unknown.clone()), effective: Err(unknown), comparison }
        });
        Self {
            read: now,
            is_read: false,
            group_names: GroupNames::new(),
            settings: settings.collect(),
            waivers: Err(why.to_owned()),
            drifted: Vec::new(),
            gaps: vec![ReadingGap { what: "the tenant".to_owned(), why: why.to_owned() }],
        }
    }

    /// The view once a run has written what the review said. What was verified is as the policy says; of what was sent and not
    /// verified nothing is known until the tenant is read again.
    #[must_use]
    pub(crate) fn written(mut self, plan: &Plan, ending: &ApplyEnding, now: Timestamp) -> Self {
        let ApplyEnding::Executed(ApplyOutcome { steps, rollback }) = ending else { return self };
        let is_verified = rollback.is_none() && steps.iter().all(|done| done.result == StepResult::Verified);
        let changed: BTreeSet<&str> = steps.iter().flat_map(|done| done.settings()).collect();
        let unknown = "a run has written since it was read, and did not verify everything";
        for view in &mut self.settings {
            if is_verified {
                view.effective = effective_words(&plan.effects, view.setting, &plan.group_names, &view.actual);
            } else {
                view.effective = Err(unknown.to_owned());
            }
            if !changed.contains(view.setting.name) {
                continue;
            }
            match &view.desired {
                Some((words, _)) if is_verified => {
                    view.actual = Ok(words.clone());
                    view.comparison = SettingComparison::Same;
                }
                Some(_) | None => {
                    view.actual = Err(unknown.to_owned());
                    view.comparison = SettingComparison::Unknown;
                }
            }
        }
        self.read = now;
        self
    }
}

fn desired_words(desired: &Desired, setting: &Setting, names: &GroupNames) -> Option<(String, String)> {
    let wanted = desired.setting(setting.name)?;
    Some((value::words(&wanted.value, names), wanted.place.to_string()))
}

fn actual_words(plan: &Plan, setting: &Setting) -> Reading<String> {
    if let Some(found) = plan.actual.get(setting.name) {
        return Ok(value::words(found, &plan.group_names));
    }
    let unknown = plan.unknown.iter().find(|unknown| unknown.setting.name == setting.name);
    Err(unknown.map_or_else(
        || "the controller reads only what a policy needs".to_owned(),
        |unknown| error::error_line(&unknown.why),
    ))
}

fn effective_words(
    effective: &[EffectiveSetting],
    setting: &Setting,
    names: &GroupNames,
    actual: &Reading<String>,
) -> Reading<(String, String)> {
    let Some(effect) = effective.iter().find(|effect| effect.setting.name == setting.name) else {
        return Err(actual.as_ref().err().cloned().unwrap_or_else(|| "it could not be derived".to_owned()));
    };
    let words = match effect.no_effect {
        Some(why) => ("no effect".to_owned(), effects::reason(why).to_owned()),
        None => (value::words(&effect.value, names), format!("by {}", effects::note(effect))),
    };
    Ok(words)
}

/// What could not be read, each reason once.
fn gaps(plan: &Plan) -> Vec<ReadingGap> {
    let unknown = error::by_reason(&plan.unknown).into_iter().map(|(why, settings)| ReadingGap {
        what: settings.iter().map(|unknown| unknown.setting.name).collect::<Vec<_>>().join(", "),
        why: with_hint(why),
    });
    let facts = plan.unread.iter().map(|fact| ReadingGap { what: fact.what.to_owned(), why: with_hint(&fact.why) });
    unknown.chain(facts).collect()
}

fn with_hint(error: &TenantError) -> String {
    let hint = error.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{}{hint}", error::error_line(error))
}
