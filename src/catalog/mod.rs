//! Floor 2: the catalog, one row for each setting. A row connects the key in a policy, the keys of a document and the texts
//! for people, and nothing else does.
//!
//! To add a setting: one field in `policy::document`, one row in the file of its section and its line in [`ALL`]. The tests
//! over [`ALL`] then find what is missing.

pub(crate) mod allowed_from;
pub(crate) mod calendar;
pub(crate) mod desired;
pub(crate) mod helpdesk;
pub(crate) mod methods;
pub(crate) mod no_effect;
pub(crate) mod notifications;
pub(crate) mod registration;
pub(crate) mod scope;
pub(crate) mod security_questions;
pub(crate) mod setting;
pub(crate) mod strength;
pub(crate) mod tenant_calendar;

pub(crate) mod authentication_methods;
mod scalar;
#[cfg(test)]
mod tests;
pub(crate) mod windows_sign_in;
pub(crate) mod writeback;

use crate::base::value::Value;
use crate::tenant::surface::Surface;
use setting::Setting;

/// Every setting, in the order of the portal's pages, in which they are shown.
pub static ALL: &[&Setting] = &[
    &scope::USERS,
    &scope::GROUP,
    &scope::ADMINISTRATORS,
    &methods::REQUIRED,
    &methods::ALLOWED,
    &security_questions::TO_REGISTER,
    &security_questions::TO_RESET,
    &security_questions::QUESTIONS,
    &registration::REQUIRED_AT_SIGN_IN,
    &registration::RECONFIRM_AFTER_DAYS,
    &allowed_from::LOCATIONS,
    &allowed_from::EXCLUDED_GROUPS,
    &allowed_from::STATE,
    &notifications::USERS,
    &notifications::ADMINISTRATORS,
    &helpdesk::LINK,
    &writeback::PASSWORDS,
    &writeback::UNLOCK_WITHOUT_RESET,
    &windows_sign_in::RESET_LINK,
    &windows_sign_in::GROUP,
];

/// The setting of that name, as in `methods.required`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Setting> {
    ALL.iter().copied().find(|setting| setting.name == name)
}

/// The setting that switches the managed object of a surface off, with the value for that; `None` for a surface
/// without a managed object.
#[must_use]
pub(crate) fn off_switch(surface: Surface) -> Option<(&'static Setting, Value)> {
    let rows = ALL.iter().filter(|setting| setting.surface == surface);
    rows.filter_map(|setting| Some((*setting, setting.off_value?()))).next()
}
