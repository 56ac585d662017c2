//! Who changed a drifted setting, in the words people read.

use jiff::Timestamp;

use crate::plan::attribution::{Attribution, ChangedBy, Confidence, UnknownReason};
use crate::plan::drift_state::ChangeWindow;
use crate::render::report::{DriftResult, TenantResult};
use crate::tenant::audit::ActorKind;
use crate::tenant::error::TenantError;

/// Most tenants of a group that are told one by one.
const TOLD: usize = 10;

/// How an output makes foreign text harmless.
pub(crate) struct Escaping {
    /// A name: of a tenant, a person or an application.
    pub(crate) name: fn(&str) -> String,
    /// A sentence of ours that may quote others.
    pub(crate) prose: fn(&str) -> String,
}

/// Who changed a setting in tenants that drifted alike: once where it is the same, else tenant by tenant.
pub(crate) fn told(
    members: &[(&TenantResult<DriftResult>, &DriftResult)],
    setting: &str,
    quote: &Escaping,
) -> Vec<String> {
    let each = members.iter().filter_map(|(tenant, drifting)| Some((*tenant, drifting.attributions.get(setting)?)));
    let each: Vec<_> = each.map(|(tenant, found)| (tenant, found, sentence(found, quote))).collect();
    match each.as_slice() {
        [] => Vec::new(),
        [(_, _, first), rest @ ..] if rest.iter().all(|(_, _, other)| other == first) => vec![first.clone()],
        all if all.iter().all(|(_, found, _)| found.author.is_err()) => {
            vec![format!("by whom: unknown in all {} tenants", all.len())]
        }
        all => {
            let one = |(tenant, _, sentence): &(&TenantResult<DriftResult>, _, String)| {
                format!("{}: {sentence}", (quote.name)(&tenant.tenant))
            };
            let mut lines: Vec<_> = all.iter().take(TOLD).map(one).collect();
            let more = all.len().saturating_sub(TOLD);
            lines.extend((more > 0).then(|| format!("and {more} more tenants, each told by --format json")));
            lines
        }
    }
}

/// Who changed a setting, as text that nothing is done to.
pub(crate) fn plain(attribution: &Attribution) -> String {
    sentence(attribution, &Escaping { name: str::to_owned, prose: str::to_owned })
}

/// Why the audit log could not be read, where that is why somebody is unknown.
pub(crate) fn unread(drifting: &DriftResult) -> Option<&TenantError> {
    drifting.attributions.values().find_map(|attribution| match &attribution.author {
        Err(UnknownReason::Unreadable(trouble)) => Some(trouble),
        Ok(_) | Err(_) => None,
    })
}

fn sentence(attribution: &Attribution, quote: &Escaping) -> String {
    match &attribution.author {
        Ok(ChangedBy { confidence, actor, event, events }) => {
            let app = if actor.kind == ActorKind::App { "the application " } else { "" };
            let many = if *events > 1 { format!(", the last of {events} events") } else { String::new() };
            format!(
                "changed by {app}{} on {} ({}{many})",
                (quote.name)(&actor.name),
                minute(event.at),
                word(*confidence)
            )
        }
        Err(doubt) => (quote.prose)(&format!("by whom: unknown ({})", reason(doubt, attribution.window))),
    }
}

/// The word for a confidence.
pub(crate) fn word(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
    }
}

/// Why it is not known who changed a setting; the trouble with the log is left to whoever tells it once.
pub(crate) fn reason(doubt: &UnknownReason, bracket: Option<ChangeWindow>) -> String {
    let time = match bracket {
        Some(ChangeWindow::Between { after, by }) => format!("between {} and {}", minute(after), minute(by)),
        Some(ChangeWindow::UnchangedSince(_)) | None => "of that time".to_owned(),
    };
    match (doubt, bracket) {
        (UnknownReason::NoChangeWindow, Some(ChangeWindow::UnchangedSince(first))) => {
            format!("no run has seen another value: it was so already on {}, when one first looked", minute(first))
        }
        (UnknownReason::NoChangeWindow, _) => "no run has seen another value".to_owned(),
        (UnknownReason::NoEvent { early: true }, _) => {
            format!("no audit event {time}; one may take an hour to appear, so ask again later")
        }
        (UnknownReason::NoEvent { early: false }, _) => format!("no audit event {time}"),
        (UnknownReason::OtherSettings, _) => format!("the audit events {time} are about other settings"),
        (UnknownReason::SeveralActors(many), _) => format!("{many} people or applications may have done it {time}"),
        (UnknownReason::NoActor, _) => format!("an audit event {time} does not say whose it is"),
        (UnknownReason::TooMany, _) => format!("the audit log has more events {time} than are read"),
        (UnknownReason::TooLong, _) => format!("the audit log does not reach back far enough to tell {time}"),
        (UnknownReason::OtherLog, _) => "Microsoft Intune keeps a log of its own, which is not read".to_owned(),
        (UnknownReason::Unreadable(_), _) => "the audit log cannot be read".to_owned(),
    }
}

/// A moment for people, to the minute.
pub(crate) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
