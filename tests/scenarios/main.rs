//! The real binary, run by scripts: `tests/scenarios/*.md` and the README. In a block marked `console` each line that
//! begins with `$` goes to the shell, and what follows is what it prints, both streams together.
//!
//! `SSPRCTL_BLESS=1 cargo test --test scenarios` writes down what is printed now; read the difference before you commit
//! it.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use jiff::Timestamp;

type Test = Result<(), Box<dyn Error>>;

/// When every script is played, 09:00 on 2026-11-22 in UTC: rules, waivers and dates of the service depend on the day.
const BEGIN: Timestamp = Timestamp::constant(1_795_338_000, 0);

/// What moves the clock of the programs there.
static CLOCK_SHIFT: LazyLock<String> = LazyLock::new(|| BEGIN.duration_since(Timestamp::now()).to_string());

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// What the shell prints, with what differs from run to run replaced.
fn run(line: &str, folder: &Path, state: &Path) -> Result<String, Box<dyn Error>> {
    let binary = Path::new(env!("CARGO_BIN_EXE_ssprctl")).parent().ok_or("a binary without a folder")?;
    let paths = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect::<Vec<_>>();
    let paths = std::env::join_paths(std::iter::once(binary.to_owned()).chain(paths))?;
    let mut shell = Command::new("sh");
    for (variable, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SSPRCTL_")) {
        shell.env_remove(variable);
    }
    let output = shell
        .args(["-c", &format!("exec 2>&1; {line}")])
        .env("PATH", paths)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .env("SSPRCTL_TEST_CLOCK_SHIFT", &*CLOCK_SHIFT)
        .env("XDG_STATE_HOME", state)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()?;
    Ok(without_chance(&without_state(&String::from_utf8(output.stdout)?, state)))
}

/// The folder of the state of the script's own repository becomes a word.
fn without_state(text: &str, state: &Path) -> String {
    let repositories = format!("{}/ssprctl/repositories/", state.display());
    let mut pieces = text.split(&repositories);
    let mut report = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        report.push_str("[STATE]/");
        report.push_str(piece.split_once('/').map_or(piece, |(_, rest)| rest));
    }
    report
}

/// Request ids and times become words.
fn without_chance(text: &str) -> String {
    let words = text.split_inclusive([' ', '\n', ')', '"']).map(|word| {
        let (bare, rest) = word.split_at(word.trim_end_matches([' ', '\n', ')', '"', '.']).len());
        let time = bare.len() >= 20 && bare.starts_with("20") && bare.ends_with('Z') && bare.contains('T');
        if time { format!("[TIME]{rest}") } else { word.to_owned() }
    });
    let mut text = without_runs(&without_minutes(&words.collect::<String>()));
    for marker in ["request ", "request: "] {
        let mut from = 0;
        while let Some(found) = text[from..].find(marker) {
            let start = from + found + marker.len();
            let id = text[start..].chars().take_while(|c| c.is_ascii_hexdigit() || *c == '-').count();
            if id == 36 {
                text.replace_range(start..start + id, "[ID]");
            }
            from = start;
        }
    }
    text
}

/// `2026-11-22 09:14 UTC` becomes a word.
fn without_minutes(text: &str) -> String {
    const SHAPE: &str = "0000-00-00 00:00";
    let mut report = String::new();
    for (index, part) in text.split(" UTC").enumerate() {
        if index > 0 {
            let start = report.len().saturating_sub(SHAPE.len());
            let shape = report.get(start..).map(|end| end.replace(|c: char| c.is_ascii_digit(), "0"));
            if shape.as_deref() == Some(SHAPE) {
                report.replace_range(start.., "[TIME]");
            } else {
                report.push_str(" UTC");
            }
        }
        report.push_str(part);
    }
    report
}

/// `20261122T091400123Z-1a2b3c4d` becomes a word.
fn without_runs(text: &str) -> String {
    const SHAPE: &str = "00000000T000000000Z-00000000";
    let mut report = text.to_owned();
    let mut from = 0;
    while let Some(found) = report.get(from..).and_then(|rest| rest.find("Z-")) {
        from += found + 2;
        let start = from.saturating_sub("00000000T000000000Z-".len());
        let run = start..start + SHAPE.len();
        let shape = report.get(run.clone()).map(|run| run.replace(|c: char| c.is_ascii_hexdigit(), "0"));
        if shape.as_deref() == Some(SHAPE) {
            report.replace_range(run, "[RUN]");
            from = start;
        }
    }
    report
}

/// Runs every command of a script in a copy of `input` and compares what is printed.
fn play(script: &Path, input: &Path) -> Test {
    let (folder, state) = (tempfile::tempdir()?, tempfile::tempdir()?);
    if input.is_dir() {
        copy(input, folder.path())?;
    }
    let report = fs::read_to_string(script)?;
    let mut played = String::new();
    let mut inside = false;
    for line in report.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        }
        if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            played.push_str(&format!("{line}\n{}", run(command, folder.path(), state.path())?));
        } else if !inside || line.starts_with("```") {
            played.push_str(&format!("{line}\n"));
        }
    }
    if std::env::var_os("SSPRCTL_BLESS").is_some() {
        fs::write(script, &played)?;
    }
    let difference =
        similar::TextDiff::from_lines(&report, &played).unified_diff().header("expected", "printed").to_string();
    assert!(report == played || std::env::var_os("SSPRCTL_BLESS").is_some(), "{}\n{difference}", script.display());
    Ok(())
}

fn scripts() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries = fs::read_dir(root().join("tests/scenarios"))?.map(|entry| Ok(entry?.path()));
    Ok(entries.collect::<std::io::Result<Vec<_>>>()?)
}

#[test]
fn every_scenario_prints_what_it_says() -> Test {
    let scripts: Vec<_> = scripts()?.into_iter().filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    assert!(scripts.len() > 4, "the scenarios are gone: {scripts:?}");
    for script in scripts {
        play(&script, &script.with_extension("in"))?;
    }
    Ok(())
}

/// A folder with a copy of the repository's policies and its `ssprctl.yaml`, so that a session leaves no state behind.
fn copy_of_policies() -> std::io::Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    copy(&root().join("policies"), &folder.path().join("policies"))?;
    fs::copy(root().join("ssprctl.yaml"), folder.path().join("ssprctl.yaml"))?;
    Ok(folder)
}

/// The README's session.
#[test]
fn the_readme_prints_what_it_says() -> Test {
    play(&root().join("README.md"), copy_of_policies()?.path())
}

/// So does the page on reviews.
#[test]
fn the_page_on_reviews_prints_what_it_says() -> Test {
    play(&root().join("docs/reviews.md"), copy_of_policies()?.path())
}

/// A page of the documentation that shows sessions.
#[test]
fn the_page_on_applying_prints_what_it_says() -> Test {
    play(&root().join("docs/apply.md"), &root().join("tests/pages/apply"))
}

/// Ten minutes of three people.
#[test]
fn the_page_on_people_prints_what_it_says() -> Test {
    play(&root().join("docs/people.md"), &root().join("tests/pages/people"))
}

/// A new repository with its tests, and a change that fails them.
#[test]
fn the_page_on_testing_policies_prints_what_it_says() -> Test {
    let folder = tempfile::tempdir()?;
    play(&root().join("docs/testing-policies.md"), folder.path())
}

/// The advice for a tenant that depends on phones.
#[test]
fn the_page_on_advice_prints_what_it_says() -> Test {
    play(&root().join("docs/advise.md"), &root().join("tests/pages/advise"))
}

/// Input of a scenario that is gone would otherwise stay forever.
#[test]
fn every_folder_belongs_to_a_scenario() -> Test {
    for path in scripts()?.into_iter().filter(|path| path.is_dir()) {
        assert!(path.with_extension("md").is_file(), "{} belongs to no scenario", path.display());
    }
    Ok(())
}
