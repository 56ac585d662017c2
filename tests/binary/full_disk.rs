//! A disk that is full at every byte of a line of the journal: no request is sent of which there is no whole line on disk, and
//! the run says what is the matter. The limit on the size of files, which the shell sets, stands in for the disk.

use std::fs;
use std::process::Command;

use entra_sandbox::Person;
use entra_sandbox::faults::Faults;
use ssprctl::testing::apply::run_record;
use ssprctl::testing::base::ids::RunId;

use crate::harness::{FABRIKAM, Harness, Run, TestResult};

const SECTIONS: &str = "notifications: { users: false }\nwriteback: { unlockWithoutReset: false }";

fn harness() -> Result<Harness, Box<dyn std::error::Error>> {
    Harness::of(FABRIKAM, SECTIONS, Faults::none(), &Person::Administrator)
}

/// Applies with files of at most this many bytes. A write beyond it is an error and not a signal, as on a full disk.
fn apply_within(harness: &Harness, bytes: u64) -> Result<Run, Box<dyn std::error::Error>> {
    let script = format!("trap '' XFSZ; exec prlimit --fsize={bytes} \"$0\" apply --auto-approve");
    let mut command = Command::new("sh");
    harness.prepare(&mut command);
    harness.finish(command.args(["-c", &script, env!("CARGO_BIN_EXE_ssprctl")]))
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_sent_that_is_not_on_disk() -> TestResult {
    let whole = harness()?;
    assert_eq!(whole.apply()?.code, Some(0));
    let text = fs::read_to_string(whole.journal()?)?;
    let before = harness()?.world.show(FABRIKAM)?;
    let ends: Vec<_> = text.match_indices('\n').map(|(at, _)| at as u64 + 1).collect();
    // Around each end of a line every byte; in between, where nothing changes, some.
    let near = ends.iter().flat_map(|end| end - 3..=end + 3);
    let between = (0..text.len() as u64).step_by(211);
    let mut limits: Vec<u64> = near.chain(between).filter(|limit| *limit < text.len() as u64).collect();
    limits.sort_unstable();
    limits.dedup();
    for limit in limits {
        let harness = harness()?;
        let run = apply_within(&harness, limit)?;
        let record = match harness.journal() {
            Ok(path) => {
                let id = path.file_stem().and_then(|name| RunId::parse(name.to_str()?)).ok_or("no run")?;
                Some(run_record::parse(&id, &fs::read_to_string(path)?)?)
            }
            Err(_) => None,
        };
        let tenants: Vec<_> = record.iter().flat_map(|record| record.tenants.values()).collect();
        let announced: usize = tenants.iter().map(|tenant| tenant.requests.len()).sum();
        assert!(record.as_ref().is_none_or(|record| record.damaged.is_empty()), "within {limit} bytes");
        // The length of times differs from run to run by some bytes.
        if run.code == Some(0) {
            assert!(tenants.iter().all(|tenant| tenant.ended.is_some()), "within {limit} bytes: {run:#?}");
            continue;
        }
        assert!(harness.writes() <= announced, "within {limit} bytes {announced} of {} are on disk", harness.writes());
        if harness.writes() == 0 {
            assert!(harness.world.show(FABRIKAM)? == before, "within {limit} bytes: the tenant is another");
        }
        let reason = "File too large";
        assert!(run.stderr.contains(reason) || run.stdout.contains(reason), "within {limit} bytes: {run:#?}");
    }
    Ok(())
}
