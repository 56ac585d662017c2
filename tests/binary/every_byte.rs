//! A run that meets the end of the disk, or is killed, at every byte of the line that announces a request: nothing is sent of
//! which there is no whole line on disk. The limit on the size of files, which the shell sets, stands in for both: beyond it
//! a write is an error where the signal is ignored, and kills the program where it is not.

use std::error::Error;
use std::fs;
use std::process::Command;

use entra_sandbox::Person;
use entra_sandbox::faults::Faults;
use ssprctl::testing::apply::run_record;
use ssprctl::testing::base::ids::RunId;

use crate::harness::{FABRIKAM, Harness, TestResult, play_all};

/// The smallest document, so that the line is short.
const SECTIONS: &str = "writeback: { unlockWithoutReset: false }";
/// After how many kills one is followed by another run.
const FOLLOWED: u64 = 25;

fn harness() -> Result<Harness, Box<dyn Error>> {
    Harness::of(FABRIKAM, SECTIONS, Faults::none(), &Person::Administrator)
}

/// Applies with files of at most this many bytes; whether the run was killed by the signal for it.
fn apply_within(harness: &Harness, bytes: u64, is_killed: bool) -> Result<bool, Box<dyn Error>> {
    let signal = if is_killed { "-" } else { "''" };
    let script = format!("trap {signal} XFSZ; ulimit -c 0; exec prlimit --fsize={bytes} \"$0\" apply --auto-approve");
    let mut command = Command::new("sh");
    harness.prepare(&mut command);
    Ok(command.args(["-c", &script, env!("CARGO_BIN_EXE_ssprctl")]).output()?.status.code().is_none())
}

/// The requests of which there is a whole line on disk.
fn announced(harness: &Harness) -> Result<usize, Box<dyn Error>> {
    let Ok(path) = harness.journal() else { return Ok(0) };
    let id = path.file_stem().and_then(|name| RunId::parse(name.to_str()?)).ok_or("no run")?;
    let record = run_record::parse(&id, &fs::read_to_string(path)?)?;
    if !record.damaged.is_empty() {
        return Err(format!("lines are damaged: {record:?}").into());
    }
    Ok(record.tenants.values().map(|tenant| tenant.requests.len()).sum())
}

/// One case: a limit, and whether the run is killed there.
fn holds(bytes: u64, is_killed: bool, after: &str) -> TestResult {
    let harness = harness()?;
    let was_killed = apply_within(&harness, bytes, is_killed)?;
    let (writes, known) = (harness.writes(), announced(&harness)?);
    if writes > known || was_killed && !is_killed {
        return Err(format!("{writes} requests were sent, {known} are on disk; killed: {was_killed}").into());
    }
    if is_killed && bytes.is_multiple_of(FOLLOWED) {
        let next = harness.run(&["apply", "--auto-approve", "--verify-timeout", "200ms"])?;
        if next.code != Some(0) || harness.world.show(FABRIKAM)? != after || harness.writes() != 1 {
            return Err(format!("the next run, {} writes in all: {next:#?}", harness.writes()).into());
        }
    }
    Ok(())
}

#[test]
fn nothing_is_sent_without_its_whole_line() -> TestResult {
    let whole = harness()?;
    assert_eq!(whole.apply()?.code, Some(0));
    let after = whole.world.show(FABRIKAM)?;
    let text = fs::read_to_string(whole.journal()?)?;
    let begin = text.find('\n').ok_or("no line")? as u64;
    let line = text.lines().nth(1).filter(|line| line.contains("\"sending\"")).ok_or("no request")?;
    let limits = begin..=begin + line.len() as u64 + 2;
    let cases: Vec<_> = limits.flat_map(|limit| [(limit, false), (limit, true)]).collect();
    assert!(cases.len() > 1_000, "only {} cases", cases.len());
    let wrong = play_all(&cases, |(bytes, is_killed)| {
        holds(*bytes, *is_killed, &after).map_err(|error| format!("{bytes} bytes, killed {is_killed}: {error}"))
    });
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    Ok(())
}
