//! A date of the service that lies ahead of a tenant.

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::calendar::SourceAgreement;
use crate::plan::dates::ComingDate;
use crate::policy::document::Method;

/// A date of the service that lies ahead of a tenant.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ComingDate")]
pub(crate) struct ComingDateJson {
    /// The id of the entry of the calendar.
    id: String,
    /// The first day on which it may be in force.
    #[schemars(extend("format" = "date"))]
    from: String,
    /// The first day on which it surely is; absent if that is the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    surely_from: Option<String>,
    /// What it does to the tenant, in words.
    says: String,
    /// The methods in effect that it ends, as words of `methods.allowed`.
    takes: Vec<String>,
    /// The methods in effect that are left to most people.
    left: Vec<String>,
    /// Whether independent public copies agree on it.
    confirmed: bool,
    /// Why `ssprctl.yaml` moves it; absent where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_because: Option<String>,
}

pub(crate) fn coming_date(date: &ComingDate) -> ComingDateJson {
    let ComingDate { entry, days: (from, surely), date: _, takes, left, says, moved } = date;
    let words = |methods: &[Method]| methods.iter().map(|method| method.word().to_owned()).collect();
    ComingDateJson {
        id: entry.id.to_owned(),
        from: from.to_string(),
        surely_from: (from != surely).then(|| surely.to_string()),
        says: says.clone(),
        takes: words(takes),
        left: words(left),
        confirmed: entry.confidence == SourceAgreement::Confirmed,
        moved_because: moved.as_ref().map(|moved| moved.reason.clone()),
    }
}
