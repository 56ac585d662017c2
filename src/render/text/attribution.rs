//! Who changed a drifted setting, in the words people read.

use jiff::{SignedDuration, Timestamp};

use crate::engine::result::{DriftResult, TenantResult};
use crate::plan::attribution::{Attribution, Author, ChangedBy, Confidence, Doubt, UnknownReason};
use crate::plan::drift_state::ChangeWindow;
use crate::plan::reverts::{Revert, RevertEvent};
use crate::tenant::audit::{Actor, ActorKind};
use crate::tenant::error::TenantError;

/// The most tenants of a group that are listed one by one.
const MAX_LISTED: usize = 10;

/// The title of the list of changes that were taken back.
pub(crate) const REVERTS: &str = "Changed and changed back since the run before:";

/// The title of the settings that are pending.
pub(crate) const PENDING: &str = "pending: only the policy changed, and it is not applied yet";

/// How many settings of a tenant may be pending and may have drifted, one line for each reason; none where that is known of all.
pub(crate) fn undecided(drifting: &DriftResult) -> Vec<String> {
    let returned = drifting.returned.len();
    let reasons = [
        (drifting.undecided.len() - returned, "no run has seen both agree"),
        (returned, "the tenant had another value since both agreed, and has the former one again"),
    ];
    let line = |(settings, reason): (usize, &str)| {
        let settings = match settings {
            0 => return None,
            1 => "1 setting".to_owned(),
            many => format!("{many} settings"),
        };
        Some(format!("of {settings} it is unknown whether the tenant or the policy changed: {reason}"))
    };
    reasons.into_iter().filter_map(line).collect()
}

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

/// What was changed and taken back in these tenants since the run before, one line for each; none if nothing was.
pub(crate) fn revert_lines(tenants: &[TenantResult<DriftResult>], quote: &Escaping) -> Vec<String> {
    let read = tenants.iter().filter_map(|tenant| Some((tenant, tenant.result.as_ref().ok()?.reverts.as_ref().ok()?)));
    let all: Vec<_> = read.flat_map(|(tenant, reverts)| reverts.iter().map(move |revert| (tenant, revert))).collect();
    let mut lines: Vec<_> = all
        .iter()
        .take(MAX_LISTED)
        .map(|(tenant, Revert { setting, changed, back })| {
            let (first, last) = (revert_event(changed, quote), revert_event(back, quote));
            format!("{}: {}: changed {first}, back {last}", (quote.name)(&tenant.tenant), (quote.name)(setting.name))
        })
        .collect();
    let more = all.len().saturating_sub(MAX_LISTED);
    lines.extend((more > 0).then(|| format!("and {more} more, all listed by --format json")));
    lines
}

fn revert_event(RevertEvent { author, event }: &RevertEvent, quote: &Escaping) -> String {
    let who =
        author.as_ref().map_or_else(|| "somebody whom the log does not name".to_owned(), |author| who(author, quote));
    format!("by {who} on {}", minute(event.at))
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
        Ok(found) => {
            let at = changed_at(found).map(|at| format!(" on {}", minute(at))).unwrap_or_default();
            format!(
                "changed by {}{at} ({})",
                who(&found.author, quote),
                (quote.prose)(&certainty(found, attribution.log_complete_at))
            )
        }
        Err(doubt) => {
            let why = reason(doubt, attribution.window);
            let again = attribution.log_complete_at.map(|at| format!("; {}", log_complete_at(at))).unwrap_or_default();
            (quote.prose)(&format!("changed by: unknown ({why}{again})"))
        }
    }
}

/// When a setting was changed: the time of the event, or that of the request where only the run's journal shows it.
pub(crate) fn changed_at(found: &ChangedBy) -> Option<Timestamp> {
    match (&found.event, &found.author) {
        (_, Author::Run { at, .. }) => Some(*at),
        (event, Author::Actor(_) | Author::OwnApplication(_)) => event.as_ref().map(|event| event.at),
    }
}

/// An author as it follows "changed by".
pub(crate) fn who(author: &Author, quote: &Escaping) -> String {
    match author {
        Author::Actor(actor) => actor_name(actor, quote),
        Author::Run { run, at: _ } => format!("ssprctl run {run}"),
        Author::OwnApplication(actor) => {
            format!("ssprctl as {}, in a run whose journal is not here,", actor_name(actor, quote))
        }
    }
}

fn actor_name(actor: &Actor, quote: &Escaping) -> String {
    let app = if actor.kind == ActorKind::App { "the application " } else { "" };
    format!("{app}{}", (quote.name)(&actor.name))
}

/// How certain an author is, and why no more than that.
fn certainty(found: &ChangedBy, again: Option<Timestamp>) -> String {
    let many = if found.events > 1 { format!(", the last of {} events", found.events) } else { String::new() };
    // How many events there are has been said, and when to ask again is said with the date.
    let said = |doubt: &Doubt| matches!(doubt, Doubt::SeveralEvents | Doubt::LogIncomplete);
    let doubts = found.doubts.iter().filter(|doubt| !said(doubt)).map(|doubt| doubt_words(*doubt).to_owned());
    let doubts: Vec<_> = doubts.chain(again.map(log_complete_at)).collect();
    let colon = if doubts.is_empty() { "" } else { ": " };
    format!("{}{many}{colon}{}", word(found.confidence()), doubts.join("; "))
}

/// Why an author is not certain.
pub(crate) fn doubt_words(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::LogIncomplete => "the audit log may still lack events of that time",
        Doubt::LogTooShort => "the audit log does not go back to all of that time",
        Doubt::NotInLog => "by the run's journal, the audit log does not show it",
        Doubt::SettingNotNamed => "the event does not name the setting",
        Doubt::NoValue => "the event gives no value that can be compared",
        Doubt::NoPreviousValue => "the value before it cannot be compared",
        Doubt::OtherPreviousValue => "the event begins at another value than was last seen",
        Doubt::SeveralEvents => "several events can be the cause",
        Doubt::OtherEvents => "there are other events of that time",
        Doubt::LateEvent => "the event is dated after the change was seen",
    }
}

/// When a later look can give another answer. The time is that of the next full minute.
fn log_complete_at(at: Timestamp) -> String {
    const ALMOST_A_MINUTE: SignedDuration = SignedDuration::from_millis(59_999);
    let at = at.saturating_add(ALMOST_A_MINUTE).unwrap_or(at);
    format!("the audit log may lack events until {}, ask again then", minute(at))
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
        Some(ChangeWindow::UnchangedSince(_) | ChangeWindow::SeenOnce(_)) | None => "of that time".to_owned(),
    };
    match (doubt, bracket) {
        (UnknownReason::NoChangeWindow, Some(ChangeWindow::UnchangedSince(first))) => {
            format!("every run since {} has seen this value", minute(first))
        }
        (UnknownReason::NoChangeWindow, Some(ChangeWindow::SeenOnce(at))) => {
            format!("a run at {} saw this value", minute(at))
        }
        (UnknownReason::NoChangeWindow, _) => "no run has seen another value".to_owned(),
        (UnknownReason::NoEvent, _) => format!("no audit event {time}"),
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
