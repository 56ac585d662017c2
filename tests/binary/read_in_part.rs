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
