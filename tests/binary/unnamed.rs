//! Nothing about a person is in any output, log or file of a run, but where it is asked for: in the file of `--people`, and
//! in the answer of `why` about the person asked for.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;

use axum::http::Method;
use entra_sandbox::faults::{Action, Fault};
use entra_sandbox::{Faults, Person, World, portal_user};
use tempfile::TempDir;

use crate::formats::{CASES, Case, ONE_OUTPUT};
use crate::harness::{CONTOSO, FABRIKAM, Harness, Run, TestResult};
use crate::made_up_people::{Needles, make_up};

const POLICY: &str = "scope: { users: selected, group: SSPR-Pilot, administrators: true }\nmethods: { required: 1, allowed: [email, mobilePhone] }";
const TEST: &str = "version: 1\npolicy: ../policies/policy.yaml\ndate: 2026-12-01\npeople:\n  new: { persona: newHire }\nexpect:\n  - people: [new]\n    canReset: false\n";
/// 32 bytes of zeros.
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Every command that reads a tenant or what was read of one, in the order in which they are run. The names of formats stand
/// for further results in a file each.
const COMMANDS: [(&[&str], &[&str]); 41] = [
    (&["forecast"], &["markdown", "json", "html"]),
    (&["forecast", "--as-of", "2027-02-02"], &["markdown", "json", "html"]),
    (&["forecast", "--format", "markdown", "--until", "2027-02-01"], &[]),
    (&["forecast", "--by", "group"], &["markdown", "json", "html"]),
    (&["forecast", "--by", "method"], &["markdown", "json", "html"]),
    (&["forecast", "--by", "country"], &["markdown", "json", "html"]),
    (&["plan"], &["markdown", "json", "sarif", "github", "html"]),
    (&["plan", "--impact", "--out", "out/review.json"], &["markdown", "json", "sarif", "github", "html"]),
    (&["plan", "--by", "group"], &["markdown", "json", "html"]),
    (&["plan", "--by", "method", "--format", "markdown"], &["json"]),
    (&["plan", "--by", "country", "--format", "json"], &[]),
    (&["plan", "--impact", "--format", "github", "--as-of", "2027-02-02"], &["json"]),
    (&["report", "out/0.json", "out/7.json"], &[]),
    (&["advise"], &["markdown", "json"]),
    (&["show", "--tenant", CONTOSO, "--registration"], &["markdown", "json", "html"]),
    (&["show", "--tenant", CONTOSO, "--registration", "--format", "json"], &[]),
    (&["test"], &["json", "junit"]),
    (&["validate"], &["markdown", "json", "sarif", "github", "html"]),
    (&["doctor"], &[]),
    (&["doctor", "--format", "markdown"], &[]),
    (&["doctor", "--format", "json"], &[]),
    (&["announce"], &[]),
    (&["announce", "--format", "markdown"], &[]),
    (&["announce", "--format", "html"], &[]),
    (&["announce", "--format", "text"], &[]),
    (&["snapshot", "--out", "out/snapshot.json"], &[]),
    (&["plan", "--against", "out/snapshot.json"], &["json"]),
    (&["import", "--tenant", CONTOSO, "--out", "out/imported.yaml", "--force"], &[]),
    (&["apply", "--plan", "out/review.json", "--auto-approve"], &["markdown", "json", "html"]),
    (&["apply", "--auto-approve"], &["markdown", "json", "html"]),
    (&["sandbox"], &[]),
    (&["drift", "--issues", "out"], &["markdown", "json", "sarif", "github", "html"]),
    (&["history"], &[]),
    (&["history", "--format", "markdown"], &[]),
    (&["history", "--format", "json"], &[]),
    (&["history", "--export", "out/export"], &[]),
    (&["forecast", "--format", "json"], &[]),
    (&["rollback", "latest", "--auto-approve"], &["markdown", "json", "html"]),
    (&["conformance", "--tenant", CONTOSO], &[]),
    (&["conformance", "--tenant", CONTOSO, "--format", "json"], &[]),
    (&["accept"], &[]),
];

/// A harness for a tenant whose people are made up, and the folder of its world.
fn start(tenant: &str, faults: Faults) -> Result<(TempDir, Harness, Needles), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    World::open(folder.path())?;
    let needles = make_up(&folder.path().join(format!("{tenant}.json")))?;
    let world = World::open(folder.path())?;
    let harness = Harness::in_world(world, tenant, POLICY, faults, &Person::Administrator)?;
    fs::create_dir(harness.folder.path().join("tmp"))?;
    fs::write(harness.folder.path().join("ssprctl.yaml"), "version: 1\nlimits:\n  losing: 100%\n")?;
    Ok((folder, harness, needles))
}

/// Runs a command with every log there is, whose temporary files and caches land in the folder that is searched.
fn run(harness: &Harness, arguments: &[&str], log: &str) -> Result<Run, Box<dyn Error>> {
    let folder = harness.folder.path();
    let mut command = harness.command(arguments);
    command.args(["-vv", "--log-format", log]).env("SSPRCTL_LOG", "trace").env("SSPRCTL_CACHE_KEY", KEY);
    for variable in ["TMPDIR", "TMP", "TEMP", "HOME", "XDG_CACHE_HOME"] {
        command.env(variable, folder.join("tmp"));
    }
    harness.finish(&mut command)
}

fn searched(harness: &Harness, needles: &Needles, arguments: &[&str], log: &str) -> Result<Run, Box<dyn Error>> {
    let run = run(harness, arguments, log)?;
    needles.none_in(&format!("{arguments:?}, standard output"), run.stdout.as_bytes())?;
    needles.none_in(&format!("{arguments:?}, standard error"), run.stderr.as_bytes())?;
    needles.none_below(harness.folder.path())?;
    Ok(run)
}

#[test]
fn no_command_names_a_person_unasked() -> TestResult {
    let (_world, harness, needles) = start(CONTOSO, Faults::none())?;
    let folder = harness.folder.path();
    fs::create_dir(folder.join("tests"))?;
    fs::write(folder.join("tests/people.yaml"), TEST)?;
    for (number, (arguments, formats)) in COMMANDS.iter().enumerate() {
        let also: Vec<_> = formats.iter().map(|format| format!("--also={format}=out/{number}.{format}")).collect();
        let arguments: Vec<_> = arguments.iter().copied().chain(also.iter().map(String::as_str)).collect();
        if arguments == ["sandbox"] {
            // Somebody changes a setting, so that the audit log is read.
            portal_user::set(&harness.world, CONTOSO, "methods.allowed", "email")?;
            continue;
        }
        let before = harness.asked_for("userRegistrationDetails");
        let run = searched(&harness, &needles, &arguments, if number % 2 == 0 { "text" } else { "json" })?;
        let reads_people = ["forecast", "advise"].contains(&arguments[0])
            || arguments.contains(&"--impact")
            || arguments.contains(&"--by");
        assert!(
            !reads_people || harness.asked_for("userRegistrationDetails") > before,
            "no people were read: {run:#?}"
        );
        assert!(matches!(run.code, Some(0 | 2)), "{arguments:?} was not run: {run:#?}");
    }
    for folder in ["readiness", "journal"] {
        assert!(harness.state().join(folder).is_dir(), "no {folder} was searched");
    }
    for read in ["transitiveMembers", "directoryAudits"] {
        assert!(harness.was_asked(read), "{read} was not read");
    }
    assert!(needles.none_below(&folder.join("out"))? > 30, "the results are gone");

    // The same search finds people where they are asked for.
    run(&harness, &["forecast", "--people", "list.csv"], "text")?;
    assert!(needles.none_below(folder).is_err(), "nobody is in the list");
    fs::remove_file(folder.join("list.csv"))?;
    needles.none_below(folder)?;
    Ok(())
}

/// A format that is new is searched, too. `why` and the commands to a controller have tests of their own.
#[test]
fn every_format_is_searched() {
    let of_own_tests = |case: &&Case| case.formats == ONE_OUTPUT || ["why", "controller"].contains(&case.arguments[0]);
    for Case { arguments, formats, .. } in CASES.iter().filter(|case| !of_own_tests(case)) {
        for format in *formats {
            let is_searched = |(searched, also): &(&[&str], &[&str])| {
                let given = searched.iter().position(|word| *word == "--format").and_then(|at| searched.get(at + 1));
                searched[0] == arguments[0] && (given.unwrap_or(&"terminal") == format || also.contains(format))
            };
            assert!(COMMANDS.iter().any(is_searched), "{} is not searched as {format}", arguments[0]);
        }
    }
}

/// `why` is about one person, and names no other one; what it prints is in no log and no file.
#[test]
fn why_names_the_person_asked_for_alone() -> TestResult {
    let (_world, harness, needles) = start(CONTOSO, Faults::none())?;
    for format in ["terminal", "json"] {
        let user = format!("zyx.quovadia12@{CONTOSO}");
        let run = run(&harness, &["why", &user, "--tenant", CONTOSO, "--format", format], "json")?;
        assert!(run.code == Some(0) && needles.found(run.stdout.as_bytes()).is_some(), "{run:#?}");
        needles.none_in("the log of why", run.stderr.as_bytes())?;
        needles.none_below(harness.folder.path())?;
        let own = run.stdout.to_lowercase();
        let each = |begin: &str, length: usize| -> BTreeSet<String> {
            let found = own.match_indices(begin).filter_map(|(at, _)| own.get(at..at + length));
            found.map(str::to_owned).collect()
        };
        let named = [each("quovadia", 11), each("-0ac0-4000-8000-", 28), each("-0ac1-4000-8000-", 28)];
        let own_names = ["quovadia 12", "quovadia12@"].map(str::to_owned);
        assert!(named[0].iter().all(|name| own_names.contains(name)), "{named:?}: {run:#?}");
        assert!(named[1].len() <= 1 && named[2].is_empty(), "{named:?}: {run:#?}");
    }
    Ok(())
}

/// What a stopped reading leaves for `--resume` is encrypted, and gone once it was resumed.
#[test]
fn a_stopped_reading_names_nobody() -> TestResult {
    let refused = Fault::on(Method::GET, "userRegistrationDetails", Action::status(403)).nth(6);
    let (_world, harness, needles) = start(FABRIKAM, Faults::none().and(refused))?;
    let stopped = searched(&harness, &needles, &["forecast", "--until", "2027-02-01"], "text")?;
    assert!(stopped.stderr.contains("users of the registration report were read"), "{stopped:#?}");
    assert!(harness.state().join("readings").is_dir(), "{stopped:#?}");
    let resumed = searched(&harness, &needles, &["forecast", "--until", "2027-02-01", "--resume"], "json")?;
    assert!(resumed.stdout.contains("Forecast:"), "{resumed:#?}");
    Ok(())
}
