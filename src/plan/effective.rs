//! What a setting comes to: with what value it acts, who decides it, and why it may do nothing.

use crate::base::value::Value;
use crate::catalog::setting::Setting;
use crate::tenant::surface::Decider;

/// One setting as it acts.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveSetting {
    /// The setting.
    pub setting: &'static Setting,
    /// The value that acts, unless [`EffectiveSetting::idle`] says that it does nothing.
    pub value: Value,
    /// Who decides it.
    pub decider: Decider,
    /// Why it does nothing, where it does nothing.
    pub no_effect: Option<NoEffectReason>,
}

/// Why a setting does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoEffectReason {
    /// No subscription permits a reset in the cloud.
    NoLicence,
    /// Nobody is in the scope.
    NobodyInScope,
    /// Security questions are not among the methods.
    NoQuestions,
    /// People are not asked to register at sign-in.
    RegistrationNotRequired,
    /// Administrators may not reset, so none of them is told about.
    NoAdministrators,
    /// No subscription permits writing back.
    NoWritebackLicence,
    /// There is no directory on premises.
    NotSynchronised,
    /// No writeback client is connected.
    NoClient,
    /// Passwords are not written back.
    NoWriteback,
    /// The Conditional Access policy is off.
    PolicyOff,
    /// The Conditional Access policy only reports.
    ReportOnly,
    /// The reset link of the Windows sign-in screen is off.
    LinkOff,
    /// The Intune configuration is assigned to nobody.
    NotAssigned,
}
