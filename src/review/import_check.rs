//! Checks a policy that was made from a tenant and not read from a file.

use std::sync::Arc;

use crate::base::finding::Severity;
use crate::base::source::Source;
use crate::catalog::desired::Desired;
use crate::plan::import::PolicyDraft;
use crate::policy::document::PolicyFile;
use crate::policy::{Policy, schema};
use crate::review::rule_context::RuleContext;
use crate::review::rules;

/// The first setting of a draft that is not valid, with the reason: a policy cannot have its value, or a rule
/// makes it an error.
#[must_use]
pub fn first_invalid_setting(draft: &PolicyDraft) -> Option<(&'static str, String)> {
    let unfit = draft.settings().find(|setting| !schema::fits(&draft.only(setting.name)));
    if let Some(setting) = unfit {
        return Some((setting.name, "a policy cannot hold the tenant's value".to_owned()));
    }
    let document: PolicyFile = serde_json::from_value(draft.to_json()).ok()?;
    let source = Arc::new(Source::new("", ""));
    let desired = Desired::from_policy(&Policy::without_places(source, draft.tenant(), document));
    broken_rule(&desired)
}

fn broken_rule(desired: &Desired) -> Option<(&'static str, String)> {
    let subject = RuleContext::policy_only(desired);
    rules::ALL.iter().filter(|rule| rule.severity == Severity::Error).find_map(|rule| {
        let finding = (rule.check)(&subject)?;
        let setting = rule.about.iter().find(|name| desired.setting(name).is_some())?;
        Some((*setting, finding.message))
    })
}
