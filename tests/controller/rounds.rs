//! The loop's rounds, one by one, with a fixed clock, a real repository, and tenants that do as the test says.

use std::error::Error;
use std::fs;

use jiff::Timestamp;
use ssprctl::base::clock::Clock;
use ssprctl::controller::condition::{ConditionStatus, Reason};
use ssprctl::controller::event::Event;
use ssprctl::controller::reconcile::{ReconcileFailure, ReconcileOutcome};
use ssprctl::controller::round::Controller;
use ssprctl::controller::schedule::Retry;
use ssprctl::controller::state::{ControllerState, TenantState};
use ssprctl::controller::store::StateStore;

use crate::repository::Ended;
use crate::script::{CONTOSO, FABRIKAM, Script, Stand};

fn at(controller: &mut Controller<&Script>, seconds: i64) -> Ended {
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
async fn tenants_are_looked_at_when_their_time_has_come() -> Ended {
    let stand = Stand::new()?;
    let mut controller = stand.start(false)?;
    assert!(!controller.shared.is_ready());
    assert_eq!(words(&controller.reconcile_due(false).await), []);
    assert_eq!(stand.script.asked(), both(false));
    assert!(controller.shared.is_ready());
    assert_eq!(controller.due(), Some(Timestamp::from_second(300)?));
    at(&mut controller, 299)?;
    controller.reconcile_due(false).await;
    assert_eq!(stand.script.asked(), []);
    at(&mut controller, 300)?;
    controller.reconcile_due(false).await;
    assert_eq!(stand.script.asked(), both(false));
    controller.reconcile_due(true).await;
    assert_eq!(stand.script.asked(), both(false), "whoever asks waits for no moment");
    Ok(())
}

/// How long a kept sign-in lives is told for the tenants that there are, and for those that have one.
#[tokio::test]
async fn the_end_of_a_sign_in_can_be_watched() -> Ended {
    let stand = Stand::new()?;
    let mut controller = stand.start(false)?;
    let told = |controller: &Controller<&Script>| -> Result<Vec<String>, Box<dyn Error>> {
        let text = controller.shared.metrics.text(&state(controller), controller.shared.facts)?;
        let lines = text.lines().filter(|line| line.starts_with("ssprctl_sign_in_expiry_timestamp_seconds{"));
        Ok(lines.map(str::to_owned).collect())
    };
    assert!(told(&controller)?.is_empty());
    controller.reconcile_due(false).await;
    let line = format!("ssprctl_sign_in_expiry_timestamp_seconds{{service=\"portal\",tenant=\"{CONTOSO}\"}} 7776000");
    assert_eq!(told(&controller)?, [line]);
    stand.repository.commit("policies/contoso.yaml", "other.onmicrosoft.com")?;
    controller.reconcile_due(true).await;
    assert!(told(&controller)?.is_empty(), "a tenant that is gone leaves nothing behind");
    Ok(())
}

#[tokio::test]
async fn drift_is_only_reported_unless_writing_is_wanted() -> Ended {
    let stand = Stand::new()?;
    let mut controller = stand.start(false)?;
    controller.reconcile_due(false).await;
    stand.script.answer(CONTOSO, ReconcileOutcome::Differs);
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(Some(CONTOSO), Reason::Drifted)]);
    assert!(stand.script.asked().iter().all(|(_, may_write)| !may_write));
    let contoso = tenant(&controller, CONTOSO)?;
    assert_eq!((contoso.conditions.ready.status, contoso.drift.len()), (ConditionStatus::False, 1));
    drop(controller);

    let mut controller = stand.start(true)?;
    assert_eq!(tenant(&controller, CONTOSO)?, contoso, "a restart forgets nothing");
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(Some(CONTOSO), Reason::Applied)]);
    assert!(news[0].message.starts_with("1 setting was put back"), "{}", news[0].message);
    let contoso = tenant(&controller, CONTOSO)?;
    assert_eq!((contoso.conditions.ready.status, contoso.drift.len()), (ConditionStatus::True, 0));
    Ok(())
}

#[tokio::test]
async fn a_wrong_commit_stalls_and_what_was_in_force_is_only_watched() -> Ended {
    let stand = Stand::new()?;
    let mut controller = stand.start(true)?;
    controller.reconcile_due(false).await;
    let good = state(&controller).source.last_applied.ok_or("nothing is in force")?.revision;
    let wrong = stand.repository.commit("policies/contoso.yaml", "wrong")?;
    stand.script.asked();
    stand.script.answer(FABRIKAM, ReconcileOutcome::Differs);
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(None, Reason::InvalidPolicy), (Some(FABRIKAM), Reason::Drifted)]);
    assert_eq!(stand.script.asked(), both(false), "nothing is written while the newest commit is wrong");
    let source = state(&controller).source;
    assert_eq!(source.conditions.stalled.status, ConditionStatus::True);
    assert_eq!(source.conditions.stalled.message, "policies/contoso.yaml:1:1: wrong");
    let revisions = [source.last_attempted, source.last_applied].map(|mark| mark.map(|mark| mark.revision));
    assert_eq!(revisions, [Some(wrong), Some(good)]);
    assert_eq!(words(&controller.reconcile_due(true).await), [], "told once");
    drop(controller);

    let mut controller = stand.start(true)?;
    stand.script.asked();
    assert_eq!(words(&controller.reconcile_due(true).await), [], "also over a restart");
    assert_eq!(stand.script.asked(), both(false), "which goes on with what was in force");
    let fixed = stand.repository.commit("policies/contoso.yaml", CONTOSO)?;
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(None, Reason::Fetched), (Some(FABRIKAM), Reason::Applied)]);
    let source = state(&controller).source;
    assert_eq!(source.conditions.ready.status, ConditionStatus::True);
    assert_eq!(source.last_applied.map(|mark| mark.revision), Some(fixed));
    Ok(())
}

#[tokio::test]
async fn what_is_terminal_waits_for_another_commit() -> Ended {
    let stand = Stand::new()?;
    let mut controller = stand.start(true)?;
    let refused =
        ReconcileFailure { class: Retry::Never, reason: Reason::Refused, message: "a rule says no".to_owned() };
    stand.script.answer(CONTOSO, ReconcileOutcome::Failed(refused));
    assert_eq!(words(&controller.reconcile_due(false).await), [(Some(CONTOSO), Reason::Refused)]);
    assert_eq!(tenant(&controller, CONTOSO)?.conditions.stalled.status, ConditionStatus::True);
    stand.script.asked();
    drop(controller);
    let mut controller = stand.start(true)?;
    at(&mut controller, 100_000)?;
    controller.reconcile_due(false).await;
    assert_eq!(stand.script.asked(), [(FABRIKAM.to_owned(), false)], "not tried again, also over a restart");
    stand.repository.commit("README.md", "another commit")?;
    at(&mut controller, 200_000)?;
    controller.reconcile_due(false).await;
    assert_eq!(stand.script.asked(), both(false));
    Ok(())
}

#[tokio::test]
async fn failures_that_pass_are_tried_again_sooner_and_alone() -> Ended {
    let stand = Stand::new()?;
    let mut controller = stand.start(false)?;
    let away =
        ReconcileFailure { class: Retry::Transient, reason: Reason::Unavailable, message: "HTTP 503".to_owned() };
    stand.script.answer(CONTOSO, ReconcileOutcome::Failed(away));
    controller.reconcile_due(false).await;
    stand.script.asked();
    for (moment, expected) in [(14, 0), (15, 1), (44, 0), (45, 1), (105, 1)] {
        at(&mut controller, moment)?;
        controller.reconcile_due(false).await;
        let asked = stand.script.asked();
        assert_eq!(asked.len(), expected, "after {moment} seconds: {asked:?}");
        assert!(asked.iter().all(|(tenant, _)| tenant == CONTOSO));
    }
    assert_eq!(tenant(&controller, CONTOSO)?.failures, 4);
    Ok(())
}

#[tokio::test]
async fn who_is_suspended_is_left_alone() -> Ended {
    let stand = Stand::new()?;
    stand.repository.commit("ssprctl.yaml", "version: 1\ncontroller:\n  suspend: [\"contoso.*\"]\n")?;
    let mut controller = stand.start(true)?;
    controller.shared.state().tenants.entry(FABRIKAM.to_owned()).or_default().suspended = true;
    controller.reconcile_due(true).await;
    assert_eq!(stand.script.asked(), []);
    assert!(tenant(&controller, CONTOSO)?.suspended_by_file);
    drop(controller);
    let mut controller = stand.start(true)?;
    assert!(tenant(&controller, FABRIKAM)?.suspended, "a request outlives a restart");
    stand.repository.commit("ssprctl.yaml", "version: 1\n")?;
    controller.reconcile_due(true).await;
    assert_eq!(stand.script.asked(), [(CONTOSO.to_owned(), false)]);
    Ok(())
}

#[tokio::test]
async fn nothing_is_written_in_a_freeze() -> Ended {
    let stand = Stand::new()?;
    let freeze = "version: 1\ncontroller:\n  freeze:\n    - reason: the end of the year\n      firstDay: 2026-12-21\n      \
                  lastDay: 2027-01-03\n      tenants: [\"contoso.*\"]\n";
    stand.repository.commit("ssprctl.yaml", freeze)?;
    let mut controller = stand.start(true)?;
    stand.script.answer(CONTOSO, ReconcileOutcome::Differs);
    controller.clock = Clock::Fixed("2026-12-24T12:00:00Z".parse()?);
    assert_eq!(words(&controller.reconcile_due(false).await), [(Some(CONTOSO), Reason::Frozen)]);
    assert_eq!(stand.script.asked(), both(false));
    controller.clock = Clock::Fixed("2027-01-04T00:00:00Z".parse()?);
    assert_eq!(words(&controller.reconcile_due(false).await), [(Some(CONTOSO), Reason::Applied)]);
    Ok(())
}

#[tokio::test]
async fn nothing_is_written_while_the_branch_cannot_be_read() -> Ended {
    let stand = Stand::new()?;
    let mut controller = stand.start(true)?;
    controller.reconcile_due(false).await;
    stand.script.asked();
    stand.script.answer(CONTOSO, ReconcileOutcome::Differs);
    stand.repository.git(&["branch", "--move", "main", "elsewhere"])?;
    let told = [
        controller.reconcile_due(true).await,
        controller.reconcile_due(true).await,
        controller.reconcile_due(true).await,
    ];
    assert!(stand.script.asked().iter().all(|(_, may_write)| !may_write));
    assert_eq!(words(&told[0]), [(Some(CONTOSO), Reason::Drifted)]);
    assert_eq!(words(&told[2]), [(None, Reason::Unreadable)], "told when it does not pass by itself");
    stand.repository.git(&["branch", "--move", "elsewhere", "main"])?;
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(None, Reason::Fetched), (Some(CONTOSO), Reason::Applied)]);
    Ok(())
}

#[tokio::test]
async fn tenants_that_leave_the_repository_are_forgotten() -> Ended {
    let stand = Stand::new()?;
    let mut controller = stand.start(false)?;
    controller.reconcile_due(false).await;
    stand.repository.git(&["rm", "--quiet", "policies/fabrikam.yaml"])?;
    stand.repository.commit_with(&["commit", "--quiet", "--message", "Remove a tenant"])?;
    controller.reconcile_due(true).await;
    assert_eq!(state(&controller).tenants.keys().collect::<Vec<_>>(), [CONTOSO]);
    Ok(())
}

#[tokio::test]
async fn a_controller_that_is_to_stop_begins_nothing() -> Ended {
    let stand = Stand::new()?;
    let mut controller = stand.start(true)?;
    controller.shared.signals.stop();
    controller.reconcile_due(true).await;
    assert_eq!(stand.script.asked(), []);
    assert!(!controller.shared.is_ready());
    Ok(())
}

#[test]
fn a_state_folder_belongs_to_one_controller() -> Ended {
    let folder = tempfile::tempdir()?;
    let first = StateStore::open(folder.path()).map_err(|trouble| trouble.message)?;
    let second = StateStore::open(folder.path()).err().ok_or("two controllers have one folder")?;
    assert!(second.message.starts_with("another controller is running"), "{}", second.message);
    drop(first);
    assert!(StateStore::open(folder.path()).is_ok());
    Ok(())
}

#[test]
fn a_state_that_is_not_understood_is_not_thrown_away() -> Ended {
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
async fn too_many_tenants_at_once_are_left_as_they_are() -> Ended {
    let stand = Stand::new()?;
    let mut controller = stand.start(true)?;
    stand.script.most.set(1);
    for tenant in [CONTOSO, FABRIKAM] {
        stand.script.answer(tenant, ReconcileOutcome::Differs);
    }
    let news = controller.reconcile_due(false).await;
    assert_eq!(words(&news), [(Some(CONTOSO), Reason::Refused), (Some(FABRIKAM), Reason::Refused)]);
    assert_eq!(stand.script.asked(), both(false), "none of them is written");
    let contoso = tenant(&controller, CONTOSO)?;
    assert_eq!(contoso.conditions.stalled.message, "2 tenants would change");
    assert_eq!((contoso.next, contoso.drift.len()), (None, 1));
    stand.script.most.set(2);
    stand.repository.commit("README.md", "another commit")?;
    let news = controller.reconcile_due(true).await;
    assert_eq!(words(&news), [(Some(CONTOSO), Reason::Applied), (Some(FABRIKAM), Reason::Applied)]);
    Ok(())
}
