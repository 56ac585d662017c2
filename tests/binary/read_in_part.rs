//! Tenants of a fleet of which a fact cannot be read: no table and no count says that they are in sync, or have no changes.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::fleet::{name, policy};
use crate::harness::{Run, TestResult, clock_variable};

/// Tenants of the sandbox whose policies need what licences permit.
struct Sandbox(TempDir);

impl Sandbox {
    /// Tenants that are in sync.
    fn of(tenants: u32) -> Result<Self, Box<dyn Error>> {
        let sandbox = Self(tempfile::tempdir()?);
        fs::create_dir(sandbox.0.path().join("policies"))?;
        for n in 1..=tenants {
            let text = policy(&name(n), "scope:\n  users: all");
            fs::write(sandbox.0.path().join(format!("policies/t{n:04}.yaml")), text)?;
        }
        assert_eq!(sandbox.run(&["sandbox", "reset", "--fleet", &tenants.to_string()])?.code, Some(0));
        assert_eq!(sandbox.run(&["apply", "--auto-approve"])?.code, Some(0));
        let run = sandbox.run(&["plan"])?;
        assert!(run.stdout.ends_with("No changes: the tenant matches the policy.\n"), "{run:#?}");
        // The licences of the second tenant that is read cannot be.
        let faults = "version: 1\nfaults:\n  - { path: subscribedSkus, after: 1, times: 1, fault: { error: { status: 403 } } }\n";
        fs::write(sandbox.0.path().join("faults.yaml"), faults)?;
        Ok(sandbox)
    }

    fn run(&self, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
        command.env_clear().envs([clock_variable()]).current_dir(self.0.path()).env("NO_COLOR", "1").args(arguments);
        command.env("XDG_STATE_HOME", self.0.path().join("state"));
        let output = command.args(["--sandbox", "--as-of", "2026-11-22"]).output()?;
        let [stdout, stderr] = [output.stdout, output.stderr].map(String::from_utf8);
        Ok(Run { code: output.status.code(), stdout: stdout?, stderr: stderr? })
    }

    /// Runs a command that reads one tenant after the other, with the fault.
    fn in_part(&self, command: &str, more: &[&str]) -> Result<Run, Box<dyn Error>> {
        let approve: &[&str] = if command == "apply" { &["--auto-approve"] } else { &[] };
        self.run(&[&[command, "--parallel", "1", "--faults", "faults.yaml"], approve, more].concat())
    }
}

#[test]
fn no_table_calls_a_tenant_in_sync_that_was_read_in_part() -> TestResult {
    let sandbox = Sandbox::of(3)?;
    let row = format!("\n{}  in sync as far as read", name(2));
    for (command, counts) in [("plan", "0 to change"), ("drift", "0 drifted"), ("apply", "0 changed")] {
        let counts = format!("3 tenants: {counts}, 2 in sync, 1 in sync as far as read.");
        let run = sandbox.in_part(command, &[])?;
        assert!(run.stdout.contains(&row) && run.stdout.contains(&counts), "{run:#?}");
        assert!(run.stdout.ends_with("; 1 tenant could not be read in full.\n"), "{run:#?}");
        assert!(run.stdout.contains("the tenant's licences"), "{run:#?}");

        let comment = sandbox.in_part(command, &["--format", "markdown"])?.stdout;
        let cells = format!("| `{}` | in sync as far as read", name(2));
        assert!(comment.contains(&cells) && comment.contains(&counts), "{command}: {comment}");
        assert!(comment.contains("; 1 tenant could not be read in full.**"), "{command}: {comment}");

        let page = sandbox.in_part(command, &["--format", "html"])?.stdout;
        assert!(page.contains("in sync as far as read"), "{command}: {page}");
        assert!(page.contains("1 tenant could not be read in full: the tenant&#39;s licences."), "{command}: {page}");
        for better in ["No changes.", "No setting has drifted.", "as the policies say.<"] {
            assert!(!page.contains(better), "{command}: {better}: {page}");
        }
    }
    Ok(())
}

/// The ids of requests in a text.
fn ids(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
    words.filter(|word| word.len() == 36 && word.matches('-').count() == 4).collect()
}

/// What fails in the same way in every tenant is said once, with the ids of all requests below it.
#[test]
fn equal_failures_are_one_with_the_ids_of_all_requests() -> TestResult {
    let sandbox = Sandbox::of(10)?;
    let everywhere = |path: &str| {
        let text = format!("version: 1\nfaults:\n  - {{ path: {path}, fault: {{ error: {{ status: 403 }} }} }}\n");
        fs::write(sandbox.0.path().join("faults.yaml"), text)
    };
    for path in ["subscribedSkus", "PasswordResetPolicies", "/organization"] {
        everywhere(path)?;
        for command in ["plan", "drift", "apply"] {
            let text = sandbox.in_part(command, &[])?.stdout;
            let said = text.matches("A scripted fault.").count();
            assert!(said == 1 || path == "/organization" && said == 2, "{path}: {command}: {said}: {text}");
            assert_eq!(ids(&text).len(), 8 * said, "{path}: {command}: {text}");
            assert!(text.contains("  requests: ") && text.contains(" and 2 more\n"), "{path}: {command}: {text}");
            let full = sandbox.in_part(command, &["--full"])?.stdout;
            assert_eq!(ids(&full).len(), 10 * said, "{path}: {command}: {full}");
            let comment = sandbox.in_part(command, &["--format", "markdown"])?.stdout;
            assert_eq!(comment.matches("A scripted fault.").count(), said, "{path}: {command}: {comment}");
            assert_eq!(ids(&comment).len(), 8 * said, "{path}: {command}: {comment}");
        }
    }
    Ok(())
}

/// Tenants to which the same was done are one block, also where something else could be read of one of them alone.
#[test]
fn an_apply_is_split_by_what_it_shows_alone() -> TestResult {
    let sandbox = Sandbox::of(3)?;
    for n in 1..=3 {
        assert_eq!(sandbox.run(&["sandbox", "set", "scope.users=none", "--tenant", &name(n)])?.code, Some(0));
    }
    let run = sandbox.in_part("apply", &[])?;
    assert_eq!(run.stdout.matches("~ scope.users").count(), 1, "{run:#?}");
    assert!(run.stdout.contains("all 3 tenants\n"), "{run:#?}");
    // What could not be read of the one is listed below them, and counts.
    assert_eq!(run.stdout.matches("? the tenant's licences").count(), 1, "{run:#?}");
    assert!(run.stdout.ends_with("; 1 tenant could not be read in full.\n"), "{run:#?}");
    Ok(())
}

/// The last line of an apply of one tenant is no better than that of its plan.
#[test]
fn an_apply_of_one_tenant_does_not_say_more_than_was_read() -> TestResult {
    let sandbox = Sandbox::of(1)?;
    let faults = fs::read_to_string(sandbox.0.path().join("faults.yaml"))?;
    fs::write(sandbox.0.path().join("faults.yaml"), faults.replace("after: 1", "after: 0"))?;
    for command in ["plan", "apply"] {
        let run = sandbox.in_part(command, &[])?;
        assert!(run.stdout.ends_with("; 1 tenant could not be read in full.\n"), "{run:#?}");
        assert!(run.stdout.contains("the tenant's licences"), "{run:#?}");
        let comment = sandbox.in_part(command, &["--format", "markdown"])?.stdout;
        assert!(comment.contains("the tenant's licences") && !comment.contains("No changes"), "{comment}");
    }
    let run = sandbox.in_part("apply", &[])?;
    assert!(run.stdout.contains("  the tenant is in sync as far as read; nothing was sent"), "{run:#?}");
    Ok(())
}

/// Whoever counts in the last line counts on the page: tenants of which settings are unknown are those that were read least.
#[test]
fn a_page_counts_the_tenants_that_the_last_line_counts() -> TestResult {
    let sandbox = Sandbox::of(5)?;
    let faults = "version: 1\nfaults:\n  - { method: GET, path: PasswordResetPolicies, after: 2, every: 2, fault: { error: { status: 403 } } }\n";
    fs::write(sandbox.0.path().join("faults.yaml"), faults)?;
    for (command, more) in [("plan", &["--impact"][..]), ("plan", &[]), ("drift", &[]), ("apply", &[])] {
        // Which requests fail may differ from run to run.
        let text =
            sandbox.in_part(command, &[more, &["--also", "json=a.json", "--also", "html=a.html"]].concat())?.stdout;
        let read = |file: &str| fs::read_to_string(sandbox.0.path().join(file));
        let document: serde_json::Value = serde_json::from_str(&read("a.json")?)?;
        let is_part = |one: &&serde_json::Value| ["unknown", "unread"].iter().any(|key| one[key][0].is_object());
        let many = document["tenants"].as_array().into_iter().flatten().filter(is_part).count();
        assert!((1..5).contains(&many), "{command}: {document:#}");
        let says =
            if many == 1 { "1 tenant".to_owned() } else { format!("{many} tenants") } + " could not be read in full";
        assert!(text.lines().last().is_some_and(|line| line.contains(&says)), "{command} {more:?}: {says}: {text}");
        assert!(text.contains("A scripted fault."), "{command}: {text}");
        let page = read("a.html")?;
        assert!(page.contains(&says), "{command} {more:?}: {says}: {page}");
    }
    Ok(())
}

/// A plan that is refused has nothing to wait for: the apply says why, and counts what could not be read.
#[test]
fn a_ring_that_is_not_started_hides_no_tenant_that_could_not_be_read() -> TestResult {
    let sandbox = Sandbox::of(4)?;
    for n in 1..=4 {
        assert_eq!(sandbox.run(&["sandbox", "set", "scope.users=none", "--tenant", &name(n)])?.code, Some(0));
    }
    let write = |file: &str, text: &str| fs::write(sandbox.0.path().join(file), text);
    write("ssprctl.yaml", "version: 1\nrings: [{ name: canary, tenants: ['tenant-0001.*'] }]\n")?;
    write(
        "faults.yaml",
        "version: 1\nfaults:\n  \
         - { method: PUT, path: PasswordResetPolicies, times: 1, fault: { error: { status: 403 } } }\n  \
         - { method: GET, path: PasswordResetPolicies, after: 3, times: 1, fault: { error: { status: 403 } } }\n",
    )?;
    let run = sandbox.in_part("apply", &[])?;
    assert!(run.stdout.contains("rest    tenant-0004.onmicrosoft.com  refused, nothing was sent"), "{run:#?}");
    assert!(run.stdout.contains("? scope.users") && run.stdout.contains("not started, nothing was sent"), "{run:#?}");
    let last = run.stdout.lines().last().unwrap_or_default();
    assert!(last.contains("; 1 tenant could not be read in full; 2 tenants not started; 1 tenant failed."), "{run:#?}");
    Ok(())
}

/// A drift holds nothing back: what drifted counts whatever else is to be said, and the page of a plan counts as the terminal.
#[test]
fn what_drifted_counts_as_drifted_and_a_refused_plan_as_held_back() -> TestResult {
    let sandbox = Sandbox::of(3)?;
    let write = |file: &str, text: &str| fs::write(sandbox.0.path().join(file), text);
    write("policies/t0001.yaml", &policy(&name(1), "scope:\n  users: selected\n  group: No Such Group"))?;
    write("ssprctl.yaml", "version: 1\nrings: [{ name: canary, tenants: ['tenant-0001.*'] }]\n")?;
    write("faults.yaml", "version: 1\nfaults: []\n")?;
    assert_eq!(sandbox.run(&["sandbox", "set", "scope.users=none", "--tenant", &name(1)])?.code, Some(0));
    let run = sandbox.in_part("drift", &[])?;
    assert!(run.stdout.contains("3 tenants: 1 drifted, 2 in sync.\n\nDrift: "), "{run:#?}");
    assert!(run.stdout.contains("in 1 of 3 tenants; 1 tenant with errors."), "{run:#?}");
    assert!(!run.stdout.contains("held back"), "{run:#?}");
    let ring = "canary: tenant-0001.onmicrosoft.com: 0 to change, 0 in sync, 1 held back";
    let run = sandbox.in_part("plan", &[])?;
    assert!(run.stdout.contains(&format!("1. {ring}")), "{run:#?}");
    let page = sandbox.in_part("plan", &["--format", "html"])?.stdout;
    assert!(page.contains(ring), "{page}");

    let unread = "version: 1\nfaults:\n  - { method: GET, path: PasswordResetPolicies, after: 1, times: 1, fault: { error: { status: 403 } } }\n";
    write("faults.yaml", unread)?;
    let run = sandbox.in_part("drift", &[])?;
    assert!(run.stdout.contains("3 tenants: 1 drifted, 1 in sync, 1 could not be read in full."), "{run:#?}");
    assert!(
        run.stdout.contains("tenant-0002.onmicrosoft.com  could not be read in full: 0 drifted, 2 unknown"),
        "{run:#?}"
    );
    Ok(())
}

#[test]
fn a_note_about_a_new_key_names_the_tenant_that_has_it() -> TestResult {
    let sandbox = Sandbox::of(3)?;
    let key = |more: &str| {
        let text = format!(
            "version: 1\nfaults:\n  - {{ method: GET, path: PasswordResetPolicies, {more}fault: {{ addKey: futureKey }} }}\n"
        );
        fs::write(sandbox.0.path().join("faults.yaml"), text)
    };
    key("after: 1, times: 1, ")?;
    let run = sandbox.in_part("plan", &[])?;
    assert!(
        run.stderr.contains("the key `futureKey` (") && run.stderr.contains(&format!(") in {}, which", name(2))),
        "{run:#?}"
    );
    key("")?;
    let run = sandbox.in_part("plan", &[])?;
    assert!(run.stderr.contains(") in 3 tenants, which"), "{run:#?}");
    let run = sandbox.in_part("plan", &["policies/t0002.yaml"])?;
    assert!(run.stderr.contains("), which this version does not know"), "{run:#?}");
    Ok(())
}
