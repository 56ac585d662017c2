//! Why a saved review is not applied, in the words people read.

use crate::base::value::Value;
use crate::render::text::value::{GroupNames, words};
use crate::review::file::compare::ReviewMismatch;
use crate::review::file::format::{SavedFinding, SavedRefusal};
use crate::tenant::error::{TenantError, TenantErrorKind};

/// The error for a tenant that differs from its review. The text is not escaped: whoever shows it escapes it.
#[must_use]
pub(crate) fn error(moved: &[ReviewMismatch], done: bool, names: &GroupNames) -> TenantError {
    let differences: Vec<_> = moved.iter().map(|moved| difference(moved, names)).collect();
    let message = format!("this is not what was reviewed: {}; nothing was sent", differences.join("; "));
    let hint = if done {
        "everything that the review was to bring about is there already: it may have been applied before"
    } else {
        "plan again with --out, and have that reviewed"
    };
    TenantError::new(TenantErrorKind::Refused, message).hint(hint)
}

fn difference(moved: &ReviewMismatch, names: &GroupNames) -> String {
    let said = |value: &Option<Value>| value.as_ref().map_or_else(|| "unknown".to_owned(), |value| words(value, names));
    match moved {
        ReviewMismatch::Tenant => "its name leads to another tenant now".to_owned(),
        ReviewMismatch::Setting { setting, was, is } => {
            format!("{} was {} and is {}", setting.name, said(was), said(is))
        }
        ReviewMismatch::Key { surface, key } => format!("`{key}` of {} moved, which is no setting", surface.name()),
        ReviewMismatch::Document(surface) => format!("{} could be read only one of the two times", surface.name()),
        ReviewMismatch::DesiredSetting { setting, was: Some(was), is: Some(is) } => {
            let (was, is) = (words(was, names), words(is, names));
            format!("{} would become {is}, and {was} was reviewed", setting.name)
        }
        ReviewMismatch::DesiredSetting { setting, was, is: _ } => {
            let reviewed = if was.is_some() { "would not change any more" } else { "would change as well" };
            format!("{} {reviewed}", setting.name)
        }
        ReviewMismatch::Held(setting) => {
            format!("{} would not change any more, because too few people are ready for it now", setting.name)
        }
        ReviewMismatch::Requests => "the requests would be others".to_owned(),
        ReviewMismatch::Policies(files) => format!("{} changed", files.join(", ")),
        ReviewMismatch::Refused(SavedRefusal::Errors) => "its findings had errors when it was reviewed".to_owned(),
        ReviewMismatch::Refused(SavedRefusal::Unknown) => {
            "some of its managed settings were unknown when it was reviewed".to_owned()
        }
        ReviewMismatch::Finding(SavedFinding { code, severity, message, path: _, line: _ }) => {
            format!("the review did not have the {severity} {code}: {message}")
        }
    }
}
