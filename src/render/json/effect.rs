//! What acts in a tenant, and what could not be learnt about it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::no_effect::NoEffectReason;
use crate::plan::effective::EffectiveSetting;
use crate::render::json::error::{ErrorJson, error};
use crate::render::json::value::{ValueJson, value};
use crate::render::text::effects;
use crate::render::text::value::GroupNames;
use crate::tenant::facts::UnreadFact;
use crate::tenant::surface::Decider;

/// The effect of one setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Effect")]
pub(crate) struct EffectiveSettingJson {
    /// The setting, as in `methods.required`.
    setting: String,
    /// The value that acts, unless `noEffect` says that it does nothing.
    value: ValueJson,
    /// The policy or service that decides the setting.
    decided_by: DeciderJson,
    /// Why it does nothing; absent where it does something.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_effect: Option<NoEffectJson>,
    /// The least number of methods that administrators need, where that is or may be one; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    administrators_need_least: Option<u32>,
    /// The most that they may need, where the least is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    administrators_need_most: Option<u32>,
}

/// Who decides a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Decider")]
pub(crate) enum DeciderJson {
    /// The password reset policy of the portal, also called the legacy policy.
    PasswordResetPolicy,
    /// The authentication methods policy, also called the converged policy.
    AuthenticationMethodsPolicy,
    /// Both of them, while the tenant migrates.
    EitherPolicy,
    /// Microsoft's fixed policy for administrators.
    AdministratorsPolicy,
    /// The on-premises integration and the client that writes back.
    OnPremises,
    /// A Conditional Access policy.
    ConditionalAccess,
    /// A device configuration of Microsoft Intune.
    Intune,
}

/// Why a setting does nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "NoEffect")]
struct NoEffectJson {
    /// The reason, as one fixed word.
    code: NoEffectCode,
    /// The reason in words.
    reason: String,
}

/// The reasons why a setting does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "NoEffectCode")]
enum NoEffectCode {
    /// No subscription permits a reset in the cloud.
    NoLicence,
    /// Nobody is in the scope.
    NobodyInScope,
    /// Security questions are not among the methods.
    QuestionsNotAllowed,
    /// People are not asked to register at sign-in.
    NotAskedAtSignIn,
    /// Administrators may not reset.
    AdministratorsMayNot,
    /// No subscription permits writing back.
    NoWritebackLicence,
    /// There is no directory on premises.
    NotSynchronised,
    /// No writeback client is connected.
    NoWritebackClient,
    /// Passwords are not written back.
    WritebackOff,
    /// The Conditional Access policy is off.
    AccessPolicyOff,
    /// The Conditional Access policy only reports.
    AccessOnlyReported,
    /// The reset link of the Windows sign-in screen is off.
    ResetLinkOff,
    /// The Intune configuration is assigned to nobody.
    NotAssigned,
}

/// Something that was requested and could not be read. No managed setting depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Unread")]
pub(crate) struct UnreadJson {
    /// What it is, in words.
    what: String,
    /// Why it could not be read.
    error: ErrorJson,
}

pub(crate) fn effect(effect: &EffectiveSetting, names: &GroupNames) -> EffectiveSettingJson {
    let EffectiveSetting { setting, value: acting, decider, no_effect, needed_by_administrators } = effect;
    let (least, most) = needed_by_administrators.unzip();
    EffectiveSettingJson {
        setting: setting.name.to_owned(),
        value: value(acting, names),
        decided_by: decider_json(*decider),
        no_effect: no_effect.map(no_effect_json),
        administrators_need_least: least,
        administrators_need_most: most,
    }
}

pub(crate) fn decider_json(origin: Decider) -> DeciderJson {
    match origin {
        Decider::Legacy => DeciderJson::PasswordResetPolicy,
        Decider::Converged => DeciderJson::AuthenticationMethodsPolicy,
        Decider::Either => DeciderJson::EitherPolicy,
        Decider::Administrators => DeciderJson::AdministratorsPolicy,
        Decider::OnPremises => DeciderJson::OnPremises,
        Decider::ConditionalAccess => DeciderJson::ConditionalAccess,
        Decider::Intune => DeciderJson::Intune,
    }
}

fn no_effect_json(idle: NoEffectReason) -> NoEffectJson {
    let code = match idle {
        NoEffectReason::NoLicence => NoEffectCode::NoLicence,
        NoEffectReason::NobodyInScope => NoEffectCode::NobodyInScope,
        NoEffectReason::NoQuestions => NoEffectCode::QuestionsNotAllowed,
        NoEffectReason::RegistrationNotRequired => NoEffectCode::NotAskedAtSignIn,
        NoEffectReason::NoAdministrators => NoEffectCode::AdministratorsMayNot,
        NoEffectReason::NoWritebackLicence => NoEffectCode::NoWritebackLicence,
        NoEffectReason::NotSynchronised => NoEffectCode::NotSynchronised,
        NoEffectReason::NoClient => NoEffectCode::NoWritebackClient,
        NoEffectReason::NoWriteback => NoEffectCode::WritebackOff,
        NoEffectReason::PolicyOff => NoEffectCode::AccessPolicyOff,
        NoEffectReason::ReportOnly => NoEffectCode::AccessOnlyReported,
        NoEffectReason::LinkOff => NoEffectCode::ResetLinkOff,
        NoEffectReason::NotAssigned => NoEffectCode::NotAssigned,
    };
    NoEffectJson { code, reason: effects::reason(idle).to_owned() }
}

pub(crate) fn unread(unread: &[UnreadFact]) -> Vec<UnreadJson> {
    let rows = unread.iter().map(|UnreadFact { what, why }| UnreadJson { what: (*what).to_owned(), error: error(why) });
    rows.collect()
}
