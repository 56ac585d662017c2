//! Who changed a drifted setting, in the words people read.

use jiff::Timestamp;

use crate::engine::result::{DriftResult, TenantResult};
use crate::plan::attribution::{Attribution, ChangedBy, Confidence, UnknownReason};
use crate::plan::drift_state::ChangeWindow;
use crate::tenant::audit::ActorKind;
use crate::tenant::error::TenantError;

/// The most tenants of a group that are listed one by one.
const MAX_LISTED: usize = 10;

/// How an output escapes foreign text.
pub(crate) struct Escaping {
    /// Escapes the name of a tenant, a person or an application.
    pub(crate) name: fn(&str) -> String,
    /// Escapes a sentence of ours that may quote others.
    pub(crate) prose: fn(&str) -> String,
}

/// Who changed a setting in tenants that drifted alike: once where it is the same, else tenant by tenant.
pub(crate) fn lines(
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
            vec![format!("changed by: unknown in all {} tenants", all.len())]
        }
        all => {
            let one = |(tenant, _, sentence): &(&TenantResult<DriftResult>, _, String)| {
                format!("{}: {sentence}", (quote.name)(&tenant.tenant))
            };
            let mut lines: Vec<_> = all.iter().take(MAX_LISTED).map(one).collect();
            let more = all.len().saturating_sub(MAX_LISTED);
            lines.extend((more > 0).then(|| format!("and {more} more tenants, all listed by --format json")));
            lines
        }
    }
}

/// Who changed a setting, as text without escaping.
pub(crate) fn plain(attribution: &Attribution) -> String {
    sentence(attribution, &Escaping { name: str::to_owned, prose: str::to_owned })
}

/// Why the audit log could not be read, where that is why somebody is unknown.
pub(crate) fn unread(drifting: &DriftResult) -> Option<&TenantError> {
    drifting.attributions.values().find_map(|attribution| match &attribution.author {
        Err(UnknownReason::Unreadable(why)) => Some(why),
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
        Err(doubt) => (quote.prose)(&format!("changed by: unknown ({})", reason(doubt, attribution.window))),
    }
}

/// The word for a confidence, as in JSON.
pub(crate) fn word(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
    }
}

/// Why it is not known who changed a setting. Why the log could not be read is reported once by the caller.
pub(crate) fn reason(doubt: &UnknownReason, bracket: Option<ChangeWindow>) -> String {
    let time = match bracket {
        Some(ChangeWindow::Between { after, by }) => format!("between {} and {}", minute(after), minute(by)),
        Some(ChangeWindow::UnchangedSince(_)) | None => "of that time".to_owned(),
    };
    match (doubt, bracket) {
        (UnknownReason::NoChangeWindow, Some(ChangeWindow::UnchangedSince(first))) => {
            format!("every run since {} has seen this value", minute(first))
        }
        (UnknownReason::NoChangeWindow, _) => "no run has seen another value".to_owned(),
        (UnknownReason::NoEvent { early: true }, _) => {
            format!("no audit event {time}; one may take an hour to appear, so ask again later")
        }
        (UnknownReason::NoEvent { early: false }, _) => format!("no audit event {time}"),
        (UnknownReason::OtherSettings, _) => format!("the audit events {time} are about other settings"),
        (UnknownReason::OtherValues, _) => format!("the audit events {time} give it another value"),
        (UnknownReason::SeveralActors(many), _) => format!("{many} people or applications may have done it {time}"),
        (UnknownReason::NoActor, _) => format!("an audit event {time} does not say whose it is"),
        (UnknownReason::TooMany, _) => format!("the audit log has more events {time} than are read"),
        (UnknownReason::TooLong, _) => format!("the audit log does not reach back {time}"),
        (UnknownReason::OtherLog, _) => "Microsoft Intune has a log of its own, which is not read".to_owned(),
        (UnknownReason::Unreadable(_), _) => "the audit log cannot be read".to_owned(),
    }
}

/// A time for people, to the minute.
pub(crate) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
