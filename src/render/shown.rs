//! The settings of a tenant, page by page.

use crate::base::ids::TenantName;
use crate::base::value::Value;
use crate::catalog;
use crate::catalog::setting::Setting;
use crate::plan::effect::Effect;
use crate::plan::{in_force, live, pin};
use crate::render::evidence::{self, Evidence, Row};
use crate::render::style::{DOUBT, HEADING, MUTED, paint};
use crate::render::text::safe;
use crate::render::trouble::in_short;
use crate::render::value::{self, Names};
use crate::render::{circumstances, effects};
use crate::tenant::circumstances::Circumstances;
use crate::tenant::converged::{self, Configuration};
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::Surface;
use crate::tenant::trouble::Trouble;

/// The column of names, which the longest of them just fits.
const NAME_WIDTH: usize = 40;
/// The column of values; what does not fit moves what follows.
const VALUE_WIDTH: usize = 24;

/// What a tenant has.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The tenant, as it was asked for.
    pub tenant: String,
    /// What was read.
    pub tenant_id: String,
    /// Every setting, in the order of the pages.
    pub settings: Vec<ShownSetting>,
    /// Display names of the groups in it.
    pub names: Names,
    /// What decides about the tenant besides its settings.
    pub circumstances: Circumstances,
    /// Configurations of the authentication methods policy that no setting reads or writes.
    pub beside: Vec<Configuration>,
    /// What its reports say.
    pub evidence: Evidence,
}

/// One setting with what the tenant has, or why that is unknown.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownSetting {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value.
    pub value: Result<Value, Trouble>,
    /// What it comes to; `None` when it is unknown.
    pub effect: Option<Effect>,
}

/// Decodes everything that was read.
#[must_use]
pub fn shown(tenant: &TenantName, snapshot: &Snapshot, evidence: Evidence) -> Shown {
    let mut effects = in_force::now(snapshot);
    let settings = catalog::ALL.iter().map(|setting| {
        let effect = effects.iter().position(|effect| effect.setting == *setting).map(|at| effects.swap_remove(at));
        ShownSetting { setting, value: live::acting(setting, snapshot), effect }
    });
    let settings = settings.collect();
    Shown {
        tenant: tenant.to_string(),
        tenant_id: snapshot.tenant.to_string(),
        settings,
        names: pin::names(snapshot),
        circumstances: snapshot.circumstances.clone(),
        beside: beside(snapshot),
        evidence,
    }
}

fn beside(snapshot: &Snapshot) -> Vec<Configuration> {
    let all = snapshot.document(Surface::AuthenticationMethods).map(converged::configurations).unwrap_or_default();
    all.into_iter().filter(|one| !catalog::converged::is_managed(&one.id)).collect()
}

/// For a person at a terminal.
#[must_use]
pub fn terminal(shown: &Shown) -> String {
    let mut lines = vec![format!("{}  {}", paint(HEADING, &safe(&shown.tenant)), paint(MUTED, &shown.tenant_id))];
    let mut page = None;
    for ShownSetting { setting, value, effect } in &shown.settings {
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
    let circumstances = (circumstances::TITLE.to_owned(), circumstances::rows(&shown.circumstances, &shown.beside));
    for (title, rows) in [circumstances].into_iter().chain(evidence::reports(&shown.evidence)) {
        lines.push(format!("\n{}", paint(HEADING, &title)));
        for Row { name, says } in rows {
            let words = says.map_or_else(unknown, |words| safe(&words).into_owned());
            lines.push(format!("  {:NAME_WIDTH$}{words}", safe(name)));
        }
    }
    format!("{}\n", lines.join("\n"))
}

fn unknown(why: &Trouble) -> String {
    paint(DOUBT, &format!("unknown: {}", safe(&in_short(why))))
}
