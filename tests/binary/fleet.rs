//! Many tenants in one run: each independent, reported together, and split over several runs.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault};
use entra_sandbox::{Faults, RunningServer, ServerOptions, World, seed, serve};
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::{Run, TestResult, clock_variable};

/// What every policy says that nothing else is said of.
const POLICY: &str = "scope:\n  administrators: true";

/// A fleet, each tenant with a policy, and the one application that may read and write all of them.
pub(crate) struct Fleet {
    pub(crate) world: World,
    pub(crate) folder: TempDir,
    pub(crate) server: RunningServer,
    client: String,
}

pub(crate) fn name(n: u32) -> String {
    format!("tenant-{n:04}.onmicrosoft.com")
}

impl Fleet {
    pub(crate) fn of(tenants: u32, faults: Faults) -> Result<Self, Box<dyn Error>> {
        let seeds = seed::fleet(tenants);
        let client = seeds.first().and_then(|one| one.apps.first()).ok_or("no application")?.client_id.to_string();
        let world = World::of(seeds);
        let server = serve(ServerOptions { faults, ..ServerOptions::new(world.clone()) })?;
        let fleet = Self { world, folder: tempfile::tempdir()?, server, client };
        fs::create_dir(fleet.folder.path().join("policies"))?;
        (1..=tenants).try_for_each(|n| fleet.write(&format!("policies/t{n:04}.yaml"), &policy(&name(n), POLICY)))?;
        Ok(fleet)
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> std::io::Result<()> {
        fs::write(self.folder.path().join(path), text)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
        command
            .env_clear()
            .envs([clock_variable()])
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env("NO_COLOR", "1");
        command.env("XDG_STATE_HOME", self.folder.path().join("state"));
        for variable in ["SSPRCTL_PORTAL_URL", "SSPRCTL_GRAPH_URL", "SSPRCTL_LOGIN_URL"] {
            command.env(variable, self.server.url());
        }
        command.env("AZURE_CLIENT_ID", &self.client).env("AZURE_CLIENT_SECRET", seed::APP_SECRET);
        command.env("SSPRCTL_AS_OF", "");
        command
    }

    pub(crate) fn finish(&self, command: &mut Command) -> Result<Run, Box<dyn Error>> {
        let output = command.output()?;
        let [stdout, stderr] = [output.stdout, output.stderr].map(String::from_utf8);
        Ok(Run { code: output.status.code(), stdout: stdout?, stderr: stderr? })
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
        self.finish(&mut self.command(arguments))
    }

    /// The tenants whose administrators may reset their own password.
    pub(crate) fn applied(&self) -> Result<BTreeSet<String>, Box<dyn Error>> {
        let on = |tenant: &entra_sandbox::Tenant| {
            let raw = serde_json::to_value(&tenant.authorization).unwrap_or_default();
            raw["allowedToUseSSPR"] == Value::Bool(true)
        };
        let tenants = self.world.tenants()?;
        Ok(tenants.iter().filter(|tenant| on(tenant)).map(|tenant| tenant.domain().to_owned()).collect())
    }
}

pub(crate) fn policy(tenant: &str, sections: &str) -> String {
    format!("version: 1\ntenant: {tenant}\n{sections}\n")
}

/// Getting a token for this tenant meets this.
pub(crate) fn at_sign_in(n: u32, action: Action) -> Fault {
    Fault::on(Method::POST, &name(n), action)
}

fn answer(status: u16, body: &str) -> Action {
    Action::Respond { status, headers: Vec::new(), body: body.to_owned() }
}

fn broken() -> Faults {
    Faults::none()
        .and(at_sign_in(2, Action::Delay(Duration::from_secs(1_000))))
        .and(at_sign_in(3, answer(401, r#"{"error":"invalid_client","error_description":"AADSTS7000222: expired."}"#)))
}

fn tenants(run: &Run) -> Result<BTreeSet<String>, Box<dyn Error>> {
    let document = run.json()?;
    let named = document["tenants"].as_array().into_iter().flatten().filter_map(|one| one["tenant"].as_str());
    Ok(named.map(str::to_owned).collect())
}

/// One never answers, one has no credential, one does not exist.
#[test]
fn a_tenant_that_fails_neither_stops_nor_hides_another() -> TestResult {
    let fleet = Fleet::of(9, broken())?;
    fleet.write("policies/t0000.yaml", &policy("nowhere.onmicrosoft.com", POLICY))?;
    for (arguments, words) in [
        (["--tenant-timeout", "4s"], "not done after 4s\n"),
        (["--timeout", "4s"], "not done after 4s, which the whole run may take\n"),
    ] {
        let run = fleet.run(&[&["plan", "--parallel", "2"], &arguments[..]].concat())?;
        assert_eq!(run.code, Some(1), "the worst of them: {run:#?}");
        let report =
            ["10 tenants: 7 to change, 0 in sync, 3 could not be read.\n", words, "AADSTS7000222", "AADSTS90002"];
        assert!(report.iter().all(|report| run.stdout.contains(report)), "{run:#?}");
        for n in 1..=9 {
            assert!(run.stdout.contains(&format!("{}  ", name(n))), "{n}: {run:#?}");
        }
        assert_eq!(run.stdout.matches("~ scope.administrators").count(), 1, "equal changes are printed once: {run:#?}");
    }
    let run = fleet.run(&["apply", "--auto-approve", "--tenant-timeout", "4s", "--format", "json"])?;
    assert_eq!((run.code, tenants(&run)?.len()), (Some(1), 10));
    let expected: BTreeSet<_> = [1, 4, 5, 6, 7, 8, 9].map(name).into();
    assert_eq!(fleet.applied()?, expected, "{run:#?}");
    let run = fleet.run(&["apply", "--auto-approve", "--tenant", "tenant-000[1456789]*"])?;
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (Some(0), "7 tenants: 0 changed, 7 in sync.\n\nNo changes: the tenant matches the policy.\n")
    );
    Ok(())
}

/// Each writes its own name, its own group of the same name, and a warning at the same place of its own file.
#[test]
fn policies_that_differ_by_the_tenant_alone_are_grouped() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("policies"))?;
    let sections =
        "scope:\n  users: selected\n  group: SSPR-Pilot\nmethods:\n  allowed: [email, mobilePhone, mobileAppCode]";
    for n in 1..=4 {
        fs::write(folder.path().join(format!("policies/{n}.yaml")), policy(&name(n), sections))?;
    }
    let run = |arguments: &[&str]| -> Result<Run, Box<dyn Error>> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
        command.env_clear().envs([clock_variable()]).current_dir(folder.path()).env("NO_COLOR", "1").args(arguments);
        command.env("XDG_STATE_HOME", folder.path().join("state"));
        let output = command.args(["--sandbox", "--as-of", "2026-11-22"]).output()?;
        let [stdout, stderr] = [output.stdout, output.stderr].map(String::from_utf8);
        Ok(Run { code: output.status.code(), stdout: stdout?, stderr: stderr? })
    };
    assert_eq!(run(&["sandbox", "reset", "--fleet", "4"])?.code, Some(0));
    for command in [&["plan"][..], &["drift"], &["apply", "--auto-approve"]] {
        let report = run(command)?;
        assert_eq!(report.stdout.matches("~ scope.group").count(), 1, "{report:#?}");
        assert!((1..=4).all(|n| report.stdout.contains(&name(n))), "{report:#?}");
        if command != ["apply", "--auto-approve"] {
            let comment = run(&[command, &["--format", "markdown"]].concat())?.stdout;
            let folds = ["all 4 tenants: 3 ", "all 4 tenants: in effect once applied", "</code>: unknown"];
            let folds = folds.map(|title| comment.contains(title));
            assert_eq!(folds, [true, command == ["plan"], false], "{comment}");
            assert!(comment.contains("scope.group: each tenant's own (SSPR-Pilot)"), "{comment}");
            assert_eq!(tenants(&run(&[command, &["--format", "json"]].concat())?)?.len(), 4);
        }
    }
    Ok(())
}

#[test]
fn shards_are_every_tenant_once() -> TestResult {
    let fleet = Fleet::of(12, Faults::none())?;
    let mut all = Vec::new();
    for index in 0..4 {
        let run = fleet.run(&["plan", "--format", "json", "--shard", &format!("{index}/4")])?;
        let same = fleet.finish(
            fleet
                .command(&["plan", "--format", "json"])
                .env("SSPRCTL_SHARD_COUNT", "4")
                .env("JOB_COMPLETION_INDEX", index.to_string()),
        )?;
        assert_eq!((run.code, tenants(&run)?), (Some(0), tenants(&same)?), "{same:#?}");
        all.extend(tenants(&run)?);
    }
    assert_eq!((all.len(), all.into_iter().collect::<BTreeSet<_>>()), (12, (1..=12).map(name).collect()));
    Ok(())
}

/// Of 50 parts, 38 or more hold none of 12 tenants.
#[test]
fn a_part_without_a_tenant_is_no_mistake() -> TestResult {
    let fleet = Fleet::of(12, Faults::none())?;
    let held: BTreeSet<u64> = (1..=12).map(|n| ssprctl::testing::base::shard::stable_hash(&name(n)) % 50).collect();
    let empty = (0..50).find(|index| !held.contains(index)).ok_or("every part holds one")?;
    let shard = format!("{empty}/50");
    for command in [&["plan", "--detailed-exitcode"][..], &["apply", "--auto-approve"], &["drift"], &["validate"]] {
        let run = fleet.run(&[command, &["--shard", &shard]].concat())?;
        assert_eq!(run.code, Some(0), "{run:#?}");
        if command != ["validate"] {
            assert!(run.stderr.contains("no tenant is in the part of this run: there is nothing to do"), "{run:#?}");
        }
    }
    let run = fleet.run(&["plan", "--tenant", "fabrikam*", "--shard", &shard])?;
    assert_eq!(run.code, Some(1), "a pattern that fits nothing stays one: {run:#?}");
    Ok(())
}

#[test]
fn a_part_that_does_not_exist_is_a_mistake() -> TestResult {
    let fleet = Fleet::of(1, Faults::none())?;
    for (arguments, index, words) in [
        (&["--shard", "4/4"][..], "", "the parts of 4 are 0/4 to 3/4"),
        (&["--shard", "1"], "", "write INDEX/COUNT, for example 0/4"),
        (&["--shard-count", "4"], "", "nothing says which one this is"),
        (&["--shard-count", "4"], "4", "there is no part 4 of 4"),
    ] {
        let mut command = fleet.command(&[&["plan"], arguments].concat());
        let run = fleet.finish(command.env("JOB_COMPLETION_INDEX", index))?;
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:#?}");
        assert!(run.stderr.contains(words), "{run:#?}");
    }
    Ok(())
}

/// A pull request's comment has 65,536 characters, and the news of 500 tenants goes into them.
#[test]
fn a_comment_about_500_tenants_fits_and_is_folded() -> TestResult {
    let refused = answer(401, r#"{"error":"invalid_client","error_description":"AADSTS7000222: expired."}"#);
    let faults = [77, 278, 379].into_iter().fold(Faults::none(), |all, n| all.and(at_sign_in(n, refused.clone())));
    let fleet = Fleet::of(500, faults)?;
    for (command, code) in [("plan", 8), ("drift", 8)] {
        let run = fleet.run(&[command, "--format", "markdown", "--parallel", "32"])?;
        assert_eq!(run.code, Some(code), "{}", run.stderr);
        let comment = run.stdout;
        assert!(comment.chars().count() < 65_000, "{command}: {} characters", comment.chars().count());
        let verb = if command == "plan" { "to change" } else { "drifted" };
        assert!(comment.contains(&format!("500 tenants: 497 {verb}, 0 in sync, 3 could not be read.")), "{comment}");
        assert!([77, 278, 379].into_iter().all(|n| comment.contains(&name(n))), "{comment}");
        assert!(comment.contains("<summary>497 tenants: "), "{comment}");
        assert!(comment.matches("<details").count() <= 5, "{comment}");
    }
    Ok(())
}

/// What ten tenants share is one block with eight names, and so are who changed it and a warning about their baseline.
#[test]
fn what_tenants_share_is_shown_once() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("policies"))?;
    let baseline = "version: 1\nregistration:\n  reconfirmAfterDays: 180\nnotifications:\n  users: true\n";
    fs::write(folder.path().join("baseline.yaml"), baseline)?;
    for n in 1..=12 {
        let text = format!("version: 1\ntenant: {}\nextends: [../baseline.yaml]\n", name(n));
        fs::write(folder.path().join(format!("policies/{n:02}.yaml")), text)?;
    }
    let run = |arguments: &[&str]| -> Result<Run, Box<dyn Error>> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
        command.env_clear().envs([clock_variable()]).current_dir(folder.path()).env("NO_COLOR", "1").args(arguments);
        command.env("XDG_STATE_HOME", folder.path().join("state"));
        let output = command.args(["--sandbox", "--as-of", "2026-11-22"]).output()?;
        let [stdout, stderr] = [output.stdout, output.stderr].map(String::from_utf8);
        Ok(Run { code: output.status.code(), stdout: stdout?, stderr: stderr? })
    };
    assert_eq!(run(&["sandbox", "reset", "--fleet", "12"])?.code, Some(0));
    assert_eq!(run(&["drift"])?.code, Some(0));
    for n in 1..=10 {
        let settings = ["registration.reconfirmAfterDays=0", "notifications.users=false"];
        assert_eq!(run(&["sandbox", "set", settings[0], settings[1], "--tenant", &name(n)])?.code, Some(0));
    }
    let eight = (1..=8).map(name).collect::<Vec<_>>().join(", ");
    let report = run(&["drift"])?.stdout;
    assert!(report.starts_with("tenant                       state\n"), "{report}");
    assert!(report.contains(&format!("\nand 2 more                   2 drifted\n{}  in sync\n", name(11))), "{report}");
    assert!(report.contains(&format!("\nbaseline.yaml: 10 tenants\n  {eight} and 2 more\n")), "{report}");
    assert_eq!(report.matches("changed by").count(), 1, "{report}");
    assert!(report.contains("    both: changed by: unknown"), "{report}");
    let full = run(&["drift", "--full"])?.stdout;
    assert!(full.contains(&format!("  {eight}, {}, {}\n", name(9), name(10))) && !full.contains(" more"), "{full}");
    let comment = run(&["drift", "--format", "markdown"])?.stdout;
    assert!(comment.contains("<code>baseline.yaml</code>: 10 tenants, 2 drifted in each</summary>"), "{comment}");
    assert!(comment.contains("- `registration.reconfirmAfterDays`, `notifications.users`: changed by: "), "{comment}");
    fs::write(folder.path().join("baseline.yaml"), baseline.replace("180", "0"))?;
    let report = run(&["plan"])?.stdout;
    assert_eq!(report.matches("warning[").count(), 1, "{report}");
    assert!(report.contains("\nin all 12 tenants\n"), "{report}");
    Ok(())
}

/// What is wrong in a baseline is said once, with the policies that share it.
#[test]
fn a_finding_of_a_baseline_is_one_with_its_policies() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("policies"))?;
    fs::write(folder.path().join("baseline.yaml"), "version: 1\nregistration:\n  reconfirmAfterDays: 0\n")?;
    for n in 1..=12 {
        let own = if n == 12 { "registration:\n  reconfirmAfterDays: 180\n" } else { "" };
        let text = format!("version: 1\ntenant: {}\nextends: [../baseline.yaml]\n{own}", name(n));
        fs::write(folder.path().join(format!("policies/{n:02}.yaml")), text)?;
    }
    let run = |arguments: &[&str]| -> Result<Run, Box<dyn Error>> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
        command.env_clear().envs([clock_variable()]).current_dir(folder.path()).env("NO_COLOR", "1").args(arguments);
        let output = command.args(["--as-of", "2026-11-22"]).output()?;
        let [stdout, stderr] = [output.stdout, output.stderr].map(String::from_utf8);
        Ok(Run { code: output.status.code(), stdout: stdout?, stderr: stderr? })
    };
    let eight = (1..=8).map(name).collect::<Vec<_>>().join(", ");
    let text = run(&["validate"])?.stdout;
    assert_eq!(text.matches("warning[").count(), 1, "{text}");
    assert!(text.contains(&format!("\nin 11 policies: {eight} and 3 more\n\nValid: ")), "{text}");
    let full = run(&["validate", "--full"])?.stdout;
    let rest = [9, 10, 11].map(name).join(", ");
    assert!(full.contains(&format!("\nin 11 policies: {eight}, {rest}\n")), "{full}");
    let comment = run(&["validate", "--format", "markdown"])?.stdout;
    let eight = eight.replace(", ", "`, `");
    assert!(comment.contains(&format!("\n  - in 11 policies: `{eight}` and 3 more\n")), "{comment}");
    let document = run(&["validate", "--format", "json"])?.json()?;
    assert_eq!(document["findings"].as_array().map(Vec::len), Some(1), "{document:#}");
    let one = run(&["validate", "policies/01.yaml"])?.stdout;
    assert!(one.contains("warning[") && !one.contains(" policies: "), "{one}");
    Ok(())
}
