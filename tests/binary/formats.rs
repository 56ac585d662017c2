//! Which formats each command has, wherever they are given: before the command, after it, or in a variable.

use std::collections::BTreeSet;
use std::process::Command;

use ssprctl::testing::cli::dispatch::command_line;
use tempfile::TempDir;

use crate::harness::TestResult;

const FORMATS: [&str; 8] = ["terminal", "markdown", "json", "sarif", "github", "html", "text", "junit"];
const PAGES: &[&str] = &["terminal", "markdown", "json", "sarif", "github", "html"];
const REPORTS: &[&str] = &["terminal", "markdown", "json", "html"];
const TABLES: &[&str] = &["terminal", "markdown", "json"];
const MAIL: &[&str] = &["terminal", "markdown", "html", "text"];
/// Commands with one output ignore the option and its variable.
pub(crate) const ONE_OUTPUT: &[&str] = &FORMATS;

/// One command, run so that it ends at once in an empty folder.
pub(crate) struct Case {
    pub(crate) arguments: &'static [&'static str],
    pub(crate) formats: &'static [&'static str],
    has_also: bool,
}

const fn case(arguments: &'static [&'static str], formats: &'static [&'static str], has_also: bool) -> Case {
    Case { arguments, formats, has_also }
}

pub(crate) const CASES: &[Case] = &[
    case(&["validate"], PAGES, true),
    case(&["plan"], PAGES, true),
    case(&["drift"], PAGES, true),
    case(&["apply"], REPORTS, true),
    case(&["rollback", "latest"], REPORTS, true),
    case(&["show"], REPORTS, true),
    case(&["forecast"], REPORTS, true),
    case(&["why", "alice@contoso.com"], &["terminal", "json"], false),
    case(&["test"], &["terminal", "json", "junit"], true),
    case(&["advise"], TABLES, true),
    case(&["doctor"], TABLES, false),
    case(&["conformance"], &["terminal", "json"], false),
    case(&["history"], TABLES, false),
    case(&["announce"], MAIL, false),
    case(&["accept"], ONE_OUTPUT, false),
    case(&["controller", "--state", "state.json"], ONE_OUTPUT, false),
    case(&["controller", "status"], &["terminal", "json"], false),
    case(&["controller", "tenants"], &["terminal", "json"], false),
    case(&["controller", "suspend", "--all"], &["terminal", "json"], false),
    case(&["controller", "resume", "--all"], &["terminal", "json"], false),
    case(&["controller", "reconcile"], &["terminal", "json"], false),
    case(&["controller", "logs"], &["terminal", "json"], false),
    case(&["report", "result.json"], ONE_OUTPUT, false),
    case(&["import"], ONE_OUTPUT, false),
    case(&["snapshot", "--out", "snapshot.json"], ONE_OUTPUT, false),
    case(&["init"], ONE_OUTPUT, false),
    case(&["login"], ONE_OUTPUT, false),
    case(&["logout"], ONE_OUTPUT, false),
    case(&["explain", "scope.users"], ONE_OUTPUT, false),
    case(&["sandbox", "show"], ONE_OUTPUT, false),
    case(&["schema", "policy"], ONE_OUTPUT, false),
    case(&["completions", "bash"], ONE_OUTPUT, false),
    case(&["man"], ONE_OUTPUT, false),
];

/// Runs the program in an empty folder with no environment, and returns its exit code and what it wrote to standard error.
fn run(folder: &TempDir, arguments: &[&str], variable: Option<(&str, &str)>) -> std::io::Result<(Option<i32>, String)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
    command.env_clear().env("XDG_STATE_HOME", folder.path()).envs(variable).args(arguments).current_dir(folder.path());
    let output = command.output()?;
    Ok((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// Checks that a format is accepted, or that it is refused and the others are listed.
fn check(place: &str, (code, stderr): &(Option<i32>, String), option: &str, format: &str, formats: &[&str]) {
    if formats.contains(&format) {
        assert!(!stderr.contains("invalid value"), "{place} with {format}: {stderr}");
        return;
    }
    let refusal =
        format!("error: invalid value '{format}' for '{option}'\n  [possible values: {}]\n", formats.join(", "));
    assert_eq!(*code, Some(1), "{place} with {format}: {stderr}");
    assert!(stderr.starts_with(&refusal), "{place} with {format}: {stderr}");
}

#[test]
fn every_command_is_here() {
    let known: BTreeSet<&str> = CASES.iter().map(|case| case.arguments[0]).collect();
    let program = command_line();
    let commands: BTreeSet<&str> = program.get_subcommands().map(clap::Command::get_name).collect();
    assert_eq!(known, commands);
}

#[test]
fn a_command_has_its_own_formats_wherever_they_are_given() -> TestResult {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("state.json"), "a file where the controller wants a folder")?;
    for Case { arguments, formats, .. } in CASES {
        for format in FORMATS {
            let places = [
                ("before", [&["--format", format], *arguments].concat(), None),
                ("after", [*arguments, &["--format", format]].concat(), None),
                ("variable", arguments.to_vec(), Some(("SSPRCTL_FORMAT", format))),
            ];
            for (place, arguments, variable) in places {
                let ended = run(&folder, &arguments, variable)?;
                check(&format!("{place} {arguments:?}"), &ended, "--format <FORMAT>", format, formats);
            }
        }
    }
    Ok(())
}

#[test]
fn further_formats_are_those_of_the_command_too() -> TestResult {
    let folder = tempfile::tempdir()?;
    for Case { arguments, formats, .. } in CASES.iter().filter(|case| case.has_also) {
        for format in FORMATS {
            let also = format!("{format}=result");
            let places = [
                ("before", [&["--also", &also], *arguments].concat(), None),
                ("after", [*arguments, &["--also", &also]].concat(), None),
                ("variable", arguments.to_vec(), Some(("SSPRCTL_ALSO", also.as_str()))),
            ];
            for (place, arguments, variable) in places {
                let ended = run(&folder, &arguments, variable)?;
                check(&format!("{place} {arguments:?}"), &ended, "--also <FORMAT=FILE>", format, formats);
            }
        }
    }
    for Case { arguments, .. } in CASES.iter().filter(|case| !case.has_also) {
        let (code, stderr) = run(&folder, &[*arguments, &["--also", "json=result"]].concat(), None)?;
        assert_eq!(code, Some(1), "{arguments:?}: {stderr}");
    }
    Ok(())
}

/// A variable is for all commands of a job, so it may hold what this one does not have.
#[test]
fn an_option_comes_before_the_variable() -> TestResult {
    let folder = tempfile::tempdir()?;
    for arguments in [["--format", "json", "validate"], ["validate", "--format", "json"]] {
        let (code, stderr) = run(&folder, &arguments, Some(("SSPRCTL_FORMAT", "html")))?;
        assert_eq!((code, stderr.as_str()), (Some(3), ""), "{arguments:?}");
    }
    Ok(())
}

#[test]
fn help_lists_the_formats_of_the_command() -> TestResult {
    let program = command_line();
    for Case { arguments, formats, .. } in CASES.iter().filter(|case| case.formats != ONE_OUTPUT) {
        let command = program.find_subcommand(arguments[0]).ok_or(arguments[0])?;
        let below = arguments.get(1).and_then(|name| command.find_subcommand(name));
        let command = below.unwrap_or(command);
        let option = command.get_arguments().find(|option| option.get_id() == "format").ok_or(arguments[0])?;
        let listed: Vec<_> = option.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        assert_eq!(listed, *formats, "{}", arguments[0]);
    }
    Ok(())
}
