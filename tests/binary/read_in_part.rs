//! Tenants of a fleet of which a fact cannot be read: no table and no count says that they are in sync, or have no changes.

use std::error::Error;
use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::fleet::{name, policy};
use crate::harness::{Run, TestResult};

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
        command.env_clear().current_dir(self.0.path()).env("NO_COLOR", "1").args(arguments);
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
        assert_eq!(page.matches(" as far as read").count(), 1, "{command}: {page}");
        assert!(page.contains("1 tenant could not be read in full: the tenant&#39;s licences."), "{command}: {page}");
        for better in ["No changes.", "No setting has drifted.", "as the policies say.<"] {
            assert!(!page.contains(better), "{command}: {better}: {page}");
        }
    }
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
    assert!(run.stdout.contains("  the tenant matches the policy as far as it was read; nothing was sent"), "{run:#?}");
    Ok(())
}
