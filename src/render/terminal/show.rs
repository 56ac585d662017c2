//! The settings of a tenant, page by page.

use crate::engine::tenant_report::{SettingReport, TenantReport};
use crate::render::text::error::error_line;
use crate::render::text::reports::ReportRow;
use crate::render::text::safe::safe;
use crate::render::text::style::{DOUBT, HEADING, MUTED, paint};
use crate::render::text::{dates, effects, facts, reports, value};
use crate::tenant::error::TenantError;

/// The width of the column of names, in characters: the longest name just fits.
const NAME_WIDTH: usize = 40;
/// The width of the column of values, in characters; a longer value pushes what follows to the right.
const VALUE_WIDTH: usize = 24;

/// For a person at a terminal.
#[must_use]
pub fn terminal(shown: &TenantReport) -> String {
    let mut lines = vec![format!("{}  {}", paint(HEADING, &safe(&shown.tenant)), paint(MUTED, &shown.tenant_id))];
    let mut page = None;
    for SettingReport { setting, value, effect } in &shown.settings {
        if page != Some(setting.page) {
            lines.push(format!("\n{}", paint(HEADING, setting.page.title())));
            page = Some(setting.page);
        }
        let words = match value {
            Ok(value) => value::words(value, &shown.names),
            Err(why) => unknown(why),
        };
        let padding = VALUE_WIDTH.saturating_sub(words.chars().count()) + 2;
        let note = effect.as_ref().map(effects::note).map(|note| format!("{:padding$}{}", "", paint(MUTED, &note)));
        lines.push(format!("  {:NAME_WIDTH$}{words}{}", setting.name, note.unwrap_or_default()));
    }
    let facts = (facts::TITLE.to_owned(), facts::rows(&shown.facts, &shown.other_methods));
    let ahead = dates::rows(&shown.dates, shown.provider.as_ref());
    let ahead = (!ahead.is_empty()).then(|| (dates::TITLE.to_owned(), ahead));
    for (title, rows) in [facts].into_iter().chain(ahead).chain(reports::reports(&shown.reports)) {
        lines.push(format!("\n{}", paint(HEADING, &title)));
        for ReportRow { name, says } in rows {
            let words = says.map_or_else(unknown, |words| safe(&words).into_owned());
            lines.push(format!("  {:NAME_WIDTH$}{words}", safe(name)));
        }
    }
    lines.extend(reports::unread_line(shown).map(|line| format!("\n{}", paint(HEADING, &line))));
    format!("{}\n", lines.join("\n"))
}

fn unknown(why: &TenantError) -> String {
    paint(DOUBT, &format!("unknown: {}", safe(&error_line(why))))
}
