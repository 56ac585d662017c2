//! The rules: one file each. The code of a rule is its file's name with dashes.

mod app_method_alone;
mod app_notification_needs_two;
mod group_without_selected;
mod helpdesk_link_invalid;
mod not_enough_methods;
mod questions_without_counts;
mod reset_exceeds_register;
mod rule;
mod selected_without_group;
mod too_few_questions;
mod too_many_custom_questions;

use crate::base::finding::Finding;
use crate::review::subject::Subject;

pub use rule::Rule;

/// Every rule, in the order of the portal's pages.
pub static ALL: &[&Rule] = &[
    &selected_without_group::RULE,
    &group_without_selected::RULE,
    &not_enough_methods::RULE,
    &app_method_alone::RULE,
    &app_notification_needs_two::RULE,
    &questions_without_counts::RULE,
    &reset_exceeds_register::RULE,
    &too_few_questions::RULE,
    &too_many_custom_questions::RULE,
    &helpdesk_link_invalid::RULE,
];

/// Everything the rules say about a subject, from the top of the file to its end.
#[must_use]
pub fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings: Vec<_> = ALL.iter().filter_map(|rule| (rule.check)(subject)).collect();
    findings.sort();
    findings
}
