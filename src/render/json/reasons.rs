//! Why people lose the reset, and why they are unclear.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::person::answer::AnswerReason;
use crate::person::state::LossReason;
use crate::review::losing::by_size;

/// People who lose the reset for the same reason.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "LossReason")]
pub(crate) struct LossReasonJson {
    /// The code of the reason, as in `unclearReasons`.
    reason: &'static str,
    /// The methods that they have registered and that no longer count.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    methods: Vec<&'static str>,
    /// How many they are.
    people: u64,
}

/// The reasons why people lose the reset, the most frequent first.
pub(crate) fn loss_reasons(reasons: &BTreeMap<LossReason, u64>) -> Vec<LossReasonJson> {
    let reasons = by_size(reasons).into_iter().map(|(LossReason { why, methods }, people)| LossReasonJson {
        reason: why.code(),
        methods: methods.iter().map(|method| method.word()).collect(),
        people,
    });
    reasons.collect()
}

/// How many people have which reason, by its code.
pub(crate) fn by_code(reasons: &BTreeMap<AnswerReason, u64>) -> BTreeMap<&'static str, u64> {
    reasons.iter().map(|(reason, many)| (reason.code(), *many)).collect()
}
