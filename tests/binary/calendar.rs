//! `calendar` of `ssprctl.yaml`: what it says is listed as an exception wherever it counts.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use entra_sandbox::{Faults, Migration, Person, portal_user};
use jiff::civil::Date;
use ssprctl::testing::base::cloud::Cloud;
use ssprctl::testing::catalog::calendar::CALENDAR;

use crate::harness::{FABRIKAM, Harness, Run, TestResult};

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

/// `show`, `announce` and `doctor` read what the calendar says, and `--as-of` moves them.
#[test]
fn every_command_reads_the_calendar() -> TestResult {
    let harness = repository(&format!("{PROVIDER}{MOVED}"))?;
    for (arguments, day, expected) in [
        (&["doctor"][..], "2026-12-01", ["2027-05-03 (moved from March 2027)", "a provider sends texts to everybody"]),
        (
            &["show", "--tenant", "contoso.onmicrosoft.com"],
            "2026-12-01",
            ["2027-05-03 (moved from March 2027)", "ssprctl.yaml:3"],
        ),
        (&["announce"], "2027-05-02", ["From 3 May 2027 on, security questions", "what nobody will ever ask you"]),
        (&["announce"], "2027-05-03", ["Since 3 May 2027, security questions", "what nobody will ever ask you"]),
    ] {
        let mut command = harness.command(arguments);
        let run = harness.finish(command.args(["--as-of", day]))?;
        assert_eq!(run.code, Some(0), "{arguments:?}: {run:#?}");
        let shown = run.stdout.to_lowercase();
        for words in expected {
            assert!(shown.contains(&words.to_lowercase()), "{arguments:?} {day}: {words}: {}", run.stdout);
        }
    }
    let show =
        harness.run(&["show", "--tenant", "contoso.onmicrosoft.com", "--format", "json", "--as-of", "2026-12-01"])?;
    let dates: Vec<_> =
        show.json()?["dates"].as_array().ok_or("no dates")?.iter().map(|one| one["id"].clone()).collect();
    let expected = [
        "sms-voice-retirement",
        "sms-sign-in-retirement",
        "security-questions-retirement",
        "sms-voice-retirement-late",
    ];
    assert_eq!(dates, expected);
    Ok(())
}

/// What `doctor` says around each date of the service in a tenant that heeds none, from one day to the next.
#[test]
fn doctor_says_of_each_date_what_changes_with_it() -> TestResult {
    let sections = format!("{}\nwriteback: {{ passwords: true }}", SECTIONS.replace("required: 2", "required: 1"));
    let harness = Harness::of(FABRIKAM, &sections, Faults::none(), &Person::Administrator)?;
    harness.world.migrate(FABRIKAM, Some(Migration::PreMigration))?;
    portal_user::set(&harness.world, FABRIKAM, "registration.requiredAtSignIn", "false")?;
    let said = |day: Date| {
        let run = harness.run(&["doctor", "--as-of", &day.to_string()])?;
        assert_eq!(run.code, Some(0), "{day}: {run:#?}");
        let dated = run.stdout.lines().filter(|line| line.contains("dates of the service"));
        Ok::<_, Box<dyn Error>>(
            dated.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<BTreeSet<_>>(),
        )
    };
    let mut known = BTreeMap::new();
    let mut golden = String::new();
    for entry in CALENDAR.iter().filter(|entry| entry.clouds.contains(&Cloud::Global)) {
        writeln!(golden, "\n# {}", entry.id)?;
        let days = BTreeSet::from([entry.date.yesterday()?, entry.date, entry.certain, entry.certain.tomorrow()?]);
        let mut before: Option<BTreeSet<String>> = None;
        for day in days {
            let now = match known.get(&day) {
                Some(now) => BTreeSet::clone(now),
                None => said(day)?,
            };
            if let Some(before) = &before {
                writeln!(golden, "{day}{}", if *before == now { ": nothing else" } else { "" })?;
                before.difference(&now).try_for_each(|line| writeln!(golden, "  - {line}"))?;
                now.difference(before).try_for_each(|line| writeln!(golden, "  + {line}"))?;
            }
            known.insert(day, now.clone());
            before = Some(now);
        }
    }
    insta::assert_snapshot!(golden);
    Ok(())
}

/// A group whose rule uses `memberOf` is recognised by its rule, which the tenant serves.
#[test]
fn a_group_with_member_of_is_warned_of() -> TestResult {
    const ADATUM: &str = "adatum.onmicrosoft.com";
    for (group, warned) in [("Field Staff", true), ("SSPR-Pilot", false)] {
        let sections = format!("scope: {{ users: selected, group: {group} }}");
        let harness = Harness::of(ADATUM, &sections, Faults::none(), &Person::Administrator)?;
        let run = harness.run(&["plan"])?;
        let message = "who is in the group Field Staff has not changed since 2026-11-03: its rule uses `memberOf`";
        assert_eq!((run.code, run.stdout.contains(message)), (Some(0), warned), "{run:#?}");
    }
    Ok(())
}

#[test]
fn a_wrong_day_is_an_error_and_a_past_one_is_noted() -> TestResult {
    let harness = repository(MOVED)?;
    for wrong in ["2027-02-30", "tomorrow", "1999-01-01", "27-02-01"] {
        let run = harness.run(&["validate", "--as-of", wrong])?;
        assert!(run.code != Some(0) && run.stderr.contains("for example 2027-02-01"), "{wrong}: {run:#?}");
    }
    let run = harness.run(&["validate", "--as-of", "2025-09-29"])?;
    assert!(run.code == Some(0) && run.stderr.contains("2025-09-29 is past"), "{run:#?}");
    write(&harness, "  registered-methods-only: { date: 2027-02-30, reason: it was announced }\n")?;
    let run = harness.run(&["show", "--tenant", "contoso.onmicrosoft.com"])?;
    assert!(run.code == Some(3) && run.stderr.contains("is no day"), "{run:#?}");
    Ok(())
}
