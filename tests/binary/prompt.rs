//! At a terminal. `script` of util-linux makes one.

use std::io::{BufReader, Read, Write};
use std::process::{Command, Stdio};

use entra_sandbox::Faults;

use crate::harness::{Harness, TestResult};

const QUESTION: &str = "Type `yes` to apply; any other answer cancels:";

/// Types `keys` when asked this; gives the exit code and what was on the screen.
fn answer(
    harness: &Harness,
    (arguments, question): (&str, &str),
    keys: &[u8],
) -> Result<(Option<i32>, String), Box<dyn std::error::Error>> {
    let mut command = Command::new("script");
    harness.prepare(&mut command);
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_ssprctl"));
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    let mut terminal = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (mut input, output) = terminal.stdin.take().zip(terminal.stdout.take()).ok_or("a terminal without ends")?;
    let mut screen = Vec::new();
    let mut asked = false;
    for byte in BufReader::new(output).bytes() {
        screen.push(byte?);
        if !asked && screen.ends_with(question.as_bytes()) {
            asked = true;
            input.write_all(keys)?;
            input.flush()?;
        }
    }
    let screen = String::from_utf8(screen)?;
    assert!(asked, "nothing was asked: {screen}");
    Ok((terminal.wait()?.code(), screen))
}

/// A person answers; the run ends with `code` after that many writes, and says this.
fn ends(keys: &[u8], code: i32, writes: usize, says: &str) -> TestResult {
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    let (ended, screen) = answer(&harness, ("apply", QUESTION), keys)?;
    assert_eq!((ended, harness.writes()), (Some(code), writes), "{screen}");
    let plan = screen.find("1 to change").ok_or("the plan was not shown")?;
    assert!(screen.find("Apply this to 1 of 1 tenant?").is_some_and(|question| plan < question), "{screen}");
    assert!(screen.contains(says), "{screen}");
    Ok(())
}

#[test]
fn yes_applies() -> TestResult {
    ends(b"yes\n", 0, 1, "Applied: 1 changed, 1 verified, in 1 requests.")
}

#[test]
fn nothing_else_does() -> TestResult {
    for keys in [&b"y\n"[..], b"YES\n", b"\n", b"\x04"] {
        ends(keys, 4, 0, "not approved; nothing was sent")?;
    }
    Ok(())
}

#[test]
fn an_interrupt_at_the_question_ends_the_run_at_once() -> TestResult {
    ends(b"\x03", 130, 0, "stopped before anything was sent")
}

/// The writes of `conformance` take the name of the tenant.
#[test]
fn only_the_name_of_the_tenant_lets_conformance_write() -> TestResult {
    const QUESTION: &str = "Type the name of the tenant if nobody depends on it; any other answer cancels:";
    const ARGUMENTS: &str = "conformance --tenant contoso.onmicrosoft.com --write --verify-timeout 300ms";
    for (keys, code, says) in [
        (&b"contoso.onmicrosoft.com\n"[..], 0, "everything is as it was."),
        (b"yes\n", 4, "the name of the tenant was not typed; nothing was written"),
        (b"\x03", 130, "stopped before anything was sent"),
    ] {
        let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
        std::fs::remove_file(harness.folder.path().join("policies/policy.yaml"))?;
        let (ended, screen) = answer(&harness, (ARGUMENTS, QUESTION), keys)?;
        assert_eq!((ended, harness.writes() > 0), (Some(code), code == 0), "{screen}");
        assert!(screen.contains(says), "{screen}");
    }
    Ok(())
}
