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
/// Policies a second.
const SLOWEST: f64 = 20_000.0;
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

/// The policies of one measurement.
struct Case {
    /// The names of its three rows.
    names: [&'static str; 3],
    /// After how many days the policy of a tenant asks people to confirm.
    reconfirm_after_days: fn(u32) -> u32,
    /// The findings about all policies.
    warnings: u32,
}

const CASES: [Case; 2] = [
    Case {
        names: ["validate, 10,000 policies", "validate, policies a second", "validate, peak memory"],
        reconfirm_after_days: |number| 90 + number % 270,
        warnings: 0,
    },
    // 0 means never, and the rule `reconfirm-never` warns of it.
    Case {
        names: ["validate, 10,000 warnings", "validate, warnings a second", "validate, warnings, memory"],
        reconfirm_after_days: |_| 0,
        warnings: POLICIES,
    },
];

pub(crate) fn rows() -> Measured {
    let rows: Result<Vec<Vec<Row>>, _> = CASES.iter().map(Case::rows).collect();
    Ok(rows?.into_iter().flatten().collect())
}

impl Case {
    fn rows(&self) -> Measured {
        let folder = tempfile::tempdir()?;
        let paths = write_policies(folder.path(), self.reconfirm_after_days)?;
        let (ours, reading) = repeat(TIMES, || self.validate(folder.path()), || read(&paths))?;
        let rate = f64::from(POLICIES) / ours.median().as_secs_f64();
        let peak = peak(folder.path())?;
        let [what, a_second, memory] = self.names;
        Ok(vec![
            Row {
                what,
                measured: ours.to_string(),
                against: format!("reading alone: {reading}"),
                ratio: Some(ours.ratio(&reading)),
                goal: None,
            },
            Row {
                what: a_second,
                measured: format!("{rate:.0}"),
                against: String::new(),
                ratio: None,
                goal: Some(("20,000 or more", rate >= SLOWEST)),
            },
            Row {
                what: memory,
                measured: megabytes(peak),
                against: String::new(),
                ratio: None,
                goal: peak.map(|bytes| ("under 200 MB", bytes < LARGEST_PEAK)),
            },
        ])
    }

    fn validate(&self, folder: &Path) -> Result<(), Box<dyn Error>> {
        let said = run(&mut program(folder))?;
        let wanted = format!("Valid: {POLICIES} tenants in {} files, {} warnings.", POLICIES + 1, self.warnings);
        let last = said.lines().next_back().unwrap_or_default();
        let warnings = said.matches("warning[").count();
        if last == wanted && warnings == usize::try_from(self.warnings)? {
            return Ok(());
        }
        Err(format!("validate says {last:?} after {warnings} warnings instead of {wanted:?}").into())
    }
}

/// Writes the policies of as many tenants, every other one of which extends the one baseline; the others say everything
/// themselves.
fn write_policies(folder: &Path, reconfirm_after_days: fn(u32) -> u32) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let policies = folder.join("policies");
    fs::create_dir(&policies)?;
    // The policies rely on a phone, of which another rule warns: one warning for each policy is enough.
    fs::write(folder.join("ssprctl.yaml"), "version: 1\nrules:\n  sms-voice-retirement: off\n")?;
    fs::write(policies.join("baseline.yaml"), format!("version: 1\n\n{BASELINE}"))?;
    let mut paths = vec![policies.join("baseline.yaml")];
    for number in 0..POLICIES {
        let region = policies.join(format!("region-{:02}", number / A_FOLDER));
        if number % A_FOLDER == 0 {
            fs::create_dir(&region)?;
        }
        let path = region.join(format!("contoso-{number:05}.yaml"));
        fs::write(&path, policy(number, reconfirm_after_days(number))?)?;
        paths.push(path);
    }
    Ok(paths)
}

fn policy(number: u32, reconfirm_after_days: u32) -> Result<String, std::fmt::Error> {
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
        writeln!(text, "\nregistration:\n  reconfirmAfterDays: {reconfirm_after_days}")?;
    } else {
        write!(text, "\n{}", BASELINE.replace("180", &reconfirm_after_days.to_string()))?;
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
