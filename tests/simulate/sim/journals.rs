//! Judges the journals by the writes that the tenant saw.

use std::collections::BTreeSet;

use serde::de::IgnoredAny;
use serde_json::Value;
use ssprctl::testing::apply::entry::WriteResult;
use ssprctl::testing::apply::outcome::StepResult;

use super::content;
use super::oracle::{indexes, words};
use super::session::{End, Session, read_record, tenant_id};
use super::world::World;

/// No run that sent something is lost, and no journal that is cut or damaged is called whole.
pub(crate) fn check(world: &World, sessions: &[Session]) -> Result<(), String> {
    let mut found = Vec::new();
    for session in sessions {
        let problem = of_session(world, session)?;
        found.extend(problem.map(|problem| format!("session {}: {problem}", session.number)));
    }
    world.service().problems.extend(found);
    Ok(())
}

/// How many requests of a session its journal announces without their result; 0 for a journal that is not whole. A line
/// without its end was cut while it was written: its request was never sent.
pub(crate) fn open_requests(world: &World, session: &Session) -> usize {
    let path = World::journal_path(&session.run);
    let text = world.disk.text(&path).filter(|_| !world.disk.is_rotten(&path)).unwrap_or_default();
    let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    let lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut open = BTreeSet::new();
    for line in lines {
        let request = |event: &str| line["event"][event]["request"].as_u64();
        open.extend(request("sending"));
        request("settled").map(|request| open.remove(&request));
    }
    open.len()
}

fn of_session(world: &World, session: &Session) -> Result<Option<String>, String> {
    let path = World::journal_path(&session.run);
    let rotten = world.disk.is_rotten(&path);
    let service = world.service();
    let writes = indexes(&service, session.number);
    let text = world.disk.text(&path).unwrap_or_default();
    if !world.is_unjudged(session.number, &text) {
        return Ok(None);
    }
    let record = read_record(world, session);
    let Some(record) = record else {
        return Ok((!writes.is_empty() && !rotten).then(|| "sent something, and has no journal".to_owned()));
    };
    let says_damaged = !record.damaged.is_empty() || !record.cut_off.is_empty();
    if rotten {
        return Ok((!says_damaged).then(|| "has a damaged journal that is called whole".to_owned()));
    }
    if !record.damaged.is_empty() {
        return Ok(Some(format!("has a whole journal that is called damaged: {:?}", record.damaged)));
    }
    let is_cut = !text.ends_with('\n') || text.lines().any(|line| serde_json::from_str::<IgnoredAny>(line).is_err());
    if is_cut && !text.is_empty() && !says_damaged {
        return Ok(Some("has a journal that is cut off and called whole".to_owned()));
    }
    let known = record.tenants.get(&tenant_id()?);
    let mut requests = known.into_iter().flat_map(|known| &known.requests);
    for index in writes {
        let write = &service.writes[index];
        let is_its = requests
            .any(|request| request.sent.surface == write.surface && content::content(&request.sent.body) == write.body);
        if !is_its {
            return Ok(Some(format!("write {index} is not in the journal")));
        }
    }
    let End::Executed(outcome) = &session.end else { return Ok(None) };
    if session.is_journal_broken {
        return Ok(None);
    }
    // A run that was asked to stop before its start leaves no journal.
    let Some(known) = known else { return Ok(Some("has an empty journal".to_owned())) };
    if known.ended.is_none() {
        return Ok(Some("has ended, and its journal does not say so".to_owned()));
    }
    let recorded: Vec<_> = known.requests.iter().map(|request| request.result).collect();
    let expected: Vec<_> = words(outcome).into_iter().filter_map(result).collect();
    Ok((recorded.iter().flatten().filter(|result| **result != WriteResult::NotDone).copied().collect::<Vec<_>>()
        != expected)
        .then(|| format!("has {recorded:?} in its journal, and reported {:?}", words(outcome))))
}

/// The word of the journal for the result of a step that was sent.
fn result(word: &StepResult) -> Option<WriteResult> {
    match word {
        StepResult::Verified => Some(WriteResult::Verified),
        StepResult::SideEffects { .. } => Some(WriteResult::SideEffects),
        StepResult::Unverified { .. } | StepResult::Mismatch { .. } => Some(WriteResult::Unverified),
        StepResult::Conflict { .. }
        | StepResult::Failed(_)
        | StepResult::Interrupted
        | StepResult::Skipped { .. }
        | StepResult::Abandoned { .. } => None,
    }
}

/// At the end no run is interrupted any more.
pub(crate) fn check_recovered(world: &World, sessions: &[Session]) -> Result<(), String> {
    let id = tenant_id()?;
    let was_read = |session: &Session| !matches!(session.end, End::NotPlanned(_) | End::Crashed);
    if !sessions.last().is_some_and(was_read) {
        return Ok(());
    }
    for session in sessions {
        if read_record(world, session).is_some_and(|record| record.is_interrupted(id)) {
            let problem = format!("session {} was interrupted, and nobody found out what became of it", session.number);
            world.service().problems.push(problem);
        }
    }
    Ok(())
}
