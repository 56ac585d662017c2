//! The document of `show`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::base::exit::Exit;
use crate::policy::schema;
use crate::render::json::evidence::{self, RegistrationJson, ScoreJson};
use crate::render::json::text::{FORMAT_VERSION, text};
use crate::render::json::trouble::{TroubleJson, trouble};
use crate::render::json::value::{ValueJson, value};
use crate::render::shown::{Shown, ShownSetting};
use crate::render::value::Names;

/// The result of `ssprctl show --format json`: every setting of one tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl show")]
struct ShowDocument {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// The command that made the document.
    #[schemars(extend("const" = "show"))]
    command: String,
    /// What the process ends with.
    exit_code: u8,
    /// The tenant, as it was asked for.
    tenant: String,
    /// The tenant's id.
    #[schemars(extend("format" = "uuid"))]
    tenant_id: String,
    /// Every setting, in the order of the portal's pages.
    settings: Vec<SettingJson>,
    /// Who registered for password reset; absent when that was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration: Option<RegistrationJson>,
    /// What the Secure Score says about password reset.
    secure_score: ScoreJson,
}

/// One setting, with what the tenant has, or why that is unknown.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Setting")]
struct SettingJson {
    /// The setting, as in `methods.required`.
    setting: String,
    /// The portal page that shows it.
    page: String,
    /// What the portal calls it.
    portal: String,
    /// The document that holds it, as in `passwordReset`.
    surface: String,
    /// The keys of that document.
    keys: Vec<String>,
    /// What the tenant has; absent when that is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<ValueJson>,
    /// Why the value is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<TroubleJson>,
}

/// The document of `show`.
#[must_use]
pub fn show(shown: &Shown, exit: Exit) -> String {
    let Shown { tenant, tenant_id, settings, names, evidence } = shown;
    text(&ShowDocument {
        format_version: FORMAT_VERSION,
        command: "show".to_owned(),
        exit_code: exit.code(),
        tenant: tenant.clone(),
        tenant_id: tenant_id.clone(),
        settings: settings.iter().map(|one| setting(one, names)).collect(),
        registration: evidence::registration(evidence),
        secure_score: evidence::score(evidence),
    })
}

/// The JSON Schema of [`show`](fn@show)'s document.
#[must_use]
pub fn show_schema() -> Value {
    schema::of::<ShowDocument>()
}

fn setting(shown: &ShownSetting, names: &Names) -> SettingJson {
    let ShownSetting { setting, value: found } = shown;
    SettingJson {
        setting: setting.name.to_owned(),
        page: setting.page.title().to_owned(),
        portal: setting.portal.to_owned(),
        surface: setting.surface.name().to_owned(),
        keys: setting.keys.iter().map(|key| (*key).to_owned()).collect(),
        value: found.as_ref().ok().map(|found| value(found, names)),
        error: found.as_ref().err().map(trouble),
    }
}
