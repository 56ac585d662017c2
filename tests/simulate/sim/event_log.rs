//! What happened in a seed, for whoever looks for the mistake.

use super::fault_rates::FaultRates;
use super::service::Service;
use super::session::{End, Session};

/// Every session, and every read and write in order.
pub(crate) fn lines(service: &Service, fault_rates: FaultRates, sessions: &[Session]) -> Vec<String> {
    let mut lines = vec![format!("{fault_rates:?}")];
    for session in sessions {
        let Session { number, kind, end, ended, cancelled, consistent_reads, .. } = session;
        let end = match end {
            End::Executed(outcome) => format!("{:?}", super::oracle::words(outcome)),
            End::PreconditionFailed(why) => format!("{why:?}"),
            End::NotPlanned(why) => format!("nothing to apply: {why}"),
            End::InSync | End::Crashed => format!("{end:?}"),
        };
        lines.push(format!(
            "session {number}: {kind:?}, {consistent_reads} reads, stopped {cancelled:?}, until {ended}: {end}"
        ));
    }
    let mut events: Vec<(u64, usize, String)> = Vec::new();
    for read in &service.reads {
        let text = format!(
            "{} ms: session {} {:?} reads {} in version {:?} of {}",
            read.at,
            read.session,
            read.phase,
            read.surface.spec().name,
            read.version,
            read.newest
        );
        events.push((read.at, read.writes_before * 2, text));
    }
    for (index, write) in service.writes.iter().enumerate() {
        let text = format!(
            "{} ms: session {} write {index} to {} after version {}: {:?} at {:?}, made version {:?}{}: {:?}",
            write.at,
            write.session,
            write.surface.spec().name,
            write.fence,
            write.answer,
            write.answered,
            write.effect,
            if write.is_reversal { ", a reversal" } else { "" },
            write.asked
        );
        events.push((write.at, index * 2 + 1, text));
    }
    events.sort();
    lines.extend(events.into_iter().map(|(_, _, text)| text));
    for (surface, versions) in &service.history {
        for (number, pair) in versions.windows(2).enumerate() {
            let changed = pair[1].leaves.iter().filter(|(path, value)| pair[0].leaves.get(*path) != Some(*value));
            let changed: Vec<_> = changed.collect();
            let everywhere = pair[1].everywhere();
            lines.push(format!(
                "{} version {} by {:?}, everywhere at {everywhere} ms: {changed:?}",
                surface.spec().name,
                number + 1,
                pair[1].author
            ));
        }
    }
    lines
}
