//! A saved review of several tenants: those that are no longer as they were reviewed are held back, and the others go on.

use std::fs;

use axum::http::Method;
use entra_sandbox::Faults;
use entra_sandbox::faults::{Action, Fault};

use crate::fleet::{Fleet, name, policy};
use crate::harness::{Run, TestResult};

const APPLY: [&str; 4] = ["apply", "--plan", "review.json", "--auto-approve"];

fn reviewed(fleet: &Fleet, arguments: &[&str]) -> TestResult {
    let run = fleet.run(&[&["plan", "--out", "review.json"], arguments].concat())?;
    if run.code == Some(0) { Ok(()) } else { Err(format!("{run:#?}").into()) }
}

fn moves(fleet: &Fleet, n: u32) -> TestResult {
    has_guests(fleet, n, "2af84b1e-32c8-42b7-82bc-daa82404023b")
}

fn moves_back(fleet: &Fleet, n: u32) -> TestResult {
    has_guests(fleet, n, "10dae51f-b6af-4016-8d66-8c2a99b929b3")
}

/// Gives the tenant another value of a key that no policy manages.
fn has_guests(fleet: &Fleet, n: u32, role: &str) -> TestResult {
    let done: Result<(), std::convert::Infallible> = fleet.world.change(&name(n), |tenant| {
        tenant.authorization.set("guestUserRoleId", &role.into());
        Ok(())
    })?;
    let Ok(()) = done;
    Ok(())
}

fn apply(fleet: &Fleet, arguments: &[&str]) -> Result<Run, Box<dyn std::error::Error>> {
    fleet.run(&[&APPLY, arguments].concat())
}

#[test]
fn a_tenant_that_moved_is_held_back_and_named_once() -> TestResult {
    let fleet = Fleet::of(4, Faults::none())?;
    reviewed(&fleet, &[])?;
    moves(&fleet, 2)?;
    let run = apply(&fleet, &["--also", "markdown=apply.md", "--also", "json=apply.json"])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(5), 3), "{run:#?}");
    assert!(!fleet.applied()?.contains(&name(2)), "{run:#?}");
    let last = "Applied: 3 changed, 3 verified, in 3 requests; 1 tenant is stale and was held back.";
    assert!(run.stdout.trim_end().ends_with(last), "{run:#?}");
    assert_eq!(run.stdout.matches(&name(2)).count(), 2, "in the table, and above the reason: {run:#?}");
    assert_eq!(run.stdout.matches("`guestUserRoleId` of authorizationPolicy moved").count(), 1, "{run:#?}");
    let read = |file: &str| fs::read_to_string(fleet.folder.path().join(file));
    let markdown = read("apply.md")?;
    assert!(markdown.contains(last) && markdown.contains("stale, held back"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&read("apply.json")?)?;
    assert_eq!((&json["summary"]["stale"], &json["exitCode"]), (&1.into(), &5.into()), "{json:#}");
    let endings: Vec<_> = json["tenants"].as_array().into_iter().flatten().map(|one| &one["ending"]).collect();
    assert_eq!(endings, ["applied", "stale", "applied", "applied"], "in the order of the files");

    // Again: what the first apply has done is no reason to hold anything back.
    let run = apply(&fleet, &[])?;
    assert!(run.stdout.contains("4 tenants: 0 changed, 3 in sync, 1 held back."), "{run:#?}");
    assert_eq!(run.code, Some(5), "{run:#?}");
    Ok(())
}

#[test]
fn stop_sends_nothing_to_any_tenant() -> TestResult {
    let fleet = Fleet::of(3, Faults::none())?;
    reviewed(&fleet, &[])?;
    moves(&fleet, 2)?;
    let run = apply(&fleet, &["--stale", "stop"])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(5), 0), "{run:#?}");
    assert_eq!(run.stdout.matches("this is not what was reviewed").count(), 1, "{run:#?}");
    let last = "Applied: 0 changed, 0 verified, in 0 requests; 1 tenant is stale, so all were held back.";
    assert!(run.stdout.trim_end().ends_with(last), "{run:#?}");
    let json = apply(&fleet, &["--stale", "stop", "--format", "json"])?.json()?;
    assert_eq!(endings(&json), ["not-begun", "stale", "not-begun"]);

    // A tenant that needs nothing is not held back from anything.
    assert_eq!(fleet.run(&["apply", "--auto-approve", "--tenant", "tenant-0001.*"])?.code, Some(0));
    reviewed(&fleet, &[])?;
    moves_back(&fleet, 2)?;
    let run = apply(&fleet, &["--stale", "stop", "--also", "json=apply.json"])?;
    assert!(run.stdout.contains("3 tenants: 0 changed, 1 in sync, 2 held back."), "{run:#?}");
    assert!(run.stdout.trim_end().ends_with(last), "{run:#?}");
    let json = serde_json::from_str(&fs::read_to_string(fleet.folder.path().join("apply.json"))?)?;
    assert_eq!((run.code, endings(&json)), (Some(5), vec!["matched", "stale", "not-begun"]));
    Ok(())
}

fn endings(json: &serde_json::Value) -> Vec<&str> {
    json["tenants"].as_array().into_iter().flatten().filter_map(|one| one["ending"].as_str()).collect()
}

/// The changed policy is not even parsed: it may be invalid.
#[test]
fn a_tenant_whose_policy_changed_is_held_back_by_its_file() -> TestResult {
    let fleet = Fleet::of(3, Faults::none())?;
    reviewed(&fleet, &[])?;
    fleet.write("policies/t0003.yaml", &policy(&name(3), "scope: { nonsense: 1 }"))?;
    let run = apply(&fleet, &[])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(5), 2), "{run:#?}");
    assert!(run.stdout.contains("this is not what was reviewed: policies/t0003.yaml changed"), "{run:#?}");
    assert!(run.stdout.contains("in 2 requests; 1 tenant is stale and was held back."), "{run:#?}");
    let run = apply(&fleet, &[])?;
    assert!(
        run.stdout.contains("in 0 requests; 1 tenant is stale and was held back."),
        "the others are in sync: {run:#?}"
    );
    let run = apply(&fleet, &["--stale", "stop"])?;
    assert_eq!(run.code, Some(5), "{run:#?}");
    assert!(run.stderr.contains("the policies are not those that were reviewed: policies/t0003.yaml"), "{run:#?}");
    Ok(())
}

/// What is not about one tenant makes the whole review stale.
#[test]
fn another_file_of_the_repository_makes_the_whole_review_stale() -> TestResult {
    let fleet = Fleet::of(2, Faults::none())?;
    reviewed(&fleet, &[])?;
    fleet.write("ssprctl.yaml", "version: 1\nlimits: { tenants: 100 }\n")?;
    let run = apply(&fleet, &[])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(5), 0), "{run:#?}");
    assert!(run.stderr.contains("rings or dates of ssprctl.yaml are not those that were reviewed"), "{run:#?}");
    reviewed(&fleet, &[])?;
    fleet.write(
        "ssprctl.yaml",
        "# of all\r\nversion: 1\ncontroller: { suspend: [\"fabrikam*\"] }\nlimits:\n  tenants: 100\n",
    )?;
    assert_eq!(apply(&fleet, &[])?.code, Some(0), "what it says of reviews is the same");
    Ok(())
}

/// A tenant whose review was refused stays refused, and the others of the review go on.
#[test]
fn a_tenant_that_was_refused_holds_back_nobody_else() -> TestResult {
    let fleet = Fleet::of(2, Faults::none())?;
    fleet.write("ssprctl.yaml", "version: 1\n")?;
    let off = policy(&name(2), "scope: { administrators: true }\nregistration: { reconfirmAfterDays: 90 }");
    fleet.write("policies/t0002.yaml", &off)?;
    assert_eq!(fleet.run(&["plan", "--out", "review.json"])?.code, Some(8), "no application reads the portal");
    let run = apply(&fleet, &[])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(5), 1), "{run:#?}");
    assert!(run.stdout.contains("some of its managed settings were unknown when it was reviewed"), "{run:#?}");
    Ok(())
}

const RINGS: &str = "version: 1
limits: { percent: 50, percentFrom: 3 }
rings:
  - name: canary
    tenants: [tenant-0002.*]
  - name: early
    tenants: [\"tenant-000[34].*\"]
";

/// Percentages of limits are of all tenants, also where the review is of one ring.
#[test]
fn a_review_of_a_ring_and_a_ring_of_a_review_are_applied() -> TestResult {
    let fleet = Fleet::of(6, Faults::none())?;
    fleet.write("ssprctl.yaml", RINGS)?;
    reviewed(&fleet, &["--ring", "rest"])?;
    let run = apply(&fleet, &[])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(0), 3), "{run:#?}");
    fleet.write("ssprctl.yaml", &RINGS.replace("percent: 50, percentFrom: 3", "tenants: 6"))?;
    fleet.run(&["plan", "--out", "review.json"])?;
    let run = apply(&fleet, &["--ring", "early"])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(0), 5), "{run:#?}");
    assert!(run.stdout.contains("Applied: 2 changed, 2 verified, in 2 requests.\n"), "{run:#?}");
    Ok(())
}

/// A stale tenant shows nothing about the change: the next ring starts, unless nobody of the ring before got the change.
#[test]
fn a_stale_tenant_stops_no_ring_but_a_ring_of_such_tenants_does() -> TestResult {
    let fleet = Fleet::of(6, Faults::none())?;
    fleet.write("ssprctl.yaml", &RINGS.replace("percent: 50, percentFrom: 3", "tenants: 6"))?;
    reviewed(&fleet, &[])?;
    moves(&fleet, 3)?;
    let run = apply(&fleet, &[])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(5), 5), "{run:#?}");
    let progress = [
        "ring canary (1 of 3): 1 tenant\n",
        "ring early (2 of 3): 1 tenant, 1 held back\n",
        "ring early (2 of 3): 1 of 1 in sync, 1 held back\n",
        "ring rest (3 of 3): 3 of 3 in sync\n",
    ];
    assert!(progress.iter().all(|line| run.stderr.contains(line)), "{run:#?}");

    let fleet = Fleet::of(6, Faults::none())?;
    fleet.write("ssprctl.yaml", &RINGS.replace("percent: 50, percentFrom: 3", "tenants: 6"))?;
    reviewed(&fleet, &[])?;
    moves(&fleet, 2)?;
    let run = apply(&fleet, &[])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(5), 0), "{run:#?}");
    assert!(run.stdout.contains("ring `early` waits for ring `canary`"), "{run:#?}");
    let rings: Vec<_> = run.stderr.lines().filter(|line| line.starts_with("ring ")).collect();
    assert_eq!(rings, ["ring canary (1 of 3): 1 tenant, held back"], "{run:#?}");
    Ok(())
}

/// A tenant that cannot be read holds back itself, and with `--stale stop` all.
#[test]
fn a_tenant_that_cannot_be_read_holds_back_itself() -> TestResult {
    let gone = Action::Respond { status: 400, headers: Vec::new(), body: "{}".to_owned() };
    // The first sign-in is that of the plan.
    let fleet = Fleet::of(3, Faults::none().and(Fault::on(Method::POST, &name(2), gone).after(1)))?;
    reviewed(&fleet, &[])?;
    let run = apply(&fleet, &["--stale", "stop"])?;
    assert_eq!(fleet.applied()?.len(), 0, "{run:#?}");
    assert!(run.stdout.contains("the run stops where a tenant of the review is stale or cannot be read"), "{run:#?}");
    let last = "Applied: 0 changed, 0 verified, in 0 requests; 1 tenant could not be read, so all were held back.";
    assert!(run.stdout.trim_end().ends_with(last), "{run:#?}");
    let run = apply(&fleet, &[])?;
    assert_eq!(fleet.applied()?.len(), 2, "{run:#?}");
    let last = "Applied: 2 changed, 2 verified, in 2 requests; 1 tenant could not be read.";
    assert!(run.stdout.trim_end().ends_with(last), "nobody is stale: {run:#?}");
    Ok(())
}

/// What was read for the review and cannot be read any more has not changed for all that is known: the cause is what counts.
#[test]
fn a_document_that_cannot_be_read_again_makes_nothing_stale() -> TestResult {
    let no = Action::Respond { status: 403, headers: Vec::new(), body: "{}".to_owned() };
    // The plan reads the document once for each tenant.
    let fleet = Fleet::of(3, Faults::none().and(Fault::on(Method::GET, "authorizationPolicy", no).after(3).times(1)))?;
    reviewed(&fleet, &[])?;
    let run = apply(&fleet, &["--also", "json=apply.json", "--also", "markdown=apply.md"])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(8), 2), "{run:#?}");
    assert!(
        run.stdout.contains("could not be read again before the first write: may not read the authorization policy"),
        "{run:#?}"
    );
    assert!(!run.stdout.contains("not what was reviewed") && !run.stdout.contains("stale"), "{run:#?}");
    let last = "Applied: 2 changed, 2 verified, in 2 requests; 1 tenant could not be read.";
    assert!(run.stdout.trim_end().ends_with(last), "{run:#?}");
    let markdown = fs::read_to_string(fleet.folder.path().join("apply.md"))?;
    assert!(markdown.contains(last), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(fleet.folder.path().join("apply.json"))?)?;
    let mut endings = endings(&json);
    endings.sort_unstable();
    assert_eq!((endings, &json["summary"]["stale"]), (vec!["applied", "applied", "unreadable"], &0.into()), "{json:#}");
    let run = apply(&fleet, &[])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(0), 3), "the same review goes on: {run:#?}");
    Ok(())
}

/// A job of a pipeline gets no tenant of a small review, which is no reason to fail.
#[test]
fn a_part_of_a_run_without_a_tenant_of_the_review_has_nothing_to_do() -> TestResult {
    let fleet = Fleet::of(6, Faults::none())?;
    fleet.write("ssprctl.yaml", &RINGS.replace("percent: 50, percentFrom: 3", "tenants: 6"))?;
    reviewed(&fleet, &["--tenant", "tenant-0002.*"])?;
    let mut codes = Vec::new();
    for part in [["--shard", "0/2"], ["--shard", "1/2"], ["--ring", "canary"], ["--ring", "rest"]] {
        let run = apply(&fleet, &part)?;
        codes.push(run.code);
        let elsewhere = "no tenant of the review is in the part of this run: there is nothing to apply";
        let has_it = run.stdout.contains(&name(2));
        assert_ne!(run.stderr.contains(elsewhere), has_it, "{part:?}: {run:#?}");
        assert!(!run.stderr.contains("the review is for no tenant"), "{part:?}: {run:#?}");
    }
    assert_eq!((codes.iter().filter(|code| **code == Some(0)).count(), fleet.applied()?.len()), (3, 1), "{codes:?}");
    Ok(())
}
