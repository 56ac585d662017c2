//! `plan` of a fleet of embedded tenants, with and without the journals of many earlier applies: what reading the journals costs.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;

use entra_sandbox::seed;
use serde_json::{Value, json};
use ssprctl::testing::base::signature::Digest;
use tempfile::TempDir;

use crate::Measured;
use crate::measure::{PROGRAM, clean, repeat, run};
use crate::row::Row;

const TIMES: usize = 21;
const TENANTS: u32 = 500;
/// Earlier applies, each of the whole fleet.
const RUNS: u32 = 10;
/// Bytes of each of the two documents that are in the line about a request. With them a line has some ten thousand bytes,
/// and all journals together have a little more than 50 MB.
const DOCUMENT_BYTES: usize = 4_800;
const JOURNAL_BYTES: u64 = 50_000_000;
const MOST: f64 = 1.1;
const WITHOUT: &str = "none";
const WITH: &str = "many";

pub(crate) fn rows() -> Measured {
    let folder = tempfile::tempdir()?;
    seed_fleet(&folder)?;
    let bytes = write_journals(&folder.path().join(WITH))?;
    if bytes < JOURNAL_BYTES {
        return Err(format!("the journals have only {bytes} bytes").into());
    }
    let (with, without) = repeat(TIMES, || plan(folder.path(), WITH), || plan(folder.path(), WITHOUT))?;
    let ratio = with.ratio(&without);
    Ok(vec![Row {
        what: "plan, 50 MB of journals",
        measured: with.to_string(),
        against: format!("without journals: {without}"),
        ratio: Some(ratio),
        goal: Some(("ratio at most 1.1", ratio <= MOST)),
    }])
}

/// Seeds the embedded tenants, and writes a policy of one setting for each.
fn seed_fleet(folder: &TempDir) -> Result<(), Box<dyn Error>> {
    run(clean(PROGRAM).args(["sandbox", "reset", "--fleet", &TENANTS.to_string()]).current_dir(folder.path()))?;
    fs::create_dir(folder.path().join("policies"))?;
    for number in 1..=TENANTS {
        let policy =
            format!("version: 1\ntenant: tenant-{number:04}.onmicrosoft.com\nscope:\n  administrators: true\n");
        fs::write(folder.path().join(format!("policies/{number:04}.yaml")), policy)?;
    }
    Ok(())
}

/// Writes the journals; returns how many bytes they have. The last run was interrupted at the last tenant, by which is seen
/// that the journals are read.
fn write_journals(folder: &Path) -> Result<u64, Box<dyn Error>> {
    fs::create_dir(folder)?;
    let tenants = seed::fleet(TENANTS).into_iter().map(|tenant| Ok(serde_json::to_value(tenant)?["id"].take()));
    let tenants: Vec<Value> = tenants.collect::<Result<_, serde_json::Error>>()?;
    let text = "x".repeat(DOCUMENT_BYTES);
    let document = json!({ "objectId": "default", "notifyUsersOnPasswordReset": true, "text": text });
    let mut bytes = 0;
    for number in 1..=RUNS {
        let path = folder.join(format!("202611{number:02}T090000000Z-{number:08x}.jsonl"));
        let mut file = BufWriter::new(File::create(&path)?);
        let mut lines = 0;
        for (index, tenant) in tenants.iter().enumerate() {
            let interrupted = number == RUNS && index + 1 == tenants.len();
            for event in events(&document, interrupted) {
                lines += 1;
                let text = json!({ "at": "2026-11-01T09:00:00Z", "tenantId": tenant, "event": event }).to_string();
                let checked = text.replacen('{', &format!("{{\"line\":{lines},"), 1);
                let checked = checked.strip_suffix('}').unwrap_or(&checked);
                writeln!(file, "{checked},\"checksum\":\"{}\"}}", Digest::of(checked.as_bytes()))?;
            }
        }
        file.flush()?;
        bytes += fs::metadata(path)?.len();
    }
    Ok(bytes)
}

/// What one run writes about one tenant.
fn events(document: &Value, interrupted: bool) -> Vec<Value> {
    let mut events = vec![
        json!({ "begun": { "formatVersion": 1, "program": "0.1.0", "tenant": "a", "cloud": "global", "policy": "a.yaml", "requests": 1 } }),
        json!({ "sending": { "request": 0, "undoing": false, "surface": "passwordReset", "settings": ["notifications.users"], "before": document, "body": document } }),
    ];
    if !interrupted {
        events.extend([
            json!({ "answered": { "request": 0, "answer": "accepted" } }),
            json!({ "settled": { "request": 0, "result": "verified" } }),
            json!({ "ended": "applied" }),
        ]);
    }
    events
}

/// Plans the whole fleet, and makes sure that the one interrupted run is reported where there are journals.
fn plan(folder: &Path, journals: &str) -> Result<(), Box<dyn Error>> {
    let mut command: Command = clean(PROGRAM);
    command.args(["plan", "--sandbox", "--journal", journals]).current_dir(folder);
    let output = command.output()?;
    let (stdout, stderr) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    let summary = format!("{TENANTS} tenants: {TENANTS} to change, 0 in sync");
    let reported = stderr.matches("warning: run ").count();
    if stdout.contains(&summary) && reported == usize::from(journals == WITH) {
        return Ok(());
    }
    let end: String = stdout.lines().rev().take(3).collect::<Vec<_>>().join(" / ");
    Err(format!("plan ends with {end}, and reports {reported} interrupted runs: {stderr}").into())
}
