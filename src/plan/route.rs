//! Where a wish acts. Almost every setting has one place; the methods people may use are kept in the legacy policy, in the
//! authentication methods policy, or in both, as the tenant's migration says.

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

/// What routing has to tell.
pub const CODES: &[FindingCode] = &[FindingCode {
    code: CONVERGED_OBSERVED,
    severity: Severity::Warning,
    means: "A method that the policy does not allow stays allowed, because the tenant's authentication methods policy allows \
            it. That policy serves sign-in, too, so nothing is switched off there unasked.",
    fix: "Allow the method, or write `convergedPolicy: manage` if it may be switched off for sign-in as well.",
    example: Some("methods:\n  convergedPolicy: manage\n  allowed: [mobileAppCode, email]"),
}];

/// A wish at one place.
pub(crate) struct RouteTarget {
    pub(crate) setting: &'static Setting,
    pub(crate) after: Value,
}

/// A wish at every place where it acts, and what has to be told about it.
pub(crate) struct Route {
    pub(crate) targets: Vec<RouteTarget>,
    pub(crate) finding: Option<Finding>,
}

/// Routes a wish whose value is pinned.
pub(crate) fn route(
    wish: &DesiredSetting,
    value: Value,
    desired: &Desired,
    snapshot: &Snapshot,
) -> Result<Route, TenantError> {
    let Value::Set(allowed) = value else { return Ok(alone(wish.setting, value)) };
    if wish.setting.name != methods::ALLOWED.name {
        return Ok(alone(wish.setting, Value::Set(allowed)));
    }
    actual::known_methods(&allowed)?;
    let document = actual::converged(snapshot)?;
    let migration = actual::migration(document)?;
    let mut parts = match migration {
        Migration::PreMigration => vec![RouteTarget { setting: wish.setting, after: Value::Set(allowed.clone()) }],
        Migration::InProgress => {
            vec![RouteTarget { setting: wish.setting, after: still_needed(wish, &allowed, document, snapshot)? }]
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
    let told = (!left_on.is_empty()).then(|| observed(wish, &left_on));
    Ok(Route { targets: parts, finding: told })
}

fn alone(setting: &'static Setting, after: Value) -> Route {
    Route { targets: vec![RouteTarget { setting, after }], finding: None }
}

/// While either policy may allow a method, the legacy one keeps what it has of the wish and adds only what the other lacks.
fn still_needed(
    wish: &DesiredSetting,
    allowed: &BTreeSet<String>,
    document: &Document,
    snapshot: &Snapshot,
) -> Result<Value, TenantError> {
    let legacy = actual::words(wish.setting, snapshot.document(wish.setting.surface)?)?;
    let modern = actual::modern(document)?;
    let kept = allowed.iter().filter(|word| legacy.contains(*word) || !modern.contains(*word));
    Ok(Value::Set(kept.cloned().collect()))
}

fn one(word: &str) -> Value {
    Value::Set(BTreeSet::from([word.to_owned()]))
}

fn questions(allowed: &BTreeSet<String>) -> Value {
    Value::Set(
        allowed.iter().filter(|word| methods::ALLOWED_AFTER_MIGRATION.kind.accepts(&one(word))).cloned().collect(),
    )
}

/// The targets that are missing so that the allowed methods are there for everybody in the scope.
fn targets(
    allowed: &BTreeSet<String>,
    parts: &[RouteTarget],
    document: &Document,
    desired: &Desired,
    snapshot: &Snapshot,
) -> Result<Option<RouteTarget>, TenantError> {
    let wished = |setting: &Setting| {
        desired.setting(setting.name).and_then(|wish| references::resolve_references(wish, snapshot).ok())
    };
    let Some(people) =
        actual::scope_target(|setting| wished(setting).or_else(|| document_value(setting, snapshot).ok()))
    else {
        return Ok(None);
    };
    let switched =
        parts.iter().fold(document.clone(), |document, part| actual::merged(&document, part.setting, &part.after));
    let mut after = actual::words(&authentication_methods::TARGETS, document)?;
    after.extend(actual::missing_targets(allowed, &switched, &people)?);
    Ok(Some(RouteTarget { setting: &authentication_methods::TARGETS, after: Value::Set(after) }))
}

fn observed(wish: &DesiredSetting, left_on: &BTreeSet<String>) -> Finding {
    let methods = left_on.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    Finding::warning(
        CONVERGED_OBSERVED,
        format!("the authentication methods policy still allows {methods}, and it serves sign-in, too"),
    )
    .at(wish.place.clone(), "does not list it")
    .hint("allow it here, or write `convergedPolicy: manage` to switch it off there for sign-in as well")
}
