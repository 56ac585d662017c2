//! Following a branch with the real git: the newest commit, its files, and what git may not do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use ssprctl::testing::controller::condition::Reason;
use ssprctl::testing::controller::schedule::Retry;

use crate::repository::{Repository, TestResult, files};

const POLICY: &str = "version: 1\ntenant: contoso.onmicrosoft.com\n";

#[tokio::test]
async fn the_policies_of_the_newest_commit_are_read_and_nothing_else() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    repository.commit("policies/old.yaml", POLICY)?;
    for other in ["README.md", ".github/ci.yaml", ".hidden.yaml"] {
        repository.write(other, "no policy")?;
    }
    let first = repository.commit("policies/contoso.yaml", POLICY)?;
    let git = repository.followed(state.path())?;
    assert_eq!(git.fetch().await.map_err(|failure| failure.message)?, first);
    let read = git.read(&first).await.map_err(|failure| failure.message)?;
    let policies = ["policies/contoso.yaml", "policies/old.yaml"].map(|path| read.folder().join(path));
    assert_eq!(files(read.folder())?, policies);
    for (path, mode) in [(read.folder(), 0o700), (&read.folder().join("policies"), 0o700), (&policies[0], 0o600)] {
        assert_eq!(path.metadata()?.permissions().mode() & 0o777, mode, "{}", path.display());
    }
    let clone = git.folder.join("repository.git");
    let count = Command::new("git").args(["rev-list", "--count", &first]).env("GIT_DIR", clone).output()?;
    assert_eq!(String::from_utf8(count.stdout)?.trim(), "1", "one commit deep");

    fs::write(read.folder().join("policies/stray.yaml"), "left by somebody")?;
    fs::write(&policies[0], "changed by somebody")?;
    repository.git(&["rm", "--quiet", "policies/old.yaml"])?;
    let second = repository.commit("policies/fabrikam.yaml", "version: 1\n")?;
    assert_eq!(git.fetch().await.map_err(|failure| failure.message)?, second);
    let read = git.read(&second).await.map_err(|failure| failure.message)?;
    let policies = ["policies/contoso.yaml", "policies/fabrikam.yaml"].map(|path| read.folder().join(path));
    assert_eq!(files(read.folder())?, policies);
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

/// A controller that was killed may have left a git that was killed with it.
#[tokio::test]
async fn locks_of_a_git_that_was_killed_are_no_hindrance() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    repository.commit("a.yaml", "1")?;
    let git = repository.followed(state.path())?;
    git.fetch().await.map_err(|failure| failure.message)?;
    for lock in ["shallow.lock", "config.lock", "HEAD.lock", "packed-refs.lock", "refs/ssprctl/head.lock"] {
        fs::write(git.folder.join("repository.git").join(lock), "")?;
    }
    let second = repository.commit("a.yaml", "2")?;
    assert_eq!(git.fetch().await.map_err(|failure| failure.message)?, second);
    let read = git.read(&second).await.map_err(|failure| failure.message)?;
    assert_eq!(fs::read_to_string(read.folder().join("a.yaml"))?, "2");
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
