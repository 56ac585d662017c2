//! The tenants of a running controller as rows: one word for the state of each, the exit code that belongs to it, a table for
//! people and a document.

use std::fmt::Write as _;
use std::ops::Not;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use crate::base::exit::Exit;
use crate::controller::condition::{ConditionStatus, Reason};
use crate::controller::git::short;
use crate::controller::people::people_line;
use crate::controller::state::{ObservedRevision, TenantState};
use crate::controller::status::Status;
use crate::policy::{schema, suggest};
use crate::render::text::attribution::minute;
use crate::render::text::safe::safe;
use crate::render::text::style::{BAD, CHANGE, DOUBT, GOOD, HEADING, MUTED, paint};
use crate::render::text::summary_lines::IN_SYNC_AS_READ;

/// The state of a tenant in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum FleetState {
    /// As its policy says.
    InSync,
    /// As its policy says, and a fact about it could not be read.
    InSyncAsRead,
    /// It was as its policy says, and somebody changed it.
    Drifted,
    /// The tenant is not as the policy says, and no run has seen it so since the policy changed.
    Pending,
    /// The policy is not applied because of a freeze window, an earlier ring, a rule or a limit.
    Held,
    /// It cannot be read.
    Unreadable,
    /// It cannot be reconciled for another reason.
    Failed,
    /// Not reconciled yet.
    Unknown,
    /// Somebody or `ssprctl.yaml` suspends it.
    Suspended,
}

impl FleetState {
    pub(crate) const ALL: [Self; 9] = [
        Self::InSync,
        Self::InSyncAsRead,
        Self::Drifted,
        Self::Pending,
        Self::Held,
        Self::Unreadable,
        Self::Failed,
        Self::Unknown,
        Self::Suspended,
    ];

    /// The state of a tenant. That it is suspended comes before what was last known of it.
    pub(crate) fn of(tenant: &TenantState) -> Self {
        let ready = &tenant.conditions.ready;
        let waits = tenant.waits_for_ring.is_some();
        match (ready.status, ready.reason) {
            _ if tenant.is_suspended() => Self::Suspended,
            (ConditionStatus::True, _) if !tenant.unread.is_empty() => Self::InSyncAsRead,
            (ConditionStatus::True, _) => Self::InSync,
            (ConditionStatus::Unknown, _) => Self::Unknown,
            (ConditionStatus::False, Reason::Drifted | Reason::Pending) if waits => Self::Held,
            (ConditionStatus::False, reason) => Self::of_reason(reason),
        }
    }

    /// The state of a tenant of which only the reason is known, as of an entry of its history.
    pub(crate) fn of_reason(reason: Reason) -> Self {
        match reason {
            Reason::InSync | Reason::Applied | Reason::Fetched | Reason::Resumed => Self::InSync,
            Reason::Drifted => Self::Drifted,
            Reason::Pending | Reason::LosesReset => Self::Pending,
            Reason::Frozen | Reason::Refused => Self::Held,
            Reason::Waiting | Reason::Progressing | Reason::Retrying | Reason::Idle => Self::Unknown,
            Reason::Suspended => Self::Suspended,
            Reason::Unreadable | Reason::NoAccess | Reason::Unavailable => Self::Unreadable,
            Reason::Unsigned | Reason::InvalidPolicy | Reason::Stale | Reason::Unverified => Self::Failed,
        }
    }

    /// The words for people.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::InSync => "in sync",
            Self::InSyncAsRead => IN_SYNC_AS_READ,
            Self::Drifted => "drifted",
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Unreadable => "unreadable",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Suspended => "suspended",
        }
    }

    fn style(self) -> anstyle::Style {
        match self {
            Self::InSync => GOOD,
            Self::Drifted | Self::Pending | Self::Held => CHANGE,
            Self::Unreadable | Self::Failed => BAD,
            Self::Unknown => MUTED,
            Self::Suspended | Self::InSyncAsRead => DOUBT,
        }
    }
}

/// Tenants of a running controller, as `controller tenants`, `suspend`, `resume` and `reconcile` write them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ssprctl controller tenants")]
pub(crate) struct FleetTenants {
    /// The version of this format.
    #[schemars(extend("const" = 1))]
    format_version: u32,
    /// `true` where the tenants are the embedded ones of `--sandbox`, not real ones; absent elsewhere.
    #[serde(default, skip_serializing_if = "Not::not")]
    sandbox: bool,
    /// The chosen tenants, by name.
    tenants: Vec<FleetRow>,
}

/// A chosen tenant, and what is known of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FleetRow {
    /// The tenant, as its policy names it.
    tenant: String,
    state: FleetState,
    /// How many settings differ from the policy; absent where the last attempt to compare them failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    differing_settings: Option<usize>,
    /// Its ring; absent without rings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ring: Option<String>,
    /// The revision that it was compared with last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revision: Option<String>,
    /// When it was compared last (RFC 3339, UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    last: Option<Timestamp>,
    /// When it was last tried to compare it (RFC 3339, UTC); absent where that succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    failed_attempt: Option<Timestamp>,
    /// When it is reconciled next (RFC 3339, UTC); absent while it is suspended, or if not before something changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    next: Option<Timestamp>,
    /// The message of the condition Ready, or who suspended it, for people.
    message: String,
    #[serde(skip)]
    reason: Reason,
}

impl FleetTenants {
    /// The tenants of a status whose names are among `names`.
    pub(crate) fn of(status: &Status, names: &[String]) -> Self {
        let chosen = status.tenants.iter().filter(|(name, _)| names.contains(name));
        let tenants = chosen.map(|(name, tenant)| FleetRow::of(name, tenant));
        Self { format_version: 1, sandbox: status.sandbox, tenants: tenants.collect() }
    }

    /// The exit code of a reconciliation of these tenants, suspended ones apart: the first of `ORDER` that one of them has.
    pub(crate) fn exit(&self) -> Exit {
        const ORDER: [Exit; 7] =
            [Exit::NoAccess, Exit::Failed, Exit::Invalid, Exit::Refused, Exit::Stale, Exit::Unverified, Exit::Changes];
        let exits: Vec<Exit> = self.tenants.iter().map(exit_of).collect();
        ORDER.into_iter().find(|exit| exits.contains(exit)).unwrap_or(Exit::Done)
    }

    /// How many tenants there are, by state, for people.
    pub(crate) fn counts(&self) -> String {
        let count = |state: FleetState| {
            let many = self.tenants.iter().filter(|row| row.state == state).count();
            (many > 0).then(|| format!("{many} {}", state.words()))
        };
        let parts: Vec<_> = FleetState::ALL.into_iter().filter_map(count).collect();
        match parts.as_slice() {
            [] => "none".to_owned(),
            parts => format!("{}: {}", self.tenants.len(), parts.join(", ")),
        }
    }

    /// A table for people, with a line below each tenant that is not in sync.
    pub(crate) fn table(&self) -> String {
        const HEAD: [&str; 7] = ["TENANT", "STATE", "SETTINGS", "RING", "REVISION", "LAST", "NEXT"];
        let none = || "–".to_owned();
        let rows = self.tenants.iter().map(|row| {
            let revision = row.revision.as_deref().map_or_else(none, |revision| safe(short(revision)).into_owned());
            [
                safe(&row.tenant).into_owned(),
                row.state.words().to_owned(),
                row.differing_settings.map_or_else(|| "unknown".to_owned(), |many| many.to_string()),
                row.ring.as_deref().map_or_else(none, |ring| safe(ring).into_owned()),
                revision,
                row.last.map_or_else(none, minute),
                row.next.map_or_else(none, minute),
            ]
        });
        let rows: Vec<[String; 7]> = rows.collect();
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain(HEAD.get(column).map(|head| head.len())).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
        let line = |cells: &[String]| {
            let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let mut text = format!("{}\n", paint(HEADING, &line(&HEAD.map(str::to_owned))));
        for (cells, row) in rows.iter().zip(&self.tenants) {
            let _ = writeln!(text, "{}", line(cells));
            if !matches!(row.state, FleetState::InSync) && !row.message.is_empty() {
                let attempt = row.failed_attempt.map(|at| format!(" (last attempt {})", minute(at)));
                let message = format!("{}{}", safe(&row.message), attempt.unwrap_or_default());
                let _ = writeln!(text, "  {}", paint(row.state.style(), &message));
            }
        }
        text
    }

    pub(crate) fn json(&self) -> String {
        json(self)
    }
}

impl FleetRow {
    fn of(name: &str, tenant: &TenantState) -> Self {
        Self {
            tenant: name.to_owned(),
            state: FleetState::of(tenant),
            differing_settings: tenant.differing(),
            ring: tenant.ring.clone(),
            revision: tenant.compared().map(|mark| mark.revision.clone()),
            last: tenant.compared().map(|mark| mark.at),
            failed_attempt: tenant.failed_attempt().map(|mark| mark.at),
            next: tenant.next.filter(|_| !tenant.is_suspended()),
            message: message(tenant),
            reason: tenant.conditions.ready.reason,
        }
    }
}

/// A document as the program writes it.
pub(crate) fn json(document: &impl Serialize) -> String {
    // The types have text keys alone, so this never fails.
    serde_json::to_string_pretty(document).map(|text| format!("{text}\n")).unwrap_or_default()
}

/// The message of the condition Ready, or who suspended the tenant, for people.
pub(crate) fn message(tenant: &TenantState) -> String {
    match (tenant.suspended_by_file, tenant.suspended) {
        (true, _) => "suspended by ssprctl.yaml".to_owned(),
        (false, true) => "suspended by a request".to_owned(),
        (false, false) => tenant.conditions.ready.message.clone(),
    }
}

fn exit_of(row: &FleetRow) -> Exit {
    match (row.state, row.reason) {
        (FleetState::InSync | FleetState::InSyncAsRead | FleetState::Suspended, _) => Exit::Done,
        (FleetState::Drifted | FleetState::Pending, _) => Exit::Changes,
        (FleetState::Held, Reason::Refused) => Exit::Refused,
        (FleetState::Held, _) => Exit::Changes,
        (_, Reason::NoAccess) => Exit::NoAccess,
        (_, Reason::InvalidPolicy) => Exit::Invalid,
        (_, Reason::Stale) => Exit::Stale,
        (_, Reason::Unverified) => Exit::Unverified,
        (FleetState::Unreadable | FleetState::Failed | FleetState::Unknown, _) => Exit::Failed,
    }
}

/// The exit code of the source: a revision that cannot be used is not what was reconciled.
pub(crate) fn exit_of_source(status: &Status) -> Exit {
    let ready = &status.source.conditions.ready;
    match (ready.status, ready.reason) {
        (ConditionStatus::True, _) => Exit::Done,
        (_, Reason::InvalidPolicy) => Exit::Invalid,
        (_, Reason::Unsigned) => Exit::Refused,
        (_, _) => Exit::Failed,
    }
}

/// What `controller status` prints for people.
pub(crate) fn summary(status: &Status) -> String {
    let Status { source, tenants, version, started, remediate, ready, .. } = status;
    let names: Vec<String> = tenants.keys().cloned().collect();
    let write = if *remediate { "tenants are written" } else { "differences are only reported" };
    let branch = source.branch.as_ref().map(|branch| format!("{branch} of ")).unwrap_or_default();
    let mark = |mark: &Option<ObservedRevision>| match mark {
        Some(mark) => format!("{} since {}", safe(short(&mark.revision)), minute(mark.at)),
        None => "none".to_owned(),
    };
    let followed = tenants.values().filter(|tenant| !tenant.is_suspended()).filter_map(|tenant| tenant.next);
    let next = followed.chain(source.next).min().map_or_else(|| "none".to_owned(), minute);
    let compared = tenants.values().filter_map(|tenant| tenant.last_attempted.as_ref());
    let last = compared.map(|mark| mark.at).max().map_or_else(|| "none".to_owned(), minute);
    let fleet = FleetTenants::of(status, &names);
    let lines = [
        ("controller", format!("running since {}, version {}; {write}", minute(*started), safe(version))),
        ("source", safe(&format!("{branch}{}", source.address)).into_owned()),
        ("revision", mark(&source.last_applied)),
        ("ready", if *ready { "yes" } else { "no" }.to_owned()),
        ("rounds", format!("last {last}, next {next}")),
        ("tenants", fleet.counts()),
    ];
    let counted = tenants.values().filter_map(|tenant| Some((tenant.people()?, tenant.present_revision())));
    let people = people_line(counted).map(|line| ("people", safe(&line).into_owned()));
    let lines = lines.into_iter().chain(people);
    let mut text: String = lines.map(|(name, value)| format!("{name:12}{value}\n")).collect();
    let condition = &source.conditions.ready;
    if condition.status == ConditionStatus::False {
        let reason = condition.reason.name();
        let _ = writeln!(text, "\n{}", paint(BAD, &format!("the source is not ready ({reason})")));
        let _ = writeln!(text, "  {}", safe(&condition.message));
    }
    text
}

/// `did you mean …?`, if a word is near to one of the candidates.
pub(crate) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    suggest::nearest(word, candidates).map(|near| format!("did you mean `{}`?", safe(near)))
}

/// The JSON Schema of [`FleetTenants`].
#[must_use]
pub(crate) fn fleet_schema() -> Json {
    schema::of::<FleetTenants>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(status: ConditionStatus, reason: Reason, change: impl FnOnce(&mut TenantState)) -> (&'static str, Exit) {
        let mut tenant = TenantState::default();
        tenant.conditions.ready.set(status, reason, "", Timestamp::UNIX_EPOCH);
        change(&mut tenant);
        let row = FleetRow::of("contoso", &tenant);
        (row.state.words(), exit_of(&row))
    }

    #[test]
    fn each_state_has_a_word_and_an_exit_code() {
        let known = |reason| row(ConditionStatus::False, reason, |_| {});
        assert_eq!(row(ConditionStatus::Unknown, Reason::Waiting, |_| {}), ("unknown", Exit::Failed));
        assert_eq!(row(ConditionStatus::True, Reason::InSync, |_| {}), ("in sync", Exit::Done));
        assert_eq!(known(Reason::Drifted), ("drifted", Exit::Changes));
        assert_eq!(known(Reason::Pending), ("pending", Exit::Changes));
        assert_eq!(known(Reason::Frozen), ("held", Exit::Changes));
        assert_eq!(known(Reason::Refused), ("held", Exit::Refused));
        assert_eq!(known(Reason::Unavailable), ("unreadable", Exit::Failed));
        assert_eq!(known(Reason::NoAccess), ("unreadable", Exit::NoAccess));
        assert_eq!(known(Reason::Stale), ("failed", Exit::Stale));
        assert_eq!(known(Reason::Unverified), ("failed", Exit::Unverified));
        let waiting = |tenant: &mut TenantState| tenant.waits_for_ring = Some("pilot".to_owned());
        assert_eq!(row(ConditionStatus::False, Reason::Pending, waiting), ("held", Exit::Changes));
        let unread = |tenant: &mut TenantState| tenant.unread = vec!["the tenant's licences".to_owned()];
        assert_eq!(row(ConditionStatus::True, Reason::InSync, unread), ("in sync as far as read", Exit::Done));
        let by_file = |tenant: &mut TenantState| tenant.suspended_by_file = true;
        assert_eq!(row(ConditionStatus::False, Reason::NoAccess, by_file), ("suspended", Exit::Done));
    }
}
