//! The dates that lie ahead of a tenant, in words.

use crate::base::source::Place;
use crate::catalog::tenant_calendar::TelephonyProvider;
use crate::plan::dates::ComingDate;
use crate::render::text::reports::ReportRow;

/// The title of the part.
pub(crate) const TITLE: &str = "Dates of the service";

/// A line for each date, and one for the telephony provider, with what `ssprctl.yaml` says about them.
pub(crate) fn rows<'a>(dates: &'a [ComingDate], provider: Option<&'a TelephonyProvider>) -> Vec<ReportRow<'a>> {
    let provider = provider.map(|provider| ReportRow {
        name: "telephony provider",
        says: Ok(format!(
            "{} by one of the tenant's own{}",
            provider.words(),
            said(&provider.reason, provider.place.as_ref())
        )),
    });
    let dates = dates.iter().map(|date| ReportRow { name: date.entry.id, says: Ok(line(date)) });
    dates.chain(provider).collect()
}

/// The date, how sure it is, what it does, and where it was moved.
pub(crate) fn line(date: &ComingDate) -> String {
    let ComingDate { entry, date, says, moved, days: _, takes: _, left: _ } = date;
    let moved = moved.as_ref().map(|moved| said(&moved.reason, moved.place.as_ref())).unwrap_or_default();
    format!("{date}{}: {says}{moved}", entry.confidence.words())
}

/// Why something is said, and where.
fn said(reason: &str, place: Option<&Place>) -> String {
    let place = place.map(|place| format!(", {place}"));
    format!(" ({reason}{})", place.unwrap_or_default())
}
