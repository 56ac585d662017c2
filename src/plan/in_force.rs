//! What acts in a tenant, setting by setting, now and with a plan carried out.
//!
//! Facts: concept-sspr-howitworks (methods, registration, writeback), concept-sspr-licensing (licences), concept-sspr-policy
//! (administrators), how-to-authentication-methods-manage (migration).

use crate::base::value::Value;
use crate::catalog::setting::{Page, Setting};
use crate::catalog::{self, allowed_from, methods, notifications, registration, scope, windows_sign_in};
use crate::plan::change::Change;
use crate::plan::effect::{Effect, Idle, Origin};
use crate::plan::{effective, live};
use crate::tenant::circumstances::{Circumstances, Migration};
use crate::tenant::document::Document;
use crate::tenant::snapshot::Snapshot;
use crate::tenant::surface::{Manner, Surface};

/// What acts in a tenant as it was read, for every setting that is known.
#[must_use]
pub fn now(snapshot: &Snapshot) -> Vec<Effect> {
    effects(|setting| live::acting(setting, snapshot).ok(), &snapshot.circumstances)
}

/// What acts once `changes` are made.
pub(crate) fn after(snapshot: &Snapshot, changes: &[Change]) -> Vec<Effect> {
    let moved = with(snapshot, changes);
    let value = |setting: &'static Setting| {
        let change = changes.iter().find(|change| change.setting.name == setting.name);
        match change {
            Some(change) if setting.name != methods::ALLOWED.name => Some(change.after.clone()),
            Some(_) | None => live::acting(setting, &moved).ok(),
        }
    };
    effects(value, &snapshot.circumstances)
}

fn effects(value: impl Fn(&'static Setting) -> Option<Value>, circumstances: &Circumstances) -> Vec<Effect> {
    let named = |name: &str| catalog::find(name).and_then(&value);
    let effect = |setting: &&'static Setting| {
        let value = value(setting)?;
        let idle = if inert(&value) { None } else { idle(setting, named, circumstances) };
        Some(Effect { setting, value, origin: origin(setting, circumstances), idle })
    };
    catalog::ALL.iter().filter_map(effect).collect()
}

/// "Off" and "none" say that something does nothing; that they do nothing themselves need not be told.
fn inert(value: &Value) -> bool {
    match value {
        Value::Nothing | Value::Switch(false) => true,
        Value::Groups(groups) => groups.is_empty(),
        Value::Text(word) => word == allowed_from::DISABLED,
        Value::Words(words) => words.contains(allowed_from::ANYWHERE),
        _ => false,
    }
}

/// Who decides which methods people may use.
#[must_use]
pub fn methods_origin(migration: Option<Migration>) -> Origin {
    match migration {
        Some(Migration::Complete) => Origin::Converged,
        Some(Migration::InProgress) => Origin::Either,
        Some(Migration::Before) | None => Origin::Legacy,
    }
}

fn origin(setting: &Setting, circumstances: &Circumstances) -> Origin {
    match setting.surface {
        Surface::AuthorizationPolicy => Origin::Administrators,
        Surface::OnPremisesPasswordReset => Origin::OnPremises,
        Surface::ConditionalAccess => Origin::ConditionalAccess,
        Surface::DeviceConfiguration => Origin::Intune,
        Surface::PasswordReset | Surface::AuthenticationMethods if setting.name == methods::ALLOWED.name => {
            methods_origin(circumstances.migration)
        }
        Surface::PasswordReset | Surface::AuthenticationMethods => Origin::Legacy,
    }
}

/// Why a setting does nothing: the most general reason first.
fn idle(setting: &Setting, value: impl Fn(&str) -> Option<Value>, circumstances: &Circumstances) -> Option<Idle> {
    let off = |name| value(name) == Some(Value::Switch(false));
    let licence = circumstances.licence;
    let hybrid = circumstances.hybrid;
    let reasons = match setting.page {
        Page::OnPremisesIntegration => [
            licence.is_some_and(|licence| !licence.writeback).then_some(Idle::NoWritebackLicence),
            hybrid.is_some_and(|hybrid| !hybrid.synchronised).then_some(Idle::NotSynchronised),
            (setting.needs.iter().any(|needed| off(needed))).then_some(Idle::NoWriteback),
            hybrid.is_some_and(|hybrid| hybrid.writeback_up == Some(false)).then_some(Idle::NoClient),
        ],
        Page::Notifications if setting.name == notifications::ADMINISTRATORS.name => {
            [off(scope::ADMINISTRATORS.name).then_some(Idle::NoAdministrators), None, None, None]
        }
        Page::DeviceConfiguration => {
            let nobody = value(windows_sign_in::GROUP.name) == Some(Value::Nothing);
            [
                off(windows_sign_in::RESET_LINK.name).then_some(Idle::LinkOff),
                nobody.then_some(Idle::NotAssigned),
                None,
                None,
            ]
        }
        Page::ConditionalAccess => {
            let is = |word: &str| value(allowed_from::STATE.name) == Some(Value::Text(word.to_owned()));
            [
                is(allowed_from::DISABLED).then_some(Idle::PolicyOff),
                is(allowed_from::REPORT_ONLY).then_some(Idle::OnlyReported),
                None,
                None,
            ]
        }
        // Administrators reset by their own policy, and whoever cannot reset still finds the way to help.
        Page::Administrators | Page::Notifications | Page::Customization => [None; 4],
        Page::Properties | Page::AuthenticationMethods | Page::Registration => {
            let nobody = value(scope::USERS.name) == Some(Value::Text("none".to_owned()));
            [
                licence.is_some_and(|licence| !licence.reset).then_some(Idle::NoLicence),
                (nobody && setting.page != Page::Properties).then_some(Idle::Nobody),
                (setting.name.starts_with(QUESTIONS) && lacks_questions(value(methods::ALLOWED.name)))
                    .then_some(Idle::NoQuestions),
                (setting.name == registration::RECONFIRM_AFTER_DAYS.name
                    && off(registration::REQUIRED_AT_SIGN_IN.name))
                .then_some(Idle::NotAsked),
            ]
        }
    };
    reasons.into_iter().flatten().next()
}

/// The section of the settings about security questions.
const QUESTIONS: &str = "securityQuestions.";

fn lacks_questions(methods: Option<Value>) -> bool {
    matches!(methods, Some(Value::Words(words)) if !words.contains("securityQuestions"))
}

/// The snapshot as it would read with the methods changed: both documents that allow them.
fn with(snapshot: &Snapshot, changes: &[Change]) -> Snapshot {
    let mut snapshot = snapshot.clone();
    for change in changes.iter().filter(|change| change.setting.name == methods::ALLOWED.name) {
        if let Some(Ok(document)) = snapshot.documents.get_mut(&change.setting.surface) {
            *document = written(document, change);
        }
    }
    snapshot
}

fn written(document: &Document, change: &Change) -> Document {
    let Change { setting, before: _, after, place: _ } = change;
    match setting.surface.manner() {
        Manner::Entries => effective::merged(document, setting, after),
        Manner::Whole | Manner::OneKey | Manner::Merge | Manner::Object => {
            document.patched(&(setting.encode)(after, document))
        }
    }
}
