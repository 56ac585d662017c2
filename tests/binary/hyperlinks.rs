//! Links at a terminal that follows them, and nowhere else. `script` of util-linux makes the terminal.

use std::error::Error;
use std::fs;
use std::process::Command;

use entra_sandbox::Faults;

use crate::harness::{Harness, TestResult};

const LINK: &str = "\u{1b}]8;;";
/// The variables by which terminals and pipelines say what they are.
const KNOWN: [&str; 16] = [
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "COLUMNS",
    "DOMTERM",
    "FORCE_HYPERLINK",
    "KONSOLE_VERSION",
    "NO_COLOR",
    "SSH_CONNECTION",
    "SSH_TTY",
    "TERM_PROGRAM",
    "TF_BUILD",
    "TMUX",
    "VTE_VERSION",
    "WT_SESSION",
];

/// What a terminal gets from the program, with these variables.
fn terminal(harness: &Harness, arguments: &str, variables: &[(&str, &str)]) -> Result<String, Box<dyn Error>> {
    let mut command = Command::new("script");
    harness.prepare(&mut command);
    for name in KNOWN {
        command.env_remove(name);
    }
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_ssprctl"));
    command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    command.env("TERM", "xterm-256color").env("VTE_VERSION", "7600").envs(variables.iter().copied());
    Ok(harness.finish(&mut command)?.stdout)
}

/// The addresses of the links of a text, in which nothing else begins with such a sequence.
fn addresses(text: &str) -> Result<Vec<&str>, Box<dyn Error>> {
    let parts = text.split(LINK).skip(1);
    let addresses = parts.map(|part| part.split_once("\u{1b}\\").map(|(address, _)| address).ok_or("an open link"));
    Ok(addresses.collect::<Result<Vec<_>, _>>()?)
}

#[test]
fn places_are_links_to_their_files() -> TestResult {
    let harness = Harness::with("methods: { required: 3 }", Faults::none())?;
    let folder = harness.folder.path().canonicalize()?;
    let file = format!("file://{}/policies/policy.yaml", folder.display());
    let text = terminal(&harness, "validate", &[])?;
    assert!(text.contains(&format!("{LINK}{file}\u{1b}\\policies/policy.yaml:3:22{LINK}\u{1b}\\")), "{text:?}");
    assert_eq!(addresses(&text)?, [&file, ""]);
    let harness = Harness::with("notifications: { administrators: true }", Faults::none())?;
    let text = terminal(&harness, "plan", &[])?;
    assert_eq!(addresses(&text)?.iter().filter(|address| address.ends_with("/policies/policy.yaml")).count(), 2);
    Ok(())
}

#[test]
fn there_are_none_where_they_do_not_belong() -> TestResult {
    let harness = Harness::with("methods: { required: 3 }", Faults::none())?;
    for variable in [
        ("NO_COLOR", "1"),
        ("TERM", "dumb"),
        ("CI", "true"),
        ("TF_BUILD", "True"),
        ("VTE_VERSION", "4000"),
        ("FORCE_HYPERLINK", "0"),
        ("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22"),
        ("SSPRCTL_COLOR", "never"),
        ("SSPRCTL_FORMAT", "json"),
        ("SSPRCTL_FORMAT", "markdown"),
        ("SSPRCTL_FORMAT", "html"),
        ("SSPRCTL_FORMAT", "github"),
        ("SSPRCTL_OUTPUT", "result.txt"),
    ] {
        let text = terminal(&harness, "validate", &[variable])?;
        assert!(!text.contains(LINK), "{variable:?}: {text:?}");
    }
    assert!(!fs::read_to_string(harness.folder.path().join("result.txt"))?.contains('\u{1b}'));
    // Who asks for colours in a pipe does not get links.
    let mut command = harness.command(&["validate", "--color", "always"]);
    let run = harness.finish(command.env_remove("NO_COLOR").env_remove("CI").env("FORCE_HYPERLINK", "1"))?;
    assert!(run.stdout.contains("\u{1b}[1m") && !run.stdout.contains(LINK), "{run:#?}");
    Ok(())
}

/// Names of files and what tenants and policies say come into no address but as they are, and end none.
#[test]
fn nothing_hostile_comes_into_an_address() -> TestResult {
    let harness = Harness::with("methods: { required: 3 }", Faults::none())?;
    let folder = harness.folder.path().canonicalize()?.join("policies");
    let hostile = [
        "a\u{1b}\\\u{1b}]8;;https:evil.example\u{1b}\\.yaml",
        "b\u{7}c.yaml",
        "d \u{202e};id=1;?#%41 e.yaml",
        "f\u{9c}g.yaml",
    ];
    let says = "version: 1\ntenant: fabrikam.onmicrosoft.com\nhelpdesk: { link: \"\\e]8;;https://evil.example\\a\" }\n";
    for name in hostile {
        fs::write(folder.join(name), says)?;
    }
    let text = terminal(&harness, "validate", &[])?;
    assert!(!text.contains('\u{7}') && !text.contains('\u{9c}'), "{text:?}");
    let begin = format!("file://{}/", folder.display());
    let all = addresses(&text)?;
    assert!(all.iter().any(|address| address.contains("/a%1B%5C%1B") && address.ends_with("evil.example%1B%5C.yaml")));
    assert!(all.iter().any(|address| address.ends_with("%E2%80%AE;id=1;%3F%23%2541%20e.yaml")), "{all:#?}");
    for address in all {
        assert!(address.is_empty() || address.starts_with(&begin), "{address}");
        assert!(address.bytes().all(|byte| byte.is_ascii_graphic()), "{address}");
    }
    Ok(())
}
