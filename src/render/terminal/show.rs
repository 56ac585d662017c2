//! The settings of a tenant, page by page.

use crate::base::ids::TenantName;
use crate::base::value::Value;
use crate::catalog;
use crate::catalog::setting::Setting;
use crate::engine::result::TenantReports;
use crate::plan::effective::EffectiveSetting;
use crate::plan::effects::effective_now;
use crate::plan::{actual, references};
use crate::render::text::error::error_line;
use crate::render::text::reports::ReportRow;
use crate::render::text::safe::safe;
use crate::render::text::style::{DOUBT, HEADING, MUTED, paint};
use crate::render::text::value::GroupNames;
use crate::render::text::{effects, facts, reports, value};
use crate::tenant::authentication_methods;
use crate::tenant::authentication_methods::MethodConfiguration;
use crate::tenant::error::TenantError;
use crate::tenant::facts::TenantFacts;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;

/// The width of the column of names, in characters: the longest name just fits.
const NAME_WIDTH: usize = 40;
/// The width of the column of values, in characters; a longer value pushes what follows to the right.
const VALUE_WIDTH: usize = 24;

/// The settings and reports of one tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantReport {
    /// The tenant, as it was asked for.
    pub tenant: String,
    /// The id of the Entra tenant that was read.
    pub tenant_id: String,
    /// Every setting, in the order of the pages.
    pub settings: Vec<SettingReport>,
    /// Display names of the groups in it.
    pub names: GroupNames,
    /// Licences, migration and hybrid state.
    pub circumstances: TenantFacts,
    /// Configurations of the authentication methods policy that no setting reads or writes.
    pub other_methods: Vec<MethodConfiguration>,
    /// The reports of the tenant.
    pub evidence: TenantReports,
}

/// One setting with what the tenant has, or why that is unknown.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingReport {
    /// The row of the catalogue.
    pub setting: &'static Setting,
    /// The tenant's value, or why it is unknown.
    pub value: Result<Value, TenantError>,
    /// Who decides the setting and whether it has an effect; `None` when that is unknown.
    pub effect: Option<EffectiveSetting>,
}

/// Decodes everything that was read.
#[must_use]
pub(crate) fn shown(tenant: &TenantName, snapshot: &Snapshot, evidence: TenantReports) -> TenantReport {
    let mut effects = effective_now(snapshot);
    let settings = catalog::ALL.iter().map(|setting| {
        let effect = effects.iter().position(|effect| effect.setting == *setting).map(|at| effects.swap_remove(at));
        SettingReport { setting, value: actual::actual_value(setting, snapshot), effect }
    });
    let settings = settings.collect();
    TenantReport {
        tenant: tenant.to_string(),
        tenant_id: snapshot.tenant.to_string(),
        settings,
        names: references::names(snapshot),
        circumstances: snapshot.facts.clone(),
        other_methods: other_methods(snapshot),
        evidence,
    }
}

fn other_methods(snapshot: &Snapshot) -> Vec<MethodConfiguration> {
    let all = snapshot
        .document(Surface::AuthenticationMethods)
        .map(authentication_methods::configurations)
        .unwrap_or_default();
    all.into_iter().filter(|one| !catalog::authentication_methods::is_managed(&one.id)).collect()
}

/// For a person at a terminal.
#[must_use]
pub fn terminal(shown: &TenantReport) -> String {
    let mut lines = vec![format!("{}  {}", paint(HEADING, &safe(&shown.tenant)), paint(MUTED, &shown.tenant_id))];
    let mut page = None;
    for SettingReport { setting, value, effect } in &shown.settings {
        if page != Some(setting.page) {
            lines.push(format!("\n{}", paint(HEADING, setting.page.title())));
            page = Some(setting.page);
        }
        let words = match value {
            Ok(value) => value::words(setting, value, &shown.names),
            Err(why) => unknown(why),
        };
        let padding = VALUE_WIDTH.saturating_sub(words.chars().count()) + 2;
        let note = effect.as_ref().map(effects::note).map(|note| format!("{:padding$}{}", "", paint(MUTED, &note)));
        lines.push(format!("  {:NAME_WIDTH$}{words}{}", setting.name, note.unwrap_or_default()));
    }
    let circumstances = (facts::TITLE.to_owned(), facts::rows(&shown.circumstances, &shown.other_methods));
    for (title, rows) in [circumstances].into_iter().chain(reports::reports(&shown.evidence)) {
        lines.push(format!("\n{}", paint(HEADING, &title)));
        for ReportRow { name, says } in rows {
            let words = says.map_or_else(unknown, |words| safe(&words).into_owned());
            lines.push(format!("  {:NAME_WIDTH$}{words}", safe(name)));
        }
    }
    format!("{}\n", lines.join("\n"))
}

fn unknown(why: &TenantError) -> String {
    paint(DOUBT, &format!("unknown: {}", safe(&error_line(why))))
}
