//! `validate` of many policies at once: how fast, and in how much memory.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Measured;
use crate::measure::{PROGRAM, clean, megabytes, repeat, run, watch};
use crate::row::Row;

const TIMES: usize = 7;
const POLICIES: u32 = 10_000;
const A_FOLDER: u32 = 500;
const FASTEST: f64 = 5_000.0;
const PEAK_RUNS: usize = 3;
const LARGEST_PEAK: u64 = 200_000_000;

const BASELINE: &str = "\
methods:
  # Two methods: a stolen phone alone must not be enough to take an account over.
  required: 2
  allowed:
    - mobileAppNotification
    - mobileAppCode
    - email
    - mobilePhone

registration:
  requiredAtSignIn: true
  reconfirmAfterDays: 180

securityQuestions:
  toRegister: 5
  toReset: 3
  questions:
    - predefined: In what city was your first job?
    - predefined: What was the name of your first pet?
    - predefined: What was your childhood nickname?
    - predefined: Who is the most famous person you have ever met?
    - custom: What was the first project you worked on here?

notifications:
  users: true
  administrators: true
";

pub(crate) fn rows() -> Measured {
    let folder = tempfile::tempdir()?;
    let paths = write_policies(folder.path())?;
    let (ours, reading) = repeat(TIMES, || validate(folder.path()), || read(&paths))?;
    let rate = f64::from(POLICIES) / ours.median().as_secs_f64();
    let peak = peak(folder.path())?;
    Ok(vec![
        Row {
            what: "validate, 10,000 policies",
            measured: ours.to_string(),
            against: format!("reading alone: {reading}"),
            ratio: Some(ours.ratio(&reading)),
            goal: None,
        },
        Row {
            what: "validate, policies a second",
            measured: format!("{rate:.0}"),
            against: String::new(),
            ratio: None,
            goal: Some(("5,000 or more", rate >= FASTEST)),
        },
        Row {
            what: "validate, peak memory",
            measured: megabytes(peak),
            against: String::new(),
            ratio: None,
            goal: peak.map(|bytes| ("under 200 MB", bytes < LARGEST_PEAK)),
        },
    ])
}

/// Writes the policies of as many tenants, every other one of which extends the one baseline; the others say everything
/// themselves.
fn write_policies(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let policies = folder.join("policies");
    fs::create_dir(&policies)?;
    // The policies rely on a phone, which only gives a finding; writing ten thousand warnings is not what is measured.
    fs::write(folder.join("ssprctl.yaml"), "version: 1\nrules:\n  sms-voice-retirement: off\n")?;
    fs::write(policies.join("baseline.yaml"), format!("version: 1\n\n{BASELINE}"))?;
    let mut paths = vec![policies.join("baseline.yaml")];
    for number in 0..POLICIES {
        let region = policies.join(format!("region-{:02}", number / A_FOLDER));
        if number % A_FOLDER == 0 {
            fs::create_dir(&region)?;
        }
        let path = region.join(format!("contoso-{number:05}.yaml"));
        fs::write(&path, policy(number)?)?;
        paths.push(path);
    }
    Ok(paths)
}

fn policy(number: u32) -> Result<String, std::fmt::Error> {
    let mut text =
        String::from("# yaml-language-server: $schema=https://example.com/schemas/policy.json\nversion: 1\n");
    writeln!(text, "tenant: contoso-{number:05}.onmicrosoft.com")?;
    let extends = number.is_multiple_of(2);
    if extends {
        text.push_str("extends: [../baseline.yaml]\n");
    }
    writeln!(text, "\nscope:\n  # The pilot of this tenant.\n  users: selected\n  group: SSPR-Pilot-{number}")?;
    text.push_str("  administrators: true\n");
    if extends {
        writeln!(text, "\nregistration:\n  reconfirmAfterDays: {}", 90 + number % 270)?;
    } else {
        write!(text, "\n{BASELINE}")?;
    }
    writeln!(text, "\nhelpdesk:\n  link: https://help.contoso.com/{number}/password")?;
    Ok(text)
}

/// On two threads, whatever the machine has.
fn program(folder: &Path) -> Command {
    let mut command = clean(PROGRAM);
    command.arg("validate").current_dir(folder).env("RAYON_NUM_THREADS", "2");
    command
}

fn validate(folder: &Path) -> Result<(), Box<dyn Error>> {
    let said = run(&mut program(folder))?;
    let wanted = format!("Valid: {POLICIES} tenants in {} files, 0 warnings.", POLICIES + 1);
    if said.trim() == wanted { Ok(()) } else { Err(format!("validate says {said:?} instead of {wanted:?}").into()) }
}

fn read(paths: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    for path in paths {
        fs::read(path)?;
    }
    Ok(())
}

/// The most memory that a run held at once, in bytes, of several runs the most.
fn peak(folder: &Path) -> Result<Option<u64>, Box<dyn Error>> {
    let mut most = None;
    for _ in 0..PEAK_RUNS {
        let (ended, peak) = watch(program(folder).stdout(Stdio::null()))?;
        if !ended.success() {
            return Err(format!("validate ends with {ended}").into());
        }
        most = most.max(peak);
    }
    Ok(most)
}
