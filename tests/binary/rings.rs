//! Rings: one after the other, and no further than the one that does not get through.

use std::collections::BTreeSet;

use axum::http::Method;
use entra_sandbox::Faults;
use entra_sandbox::faults::{Action, Fault};

use crate::fleet::{Fleet, at_sign_in, name};
use crate::harness::TestResult;

const RINGS: &str = "version: 1
rings:
  - name: canary
    tenants: [tenant-0002.*]
  - name: early
    tenants: [\"tenant-000[3-5].*\"]
";

fn names(numbers: &[u32]) -> BTreeSet<String> {
    numbers.iter().map(|n| name(*n)).collect()
}

/// The path of a write has no tenant in it, so the first write of all is the canary's.
fn refused(times: u32) -> Faults {
    let no = Action::Respond { status: 403, headers: Vec::new(), body: "{}".to_owned() };
    Faults::none().and(Fault::on(Method::PATCH, "authorizationPolicy", no).times(times))
}

#[test]
fn rings_are_applied_one_after_the_other() -> TestResult {
    let fleet = Fleet::of(8, Faults::none())?;
    fleet.write("ssprctl.yaml", RINGS)?;
    let run = fleet.run(&["apply", "--auto-approve", "--ring", "canary"])?;
    assert_eq!((run.code, fleet.applied()?), (Some(0), names(&[2])), "{run:#?}");
    let run = fleet.run(&["apply", "--auto-approve", "--ring", "rest"])?;
    assert_eq!((run.code, fleet.applied()?), (Some(0), names(&[1, 2, 6, 7, 8])), "{run:#?}");
    let run = fleet.run(&["apply", "--auto-approve"])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(0), 8), "{run:#?}");
    let run = fleet.run(&["plan", "--ring", "late"])?;
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("there is no ring `late`") && run.stderr.contains("canary, early, rest"), "{run:#?}");
    Ok(())
}

/// A canary that does not take the change, and after that the same command again.
#[test]
fn what_fails_in_a_ring_stops_the_next_and_is_taken_up_again() -> TestResult {
    let fleet = Fleet::of(8, refused(1))?;
    fleet.write("ssprctl.yaml", RINGS)?;
    let run = fleet.run(&["apply", "--auto-approve", "--format", "json"])?;
    assert_eq!(fleet.applied()?.len(), 0, "{run:#?}");
    let document = run.json()?;
    assert_ne!(run.code, Some(0));
    let ending = |n: u32| {
        let entry = document["tenants"].as_array().into_iter().flatten().find(|one| one["tenant"] == name(n).as_str());
        entry.map(|one| (one["ending"].clone(), one["message"].as_str().unwrap_or_default().to_owned()))
    };
    for (n, ring) in [(1, "rest"), (3, "early"), (5, "early"), (8, "rest")] {
        let (ending, message) = ending(n).ok_or("the tenant is not reported")?;
        assert_eq!(ending, "not-begun", "{n}: {document:#}");
        assert!(message.contains(&format!("ring `{ring}` waits for ring `canary`")), "{message}");
    }
    let order: Vec<_> = document["tenants"].as_array().into_iter().flatten().map(|one| one["tenant"].clone()).collect();
    assert!(order.is_sorted_by_key(ToString::to_string), "in the order of the files: {order:?}");
    let run = fleet.run(&["apply", "--auto-approve"])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(0), 8), "{run:#?}");
    Ok(())
}

/// Two of three get through before the ring is found to have failed; the last ring is reported once, by name.
#[test]
fn a_ring_is_finished_and_reported_before_the_rollout_stops() -> TestResult {
    let gone = Action::Respond { status: 400, headers: Vec::new(), body: "{}".to_owned() };
    let fleet = Fleet::of(8, Faults::none().and(at_sign_in(4, gone)))?;
    fleet.write("ssprctl.yaml", RINGS)?;
    for format in ["terminal", "markdown"] {
        let run = fleet.run(&["apply", "--auto-approve", "--format", format])?;
        assert_ne!(run.code, Some(0), "{run:#?}");
        assert_eq!(fleet.applied()?, names(&[2, 3, 5]), "{run:#?}");
        assert_eq!(run.stdout.matches("waits for ring").count(), 1, "reported once: {run:#?}");
        assert!([1, 6, 7, 8].into_iter().all(|n| run.stdout.contains(&name(n))), "{run:#?}");
    }
    Ok(())
}

#[test]
fn rings_that_cannot_be_used_are_a_mistake() -> TestResult {
    let fleet = Fleet::of(1, Faults::none())?;
    for (rings, words) in [
        ("[{ name: canary }]", "the ring `canary` has no tenant"),
        ("[{ name: rest, percent: 1 }]", "the name `rest` is taken"),
        ("[{ name: a, percent: 1 }, { name: a, percent: 1 }]", "the name `a` is taken"),
        ("[{ name: a, percent: 60 }, { name: b, percent: 60 }]", "add up to more than 100"),
        ("[{ name: a, tenants: [\"a[\"] }]", "is not a pattern"),
        ("[{ name: A b, percent: 1 }]", "ssprctl.yaml:2:"),
    ] {
        fleet.write("ssprctl.yaml", &format!("version: 1\nrings: {rings}\n"))?;
        let run = fleet.run(&["validate"])?;
        assert!(run.code == Some(3) && run.stdout.contains(words), "{rings}: {run:#?}");
    }
    Ok(())
}

/// Each tenant is in one ring, and a percentage is one of all tenants, whatever else the rings take.
#[test]
fn a_percentage_takes_its_part_by_the_name() -> TestResult {
    let fleet = Fleet::of(60, Faults::none())?;
    fleet.write("ssprctl.yaml", "version: 1\nrings: [{ name: some, percent: 20 }, { name: more, percent: 30 }]\n")?;
    let in_ring = |ring: &str| -> Result<usize, Box<dyn std::error::Error>> {
        let run = fleet.run(&["plan", "--format", "json", "--parallel", "16", "--ring", ring])?;
        Ok(run.json()?["tenants"].as_array().map(Vec::len).unwrap_or_default())
    };
    let sizes = [in_ring("some")?, in_ring("more")?, in_ring("rest")?];
    assert_eq!(sizes.iter().sum::<usize>(), 60, "{sizes:?}");
    assert!((6..=18).contains(&sizes[0]) && (10..=26).contains(&sizes[1]), "{sizes:?}");
    Ok(())
}

/// The plan shows the rings in order, and a limit for each of them is compared ring by ring.
#[test]
fn a_plan_shows_the_rings_and_a_limit_counts_each() -> TestResult {
    let fleet = Fleet::of(8, Faults::none())?;
    fleet.write("ssprctl.yaml", &format!("{RINGS}limits: {{ perRing: 4 }}\n"))?;
    let run = fleet.run(&["plan", "--also", "json=plan.json", "--also", "markdown=plan.md"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let third = "3. rest: tenant-0001.onmicrosoft.com, tenant-0006.onmicrosoft.com, tenant-0007.onmicrosoft.com and 1 more: \
                 4 to change, 0 in sync\n";
    assert!(run.stdout.contains("1. canary: tenant-0002.onmicrosoft.com: 1 to change") && run.stdout.contains(third));
    let read = |file: &str| std::fs::read_to_string(fleet.folder.path().join(file));
    assert!(read("plan.md")?.contains("2. early: `tenant-0003.onmicrosoft.com`, `tenant-0004.onmicrosoft.com`"));
    let json: serde_json::Value = serde_json::from_str(&read("plan.json")?)?;
    assert_eq!(json["rings"], serde_json::json!(["canary", "early", "rest"]));
    let rings: Vec<_> = json["tenants"].as_array().into_iter().flatten().map(|one| &one["ring"]).collect();
    assert_eq!(rings, ["rest", "canary", "early", "early", "early", "rest", "rest", "rest"]);

    fleet.write("ssprctl.yaml", &format!("{RINGS}limits: {{ perRing: 3, tenants: 8 }}\n"))?;
    for command in [&["plan"][..], &["apply", "--auto-approve"]] {
        let run = fleet.run(command)?;
        assert_eq!((run.code, fleet.applied()?.len()), (Some(4), 0), "{run:#?}");
        let says = "4 tenants of the ring `rest` would change, more than the 3 that `limits.perRing` allows";
        assert!(run.stderr.contains(says), "{run:#?}");
    }
    let run = fleet.run(&["apply", "--auto-approve", "--ring", "early"])?;
    assert_eq!((run.code, fleet.applied()?), (Some(0), names(&[3, 4, 5])), "{run:#?}");
    Ok(())
}
