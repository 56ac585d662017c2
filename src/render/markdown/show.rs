//! The settings of a tenant.

use crate::catalog::setting::PortalPage;
use crate::engine::result::TenantReports;
use crate::engine::tenant_report::{SettingReport, TenantReport};
use crate::render::markdown::comment::{Comment, CommentPart};
use crate::render::markdown::diff::lines;
use crate::render::markdown::escape::{clip, code, fence, prose};
use crate::render::text::error::error_line;
use crate::render::text::reports::ReportRow;
use crate::render::text::safe::safe;
use crate::render::text::value::GroupNames;
use crate::render::text::{dates, effects, facts, reports};
use crate::tenant::authentication_methods::MethodConfiguration;
use crate::tenant::facts::TenantFacts;

/// The settings of a tenant, page by page.
#[must_use]
pub fn show(shown: &TenantReport) -> String {
    let TenantReport { tenant, tenant_id, taken: _, settings, names, facts, other_methods, dates, provider, reports } =
        shown;
    let ahead = dates::rows(dates, provider.as_ref());
    let mut pages: Vec<(PortalPage, Vec<String>)> = Vec::new();
    for one in settings {
        let text = setting_lines(one, names);
        match pages.last_mut() {
            Some((page, lines)) if *page == one.setting.page => lines.extend(text),
            _ => pages.push((one.setting.page, text)),
        }
    }
    Comment {
        command: "show",
        summary: [format!("{} ({})", code(tenant), code(tenant_id))]
            .into_iter()
            .chain(reports::unread_line(shown).map(|line| format!("**{line}**")))
            .collect(),
        parts: pages
            .iter()
            .map(|(page, lines)| part(*page, lines))
            .chain(report_parts(facts, other_methods, ahead, reports))
            .collect(),
        footer: String::new(),
    }
    .text()
}

fn part(page: PortalPage, lines: &[String]) -> CommentPart {
    CommentPart { full: format!("#### {}\n\n{}", page.title(), fence("yaml", lines)), short: page.title().to_owned() }
}

fn report_parts(
    known: &TenantFacts,
    other_methods: &[MethodConfiguration],
    ahead: Vec<ReportRow<'_>>,
    reports: &TenantReports,
) -> Vec<CommentPart> {
    let known = (facts::TITLE.to_owned(), facts::rows(known, other_methods));
    let ahead = (!ahead.is_empty()).then(|| (dates::TITLE.to_owned(), ahead));
    let reports = [known].into_iter().chain(ahead).chain(reports::reports(reports)).map(|(title, rows)| {
        let lines = rows.iter().map(|ReportRow { name, says }| match says {
            Ok(says) => format!("- {}: {}", code(name), prose(says)),
            Err(why) => format!("- {}: unknown: {}", code(name), prose(&error_line(why))),
        });
        CommentPart { full: format!("#### {title}\n\n{}", lines.collect::<Vec<_>>().join("\n")), short: title }
    });
    reports.collect()
}

fn setting_lines(shown: &SettingReport, names: &GroupNames) -> Vec<String> {
    let SettingReport { setting, value, effect } = shown;
    match value {
        Ok(value) => {
            let note = effect.as_ref().map(|effect| format!("# {}", effects::note(effect)));
            note.into_iter().chain(lines(setting, value, names).into_iter().map(|line| line.text)).collect()
        }
        Err(why) => vec![format!("{}: unknown # {}", setting.name, clip(&safe(&error_line(why))))],
    }
}
