//! Earlier runs, for a person at a terminal.

use std::collections::{BTreeMap, HashSet};

use crate::apply::entry::{ApplyEnd, ResponseKind, WriteResult};
use crate::apply::recovery::RecoveredRun;
use crate::apply::run_record::{RequestRecord, RunRecord, TenantRecord};
use crate::base::ids::TenantId;
use crate::plan::reversal;
use crate::plan::reversal::ValueChange;
use crate::render::text::attribution::minute;
use crate::render::text::embedded::EMBEDDED;
use crate::render::text::error::error_line;
use crate::render::text::safe::safe;
use crate::render::text::style::{DOUBT, HEADING, MUTED, paint};
use crate::render::text::value;
use crate::tenant::error::TenantError;

/// What is known of a run without a last line: lines that are missing at the end leave no trace.
pub(crate) const NO_END: &str =
    "its journal has no end: the run was interrupted, is still at work, or the end of the file was cut off";

/// One line for each run and tenant, the newest last.
#[must_use]
pub fn history(pasts: &[RunRecord]) -> String {
    if pasts.is_empty() {
        return "No run has written anything yet.\n".to_owned();
    }
    let lines = pasts.iter().flat_map(|past| {
        let tenants = past.tenants.values().map(|tenant| {
            let settings = settings(tenant);
            let line = format!("{}  {:30}  {:11}  {settings}", past.run, safe(&name(tenant)), state(tenant));
            let embedded = tenant.started.as_ref().is_some_and(|started| started.sandbox == Some(true));
            let reversed = rolled_back(tenant).map(|run| format!("rolls back {run}"));
            let notes: Vec<_> = reversed.into_iter().chain(embedded.then(|| "embedded tenant".to_owned())).collect();
            if notes.is_empty() {
                return line;
            }
            format!("{}  {}", line.trim_end(), paint(MUTED, &safe(&format!("({})", notes.join(", ")))))
        });
        let damage = (!past.damaged.is_empty()).then(|| format!("{}  {}", past.run, paint(DOUBT, &past.damage())));
        let empty = past.tenants.is_empty();
        let empty = empty.then(|| format!("{}  {}", past.run, paint(DOUBT, "no line of its journal can be read")));
        let open = past.has_no_end().then(|| format!("{}  {}", past.run, paint(DOUBT, NO_END)));
        tenants.chain(damage).chain(empty).chain(open).collect::<Vec<_>>()
    });
    format!("{}\n", lines.collect::<Vec<_>>().join("\n"))
}

/// Everything about one run.
#[must_use]
pub fn one(past: &RunRecord) -> String {
    let began = past.began.map(|at| format!("  began {}", minute(at))).unwrap_or_default();
    let mut lines = vec![format!("{}{}", paint(HEADING, &past.run.to_string()), paint(MUTED, &began))];
    lines.extend(
        (past.is_embedded() == Some(true)).then(|| paint(MUTED, &format!("{EMBEDDED}: `rollback` takes --sandbox"))),
    );
    for (id, tenant) in &past.tenants {
        let source = rolled_back(tenant).map(|run| format!("rolls back {run}"));
        let source = source.or_else(|| Some(tenant.started.as_ref()?.policy.clone()));
        let policy = source.map(|source| format!("  {}", safe(&source))).unwrap_or_default();
        let named = safe(&name(tenant)).into_owned();
        lines.push(format!(
            "\n{}  {}{policy}  {}",
            paint(HEADING, &named),
            paint(MUTED, &id.to_string()),
            state(tenant)
        ));
        for done in &tenant.requests {
            lines.push(request(done));
            lines.extend(reversal::intended_changes(&done.sent).iter().map(shift));
        }
    }
    if past.has_no_end() {
        lines.push(format!("\n{}", paint(DOUBT, NO_END)));
    }
    if let [first, ..] = past.cut_off[..] {
        lines.push(paint(MUTED, &format!("\nthe run was interrupted while it wrote line {first} of its journal")));
    }
    if !past.damaged.is_empty() {
        lines.push(format!("\n{}", paint(DOUBT, &format!("{}; the run may have done more", past.damage()))));
    }
    format!("{}\n", lines.join("\n"))
}

/// The warning that a run was interrupted, with what its journal says, before the tenant is read.
#[must_use]
pub(crate) fn unfinished(past: &RunRecord, tenant: TenantId) -> String {
    let known = past.tenants.get(&tenant);
    let open = known.into_iter().flat_map(|known| &known.requests).filter(|request| request.result.is_none());
    let open: Vec<_> = open.map(request).collect();
    let head =
        format!("warning: run {} was interrupted while it worked on {}", past.run, known.map(name).unwrap_or_default());
    let head = format!("{}, or its journal was cut", safe(&head));
    let hint = "  hint: the next apply reads the tenant and records the result";
    if open.is_empty() { format!("{head}\n{hint}") } else { format!("{head}:\n{}\n{hint}", open.join("\n")) }
}

/// The result of recovering an interrupted run, or why the tenant could not be read.
#[must_use]
pub(crate) fn recovered(past: &RunRecord, tenant: TenantId, recovered: Result<&RecoveredRun, &TenantError>) -> String {
    let named = past.tenants.get(&tenant).map(name).unwrap_or_default();
    let head = format!("run {} was interrupted while it worked on {}, or its journal was cut", past.run, safe(&named));
    match recovered {
        Err(why) => format!("{head}, and the tenant cannot be read to find the result: {}", safe(&error_line(why))),
        Ok(found) if found.requests.is_empty() => format!("{head}; its journal has no request"),
        Ok(found) => {
            let lines = found.requests.iter().map(|(request, became)| {
                // A write that `conformance` tries is about no setting.
                let settings = match request.settings.join(", ") {
                    none if none.is_empty() => String::new(),
                    settings => format!(" ({})", safe(&settings)),
                };
                format!("  {}{settings}: {}", request.sent.surface.name(), words(*became))
            });
            let lines: Vec<_> = lines.collect();
            format!("{head}:\n{}\n  hint: `ssprctl rollback {}` restores what it changed", lines.join("\n"), past.run)
        }
    }
}

fn request(request: &RequestRecord) -> String {
    let became = result_words(request);
    let what = if request.is_reversal { "restoring " } else { "" };
    // A write that `conformance` tries is about no setting.
    let settings = match request.settings.join(", ") {
        none if none.is_empty() => String::new(),
        settings => format!("{}: ", safe(&settings)),
    };
    format!("  {}. {what}{}: {settings}{became}", request.index + 1, request.sent.surface.name())
}

/// What became of a request.
pub(crate) fn result_words(request: &RequestRecord) -> String {
    let became = match (request.result, request.response) {
        (Some(became), _) => words(became),
        (None, Some(_)) => "answered; the run was interrupted before it was verified",
        (None, None) => "about to be sent when the run was interrupted",
    };
    let refused = if was_refused(request) { ", although the service refused the request" } else { "" };
    format!("{became}{refused}")
}

/// Whether the service refused a request although the tenant showed the change.
fn was_refused(request: &RequestRecord) -> bool {
    let is_shown = matches!(request.result, Some(WriteResult::Verified | WriteResult::SideEffects));
    is_shown && request.response == Some(ResponseKind::Refused)
}

/// One setting that a request was to change, on a line of its own.
fn shift(shift: &ValueChange) -> String {
    let ValueChange { setting, before, after } = shift;
    format!("       {}  {}", setting.name, value::change(before, after, &BTreeMap::new()).join("; "))
}

fn words(became: WriteResult) -> &'static str {
    match became {
        WriteResult::Verified => "the tenant shows it",
        WriteResult::SideEffects => "the tenant shows it, and something else moved as well",
        WriteResult::Unverified => "the tenant does not show it, or not all of it",
        WriteResult::NotDone => "not done; the tenant is as it was before",
    }
}

/// How a run ended for a tenant, in a word.
pub(crate) fn state(tenant: &TenantRecord) -> &'static str {
    match tenant.ended {
        None => "interrupted",
        Some(ApplyEnd::Applied) => "applied",
        Some(ApplyEnd::Incomplete) => "incomplete",
        Some(ApplyEnd::RolledBack) => "rolled back",
        Some(ApplyEnd::RollbackIncomplete) => "rollback incomplete",
        Some(ApplyEnd::CutOff) => "recovered",
    }
}

/// The run that this one rolls back; `None` of an apply.
fn rolled_back(tenant: &TenantRecord) -> Option<&str> {
    reversal::run_of_source(&tenant.started.as_ref()?.policy)
}

fn name(tenant: &TenantRecord) -> String {
    tenant.started.as_ref().map_or_else(|| "a tenant".to_owned(), |begun| begun.tenant.clone())
}

fn settings(tenant: &TenantRecord) -> String {
    let mut seen = HashSet::new();
    let names = tenant.requests.iter().filter(|request| !request.is_reversal).flat_map(|request| &request.settings);
    let names: Vec<&str> = names.map(String::as_str).filter(|name| seen.insert(*name)).collect();
    safe(&names.join(", ")).into_owned()
}
