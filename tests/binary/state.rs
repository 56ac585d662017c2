//! Where state is, and what is not believed: nothing that lies in the repository is state of a run, nothing is written through
//! a link, and what is written is for its owner alone.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use entra_sandbox::Faults;

use crate::harness::{Harness, Run, TestResult};

const CHANGE: &str = "methods: {required: 2}";
/// Later than every run of this test.
const FUTURE: &str = "20991127T084946540Z-fc166cc1.jsonl";

fn git(folder: &Path, arguments: &[&str]) -> TestResult {
    let mut git = Command::new("git");
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").current_dir(folder).args(arguments);
    let ended = git.output()?;
    if ended.status.success() { Ok(()) } else { Err(format!("git {arguments:?}: {ended:?}").into()) }
}

/// The journal of the only run, and a text that says of it what is not true: that more was changed than was.
fn forged(harness: &Harness) -> Result<(PathBuf, String), Box<dyn Error>> {
    let folder = harness.state().join("journal");
    let journal = folder.read_dir()?.next().ok_or("no journal")??.path();
    let text = fs::read_to_string(&journal)?;
    let before = r#""numberOfAuthenticationMethodsRequired":1"#;
    assert!(text.contains(before), "{text}");
    Ok((journal, text.replace(before, r#""numberOfAuthenticationMethodsRequired":0"#)))
}

/// Puts a file below the old folder of state.
fn plant(harness: &Harness, path: &str, text: &str) -> Result<PathBuf, Box<dyn Error>> {
    let path = harness.folder.path().join(".ssprctl").join(path);
    fs::create_dir_all(path.parent().ok_or("no folder")?)?;
    fs::write(&path, text)?;
    Ok(path)
}

fn ok(run: Run, code: i32) -> Result<Run, Box<dyn Error>> {
    assert_eq!(run.code, Some(code), "{run:#?}");
    Ok(run)
}

#[test]
fn a_journal_in_the_repository_is_not_the_latest_run() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    ok(harness.apply()?, 0)?;
    let (own, text) = forged(&harness)?;
    let own = own.file_stem().and_then(|name| name.to_str()).ok_or("no name")?.to_owned();
    plant(&harness, &format!("journal/{FUTURE}"), &text)?;
    let history = ok(harness.run(&["history"])?, 0)?;
    assert!(history.stdout.contains(&own) && !history.stdout.contains("2099"), "{history:#?}");
    let rolled = ok(harness.run(&["rollback", "latest", "--auto-approve", "--verify-timeout", "300ms"])?, 0)?;
    assert!(rolled.stdout.contains("methods.required") && rolled.stdout.contains("2 → 1"), "{rolled:#?}");
    Ok(())
}

#[test]
fn a_journal_that_git_brought_is_never_moved() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    ok(harness.apply()?, 0)?;
    let (own, text) = forged(&harness)?;
    fs::remove_dir_all(own.parent().ok_or("no folder")?)?;
    let planted = plant(&harness, &format!("journal/{FUTURE}"), &text)?;
    git(harness.folder.path(), &["init", "--quiet"])?;
    git(harness.folder.path(), &["add", "--force", ".ssprctl"])?;
    for _ in 0..2 {
        let history = ok(harness.run(&["history"])?, 0)?;
        assert!(!history.stdout.contains("2099"), "{history:#?}");
        assert!(history.stderr.contains("1 file in .ssprctl is not used as state"), "{history:#?}");
    }
    let run = ok(harness.run(&["rollback", "latest", "--auto-approve"])?, 1)?;
    assert!(run.stderr.contains("no run `latest` is in"), "{run:#?}");
    assert!(planted.exists());

    // Where git cannot be asked, nothing is known of where the file came from.
    git(harness.folder.path(), &["rm", "--quiet", "--cached", "-r", ".ssprctl"])?;
    let history = ok(harness.finish(harness.command(&["history"]).env("PATH", ""))?, 0)?;
    assert!(!history.stdout.contains("2099") && planted.exists(), "{history:#?}");
    Ok(())
}

#[test]
fn old_state_is_moved_once_and_said() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    ok(harness.apply()?, 0)?;
    ok(harness.run(&["drift"])?, 0)?;
    let (journal, text) = forged(&harness)?;
    let run = journal.file_stem().and_then(|name| name.to_str()).ok_or("no name")?.to_owned();
    let old = harness.folder.path().join(".ssprctl");
    fs::rename(harness.state(), &old)?;
    git(harness.folder.path(), &["init", "--quiet"])?;

    let first = ok(harness.run(&["history"])?, 0)?;
    assert!(first.stdout.contains(&run), "{first:#?}");
    assert!(first.stderr.starts_with("moved the state of earlier runs from .ssprctl to "), "{first:#?}");
    assert!(first.stderr.trim_end().ends_with(": 2 files") && first.stderr.lines().count() == 1, "{first:#?}");
    assert_eq!(old.join("journal").read_dir()?.count() + old.join("drift").read_dir()?.count(), 0);
    assert!(harness.state().join("drift").read_dir()?.next().is_some());

    plant(&harness, &format!("journal/{FUTURE}"), &text)?;
    let second = ok(harness.run(&["history"])?, 0)?;
    assert!(second.stderr.is_empty() && !second.stdout.contains("2099"), "{second:#?}");
    Ok(())
}

#[cfg(unix)]
#[test]
fn links_and_pipes_are_no_old_state() -> TestResult {
    use std::os::unix::fs::symlink;
    let harness = Harness::with(CHANGE, Faults::none())?;
    ok(harness.apply()?, 0)?;
    let (own, text) = forged(&harness)?;
    fs::remove_dir_all(own.parent().ok_or("no folder")?)?;
    let outside = tempfile::tempdir()?;
    fs::write(outside.path().join(FUTURE), text)?;
    let old = harness.folder.path().join(".ssprctl");
    fs::create_dir_all(old.join("journal"))?;
    symlink(outside.path().join(FUTURE), old.join("journal").join(FUTURE))?;
    let pipe = old.join("journal/20991127T084946540Z-fc166cc2.jsonl");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)?;
    let history = ok(harness.run(&["history"])?, 0)?;
    assert!(!history.stdout.contains("2099"), "{history:#?}");
    assert!(history.stderr.contains("2 files in .ssprctl are not used as state"), "{history:#?}");

    // Nor is what lies behind a link that stands for a folder of them, or for all of it.
    fs::remove_dir_all(old.join("journal"))?;
    symlink(outside.path(), old.join("journal"))?;
    assert!(!ok(harness.run(&["history"])?, 0)?.stdout.contains("2099"));
    fs::remove_dir_all(&old)?;
    fs::create_dir(outside.path().join("journal"))?;
    fs::rename(outside.path().join(FUTURE), outside.path().join("journal").join(FUTURE))?;
    symlink(outside.path(), &old)?;
    assert!(!ok(harness.run(&["history"])?, 0)?.stdout.contains("2099"));
    assert!(outside.path().join("journal").join(FUTURE).exists());
    Ok(())
}

/// The names of everything below a folder.
fn all_below(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.symlink_metadata()?.is_dir() {
            all_below(&path, found)?;
        }
        found.push(path);
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn drift_and_plan_write_nothing_through_a_link() -> TestResult {
    use std::os::unix::fs::symlink;
    const OWN: &str = "export PATH=$PATH:/opt/bin\n";
    let tenant = "55bc0001-0000-4000-8000-000000000001";
    let outside = tempfile::tempdir()?;
    let profile = outside.path().join("profile");
    fs::write(&profile, OWN)?;
    let nothing_happened = || -> TestResult {
        let mut found = Vec::new();
        all_below(outside.path(), &mut found)?;
        assert_eq!((found.as_slice(), fs::read_to_string(&profile)?.as_str()), (&[profile.clone()][..], OWN));
        Ok(())
    };
    // In the repository, where state was before.
    for (link, target) in [
        (format!(".ssprctl/drift/{tenant}.json"), profile.as_path()),
        (".ssprctl/drift".to_owned(), outside.path()),
        (".ssprctl".to_owned(), outside.path()),
    ] {
        let harness = Harness::with(CHANGE, Faults::none())?;
        let link = harness.folder.path().join(link);
        fs::create_dir_all(link.parent().ok_or("no folder")?)?;
        symlink(target, link)?;
        for arguments in [&["plan"][..], &["drift"], &["plan", "--sandbox"], &["drift", "--sandbox"]] {
            let run = harness.run(arguments)?;
            assert!(matches!(run.code, Some(0 | 2)), "{run:#?}");
            nothing_happened()?;
        }
    }
    // In the state itself, however it came there: a file is replaced, a folder is refused.
    let harness = Harness::with(CHANGE, Faults::none())?;
    ok(harness.run(&["drift"])?, 2)?;
    let file = harness.state().join(format!("drift/{tenant}.json"));
    fs::remove_file(&file)?;
    symlink(&profile, &file)?;
    let run = ok(harness.run(&["drift"])?, 2)?;
    assert!(run.stderr.contains("is not used: it is not a regular file"), "{run:#?}");
    assert!(file.symlink_metadata()?.is_file());
    nothing_happened()?;
    let drift = harness.state().join("drift");
    fs::remove_dir_all(&drift)?;
    symlink(outside.path(), &drift)?;
    for arguments in [&["plan"][..], &["drift"], &["apply", "--auto-approve"]] {
        let run = ok(harness.run(arguments)?, 1)?;
        assert!(run.stderr.contains("drift is a symbolic link or a file, and has to be a folder"), "{run:#?}");
        nothing_happened()?;
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn state_is_for_its_owner_alone_and_not_in_the_repository() -> TestResult {
    use std::os::unix::fs::PermissionsExt;
    let harness = Harness::with(CHANGE, Faults::none())?;
    ok(harness.apply()?, 0)?;
    ok(harness.run(&["drift"])?, 0)?;
    ok(harness.run(&["plan", "--sandbox"])?, 0)?;
    let mut found = Vec::new();
    all_below(&harness.folder.path().join("state/ssprctl"), &mut found)?;
    for kind in ["journal/", "drift/", "locks/", "sandbox/"] {
        assert!(found.iter().any(|path| path.to_string_lossy().contains(kind)), "{kind}: {found:#?}");
    }
    for path in found {
        let metadata = path.symlink_metadata()?;
        let (mode, sandbox) = (metadata.permissions().mode() & 0o777, path.to_string_lossy().contains("/sandbox/"));
        assert!(if metadata.is_dir() { mode == 0o700 } else { mode == 0o600 || sandbox }, "{path:?}: {mode:o}");
    }
    let mut own: Vec<_> =
        harness.folder.path().read_dir()?.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<_>>()?;
    own.sort();
    assert_eq!(own, ["policies", "state"], "the second is the folder that this test gives for state");
    Ok(())
}

#[test]
fn one_option_moves_all_of_it() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    let arguments = ["--state", "elsewhere", "--verify-timeout", "300ms"];
    ok(harness.run(&[&["apply", "--auto-approve"][..], &arguments].concat())?, 0)?;
    ok(harness.finish(harness.command(&["drift"]).env("SSPRCTL_STATE", "elsewhere"))?, 0)?;
    ok(harness.run(&["plan", "--sandbox", "--state", "elsewhere"])?, 0)?;
    let folder = harness.folder.path();
    for kind in ["journal", "drift", "locks", "sandbox"] {
        assert!(folder.join("elsewhere").join(kind).read_dir()?.next().is_some(), "{kind}");
    }
    assert!(!folder.join("state").exists(), "the usual place is not used");
    // A folder that is named for journals alone wins.
    let runs = harness.run(&["history", "--state", "elsewhere", "--journal", "empty"])?;
    assert_eq!(ok(runs, 0)?.stdout.matches("contoso").count(), 0);
    assert_eq!(ok(harness.run(&["history", "--state", "elsewhere"])?, 0)?.stdout.matches("contoso").count(), 1);
    Ok(())
}

#[test]
fn a_named_folder_is_not_used_when_git_tracks_files_in_it() -> TestResult {
    let harness = Harness::with(CHANGE, Faults::none())?;
    ok(harness.run(&["apply", "--auto-approve", "--verify-timeout", "300ms", "--state", "stored"])?, 0)?;
    git(harness.folder.path(), &["init", "--quiet"])?;
    assert!(ok(harness.run(&["history", "--state", "stored"])?, 0)?.stdout.contains("contoso"), "it is not tracked");
    git(harness.folder.path(), &["add", "stored"])?;
    for arguments in [
        ["history", "--state", "stored"],
        ["history", "--state", "."],
        ["history", "--state", "policies/../stored"],
        ["history", "--journal", "stored/journal"],
        ["drift", "--state", "stored"],
    ] {
        let run = harness.run(&arguments)?;
        assert!(run.code == Some(1) && run.stderr.contains("is not used: git tracks "), "{arguments:?}: {run:#?}");
    }
    assert_eq!(ok(harness.run(&["history"])?, 0)?.stdout.matches("contoso").count(), 0);
    Ok(())
}
