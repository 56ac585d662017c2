//! Options and the variables that set them.

use std::fs;

use entra_sandbox::Faults;
use ssprctl::testing::base::exit::Exit;

use crate::harness::{CONTOSO, Harness, TestResult};

const CHANGE: &str = "notifications: { administrators: true }";

#[test]
fn a_switch_is_read_from_its_variable_in_the_usual_words() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    for (value, code) in [("1", 2), ("true", 2), ("YES", 2), ("0", 0), ("false", 0), ("no", 0), ("", 0), ("perhaps", 1)]
    {
        let run = harness.finish(harness.command(&["plan"]).env("SSPRCTL_DETAILED_EXITCODE", value))?;
        assert_eq!(run.code, Some(code), "`{value}`: {run:#?}");
    }
    Ok(())
}

/// Pipelines set variables to nothing where an input was not given.
#[test]
fn an_empty_variable_is_no_variable() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let mut command = harness.command(&["apply", "--auto-approve"]);
    for option in [
        "SANDBOX",
        "FORMAT",
        "OUTPUT",
        "TENANT",
        "TIMEOUT",
        "PARALLEL",
        "VERBOSE",
        "LOG_FORMAT",
        "COLOR",
        "NO_INPUT",
        "PATH",
        "AUTO_APPROVE",
        "VERIFY_TIMEOUT",
        "VERIFY_READS",
        "ON_FAILURE",
        "JOURNAL",
        "LOCK_TIMEOUT",
        "LOG",
    ] {
        command.env(format!("SSPRCTL_{option}"), "");
    }
    let run = harness.finish(&mut command)?;
    assert_eq!((run.code, run.stderr.lines().count(), harness.writes()), (Some(0), 1, 1), "{run:#?}");
    assert!(run.stderr.starts_with("run "), "{run:#?}");
    Ok(())
}

#[test]
fn an_empty_variable_approves_nothing() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let run = harness.finish(harness.command(&["apply"]).env("SSPRCTL_AUTO_APPROVE", ""))?;
    assert_eq!((run.code, harness.writes()), (Some(4), 0), "{run:#?}");
    Ok(())
}

#[test]
fn a_duration_has_a_unit_and_is_not_negative() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    for wrong in ["5", "-5s", "5 apples", "99999999999999999999h"] {
        let run = harness.run(&["plan", &format!("--timeout={wrong}")])?;
        assert_eq!(run.code, Some(1), "{run:#?}");
        assert!(run.stderr.contains("write a number and its unit, for example 90s, 5m or 1h30m"), "{run:#?}");
    }
    for right in ["90s", "5m", "1h30m", "87600h"] {
        assert_eq!(harness.run(&["plan", "--timeout", right])?.code, Some(0), "{right}");
    }
    Ok(())
}

#[test]
fn a_pattern_that_fits_no_tenant_is_a_mistake() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    for command in ["validate", "plan", "apply", "drift"] {
        let run = harness.run(&[command, "--tenant", "fabrikam*"])?;
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:#?}");
        assert!(run.stderr.contains("no policy is for a tenant that matches `fabrikam*`"), "{run:#?}");
        assert_eq!(harness.run(&[command, "--tenant", "fabrikam*", "nowhere"])?.code, Some(3));
    }
    assert_eq!(harness.run(&["validate", "--tenant", "contoso*"])?.code, Some(0));
    Ok(())
}

#[test]
fn tenants_are_matched_in_any_case() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    for pattern in ["CONTOSO.onmicrosoft.com", "Contoso*", "[C]ontoso.OnMicrosoft.com"] {
        let run = harness.run(&["plan", "--tenant", pattern])?;
        assert_eq!(run.code, Some(0), "{pattern}: {run:#?}");
    }
    Ok(())
}

#[test]
fn one_tenant_is_named_not_matched() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    for command in ["show", "import"] {
        let run = harness.run(&[command, "--tenant", "contoso*"])?;
        assert_eq!(run.code, Some(1));
        assert!(run.stderr.contains("`contoso*` is a pattern, and this takes one tenant"), "{run:#?}");
    }
    Ok(())
}

#[test]
fn an_import_overwrites_nothing_unasked() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let file = harness.folder.path().join("policies/policy.yaml");
    let before = std::fs::read_to_string(&file)?;
    for option in ["--out", "--output"] {
        let arguments = ["import", "--tenant", CONTOSO, option, "policies/policy.yaml"];
        let run = harness.run(&arguments)?;
        assert_eq!(run.code, Some(1), "{run:#?}");
        assert!(run.stderr.contains("hint: pass --force to edit it"), "{run:#?}");
        assert_eq!(std::fs::read_to_string(&file)?, before);
    }
    let run = harness.run(&["import", "--tenant", CONTOSO, "--output", "policies/policy.yaml", "--force"])?;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:#?}");
    assert_eq!(harness.run(&["plan", "--detailed-exitcode"])?.code, Some(0), "what was imported is in force");
    Ok(())
}

/// What the repository makes an error, an imported policy would break: it is left out.
#[test]
fn an_import_reads_the_levels_of_rules() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let import = ["import", "--tenant", CONTOSO];
    let run = harness.run(&import)?;
    assert!(run.code == Some(0) && run.stdout.contains("\n  required: 1\n"), "{run:#?}");
    fs::create_dir(harness.folder.path().join(".git"))?;
    fs::write(harness.folder.path().join("ssprctl.yaml"), "version: 1\nrules: { one-method-required: error }\n")?;
    let run = harness.run(&import)?;
    assert!(run.code == Some(0) && !run.stdout.contains("\n  required: 1\n"), "{run:#?}");
    assert!(run.stderr.contains("one lost phone or mailbox is enough"), "{run:#?}");
    fs::write(harness.folder.path().join("ssprctl.yaml"), "version: 1\nrules: { none: error }\n")?;
    assert_eq!(harness.run(&import)?.code, Some(3));
    Ok(())
}

/// The help is what people at a terminal have: every code that a run can end with is in it.
#[test]
fn the_help_names_every_exit_code() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let help = harness.run(&["--help"])?.stdout;
    let codes = help.split("Exit codes:").nth(1).ok_or("the help has no exit codes")?;
    let report: Vec<u8> = codes.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert_eq!(report, Exit::ALL.map(Exit::code), "{codes}");
    Ok(())
}

/// Azure Pipelines leaves `$(name)` as it is where no variable has that name.
#[test]
fn a_variable_that_a_pipeline_did_not_expand_is_named() -> TestResult {
    let harness = Harness::with("scope: { administrators: true }", Faults::none())?;
    for name in ["AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "SSPRCTL_REFRESH_TOKEN", "SSPRCTL_GRAPH_URL"] {
        let run = harness.finish(harness.command(&["plan"]).env(name, "$(sspr.secret)"))?;
        assert_eq!((run.code, run.stdout.as_str()), (Some(1), ""), "{run:#?}");
        let message = format!("the pipeline did not expand a variable: {name} holds $(sspr.secret)");
        assert!(run.stderr.contains(&message) && run.stderr.contains("`env:` of that step"), "{run:#?}");
    }
    assert!(!harness.was_asked(""), "nothing is sent");
    let run = harness.finish(harness.command(&["validate"]).env("AZURE_CLIENT_SECRET", "$(sspr.secret)"))?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    Ok(())
}

/// `--policy` of a command that needs one policy: an invalid one is no other failure, and is listed by `validate`.
#[test]
fn an_invalid_policy_ends_with_its_own_code() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    std::fs::write(
        harness.folder.path().join("wrong.yaml"),
        "version: 1\ntenant: contoso.onmicrosoft.com\nmethod: {}\n",
    )?;
    let run = harness.run(&["show", "--tenant", CONTOSO, "--policy", "wrong.yaml"])?;
    assert_eq!(run.code, Some(3), "{run:#?}");
    assert!(run.stderr.contains("`ssprctl validate` lists its problems"), "{run:#?}");
    Ok(())
}

/// `--full` is an option of the commands that show several tenants; of others it is an error, and its variable is not read.
#[test]
fn only_commands_that_show_fleets_name_every_tenant() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    for (arguments, is_known) in [
        (["plan", "--full", "nowhere.yaml"], true),
        (["drift", "--full", "nowhere.yaml"], true),
        (["apply", "--full", "nowhere.yaml"], true),
        (["rollback", "--full", "latest"], true),
        (["controller", "--full", "--git=nowhere"], false),
        (["validate", "--full", "nowhere.yaml"], true),
    ] {
        let run = harness.run(&arguments)?;
        assert_eq!(!run.stderr.contains("unexpected argument '--full'"), is_known, "{arguments:?}: {run:#?}");
        assert!(is_known || run.code == Some(1), "{arguments:?}: {run:#?}");
    }
    let run = harness.finish(harness.command(&["schema", "plan"]).env("SSPRCTL_FULL", "perhaps"))?;
    assert_eq!(run.code, Some(0), "{run:#?}");
    Ok(())
}
