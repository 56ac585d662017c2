//! What a tenant's reports say about its password reset: who registered, and the Secure Score.

use jiff::Timestamp;

use crate::engine::result::TenantReports;
use crate::engine::tenant_report::TenantReport;
use crate::plan::score::{Forecast, MOST};
use crate::render::text::attribution::minute;
use crate::render::text::summary_lines::count;
use crate::tenant::error::TenantError;
use crate::tenant::registration::{RegistrationCounts, RegistrationReport};
use crate::tenant::score::{CONTROL, SecureScore};

/// One line of a report.
pub(crate) struct ReportRow<'a> {
    /// The subject of the line.
    pub(crate) name: &'a str,
    /// The text, or why it is unknown.
    pub(crate) says: Result<String, &'a TenantError>,
}

/// The line under a tenant's settings and reports where some of them could not be read.
pub(crate) fn unread_line(report: &TenantReport) -> Option<String> {
    let settings = report.settings.iter().filter(|one| one.value.is_err()).count();
    let rows = reports(&report.reports).into_iter().flat_map(|(_, rows)| rows).filter(|row| row.says.is_err()).count();
    let facts = report.facts.unread.len() + rows;
    let kinds = [(settings, "setting"), (facts, "fact")].into_iter().filter(|(many, _)| *many > 0);
    let kinds: Vec<_> = kinds.map(|(many, noun)| count(many, noun)).collect();
    (!kinds.is_empty()).then(|| format!("Shown; {} could not be read.", kinds.join(" and ")))
}

/// The titles and the lines of the reports. Texts of the service are not escaped.
pub(crate) fn reports(evidence: &TenantReports) -> Vec<(String, Vec<ReportRow<'_>>)> {
    let registration = evidence.registration.as_ref().map(|found| match found {
        Ok(found) => (title(found), tallies(found)),
        Err(why) => ("Registration report".to_owned(), vec![ReportRow { name: "users", says: Err(why) }]),
    });
    let mut score = vec![ReportRow { name: CONTROL, says: evidence.score.as_ref().map(|score| now(score.as_ref())) }];
    score.extend(
        evidence.forecast.as_ref().map(|(path, forecast)| ReportRow { name: path, says: Ok(after(*forecast)) }),
    );
    registration.into_iter().chain([("Secure Score".to_owned(), score)]).collect()
}

fn title(found: &RegistrationReport) -> String {
    let report = by_report(found.refreshed);
    report.replacen('r', "R", 1)
}

/// The report with the time at which it was made.
pub(crate) fn by_report(refreshed: Option<(Timestamp, Timestamp)>) -> String {
    match refreshed {
        None => "registration report".to_owned(),
        Some((oldest, newest)) if minute(oldest) == minute(newest) => {
            format!("registration report of {}", minute(newest))
        }
        Some((oldest, newest)) => format!("registration report of {} to {}", minute(oldest), minute(newest)),
    }
}

fn tallies(found: &RegistrationReport) -> Vec<ReportRow<'_>> {
    let RegistrationReport { members, guests, others, administrators, refreshed: _ } = found;
    let row = |(name, tally): (&'static str, &RegistrationCounts)| {
        let RegistrationCounts { users, registered, enabled, capable } = tally;
        let says = format!("{users}, of which {registered} registered, {enabled} enabled, {capable} capable");
        ReportRow { name, says: Ok(says) }
    };
    let rows = [("members", members), ("guests", guests), ("others", others), ("administrators", administrators)];
    rows.into_iter().filter(|(name, tally)| *name != "others" || tally.users > 0).map(row).collect()
}

fn now(score: Option<&SecureScore>) -> String {
    let Some(SecureScore { taken, points, status }) = score else {
        return "unknown: the tenant's Secure Score does not have this control yet".to_owned();
    };
    let taken = taken.map(|at| format!(" on {}", minute(at))).unwrap_or_default();
    let status = status.as_ref().map(|status| format!(": {status}")).unwrap_or_default();
    format!("{points} of {MOST}{taken}{status}")
}

fn after(forecast: Forecast) -> String {
    match forecast {
        Forecast::Points(points) => format!("{points} of {MOST} with this policy in force"),
        Forecast::Unknown(why) => format!("unknown with this policy in force: {why}"),
    }
}
