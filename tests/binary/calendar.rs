//! `calendar` of `ssprctl.yaml`: what it says is listed as an exception wherever it counts.

use std::error::Error;
use std::fs;
use std::process::Command;

use entra_sandbox::Faults;

use crate::harness::{Harness, Run, TestResult};

const SECTIONS: &str = "methods: { required: 2, allowed: [email, mobilePhone, securityQuestions] }
securityQuestions: { toRegister: 3, toReset: 3, questions: [{ predefined: In what city was your first job? },
  { predefined: What was the name of your first pet? }, { predefined: What was your childhood nickname? }] }";
const PROVIDER: &str =
    "  sms-voice-retirement: { provider: true, channels: [sms], reason: contract with Soprano of 2026-11-02 }\n";
const MOVED: &str = "  security-questions-retirement: { date: 2027-05-03, reason: MC1234564 was updated }\n";
const FORMATS: [&str; 5] = ["terminal", "markdown", "json", "sarif", "github"];

fn repository(calendar: &str) -> Result<Harness, Box<dyn Error>> {
    let harness = Harness::with(SECTIONS, Faults::none())?;
    fs::create_dir(harness.folder.path().join(".git"))?;
    write(&harness, calendar)?;
    Ok(harness)
}

fn write(harness: &Harness, calendar: &str) -> std::io::Result<()> {
    fs::write(harness.folder.path().join("ssprctl.yaml"), format!("version: 1\ncalendar:\n{calendar}"))
}

fn run(harness: &Harness, arguments: &[&str]) -> Result<Run, Box<dyn Error>> {
    let mut command = harness.command(arguments);
    harness.finish(command.args(["--as-of", "2027-02-10"]).env_remove("SSPRCTL_ALLOW"))
}

#[test]
fn what_the_calendar_says_is_an_exception_in_every_format() -> TestResult {
    let harness = repository(&format!("{PROVIDER}{MOVED}"))?;
    for command in ["validate", "plan"] {
        for format in FORMATS {
            let run = run(&harness, &[command, "--format", format])?;
            assert_eq!(run.code, Some(0), "{command} {format}: {run:#?}");
            let shown = run.stdout.replace("&#8203;", "");
            for words in ["texts to everybody", "Soprano", "2027-05-03", "MC1234564", "ssprctl.yaml"] {
                assert!(shown.contains(words), "{command} {format}: {words}: {shown}");
            }
        }
        let json = run(&harness, &[command, "--format", "json"])?.json()?;
        let exceptions = json["exceptions"].as_array().ok_or("no exceptions")?;
        let lines: Vec<_> = exceptions
            .iter()
            .map(|one| format!("{} {} {} {}:{}", one["kind"], one["name"], one["says"], one["path"], one["line"]))
            .collect();
        assert_eq!(
            lines,
            [
                r#""dateMoved" "security-questions-retirement" "2027-05-03" "ssprctl.yaml":4"#,
                r#""ownProvider" "sms-voice-retirement" "texts to everybody" "ssprctl.yaml":3"#
            ]
        );
    }
    Ok(())
}

#[test]
fn what_is_new_in_the_calendar_is_marked() -> TestResult {
    let harness = repository(MOVED)?;
    let folder = harness.folder.path();
    fs::remove_dir(folder.join(".git"))?;
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgSign=false"];
        Command::new("git").args(identity).args(arguments).current_dir(folder).output()
    };
    git(&["init", "--quiet", "--initial-branch=main"])?;
    git(&["add", "--all"])?;
    assert!(git(&["commit", "--quiet", "--message=base"])?.status.success());
    write(&harness, &format!("{PROVIDER}{}", MOVED.replace("05-03", "06-01")))?;
    let json = run(&harness, &["plan", "--base", "main", "--format", "json"])?.json()?;
    let lines: Vec<_> = json["exceptions"]
        .as_array()
        .ok_or("no exceptions")?
        .iter()
        .map(|one| format!("{} {} {}", one["change"], one["name"], one["was"]))
        .collect();
    let expected =
        [r#""new" "sms-voice-retirement" null"#, r#""widened" "security-questions-retirement" "2027-05-03""#];
    assert_eq!(lines, expected);
    Ok(())
}

/// Once phones have ended, a policy that needs them is an error; `ssprctl.yaml` may lower it, and that is listed from the
/// day on which it is written.
#[test]
fn an_error_of_a_date_that_is_lowered_is_listed() -> TestResult {
    let harness = Harness::with("methods: { required: 2, allowed: [email, mobilePhone] }", Faults::none())?;
    fs::create_dir(harness.folder.path().join(".git"))?;
    for day in ["2027-01-31", "2027-02-01"] {
        let file = harness.folder.path().join("ssprctl.yaml");
        fs::write(file, "version: 1\nrules: { sms-voice-retirement: warning }\n")?;
        let run = harness
            .finish(harness.command(&["validate", "--format", "json", "--as-of", day]).env_remove("SSPRCTL_ALLOW"))?;
        assert_eq!(run.code, Some(0), "{run:#?}");
        let exception = &run.json()?["exceptions"][0];
        assert_eq!(
            (&exception["kind"], &exception["findings"]),
            (&"ruleLowered".into(), &1.into()),
            "{day}: {exception}"
        );
    }
    Ok(())
}
