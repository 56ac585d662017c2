//! Findings and errors as lists.

use crate::base::finding::{Finding, Label};
use crate::base::source::Place;
use crate::plan::change::{Plan, UnknownSetting};
use crate::render::markdown::escape::{code, prose};
use crate::render::text::error::{by_reason, error_line};
use crate::render::text::fleet::{NAMED, SharedItem};
use crate::render::text::shared_error::request_words;
use crate::render::text::summary_lines;
use crate::render::text::unread_item::UnreadItem;
use crate::tenant::error::TenantError;
use crate::tenant::facts::UnreadFact;

/// Managed settings that could not be compared, what else could not be read, then findings: one list, an item each.
pub(crate) fn list(plan: &Plan, findings: &[Finding]) -> String {
    let unread =
        plan.unread.iter().map(|UnreadFact { what, why }| format!("- **unknown** {}: {}", prose(what), with_hint(why)));
    let unknown = by_reason(&plan.unknown).into_iter().map(|(why, settings)| {
        let named = settings
            .iter()
            .map(|UnknownSetting { setting, place, why: _ }| format!("{} at {}", code(setting.name), spot(place)));
        format!("- **unknown** {}: {}", named.collect::<Vec<_>>().join(", "), with_hint(why))
    });
    unknown.chain(unread).chain(findings.iter().map(finding)).collect::<Vec<_>>().join("\n")
}

/// What is unknown of a plan, each reason as an item that tenants may share.
pub(crate) fn unread_items(plan: &Plan) -> Vec<SharedItem<UnreadItem>> {
    let tenant = plan.tenant.to_string();
    let unread = plan.unread.iter().map(|UnreadFact { what, why }| {
        UnreadItem::item(what, why, &tenant, |why, _| format!("- **unknown** {}: {}", prose(what), with_hint(why)))
    });
    let unknown = by_reason(&plan.unknown).into_iter().map(|(why, settings)| {
        let names: Vec<_> = settings.iter().map(|unknown| unknown.setting.name).collect();
        UnreadItem::item(&names.join(" "), why, &tenant, |why, is_shared| {
            // Each tenant may say it at another place.
            let named = settings.iter().map(|UnknownSetting { setting, place, why: _ }| match is_shared {
                true => code(setting.name),
                false => format!("{} at {}", code(setting.name), spot(place)),
            });
            format!("- **unknown** {}: {}", named.collect::<Vec<_>>().join(", "), with_hint(why))
        })
    });
    unknown.chain(unread).collect()
}

/// Why something of a tenant could not be read, as an item that tenants may share.
pub(crate) fn error_item(why: &TenantError, tenant: &str) -> SharedItem<UnreadItem> {
    UnreadItem::item("", why, tenant, |why, _| error(why))
}

/// An item of a list, with the ids of the requests of all tenants that share it below.
pub(crate) fn with_requests(item: UnreadItem) -> String {
    let (text, ids) = item.text();
    request_words(&ids, NAMED, code).map(|words| format!("{text}\n  - {words}")).unwrap_or(text)
}

/// One finding as an item of a list, with its hint and its other places below.
pub(crate) fn finding(finding: &Finding) -> String {
    let Finding { at, code: name, severity, message, also, hint } = finding;
    let place = at.as_ref().map(|Label { place, says: _ }| format!(" at {}", spot(place))).unwrap_or_default();
    let mut lines = vec![format!("- **{}** {}{place}: {}", severity.name(), code(name), prose(message))];
    lines.extend(also.iter().map(|Label { place, says }| match says.as_str() {
        "" => format!("  - see {}", spot(place)),
        says => format!("  - {}: {}", spot(place), prose(says)),
    }));
    lines.extend(hint.as_ref().map(|hint| format!("  - hint: {}", prose(hint))));
    lines.join("\n")
}

/// One finding on one line, with code and place alone.
pub(crate) fn finding_in_short(finding: &Finding) -> String {
    let place = finding.at.as_ref().map(|label| format!(" at {}", spot(&label.place))).unwrap_or_default();
    format!("**{}** {}{place}", finding.severity.name(), code(finding.code))
}

/// Why something could not be read, as an item of a list.
pub(crate) fn error(why: &TenantError) -> String {
    format!("- **error**: {}", with_hint(why))
}

/// A number with its noun; nothing for none.
pub(crate) fn count(many: usize, noun: &str) -> Option<String> {
    (many > 0).then(|| summary_lines::count(many, noun))
}

fn with_hint(why: &TenantError) -> String {
    let hint = why.hint.as_ref().map(|hint| format!("\n  - hint: {}", prose(hint))).unwrap_or_default();
    format!("{}{hint}", prose(&error_line(why)))
}

/// A place in a file, as a code span.
pub(crate) fn spot(place: &Place) -> String {
    code(&place.to_string())
}
