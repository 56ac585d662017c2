//! Limits: what an apply may not change unless somebody says so, and how many tenants at once.

use entra_sandbox::{Faults, portal_user};

use crate::fleet::Fleet;
use crate::harness::{CONTOSO, Harness, Run, TestResult};

/// What is switched on in Fabrikam and a policy switches off, with the word that lets it through.
const DESTRUCTIVE: [(&str, &str, &str); 3] = [
    ("scope: { users: none }", "scope-switched-off", "scope.users"),
    ("scope: { administrators: false }", "administrators-switched-off", "scope.administrators"),
    ("writeback: { passwords: false }", "writeback-switched-off", "writeback.passwords"),
];

/// A run to which nobody has said anything.
fn strict(harness: &Harness, arguments: &[&str]) -> Result<Run, Box<dyn std::error::Error>> {
    harness.finish(harness.command(arguments).env_remove("SSPRCTL_ALLOW"))
}

#[test]
fn what_takes_something_from_everybody_needs_a_word() -> TestResult {
    for (sections, code, setting) in DESTRUCTIVE {
        let harness =
            Harness::of("fabrikam.onmicrosoft.com", sections, Faults::none(), &entra_sandbox::Person::Administrator)?;
        for command in [&["plan"][..], &["apply", "--auto-approve"]] {
            let run = strict(&harness, command)?;
            assert_eq!((run.code, harness.writes()), (Some(4), 0), "{run:#?}");
            let report = [format!("error[{code}]"), format!("pass --allow {code} to `plan` and `apply`, or write it")];
            assert!(report.iter().all(|report| run.stdout.contains(report)), "{run:#?}");
        }
        let run = strict(&harness, &["drift"])?;
        assert_eq!(run.code, Some(2), "drift reports drift, whatever it takes to go back: {run:#?}");
        let other = DESTRUCTIVE.into_iter().map(|(_, other, _)| other).find(|other| *other != code).unwrap_or_default();
        assert_eq!(
            strict(&harness, &["apply", "--auto-approve", "--allow", other])?.code,
            Some(4),
            "{other} is another word"
        );
        assert_eq!(harness.writes(), 0);
        let run = strict(&harness, &["apply", "--auto-approve", "--allow", &format!("{other},{code}")])?;
        assert_eq!((run.code, harness.writes()), (Some(0), 1), "{setting}: {run:#?}");
    }
    Ok(())
}

#[test]
fn a_repository_may_have_said_the_word() -> TestResult {
    let harness = Harness::of(
        "fabrikam.onmicrosoft.com",
        "writeback: { passwords: false }",
        Faults::none(),
        &entra_sandbox::Person::Administrator,
    )?;
    let file = harness.folder.path().join("ssprctl.yaml");
    std::fs::write(&file, "version: 1\nlimits:\n  allow: [scope-switched-off]\n")?;
    assert_eq!(strict(&harness, &["apply", "--auto-approve"])?.code, Some(4));
    std::fs::write(&file, "version: 1\nlimits:\n  allow: [writeback-switched-off]\n")?;
    let run = strict(&harness, &["plan"])?;
    assert!(run.code == Some(0) && run.stdout.contains("warning[writeback-switched-off]"), "{run:#?}");
    assert_eq!((strict(&harness, &["apply", "--auto-approve"])?.code, harness.writes()), (Some(0), 1));
    std::fs::write(&file, "version: 1\nlimits:\n  allow: [everything]\n")?;
    let run = strict(&harness, &["plan"])?;
    assert!(run.code == Some(3) && run.stdout.contains("ssprctl.yaml:3:11"), "{run:#?}");
    Ok(())
}

/// Nothing to lose is nothing to guard: a tenant that never had it, and one that somebody else has switched off.
#[test]
fn what_is_off_already_needs_no_word() -> TestResult {
    let harness = Harness::with("scope: { users: none }\nwriteback: { passwords: false }", Faults::none())?;
    assert_eq!(strict(&harness, &["plan"])?.code, Some(0));
    portal_user::set(&harness.world, CONTOSO, "scope.users", "all")?;
    assert_eq!(strict(&harness, &["plan"])?.code, Some(4));
    Ok(())
}

#[test]
fn a_run_changes_no_more_tenants_than_it_may() -> TestResult {
    let fleet = Fleet::of(12, Faults::none())?;
    for (limits, report) in [
        (
            "tenants: 11",
            "error: 12 of 12 tenants would change, more than the 11 that `limits.tenants` allows (ssprctl.yaml:3:12)",
        ),
        (
            "percent: 99",
            "error: 12 of 12 tenants would change, 100.0 %: more than the 99 % that `limits.percent` allows (ssprctl.yaml:3:12)",
        ),
    ] {
        fleet.write("ssprctl.yaml", &format!("version: 1\nlimits:\n  {limits}\n"))?;
        for command in [&["plan"][..], &["apply", "--auto-approve"]] {
            let run = fleet.run(command)?;
            assert_eq!(run.code, Some(4), "{run:#?}");
            assert!(run.stderr.contains(report) && run.stderr.contains("pass --allow too-many-tenants"), "{run:#?}");
        }
        let comment = fleet.run(&["plan", "--format", "markdown"])?.stdout;
        assert!(comment.contains("- **error**: 12 of 12 tenants would change"), "{comment}");
    }
    assert_eq!(fleet.applied()?.len(), 0);
    let run = fleet.run(&["apply", "--auto-approve", "--tenant", "tenant-0001*"])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(0), 1), "a part is within the limits: {run:#?}");
    let run = fleet.run(&["apply", "--auto-approve", "--allow", "too-many-tenants"])?;
    assert_eq!((run.code, fleet.applied()?.len()), (Some(0), 12), "{run:#?}");
    assert_eq!(fleet.run(&["plan"])?.code, Some(0), "what matches counts for nothing");
    Ok(())
}

/// Of few tenants, one is many percent.
#[test]
fn a_percentage_needs_a_population() -> TestResult {
    let fleet = Fleet::of(9, Faults::none())?;
    fleet.write("ssprctl.yaml", "version: 1\nlimits:\n  percent: 10\n")?;
    assert_eq!(fleet.run(&["plan"])?.code, Some(0));
    fleet.write("ssprctl.yaml", "version: 1\nlimits:\n  percent: 10\n  percentFrom: 9\n")?;
    assert_eq!(fleet.run(&["plan"])?.code, Some(4));
    let run = fleet.run(&["plan", "--tenant", "tenant-0003*"])?;
    assert_eq!(run.code, Some(4), "one of nine is 11.1 %, of all tenants that have a policy: {run:#?}");
    assert!(run.stderr.contains("1 of 9 tenants would change, 11.1 %"), "{run:#?}");
    Ok(())
}

/// A percentage is one of all tenants that have a policy, whichever way a run names its own: exactly as many as the limit allows
/// are changed, and one more is refused.
#[test]
fn a_percentage_is_of_all_policies_whichever_a_run_names() -> TestResult {
    let fleet = Fleet::of(10, Faults::none())?;
    let rings = "rings: [{ name: canary, tenants: [\"tenant-000[12].*\"] }]";
    let limited = |percent: usize| {
        fleet.write("ssprctl.yaml", &format!("version: 1\n{rings}\nlimits: {{ percent: {percent} }}\n"))
    };
    let files = ["policies/t0001.yaml", "policies/t0002.yaml"];
    let part = |run: &Run| Ok::<_, Box<dyn std::error::Error>>(run.json()?["tenants"].as_array().map_or(0, Vec::len));
    limited(100)?;
    let shard = part(&fleet.run(&["plan", "--shard", "1/3", "--format", "json"])?)?;
    assert!((1..10).contains(&shard), "{shard}");
    for (arguments, changing) in [(&files[..], 2), (&["--ring", "canary"], 2), (&["--shard", "1/3"], shard)] {
        let exceeded = format!("{changing} of 10 tenants would change, {changing}0.0 %");
        let plan = [&["plan", "--out", "review.json"], arguments].concat();
        limited(changing * 10)?;
        let run = fleet.run(&plan)?;
        assert_eq!(run.code, Some(0), "exactly the limit: {run:#?}");
        let review: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(fleet.folder.path().join("review.json"))?)?;
        assert_eq!(review["review"]["fleet"], 10);
        limited(changing * 10 - 1)?;
        let run = fleet.run(&plan)?;
        assert!(run.code == Some(4) && run.stderr.contains(&exceeded), "one more: {run:#?}");
        let run = fleet.run(&["apply", "--auto-approve", "--plan", "review.json"])?;
        assert!(run.code == Some(4) && run.stderr.contains(&exceeded), "its apply: {run:#?}");
        let run = fleet.run(&[&["apply", "--auto-approve"], arguments].concat())?;
        assert!(run.code == Some(4) && run.stderr.contains(&exceeded), "without a review: {run:#?}");
    }
    // In a folder of one part, and for a run that starts there.
    std::fs::create_dir(fleet.folder.path().join("policies/west"))?;
    for file in ["t0001.yaml", "t0002.yaml"] {
        std::fs::rename(
            fleet.folder.path().join("policies").join(file),
            fleet.folder.path().join("policies/west").join(file),
        )?;
    }
    limited(19)?;
    let run = fleet.run(&["plan", "policies/west"])?;
    assert!(run.code == Some(4) && run.stderr.contains("2 of 10 tenants would change"), "{run:#?}");
    std::fs::create_dir(fleet.folder.path().join(".git"))?;
    let run = fleet.finish(fleet.command(&["plan", "."]).current_dir(fleet.folder.path().join("policies/west")))?;
    assert!(run.code == Some(4) && run.stderr.contains("2 of 10 tenants would change"), "{run:#?}");
    assert_eq!(fleet.applied()?.len(), 0);
    Ok(())
}
