//! The simulated tenant as the program sees it: slow, sometimes out of reach, and answered by any replica.

use std::collections::BTreeSet;
use std::future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ssprctl::testing::base::ids::{ObjectId, RunId, TenantId};
use ssprctl::testing::tenant::api::{ReadTenant, WriteTenant};
use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::error::{TenantError, TenantErrorKind, WriteFailure};
use ssprctl::testing::tenant::facts::{Licence, ResetLicence};
use ssprctl::testing::tenant::group::{Group, GroupQuery};
use ssprctl::testing::tenant::identity::Identity;
use ssprctl::testing::tenant::surface::{Service as Host, Surface, WriteMode};

use super::bugs::Bug;
use super::content;
use super::documents::TENANT;
use super::service::{Answer, Phase, Read, Service, Write};
use super::world::World;

/// The tenant, as one session of the program uses it.
pub(crate) struct Tenant<'a> {
    world: &'a World,
    session: usize,
    run: RunId,
    is_rollback: bool,
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    written: BTreeSet<Surface>,
    /// What a bug answers instead of the tenant, by document.
    instead: Vec<(Surface, Document)>,
}

impl<'a> Tenant<'a> {
    pub(crate) fn new(world: &'a World, session: usize, run: &RunId, is_rollback: bool) -> Self {
        let state = State { phase: Phase::Plan, written: BTreeSet::new(), instead: Vec::new() };
        Self { world, session, run: run.clone(), is_rollback, state: Mutex::new(state) }
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.state().phase = phase;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A machine without power waits for ever.
    async fn powered(&self) {
        if self.world.power.is_off() {
            future::pending::<()>().await;
        }
    }

    /// What a bug takes for the document, without asking.
    fn believed(&self, surface: Surface) -> Option<Document> {
        let state = self.state();
        let known = || self.world.memory().get(&surface).cloned();
        let unwritten = !state.written.contains(&surface);
        match self.world.bug? {
            Bug::NoFence if state.phase == Phase::Execute && unwritten => known(),
            Bug::UncheckedRollback if self.is_rollback && state.phase != Phase::Recover && unwritten => known(),
            Bug::OneRead | Bug::BelievedAcceptance if state.phase == Phase::Execute => {
                state.instead.iter().find(|(of, _)| *of == surface).map(|(_, document)| document.clone())
            }
            _ => None,
        }
    }

    /// Logs a read, and returns what the service answers.
    fn ask(&self, surface: Surface) -> Result<Document, TenantError> {
        let (mut state, mut service) = (self.state(), self.world.service());
        let now = self.world.now();
        let Service { rng, fault_rates, .. } = &mut *service;
        let (fails, edited) = (rng.chance(fault_rates.read_errors), rng.chance(fault_rates.edits));
        let before = rng.chance(500);
        let delay = rng.between(0, 80);
        if edited {
            service.edit_at(if before { now } else { now + delay });
            service.advance(now);
        }
        let (number, document) = service.read(surface, now);
        let version = (!fails).then_some(number);
        let read = Read {
            at: now,
            session: self.session,
            phase: state.phase,
            surface,
            version,
            newest: service.history[&surface].len() - 1,
            writes_before: service.writes.len(),
        };
        service.reads.push(read);
        if fails {
            return Err(TenantError::new(TenantErrorKind::Unavailable, "the service is busy"));
        }
        if self.world.bug == Some(Bug::OneRead)
            && let Some(write) = service.writes.iter().rfind(|write| write.session == self.session)
            && write.surface == surface
            && content::shows(&service.history[&surface][number].leaves, &write.asked)
        {
            state.instead = vec![(surface, document.clone())];
        }
        Ok(document)
    }

    /// Sends a write; returns its index in the log, the answer and after how many milliseconds it comes.
    fn send(&self, surface: Surface, body: &Document) -> (usize, Answer, u64) {
        let mut service = self.world.service();
        let now = self.world.now();
        let mut state = self.state();
        state.written.insert(surface);
        state.instead.clear();
        let number = service.writes.len();
        let edits = service.fault_rates.edits;
        if service.rng.chance(edits) {
            service.edit_at(now);
            service.advance(now);
        }
        let body = content::content(body);
        let (lines, line) = self.world.disk.announced(&World::journal_path(&self.run));
        let line = line.unwrap_or_default();
        let is_ours = |write: &&Write| write.session == self.session;
        let sent = service.writes.iter().filter(is_ours).count();
        if lines <= sent || line["surface"] != surface.spec().name || line["body"].as_object() != Some(&body) {
            service.problems.push(format!("write {number} is not announced by a line on disk, or was sent twice"));
        }
        let fence = service.check_fence(self.session, surface, number);
        let before = service.history[&surface][fence].content.clone();
        let asked = content::asked(surface, &before, &body);
        let is_reversal = line["undoing"] == true;
        let fate = fate(&mut service, surface, body.contains_key("id"));
        let session = self.session;
        let (answered, effect, answer) = (None, None, fate.answer);
        service.writes.push(Write {
            at: now,
            session,
            surface,
            body,
            fence,
            asked,
            is_reversal,
            answer,
            answered,
            effect,
        });
        if let Some(after) = fate.effect {
            service.take_effect_at(now + after, number, fate.part, fate.other_key, fate.lag);
        }
        (number, answer, fate.delay)
    }

    async fn send_once(&self, surface: Surface, body: &Document) -> Result<(), WriteFailure> {
        self.powered().await;
        let unsent = {
            let mut service = self.world.service();
            let faults = service.fault_rates.write_faults;
            service.rng.chance(faults / 20)
        };
        if unsent {
            let error = TenantError::new(TenantErrorKind::Unavailable, "no connection");
            return Err(WriteFailure::NotSent(error));
        }
        let (number, answer, delay) = self.send(surface, body);
        tokio::time::sleep(std::time::Duration::from_millis(delay)).await;
        self.powered().await;
        let mut service = self.world.service();
        service.writes[number].answered = Some(self.world.now());
        let kind = match answer {
            Answer::Accepted if self.world.bug == Some(Bug::BelievedAcceptance) => {
                let write = service.writes[number].clone();
                let old = &service.history[&surface][write.fence].content;
                let new = content::written(surface, old, &write.body, false, number);
                self.state().instead = vec![(surface, content::document(&new))];
                return Ok(());
            }
            Answer::Accepted => return Ok(()),
            Answer::Refused => TenantErrorKind::Refused,
            Answer::Busy => TenantErrorKind::Unavailable,
            Answer::None => TenantErrorKind::OutcomeUnknown,
        };
        let error = TenantError::new(kind, format!("write {number}: {answer:?}"));
        let believed = self.world.bug == Some(Bug::BelievedRefusal) && answer == Answer::Refused;
        Err(if believed { WriteFailure::NotSent(error) } else { WriteFailure::Sent(error) })
    }
}

/// What becomes of a write.
struct Fate {
    answer: Answer,
    /// After how many milliseconds it takes effect; `None` for never.
    effect: Option<u64>,
    /// After how many milliseconds the answer comes.
    delay: u64,
    part: bool,
    other_key: bool,
    /// Whether replicas may show the effect later.
    lag: bool,
}

fn fate(service: &mut Service, surface: Surface, has_id: bool) -> Fate {
    let names_nothing = surface.spec().write_mode == WriteMode::ManagedObject
        && has_id != service.newest(surface).content.contains_key("id");
    let Service { rng, fault_rates, .. } = service;
    let delay = rng.between(1, 150);
    let soon = rng.below(delay);
    let plain = Fate { answer: Answer::Accepted, effect: Some(soon), delay, part: false, other_key: false, lag: true };
    if names_nothing {
        return Fate { answer: Answer::Refused, effect: None, ..plain };
    }
    if !rng.chance(fault_rates.write_faults) {
        return plain;
    }
    match rng.below(14) {
        0 => Fate { effect: None, ..plain },
        1 => Fate { part: true, ..plain },
        2 => Fate { other_key: true, ..plain },
        3 => Fate { effect: Some(delay + rng.between(0, 4_000)), ..plain },
        4 => Fate { answer: Answer::Refused, effect: None, ..plain },
        // What a refused write did, every replica shows at once: nothing but a read can find it.
        5 => Fate { answer: Answer::Refused, lag: false, ..plain },
        6 => Fate { answer: Answer::Refused, part: true, lag: false, ..plain },
        7 => Fate { answer: Answer::Busy, effect: None, ..plain },
        8 => Fate { answer: Answer::Busy, ..plain },
        9 => Fate { answer: Answer::Busy, effect: Some(delay + rng.between(0, 5_000)), ..plain },
        10 => Fate { answer: Answer::None, effect: None, delay: rng.between(10, 9_000), ..plain },
        11 => Fate { answer: Answer::None, ..plain },
        12 => Fate { answer: Answer::None, effect: Some(delay + rng.between(0, 19_000)), ..plain },
        _ => Fate { answer: Answer::None, effect: Some(delay + rng.between(19_000, 90_000)), ..plain },
    }
}

impl ReadTenant for Tenant<'_> {
    async fn identify(&self, _service: Host) -> Result<Identity, TenantError> {
        let id = self.tenant_of("").await?;
        Ok(Identity { id, name: "Contoso".to_owned(), domains: Vec::new() })
    }

    async fn tenant_of(&self, _domain: &str) -> Result<TenantId, TenantError> {
        let id = TENANT.parse::<TenantId>();
        id.map_err(|error| TenantError::new(TenantErrorKind::NotFound, error.to_string()))
    }

    async fn read(&self, surface: Surface) -> Result<Document, TenantError> {
        self.powered().await;
        let asks = !matches!(self.world.bug, Some(Bug::OneRead | Bug::BelievedAcceptance));
        if let Some(document) = self.believed(surface).filter(|_| !asks) {
            return Ok(document);
        }
        self.world.wait(1, 40).await;
        self.powered().await;
        let answer = self.ask(surface);
        if let Some(document) = self.believed(surface).filter(|_| asks && answer.is_ok()) {
            return Ok(document);
        }
        if let Ok(document) = &answer {
            self.world.memory().insert(surface, document.clone());
        }
        self.world.wait(1, 20).await;
        answer
    }

    async fn licence(&self) -> Result<Licence, TenantError> {
        Ok(Licence { reset: ResetLicence::Permits, writeback: true })
    }

    async fn directory_synced(&self) -> Result<bool, TenantError> {
        Ok(true)
    }

    async fn writeback_connected(&self) -> Result<Option<bool>, TenantError> {
        Ok(Some(true))
    }

    async fn groups(&self, query: &GroupQuery) -> Result<Vec<Group>, TenantError> {
        let GroupQuery::Id(id) = query else { return Ok(Vec::new()) };
        Ok(vec![Group { id: *id, name: "SSPR Users".to_owned(), security_enabled: true, uses_member_of: Some(false) }])
    }

    async fn administrators_among(&self, _group: ObjectId) -> Result<u64, TenantError> {
        Ok(0)
    }
}

impl WriteTenant for Tenant<'_> {
    async fn write(&self, surface: Surface, body: &Document) -> Result<(), WriteFailure> {
        let answer = self.send_once(surface, body).await;
        let is_unknown = |failure: &WriteFailure| match failure {
            WriteFailure::Sent(error) => error.kind == TenantErrorKind::OutcomeUnknown,
            WriteFailure::NotSent(_) => false,
        };
        if self.world.bug == Some(Bug::BlindRetry) && answer.as_ref().is_err_and(is_unknown) {
            return self.send_once(surface, body).await;
        }
        answer
    }
}
