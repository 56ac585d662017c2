//! The document of `show`.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::engine::tenant_report::{SettingReport, TenantReport};
use crate::plan::effects;
use crate::render::json::coming_date::{ComingDateJson, coming_date};
use crate::render::json::effect::{DeciderJson, EffectiveSettingJson, UnreadJson, decider_json, effect, unread};
use crate::render::json::error::{ErrorJson, error};
use crate::render::json::head::{DocumentHead, RunEnd, document_schema};
use crate::render::json::reports;
use crate::render::json::reports::{RegistrationJson, ScoreJson, SynchronisedJson};
use crate::render::json::text::ended_text;
use crate::render::json::value::{ValueJson, value};
use crate::render::text::facts;
use crate::render::text::value::GroupNames;
use crate::tenant::authentication_methods::MethodConfiguration;
use crate::tenant::facts::TenantFacts;

/// The result of `ssprctl show --format json`: every setting of one tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl show")]
struct ShowDocument {
    /// The fields with which every document begins.
    #[serde(flatten)]
    head: DocumentHead,
    /// The tenant, as given in `--tenant`.
    tenant: String,
    /// The id of the Entra tenant.
    #[schemars(extend("format" = "uuid"))]
    tenant_id: String,
    /// When reading it began (RFC 3339, UTC); absent in results of older versions.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    #[schemars(extend("format" = "date-time"))]
    read_at: String,
    /// Every setting, in the order of the portal's pages.
    settings: Vec<SettingJson>,
    /// Facts of the tenant that decide with its settings what acts.
    circumstances: CircumstancesJson,
    /// The dates of the service that lie ahead of the tenant, by day.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    dates: Vec<ComingDateJson>,
    /// Who registered for password reset; absent when the report was not requested.
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
    error: Option<ErrorJson>,
    /// The effect of the setting; absent when it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<EffectiveSettingJson>,
}

/// Facts of a tenant that decide with its settings what acts. What is absent is unknown.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Circumstances")]
struct CircumstancesJson {
    /// What is known of them, in words; absent in results of older versions.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    says: Vec<String>,
    /// Who decides which methods people may use.
    #[serde(skip_serializing_if = "Option::is_none")]
    methods_decided_by: Option<DeciderJson>,
    /// Whether a licence permits a reset in the cloud.
    #[serde(skip_serializing_if = "Option::is_none")]
    reset_licensed: Option<bool>,
    /// Whether a licence permits writing back.
    #[serde(skip_serializing_if = "Option::is_none")]
    writeback_licensed: Option<bool>,
    /// Whether the directory is synchronised from on premises.
    #[serde(skip_serializing_if = "Option::is_none")]
    synchronised: Option<bool>,
    /// Whether a writeback client is connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    writeback_client_connected: Option<bool>,
    /// The people in scope whose password is on premises; absent if they were not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    synchronised_people: Option<SynchronisedJson>,
    /// Methods of the authentication methods policy that no policy writes: they are for signing in alone, or of a type
    /// that was not known.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    other_methods: Vec<OtherMethodJson>,
    /// What could not be read.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    unread: Vec<UnreadJson>,
}

/// A method that no policy writes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OtherMethod")]
struct OtherMethodJson {
    /// The id of its configuration.
    id: String,
    /// What people see where the id is no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Whether it is on; absent for a state that was not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<bool>,
}

/// The document of `show`.
#[must_use]
pub fn show(shown: &TenantReport, end: RunEnd) -> String {
    let TenantReport { tenant, tenant_id, taken, settings, names, facts, other_methods, dates, provider: _, reports } =
        shown;
    ended_text(
        &ShowDocument {
            head: DocumentHead::new("show", end),
            tenant: tenant.clone(),
            tenant_id: tenant_id.clone(),
            read_at: taken.to_string(),
            settings: settings.iter().map(|one| setting(one, names)).collect(),
            circumstances: circumstances_json(facts, other_methods),
            dates: dates.iter().map(coming_date).collect(),
            registration: reports::registration(reports),
            secure_score: reports::score(reports),
        },
        end,
    )
}

/// The JSON Schema of [`show`](fn@show)'s document.
#[must_use]
pub(crate) fn show_schema() -> Value {
    document_schema::<ShowDocument>("show")
}

fn setting(shown: &SettingReport, names: &GroupNames) -> SettingJson {
    let SettingReport { setting, value: found, effect: acts } = shown;
    SettingJson {
        setting: setting.name.to_owned(),
        page: setting.page.title().to_owned(),
        portal: setting.portal.to_owned(),
        surface: setting.surface.name().to_owned(),
        keys: setting.keys.iter().map(|key| (*key).to_owned()).collect(),
        value: found.as_ref().ok().map(|found| value(found, names)),
        error: found.as_ref().err().map(error),
        effect: acts.as_ref().map(|acts| effect(acts, names)),
    }
}

fn circumstances_json(known: &TenantFacts, other_methods: &[MethodConfiguration]) -> CircumstancesJson {
    let TenantFacts {
        migration,
        licence,
        hybrid,
        administrators_among: _,
        custom_domain: _,
        synchronised_people,
        sms_sign_in: _,
        frozen_groups: _,
        unread: not_read,
    } = known;
    let known = facts::rows(known, other_methods).into_iter();
    CircumstancesJson {
        says: known.filter_map(|row| Some(format!("{}: {}", row.name, row.says.ok()?))).collect(),
        methods_decided_by: migration.map(|migration| decider_json(effects::methods_decider(Some(migration)))),
        reset_licensed: licence.and_then(|licence| licence.reset.known()),
        writeback_licensed: licence.map(|licence| licence.writeback),
        synchronised: hybrid.map(|hybrid| hybrid.synchronised),
        writeback_client_connected: hybrid.and_then(|hybrid| hybrid.writeback_up),
        synchronised_people: synchronised_people.map(SynchronisedJson::from),
        other_methods: other_methods.iter().map(other_method).collect(),
        unread: unread(not_read),
    }
}

fn other_method(MethodConfiguration { id, name, on }: &MethodConfiguration) -> OtherMethodJson {
    OtherMethodJson { id: id.clone(), name: name.clone(), on: *on }
}
