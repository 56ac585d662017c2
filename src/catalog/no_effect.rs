//! When a setting has no effect.
//!
//! The facts come from Microsoft: concept-sspr-howitworks (methods, registration, writeback), concept-sspr-licensing
//! (licences), concept-sspr-policy (administrators).

use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::catalog::{allowed_from, methods, registration, scope, windows_sign_in, writeback};
use crate::policy::document::Method;
use crate::tenant::facts::{ResetLicence, TenantFacts};

pub use crate::catalog::setting::NoEffectReason;

impl NoEffectReason {
    /// Whether the reason applies to a tenant with these values and facts. A value or fact that is not known
    /// never makes it apply.
    pub(crate) fn applies(self, value: impl Fn(&'static Setting) -> Option<Value>, facts: &TenantFacts) -> bool {
        let is = |setting: &'static Setting, expected: Value| value(setting) == Some(expected);
        let text = |word: &str| Value::Text(word.to_owned());
        match self {
            Self::NoLicence => facts.licence.is_some_and(|licence| licence.reset == ResetLicence::ChangeOnly),
            Self::NobodyInScope => is(&scope::USERS, text("none")),
            Self::NoQuestions => match value(&methods::ALLOWED) {
                Some(Value::Set(words)) => !words.contains(Method::SecurityQuestions.word()),
                _ => false,
            },
            Self::RegistrationNotRequired => is(&registration::REQUIRED_AT_SIGN_IN, Value::Bool(false)),
            Self::NoAdministrators => is(&scope::ADMINISTRATORS, Value::Bool(false)),
            Self::NoWritebackLicence => facts.licence.is_some_and(|licence| !licence.writeback),
            Self::NotSynchronised => facts.hybrid.is_some_and(|hybrid| !hybrid.synchronised),
            Self::NoWriteback => is(&writeback::PASSWORDS, Value::Bool(false)),
            Self::NoClient => facts.hybrid.is_some_and(|hybrid| hybrid.writeback_up == Some(false)),
            Self::PolicyOff => is(&allowed_from::STATE, text(allowed_from::DISABLED)),
            Self::ReportOnly => is(&allowed_from::STATE, text(allowed_from::REPORT_ONLY)),
            Self::LinkOff => is(&windows_sign_in::RESET_LINK, Value::Bool(false)),
            Self::NotAssigned => is(&windows_sign_in::GROUP, Value::Unset),
        }
    }
}
