//! What is known of one tenant: every setting with its value and effect, and the reports about it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::base::ids::{ObjectId, TenantName};
use crate::base::value::Value;
use crate::catalog;
use crate::catalog::methods;
use crate::catalog::setting::Setting;
use crate::catalog::tenant_calendar::{TelephonyProvider, TenantCalendar};
use crate::engine::result::TenantReports;
use crate::plan::dates::{self, ComingDate, MethodsInEffect};
use crate::plan::effective::EffectiveSetting;
use crate::plan::effects::effective_now;
use crate::plan::{actual, references};
use crate::policy::document::Method;
use crate::tenant::authentication_methods;
use crate::tenant::authentication_methods::MethodConfiguration;
use crate::tenant::error::TenantError;
use crate::tenant::facts::TenantFacts;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;

/// The settings and reports of one tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantReport {
    /// The tenant, as the person who runs the command named it.
    pub tenant: String,
    /// The id of the Entra tenant that was read.
    pub tenant_id: String,
    /// When reading it began.
    pub taken: Timestamp,
    /// Every setting, in the order of the pages.
    pub settings: Vec<SettingReport>,
    /// The display names of the groups that the settings name, by id.
    pub names: BTreeMap<ObjectId, String>,
    /// Licences, migration and hybrid state.
    pub facts: TenantFacts,
    /// Configurations of the authentication methods policy that no setting reads or writes.
    pub other_methods: Vec<MethodConfiguration>,
    /// The dates of the service that lie ahead, by day.
    pub dates: Vec<ComingDate>,
    /// The tenant's own telephony provider.
    pub provider: Option<TelephonyProvider>,
    /// The registration report and the Secure Score.
    pub reports: TenantReports,
}

/// One setting with the value that the tenant has, or why that is unknown.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingReport {
    /// The row of the catalogue.
    pub setting: &'static Setting,
    /// The tenant's value, or why it is unknown.
    pub value: Result<Value, TenantError>,
    /// Who decides the setting and whether it has an effect; `None` when that is unknown.
    pub effect: Option<EffectiveSetting>,
}

impl TenantReport {
    /// Decodes every setting of a snapshot, and looks ahead from a day.
    #[must_use]
    pub fn new(
        tenant: &TenantName,
        snapshot: &Snapshot,
        reports: TenantReports,
        calendar: &TenantCalendar,
        today: Date,
    ) -> Self {
        let mut effects = effective_now(snapshot);
        let settings = catalog::ALL.iter().map(|setting| {
            let effect = effects.iter().position(|effect| effect.setting == *setting).map(|at| effects.swap_remove(at));
            SettingReport { setting, value: actual::actual_value(setting, snapshot), effect }
        });
        let settings: Vec<SettingReport> = settings.collect();
        let dates = dates::coming(calendar, today, &methods_in_effect(&settings));
        Self {
            tenant: tenant.to_string(),
            tenant_id: snapshot.tenant.to_string(),
            taken: snapshot.taken,
            settings,
            names: references::names(snapshot),
            facts: snapshot.facts.clone(),
            other_methods: other_methods(snapshot),
            dates,
            provider: calendar.provider_at(today).cloned(),
            reports,
        }
    }
}

/// The methods that people may use now, as far as that is known.
fn methods_in_effect(settings: &[SettingReport]) -> MethodsInEffect {
    let value = |wanted: &Setting| {
        let found = settings.iter().find(|report| report.setting == wanted)?;
        found.value.as_ref().ok()
    };
    let allowed = match value(&methods::ALLOWED) {
        Some(Value::Set(words)) => words.iter().filter_map(|word| Method::from_word(word).ok()).collect(),
        _ => BTreeSet::new(),
    };
    let required = match value(&methods::REQUIRED) {
        Some(Value::Number(required)) => Some(*required),
        _ => None,
    };
    MethodsInEffect { allowed, required }
}

fn other_methods(snapshot: &Snapshot) -> Vec<MethodConfiguration> {
    let all = snapshot
        .document(Surface::AuthenticationMethods)
        .map(authentication_methods::configurations)
        .unwrap_or_default();
    all.into_iter().filter(|one| !catalog::authentication_methods::is_managed(&one.id)).collect()
}
