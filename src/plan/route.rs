//! Finds the documents that a desired setting is written to. Almost every setting has one; the methods that people may use
//! are in the legacy policy, in the authentication methods policy, or in both, depending on the tenant's migration.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::base::finding::{Finding, Severity};
use crate::base::value::Value;
use crate::catalog::desired::{Desired, DesiredSetting};
use crate::catalog::setting::Setting;
use crate::catalog::{authentication_methods, methods};
use crate::plan::actual::document_value;
use crate::plan::{actual, references};
use crate::policy::codes::FindingCode;
use crate::policy::document::{ConvergedPolicy, Method};
use crate::tenant::authentication_methods as tenant_methods;
use crate::tenant::document::Document;
use crate::tenant::error::TenantError;
use crate::tenant::facts::Migration;
use crate::tenant::snapshot::Snapshot;

const CONVERGED_OBSERVED: &str = "converged-observed";
const CONVERGED_MISSING: &str = "converged-missing";
const CONVERGED_PARTIAL: &str = "converged-partial";
const CONVERGED_SIGN_IN: &str = "converged-sign-in";

/// The findings of routing.
pub(crate) const CODES: &[FindingCode] = &[
    FindingCode {
        code: CONVERGED_OBSERVED,
        severity: Severity::Warning,
        means: "A method that the policy does not allow is still allowed, because the tenant's authentication methods policy allows \
                it. That policy serves sign-in, too, so nothing is switched off there unasked.",
        fix: "Allow the method, or write `convergedPolicy: manage` if it may be switched off for sign-in as well.",
        example: Some("methods:\n  convergedPolicy: observe\n  allowed: [mobileAppCode, email]"),
    },
    FindingCode {
        code: CONVERGED_MISSING,
        severity: Severity::Error,
        means: "The policy allows a method, and the tenant's authentication methods policy, which decides, does not. That policy \
                serves sign-in, too, so nothing is switched on there unasked.",
        fix: "Write `convergedPolicy: extend` if the method may be switched on for sign-in as well, or remove it.",
        example: Some("methods:\n  convergedPolicy: observe\n  allowed: [mobileAppCode, email]"),
    },
    FindingCode {
        code: CONVERGED_PARTIAL,
        severity: Severity::Warning,
        means: "The authentication methods policy allows a method for some people only, and not for everybody in scope.",
        fix: "Write `convergedPolicy: extend` if everybody in scope may be added as a target, for sign-in as well.",
        example: Some("methods:\n  convergedPolicy: observe\n  allowed: [mobileAppCode, email]"),
    },
    FindingCode {
        code: CONVERGED_SIGN_IN,
        severity: Severity::Warning,
        means: "A plan changes the authentication methods policy, which serves sign-in, too: whoever gets a method for password \
                reset there also gets it for sign-in, and loses it likewise.",
        fix: "If that is not intended, write `convergedPolicy: observe` and change that policy separately.",
        example: None,
    },
];

/// The value of a setting, or of a part of it, in one document.
pub(crate) struct RouteTarget {
    pub(crate) setting: &'static Setting,
    pub(crate) after: Value,
}

/// A desired setting in every document that it is written to, with the findings about it.
pub(crate) struct Route {
    pub(crate) targets: Vec<RouteTarget>,
    pub(crate) findings: Vec<Finding>,
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
    if migration == Migration::PreMigration {
        return Ok(Route { targets: parts, findings: Vec::new() });
    }
    let converged = converged_parts(desired, &allowed, document, snapshot, migration)?;
    let findings = converged.findings(desired_setting, document)?;
    parts.extend(converged.parts);
    Ok(Route { targets: parts, findings })
}

/// The parts of the setting in the authentication methods policy, and what is not written there.
#[derive(Default)]
struct ConvergedParts {
    parts: Vec<RouteTarget>,
    /// Methods that are allowed there and not by the policy.
    left_on: BTreeSet<String>,
    /// Methods that the policy allows, and that are not allowed there, where it decides alone.
    missing: BTreeSet<String>,
    /// Targets without which some people in scope do not have an allowed method, as the words of the setting of targets.
    missing_targets: BTreeSet<String>,
}

fn converged_parts(
    desired: &Desired,
    allowed: &BTreeSet<String>,
    document: &Document,
    snapshot: &Snapshot,
    migration: Migration,
) -> Result<ConvergedParts, TenantError> {
    let may = desired.converged_policy;
    let decides = migration == Migration::Complete;
    let mut converged = ConvergedParts::default();
    for setting in authentication_methods::METHODS {
        let before = actual::words(setting, document)?;
        let reached = actual::words(setting, &actual::reaching(document))?;
        let extra: BTreeSet<_> = before.difference(allowed).cloned().collect();
        // While the tenant migrates the legacy policy gives what is lacking here.
        let own = allowed.iter().filter(|word| decides && setting.kind.accepts(&one(word)));
        let mut after = before;
        match may {
            ConvergedPolicy::Manage => {
                after.retain(|word| !extra.contains(word));
                after.extend(own.cloned());
            }
            ConvergedPolicy::Extend => {
                converged.left_on.extend(extra);
                after.extend(own.cloned());
            }
            ConvergedPolicy::Observe => {
                converged.left_on.extend(extra);
                // A configuration that is on for nobody gives nobody the method.
                converged.missing.extend(own.filter(|word| !reached.contains(*word)).cloned());
            }
        }
        converged.parts.push(RouteTarget { setting, after: Value::Set(after) });
    }
    if decides {
        let added = targets(allowed, &converged.parts, document, desired, snapshot)?;
        match may {
            ConvergedPolicy::Manage | ConvergedPolicy::Extend => converged.parts.extend(added),
            ConvergedPolicy::Observe => {
                let before = actual::words(&authentication_methods::TARGETS, document)?;
                let all = added.and_then(|added| if let Value::Set(words) = added.after { Some(words) } else { None });
                converged.missing_targets = all.unwrap_or_default().difference(&before).cloned().collect();
            }
        }
    }
    Ok(converged)
}

impl ConvergedParts {
    fn findings(&self, desired_setting: &DesiredSetting, document: &Document) -> Result<Vec<Finding>, TenantError> {
        let place = |word: Option<&String>| {
            word.map_or(&desired_setting.place, |word| desired_setting.place_of_item(word)).clone()
        };
        let mut findings = Vec::new();
        if !self.left_on.is_empty() {
            findings.push(observed(desired_setting, &self.left_on));
        }
        if !self.missing.is_empty() {
            let message = format!(
                "the authentication methods policy decides in this tenant, and does not allow {}: nobody could use it",
                list(&self.missing)
            );
            findings.push(
                Finding::error(CONVERGED_MISSING, message)
                    .at(place(self.missing.first()), "not allowed there")
                    .hint("write `convergedPolicy: extend` to switch it on there, for sign-in as well, or remove it"),
            );
        }
        if !self.missing_targets.is_empty() {
            let message = format!(
                "the authentication methods policy does not allow every method for everybody in scope; missing targets: {}",
                list(&self.missing_targets)
            );
            findings.push(
                Finding::warning(CONVERGED_PARTIAL, message)
                    .at(place(None), "for some people only")
                    .hint("write `convergedPolicy: extend` to add them there, for sign-in as well"),
            );
        }
        findings.extend(self.sign_in(document)?.map(|message| {
            Finding::warning(CONVERGED_SIGN_IN, message)
                .at(place(None), "changes sign-in, too")
                .hint("if that is not intended, write `convergedPolicy: observe`")
        }));
        Ok(findings)
    }

    /// What the parts change for sign-in; `None` if they change nothing.
    fn sign_in(&self, document: &Document) -> Result<Option<String>, TenantError> {
        let (mut on, mut off, mut added) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for RouteTarget { setting, after } in &self.parts {
            let (before, Value::Set(after)) = (actual::words(setting, document)?, after) else { continue };
            let is_target = std::ptr::eq(*setting, &authentication_methods::TARGETS);
            if is_target { &mut added } else { &mut on }.extend(after.difference(&before).cloned());
            off.extend(before.difference(after).cloned());
        }
        let usable = signs_in_by_text(document);
        let by_text = on.contains(Method::MobilePhone.word()) && usable;
        // Targets that are added may not sign in with a text, and those that are there keep what they have.
        let as_before = !by_text && usable && added.iter().any(|target| target.starts_with(methods::SMS));
        let says = [
            (!on.is_empty(), format!("will also allow {}", list(&on))),
            (!off.is_empty(), format!("will no longer allow {}", list(&off))),
            (!added.is_empty(), format!("will have the new targets {}", list(&added))),
            (by_text, "will let its targets sign in with a text message alone".to_owned()),
            (as_before, "lets other targets sign in with a text message alone, as before".to_owned()),
        ];
        let says: Vec<_> = says.into_iter().filter(|(holds, _)| *holds).map(|(_, says)| says).collect();
        let policy = "the authentication methods policy, which serves sign-in, too,";
        Ok((!says.is_empty()).then(|| format!("{policy} {}", says.join(", and "))))
    }
}

/// Whether a target of text messages may sign in with one.
fn signs_in_by_text(document: &Document) -> bool {
    let entry = tenant_methods::entry(document, methods::SMS);
    let targets = entry.and_then(|entry| entry.get::<Vec<Map<String, Json>>>("includeTargets", "a list").ok());
    targets.into_iter().flatten().any(|target| target.get("isUsableForSignIn") == Some(&Json::Bool(true)))
}

fn list(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn alone(setting: &'static Setting, after: Value) -> Route {
    Route { targets: vec![RouteTarget { setting, after }], findings: Vec::new() }
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
    let modern = actual::modern(&actual::reaching(document))?;
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
    let methods = list(left_on);
    Finding::warning(
        CONVERGED_OBSERVED,
        format!("the authentication methods policy still allows {methods}, and it serves sign-in, too"),
    )
    .at(desired_setting.place.clone(), "does not list it")
    .hint("allow it here, or write `convergedPolicy: manage` to switch it off there for sign-in as well")
}
