//! Reads the newest Microsoft Secure Score (`security/secureScores`).

use jiff::Timestamp;
use serde::Deserialize;

use crate::client::operations::table::Operation;
use crate::client::reader::TenantReader;
use crate::client::{graph, paging};
use crate::tenant::error::TenantError;
use crate::tenant::score::{CONTROL, SecureScore};
use crate::tenant::surface::Service;

impl TenantReader {
    /// Reads the control on password reset from the newest score; `None` where the tenant has no score yet, or
    /// none with this control.
    ///
    /// # Errors
    /// When the score cannot be read.
    pub async fn score(&self) -> Result<Option<SecureScore>, TenantError> {
        let request = graph::score(self.base(Service::Graph));
        let any = |scores: &[Daily]| !scores.is_empty();
        let scores = paging::read_and_check(self.session(), Operation::Score, request, any, Ok).await?;
        let Some(Daily { created_date_time, control_scores }) = scores.into_iter().next() else { return Ok(None) };
        let taken = created_date_time.and_then(|at| at.parse::<Timestamp>().ok());
        let control = control_scores.into_iter().find(|control| control.control_name.eq_ignore_ascii_case(CONTROL));
        // A control without points would read like one with none.
        Ok(control.and_then(|Control { score, implementation_status, .. }| {
            let status = implementation_status.filter(|status| !status.trim().is_empty());
            Some(SecureScore { taken, points: score?, status })
        }))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Daily {
    created_date_time: Option<String>,
    #[serde(default)]
    control_scores: Vec<Control>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Control {
    #[serde(default)]
    control_name: String,
    score: Option<f64>,
    implementation_status: Option<String>,
}
