//! The rules, one file each. The code of a rule is the name of its file, with dashes.

mod administrators_in_scope;
mod app_method_alone;
mod app_notification_needs_two;
mod dynamic_group_memberof;
mod entra_connect_minimum;
mod group_without_selected;
mod helpdesk_link_invalid;
mod legacy_methods_unmanageable;
mod no_helpdesk_link;
mod nobody_notified;
mod not_enough_methods;
mod office_phone_without_licence;
mod one_method_required;
mod own_telephony_provider;
mod questions_without_counts;
mod readiness_holds_nothing;
mod reconfirm_never;
mod reconfirm_too_long;
mod registration_not_required;
mod registration_without_break_glass;
mod registration_without_locations;
mod reset_exceeds_register;
mod reset_licence_not_known;
mod reset_link_without_group;
mod reset_without_licence;
mod rule;
mod scope_none;
mod security_questions_allowed;
mod security_questions_retirement;
mod selected_without_group;
mod sms_sign_in_retirement;
mod sms_voice_retirement;
mod sms_voice_retirement_late;
mod synchronised_without_writeback;
mod too_few_questions;
mod too_many_custom_questions;
mod users_not_notified;
mod writeback_client_missing;
mod writeback_without_licence;
mod writeback_without_sync;

pub use rule::Rule;

use crate::base::finding::Finding;
use crate::review::rule_context::RuleContext;

/// Every rule, in the order of the portal's pages.
pub static ALL: &[&Rule] = &[
    &selected_without_group::RULE,
    &group_without_selected::RULE,
    &scope_none::RULE,
    &dynamic_group_memberof::RULE,
    &administrators_in_scope::RULE,
    &reset_without_licence::RULE,
    &reset_licence_not_known::RULE,
    &one_method_required::RULE,
    &readiness_holds_nothing::RULE,
    &not_enough_methods::RULE,
    &app_method_alone::RULE,
    &app_notification_needs_two::RULE,
    &security_questions_allowed::RULE,
    &legacy_methods_unmanageable::RULE,
    &sms_voice_retirement::RULE,
    &sms_voice_retirement_late::RULE,
    &own_telephony_provider::RULE,
    &sms_sign_in_retirement::RULE,
    &security_questions_retirement::RULE,
    &office_phone_without_licence::RULE,
    &questions_without_counts::RULE,
    &reset_exceeds_register::RULE,
    &too_few_questions::RULE,
    &too_many_custom_questions::RULE,
    &registration_not_required::RULE,
    &reconfirm_never::RULE,
    &reconfirm_too_long::RULE,
    &registration_without_locations::RULE,
    &registration_without_break_glass::RULE,
    &users_not_notified::RULE,
    &nobody_notified::RULE,
    &helpdesk_link_invalid::RULE,
    &no_helpdesk_link::RULE,
    &writeback_without_licence::RULE,
    &writeback_without_sync::RULE,
    &writeback_client_missing::RULE,
    &synchronised_without_writeback::RULE,
    &entra_connect_minimum::RULE,
    &reset_link_without_group::RULE,
];

/// The rule with this code.
#[must_use]
pub(crate) fn find(code: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.code == code)
}

/// The findings of all rules, sorted by place.
#[must_use]
pub fn check_all(subject: &RuleContext<'_>) -> Vec<Finding> {
    let mut findings: Vec<_> = ALL.iter().filter_map(|rule| (rule.check)(subject)).collect();
    findings.sort();
    findings
}
