//! Following a branch with the real git.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use ssprctl::testing::controller::condition::Reason;
use ssprctl::testing::controller::schedule::Retry;

use crate::repository::{Repository, TestResult, files};

const POLICY: &str = "version: 1\ntenant: contoso.onmicrosoft.com\n";

#[tokio::test]
async fn the_newest_commit_is_checked_out_and_nothing_else() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    repository.commit("policies/old.yaml", POLICY)?;
    let first = repository.commit("policies/contoso.yaml", POLICY)?;
    let git = repository.followed(state.path())?;
    assert_eq!(git.fetch().await.map_err(|failure| failure.message)?, first);
    git.check_out(&first).await.map_err(|failure| failure.message)?;
    let count = Command::new("git").args(["rev-list", "--count", "HEAD"]).current_dir(&git.folder).output()?;
    assert_eq!(String::from_utf8(count.stdout)?.trim(), "1", "one commit deep");

    fs::write(git.folder.join("policies/stray.yaml"), "left by somebody")?;
    fs::write(git.folder.join("policies/contoso.yaml"), "changed by somebody")?;
    repository.git(&["rm", "--quiet", "policies/old.yaml"])?;
    let second = repository.commit("policies/fabrikam.yaml", "version: 1\n")?;
    assert_eq!(git.fetch().await.map_err(|failure| failure.message)?, second);
    git.check_out(&second).await.map_err(|failure| failure.message)?;
    let policies = ["policies/contoso.yaml", "policies/fabrikam.yaml"].map(|path| git.folder.join(path));
    assert_eq!(files(&git.folder)?, policies);
    assert_eq!(fs::read_to_string(&policies[0])?, POLICY);
    Ok(())
}

#[tokio::test]
async fn a_branch_that_was_rewritten_is_followed() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    repository.commit("a.yaml", "1")?;
    let git = repository.followed(state.path())?;
    git.fetch().await.map_err(|failure| failure.message)?;
    repository.write("a.yaml", "2")?;
    let amended = repository.commit_with(&["commit", "--quiet", "--amend", "--no-edit"])?;
    assert_eq!(git.fetch().await.map_err(|failure| failure.message)?, amended);
    Ok(())
}

#[tokio::test]
async fn a_branch_that_is_not_there_is_tried_again() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    repository.commit("a.yaml", "1")?;
    let git = repository.followed(state.path())?;
    let git = ssprctl::testing::controller::git::Git { branch: "release".to_owned(), ..git };
    let failure = git.fetch().await.err().ok_or("a branch that is not there was fetched")?;
    assert_eq!((failure.class, failure.reason), (Retry::Transient, Reason::Unreadable));
    assert!(failure.message.contains("the branch release cannot be fetched: fatal: "), "{}", failure.message);
    Ok(())
}

/// A repository that brings programs along: hooks, filters, submodules. None of them runs.
#[tokio::test]
async fn nothing_of_the_repository_is_run() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    let mark = state.path().join("it-ran");
    let program = format!("#!/bin/sh\ntouch {}\n", mark.display());
    for path in ["hooks/post-checkout", ".git-hooks/post-checkout", "run.sh"] {
        repository.write(path, &program)?;
        fs::set_permissions(repository.path().join(path), fs::Permissions::from_mode(0o755))?;
    }
    repository.write(".gitattributes", "* filter=run\n")?;
    repository
        .write(".gitmodules", "[submodule \"s\"]\n\tpath = s\n\turl = ext::sh run.sh\n\tupdate = !sh run.sh\n")?;
    repository.write(".gitconfig", "[core]\n\thooksPath = hooks\n[filter \"run\"]\n\tsmudge = sh run.sh\n")?;
    let commit = repository.commit("a.yaml", "1")?;
    let git = repository.followed(state.path())?;
    git.fetch().await.map_err(|failure| failure.message)?;
    fs::create_dir_all(git.folder.join(".git/hooks"))?;
    fs::write(git.folder.join(".git/hooks/post-checkout"), &program)?;
    fs::set_permissions(git.folder.join(".git/hooks/post-checkout"), fs::Permissions::from_mode(0o755))?;
    git.check_out(&commit).await.map_err(|failure| failure.message)?;
    assert!(git.folder.join("run.sh").exists() && !mark.exists());
    Ok(())
}

/// A controller that was killed may have left a git that was killed with it.
#[tokio::test]
async fn locks_of_a_git_that_was_killed_are_no_hindrance() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    let first = repository.commit("a.yaml", "1")?;
    let git = repository.followed(state.path())?;
    git.fetch().await.map_err(|failure| failure.message)?;
    git.check_out(&first).await.map_err(|failure| failure.message)?;
    for lock in ["shallow.lock", "index.lock", "HEAD.lock", "refs/ssprctl/head.lock"] {
        fs::write(git.folder.join(".git").join(lock), "")?;
    }
    let second = repository.commit("a.yaml", "2")?;
    assert_eq!(git.fetch().await.map_err(|failure| failure.message)?, second);
    git.check_out(&second).await.map_err(|failure| failure.message)?;
    assert_eq!(fs::read_to_string(git.folder.join("a.yaml"))?, "2");
    Ok(())
}

#[tokio::test]
async fn git_that_hangs_is_given_up() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    repository.commit("a.yaml", "1")?;
    let git = repository.followed(state.path())?;
    let git = ssprctl::testing::controller::git::Git { timeout: Duration::from_nanos(1), ..git };
    let failure = git.fetch().await.err().ok_or("git needed no time")?;
    assert!(failure.message.contains("git is not done after 1ns"), "{}", failure.message);
    Ok(())
}

/// Signed with a key that this machine's git trusts, with another one, and not at all.
#[tokio::test]
async fn a_signature_is_verified_where_that_is_asked() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    let keys = tempfile::tempdir()?;
    for name in ["trusted", "other"] {
        let file = keys.path().join(name);
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", "alice@contoso.com", "-f"])
            .arg(&file)
            .status()?;
        assert!(made.success());
    }
    let public = fs::read_to_string(keys.path().join("trusted.pub"))?;
    let signers = keys.path().join("signers");
    fs::write(&signers, format!("alice@contoso.com {public}"))?;
    let signed = |key: &str| -> Result<String, Box<dyn std::error::Error>> {
        let key = format!("user.signingkey={}", keys.path().join(key).display());
        repository.write("a.yaml", &key)?;
        repository.git(&["add", "--all"])?;
        repository.git(&["-c", "gpg.format=ssh", "-c", &key, "commit", "--quiet", "-S", "--message", "Sign"])?;
        Ok(repository.git(&["rev-parse", "HEAD"])?.trim().to_owned())
    };
    let git = ssprctl::testing::controller::git::Git { require_signed: true, ..repository.followed(state.path())? };
    let trusted = signed("trusted")?;
    // Who is trusted is a setting of the machine; here it is written into the checkout's own, which nothing fetched changes.
    let refused = git.fetch().await.err().ok_or("nobody is trusted yet")?;
    assert_eq!((refused.class, refused.reason), (Retry::Never, Reason::Unsigned));
    let config = format!("[gpg]\n\tformat = ssh\n[gpg \"ssh\"]\n\tallowedSignersFile = {}\n", signers.display());
    let own = git.folder.join(".git/config");
    fs::write(&own, fs::read_to_string(&own)? + &config)?;
    assert_eq!(git.fetch().await.map_err(|failure| failure.message)?, trusted);

    for key in [Some("other"), None] {
        let commit = key.map_or_else(|| repository.commit("a.yaml", "not signed"), signed)?;
        let refused = git.fetch().await.err().ok_or("a commit that nobody trusted signed was taken")?;
        assert_eq!((refused.class, refused.reason), (Retry::Never, Reason::Unsigned));
        assert!(refused.message.contains(&commit[..12]), "{}", refused.message);
    }
    Ok(())
}
