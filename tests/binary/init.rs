//! `init` at a terminal, which asks for what the options do not give. `script` of util-linux makes a terminal.

use std::fs;
use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::TestResult;

/// Types an answer after each question; gives the exit code and what was on the screen.
fn answer(
    folder: &Path,
    options: &str,
    answers: &[(&str, &str)],
) -> Result<(Option<i32>, String), Box<dyn std::error::Error>> {
    let mut command = Command::new("script");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SSPRCTL_")) {
        command.env_remove(name);
    }
    let line = format!("{} init {options}", env!("CARGO_BIN_EXE_ssprctl"));
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(folder).env("NO_COLOR", "1");
    let mut terminal = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (mut input, output) = terminal.stdin.take().zip(terminal.stdout.take()).ok_or("a terminal without ends")?;
    let (mut screen, mut next) = (Vec::new(), answers.iter().peekable());
    for byte in BufReader::new(output).bytes() {
        screen.push(byte?);
        if let Some((_, keys)) = next.next_if(|(question, _)| screen.ends_with(question.as_bytes())) {
            input.write_all(keys.as_bytes())?;
            input.flush()?;
        }
    }
    let screen = String::from_utf8(screen)?;
    assert_eq!(next.next(), None, "not asked: {screen}");
    Ok((terminal.wait()?.code(), screen))
}

const TENANT: &str = "The tenant, by its domain or id [contoso.onmicrosoft.com]:";
const PIPELINES: &str = "The pipelines: github, gitlab, azure-devops or none [github]:";
const ACTION: &str = "as OWNER/NAME@COMMIT [none]:";
const REPOSITORY: &str = "for example contoso/policies [none]:";
const REVIEWERS: &str = "for example @contoso/identity [none]:";
const PORTAL: &str = "yes or no [yes]:";

#[test]
fn what_is_not_given_is_asked_for() -> TestResult {
    let folder = tempfile::tempdir()?;
    let answers = [
        (TENANT, "a b\n"),
        ("error: `a b` is neither a domain nor the id of a tenant\r\n", ""),
        (TENANT, "fabrikam\n"),
        ("error: `fabrikam` is neither a domain nor the id of a tenant\r\n", ""),
        (TENANT, "fabrikam.com\n"),
        (PIPELINES, "\n"),
        (ACTION, "\n"),
        (REPOSITORY, "fabrikam/policies\n"),
        (REVIEWERS, "@fabrikam/identity, @bob\n"),
        (PORTAL, "no\n"),
    ];
    let (code, screen) = answer(folder.path(), "there", &answers)?;
    assert_eq!(code, Some(0), "{screen}");
    let file = |path: &str| fs::read_to_string(folder.path().join("there").join(path));
    assert!(file("policies/fabrikam.yaml")?.contains("tenant: fabrikam.com\n"));
    assert!(file(".github/CODEOWNERS")?.ends_with("* @fabrikam/identity @bob\n"));
    let setup = file("setup")?;
    assert!(setup.contains("\nREPOSITORY='fabrikam/policies'\n") && setup.contains("\nSURFACES='graph'\n"), "{setup}");
    assert!(file(".github/workflows/plan.yml")?.contains("      arguments: --surfaces=graph\n"));
    Ok(())
}

#[test]
fn what_is_given_is_not_asked_for() -> TestResult {
    let folder = tempfile::tempdir()?;
    let given = "there --tenant fabrikam.com --ci gitlab --repository fabrikam/policies --reviewer @bob";
    let (code, screen) = answer(folder.path(), given, &[(PORTAL, "yes\n")])?;
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(screen.matches("]:").count(), 1, "{screen}");
    let (code, screen) = answer(folder.path(), "silent --no-input", &[])?;
    assert_eq!((code, screen.matches("]:").count()), (Some(0), 0), "{screen}");
    Ok(())
}

#[test]
fn the_end_of_the_input_writes_nothing() -> TestResult {
    let folder = tempfile::tempdir()?;
    let (code, screen) = answer(folder.path(), "there", &[(TENANT, "\x04")])?;
    assert_eq!(code, Some(1), "{screen}");
    assert!(screen.contains("the questions were not answered; nothing was written"), "{screen}");
    assert!(screen.contains("hint: answer by options: --tenant"), "{screen}");
    assert!(!folder.path().join("there").exists());
    Ok(())
}

/// The paths of the next steps are those of the folder, and nothing writes over a policy that is no longer the example.
#[test]
fn the_next_steps_fit_what_is_there() -> TestResult {
    let folder = tempfile::tempdir()?;
    let init = |folder: &Path, into: &str| -> Result<String, Box<dyn std::error::Error>> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
        command.args(["init", into, "--no-input", "--ci", "none"]).current_dir(folder).env_remove("SSPRCTL_STATE");
        Ok(String::from_utf8(command.output()?.stderr)?)
    };
    let import = "`ssprctl import --tenant contoso.onmicrosoft.com --out policies/contoso.yaml --force`";
    let said = init(folder.path(), "my-policies")?;
    assert!(said.contains(&format!("next: `cd my-policies`; {import}")), "{said}");
    let inside = folder.path().join("my-policies");
    let said = init(&inside, ".")?;
    assert!(said.contains(&format!("next: {import}")), "the policy is still the example: {said}");
    let policy = inside.join("policies/contoso.yaml");
    fs::write(&policy, "version: 1\ntenant: contoso.onmicrosoft.com\nmethods: { required: 2 }\n")?;
    let said = init(&inside, ".")?;
    assert!(said.contains("nothing was written") && !said.contains("next: "), "{said}");
    Ok(())
}

/// Links that lead nowhere or out of the repository, and files where folders are to be: nothing is written then.
#[test]
fn what_cannot_have_its_place_is_refused_before_anything_is_written() -> TestResult {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir()?;
    let cases: [(&str, &str, &str); 6] = [
        ("README.md", "nowhere", "README.md is a symbolic link that leads nowhere"),
        (".github", "nowhere", ".github is a symbolic link that leads nowhere"),
        (".github/workflows", "../nowhere", ".github/workflows is a symbolic link that leads nowhere"),
        ("schemas", "nowhere", "schemas is a symbolic link that leads nowhere"),
        ("schemas", "OUTSIDE", "it is a symbolic link that leads out of the repository"),
        ("policies", "FILE", "policies is not a folder"),
    ];
    for (path, target, why) in cases {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join(".git"))?;
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().ok_or("no folder")?)?;
        match target {
            "FILE" => fs::write(&place, "")?,
            "OUTSIDE" => symlink(outside.path(), &place)?,
            target => symlink(target, &place)?,
        }
        let before = files(folder.path())?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
        command.args(["init", "--no-input"]).current_dir(folder.path()).env_remove("SSPRCTL_STATE");
        let run = command.output()?;
        let said = String::from_utf8(run.stderr)?;
        assert_eq!((run.status.code(), run.stdout.as_slice()), (Some(1), &b""[..]), "{said}");
        assert!(said.contains(why) && said.contains("; nothing was written\n  hint: "), "{why}: {said}");
        assert_eq!(files(folder.path())?, before, "{why}");
        assert_eq!(fs::read_dir(outside.path())?.count(), 0);
    }
    Ok(())
}

/// The paths of everything below a folder.
fn files(folder: &Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.symlink_metadata()?.is_dir() {
            found.extend(files(&path)?);
        }
        found.push(path);
    }
    found.sort();
    Ok(found)
}

/// Nobody is asked without a terminal, so the options that would choose are named, those that are given or of no use apart.
#[test]
fn without_a_terminal_the_options_that_choose_are_named() -> TestResult {
    let begin = "note: no terminal to ask at, so defaults are taken; to choose, give ";
    let all = "--tenant, --ci, --action, --repository, --reviewer, --portal\n";
    let cases: [(&[&str], Option<&str>); 4] = [
        (&["init"], Some(all)),
        (&["init", "--tenant", "fabrikam.com", "--ci", "none"], Some("--portal\n")),
        (&["init", "--tenant", "fabrikam.com", "--ci", "none", "--portal", "true"], None),
        (&["init", "--no-input"], None),
    ];
    for (arguments, options) in cases {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_ssprctl"));
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SSPRCTL_")) {
            command.env_remove(name);
        }
        let run = command.args(arguments).current_dir(folder.path()).stdin(Stdio::null()).output()?;
        let said = String::from_utf8(run.stderr)?;
        assert_eq!(run.status.code(), Some(0), "{said}");
        let expected = options.map(|options| format!("{begin}{options}"));
        assert!(expected.as_ref().is_none_or(|line| said.starts_with(line)), "{arguments:?}: {said}");
        assert_eq!(said.contains("no terminal"), options.is_some(), "{arguments:?}: {said}");
    }
    Ok(())
}
