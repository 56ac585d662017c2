//! Findings about baselines, each once, with the tenants whose policies share it.

use crate::base::count::counted;
use crate::base::finding::Finding;
use crate::base::ids::TenantName;
use crate::engine::result::ValidationReport;
use crate::render::text::fleet::NAMED;

/// A finding as it is shown.
pub(crate) struct ShownFinding {
    pub(crate) finding: Finding,
    /// The policies that share it, in words; `None` where it is of one file alone.
    pub(crate) policies: Option<String>,
}

/// The findings of a report, in their order. Those of several policies that differ in their other places alone are one.
pub(crate) fn shown(report: &ValidationReport<'_>, quote: fn(&str) -> String) -> Vec<ShownFinding> {
    let mut known: Option<(usize, &Finding)> = None;
    let mut all: Vec<ShownFinding> = Vec::new();
    for finding in report.findings {
        let bare = finding.without_other_places();
        let at = report.shared.binary_search_by(|(known, _)| known.cmp(&bare)).ok();
        match (at, known) {
            (Some(at), Some((last, first))) if at == last => {
                if first.also != finding.also
                    && let Some(shown) = all.last_mut()
                {
                    shown.finding = bare;
                }
                continue;
            }
            (Some(at), _) => known = Some((at, finding)),
            (None, _) => known = None,
        }
        let tenants = at.and_then(|at| report.shared.get(at)).map(|(_, tenants)| tenants.as_slice());
        let policies = tenants.map(|tenants| in_policies(tenants, report.full, quote));
        all.push(ShownFinding { finding: finding.clone(), policies });
    }
    all
}

fn in_policies(tenants: &[TenantName], full: bool, quote: fn(&str) -> String) -> String {
    let named = if full { tenants.len() } else { tenants.len().min(NAMED) };
    let names: Vec<_> = tenants.iter().take(named).map(|tenant| quote(&tenant.to_string())).collect();
    let more = match tenants.len() - named {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let policies = counted(tenants.len() as u64, "policy", "policies");
    format!("in {policies}: {}{more}", names.join(", "))
}
