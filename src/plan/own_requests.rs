//! The requests that runs of this program sent, by their journals: a change by one of them is attributed to the run and not
//! to the person or application as whom the run signed in.

use jiff::{SignedDuration, Timestamp};

use crate::base::ids::RunId;
use crate::base::value::Value;
use crate::plan::drift_state::ChangeWindow;
use crate::plan::drifted_setting::DriftedSetting;
use crate::plan::logged_change::{LoggedChange, leaves_alone};
use crate::tenant::audit::{Actor, ActorKind, AuditEvent};

/// The most by which the time of an event differs from the time at which its request was sent: the clocks of this machine and
/// of the service, and the time that the service takes.
const MAX_DIFFERENCE: SignedDuration = SignedDuration::from_mins(5);

/// A change of one setting that a run sent.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnRequest {
    /// The run that sent the request.
    pub run: RunId,
    /// When the request was about to be sent, by the clock of the machine that sent it.
    pub at: Timestamp,
    /// The name of the setting.
    pub setting: &'static str,
    /// The value of the setting before the request.
    pub before: Value,
    /// The value that the request gave it.
    pub after: Value,
    /// Whether the run read the tenant afterwards and found that value.
    pub verified: bool,
}

/// What is known here of this program's own writes to a tenant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnWrites {
    /// The requests in the journals of this state.
    pub requests: Vec<OwnRequest>,
    /// The ids of the application as which this program signs in, application and service principal; empty where it signs in
    /// as a person, who may have used the portal as well.
    pub application: Vec<String>,
}

impl OwnWrites {
    /// Whether an actor is the application as which this program signs in.
    #[must_use]
    pub(crate) fn is_application(&self, actor: &Actor) -> bool {
        let ours = |id: &String| !id.is_empty() && self.application.iter().any(|own| own.eq_ignore_ascii_case(id));
        actor.kind == ActorKind::App && (ours(&actor.id) || ours(&actor.principal))
    }

    /// The request that caused an event, if one of ours did: the request was sent in the time of the change, the event may be
    /// about the setting, has the value of the request, and is the nearest in time of all `events` of which that is true. An
    /// event whose value cannot be compared is ours only if the value that was found is.
    #[must_use]
    pub(crate) fn request_of(
        &self,
        case: &DriftedSetting,
        event: &AuditEvent,
        events: &[&AuditEvent],
    ) -> Option<&OwnRequest> {
        let nearest = |request: &&OwnRequest| {
            let fitting = events.iter().filter(|event| fits(case, request, event));
            let first = fitting.min_by_key(|event| difference(request, event));
            first.is_some_and(|first| std::ptr::eq(*first, event))
        };
        self.requests.iter().filter(nearest).min_by_key(|request| difference(request, event))
    }

    /// The newest verified request that gave a setting the value that was found, in the time of the change.
    #[must_use]
    pub(crate) fn verified_request(&self, case: &DriftedSetting) -> Option<&OwnRequest> {
        let gave = |request: &&OwnRequest| request.verified && request.after == case.found && concerns(case, request);
        self.requests.iter().filter(gave).max_by_key(|request| request.at)
    }
}

fn difference(request: &OwnRequest, event: &AuditEvent) -> SignedDuration {
    event.at.duration_since(request.at).abs()
}

/// Whether a request changed the setting in the time in which it changed to the value found.
fn concerns(case: &DriftedSetting, request: &OwnRequest) -> bool {
    let in_time = match case.window {
        Some(ChangeWindow::Between { after, by }) => after <= request.at && request.at <= by,
        Some(ChangeWindow::UnchangedSince(_) | ChangeWindow::SeenOnce(_)) | None => false,
    };
    in_time && request.setting == case.setting.name
}

fn fits(case: &DriftedSetting, request: &OwnRequest, event: &AuditEvent) -> bool {
    let LoggedChange { from, to } = LoggedChange::of(case.setting, event);
    concerns(case, request)
        && difference(request, event) <= MAX_DIFFERENCE
        && !leaves_alone(case.setting, event)
        && from.is_none_or(|from| from == request.before)
        && to.as_ref().unwrap_or(&case.found) == &request.after
}
