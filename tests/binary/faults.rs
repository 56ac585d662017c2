//! `--faults`: the embedded tenant fails as a file says.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use entra_sandbox::Faults;
use entra_sandbox::portal_user::{SETTINGS, set};

use crate::harness::{CONTOSO, Harness, Run, TestResult};

const CHANGE: &str = "notifications: { administrators: true }";

/// The YAML examples of the page on the embedded tenant.
fn examples() -> Result<Vec<String>, std::io::Error> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/emulator.md"))?;
    let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
    Ok(blocks.map(str::to_owned).collect())
}

/// Runs the binary against the tenant inside of it, with this file of faults.
fn embedded(harness: &Harness, faults: &str, arguments: &[&str]) -> Result<Run, Box<dyn std::error::Error>> {
    fs::write(harness.folder.path().join("faults.yaml"), faults)?;
    harness.finish(harness.command(arguments).args(["--sandbox", "--faults", "faults.yaml"]))
}

#[test]
fn the_documented_example_does_what_the_page_says() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let example = examples()?.into_iter().find(|text| text.contains("faults:")).ok_or("the page has no example")?;
    let run = embedded(&harness, &example, &["apply", "--auto-approve", "-v", "--log-format", "json"])?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    let asked = |method: &str| {
        run.stderr.lines().filter(|line| line.contains(method) && line.contains("PasswordResetPolicies")).count()
    };
    assert_eq!(asked("\"PUT\""), 1, "a write whose answer was lost is not sent again: {run:#?}");
    assert!(run.stderr.contains("\"status\":429"), "{run:#?}");
    assert!(run.stdout.ends_with("Applied: 1 changed, 1 verified, in 1 requests.\n"), "{run:#?}");
    assert_eq!(embedded(&harness, &example, &["plan", "--detailed-exitcode"])?.code, Some(0), "it took");
    Ok(())
}

/// The pages of lists: a group is found behind empty pages, and no circle is taken for a whole list.
#[test]
fn pages_of_lists_fail_as_the_file_says() -> TestResult {
    let harness = Harness::with("scope: { users: selected, group: SSPR-Pilot }", Faults::none())?;
    let faults = |fault: &str| {
        format!("version: 1\nfaults:\n  - method: GET\n    path: /v1.0/groups\n    fault: {{ {fault} }}\n")
    };
    for fault in ["emptyPages: 2", "pageItems: 1"] {
        let run = embedded(&harness, &faults(fault), &["plan"])?;
        assert_eq!(run.code, Some(0), "{fault}: {run:#?}");
    }
    for (fault, says) in [
        ("circle: 1", "names as its next page one that was read already"),
        ("circle: 3", "names as its next page one that was read already"),
        ("foreignLink: \"https://graph.example.com\"", "names a next page on another host"),
    ] {
        let run = embedded(&harness, &faults(fault), &["plan"])?;
        assert_eq!(run.code, Some(1), "{fault}: {run:#?}");
        assert!(format!("{}{}", run.stdout, run.stderr).contains(says), "{fault}: {run:#?}");
    }
    Ok(())
}

#[test]
fn every_problem_of_a_file_is_reported_with_its_place() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let file = "version: 2\nfauls: []\nfaults:\n  - method: get\n    times: 0\n    fault: {}\n  - fault:\n      \
                error: { status: 200 }\n      foreignEdit: { when: before, setting: scope.user, value: all }\n";
    let run = embedded(&harness, file, &["plan"])?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:#?}");
    for (code, place) in [
        ("unsupported-version", "1:10"),
        ("unknown-key", "2:1"),
        ("unknown-value", "4:13"),
        ("out-of-range", "5:12"),
        ("missing-key", "6:12"),
        ("out-of-range", "8:24"),
        ("unknown-value", "9:45"),
    ] {
        assert!(run.stderr.contains(&format!("faults.yaml:{place}\n")), "{place}: {}", run.stderr);
        assert!(run.stderr.contains(&format!("error[{code}]")), "{code}: {}", run.stderr);
    }
    assert!(run.stderr.contains("did you mean `scope.users`?"), "{}", run.stderr);
    assert!(run.stderr.contains("error: the faults of faults.yaml are not usable"), "{}", run.stderr);
    Ok(())
}

/// A real tenant is never made to fail, and nobody is left to think that it was.
#[test]
fn faults_are_for_the_embedded_tenant_alone() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    fs::write(harness.folder.path().join("faults.yaml"), "version: 1\n")?;
    let run = harness.finish(harness.command(&["plan"]).env("SSPRCTL_FAULTS", "faults.yaml"))?;
    assert_eq!((run.code, harness.was_asked("")), (Some(1), false), "{run:#?}");
    assert!(run.stderr.contains("hint: add --sandbox"), "{run:#?}");
    let file = harness.folder.path().join("faults.yaml");
    let run = harness.finish(harness.command(&["plan", "--sandbox"]).env("SSPRCTL_FAULTS", file))?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    Ok(())
}

/// The served tenant fails for other programs, too.
#[test]
fn a_served_tenant_fails_as_the_file_says() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    fs::write(harness.folder.path().join("bad.yaml"), "version: 1\nfaults: 3\n")?;
    let run = harness.run(&["sandbox", "serve", "--port", "0", "--faults", "bad.yaml"])?;
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.stderr.contains("bad.yaml:2:9"), "{run:#?}");
    let faults = "version: 1\nfaults:\n  - path: PasswordResetPolicies\n    fault: { error: { status: 404 } }\n";
    fs::write(harness.folder.path().join("faults.yaml"), faults)?;
    let mut serving = harness
        .command(&["sandbox", "serve", "--port", "0", "--faults", "faults.yaml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let report = first_lines(&mut serving, 5);
    let run = report.and_then(|lines| {
        let mut plan = harness.command(&["plan"]);
        set_all(&mut plan, &lines);
        harness.finish(&mut plan)
    });
    serving.kill()?;
    serving.wait()?;
    let run = run?;
    assert_eq!(run.code, Some(1), "{run:#?}");
    assert!(run.stdout.contains("nothing there (HTTP 404)"), "{run:#?}");
    Ok(())
}

fn first_lines(child: &mut std::process::Child, count: usize) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    use std::io::{BufRead, BufReader};
    let out = child.stdout.take().ok_or("no output")?;
    Ok(BufReader::new(out).lines().take(count).collect::<Result<_, _>>()?)
}

/// Sets what `sandbox serve` prints for another shell to export.
fn set_all(command: &mut Command, exports: &[String]) {
    for (name, value) in exports.iter().filter_map(|line| line.strip_prefix("export ")?.split_once('=')) {
        command.env(name, value);
    }
}

/// The file names settings by the emulator's own table, so each of them must be one that can be set.
#[test]
fn every_setting_of_the_schema_can_be_edited() -> TestResult {
    let schema: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/faults.json"))?)?;
    let names = schema["$defs"]["EditableSetting"]["enum"].as_array().ok_or("no settings")?;
    assert!(names.len() > SETTINGS.len());
    let world = entra_sandbox::World::seeded();
    for name in names.iter().filter_map(serde_json::Value::as_str) {
        let report = set(&world, CONTOSO, name, "\u{1}").err().map(|refusal| refusal.to_string()).unwrap_or_default();
        assert!(!report.contains("has no setting"), "{name}: {report}");
    }
    Ok(())
}
