//! What whoever writes a commit chooses besides the text of its files: attributes, links, submodules, paths, programs. None of
//! it changes what is read.

use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use ssprctl::testing::controller::condition::Reason;
use ssprctl::testing::controller::git::Git;
use ssprctl::testing::controller::schedule::Retry;

use crate::repository::{Repository, TestResult, files};

const TEXT: &str = "# $Id$ $Format:%H$\nversion: 1\ntenant: contoso.onmicrosoft.com\n";

/// Fetches the newest commit and reads it; returns the folder of its files.
async fn read(git: &Git) -> Result<std::path::PathBuf, String> {
    let commit = git.fetch().await.map_err(|failure| failure.message)?;
    git.read(&commit).await.map(|files| files.folder().to_owned()).map_err(|failure| failure.message)
}

#[tokio::test]
async fn attributes_change_no_byte() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    let git = repository.followed(state.path())?;
    let utf_16: Vec<u8> = "version: 1\n\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for attributes in [
        "*.yaml working-tree-encoding=UTF-16LE\n",
        "*.yaml text eol=crlf\n",
        "*.yaml ident export-subst\n",
        "*.yaml export-ignore\n",
        "*.yaml filter=lfs diff=lfs merge=lfs -text\n",
        "[attr]policy ident eol=crlf\n*.yaml policy\n",
    ] {
        for content in [TEXT.as_bytes(), &utf_16] {
            // Written as an object, so that no attribute has any effect here either.
            let blob = repository.object("blob", content)?;
            repository.write(".gitattributes", attributes)?;
            repository.git(&["add", ".gitattributes"])?;
            repository.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},policies/a.yaml")])?;
            repository.git(&["commit", "--quiet", "--allow-empty", "--message", "Change attributes"])?;
            let folder = read(&git).await?;
            assert_eq!(fs::read(folder.join("policies/a.yaml"))?, content, "{attributes}");
        }
    }
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
    repository.commit("a.yaml", "1")?;
    let git = repository.followed(state.path())?;
    git.fetch().await.map_err(|failure| failure.message)?;

    // Somebody changed the bare repository of the controller: its hooks, its settings, its attributes.
    let clone = git.folder.join("repository.git");
    for hook in ["reference-transaction", "post-checkout", "post-update", "pre-auto-gc"] {
        let path = clone.join("hooks").join(hook);
        fs::create_dir_all(clone.join("hooks"))?;
        fs::write(&path, &program)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    let script = repository.path().join("run.sh");
    let script = script.display();
    fs::write(
        clone.join("config"),
        format!(
            "[core]\n\tbare = true\n\tfsmonitor = {script}\n\tsshCommand = {script}\n\talternateRefsCommand = {script}\n\
             [filter \"run\"]\n\tsmudge = {script}\n[gpg]\n\tprogram = {script}\n[uploadpack]\n\tpackObjectsHook = {script}\n"
        ),
    )?;
    fs::create_dir_all(clone.join("info"))?;
    fs::write(clone.join("info/attributes"), "* filter=run ident\n")?;
    fs::create_dir_all(clone.join("objects/info"))?;
    fs::write(
        clone.join("objects/info/alternates"),
        format!("{}\n", repository.path().join(".git/objects").display()),
    )?;
    repository.commit("a.yaml", "2")?;
    let folder = read(&git).await?;
    assert_eq!(fs::read_to_string(folder.join("a.yaml"))?, "2");
    assert!(!mark.exists(), "a program ran");
    Ok(())
}

#[tokio::test]
async fn a_replaced_object_is_not_read() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    let commit = repository.commit("a.yaml", TEXT)?;
    let blob = repository.git(&["rev-parse", "HEAD:a.yaml"])?.trim().to_owned();
    let other = repository.object("blob", b"not reviewed")?;
    repository.git(&["replace", &blob, &other])?;
    let git = repository.followed(state.path())?;
    git.fetch().await.map_err(|failure| failure.message)?;
    // Also where the replacement is in the bare repository of the controller.
    let clone = git.folder.join("repository.git");
    let clone = clone.to_str().ok_or("a path that is not UTF-8")?;
    repository.git(&["push", "--quiet", clone, "refs/replace/*:refs/replace/*"])?;
    let read = git.read(&commit).await.map_err(|failure| failure.message)?;
    assert_eq!(fs::read_to_string(read.folder().join("a.yaml"))?, TEXT);
    Ok(())
}

/// One line of a tree, as git stores it.
fn line(mode: &str, name: &str, object: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let digits = object.as_bytes().chunks(2).map(|pair| u8::from_str_radix(&String::from_utf8_lossy(pair), 16));
    let id: Vec<u8> = digits.collect::<Result<_, _>>()?;
    Ok([format!("{mode} {name}\0").as_bytes(), &id].concat())
}

/// Trees that git itself would not make.
#[tokio::test]
async fn paths_that_lead_elsewhere_or_occur_twice_are_refused() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    let outside = state.path().join("outside.yaml");
    let git = repository.followed(&state.path().join("state"))?;
    let one = repository.object("blob", b"one")?;
    let two = repository.object("blob", b"two")?;
    let file = line("100644", "outside.yaml", &one)?;
    let up = |tree: &str| line("40000", "..", tree);
    let inner =
        repository.object("tree", &up(&repository.object("tree", &up(&repository.object("tree", &file)?)?)?)?)?;
    let folder = repository.object("tree", &line("100644", "b.yaml", &one)?)?;
    for (tree, report) in [
        (line("40000", "..", &inner)?, "cannot be that of a file here"),
        (line("100644", "..", &one)?, "cannot be that of a file here"),
        (line("40000", ".git", &folder)?, "cannot be that of a file here"),
        (line("40000", ".GIT", &folder)?, "cannot be that of a file here"),
        (
            [line("100644", "a.yaml", &one)?, line("100644", "a.yaml", &two)?].concat(),
            "two entries with the path `a.yaml`",
        ),
        (
            [line("100644", "a.yaml", &one)?, line("120000", "a.yaml", &two)?].concat(),
            "two entries with the path `a.yaml`",
        ),
        (
            [line("100644", "a.yaml", &one)?, line("40000", "a.yaml", &folder)?].concat(),
            "a file and the folder of another",
        ),
    ] {
        let tree = repository.object("tree", &tree)?;
        let commit = repository.git(&["commit-tree", &tree, "-m", "Make a tree"])?.trim().to_owned();
        repository.git(&["update-ref", "refs/heads/main", &commit])?;
        assert_eq!(git.fetch().await.map_err(|failure| failure.message)?, commit);
        let refused = git.read(&commit).await.err().ok_or_else(|| format!("{report}: it was read"))?;
        assert_eq!(refused.reason, Reason::Unreadable);
        assert!(refused.message.contains(report), "{report}: {}", refused.message);
        assert!(refused.class == Retry::Never, "{report}: it is tried again");
        assert!(!outside.exists() && !state.path().join("b.yaml").exists(), "{report}");
    }
    Ok(())
}

#[tokio::test]
async fn a_large_file_is_not_unpacked() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    let large = 2 * 1024 * 1024;
    repository.commit("a.yaml", &"#".repeat(large))?;
    let folder = read(&repository.followed(state.path())?).await?;
    let file = folder.join("a.yaml").metadata()?;
    assert_eq!((file.len(), std::os::unix::fs::MetadataExt::blocks(&file)), (large as u64, 0));
    Ok(())
}

/// Earlier versions had a checkout where the bare repository is now, with whatever a commit had in it.
#[tokio::test]
async fn the_checkout_of_an_earlier_version_is_removed() -> TestResult {
    let (repository, state) = (Repository::new()?, tempfile::tempdir()?);
    repository.commit("a.yaml", TEXT)?;
    let git = repository.followed(state.path())?;
    for path in [".git/HEAD", "repository.git/HEAD", "files/b.yaml", "policies/old.yaml"] {
        let path = git.folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        fs::write(path, "chosen by a commit")?;
    }
    let folder = read(&git).await?;
    assert_eq!(files(&folder)?, [folder.join("a.yaml")]);
    assert!(!git.folder.join(".git").exists() && !git.folder.join("policies").exists());
    Ok(())
}
