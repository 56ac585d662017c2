//! The simulated service: what each tenant document was at every moment, what every replica shows of it, and a log of all
//! requests. It knows nothing of plans and settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use ssprctl::testing::tenant::document::Document;
use ssprctl::testing::tenant::surface::{Surface, WriteMode};

use super::content::{self, Leaves};
use super::documents::{self, Content};
use super::fault_rates::FaultRates;
use super::rng::Rng;

/// Milliseconds since the start of the simulation.
pub(crate) type Millis = u64;

/// Who made a version of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    Start,
    /// The write with this index in the log.
    Run(usize),
    /// The second administrator.
    Other,
}

/// A version of a document.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) author: Author,
    /// When each replica shows it.
    shown: Vec<Millis>,
    pub(crate) content: Arc<Content>,
    pub(crate) leaves: Arc<Leaves>,
    document: Document,
}

impl Version {
    /// When every replica shows it.
    pub(crate) fn everywhere(&self) -> Millis {
        self.shown.iter().copied().max().unwrap_or_default()
    }
}

/// What a run was doing when it read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Plan,
    Recover,
    Execute,
}

/// A read in the log.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) at: Millis,
    pub(crate) session: usize,
    pub(crate) phase: Phase,
    pub(crate) surface: Surface,
    /// The version that it got; `None` if it failed.
    pub(crate) version: Option<usize>,
    /// The newest version at that time.
    pub(crate) newest: usize,
    /// How many writes were in the log before it.
    pub(crate) writes_before: usize,
}

/// How the service answers a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Accepted,
    Refused,
    Busy,
    None,
}

/// A write in the log.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) at: Millis,
    pub(crate) session: usize,
    pub(crate) surface: Surface,
    pub(crate) body: Content,
    /// The version that the run read last before it.
    pub(crate) fence: usize,
    /// The values that it asks for, by that version.
    pub(crate) asked: Leaves,
    /// Whether its line in the journal says that it reverses another one.
    pub(crate) is_reversal: bool,
    pub(crate) answer: Answer,
    /// When the answer came; `None` while it has not.
    pub(crate) answered: Option<Millis>,
    /// The version that it made; `None` while it has had no effect.
    pub(crate) effect: Option<usize>,
}

/// The report of a write that did nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotDoneReport {
    pub(crate) write: usize,
    /// The newest version of the document when it was reported.
    pub(crate) newest: usize,
    /// An effect that every replica shows by then must not have been missed.
    pub(crate) until: Millis,
}

/// Something that will happen.
#[derive(Clone, Copy, Debug)]
enum Event {
    Effect { write: usize, part: bool, other_key: bool, lag: bool },
    Edit,
}

#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) rng: Rng,
    pub(crate) fault_rates: FaultRates,
    pub(crate) history: BTreeMap<Surface, Vec<Version>>,
    pub(crate) reads: Vec<Read>,
    pub(crate) writes: Vec<Write>,
    pub(crate) not_done_reports: Vec<NotDoneReport>,
    /// What was found to be wrong, while it happened.
    pub(crate) problems: Vec<String>,
    pending: Vec<(Millis, Event)>,
    edits: u64,
}

impl Service {
    pub(crate) fn new(mut rng: Rng, fault_rates: FaultRates) -> Self {
        let tenant = documents::tenant(&mut rng);
        let mut service = Self {
            rng,
            fault_rates,
            history: BTreeMap::new(),
            reads: Vec::new(),
            writes: Vec::new(),
            not_done_reports: Vec::new(),
            problems: Vec::new(),
            pending: Vec::new(),
            edits: 0,
        };
        for (surface, content) in tenant {
            service.add_version(surface, Author::Start, content, 0, false);
        }
        service
    }

    /// The newest version of a document, whether replicas show it already or not.
    pub(crate) fn newest(&self, surface: Surface) -> &Version {
        let versions = &self.history[&surface];
        &versions[versions.len() - 1]
    }

    fn add_version(&mut self, surface: Surface, author: Author, content: Content, now: Millis, lag: bool) -> usize {
        let FaultRates { replicas, lag: most, .. } = self.fault_rates;
        let shown = (0..replicas).map(|_| now + if lag { self.rng.between(0, most) } else { 0 }).collect();
        let version = Version {
            author,
            shown,
            leaves: Arc::new(content::leaves(surface, &content)),
            document: content::document(&content),
            content: Arc::new(content),
        };
        let versions = self.history.entry(surface).or_default();
        versions.push(version);
        versions.len() - 1
    }

    /// Lets everything happen that is due.
    pub(crate) fn advance(&mut self, now: Millis) {
        loop {
            let due = self.pending.iter().enumerate().filter(|(_, (at, _))| *at <= now);
            let Some((next, _)) = due.min_by_key(|(_, (at, _))| *at) else { return };
            let (at, event) = self.pending.remove(next);
            match event {
                Event::Edit => self.edit(at),
                Event::Effect { write, part, other_key, lag } => self.take_effect(write, part, other_key, lag, at),
            }
        }
    }

    pub(crate) fn edit_at(&mut self, at: Millis) {
        self.pending.push((at, Event::Edit));
    }

    pub(crate) fn take_effect_at(&mut self, at: Millis, write: usize, part: bool, other_key: bool, lag: bool) {
        self.pending.push((at, Event::Effect { write, part, other_key, lag }));
    }

    /// Whether a write is still under way.
    pub(crate) fn is_pending(&self, write: usize) -> bool {
        self.pending.iter().any(|(_, event)| matches!(event, Event::Effect { write: one, .. } if *one == write))
    }

    /// The second administrator changes something.
    fn edit(&mut self, now: Millis) {
        let surface = match self.reads.last() {
            Some(last) if self.rng.chance(600) => last.surface,
            _ => self.rng.pick(&Surface::ALL),
        };
        let mut content = Content::clone(&self.newest(surface).content);
        self.edits += 1;
        documents::edit(&mut self.rng, &mut content, surface, self.edits);
        if content != *self.newest(surface).content {
            self.add_version(surface, Author::Other, content, now, true);
        }
    }

    fn take_effect(&mut self, write: usize, part: bool, other_key: bool, lag: bool, now: Millis) {
        let Write { surface, body, .. } = self.writes[write].clone();
        let old = self.newest(surface).content.clone();
        let has_object = old.contains_key("id");
        if surface.spec().write_mode == WriteMode::ManagedObject && body.contains_key("id") != has_object {
            return;
        }
        let mut new = content::written(surface, &old, &body, part, write);
        if other_key {
            new.insert("otherKey".to_owned(), write.into());
        }
        self.check_overwritten(write, &new);
        let version = self.add_version(surface, Author::Run(write), new, now, lag);
        self.writes[write].effect = Some(version);
    }

    /// A replica's version of a document, with its number.
    pub(crate) fn read(&mut self, surface: Surface, now: Millis) -> (usize, Document) {
        let replica = self.rng.index(self.fault_rates.replicas);
        let versions = &self.history[&surface];
        let newest = versions.iter().rposition(|version| version.shown.get(replica).is_some_and(|at| *at <= now));
        let number = newest.unwrap_or_default();
        (number, versions[number].document.clone())
    }

    /// Who set the value under a path last, and in which version.
    pub(crate) fn setter(&self, surface: Surface, path: &str) -> (usize, Author) {
        let versions = &self.history[&surface];
        let value = |number: usize| versions[number].leaves.get(path);
        let last = (1..versions.len()).rev().find(|number| value(*number) != value(number - 1)).unwrap_or_default();
        (last, versions[last].author)
    }

    /// Values of others that the fence has seen, or that no run has sent, are not overwritten.
    fn check_overwritten(&mut self, number: usize, new: &Content) {
        let write = &self.writes[number];
        let surface = write.surface;
        let planned = self.reads.iter().find(|read| {
            (read.session, read.phase, read.surface) == (write.session, Phase::Plan, surface) && read.version.is_some()
        });
        let planned = planned.and_then(|read| read.version).unwrap_or_default();
        let (old, new) = (&self.newest(surface).leaves, content::leaves(surface, new));
        let mut found = Vec::new();
        for (path, value) in old.iter().filter(|(path, value)| new.get(*path) != Some(*value)) {
            let (at, author) = self.setter(surface, path);
            if author != Author::Other || at > write.fence {
                continue;
            }
            // A value that somebody changed and changed back is the same as before.
            let was_sent = self.writes[..number].iter().any(|earlier| earlier.asked.get(path) == Some(value));
            let was_planned = self.history[&surface][planned].leaves.get(path) == Some(value);
            if at > planned && !was_sent && !was_planned {
                found.push(format!("write {number} overwrote {path}, which somebody changed before it was checked"));
            } else if write.is_reversal && !was_sent {
                found.push(format!("write {number} reversed {path}, which somebody else had set"));
            }
        }
        self.problems.extend(found);
    }

    /// Checks that the document was read right before a write, and was then what the run knew of it. Returns the version
    /// that this read got.
    pub(crate) fn check_fence(&mut self, session: usize, surface: Surface, number: usize) -> usize {
        let is_own = |read: &&Read| {
            read.session == session && read.surface == surface && read.phase != Phase::Recover && read.version.is_some()
        };
        let mut reads = self.reads.iter().rev().filter(is_own);
        let last = reads.next();
        let fence = last.and_then(|read| read.version).unwrap_or_default();
        // Before the last write of the run to the document it was another one.
        let is_between = |write: &Write| write.session == session && write.surface == surface;
        let era = |read: &Read| self.writes[..read.writes_before].iter().filter(|write| is_between(write)).count();
        let writes = self.writes.iter().filter(|write| is_between(write)).count();
        let leaves = |read: &Read| read.version.map(|version| &self.history[&surface][version].leaves);
        let known = last.is_some_and(|last| reads.any(|read| era(read) == writes && leaves(read) == leaves(last)));
        if !last.is_some_and(|read| read.phase == Phase::Execute && era(read) == writes) {
            self.problems.push(format!("write {number} was sent although its document was not read before it"));
        } else if !known {
            self.problems
                .push(format!("write {number} was sent although its document had changed when it was checked"));
        }
        fence
    }
}
