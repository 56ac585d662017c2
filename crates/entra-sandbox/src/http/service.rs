//! From a request to its reply: finds the service and the tenant, and applies the scripted faults.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::audit::event::Actor;
use crate::audit::record;
use crate::faults::fault::{Action, Faults, Moment};
use crate::faults::schedule::{FaultSchedule, resets_connection};
use crate::faults::{pages, reply as fault_reply};
use crate::http::delivery::Delivery;
use crate::http::message::{Answer, Caller, Reply, Request};
use crate::http::rate_limits::{RateLimited, RateLimits};
use crate::oauth::token_endpoint;
use crate::portal_user::edit;
use crate::state::folder::StateError;
use crate::state::tenant::Tenant;
use crate::state::world::World;
use crate::{graph, portal};

/// The emulated services, and the faults that act on them.
pub(crate) struct Service {
    world: World,
    latency: Duration,
    schedule: Mutex<FaultSchedule>,
    stale: Mutex<Vec<OldState>>,
    rate_limits: Option<RateLimits>,
    /// How many replies the services have made so far.
    answers: AtomicU64,
}

/// A state from before a write, which reads of one path still see.
struct OldState {
    path: String,
    tenant: Tenant,
    /// How many reads still see this state.
    reads_left: u32,
    /// Whether reads see the new state and this one in turn, the new one first.
    flapping: bool,
    /// Whether the next read sees the new state.
    new_next: bool,
}

impl Service {
    pub(crate) fn new(world: World, faults: Faults) -> Self {
        let Faults { latency, throttling, throttling_speed, scripted } = faults;
        let rate_limits = throttling.then(|| RateLimits::faster(throttling_speed));
        let (schedule, stale) = (Mutex::new(FaultSchedule::new(scripted)), Mutex::default());
        Self { world, latency, schedule, stale, rate_limits, answers: AtomicU64::new(0) }
    }

    /// Serves a request, with the faults that are due.
    pub(crate) fn answer(&self, request: &Request) -> Delivery {
        let actions = locked(&self.schedule).due_actions(request);
        let (request, page) = pages::page_of(&skewed(request, &actions), &actions);
        let request = &request;
        let deliver = |reply| Delivery::new(reply, request.now, self.latency, &actions);
        if resets_connection(&actions, Moment::Before) {
            return deliver(Reply::empty(StatusCode::OK)).without_reply();
        }
        let reply = match scripted_reply(&actions, Moment::Before, request.now) {
            Some(scripted) => scripted,
            None => {
                let number = self.answers.fetch_add(1, Ordering::Relaxed).saturating_add(1);
                let served = pages::with_changed_page(self.serve(request, &actions), request, page);
                let served = fault_reply::with_changed_shape(served, &actions, number);
                scripted_reply(&actions, Moment::After, request.now).unwrap_or(served)
            }
        };
        let delivery = deliver(reply);
        if resets_connection(&actions, Moment::After) { delivery.without_reply() } else { delivery }
    }

    fn serve(&self, request: &Request, actions: &[Action]) -> Reply {
        if graph::batch::is_batch(request) {
            return graph::add_headers(request, self.batch(request, actions));
        }
        let expired = actions.iter().any(|action| matches!(action, Action::ExpiredToken));
        let first = request.segments.first().map(|segment| segment.to_ascii_lowercase());
        let answer = match first.as_deref() {
            Some("api") => portal::route(request)
                .and_then(|endpoint| portal::authenticate(request, expired).map(|caller| (endpoint, caller)))
                .and_then(|(endpoint, caller)| {
                    self.with_tenant(request, &caller, actions, portal::unknown_tenant, |tenant| {
                        portal::handle(endpoint, request, &caller, tenant)
                    })
                }),
            Some("v1.0" | "beta") => graph::authenticate(request, expired).and_then(|caller| {
                self.check_rate_limits(request, &caller)?;
                self.with_tenant(
                    request,
                    &caller,
                    actions,
                    || graph::unknown_tenant(request),
                    |tenant| graph::handle(request, &caller, tenant),
                )
            }),
            _ => token_endpoint::handle(request, &self.world).unwrap_or_else(|| Err(unknown_path(request))),
        };
        let reply = answer.unwrap_or_else(|refusal| refusal);
        match first.as_deref() {
            Some("api") => portal::add_headers(request, reply),
            Some("v1.0" | "beta") => graph::add_headers(request, reply),
            _ => reply,
        }
    }

    /// Serves each request of a batch by itself, with the faults that are due for it. Faults of the connection act on
    /// the batch as a whole.
    fn batch(&self, request: &Request, actions: &[Action]) -> Reply {
        let expired = actions.iter().any(|action| matches!(action, Action::ExpiredToken));
        match graph::authenticate(request, expired) {
            Ok(_) => graph::batch::answer(request, |inner| self.answer(inner).reply),
            Err(refusal) => refusal,
        }
    }

    fn check_rate_limits(&self, request: &Request, caller: &Caller) -> Result<(), Reply> {
        let passed = self.rate_limits.as_ref().map_or(Ok(()), |limits| limits.check(request, caller));
        passed.map_err(|RateLimited { retry_after }| graph::too_many_requests(request, retry_after))
    }

    /// Lets a service act on the caller's tenant, with the faults that concern state, such as foreign edits.
    fn with_tenant(
        &self,
        request: &Request,
        caller: &Caller,
        actions: &[Action],
        no_tenant: impl FnOnce() -> Reply,
        act: impl FnOnce(&mut Tenant) -> Answer,
    ) -> Answer {
        let id = caller.tenant.to_string();
        self.foreign_edits(request, &id, actions, Moment::Before);
        let outcome = if request.is_write() {
            let noted = |tenant: &mut Tenant| {
                let before = tenant.clone();
                let answer = act(tenant)?;
                let actor = Actor::from_caller(caller, &tenant.apps);
                record::record_changes(tenant, &before, &actor, request.now, request.method == Method::DELETE);
                Ok(answer)
            };
            self.write(request, &id, actions, noted)
        } else {
            self.read(request, &id).map(|mut tenant| act(&mut tenant))
        };
        self.foreign_edits(request, &id, actions, Moment::After);
        outcome.unwrap_or_else(|error| match error {
            StateError::NoTenant(_) => Err(no_tenant()),
            broken => Err(Reply::value(StatusCode::INTERNAL_SERVER_ERROR, &json!({"message": broken.to_string()}))),
        })
    }

    fn read(&self, request: &Request, id: &str) -> Result<Tenant, StateError> {
        let mut stale = locked(&self.stale);
        // A write to a member makes the whole collection stale, and a write to a collection makes its members stale.
        let path = path_of(request);
        let around = |outer: &str, inner: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
        let near = |old: &str| old == path || around(old, &path) || around(&path, old);
        let same = |old: &&mut OldState| old.reads_left > 0 && near(&old.path) && old.tenant.has_name(id);
        if let Some(old) = stale.iter_mut().find(same) {
            let sees_new = old.new_next;
            old.new_next = old.flapping && !sees_new;
            if !sees_new {
                old.reads_left -= 1;
                return Ok(old.tenant.clone());
            }
        }
        drop(stale);
        self.world.tenant(id)
    }

    fn write(
        &self,
        request: &Request,
        id: &str,
        actions: &[Action],
        act: impl FnOnce(&mut Tenant) -> Answer,
    ) -> Result<Answer, StateError> {
        let before = self.world.tenant(id)?;
        let lost = actions.iter().any(|action| matches!(action, Action::LostWrite));
        let answer = if lost {
            act(&mut before.clone())
        } else {
            self.world.change(id, |tenant| {
                let old = tenant.clone();
                let answer = act(tenant)?;
                for action in actions {
                    if let Action::IgnoreKey(key) = action {
                        tenant.restore_key(&old, key);
                    }
                }
                Ok(answer)
            })?
        };
        if answer.is_ok() {
            for action in actions {
                let (reads_left, flapping) = match action {
                    Action::StaleReads(reads) => (*reads, false),
                    Action::FlappingReads(reads) => (*reads, true),
                    _ => continue,
                };
                let (path, tenant) = (path_of(request), before.clone());
                locked(&self.stale).push(OldState { path, tenant, reads_left, flapping, new_next: flapping });
            }
        }
        Ok(answer)
    }

    fn foreign_edits(&self, request: &Request, tenant: &str, actions: &[Action], now: Moment) {
        for action in actions {
            if let Action::ForeignEdit { moment, setting, value } = action
                && *moment == now
                && let Err(refusal) = edit::set_as(&self.world, tenant, setting, value, None, request.now)
            {
                tracing::warn!(%setting, "a scripted foreign edit was refused: {refusal}");
            }
        }
    }
}

fn path_of(request: &Request) -> String {
    request.segments.join("/").to_ascii_lowercase()
}

/// The reply that a fault gives instead of the service's own, before or after the service acted.
fn scripted_reply(actions: &[Action], now: Moment, clock: Timestamp) -> Option<Reply> {
    actions.iter().find_map(|action| match action {
        Action::Respond { status, headers, body } if now == Moment::Before => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Some(Reply { status, headers: headers.clone(), body: body.clone() })
        }
        Action::Refuse { status, retry_after, moment } if *moment == now => {
            Some(fault_reply::error(*status, *retry_after, clock))
        }
        _ => None,
    })
}

/// The request, dated by the skewed clock of the service.
fn skewed(request: &Request, actions: &[Action]) -> Request {
    let mut request = request.clone();
    for action in actions {
        if let Action::ClockSkew(skew) = action {
            request.now = request.now.saturating_add(*skew).unwrap_or(request.now);
        }
    }
    request
}

/// No service has this path.
fn unknown_path(request: &Request) -> Reply {
    let message = format!("nothing is served at {} (request {})", request.path, Uuid::new_v4());
    Reply::value(StatusCode::NOT_FOUND, &json!({"message": message}))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
