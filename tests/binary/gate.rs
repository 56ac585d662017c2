//! Which files are read as policies: nothing of any other file is quoted, in any format, and nobody waits for a pipe.

use std::fs;
use std::path::Path;

use entra_sandbox::Faults;

use crate::harness::{CONTOSO, Harness, TestResult};

const SECRET: &str = "hunter2-hunter2";
const FORMATS: [&str; 5] = ["terminal", "markdown", "json", "sarif", "github"];

/// A repository with secrets in files that are no policies, and one policy with these sections.
fn repository(sections: &str) -> Result<Harness, Box<dyn std::error::Error>> {
    let harness = Harness::with(sections, Faults::none())?;
    let folder = harness.folder.path();
    fs::create_dir_all(folder.join(".git"))?;
    fs::create_dir_all(folder.join(".hidden"))?;
    let secret = format!("AZURE_CLIENT_SECRET={SECRET}\n");
    for file in [".env", ".git/config", "notes.txt", ".hidden/values.yaml", ".values.yaml"] {
        fs::write(folder.join(file), &secret)?;
    }
    Ok(harness)
}

/// Runs `validate` in every format, which must refuse with this code and quote nothing.
fn refused(harness: &Harness, arguments: &[&str], code: &str) -> TestResult {
    for format in FORMATS {
        let mut command = harness.command(&["validate", "--format", format]);
        let run = harness.finish(command.args(arguments).env("HELD_BY_THE_ENVIRONMENT", format!("{SECRET}: [")))?;
        assert_eq!(run.code, Some(3), "{format} {arguments:?}: {run:#?}");
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(!all.contains(SECRET), "{format} {arguments:?}: {all}");
        assert!(format == "github" || all.contains(code), "{format} {arguments:?}: {all}");
    }
    Ok(())
}

#[test]
fn extends_reads_policies_alone() -> TestResult {
    for file in ["../.env", "../.git/config", "../notes.txt", "../.hidden/values.yaml", "../.values.yaml"] {
        refused(&repository(&format!("extends: [\"{file}\"]"))?, &[], "not-a-policy")?;
    }
    Ok(())
}

#[test]
fn what_is_named_must_be_a_policy() -> TestResult {
    let harness = repository("methods: {required: 2}")?;
    for file in [".env", ".git/config", "notes.txt", ".hidden/values.yaml", ".hidden", ".git", ".values.yaml"] {
        refused(&harness, &[file], "not-a-policy")?;
    }
    #[cfg(target_os = "linux")]
    refused(&harness, &["/proc/self/environ"], "not-a-policy")?;
    Ok(())
}

#[cfg(unix)]
#[test]
fn links_lead_to_policies_of_the_repository_alone() -> TestResult {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir()?;
    fs::create_dir(outside.path().join(".git"))?;
    fs::write(outside.path().join("contoso.yaml"), format!("{SECRET}: ["))?;
    for (target, code) in [
        (Path::new("../.env"), "not-a-policy"),
        (Path::new("../.git/config"), "not-a-policy"),
        (Path::new("../.hidden/values.yaml"), "not-a-policy"),
        (Path::new("/proc/self/environ"), "link-outside"),
        (&outside.path().join("contoso.yaml"), "link-outside"),
    ] {
        let harness = repository("methods: {required: 2}")?;
        symlink(target, harness.folder.path().join("policies/link.yaml"))?;
        refused(&harness, &[], code)?;
        refused(&harness, &["policies/link.yaml"], code)?;
    }
    for (target, code) in [
        (Path::new(".env"), "not-a-policy"),
        (Path::new(".git/config"), "not-a-policy"),
        (Path::new("/proc/self/environ"), "link-outside"),
        (&outside.path().join("contoso.yaml"), "link-outside"),
    ] {
        let harness = repository("methods: {required: 2}")?;
        symlink(target, harness.folder.path().join("ssprctl.yaml"))?;
        refused(&harness, &[], code)?;
    }
    // Another repository is outside, even where a link among the folders makes it look like that of the path.
    let harness = repository("methods: {required: 2}")?;
    symlink(outside.path(), harness.folder.path().join("linked"))?;
    refused(&harness, &["linked"], "link-outside")?;
    refused(&harness, &["linked/contoso.yaml"], "link-outside")?;
    fs::remove_dir_all(harness.folder.path().join("policies"))?;
    symlink(outside.path(), harness.folder.path().join("policies"))?;
    refused(&harness, &[], "link-outside")
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_faults_is_not_quoted_either_unless_it_can_be_one() -> TestResult {
    let harness = repository("methods: {required: 2}")?;
    for file in [".env", "/proc/self/environ", ".hidden/values.yaml"] {
        let mut command = harness.command(&["plan", "--sandbox", "--faults", file]);
        let run = harness.finish(command.env("HELD_BY_THE_ENVIRONMENT", format!("{SECRET}: [")))?;
        assert_eq!(run.code, Some(1), "{file}: {run:#?}");
        assert!(!run.stderr.contains(SECRET) && run.stderr.contains("not-a-policy"), "{file}: {}", run.stderr);
    }
    Ok(())
}

/// What is named may have any name; what a link of the repository leads to may not.
#[cfg(unix)]
#[test]
fn links_lead_to_no_other_file_either() -> TestResult {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir()?;
    fs::write(outside.path().join("notes"), SECRET)?;
    let harness = repository("methods: {required: 2}")?;
    let folder = harness.folder.path();
    for (target, why) in [
        (Path::new(".env"), "it is a symbolic link to what is hidden"),
        (Path::new(".git/config"), "it is a symbolic link to what is hidden"),
        (Path::new(".hidden/values.yaml"), "it is a symbolic link to what is hidden"),
        (&outside.path().join("notes"), "it is a symbolic link that leads out of the repository"),
    ] {
        symlink(target, folder.join("link"))?;
        for arguments in [
            &["announce", "--template", "link"][..],
            &["plan", "--against", "link"],
            &["plan", "--against", "notes.txt", "--public-key", "link"],
            &["apply", "--plan", "link", "--auto-approve"],
        ] {
            let run = harness.run(arguments)?;
            let all = format!("{}{}", run.stdout, run.stderr);
            assert!(run.code == Some(1) && all.contains(why) && !all.contains(SECRET), "{arguments:?}: {run:#?}");
        }
        fs::remove_file(folder.join("link"))?;
    }
    // A template may be hidden or outside where that is what was named, and a link may lead to another file of the repository.
    symlink("notes.txt", folder.join("link"))?;
    fs::write(folder.join(".template"), "Hello")?;
    fs::write(outside.path().join("template"), "Hello")?;
    let elsewhere = outside.path().join("template");
    for template in ["link", ".template", &elsewhere.to_string_lossy()] {
        assert_eq!(harness.run(&["announce", "--template", template])?.code, Some(0), "{template}");
    }
    Ok(())
}

/// Whoever opened the pipe would wait for its other end, and this test would not end.
#[cfg(unix)]
#[test]
fn nobody_waits_for_a_pipe() -> TestResult {
    let harness = repository("methods: {required: 2}")?;
    let pipe = harness.folder.path().join("pipe.yaml");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)?;
    for (arguments, code) in [
        (&["validate", "pipe.yaml"][..], 3),
        (&["plan", "--against", "pipe.yaml"], 1),
        (&["apply", "--plan", "pipe.yaml", "--auto-approve"], 1),
        (&["announce", "--template", "pipe.yaml"], 1),
        (&["plan", "--sandbox", "--faults", "pipe.yaml"], 1),
    ] {
        let run = harness.run(arguments)?;
        assert_eq!(run.code, Some(code), "{arguments:?}: {run:#?}");
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(all.contains("not a regular file"), "{arguments:?}: {all}");
    }
    let mut command = harness.command(&["show", "--tenant", CONTOSO]);
    command.env_remove("SSPRCTL_GRAPH_TOKEN").env("AZURE_FEDERATED_TOKEN_FILE", &pipe);
    let run = harness.finish(command.envs([("AZURE_TENANT_ID", CONTOSO), ("AZURE_CLIENT_ID", "client")]))?;
    assert!(format!("{run:?}").contains("not a regular file"), "{run:#?}");
    Ok(())
}

/// A saved plan has documents of the tenant. It is for its owner alone, and takes the place of a regular file or of none.
#[cfg(unix)]
#[test]
fn a_saved_plan_is_for_its_owner_alone() -> TestResult {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let harness = repository("methods: {required: 2}")?;
    let path = |name: &str| harness.folder.path().join(name);
    let mode = |name: &str| Ok::<_, std::io::Error>(path(name).symlink_metadata()?.permissions().mode() & 0o777);
    for name in ["review.json", "below/review.json", "open.json"] {
        if name == "open.json" {
            fs::copy(path("review.json"), path(name))?;
            fs::set_permissions(path(name), fs::Permissions::from_mode(0o644))?;
        }
        assert_eq!(harness.run(&["plan", "--out", name])?.code, Some(0), "{name}");
        assert_eq!(mode(name)?, 0o600, "{name}");
    }
    // Whoever opened the pipe would wait for its other end, and what links lead to was chosen by somebody else.
    rustix::fs::mkfifoat(rustix::fs::CWD, path("pipe.json"), rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)?;
    fs::write(path("target.json"), "outside")?;
    symlink("target.json", path("link.json"))?;
    symlink("nowhere.json", path("dangling.json"))?;
    symlink("/dev/null", path("device.json"))?;
    for name in ["pipe.json", "link.json", "dangling.json", "device.json", "below", "/dev/null"] {
        let run = harness.run(&["plan", "--out", name])?;
        assert!(run.code == Some(1) && run.stderr.contains("cannot be written: it is not a regular file"), "{run:#?}");
    }
    assert_eq!(fs::read_to_string(path("target.json"))?, "outside");
    assert!(!path("nowhere.json").exists() && path("link.json").symlink_metadata()?.is_symlink());
    Ok(())
}

/// A pull request may bring a link with the name of a report. What it leads to is not overwritten.
#[cfg(unix)]
#[test]
fn results_are_written_through_no_link_of_a_repository() -> TestResult {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir()?;
    fs::write(outside.path().join("profile"), SECRET)?;
    let harness = repository("methods: {required: 2}")?;
    let folder = harness.folder.path();
    symlink(outside.path().join("profile"), folder.join("report.md"))?;
    symlink(".git/config", folder.join("hidden.md"))?;
    symlink(outside.path(), folder.join("reports"))?;
    for (path, why) in [
        ("report.md", "a symbolic link that leads out of the repository"),
        ("hidden.md", "a symbolic link to what is hidden"),
        ("reports/new.md", "a symbolic link that leads out of the repository"),
        ("reports/below/new.md", "a symbolic link that leads out of the repository"),
    ] {
        let also = format!("markdown={path}");
        for arguments in [
            &["plan", "--output", path][..],
            &["plan", "--also", &also],
            &["plan", "--out", path],
            &["snapshot", "--out", path],
            &["import", "--tenant", CONTOSO, "--out", path, "--force"],
        ] {
            let run = harness.run(arguments)?;
            let refused = run.stderr.contains(why)
                || run.stderr.contains("it is not a regular file")
                || run.stderr.contains("is a symbolic link; nothing was read or written");
            assert!(run.code == Some(1) && refused, "{arguments:?}: {run:#?}");
        }
    }
    assert_eq!(fs::read_to_string(outside.path().join("profile"))?, SECRET);
    assert_eq!(fs::read_dir(outside.path())?.count(), 1, "nothing is made there");
    assert!(fs::read_to_string(folder.join(".git/config"))?.contains(SECRET));
    // Inside of the repository, and where no repository is, links are followed.
    fs::write(folder.join("inner.md"), "")?;
    symlink("inner.md", folder.join("link.md"))?;
    assert_eq!(harness.run(&["plan", "--output", "link.md"])?.code, Some(0));
    assert!(!fs::read_to_string(folder.join("inner.md"))?.is_empty());
    let elsewhere = outside.path().join("elsewhere.md");
    symlink(outside.path().join("profile"), &elsewhere)?;
    assert_eq!(harness.run(&["plan", "--output", &elsewhere.to_string_lossy()])?.code, Some(0));
    assert_ne!(fs::read_to_string(outside.path().join("profile"))?, SECRET);
    Ok(())
}
