//! The loop's rounds, one by one, with a fixed clock, a real repository, and tenants that do as the test says.

use std::error::Error;
use std::fs;

use jiff::Timestamp;
use ssprctl::testing::base::clock::Clock;
use ssprctl::testing::controller::condition::{ConditionStatus, Reason};
use ssprctl::testing::controller::event::Event;
use ssprctl::testing::controller::metrics::ProcessInfo;
use ssprctl::testing::controller::reconcile::{ReconcileFailure, ReconcileOutcome};
use ssprctl::testing::controller::round::Controller;
use ssprctl::testing::controller::schedule::Retry;
use ssprctl::testing::controller::state::{ControllerState, TenantState};
use ssprctl::testing::controller::store::StateStore;

use crate::repository::TestResult;
use crate::script::{CONTOSO, FABRIKAM, Harness, Script};

fn at(controller: &mut Controller<&Script>, seconds: i64) -> TestResult {
    controller.clock = Clock::Fixed(Timestamp::from_second(seconds)?);
    Ok(())
}

fn state(controller: &Controller<&Script>) -> ControllerState {
    controller.shared.state().clone()
}

fn tenant(controller: &Controller<&Script>, name: &str) -> Result<TenantState, Box<dyn Error>> {
    Ok(state(controller).tenants.get(name).cloned().ok_or_else(|| format!("{name} is not followed"))?)
}

fn words(news: &[Event]) -> Vec<(Option<&str>, Reason)> {
    let mut words: Vec<_> = news.iter().map(|news| (news.tenant.as_deref(), news.reason)).collect();
    words.sort();
    words
}

fn both(may_write: bool) -> Vec<(String, bool)> {
    vec![(CONTOSO.to_owned(), may_write), (FABRIKAM.to_owned(), may_write)]
}

#[tokio::test]
async fn tenants_are_reconciled_when_they_are_due() -> TestResult {
    let harness = Harness::new()?;
    let mut controller = harness.start(false)?;
    assert!(!controller.shared.is_ready());
    assert_eq!(words(&controller.reconcile_due(false).await), []);
    assert_eq!(harness.script.asked(), both(false));
    assert!(controller.shared.is_ready());
    assert_eq!(controller.due(), Some(Timestamp::from_second(300)?));
    at(&mut controller, 299)?;
    controller.reconcile_due(false).await;
    assert_eq!(harness.script.asked(), []);
    at(&mut controller, 300)?;
    controller.reconcile_due(false).await;
    assert_eq!(harness.script.asked(), both(false));
    controller.reconcile_due(true).await;
    assert_eq!(harness.script.asked(), both(false), "whoever asks waits for no moment");
    Ok(())
}

/// The expiry of a saved sign-in is a metric for the tenants that exist and have one.
#[tokio::test]
async fn the_end_of_a_sign_in_can_be_watched() -> TestResult {
    let harness = Harness::new()?;
    let mut controller = harness.start(false)?;
    let report = |controller: &Controller<&Script>| -> Result<Vec<String>, Box<dyn Error>> {
        let text = controller.shared.metrics.text(&state(controller), controller.shared.facts)?;
        let lines = text.lines().filter(|line| line.starts_with("ssprctl_sign_in_expiry_timestamp_seconds{"));
        Ok(lines.map(str::to_owned).collect())
    };
    assert!(report(&controller)?.is_empty());
    controller.reconcile_due(false).await;
    let line = format!("ssprctl_sign_in_expiry_timestamp_seconds{{service=\"portal\",tenant=\"{CONTOSO}\"}} 7776000");
    assert_eq!(report(&controller)?, [line]);
    harness.repository.commit("policies/contoso.yaml", "other.onmicrosoft.com")?;
    controller.reconcile_due(true).await;
    assert!(report(&controller)?.is_empty(), "a tenant that is gone leaves nothing behind");
    Ok(())
}

#[tokio::test]
async fn drift_is_only_reported_unless_writing_is_wanted() -> TestResult {
    let harness = Harness::new()?;
    let mut controller = harness.start(false)?;
    controller.reconcile_due(false).await;
    harness.script.answer(CONTOSO, ReconcileOutcome::Differs);
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(Some(CONTOSO), Reason::Drifted)]);
    assert!(harness.script.asked().iter().all(|(_, may_write)| !may_write));
    let contoso = tenant(&controller, CONTOSO)?;
    assert_eq!((contoso.conditions.ready.status, contoso.drift.len()), (ConditionStatus::False, 1));
    drop(controller);

    let mut controller = harness.start(true)?;
    assert_eq!(tenant(&controller, CONTOSO)?, contoso, "a restart forgets nothing");
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(Some(CONTOSO), Reason::Applied)]);
    assert!(news[0].message.starts_with("1 setting was put back"), "{}", news[0].message);
    let contoso = tenant(&controller, CONTOSO)?;
    assert_eq!((contoso.conditions.ready.status, contoso.drift.len()), (ConditionStatus::True, 0));
    Ok(())
}

#[tokio::test]
async fn a_wrong_commit_stalls_and_what_was_in_force_is_only_watched() -> TestResult {
    let harness = Harness::new()?;
    let mut controller = harness.start(true)?;
    controller.reconcile_due(false).await;
    let good = state(&controller).source.last_applied.ok_or("nothing is in force")?.revision;
    let wrong = harness.repository.commit("policies/contoso.yaml", "wrong")?;
    harness.script.asked();
    harness.script.answer(FABRIKAM, ReconcileOutcome::Differs);
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(None, Reason::InvalidPolicy), (Some(FABRIKAM), Reason::Drifted)]);
    assert_eq!(harness.script.asked(), both(false), "nothing is written while the newest commit is wrong");
    let source = state(&controller).source;
    assert_eq!(source.conditions.stalled.status, ConditionStatus::True);
    assert_eq!(source.conditions.stalled.message, "policies/contoso.yaml:1:1: wrong");
    let revisions = [source.last_attempted, source.last_applied].map(|mark| mark.map(|mark| mark.revision));
    assert_eq!(revisions, [Some(wrong), Some(good)]);
    assert_eq!(words(&controller.reconcile_due(true).await), [], "notified once");
    drop(controller);

    harness.tidy_up()?;
    let mut controller = harness.start(true)?;
    harness.script.asked();
    assert_eq!(words(&controller.reconcile_due(true).await), [], "also over a restart");
    assert_eq!(harness.script.asked(), both(false), "which goes on with what was in force");
    let fixed = harness.repository.commit("policies/contoso.yaml", CONTOSO)?;
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(None, Reason::Fetched), (Some(FABRIKAM), Reason::Applied)]);
    let source = state(&controller).source;
    assert_eq!(source.conditions.ready.status, ConditionStatus::True);
    assert_eq!(source.last_applied.map(|mark| mark.revision), Some(fixed));
    Ok(())
}

#[tokio::test]
async fn what_is_terminal_waits_for_another_commit() -> TestResult {
    let harness = Harness::new()?;
    let mut controller = harness.start(true)?;
    let refused =
        ReconcileFailure { class: Retry::Never, reason: Reason::Refused, message: "a rule says no".to_owned() };
    harness.script.answer(CONTOSO, ReconcileOutcome::Failed(refused));
    assert_eq!(words(&controller.reconcile_due(false).await), [(Some(CONTOSO), Reason::Refused)]);
    assert_eq!(tenant(&controller, CONTOSO)?.conditions.stalled.status, ConditionStatus::True);
    harness.script.asked();
    drop(controller);
    let mut controller = harness.start(true)?;
    at(&mut controller, 100_000)?;
    controller.reconcile_due(false).await;
    assert_eq!(harness.script.asked(), [(FABRIKAM.to_owned(), false)], "not tried again, also over a restart");
    harness.repository.commit("README.md", "another commit")?;
    at(&mut controller, 200_000)?;
    controller.reconcile_due(false).await;
    assert_eq!(harness.script.asked(), both(false));
    Ok(())
}

#[tokio::test]
async fn failures_that_pass_are_tried_again_sooner_and_alone() -> TestResult {
    let harness = Harness::new()?;
    let mut controller = harness.start(false)?;
    let away =
        ReconcileFailure { class: Retry::Transient, reason: Reason::Unavailable, message: "HTTP 503".to_owned() };
    harness.script.answer(CONTOSO, ReconcileOutcome::Failed(away));
    controller.reconcile_due(false).await;
    harness.script.asked();
    for (moment, expected) in [(14, 0), (15, 1), (44, 0), (45, 1), (105, 1)] {
        at(&mut controller, moment)?;
        controller.reconcile_due(false).await;
        let asked = harness.script.asked();
        assert_eq!(asked.len(), expected, "after {moment} seconds: {asked:?}");
        assert!(asked.iter().all(|(tenant, _)| tenant == CONTOSO));
    }
    assert_eq!(tenant(&controller, CONTOSO)?.failures, 4);
    Ok(())
}

#[tokio::test]
async fn who_is_suspended_is_left_alone() -> TestResult {
    let harness = Harness::new()?;
    harness.repository.commit("ssprctl.yaml", "version: 1\ncontroller:\n  suspend: [\"contoso.*\"]\n")?;
    let mut controller = harness.start(true)?;
    controller.shared.state().tenants.entry(FABRIKAM.to_owned()).or_default().suspended = true;
    controller.reconcile_due(true).await;
    assert_eq!(harness.script.asked(), []);
    assert!(tenant(&controller, CONTOSO)?.suspended_by_file);
    drop(controller);
    let mut controller = harness.start(true)?;
    assert!(tenant(&controller, FABRIKAM)?.suspended, "a request outlives a restart");
    harness.repository.commit("ssprctl.yaml", "version: 1\n")?;
    controller.reconcile_due(true).await;
    assert_eq!(harness.script.asked(), [(CONTOSO.to_owned(), false)]);
    Ok(())
}

#[tokio::test]
async fn nothing_is_written_in_a_freeze() -> TestResult {
    let harness = Harness::new()?;
    let freeze = "version: 1\ncontroller:\n  freeze:\n    - reason: the end of the year\n      firstDay: 2026-12-21\n      \
                  lastDay: 2027-01-03\n      tenants: [\"contoso.*\"]\n";
    harness.repository.commit("ssprctl.yaml", freeze)?;
    let mut controller = harness.start(true)?;
    harness.script.answer(CONTOSO, ReconcileOutcome::Differs);
    controller.clock = Clock::Fixed("2026-12-24T12:00:00Z".parse()?);
    assert_eq!(words(&controller.reconcile_due(false).await), [(Some(CONTOSO), Reason::Frozen)]);
    assert_eq!(harness.script.asked(), both(false));
    controller.clock = Clock::Fixed("2027-01-04T00:00:00Z".parse()?);
    assert_eq!(words(&controller.reconcile_due(false).await), [(Some(CONTOSO), Reason::Applied)]);
    Ok(())
}

#[tokio::test]
async fn nothing_is_written_while_the_branch_cannot_be_read() -> TestResult {
    let harness = Harness::new()?;
    let mut controller = harness.start(true)?;
    controller.reconcile_due(false).await;
    harness.script.asked();
    harness.script.answer(CONTOSO, ReconcileOutcome::Differs);
    harness.repository.git(&["branch", "--move", "main", "elsewhere"])?;
    let report = [
        controller.reconcile_due(true).await,
        controller.reconcile_due(true).await,
        controller.reconcile_due(true).await,
    ];
    assert!(harness.script.asked().iter().all(|(_, may_write)| !may_write));
    assert_eq!(words(&report[0]), [(Some(CONTOSO), Reason::Drifted)]);
    assert_eq!(words(&report[2]), [(None, Reason::Unreadable)], "notified when it is not transient");
    harness.repository.git(&["branch", "--move", "elsewhere", "main"])?;
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(None, Reason::Fetched), (Some(CONTOSO), Reason::Applied)]);
    Ok(())
}

#[tokio::test]
async fn tenants_that_leave_the_repository_are_forgotten() -> TestResult {
    let harness = Harness::new()?;
    let mut controller = harness.start(false)?;
    controller.reconcile_due(false).await;
    harness.repository.git(&["rm", "--quiet", "policies/fabrikam.yaml"])?;
    harness.repository.commit_with(&["commit", "--quiet", "--message", "Remove a tenant"])?;
    controller.reconcile_due(true).await;
    assert_eq!(state(&controller).tenants.keys().collect::<Vec<_>>(), [CONTOSO]);
    Ok(())
}

#[tokio::test]
async fn a_controller_that_is_to_stop_begins_nothing() -> TestResult {
    let harness = Harness::new()?;
    let mut controller = harness.start(true)?;
    controller.shared.signals.stop();
    controller.reconcile_due(true).await;
    assert_eq!(harness.script.asked(), []);
    assert!(!controller.shared.is_ready());
    Ok(())
}

#[test]
fn a_state_folder_belongs_to_one_controller() -> TestResult {
    let folder = tempfile::tempdir()?;
    let first = StateStore::open(folder.path()).map_err(|error| error.message)?;
    let second = StateStore::open(folder.path()).err().ok_or("two controllers have one folder")?;
    assert!(second.message.starts_with("another controller is running"), "{}", second.message);
    drop(first);
    assert!(StateStore::open(folder.path()).is_ok());
    Ok(())
}

#[test]
fn a_state_that_is_not_understood_is_not_thrown_away() -> TestResult {
    let folder = tempfile::tempdir()?;
    for text in ["", "{", "{\"formatVersion\": 2, \"source\": {}, \"tenants\": {}}"] {
        fs::write(folder.path().join("state.json"), text)?;
        assert!(StateStore::open(folder.path()).is_err(), "{text:?}");
        assert_eq!(fs::read_to_string(folder.path().join("state.json"))?, text);
    }
    Ok(())
}

/// What `limits` of `ssprctl.yaml` hold back is written to no tenant, and waits for another commit.
#[tokio::test]
async fn too_many_tenants_at_once_are_left_as_they_are() -> TestResult {
    let harness = Harness::new()?;
    let mut controller = harness.start(true)?;
    harness.script.most.set(1);
    for tenant in [CONTOSO, FABRIKAM] {
        harness.script.answer(tenant, ReconcileOutcome::Differs);
    }
    let news = controller.reconcile_due(false).await;
    assert_eq!(words(&news), [(Some(CONTOSO), Reason::Refused), (Some(FABRIKAM), Reason::Refused)]);
    assert_eq!(harness.script.asked(), both(false), "none of them is written");
    let contoso = tenant(&controller, CONTOSO)?;
    assert_eq!(contoso.conditions.stalled.message, "2 tenants would change");
    assert_eq!((contoso.next, contoso.drift.len()), (None, 1));
    harness.script.most.set(2);
    harness.repository.commit("README.md", "another commit")?;
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(Some(CONTOSO), Reason::Applied), (Some(FABRIKAM), Reason::Applied)]);
    Ok(())
}

/// The second ring is written when the first is in sync, in the same round; while it is not, that shows in the state.
#[tokio::test]
async fn a_ring_waits_for_the_one_before() -> TestResult {
    let harness = Harness::new()?;
    harness.script.rings.set(true);
    let mut controller = harness.start(true)?;
    let broken = ReconcileFailure { class: Retry::Transient, reason: Reason::Unavailable, message: "HTTP 503".into() };
    harness.script.answer(CONTOSO, ReconcileOutcome::Failed(broken));
    harness.script.answer(FABRIKAM, ReconcileOutcome::Differs);
    controller.reconcile_due(false).await;
    assert_eq!(harness.script.asked(), both(false), "nothing is written");
    let fabrikam = tenant(&controller, FABRIKAM)?;
    assert_eq!((fabrikam.ring.as_deref(), fabrikam.waits_for_ring.as_deref()), (Some("rest"), Some("canary")));
    let message = &fabrikam.conditions.ready.message;
    assert!(message.starts_with("its ring waits for the ring `canary`, of which not every tenant"), "{message}");
    let facts = ProcessInfo { started: Timestamp::UNIX_EPOCH, remediate: true, sandbox: false, count_people: false };
    let metrics = controller.shared.metrics.text(&state(&controller), facts)?;
    assert!(metrics.contains("ssprctl_waiting_for_ring{tenant=\"fabrikam.onmicrosoft.com\"} 1"), "{metrics}");

    harness.script.answer(CONTOSO, ReconcileOutcome::Differs);
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(Some(CONTOSO), Reason::Applied), (Some(FABRIKAM), Reason::Applied)]);
    assert_eq!(tenant(&controller, FABRIKAM)?.waits_for_ring, None);
    Ok(())
}
