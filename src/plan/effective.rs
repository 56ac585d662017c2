//! What a setting comes to: with what value it acts, who decides it, and why it may do nothing.

use crate::base::value::Value;
use crate::catalog::setting::{NoEffectReason, Setting};
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
