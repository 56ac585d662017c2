//! What holds for every journal, whoever wrote it: reading never panics or hangs, and neither does what is made of it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError};
use serde_json::{Value, json};
use ssprctl::testing::apply::run_record;
use ssprctl::testing::apply::run_record::RunRecord;
use ssprctl::testing::base::exit::Exit;
use ssprctl::testing::base::ids::{RunId, TenantId};
use ssprctl::testing::base::signature::Digest;
use ssprctl::testing::base::source::{Place, Source, Span};
use ssprctl::testing::plan::reversal;
use ssprctl::testing::render::json;
use ssprctl::testing::render::terminal::history as report;

/// The same cases in every run, and no files of old failures.
fn config(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(20_261_122), failure_persistence: None, ..Config::default() }
}

const RUN: &str = "20261122T090000000Z-1a2b3c4d";
const TENANT: &str = "55bc0001-0000-4000-8000-000000000001";

/// A line that the program could have written, with documents of any sort.
fn line() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        any::<bool>().prop_map(|on| json!(on)),
        any::<i64>().prop_map(|number| json!(number)),
        "\\PC{0,12}".prop_map(|text| json!(text)),
        prop::collection::vec("[a-c]{0,3}", 0..4).prop_map(|list| json!(list)),
        Just(
            json!({ "id": "Email", "@odata.type": "#x", "state": "enabled", "includeTargets": [{ "id": "b" }, { "id": "a" }] })
        ),
        Just(json!(null)),
    ];
    let key = prop::sample::select(vec![
        "notifyUsersOnPasswordReset",
        "enablementType",
        "passwordResetEnabledGroupIds",
        "securityQuestions",
        "id",
        "@odata.type",
        "Email",
        "state",
        "includeTargets",
        "enablementForTenant",
        "allowedToUseSSPR",
        "brandNew",
    ]);
    let document = || prop::collection::btree_map(key.clone(), value.clone(), 0..6);
    let surface = prop::sample::select(vec![
        "passwordReset",
        "onPremisesPasswordReset",
        "authorizationPolicy",
        "authenticationMethods",
        "nowhere",
    ]);
    let sending = (0..4_usize, any::<bool>(), surface, document(), document()).prop_map(|(request, undoing, surface, before, body)| {
        json!({ "sending": { "request": request, "undoing": undoing, "surface": surface, "settings": ["methods.required\u{1b}[2J"], "before": before, "body": body } })
    });
    let begun = (0..3_u32, "\\PC{0,20}").prop_map(|(version, name)| {
        json!({ "begun": { "formatVersion": version, "program": "0.1.0", "tenant": name, "cloud": "global", "policy": name, "requests": 2 } })
    });
    let answer = prop::sample::select(vec!["accepted", "refused", "lost", "sung"]);
    let answered = (0..4_usize, answer)
        .prop_map(|(request, answer)| json!({ "answered": { "request": request, "answer": answer } }));
    let result = prop::sample::select(vec!["verified", "collateral", "unverified", "not-done", "undone"]);
    let resolved = (0..4_usize, result)
        .prop_map(|(request, result)| json!({ "settled": { "request": request, "result": result } }));
    let ended = prop::sample::select(vec!["applied", "rolled-back", "stands", "cut-off"])
        .prop_map(|how| json!({ "ended": how }));
    let event = prop_oneof![4 => sending, 1 => begun, 2 => answered, 2 => resolved, 1 => ended];
    let tenant = prop::sample::select(vec![TENANT, "55bc0002-0000-4000-8000-000000000002", "nobody"]);
    (event, tenant).prop_map(|(event, tenant)| {
        json!({ "at": "2026-11-22T09:00:00Z", "tenantId": tenant, "event": event }).to_string()
    })
}

/// A journal that was damaged: bytes replaced, cut off anywhere.
fn damaged() -> impl Strategy<Value = String> {
    let lines = prop::collection::vec(line(), 0..12);
    let blows = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (lines, blows, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(lines, blows, end, whole)| {
        let mut bytes = lines.join("\n").into_bytes();
        bytes.push(b'\n');
        for (at, byte) in blows {
            let at = at.index(bytes.len());
            if let Some(hit) = bytes.get_mut(at) {
                *hit = byte;
            }
        }
        if !whole {
            bytes.truncate(end.index(bytes.len()));
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn read(text: &str) -> Option<RunRecord> {
    RunId::parse(RUN).and_then(|run| run_record::parse(&run, text).ok())
}

/// Everything that is done with a journal that was read.
fn use_it(past: &RunRecord) {
    let shown = report::one(past) + &report::history(std::slice::from_ref(past));
    assert!(!shown.contains("\u{1b}[2J"), "a terminal would act on it: {shown}");
    assert!(json::history(std::slice::from_ref(past), Exit::Done).contains("formatVersion"));
    let place = Place { source: std::sync::Arc::new(Source::new("", "")), span: Span { start: 0, end: 0 } };
    for tenant in past.tenants.values() {
        let sent = tenant.sent();
        // The documents of now: as they were before, as they were sent, or none.
        for now in [
            sent.iter().map(|one| (one.surface, one.before.clone())).collect(),
            sent.iter().map(|one| (one.surface, one.body.clone())).collect(),
            BTreeMap::new(),
        ] {
            let way = reversal::reverse(&sent, &now, |_| place.clone());
            assert!(way.steps.len() <= sent.len());
            for one in &sent {
                let _ = now.get(&one.surface).map(|document| reversal::write_state(one, document));
            }
        }
    }
}

proptest! {
    #![proptest_config(config(2_000))]

    /// Of one tenant is read what the whole journal says of it.
    #[test]
    fn the_record_of_one_tenant_is_part_of_that_of_the_run(lines in prop::collection::vec(line(), 0..30)) {
        let folder = tempfile::tempdir()?;
        let run = RunId::parse(RUN).ok_or(TestCaseError::fail("no run id"))?;
        std::fs::write(folder.path().join(format!("{RUN}.jsonl")), lines.join("\n") + "\n")?;
        let whole = run_record::read_run(folder.path(), &run).map_err(|error| error.kind());
        for tenant in [TENANT, "55bc0002-0000-4000-8000-000000000002"] {
            let tenant: TenantId = tenant.parse().map_err(|_| TestCaseError::fail("no tenant id"))?;
            let of = |record: &RunRecord| record.tenants.get(&tenant).cloned();
            let part = run_record::read_run_of(folder.path(), &run, tenant).map_err(|error| error.kind());
            prop_assert_eq!(part.as_ref().map(of), whole.as_ref().map(of));
        }
    }

    #[test]
    fn a_damaged_journal_is_read_as_far_as_it_goes(text in damaged()) {
        if let Some(past) = read(&text) {
            use_it(&past);
        }
    }

    #[test]
    fn no_text_is_too_much(text in "\\PC{0,400}") {
        if let Some(past) = read(&text) {
            use_it(&past);
        }
    }
}

proptest! {
    #![proptest_config(config(500))]

    /// The index of journals reads only the beginning of most lines. It may name a tenant too many, never one too few.
    #[test]
    fn the_index_misses_no_interrupted_tenant(lines in prop::collection::vec(line(), 0..12), end in any::<prop::sample::Index>()) {
        let mut text = lines.join("\n");
        text.truncate(text.floor_char_boundary(end.index(text.len() + 1)));
        if let (Some(past), Ok(indexed)) = (read(&text), indexed(&text)) {
            let interrupted = past.tenants.keys().filter(|tenant| past.is_interrupted(**tenant));
            prop_assert!(interrupted.into_iter().all(|tenant| indexed.contains(tenant)), "{text}");
        }
    }
}

/// A line with its number and checksum, as the program writes it.
fn numbered(number: usize, line: &str) -> String {
    let start = format!(
        "{{\"line\":{number},{}",
        line.strip_prefix('{').and_then(|line| line.strip_suffix('}')).unwrap_or(line)
    );
    let digest = Digest::of(start.as_bytes());
    format!("{start},\"checksum\":\"{digest}\"}}")
}

proptest! {
    #![proptest_config(config(1_000))]

    /// Of numbered lines, too, when some are missing, changed, twice there or in another place.
    #[test]
    fn the_index_misses_no_interrupted_tenant_of_numbered_lines(
        lines in prop::collection::vec(line(), 1..12),
        places in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        bytes in prop::collection::vec((any::<prop::sample::Index>(), 32_u8..127), 0..2),
    ) {
        let mut lines: Vec<String> = lines.iter().enumerate().map(|(index, line)| numbered(index + 1, line)).collect();
        for place in places {
            let index = place.index(lines.len());
            let line = lines.remove(index);
            lines.insert(lines.len() - place.index(lines.len() + 1), line.clone());
            lines.insert(place.index(lines.len() + 1), line);
        }
        let mut text = (lines.join("\n") + "\n").into_bytes();
        for (at, byte) in bytes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        let text = String::from_utf8_lossy(&text);
        if let (Some(past), Ok(indexed)) = (read(&text), indexed(&text)) {
            let interrupted = past.tenants.keys().filter(|tenant| past.is_interrupted(**tenant));
            prop_assert!(interrupted.into_iter().all(|tenant| indexed.contains(tenant)), "{text}");
        }
    }
}

/// The tenants that the index finds in the text of a journal.
fn indexed(text: &str) -> std::io::Result<BTreeSet<TenantId>> {
    let folder = tempfile::tempdir()?;
    let run = RunId::parse(RUN).ok_or(std::io::ErrorKind::InvalidInput)?;
    std::fs::write(folder.path().join(format!("{RUN}.jsonl")), text)?;
    run_record::interrupted_tenants(folder.path(), &run)
}

/// However a line is written, what it says counts.
#[test]
fn the_index_reads_lines_in_any_form() -> std::io::Result<()> {
    let begun = json!({ "begun": { "formatVersion": 1 } });
    let sending = json!({ "sending": { "request": 0 } });
    let ended = json!({ "ended": "applied" });
    let line = |event: &Value| json!({ "at": "x", "tenantId": TENANT, "event": event }).to_string();
    let turned = |event: &Value| json!({ "event": event, "tenantId": TENANT, "at": "x" }).to_string();
    let cut_off = line(&sending).replace("0}}}", "");
    for (lines, interrupted) in [
        (vec![line(&begun), line(&sending)], true),
        (vec![line(&begun), turned(&sending)], true),
        (vec![cut_off.clone()], true),
        (vec!["nonsense".to_owned(), String::new()], false),
        (vec![line(&begun), line(&sending), line(&ended)], false),
        (vec![turned(&begun), cut_off, turned(&ended)], false),
    ] {
        assert_eq!(!indexed(&lines.join("\n"))?.is_empty(), interrupted, "{lines:?}");
    }
    let newer = line(&json!({ "begun": { "formatVersion": 2 } }));
    let refused = indexed(&[line(&sending), newer].join("\r\n"));
    assert_eq!(refused.map_err(|error| error.kind()), Err(std::io::ErrorKind::Unsupported));
    Ok(())
}

/// A run that never ends is no reason to hang.
#[test]
fn a_long_journal_is_read_in_one_go() {
    let line = json!({ "at": "x", "tenantId": TENANT, "event": { "ended": "applied" } }).to_string();
    let text = format!("{}half a li", format!("{line}\nnonsense\n").repeat(50_000));
    let past = read(&text);
    assert_eq!(past.map(|past| past.damaged.len() + past.cut_off.len()), Some(50_001));
}

/// Each line may follow on a gap, but a journal that says that it lost more than it can have lost is not read.
#[test]
fn the_gaps_of_a_journal_are_bounded() {
    let ended =
        json!({ "at": "2026-11-27T09:00:00Z", "tenantId": TENANT, "event": { "ended": "applied" } }).to_string();
    let line = |number: usize| numbered(number, &ended) + "\n";
    let journal = |gaps: usize| (0..=gaps).map(|gap| line(1 + gap * 5_000)).collect::<String>();
    assert_eq!(read(&journal(1)).map(|past| past.damaged.len()), Some(4_999));
    assert_eq!(read(&journal(7_000)), None);
}

/// A line that was doubled or moved is named, and the lines after it still count.
#[test]
fn a_doubled_line_is_damage_and_hides_nothing() -> std::io::Result<()> {
    let event = |event: Value| json!({ "at": "2026-11-22T09:00:00Z", "tenantId": TENANT, "event": event }).to_string();
    let answered = |request: u32| event(json!({ "answered": { "request": request, "answer": "accepted" } }));
    let lines: Vec<_> = [answered(0), answered(1), answered(2), event(json!({ "ended": "applied" }))]
        .iter()
        .enumerate()
        .map(|(index, line)| numbered(index + 1, line))
        .collect();
    let past = |lines: &[&String]| {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        read(&text).map(|past| (past.damaged, past.cut_off, past.tenants.values().all(|tenant| tenant.ended.is_some())))
    };
    let [a, b, c, d] = lines.as_slice() else { return Err(std::io::ErrorKind::InvalidData.into()) };
    assert_eq!(past(&[a, b, c, d]), Some((vec![], vec![], true)));
    assert_eq!(past(&[a, b, b, c, d]), Some((vec![2], vec![], true)));
    assert_eq!(past(&[a, c, b, d]), Some((vec![2], vec![], true)));
    Ok(())
}
