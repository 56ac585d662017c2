//! `kill -9` at every point of an apply: between any two requests, in the middle of one, and in the middle of a line of the
//! journal. The next run finds out what had become of everything, finishes or undoes, and repeats no write blindly.

use std::error::Error;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use axum::http::Method;
use entra_sandbox::Person;
use entra_sandbox::faults::{Action, Fault, Faults, RequestFilter};
use ssprctl::testing::apply::run_record;
use ssprctl::testing::base::ids::RunId;

use crate::endings::{send, wait_for};
use crate::harness::{FABRIKAM, Harness, TestResult, play_all};

const SECTIONS: &str = "scope: { administrators: false }\nnotifications: { users: false }\n\
                        writeback: { passwords: false, unlockWithoutReset: false }";
/// The requests that write, where nothing goes wrong.
const WRITES: usize = 4;
const POLICY_KEY: &str = "notifyUsersOnPasswordReset";

/// How a run is killed.
#[derive(Clone, Copy, Debug)]
struct Kill {
    /// The request that is in flight then, counted from 0.
    at: u32,
    /// Whether that request takes effect, if it is a write.
    lands: bool,
    /// Whether the journal loses part of what was written since the request before; picks how much.
    torn: Option<usize>,
    /// Whether a request is refused, so that the run is taking back when it is killed.
    undoing: bool,
    /// Whether the next run undoes instead of applying again.
    undo: bool,
}

fn any(at: u32, action: Action) -> Fault {
    Fault { filter: RequestFilter::default(), after: at, every: 1, times: Some(1), action }
}

fn harness(faults: Faults) -> Result<Harness, Box<dyn Error>> {
    Harness::of(FABRIKAM, SECTIONS, faults, &Person::Administrator)
}

/// What makes the last request fail, so that the others are taken back.
fn refused() -> Fault {
    Fault::on(Method::PATCH, "authorizationPolicy", Action::status(400)).times(1)
}

/// The requests that may be in flight when a run is killed: from the last one of the plan on or, where it is taking back, from
/// the one that is refused on.
fn in_flight(undoing: bool) -> Result<Range<u32>, Box<dyn Error>> {
    let planned = harness(Faults::none())?;
    planned.run(&["plan"])?;
    let applied = harness(if undoing { Faults::none().and(refused()) } else { Faults::none() })?;
    let run = applied.apply()?;
    assert_eq!(run.code, Some(if undoing { 7 } else { 0 }), "{run:#?}");
    let (all, plan) = (applied.requests(), planned.requests() - 1);
    let first = if undoing { (0..all).find(|place| applied.is("PATCH", *place)) } else { Some(plan) };
    Ok(u32::try_from(first.ok_or("nothing is refused")?)?..u32::try_from(all)?)
}

fn journals(harness: &Harness) -> Result<Vec<(RunId, PathBuf)>, Box<dyn Error>> {
    let folder = harness.state().join("journal");
    let runs = run_record::list_runs(&folder)?;
    Ok(runs.into_iter().map(|run| (run.clone(), folder.join(format!("{run}.jsonl")))).collect())
}

/// Kills a run at the given moment; returns the world it leaves behind.
fn killed(kill: Kill) -> Result<Harness, Box<dyn Error>> {
    let mut faults = Faults::none().and(any(kill.at, Action::Delay(Duration::from_secs(3600))));
    if !kill.lands {
        faults = faults.and(any(kill.at, Action::LostWrite));
    }
    if kill.undoing {
        faults = faults.and(refused());
    }
    let harness = harness(faults)?;
    let mut child =
        harness.command(&["apply", "--auto-approve"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    wait_for("the request", || harness.requests() > kill.at as usize)?;
    send("-KILL", child.id())?;
    child.wait()?;
    if let (Some(seed), Some((_, path))) = (kill.torn, journals(&harness)?.pop()) {
        tear(&path, seed)?;
    }
    Ok(harness)
}

/// Cuts the journal in its last line, as a crash before the request in flight would have: everything before that line was
/// on disk by then.
fn tear(path: &Path, seed: usize) -> TestResult {
    let text = fs::read_to_string(path)?;
    let last = text.trim_end().rfind('\n').map_or(0, |end| end + 1);
    let end = last + seed % (text.len() - last);
    Ok(fs::write(path, text.get(..end).unwrap_or_default())?)
}

/// The next run after a kill: everything is as it should be, and nothing was sent without need.
fn reconciles(kill: Kill, before: &str, after: &str) -> TestResult {
    let harness = killed(kill)?;
    let in_vain = usize::from(!kill.lands && !harness.is("GET", kill.at as usize));
    let arguments = if kill.undo { &["rollback", "latest"][..] } else { &["apply"] };
    let nothing_journalled = journals(&harness)?.is_empty();
    let mut next = harness.command(arguments);
    let next = harness.finish(next.args(["--auto-approve", "--verify-timeout", "200ms"]))?;
    let expected = if kill.undo { before } else { after };
    let code = if kill.undo && nothing_journalled { 1 } else { 0 };
    assert_eq!(next.code, Some(code), "{kill:?}: {next:#?}");
    assert!(harness.world.show(FABRIKAM)? == expected, "{kill:?}: the tenant is another: {next:#?}");
    let last = harness.run(&["plan"])?;
    assert!(!last.stderr.contains("was interrupted"), "{kill:?}: {last:#?}");
    for (run, path) in journals(&harness)? {
        let past = run_record::parse(&run, &fs::read_to_string(path)?)?;
        let open = past.tenants.values().any(|tenant| tenant.ended.is_none());
        assert!(!open, "{kill:?}: {run} is still open: {past:#?}");
    }
    if !kill.undo && !kill.undoing {
        // A write that took effect is never sent again; one that left no trace is, once that is known.
        assert_eq!(harness.writes(), WRITES + in_vain, "{kill:?}: {next:#?}");
    }
    Ok(())
}

fn kills() -> Result<Vec<Kill>, Box<dyn Error>> {
    let mut kills = Vec::new();
    for undoing in [false, true] {
        for at in in_flight(undoing)? {
            for (lands, undo) in [(true, false), (false, false), (true, true)] {
                kills.push(Kill { at, lands, torn: None, undoing, undo });
            }
            // A crash before the request: it never came to anything, and the journal may lack its end.
            for seed in [0, 7_919 * at as usize + 1] {
                kills.push(Kill { at, lands: false, torn: Some(seed), undoing, undo: false });
            }
        }
    }
    Ok(kills)
}

#[test]
fn killed_anywhere_the_next_run_reconciles() -> TestResult {
    let whole = harness(Faults::none())?;
    let before = whole.world.show(FABRIKAM)?;
    assert_eq!(whole.apply()?.code, Some(0));
    let after = whole.world.show(FABRIKAM)?;
    assert!(before.contains(POLICY_KEY) && before != after);
    let kills = kills()?;
    assert!(kills.len() > 150, "only {} kills", kills.len());
    let wrong =
        play_all(&kills, |kill| reconciles(*kill, &before, &after).map_err(|error| format!("{kill:?}: {error}")));
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), kills.len(), wrong.join("\n"));
    Ok(())
}
