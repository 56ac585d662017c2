//! The objects that policies keep, each with the setting that switches it off.

use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{allowed_from, windows_sign_in};
use crate::tenant::surface::Surface;

/// The setting that switches an object, with the value for "off"; `None` for documents that always are.
#[must_use]
pub fn switch(surface: Surface) -> Option<(&'static Setting, Value)> {
    match surface {
        Surface::ConditionalAccess => Some((&allowed_from::STATE, Value::Text(allowed_from::DISABLED.to_owned()))),
        Surface::DeviceConfiguration => Some((&windows_sign_in::RESET_LINK, Value::Bool(false))),
        Surface::PasswordReset
        | Surface::OnPremisesPasswordReset
        | Surface::AuthorizationPolicy
        | Surface::AuthenticationMethods => None,
    }
}
