//! The mail that announces a rollout to people: what a policy says, in plain words, through a template that the team can
//! replace.
//!
//! Whatever a template prints of a policy is escaped for the medium, so that a group's name or an address never brings
//! markup of its own. A template is bounded in size, in work and in what it writes.

pub(crate) mod affected;
mod dates;
mod escape;
mod medium;
mod template;
mod variables;

pub use dates::MailDates;
pub use medium::MailFormat;
pub use template::MOST_BYTES;
pub(crate) use template::TemplateError;
pub use variables::variables;

use serde_json::Value as Json;

use crate::catalog::desired::Desired;

/// Writes the mail about a policy, by the dates of the service.
///
/// # Errors
/// When the template is not one, names what does not exist, or asks for more than it may.
pub fn announce(
    desired: &Desired,
    dates: &MailDates,
    medium: MailFormat,
    template: &str,
) -> Result<String, TemplateError> {
    template::fill(template, medium, facts_of(desired, dates)?)
}

/// What a template can say of a policy.
///
/// # Errors
/// When the policy allows a method that is unknown.
fn facts_of(desired: &Desired, dates: &MailDates) -> Result<Json, TemplateError> {
    variables::facts(desired, dates).map_err(|unknown| TemplateError {
        at: None,
        why: format!("methods.allowed: {unknown}"),
        hint: "`ssprctl explain methods.allowed` lists the methods",
    })
}
