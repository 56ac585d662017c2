//! What is merged and not applied yet is pending; what the tenant no longer has is drift.

use std::fs;

use entra_sandbox::{Faults, portal_user};

use crate::harness::{CONTOSO, Harness, Run, TestResult};

const SETTING: &str = "registration.reconfirmAfterDays";

/// Contoso, where a run has seen that 180 days is what policy and tenant say.
fn in_sync() -> Result<Harness, Box<dyn std::error::Error>> {
    let harness = Harness::with("registration: { reconfirmAfterDays: 180 }", Faults::none())?;
    ends(&harness.run(&["drift"])?, 0, "Drift: 0 settings in 0 of 1 tenants.")?;
    Ok(harness)
}

fn says(harness: &Harness, sections: &str) -> TestResult {
    let text = format!("version: 1\ntenant: {CONTOSO}\n{sections}\n");
    Ok(fs::write(harness.folder.path().join("policies/policy.yaml"), text)?)
}

fn edit(harness: &Harness, setting: &str, value: &str) -> TestResult {
    Ok(portal_user::set(&harness.world, CONTOSO, setting, value)?)
}

fn ends(run: &Run, code: i32, line: &str) -> TestResult {
    let is = run.code == Some(code) && run.stdout.trim_end().ends_with(line);
    if is { Ok(()) } else { Err(format!("not {code} and {line:?}: {run:#?}").into()) }
}

#[test]
fn what_only_the_policy_changed_is_pending_in_every_format() -> TestResult {
    let harness = in_sync()?;
    says(&harness, "registration: { reconfirmAfterDays: 90 }\nnotifications: { administrators: true }")?;
    let run = harness.run(
        &[
            &["drift", "--issues", "issues"][..],
            &[
                "--also",
                "markdown=d.md",
                "--also",
                "json=d.json",
                "--also",
                "sarif=d.sarif",
                "--also",
                "github=d.github",
            ],
        ]
        .concat(),
    )?;
    // The tenant was left the second one, so only the policy changed there as well.
    ends(&run, 0, "Drift: 0 settings in 0 of 1 tenants; 2 settings are pending.")?;
    assert!(run.stdout.contains("pending: only the policy changed, and it is not applied yet"), "{run:#?}");
    assert!(run.stdout.contains("180 → 90") && !run.stdout.contains("changed by"), "{run:#?}");
    let read = |file: &str| fs::read_to_string(harness.folder.path().join(file));
    let markdown = read("d.md")?;
    assert!(markdown.contains("2 settings are pending.**") && markdown.contains(": 2 pending</summary>"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&read("d.json")?)?;
    let (summary, tenant) = (&json["summary"], &json["tenants"][0]);
    assert_eq!((&summary["drifted"], &summary["settings"], &summary["pending"]), (&0.into(), &0.into(), &2.into()));
    assert_eq!((&tenant["pending"][0]["setting"], &json["exitCode"]), (&SETTING.into(), &0.into()), "{json:#}");
    let sarif: serde_json::Value = serde_json::from_str(&read("d.sarif")?)?;
    let run = &sarif["runs"][0];
    assert_eq!(run["results"], serde_json::json!([]), "no alert");
    let notes = &run["invocations"][0]["toolExecutionNotifications"];
    assert_eq!((notes.as_array().map(Vec::len), &notes[0]["level"]), (Some(2), &"note".into()), "{notes:#}");
    let github = read("d.github")?;
    assert_eq!(github.matches("::notice file=policies/policy.yaml").count(), 2, "{github}");
    assert!(!harness.folder.path().join("issues").join(format!("{CONTOSO}.md")).exists(), "no issue");
    Ok(())
}

#[test]
fn what_the_tenant_no_longer_has_is_drift_also_where_the_policy_changed() -> TestResult {
    let harness = in_sync()?;
    says(&harness, "registration: { reconfirmAfterDays: 90 }\nnotifications: { administrators: true }")?;
    edit(&harness, SETTING, "60")?;
    let json = harness.run(&["drift", "--format", "json"])?.json()?;
    let settings = &json["tenants"][0]["settings"];
    assert_eq!((&settings[0]["setting"], &settings[0]["state"]), (&SETTING.into(), &"drifted".into()), "{json:#}");
    assert_eq!(json["exitCode"], 2);
    Ok(())
}

/// A run has seen that the tenant changed, so it cannot say that only the policy did.
#[test]
fn what_was_seen_to_change_and_to_change_back_is_not_pending() -> TestResult {
    let harness = in_sync()?;
    says(&harness, "registration: { reconfirmAfterDays: 90 }\nnotifications: { administrators: true }")?;
    edit(&harness, SETTING, "60")?;
    assert_eq!(harness.run(&["drift"])?.code, Some(2));
    edit(&harness, SETTING, "180")?;
    let line = "of 1 setting it is unknown whether the tenant or the policy changed: the tenant had another value since both \
                agreed, and has the former one again";
    for _ in 0..2 {
        let run = harness.run(&["drift", "--also", "json=d.json"])?;
        ends(&run, 2, "Drift: 1 settings in 1 of 1 tenants; 1 setting is pending.")?;
        assert!(run.stdout.contains(line) && !run.stdout.contains("no run has seen both agree"), "{run:#?}");
        let json = fs::read_to_string(harness.folder.path().join("d.json"))?;
        let json: serde_json::Value = serde_json::from_str(&json)?;
        let settings = &json["tenants"][0]["settings"];
        assert_eq!((&settings[0]["setting"], &settings[0]["state"]), (&SETTING.into(), &"unknown".into()), "{json:#}");
    }
    // Once both agree again, the past does not count.
    says(&harness, "registration: { reconfirmAfterDays: 180 }")?;
    ends(&harness.run(&["drift"])?, 0, "Drift: 0 settings in 0 of 1 tenants.")?;
    says(&harness, "registration: { reconfirmAfterDays: 90 }")?;
    ends(&harness.run(&["drift"])?, 0, "; 1 setting is pending.")
}

#[test]
fn what_is_pending_is_not_accepted() -> TestResult {
    let harness = in_sync()?;
    says(&harness, "registration: { reconfirmAfterDays: 90 }")?;
    let run = harness.run(&["accept"])?;
    assert!(run.stdout.contains("only the policy changed since both agreed"), "{run:#?}");
    let text = fs::read_to_string(harness.folder.path().join("policies/policy.yaml"))?;
    assert!(text.contains("reconfirmAfterDays: 90"), "{text}");
    Ok(())
}

/// The journal and the drift state of an apply are what a later run knows.
#[test]
fn after_an_apply_its_values_are_the_last_that_were_in_sync() -> TestResult {
    let harness = Harness::with("registration: { reconfirmAfterDays: 90 }", Faults::none())?;
    assert_eq!(harness.run(&["apply", "--auto-approve", "--verify-timeout=3s"])?.code, Some(0));
    says(&harness, "registration: { reconfirmAfterDays: 60 }")?;
    ends(&harness.run(&["drift"])?, 0, "; 1 setting is pending.")?;
    says(&harness, "registration: { reconfirmAfterDays: 90 }")?;
    // A rollback takes the tenant away from its policy.
    assert_eq!(harness.run(&["rollback", "latest", "--auto-approve", "--verify-timeout=3s"])?.code, Some(0));
    ends(&harness.run(&["drift"])?, 2, "Drift: 1 settings in 1 of 1 tenants.")
}

/// No run has seen the tenant in sync: nothing is guessed, and it counts as drift.
#[test]
fn what_no_run_has_seen_in_sync_is_unknown() -> TestResult {
    let harness = Harness::with("registration: { reconfirmAfterDays: 90 }", Faults::none())?;
    for _ in 0..2 {
        let run = harness.run(&["drift", "--also", "json=d.json"])?;
        ends(&run, 2, "Drift: 1 settings in 1 of 1 tenants.")?;
        let line = "of 1 setting it is unknown whether the tenant or the policy changed: no run has seen both agree";
        assert!(run.stdout.contains(line), "{run:#?}");
        let json = fs::read_to_string(harness.folder.path().join("d.json"))?;
        let json: serde_json::Value = serde_json::from_str(&json)?;
        assert_eq!(json["tenants"][0]["settings"][0]["state"], "unknown");
    }
    Ok(())
}

/// The last policy of a tenant may leave the repository: a pipeline still reads a whole result, and the run fails.
#[test]
fn without_a_policy_of_any_tenant_the_result_is_whole_and_the_run_fails() -> TestResult {
    let harness = in_sync()?;
    let path = |name: &str| harness.folder.path().join(name);
    fs::rename(path("policies/policy.yaml"), path("gone"))?;
    fs::write(path("policies/baseline.yaml"), "version: 1\nmethods: { required: 2 }\n")?;
    let run = harness.run(&["drift", "--format", "json", "--also", "sarif=d.sarif"])?;
    let json = run.json()?;
    assert_eq!((run.code, &json["command"], &json["tenants"]), (Some(1), &"drift".into(), &serde_json::json!([])));
    assert!(run.stderr.contains("no policy is for a tenant: every file is a baseline"), "{run:#?}");
    let sarif: serde_json::Value = serde_json::from_str(&fs::read_to_string(path("d.sarif"))?)?;
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false, "{sarif:#}");
    let run = harness.run(&["drift"])?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:#?}");
    Ok(())
}
