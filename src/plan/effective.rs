//! A setting as it is effective in a tenant.

use crate::base::value::Value;
use crate::catalog::setting::{NoEffectReason, Setting};
use crate::tenant::surface::Decider;

/// The effective value of one setting, with who decides it and why it may have no effect.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveSetting {
    /// The setting that has the value.
    pub setting: &'static Setting,
    /// The effective value, unless [`EffectiveSetting::no_effect`] has a reason.
    pub value: Value,
    /// The policy that decides the value.
    pub decider: Decider,
    /// Why the value has no effect; `None` if it has one.
    pub no_effect: Option<NoEffectReason>,
    /// How many methods administrators need, at least and at most, where that may be one; `None` for every other setting.
    pub needed_by_administrators: Option<(u32, u32)>,
}
