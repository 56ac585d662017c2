//! The real program follows a repository: which entries of a commit it refuses, whose signatures it trusts, and what git gets
//! of its environment.

use std::error::Error;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Process, reconcile_until};
use crate::repository::{Repository, TestResult};

const POLICY: &str = "version: 1\ntenant: contoso.onmicrosoft.com\nmethods:\n  required: 1\n";

/// A controller over embedded tenants that follows a repository.
struct Followed {
    folder: TempDir,
    repository: Repository,
}

impl Followed {
    fn new() -> Result<Self, Box<dyn Error>> {
        Ok(Self { folder: tempfile::tempdir()?, repository: Repository::new()? })
    }

    fn start(&self, environment: &[(String, String)], options: &[&str]) -> Result<(Process, String), Box<dyn Error>> {
        let repository = self.repository.path().to_str().ok_or("a path that is not UTF-8")?;
        let arguments = ["controller", "--sandbox", "--repo", repository, "--listen", "127.0.0.1:0"];
        let arguments: Vec<&str> = arguments.iter().chain(options).copied().collect();
        let process = Process::start(self.folder.path(), environment, &arguments)?;
        let address = process.address()?;
        Ok((process, address))
    }
}

/// Whether the source is as its newest commit says.
fn follows(status: &Value, commit: &str) -> bool {
    status["source"]["lastApplied"]["revision"] == commit && status["source"]["conditions"]["ready"]["status"] == "True"
}

/// The reason and the message of the condition that stalls the source.
fn stalled(status: &Value) -> (&str, &str) {
    let condition = &status["source"]["conditions"]["stalled"];
    match condition["status"] == "True" {
        true => (condition["reason"].as_str().unwrap_or_default(), condition["message"].as_str().unwrap_or_default()),
        false => ("", ""),
    }
}

/// A link of a commit could lead to whatever is on this machine, so none is followed, and a policy is not left out for it.
#[test]
fn links_and_submodules_are_refused_where_a_policy_is_named() -> TestResult {
    let followed = Followed::new()?;
    let repository = &followed.repository;
    let first = repository.commit("policies/contoso.yaml", POLICY)?;
    let (process, address) = followed.start(&[], &[])?;
    reconcile_until(&address, "the first commit", |status| follows(status, &first))?;
    let link = |target: &str, path: &str| symlink(target, repository.path().join(path));
    let submodule = format!("160000,{first},policies/sub.yaml");
    let extends = |file: &str| format!("{POLICY}extends: [{file}]\n");
    fs::write(repository.path().join("baseline.yaml"), "version: 1\n")?;
    for (case, report) in [
        ("a policy", "policies/link.yaml` is not read: it is a symbolic link"),
        ("a folder", "policies` is not read: it is a symbolic link"),
        ("a submodule", "policies/sub.yaml` is not read: it is a symbolic link or a submodule"),
        ("the file of the repository", "ssprctl.yaml` is not read: it is a symbolic link"),
        ("a baseline", "`../base.yaml` is not read: it is a symbolic link"),
        ("a baseline in a folder", "`../shared/base.yaml` is not read: it is a symbolic link"),
        ("no policy", "`../notes.txt` is not read: its name does not end"),
        ("a hidden file", "`../.env` is not read: it is hidden"),
    ] {
        match case {
            "a policy" => link("contoso.yaml", "policies/link.yaml")?,
            "a folder" => {
                fs::rename(repository.path().join("policies"), repository.path().join("elsewhere"))?;
                link("elsewhere", "policies")?;
            }
            "the file of the repository" => link("baseline.yaml", "ssprctl.yaml")?,
            "a baseline" => {
                link("baseline.yaml", "base.yaml")?;
                repository.write("policies/contoso.yaml", &extends("../base.yaml"))?;
            }
            "a baseline in a folder" => {
                link(".", "shared")?;
                repository.write("policies/contoso.yaml", &extends("../shared/base.yaml"))?;
            }
            "no policy" => {
                repository.write("notes.txt", "version: 1\n")?;
                repository.write("policies/contoso.yaml", &extends("../notes.txt"))?;
            }
            "a hidden file" => {
                repository.write(".env", "version: 1\n")?;
                repository.write("policies/contoso.yaml", &extends("../.env"))?;
            }
            _ => {}
        }
        repository.git(&["add", "--all"])?;
        if case == "a submodule" {
            repository.git(&["update-index", "--add", "--cacheinfo", &submodule])?;
        }
        repository.git(&["commit", "--quiet", "--message", case])?;
        let refused = reconcile_until(&address, case, |status| stalled(status).1.contains(report))?;
        let (reason, message) = stalled(&refused);
        assert!(reason == "InvalidPolicy" && message.contains("[not-a-policy]"), "{case}: {reason}: {message}");
        assert_eq!(refused["source"]["lastApplied"]["revision"], first.as_str(), "{case}");
        repository.git(&["reset", "--quiet", "--hard", &first])?;
        repository.git(&["clean", "--quiet", "-fdx"])?;
        fs::write(repository.path().join("baseline.yaml"), "version: 1\n")?;
    }
    // Where no policy is named they are no matter.
    link("/etc", "elsewhere")?;
    link("policies/contoso.yaml", "contoso.yaml")?;
    let last = repository.commit("docs/readme.md", "links\n")?;
    reconcile_until(&address, "links elsewhere", |status| follows(status, &last))?;
    process.end("-TERM")?;
    Ok(())
}

/// Signed with a key that this machine's git trusts, with another one, and not at all. The commit cannot say who is trusted.
#[test]
fn a_signature_is_verified_by_the_keys_of_this_machine() -> TestResult {
    let (followed, keys) = (Followed::new()?, tempfile::tempdir()?);
    let repository = &followed.repository;
    for name in ["trusted", "other"] {
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", "alice@contoso.com", "-f"])
            .arg(keys.path().join(name))
            .status()?;
        assert!(made.success());
    }
    let signers = |key: &str| -> Result<String, Box<dyn Error>> {
        let public = fs::read_to_string(keys.path().join(key).with_extension("pub"))?;
        Ok(format!("alice@contoso.com {public}"))
    };
    let signed = |key: &str, text: &str| -> Result<String, Box<dyn Error>> {
        let key = format!("user.signingkey={}", keys.path().join(key).display());
        repository.write("policies/contoso.yaml", text)?;
        repository.git(&["add", "--all"])?;
        repository.git(&["-c", "gpg.format=ssh", "-c", &key, "commit", "--quiet", "-S", "--message", "Sign"])?;
        Ok(repository.git(&["rev-parse", "HEAD"])?.trim().to_owned())
    };
    // Relative, as some write it: it must not be a file of the commit.
    fs::write(keys.path().join("signers"), signers("trusted")?)?;
    let global = keys.path().join("gitconfig");
    let config = |file: &str| format!("[gpg]\n\tformat = ssh\n[gpg \"ssh\"]\n\tallowedSignersFile = {file}\n");
    fs::write(&global, config("signers"))?;
    repository.write("signers", &signers("other")?)?;
    let trusted = signed("trusted", POLICY)?;
    let environment = [("GIT_CONFIG_GLOBAL".to_owned(), global.display().to_string())];
    let (process, address) = followed.start(&environment, &["--require-signed"])?;
    reconcile_until(&address, "nobody is trusted", |status| stalled(status).0 == "Unsigned")?;
    fs::write(&global, config(&keys.path().join("signers").display().to_string()))?;
    reconcile_until(&address, "the signed commit", |status| follows(status, &trusted))?;
    for key in [Some("other"), None] {
        let text = POLICY.replace("required: 1", "required: 2");
        let commit = match key {
            Some(key) => signed(key, &text)?,
            None => repository.commit("policies/contoso.yaml", &format!("{text}# not signed\n"))?,
        };
        let part = commit[..12].to_owned();
        let refused = reconcile_until(&address, "the refusal", |status| stalled(status).1.contains(&part))?;
        assert_eq!(stalled(&refused).0, "Unsigned");
        assert_eq!(refused["source"]["lastApplied"]["revision"], trusted.as_str());
    }
    process.end("-TERM")?;
    Ok(())
}

/// Git gets what it needs to reach the repository, and to read a commit not even that.
#[test]
fn git_gets_a_clean_environment() -> TestResult {
    let followed = Followed::new()?;
    let commit = followed.repository.commit("policies/contoso.yaml", POLICY)?;
    let (bin, log) = (followed.folder.path().join("bin"), followed.folder.path().join("git.log"));
    fs::create_dir(&bin)?;
    let real = Command::new("sh").args(["-c", "command -v git"]).output()?.stdout;
    let real = String::from_utf8(real)?;
    let script = format!(
        "#!/bin/sh\nfor word; do case $word in fetch|ls-tree|cat-file) echo \"git $word\" >> {log}; env >> {log};; esac; done\n\
         exec {real} \"$@\"\n",
        log = log.display(),
        real = real.trim()
    );
    fs::write(bin.join("git"), script)?;
    fs::set_permissions(bin.join("git"), fs::Permissions::from_mode(0o755))?;
    let path = format!("{}:{}", bin.display(), std::env::var("PATH")?);
    let elsewhere = followed.folder.path().join("elsewhere").display().to_string();
    let hostile =
        ["GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_EXEC_PATH"];
    let secrets = ["SSPRCTL_PORTAL_TOKEN", "SSPRCTL_NOTIFY_SLACK", "AZURE_CLIENT_SECRET", "GIT_TRACE", "GIT_NAMESPACE"];
    let mut environment: Vec<_> =
        hostile.iter().chain(&secrets).map(|name| ((*name).to_owned(), elsewhere.clone())).collect();
    for (name, value) in [
        ("PATH", path.as_str()),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.abbrev"),
        ("GIT_CONFIG_VALUE_0", "12"),
        ("SSPRCTL_GIT_PASSWORD", "for-git"),
    ] {
        environment.push((name.to_owned(), value.to_owned()));
    }
    let (process, address) = followed.start(&environment, &[])?;
    reconcile_until(&address, "the commit", |status| follows(status, &commit))?;
    process.end("-TERM")?;
    let logged = fs::read_to_string(&log)?;
    assert!(!logged.contains(&elsewhere), "{logged}");
    let calls: Vec<&str> = logged.split("git ").filter(|call| !call.is_empty()).collect();
    let of =
        |word: &str| calls.iter().find(|call| call.starts_with(word)).copied().ok_or(format!("no {word}: {logged}"));
    assert!(of("fetch")?.contains("SSPRCTL_GIT_PASSWORD=for-git") && of("fetch")?.contains("GIT_CONFIG_COUNT=1"));
    for word in ["ls-tree", "cat-file"] {
        let call = of(word)?;
        for setting in ["GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_NO_REPLACE_OBJECTS=1"] {
            assert!(call.contains(setting), "{setting}: {call}");
        }
        assert!(!call.contains("SSPRCTL_") && !call.contains("GIT_CONFIG_COUNT"), "{call}");
    }
    Ok(())
}
