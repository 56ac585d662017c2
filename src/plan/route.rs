//! Finds the documents that a desired setting is written to. Almost every setting has one; the methods that people may use
//! are in the legacy policy, in the authentication methods policy, or in both, depending on the tenant's migration.

use std::collections::BTreeSet;

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::desired::{Desired, DesiredSetting};
use crate::catalog::setting::Setting;
use crate::catalog::{authentication_methods, methods};
use crate::plan::actual::document_value;
use crate::plan::{actual, references};
use crate::policy::codes::FindingCode;
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::facts::Migration;
use crate::tenant::snapshot::Snapshot;

const CONVERGED_OBSERVED: &str = "converged-observed";

/// The findings of routing.
pub(crate) const CODES: &[FindingCode] = &[FindingCode {
    code: CONVERGED_OBSERVED,
    severity: Severity::Warning,
    means: "A method that the policy does not allow is still allowed, because the tenant's authentication methods policy allows \
            it. That policy serves sign-in, too, so nothing is switched off there unasked.",
    fix: "Allow the method, or write `convergedPolicy: manage` if it may be switched off for sign-in as well.",
    example: Some("methods:\n  convergedPolicy: manage\n  allowed: [mobileAppCode, email]"),
}];

/// The value of a setting, or of a part of it, in one document.
pub(crate) struct RouteTarget {
    pub(crate) setting: &'static Setting,
    pub(crate) after: Value,
}

/// A desired setting in every document that it is written to, with a finding about it if there is one.
pub(crate) struct Route {
    pub(crate) targets: Vec<RouteTarget>,
    pub(crate) finding: Option<Finding>,
}

/// Routes a desired setting whose references are resolved.
pub(crate) fn route(
    desired_setting: &DesiredSetting,
    value: Value,
    desired: &Desired,
    snapshot: &Snapshot,
) -> Result<Route, TenantError> {
    let Value::Set(allowed) = value else { return Ok(alone(desired_setting.setting, value)) };
    if desired_setting.setting.name != methods::ALLOWED.name {
        return Ok(alone(desired_setting.setting, Value::Set(allowed)));
    }
    actual::known_methods(&allowed)?;
    let document = actual::converged(snapshot)?;
    let migration = actual::migration(document)?;
    let mut parts = match migration {
        Migration::PreMigration => {
            vec![RouteTarget { setting: desired_setting.setting, after: Value::Set(allowed.clone()) }]
        }
        Migration::InProgress => {
            vec![RouteTarget {
                setting: desired_setting.setting,
                after: still_needed(desired_setting, &allowed, document, snapshot)?,
            }]
        }
        Migration::Complete => {
            vec![RouteTarget { setting: &methods::ALLOWED_AFTER_MIGRATION, after: questions(&allowed) }]
        }
    };
    let mut left_on = BTreeSet::new();
    if migration != Migration::PreMigration {
        let may_add = migration == Migration::Complete;
        for setting in authentication_methods::METHODS {
            let before = actual::words(setting, document)?;
            let extra: BTreeSet<_> = before.difference(&allowed).cloned().collect();
            let mut after = if desired.manages_converged { &before - &extra } else { before };
            if !desired.manages_converged {
                left_on.extend(extra);
            }
            if may_add {
                after.extend(allowed.iter().filter(|word| setting.kind.accepts(&one(word))).cloned());
            }
            parts.push(RouteTarget { setting, after: Value::Set(after) });
        }
        if may_add {
            parts.extend(targets(&allowed, &parts, document, desired, snapshot)?);
        }
    }
    let finding = (!left_on.is_empty()).then(|| observed(desired_setting, &left_on));
    Ok(Route { targets: parts, finding })
}

fn alone(setting: &'static Setting, after: Value) -> Route {
    Route { targets: vec![RouteTarget { setting, after }], finding: None }
}

/// The methods for the legacy policy during a migration, while either policy may allow a method: those that it allows
/// already, and those that the other policy does not allow.
fn still_needed(
    desired_setting: &DesiredSetting,
    allowed: &BTreeSet<String>,
    document: &Document,
    snapshot: &Snapshot,
) -> Result<Value, TenantError> {
    let legacy = actual::words(desired_setting.setting, snapshot.document(desired_setting.setting.surface)?)?;
    let modern = actual::modern(document)?;
    let needed = allowed.iter().filter(|word| legacy.contains(*word) || !modern.contains(*word));
    Ok(Value::Set(needed.cloned().collect()))
}

fn one(word: &str) -> Value {
    Value::Set(BTreeSet::from([word.to_owned()]))
}

fn questions(allowed: &BTreeSet<String>) -> Value {
    Value::Set(
        allowed.iter().filter(|word| methods::ALLOWED_AFTER_MIGRATION.kind.accepts(&one(word))).cloned().collect(),
    )
}

/// The targets to add so that everybody in the scope has the allowed methods.
fn targets(
    allowed: &BTreeSet<String>,
    parts: &[RouteTarget],
    document: &Document,
    desired: &Desired,
    snapshot: &Snapshot,
) -> Result<Option<RouteTarget>, TenantError> {
    let desired_value = |setting: &Setting| {
        desired
            .setting(setting.name)
            .and_then(|desired_setting| references::resolve_references(desired_setting, snapshot).ok())
    };
    let Some(people) =
        actual::scope_target(|setting| desired_value(setting).or_else(|| document_value(setting, snapshot).ok()))
    else {
        return Ok(None);
    };
    let switched =
        parts.iter().fold(document.clone(), |document, part| actual::merged(&document, part.setting, &part.after));
    let mut after = actual::words(&authentication_methods::TARGETS, document)?;
    after.extend(actual::missing_targets(allowed, &switched, &people)?);
    Ok(Some(RouteTarget { setting: &authentication_methods::TARGETS, after: Value::Set(after) }))
}

fn observed(desired_setting: &DesiredSetting, left_on: &BTreeSet<String>) -> Finding {
    let methods = left_on.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    Finding::warning(
        CONVERGED_OBSERVED,
        format!("the authentication methods policy still allows {methods}, and it serves sign-in, too"),
    )
    .at(desired_setting.place.clone(), "does not list it")
    .hint("allow it here, or write `convergedPolicy: manage` to switch it off there for sign-in as well")
}
