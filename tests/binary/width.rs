//! How lines fit a terminal, which `script` of util-linux makes. What each command looks like is in `tests/screens`.

use std::process::{Command, Stdio};

use entra_sandbox::Faults;

use crate::harness::{Harness, TestResult};

/// A policy with long lines, a finding with a frame, and a long sentence.
const POLICY: &str = "scope: { users: selected, group: SSPR-Pilot }\n\
                      methods: { required: 2, allowed: [mobileAppNotification, mobileAppCode, email, mobilePhone, officePhone] }\n\
                      helpdesk: { link: 'https://help.contoso.com/a/very/long/way/to/the/page/about/passwords' }";

/// What is on a terminal of so many columns, by its own size or by the variable.
fn screen(
    harness: &Harness,
    arguments: &str,
    columns: usize,
    variable: &str,
) -> Result<String, Box<dyn std::error::Error>> {
    let program = env!("CARGO_BIN_EXE_ssprctl");
    let line = format!("stty rows 50 cols {columns}; {variable} {program} {arguments}");
    let mut command = Command::new("script");
    harness.prepare(&mut command);
    command.env_remove("COLUMNS").args(["--quiet", "--return", "--command", &line, "/dev/null"]).stdin(Stdio::null());
    Ok(harness.finish(&mut command)?.stdout.replace('\r', ""))
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Longer lines than that are one word, and source code, of which a piece is shown.
fn check(screen: &str, columns: usize) {
    for line in screen.lines().filter(|line| line.chars().count() > columns) {
        assert_eq!(words(line).len(), 1, "{line}\n{screen}");
    }
}

#[test]
fn lines_fit_the_terminal_and_a_pipe_gets_them_whole() -> TestResult {
    let harness = Harness::with(POLICY, Faults::none())?;
    let piped = harness.run(&["plan"])?.stdout;
    assert!(piped.lines().any(|line| line.chars().count() > 120), "{piped}");
    for (columns, stty, variable) in [(60, 60, ""), (100, 100, ""), (60, 200, "COLUMNS=60")] {
        let screen = screen(&harness, "plan", stty, variable)?;
        check(&screen, columns);
        assert!(screen.lines().any(|line| line.chars().count() > columns / 2), "{screen}");
        let source = |text: &str| text.lines().filter(|line| !line.contains(" |")).collect::<Vec<_>>().join("\n");
        assert_eq!(words(&source(&screen)), words(&source(&piped)));
        assert!(screen.contains("https://help.contoso.com/a/very/long/way/to/the/page/about/passwords"), "{screen}");
    }
    let narrow = harness.command(&["plan"]).env("COLUMNS", "60").output()?;
    assert_eq!(String::from_utf8(narrow.stdout)?, piped);
    Ok(())
}

/// A mail fits as everything for people does; one that goes on to a file or a program is as it was written.
#[test]
fn a_mail_fits_the_terminal() -> TestResult {
    let harness = Harness::with(POLICY, Faults::none())?;
    let piped = harness.run(&["announce"])?.stdout;
    assert!(piped.lines().any(|line| line.chars().count() > 80), "{piped}");
    let screen = screen(&harness, "announce", 60, "")?;
    check(&screen, 60);
    assert_eq!(words(&screen), words(&piped));
    Ok(())
}

#[test]
fn documents_are_left_alone_at_a_terminal_too() -> TestResult {
    let harness = Harness::with(POLICY, Faults::none())?;
    for format in ["markdown", "sarif"] {
        let piped = harness.run(&["validate", "--format", format])?.stdout;
        assert_eq!(screen(&harness, &format!("validate --format {format}"), 60, "")?, piped);
    }
    Ok(())
}

#[test]
fn errors_fit_the_terminal() -> TestResult {
    let harness = Harness::with("methods: { required: 3 }", Faults::none())?;
    let screen = screen(&harness, "why", 50, "")?;
    check(&screen, 50);
    let screen = self::screen(&harness, "plan --snapshot nowhere", 50, "")?;
    check(&screen, 50);
    let screen = self::screen(&harness, "explain methods.alowed", 50, "")?;
    assert!(screen.starts_with("error: no setting, key, code, word or term is\n  "), "{screen}");
    Ok(())
}
