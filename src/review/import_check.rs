//! Checks a policy that was made from a tenant and not read from a file.

use std::sync::Arc;

use crate::base::finding::Severity;
use crate::base::source::Source;
use crate::catalog::desired::Desired;
use crate::plan::import::{PolicyDraft, UNSUITABLE};
use crate::policy::document::PolicyFile;
use crate::policy::{Policy, schema};
use crate::review::config::ReviewConfig;
use crate::review::rule_context::RuleContext;
use crate::review::rules;

/// The first setting of a draft that is not valid, with the reason: a policy cannot have its value, or a rule
/// makes it an error on the date of the configuration, at the level that the repository gives the rule.
#[must_use]
pub fn first_invalid_setting(draft: &PolicyDraft, config: &ReviewConfig) -> Option<(&'static str, String)> {
    let unfit = draft.settings().find(|setting| !schema::fits(&draft.only(setting.name)));
    if let Some(setting) = unfit {
        return Some((setting.name, UNSUITABLE.to_owned()));
    }
    let document: PolicyFile = serde_json::from_value(draft.to_json()).ok()?;
    let source = Arc::new(Source::new("", ""));
    let desired = Desired::from_policy(&Policy::without_places(source, draft.tenant(), document));
    broken_rule(&desired, config)
}

fn broken_rule(desired: &Desired, config: &ReviewConfig) -> Option<(&'static str, String)> {
    let calendar = config.calendar(&desired.tenant, desired.cloud);
    let subject = RuleContext::policy_only(desired).on(config.today()).by_calendar(calendar);
    rules::ALL.iter().find_map(|rule| {
        // The severity of a finding may depend on the date.
        let (counting, _) = config.apply_levels((rule.check)(&subject).into_iter().collect());
        let finding = counting.into_iter().find(|finding| finding.severity == Severity::Error)?;
        let setting = rule.about.iter().find(|name| desired.setting(name).is_some())?;
        Some((*setting, finding.message))
    })
}
