//! The journal of a run as it is on disk, read and written again to the byte. Other files are in `tests/recorded/files.rs`.

use std::error::Error;

use crate::apply::entry::JournalEntry;
use crate::apply::journal::Journal;
use crate::apply::run_record::{parse, read_run};
use crate::base::clock::Clock;
use crate::base::file::read_bounded;
use crate::base::ids::{RunId, TenantId};

/// It was not made by this program: its checksums come from another implementation of the same algorithm.
const JOURNAL: &str = include_str!("../../tests/recorded/files/journal.jsonl");
const WITHOUT_NUMBERS: &str = include_str!("../../tests/recorded/files/journal-without-numbers.jsonl");
const TENANT: &str = "11111111-2222-4333-8444-555555555555";

#[test]
fn a_journal_is_read_and_written_again_to_the_byte() -> Result<(), Box<dyn Error>> {
    let run = RunId::parse("20261122T090001001Z-0f0f0f0f").ok_or("no run id")?;
    let folder = tempfile::tempdir()?;
    for line in JOURNAL.lines() {
        let JournalEntry { at, tenant_id, event, line: _, checksum: _ } = serde_json::from_str(line)?;
        let tenant: TenantId = tenant_id.parse()?;
        Journal::of(folder.path(), &run, &Clock::Fixed(at.parse()?)).record(tenant, event)?;
    }
    let written = String::from_utf8(read_bounded(&folder.path().join(format!("{run}.jsonl")), 1 << 20)?)?;
    for (number, (written, recorded)) in written.lines().zip(JOURNAL.lines()).enumerate() {
        assert_eq!(written, recorded, "line {}", number + 1);
    }
    assert_eq!(written.len(), JOURNAL.len());

    let past = read_run(folder.path(), &run)?;
    let older = parse(&run, WITHOUT_NUMBERS)?;
    assert_eq!(past, older, "a journal from before lines had numbers is read, too");
    assert_eq!(past.damaged, Vec::<u64>::new());
    let tenant = past.tenants.get(&TENANT.parse()?).ok_or("no such tenant")?;
    assert_eq!(past.tenants.len(), 2);
    let known = |known: bool| if known { "known" } else { "open" };
    let requests: Vec<_> = tenant
        .requests
        .iter()
        .map(|request| {
            (request.index, request.is_reversal, known(request.response.is_some()), known(request.result.is_some()))
        })
        .collect();
    let [known, open] = ["known", "open"];
    assert_eq!(
        requests,
        [
            (0, false, known, known),
            (1, false, known, known),
            (2, false, known, known),
            (3, false, known, known),
            (4, false, known, known),
            (5, false, known, known),
            (6, true, open, open),
        ]
    );
    Ok(())
}
