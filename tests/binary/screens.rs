//! What each command looks like at a terminal of 80 and of 120 columns, which tmux is: no line is broken by it.
//!
//! `SSPRCTL_BLESS=1 cargo test --test binary -- screens` writes down what is shown now; read the difference before you commit it.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::harness::{TestResult, clock_variable};

/// What is typed, in this order, in a copy of the repository's policies.
const TYPED: [&str; 37] = [
    "validate",
    "validate broken.yaml",
    "test tests",
    "plan --sandbox",
    "plan --sandbox --impact",
    "plan nowhere",
    "plan --sandbox --out plan.json",
    "snapshot --sandbox --tenant contoso.onmicrosoft.com --out snapshot.json",
    "show --sandbox --tenant contoso.onmicrosoft.com",
    "show --sandbox --registration --tenant contoso.onmicrosoft.com",
    "doctor --sandbox",
    "forecast --sandbox",
    "forecast --sandbox --by department",
    "why --sandbox --tenant contoso.onmicrosoft.com user24@contoso.onmicrosoft.com",
    "why --sandbox --tenant contoso.onmicrosoft.com nobody@contoso.onmicrosoft.com",
    "advise --sandbox",
    "conformance --sandbox --tenant contoso.onmicrosoft.com",
    "apply --sandbox --auto-approve",
    "drift --sandbox",
    "sandbox set methods.required=1 --as user24@contoso.onmicrosoft.com",
    "drift --sandbox",
    "accept --sandbox policies/contoso.yaml",
    "history",
    "history $(ls .state/journal | sed s/[.].*//)",
    "rollback --sandbox --auto-approve $(ls .state/journal | sed s/[.].*//)",
    "import --sandbox --tenant fabrikam.onmicrosoft.com --out policies/fabrikam.yaml",
    "explain",
    "explain methods.allowed",
    "explain sms-voice-retirement",
    "init new --tenant contoso.onmicrosoft.com --no-input",
    "login --no-input",
    "logout",
    "sandbox show",
    "explain nothing-of-the-kind",
    WITH_DIFF,
    "controller status",
    "announce --for people.csv",
];

/// What shows a diff, whose lines are as long as they are: whoever copies it has a patch.
const WITH_DIFF: &str = "accept --sandbox --dry-run policies/contoso.yaml";

/// Commands that are not played, because what they print is a document: its lines are left alone.
const DOCUMENTS: [&str; 4] = ["completions", "man", "report", "schema"];

/// A policy with mistakes, one of them in a long line.
const BROKEN: &str = "version: 1\ntenant: contoso.onmicrosoft.com\nmethods: { required: 3, allowed: [email, mobileAppCode, mobileAppNotification, mobilePhoneNumber] }\nscop: {}\n";

/// A terminal of so many columns, and the folder in which is typed.
struct Screen {
    columns: usize,
    folder: TempDir,
}

impl Screen {
    fn new(columns: usize) -> Result<Self, Box<dyn Error>> {
        let (screen, root) = (Self { columns, folder: tempfile::tempdir()? }, Path::new(env!("CARGO_MANIFEST_DIR")));
        let here = screen.folder.path();
        fs::create_dir(here.join("policies"))?;
        for policy in ["baseline.yaml", "contoso.yaml"] {
            fs::copy(root.join("policies").join(policy), here.join("policies").join(policy))?;
        }
        fs::write(here.join("broken.yaml"), BROKEN)?;
        // Without a session tmux would end in between.
        screen.tmux(&["new-session", "-d", "-s", "holder", "exec sleep 600"])?;
        Ok(screen)
    }

    fn tmux(&self, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
        let binary = Path::new(env!("CARGO_BIN_EXE_ssprctl")).parent().ok_or("a binary without a folder")?;
        let others = std::env::var("PATH")?;
        let output = Command::new("tmux")
            .env_clear()
            .envs([("LANG", "C.UTF-8"), ("SHELL", "/bin/sh"), ("TERM", "xterm-256color")])
            .envs([clock_variable()])
            .envs([("SSPRCTL_STATE", ".state"), ("PATH", &format!("{}:{others}", binary.display()))])
            .env("HOME", self.folder.path())
            .args(["-u", "-S", "tmux", "-f", "/dev/null"])
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            return Err(format!("tmux {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Types a line, waits for its end, and gives what is on the screen.
    fn type_line(&self, line: &str) -> Result<String, Box<dyn Error>> {
        let shell = format!("ssprctl {line}; tmux -S tmux wait-for -S done; exec sleep 600");
        let columns = self.columns.to_string();
        self.tmux(&["new-session", "-d", "-s", "screen", "-x", &columns, "-y", "1000", &shell])?;
        self.tmux(&["wait-for", "done"])?;
        let shown = self.tmux(&["capture-pane", "-p", "-t", "screen"])?;
        let joined = self.tmux(&["capture-pane", "-p", "-J", "-t", "screen"])?;
        self.tmux(&["kill-session", "-t", "screen"])?;
        let lines = |text: &str| text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
        if line == WITH_DIFF {
            self.check_patch(&lines(&joined))?;
        } else {
            assert_eq!(lines(&shown), lines(&joined), "the terminal broke a line of `ssprctl {line}`");
        }
        Ok(without_chance(&lines(&joined).join("\n")))
    }

    /// That the diff among the lines of a screen, copied from it, is a patch for the policies, and that the other lines fit.
    fn check_patch(&self, lines: &[String]) -> TestResult {
        let begin = lines.iter().position(|line| line.starts_with("--- a/")).ok_or("no diff")?;
        let end = lines.iter().position(|line| line.starts_with("Would accept")).ok_or("no last line")?;
        let (patch, others) = (lines.get(begin..end).unwrap_or_default(), [&lines[..begin], &lines[end..]].concat());
        assert!(others.iter().all(|line| line.chars().count() <= self.columns), "{others:#?}");
        fs::write(self.folder.path().join("copied.patch"), format!("{}\n", patch.join("\n").trim_end()))?;
        let mut git = Command::new("git");
        let applied = git.args(["apply", "--check", "copied.patch"]).current_dir(self.folder.path()).output()?;
        assert!(applied.status.success(), "{}\n{patch:#?}", String::from_utf8_lossy(&applied.stderr));
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // There is nobody to tell.
        let _ = self.tmux(&["kill-server"]);
    }
}

/// Times, runs and requests become zeros of the same length, so that lines break in the same places.
fn without_chance(text: &str) -> String {
    let mut text = text.to_owned();
    for shape in ["00:00:00Z", "00:00:00.000Z", "00000000T000000000Z-00000000", "00:00 UTC"] {
        text = zeros(&text, shape);
    }
    text
}

/// Puts the shape itself where digits and signs are in it; an eight-digit end is hexadecimal.
fn zeros(text: &str, shape: &str) -> String {
    let matches = |part: &str| {
        part.chars()
            .zip(shape.chars())
            .all(|(c, wanted)| if wanted == '0' { c.is_ascii_hexdigit() } else { c == wanted })
    };
    let (mut shown, mut rest) = (String::new(), text);
    while let Some(c) = rest.chars().next() {
        let part = rest.get(..shape.len()).filter(|part| matches(part));
        let taken = part.map_or(c.len_utf8(), str::len);
        shown.push_str(if part.is_some() { shape } else { rest.get(..taken).unwrap_or_default() });
        rest = rest.get(taken..).unwrap_or_default();
    }
    shown
}

fn play(columns: usize) -> TestResult {
    let screen = Screen::new(columns)?;
    let mut played = String::new();
    for line in TYPED {
        played.push_str(&format!("$ ssprctl {line}\n{}\n\n", screen.type_line(line)?));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/binary/screens/{columns}.txt"));
    if std::env::var_os("SSPRCTL_BLESS").is_some() {
        fs::write(&path, &played)?;
    }
    let expected = fs::read_to_string(&path)?;
    let difference = similar::TextDiff::from_lines(&expected, &played).unified_diff().to_string();
    assert!(expected == played, "at {columns} columns:\n{difference}");
    Ok(())
}

#[test]
fn no_line_is_broken_at_80_columns() -> TestResult {
    play(80)
}

#[test]
fn no_line_is_broken_at_120_columns() -> TestResult {
    play(120)
}

/// A new command has a place in the list, or prints a document.
#[test]
fn every_command_is_on_a_screen() -> TestResult {
    let help = Command::new(env!("CARGO_BIN_EXE_ssprctl")).arg("--help").output()?;
    let help = String::from_utf8(help.stdout)?;
    let (_, commands) = help.split_once("Commands:\n").ok_or("no commands")?;
    let commands = commands
        .lines()
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let commands: BTreeSet<_> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    let first = |line: &'static str| line.split(' ').next().unwrap_or_default();
    let played: BTreeSet<_> = TYPED.into_iter().map(first).chain(DOCUMENTS).chain(["help"]).collect();
    assert!(commands.len() > 20 && commands.is_subset(&played), "{:?}", commands.difference(&played));
    Ok(())
}
