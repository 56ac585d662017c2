//! Judges what the program reported by the tenant's documents and the log of its requests, and not by other reports.

use ssprctl::testing::apply::entry::WriteResult;
use ssprctl::testing::apply::outcome::{ApplyOutcome, StepOutcome, StepResult};
use ssprctl::testing::plan::reversal::SentRequest;
use ssprctl::testing::tenant::surface::{Surface, WriteMode};

use super::content::{self, Leaves};
use super::documents::Content;
use super::fault_rates::VERIFY_TIMEOUT;
use super::service::{Answer, Author, NotDoneReport, Phase, Read, Service, Write};
use super::session::{End, Kind, Session, read_record};
use super::world::World;

/// How long a write is watched that the service was too busy for, in milliseconds.
const BUSY: u64 = 5_000;

/// The longest time that the check before a write takes, in milliseconds.
const CHECK: u64 = 200;

/// Judges a session that has ended.
pub(crate) fn check(world: &World, sessions: &[Session], session: &Session) {
    let mut service = world.service();
    let writes = indexes(&service, session.number);
    let mut found = Vec::new();
    match &session.end {
        End::Crashed => deny_by_journal(world, &mut service, session, writes.clone()),
        End::NotPlanned(_) | End::InSync | End::PreconditionFailed(_) if writes.is_empty() => {}
        End::NotPlanned(_) | End::InSync | End::PreconditionFailed(_) => {
            found.push("something was sent although the report says that nothing was".to_owned());
        }
        End::Executed(outcome) => {
            found.extend(check_words(&mut service, session, outcome, &writes));
            if service.fault_rates.are_zero()
                && !is_disturbed(&service, session)
                && !outcome.steps.iter().all(|done| done.result == StepResult::Verified)
            {
                found.push(format!("nothing went wrong, and yet {:?}", words(outcome)));
            }
            let complete = outcome.rollback.as_ref().is_some_and(|undone| undone.is_complete());
            if complete {
                found.extend(check_restored(&service, &[session.number], session.number));
            }
            let is_verified = outcome.steps.iter().all(|done| done.result == StepResult::Verified);
            if let Kind::Rollback(of) = session.kind
                && is_verified
                && !session.leaves_changes
                && !world.disk.is_rotten(&World::journal_path(&sessions[of].run))
            {
                found.extend(check_restored(&service, &[of, session.number], session.number));
            }
        }
    }
    // What is being checked when the signal comes is still sent.
    let is_late = |index: &&usize| session.cancelled.is_some_and(|at| service.writes[**index].at > at + CHECK);
    found.extend(writes.iter().find(is_late).map(|index| format!("write {index} was sent after the signal to stop")));
    let number = session.number;
    service.problems.extend(found.into_iter().map(|problem| format!("session {number}: {problem}")));
}

/// Whether a write of another session took effect while this one worked.
fn is_disturbed(service: &Service, session: &Session) -> bool {
    let first = service.reads.iter().find(|read| read.session == session.number).map_or(session.ended, |read| read.at);
    let is_others = |author| match author {
        Author::Run(write) => service.writes[write].session != session.number,
        Author::Start | Author::Other => false,
    };
    let mut versions = service.history.values().flatten();
    versions.any(|version| is_others(version.author) && version.everywhere() >= first)
}

/// The indexes of a session's writes.
pub(crate) fn indexes(service: &Service, session: usize) -> Vec<usize> {
    let writes = service.writes.iter().enumerate().filter(|(_, write)| write.session == session);
    writes.map(|(index, _)| index).collect()
}

pub(crate) fn words(outcome: &ApplyOutcome) -> Vec<&StepResult> {
    let undone = outcome.rollback.iter().flat_map(|undone| &undone.steps);
    outcome.steps.iter().chain(undone).map(|done| &done.result).collect()
}

fn without_id(content: &Content) -> Content {
    content.iter().filter(|(key, _)| *key != "id").map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Every word about a step is true of the write with that body, and there is a word about each write.
fn check_words(service: &mut Service, session: &Session, outcome: &ApplyOutcome, writes: &[usize]) -> Vec<String> {
    let (mut found, mut left) = (Vec::new(), writes.iter().copied().peekable());
    let undone = outcome.rollback.iter().flat_map(|undone| &undone.steps);
    for StepOutcome { step, result, refused } in outcome.steps.iter().chain(undone) {
        let is_its = |index: &usize| {
            let write = &service.writes[*index];
            write.surface == step.surface && without_id(&write.body) == without_id(&content::content(&step.body))
        };
        match result {
            StepResult::Verified | StepResult::SideEffects { .. } => match left.next_if(is_its) {
                Some(index) => {
                    found.extend(check_verified(service, session, index, result));
                    let answer = service.writes[index].answer;
                    if refused.is_some() != matches!(answer, Answer::Refused | Answer::Busy) {
                        found.push(format!("write {index} was answered {answer:?}, and the report says {refused:?}"));
                    }
                }
                None => found.push(format!("{result:?}, and nothing was sent")),
            },
            StepResult::Unverified { .. } | StepResult::Mismatch { .. } => {
                if left.next_if(is_its).is_none() {
                    found.push(format!("{result:?}, and nothing was sent"));
                }
            }
            StepResult::Failed(_) => {
                if let Some(index) = left.next_if(is_its) {
                    deny(service, session, index);
                }
            }
            StepResult::Conflict { .. }
            | StepResult::Interrupted
            | StepResult::Skipped { .. }
            | StepResult::Abandoned { .. } => {}
        }
    }
    found.extend(left.map(|index| format!("write {index} was sent, and no word says so")));
    found
}

/// The reads of a write's document after it, up to the next write to it.
fn reads_after<'a>(service: &'a Service, session: &Session, index: usize) -> Vec<&'a Read> {
    let surface = service.writes[index].surface;
    let later = service.writes.iter().enumerate().skip(index + 1);
    let next = later.filter(|(_, write)| write.surface == surface && write.session == session.number).map(|(at, _)| at);
    let end = next.min().unwrap_or(usize::MAX);
    let is_after = |read: &&Read| {
        (read.session, read.surface, read.phase) == (session.number, surface, Phase::Execute)
            && read.writes_before > index
            && read.writes_before <= end
    };
    service.reads.iter().filter(is_after).collect()
}

fn check_verified(service: &Service, session: &Session, index: usize, word: &StepResult) -> Option<String> {
    let Write { surface, asked, answer, answered, fence, .. } = &service.writes[index];
    let versions = &service.history[surface];
    let reads = reads_after(service, session, index);
    let is_new = has_object(*surface) && !versions[*fence].content.contains_key("id");
    let compared = compared(asked);
    let shown = |read: &Read| read.version.is_some_and(|at| content::shows(&versions[at].leaves, &compared));
    let rest = |version: usize| {
        let mut rest = versions[version].leaves.as_ref().clone();
        rest.retain(|path, _| !asked.contains_key(path) && path != "displayName" && path != "id");
        rest
    };
    let before = rest(*fence);
    let is_alone = |read: &Read| is_new || read.version.is_some_and(|version| rest(version) == before);
    let enough = usize::try_from(session.consistent_reads).unwrap_or(usize::MAX);
    let agreeing = (enough..=reads.len()).filter(|end| reads[end - enough..*end].iter().all(|read| shown(read)));
    // At the end of its time, or when it is asked to stop, the program takes the last read.
    let watched = if *answer == Answer::Busy { BUSY } else { VERIFY_TIMEOUT };
    let end = answered.unwrap_or_default() + watched;
    let is_last = |read: &Read| read.at + CHECK >= end || session.cancelled.is_some_and(|at| at <= read.at + CHECK);
    let agreed: Vec<&Read> = agreeing.map(|end| reads[end - 1]).collect();
    let taken: Vec<&Read> =
        agreed.into_iter().chain(reads.into_iter().filter(|read| shown(read) && is_last(read))).collect();
    if taken.is_empty() {
        return Some(format!("write {index}: {word:?}, and {enough} reads in a row do not show it"));
    }
    (*word == StepResult::Verified && !taken.into_iter().any(is_alone))
        .then(|| format!("write {index}: verified, and other values had changed as well"))
}

/// What the program compares of what was asked for: of the people in the conditions of an object only those whom a setting
/// names, because the service may write the others in another way.
fn compared(asked: &Leaves) -> Leaves {
    let mut compared = asked.clone();
    compared.remove("conditions.users");
    compared
}

/// Notes that a write was reported not to have had an effect.
fn deny(service: &mut Service, session: &Session, index: usize) {
    let Write { at, answer, answered, surface, .. } = service.writes[index].clone();
    let last = reads_after(service, session, index).last().map(|read| read.newest);
    let newest = last.unwrap_or_else(|| service.history[&surface].len() - 1);
    let answered = answered.unwrap_or(at);
    let watched = match answer {
        Answer::Accepted | Answer::None => VERIFY_TIMEOUT,
        Answer::Busy => BUSY,
        Answer::Refused => 0,
    };
    // A run that is asked to stop reads once.
    let watched = if session.cancelled.is_some() { 0 } else { watched };
    service.not_done_reports.push(NotDoneReport { write: index, newest, until: answered + watched });
}

/// Notes the writes that a session which crashed had reported in its journal not to have had an effect.
fn deny_by_journal(world: &World, service: &mut Service, session: &Session, mut writes: Vec<usize>) {
    let record = read_record(world, session).filter(|_| !world.disk.is_rotten(&World::journal_path(&session.run)));
    let known = record.into_iter().flat_map(|record| record.tenants.into_values());
    for request in known.flat_map(|tenant| tenant.requests) {
        let body = content::content(&request.sent.body);
        let is_its = |index: &usize| {
            service.writes[*index].surface == request.sent.surface && service.writes[*index].body == body
        };
        let Some(index) = writes.iter().position(is_its).map(|place| writes.remove(place)) else { continue };
        if request.result == Some(WriteResult::NotDone) {
            deny(service, session, index);
        }
    }
}

/// What was found about an interrupted run is true.
pub(crate) fn check_recovered(world: &World, reader: usize, past: &Session, found: &[(SentRequest, WriteResult)]) {
    let mut service = world.service();
    let mut writes = indexes(&service, past.number);
    for (sent, result) in found {
        let body = content::content(&sent.body);
        let is_its =
            |index: &usize| service.writes[*index].surface == sent.surface && service.writes[*index].body == body;
        let place = writes.iter().rposition(is_its);
        let write = place.map(|place| writes.remove(place));
        let newest = service.history[&sent.surface].len() - 1;
        match (result, write) {
            (WriteResult::NotDone, Some(write)) => {
                let until = service.writes[write].at + VERIFY_TIMEOUT;
                service.not_done_reports.push(NotDoneReport { write, newest, until });
            }
            (WriteResult::Verified | WriteResult::SideEffects, _) => {
                let asked = compared(&content::asked(sent.surface, &content::content(&sent.before), &body));
                let read =
                    |read: &&Read| (read.session, read.phase, read.surface) == (reader, Phase::Recover, sent.surface);
                let version = service.reads.iter().rfind(read).and_then(|read| read.version);
                let shown =
                    version.is_some_and(|at| content::shows(&service.history[&sent.surface][at].leaves, &asked));
                if !shown {
                    let problem = format!("session {}: found to be {result:?}, and no read shows it", past.number);
                    service.problems.push(problem);
                }
            }
            (WriteResult::NotDone, None) | (WriteResult::Unverified, _) => {}
        }
    }
}

/// No write took effect that was reported not to have; call it when nothing happens any more.
pub(crate) fn check_not_done_reports(service: &mut Service) {
    let mut found = Vec::new();
    for NotDoneReport { write, newest, until } in &service.not_done_reports {
        let Write { surface, asked, fence, effect, session, .. } = &service.writes[*write];
        let versions = &service.history[surface];
        let Some(effect) = effect.filter(|effect| versions[*effect].everywhere() <= *until) else { continue };
        let before = &versions[*fence].leaves;
        // What somebody changed back may be taken for what was never done.
        let stays = |path: &String, value| {
            versions[effect..=effect.max(*newest)].iter().all(|version| version.leaves.get(path) == Some(value))
        };
        let is_there = asked.iter().any(|(path, value)| before.get(path) != Some(value) && stays(path, value));
        if is_there {
            found.push(format!("session {session}: write {write} took effect, and the report says that it did not"));
        }
    }
    service.problems.extend(found);
}

/// Every value that these sessions wrote is as it was before, unless somebody else has changed it since.
fn check_restored(service: &Service, sessions: &[usize], last: usize) -> Vec<String> {
    let mut found = Vec::new();
    for surface in Surface::ALL {
        let is_ours = |write: &Write| write.surface == surface && sessions.contains(&write.session);
        // What was reported not to have happened, and was, is a matter of `check_not_done_reports`.
        let is_reported_not_done = |index: usize| service.not_done_reports.iter().any(|report| report.write == index);
        let ours =
            service.writes.iter().enumerate().filter(|(index, write)| is_ours(write) && !is_reported_not_done(*index));
        let ours: Vec<_> = ours.collect();
        // What was before is what the first of their writes was checked against, also of one that was reported not to have
        // happened.
        let Some(first) = service.writes.iter().find(|write| is_ours(write)).filter(|_| !ours.is_empty()) else {
            continue;
        };
        // A session that announced a request in its journal and did not send it made no value: what a rollback of it
        // reverses was made by somebody else.
        if sessions.first() != Some(&first.session) {
            continue;
        }
        let versions = &service.history[&surface];
        // What takes effect after the last read cannot be reversed.
        let last_read = service.reads.iter().rfind(|read| read.session == last && read.surface == surface);
        let known = last_read.map_or(0, |read| read.newest);
        let is_late = ours.iter().any(|(index, write)| {
            service.is_pending(*index)
                || write.effect.is_some_and(|at| versions[at].everywhere() > last_read.map_or(0, |read| read.at))
        });
        if is_late
            || known != versions.len() - 1
            || !versions[first.fence].content.contains_key("id") && has_object(surface)
        {
            continue;
        }
        let others = versions[first.fence + 1..].iter().any(|version| match version.author {
            Author::Start => false,
            Author::Other => true,
            Author::Run(write) => !sessions.contains(&service.writes[write].session),
        });
        let before = &versions[first.fence].leaves;
        let now = &service.newest(surface).leaves;
        let changed: Vec<_> = ours
            .iter()
            .flat_map(|(_, write)| write.asked.keys())
            .filter(|path| before.get(*path) != now.get(*path))
            .collect();
        if !others && !changed.is_empty() {
            found.push(format!("{} is said to be rolled back, and {changed:?} are not as before", surface.spec().name));
        }
    }
    found
}

fn has_object(surface: Surface) -> bool {
    surface.spec().write_mode == WriteMode::ManagedObject
}
