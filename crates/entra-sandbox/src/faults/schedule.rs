//! Which faults act on a request, by what came before it.

use crate::faults::fault::{Action, Fault, Moment, RequestFilter};
use crate::http::message::Request;

/// The faults of a running server with what each has seen so far.
#[derive(Debug)]
pub(crate) struct FaultSchedule {
    faults: Vec<(Fault, u32)>,
}

impl FaultSchedule {
    pub(crate) fn new(faults: Vec<Fault>) -> Self {
        Self { faults: faults.into_iter().map(|fault| (fault, 0)).collect() }
    }

    /// What acts on this request.
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

/// Whether one of these takes the answer away on this side of the service's work.
pub(crate) fn resets_connection(actions: &[Action], at: Moment) -> bool {
    actions.iter().any(|action| matches!(action, Action::Reset(moment) if *moment == at))
}
