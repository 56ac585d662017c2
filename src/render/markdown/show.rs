//! The settings of a tenant.

use crate::catalog::setting::PortalPage;
use crate::render::evidence::{self, ReportRow, TenantReports};
use crate::render::markdown::comment::{Comment, CommentPart};
use crate::render::markdown::diff::lines;
use crate::render::markdown::escape::{clip, code, fence, prose};
use crate::render::shown::{SettingReport, TenantReport};
use crate::render::text::safe;
use crate::render::trouble::error_line;
use crate::render::value::GroupNames;
use crate::render::{circumstances, effects};
use crate::tenant::authentication_methods::MethodConfiguration;
use crate::tenant::facts::TenantFacts;

/// The settings of a tenant, page by page.
#[must_use]
pub fn show(shown: &TenantReport) -> String {
    let TenantReport { tenant, tenant_id, settings, names, circumstances, beside, evidence } = shown;
    let mut pages: Vec<(PortalPage, Vec<String>)> = Vec::new();
    for one in settings {
        let told = told(one, names);
        match pages.last_mut() {
            Some((page, lines)) if *page == one.setting.page => lines.extend(told),
            _ => pages.push((one.setting.page, told)),
        }
    }
    Comment {
        command: "show",
        summary: vec![format!("{} ({})", code(tenant), code(tenant_id))],
        parts: pages
            .iter()
            .map(|(page, lines)| part(*page, lines))
            .chain(reports(circumstances, beside, evidence))
            .collect(),
        footer: String::new(),
    }
    .text()
}

fn part(page: PortalPage, lines: &[String]) -> CommentPart {
    CommentPart { full: format!("#### {}\n\n{}", page.title(), fence("yaml", lines)), short: page.title().to_owned() }
}

fn reports(known: &TenantFacts, beside: &[MethodConfiguration], evidence: &TenantReports) -> Vec<CommentPart> {
    let known = (circumstances::TITLE.to_owned(), circumstances::rows(known, beside));
    let reports = [known].into_iter().chain(evidence::reports(evidence)).map(|(title, rows)| {
        let lines = rows.iter().map(|ReportRow { name, says }| match says {
            Ok(says) => format!("- {}: {}", code(name), prose(says)),
            Err(why) => format!("- {}: unknown: {}", code(name), prose(&error_line(why))),
        });
        CommentPart { full: format!("#### {title}\n\n{}", lines.collect::<Vec<_>>().join("\n")), short: title }
    });
    reports.collect()
}

fn told(shown: &SettingReport, names: &GroupNames) -> Vec<String> {
    let SettingReport { setting, value, effect } = shown;
    match value {
        Ok(value) => {
            let note = effect.as_ref().map(|effect| format!("# {}", effects::note(effect)));
            note.into_iter().chain(lines(setting, value, names).into_iter().map(|line| line.text)).collect()
        }
        Err(why) => vec![format!("{}: unknown # {}", setting.name, clip(&safe(&error_line(why))))],
    }
}
