//! Decides which faults act on a request, from the requests before it.

use crate::faults::fault::{Action, Fault, Moment, RequestFilter};
use crate::http::message::Request;

/// The faults of a server, each with the number of requests that it has matched.
#[derive(Debug)]
pub(crate) struct FaultSchedule {
    faults: Vec<(Fault, u32)>,
}

impl FaultSchedule {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self { faults: faults.into_iter().map(|fault| (fault, 0)).collect() }
    }

    /// The actions that apply to this request, which counts as one more.
    pub(crate) fn due_actions(&mut self, request: &Request) -> Vec<Action> {
        let mut actions = Vec::new();
        for (fault, seen) in self.faults.iter_mut().filter(|(fault, _)| matches(&fault.filter, request)) {
            if fault.acts_on(*seen) {
                actions.push(fault.action.clone());
            }
            *seen = seen.saturating_add(1);
        }
        actions
    }
}

fn matches(filter: &RequestFilter, request: &Request) -> bool {
    let path = request.path.to_ascii_lowercase();
    filter.method.as_ref().is_none_or(|method| *method == request.method)
        && path.contains(&filter.path_contains.to_ascii_lowercase())
}

/// Whether an action resets the connection at this moment.
pub(crate) fn resets_connection(actions: &[Action], at: Moment) -> bool {
    actions.iter().any(|action| matches!(action, Action::Reset(moment) if *moment == at))
}
