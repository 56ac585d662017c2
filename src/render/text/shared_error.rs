//! Errors as far as tenants share them: without the id of a request and without the name of a tenant.

use crate::base::ids::RequestId;
use crate::engine::result::TenantResult;
use crate::plan::change::Plan;
use crate::tenant::error::TenantError;

/// What stands for the name of a tenant in an error that several share.
const ANY_TENANT: &str = "TENANT";

/// An error without what is of this tenant alone: the id of the request, and its name, which hints have in commands.
#[must_use]
pub(crate) fn without_own(why: &TenantError, tenant: &str) -> TenantError {
    let TenantError { kind, message, hint, request_id: _ } = why;
    let shared = |text: &str| if tenant.is_empty() { text.to_owned() } else { text.replace(tenant, ANY_TENANT) };
    TenantError { kind: *kind, message: shared(message), hint: hint.as_deref().map(shared), request_id: None }
}

/// What is the same where an error is.
#[must_use]
pub(crate) fn error_key(what: &str, why: &TenantError, tenant: &str) -> String {
    let TenantError { kind, message, hint, request_id: _ } = without_own(why, tenant);
    format!("{what} {kind:?} {message:?} {hint:?}")
}

/// The error of tenants that could not be read for the same reason, as it is shown of all, and the ids of their requests; of
/// one tenant the id is in the error.
#[must_use]
pub(crate) fn error_of<T>(tenants: &[&TenantResult<T>], first: &TenantError) -> (TenantError, Vec<RequestId>) {
    match tenants {
        [_] | [] => (first.clone(), Vec::new()),
        [one, ..] => {
            let ids = tenants.iter().filter_map(|tenant| tenant.result.as_ref().err()?.request_id);
            (without_own(first, &one.tenant), ids.collect())
        }
    }
}

/// A plan in which the reasons of what is unknown are as tenants share them.
#[must_use]
pub(crate) fn plan_without_own(mut plan: Plan) -> Plan {
    let tenant = plan.tenant.to_string();
    for why in plan.unknown.iter_mut().map(|one| &mut one.why).chain(plan.unread.iter_mut().map(|one| &mut one.why)) {
        *why = without_own(why, &tenant);
    }
    plan
}

/// The ids of the requests for what is unknown in some plans, each once.
pub(crate) fn requests_of<'a>(plans: impl Iterator<Item = &'a Plan>) -> Vec<RequestId> {
    let mut ids = Vec::new();
    for plan in plans {
        let errors = plan.unknown.iter().map(|one| &one.why).chain(plan.unread.iter().map(|one| &one.why));
        for id in errors.filter_map(|why| why.request_id) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    ids
}

/// The ids of requests in words, of which `most` are named; nothing where there are none.
#[must_use]
pub(crate) fn request_words(ids: &[RequestId], most: usize, quote: fn(&str) -> String) -> Option<String> {
    let named: Vec<_> = ids.iter().take(most).map(|id| quote(&id.to_string())).collect();
    let more = ids.len().saturating_sub(most);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!ids.is_empty()).then(|| format!("requests: {}{more}", named.join(", ")))
}
