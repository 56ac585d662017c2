//! Where results go.

use std::fs;
use std::process::Stdio;

use entra_sandbox::Faults;

use crate::harness::{Harness, TestResult};

const CHANGE: &str = "notifications: { administrators: true }";
const SUMMARY: &str = "Plan: 1 to change, 0 unchanged, 19 unmanaged, in 1 requests.\n";

#[test]
fn a_file_is_made_with_its_folder_and_written_as_a_whole() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let file = harness.folder.path().join("new folder/ünï.txt");
    for _ in 0..2 {
        let run = harness.run(&["plan", "--output", "new folder/ünï.txt"])?;
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:#?}");
        assert!(fs::read_to_string(&file)?.ends_with(SUMMARY));
    }
    assert_eq!(fs::read_dir(harness.folder.path().join("new folder"))?.count(), 1, "something was left behind");
    Ok(())
}

/// A file is as readable as the shell would make it, stays as readable as it was, and is written through a link.
#[cfg(unix)]
#[test]
fn a_file_stays_where_it_is_with_its_permissions() -> TestResult {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let harness = Harness::with(CHANGE, Faults::none())?;
    let path = |name: &str| harness.folder.path().join(name);
    let mode = |name: &str| Ok::<_, std::io::Error>(fs::metadata(path(name))?.permissions().mode());
    fs::write(path("shell.txt"), "")?;
    harness.run(&["plan", "--output", "new.txt"])?;
    assert_eq!(mode("new.txt")?, mode("shell.txt")?);
    fs::set_permissions(path("new.txt"), fs::Permissions::from_mode(0o640))?;
    symlink("new.txt", path("link.txt"))?;
    fs::write(path("new.txt"), "")?;
    harness.run(&["plan", "--output", "link.txt"])?;
    assert!(fs::symlink_metadata(path("link.txt"))?.is_symlink());
    assert!(fs::read_to_string(path("new.txt"))?.ends_with(SUMMARY));
    assert_eq!(mode("new.txt")? & 0o777, 0o640);
    Ok(())
}

/// A device is written to. To put a file in its place would break the machine.
#[cfg(target_os = "linux")]
#[test]
fn a_device_stays_a_device() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    // As `/dev/stdout` is made, but where nothing is lost if it is replaced.
    std::os::unix::fs::symlink("/proc/self/fd/1", harness.folder.path().join("stdout"))?;
    for _ in 0..2 {
        let run = harness.run(&["plan", "--output", "stdout"])?;
        assert!(run.code == Some(0) && run.stdout.ends_with(SUMMARY), "{run:#?}");
    }
    Ok(())
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    fs::create_dir(harness.folder.path().join("folder"))?;
    for place in ["folder", "policies/policy.yaml/below"] {
        let run = harness.run(&["plan", "--output", place])?;
        assert_eq!(run.code, Some(1), "{run:#?}");
        assert!(run.stderr.contains("error: the result cannot be written: "), "{run:#?}");
        assert!(run.stderr.contains("hint: "), "{run:#?}");
    }
    Ok(())
}

/// One result in several formats, from one reading of the tenant.
#[test]
fn a_result_is_written_in_several_formats_at_once() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let also = ["--also", "json=out/plan.json", "--also", "markdown=out/plan.md", "--also", "sarif=out/plan.sarif"];
    let run = harness.run(&[&["plan"], &also[..]].concat())?;
    assert!(run.code == Some(0) && run.stdout.ends_with(SUMMARY), "{run:#?}");
    let report = |name: &str| fs::read_to_string(harness.folder.path().join("out").join(name));
    assert!(report("plan.md")?.starts_with("<!-- ssprctl:plan -->\n"));
    for name in ["plan.json", "plan.sarif"] {
        serde_json::from_str::<serde_json::Value>(&report(name)?)?;
    }
    let invalid = harness.run(&[&["plan", "tests/none.yaml"], &also[..]].concat())?;
    assert_eq!(invalid.code, Some(3), "{invalid:#?}");
    assert!(report("plan.md")?.starts_with("<!-- ssprctl:plan -->\n"));
    for (arguments, says) in [
        (&["apply", "--auto-approve", "--also", "sarif=x"][..], "invalid value 'sarif' for '--also <FORMAT=FILE>'"),
        (&["explain", "--also", "json=x"], "--also goes with commands whose result has formats"),
        (&["plan", "--also", "json"], "write FORMAT=FILE"),
        (&["plan", "--also", "yaml=x"], "invalid value 'yaml' for '--also <FORMAT=FILE>'"),
    ] {
        let run = harness.run(arguments)?;
        assert!(run.code != Some(0) && run.stderr.contains(says), "{run:#?}");
    }
    Ok(())
}

/// `ssprctl plan | head -1`: the reader has gone, which is no failure.
#[cfg(unix)]
#[test]
fn a_reader_may_leave() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    for arguments in [&["plan"][..], &["--help"], &["explain"]] {
        let mut child = harness.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        drop(child.stdout.take());
        let output = child.wait_with_output()?;
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8(output.stderr)?, "");
    }
    Ok(())
}
