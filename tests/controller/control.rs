//! `controller status`, `tenants`, `suspend`, `resume`, `reconcile` and `logs` beside a running controller, as two processes
//! of the real program.

use std::error::Error;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Process, controller_folder, program, request, wait_for};
use crate::repository::TestResult;

const CONTOSO: &str = "contoso.onmicrosoft.com";
const FABRIKAM: &str = "fabrikam.onmicrosoft.com";

/// How a command ended.
struct Ended {
    code: Option<i32>,
    out: String,
    error: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Result<Ended, Box<dyn Error>> {
    let arguments: Vec<&str> = ["controller"].iter().chain(arguments).copied().collect();
    let output = program(folder, &[]).args(&arguments).output()?;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes);
    Ok(Ended { code: output.status.code(), out: text(output.stdout)?, error: text(output.stderr)? })
}

/// Runs a command that must end with this code, and reads its document, which must fit its schema.
fn document(folder: &Path, arguments: &[&str], code: i32, schema: &str) -> Result<Value, Box<dyn Error>> {
    let arguments: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
    let ended = run(folder, &arguments)?;
    assert_eq!(ended.code, Some(code), "{arguments:?}: {}{}", ended.out, ended.error);
    let document: Value = serde_json::from_str(&ended.out)?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(schema);
    let validator = jsonschema::validator_for(&serde_json::from_str(&fs::read_to_string(path)?)?)?;
    let wrong: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}: {document:#}");
    Ok(document)
}

/// The state of each tenant in a document of tenants.
fn states(document: &Value) -> Vec<(&str, &str)> {
    let rows = document["tenants"].as_array().into_iter().flatten();
    rows.filter_map(|row| Some((row["tenant"].as_str()?, row["state"].as_str()?))).collect()
}

fn write_policy(folder: &Path, tenant: &str, required: u8) -> TestResult {
    let name = tenant.split('.').next().unwrap_or_default();
    fs::create_dir_all(folder.join("policies"))?;
    let policy = format!("version: 1\ntenant: {tenant}\nmethods:\n  required: {required}\n");
    Ok(fs::write(folder.join(format!("policies/{name}.yaml")), policy)?)
}

/// A controller in this folder that is ready, and its address.
fn start(folder: &Path, options: &[&str]) -> Result<(Process, String), Box<dyn Error>> {
    let arguments = ["controller", "--sandbox", "--listen", "127.0.0.1:0"];
    let arguments: Vec<&str> = arguments.iter().chain(options).copied().collect();
    let process = Process::start(folder, &[], &arguments)?;
    let address = process.address()?;
    wait_for("a ready controller", || Ok((request(&address, "GET", "/readyz", "")?.0 == 200).then_some(())))?;
    Ok((process, address))
}

fn with_policies() -> Result<TempDir, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    write_policy(folder.path(), CONTOSO, 1)?;
    write_policy(folder.path(), FABRIKAM, 2)?;
    Ok(folder)
}

#[test]
fn without_a_controller_every_command_says_so() -> TestResult {
    let folder = with_policies()?;
    let all: [&[&str]; 6] = [
        &["status"],
        &["tenants", "--format", "json"],
        &["suspend", CONTOSO],
        &["resume", "--all"],
        &["reconcile"],
        &["logs", "--follow"],
    ];
    let check = || -> TestResult {
        for arguments in all {
            let Ended { code, out, error } = run(folder.path(), arguments)?;
            assert_eq!((code, out.as_str()), (Some(1), ""), "{arguments:?}: {error}");
            assert!(error.contains("no controller is running") && error.contains("ssprctl controller`"), "{error}");
        }
        Ok(())
    };
    check()?;
    // What a process that was killed leaves behind is no controller.
    let (process, _) = start(folder.path(), &[])?;
    process.end("-KILL")?;
    assert!(controller_folder(folder.path())?.join("control.sock").exists());
    check()
}

#[test]
fn a_word_that_is_no_command_and_no_path_starts_nothing() -> TestResult {
    let folder = with_policies()?;
    for (word, meant) in [("statsu", Some("`status`")), ("Suspended", Some("`suspend`")), ("elsewhere", None)] {
        let Ended { code, error, .. } = run(folder.path(), &[word])?;
        assert_eq!(code, Some(1), "{word}: {error}");
        assert!(error.contains(&format!("`{word}` is neither")) && error.contains("reconcile, logs"), "{error}");
        let suggested = error.split_once("did you mean ").map(|(_, rest)| rest.split('?').next().unwrap_or_default());
        assert_eq!(suggested, meant, "{error}");
    }
    assert!(controller_folder(folder.path()).is_err(), "no state was made");
    let refused: [&[&str]; 4] =
        [&["--remediate", "status"], &["suspend"], &["suspend", CONTOSO, "--all"], &["logs", "-f", "--output", "log"]];
    for arguments in refused {
        assert_eq!(run(folder.path(), arguments)?.code, Some(1), "{arguments:?}");
    }
    Ok(())
}

#[test]
fn a_suspended_tenant_is_left_alone_until_it_is_resumed() -> TestResult {
    let folder = with_policies()?;
    let here = folder.path();
    let (process, address) = start(here, &[])?;
    let all = document(here, &["reconcile"], 0, "controller-tenants.json")?;
    assert_eq!(states(&all), [(CONTOSO, "inSync"), (FABRIKAM, "inSync")]);
    let status = document(here, &["status"], 0, "controller-status.json")?;
    assert!(status["rounds"]["finished"].as_u64() >= Some(2), "{status:#}");

    let rows = document(here, &["suspend", CONTOSO], 0, "controller-tenants.json")?;
    assert_eq!(states(&rows), [(CONTOSO, "suspended")]);
    let shown = run(here, &["status"])?.out;
    assert!(shown.contains("tenants     2: 1 in sync, 1 suspended\n"), "{shown}");
    let gauge = format!("ssprctl_suspended{{tenant=\"{CONTOSO}\"}} 1\n");
    assert!(request(&address, "GET", "/metrics", "")?.1.contains(&gauge));
    let refused = run(here, &["reconcile", CONTOSO])?;
    assert!(refused.code == Some(4) && refused.error.contains("suspended; resume it first"), "{}", refused.error);

    // Neither a new policy nor a restart makes it look at the tenant.
    write_policy(here, CONTOSO, 2)?;
    let rows = document(here, &["reconcile"], 0, "controller-tenants.json")?;
    assert_eq!(states(&rows), [(CONTOSO, "suspended"), (FABRIKAM, "inSync")]);
    process.end("-TERM")?;
    let (process, _) = start(here, &[])?;
    let rows = document(here, &["tenants"], 0, "controller-tenants.json")?;
    assert_eq!(states(&rows), [(CONTOSO, "suspended"), (FABRIKAM, "inSync")]);

    assert_eq!(run(here, &["resume", CONTOSO])?.code, Some(0));
    let rows = document(here, &["reconcile", CONTOSO], 2, "controller-tenants.json")?;
    assert_eq!(states(&rows), [(CONTOSO, "pending")]);
    assert_eq!(rows["tenants"][0]["differingSettings"], 1);
    let table = run(here, &["tenants", "--tenant", "contoso.*"])?.out;
    assert!(table.starts_with("TENANT") && table.contains("not applied yet: methods.required"), "{table}");
    assert!(!table.contains(FABRIKAM), "{table}");
    process.end("-TERM")?;
    Ok(())
}

#[test]
fn all_tenants_and_those_of_a_pattern_can_be_suspended() -> TestResult {
    let folder = with_policies()?;
    let here = folder.path();
    let (process, _) = start(here, &[])?;
    let rows = document(here, &["suspend", "--all", "--tenant", "fabrikam.*"], 0, "controller-tenants.json")?;
    assert_eq!(states(&rows), [(FABRIKAM, "suspended")]);
    assert_eq!(states(&document(here, &["suspend", "--all"], 0, "controller-tenants.json")?).len(), 2);
    assert_eq!(run(here, &["suspend", "--all", "--tenant", "nobody.*"])?.code, Some(1));
    let near = run(here, &["resume", "contso.onmicrosoft.com"])?;
    assert!(near.code == Some(1) && near.error.contains(&format!("did you mean `{CONTOSO}`?")), "{}", near.error);
    assert_eq!(run(here, &["resume", "--all"])?.code, Some(0));
    let waiting = run(here, &["reconcile", "--no-wait"])?;
    assert_eq!((waiting.code, waiting.out.as_str()), (Some(0), ""), "{}", waiting.error);

    let logs = document(here, &["logs", "--tenant", "fabrikam.*"], 0, "controller-events.json")?;
    let reasons: Vec<_> = logs["events"].as_array().into_iter().flatten().map(|event| &event["reason"]).collect();
    assert!(reasons.starts_with(&[&"InLine".into(), &"Suspended".into(), &"Resumed".into()]), "{logs:#}");
    assert!(run(here, &["logs"])?.out.contains("the source  Fetched: revision "));
    process.end("-TERM")?;
    Ok(())
}

#[test]
fn logs_are_followed_until_the_controller_ends() -> TestResult {
    let folder = with_policies()?;
    let (process, _) = start(folder.path(), &[])?;
    let follow = ["controller", "logs", "-f", "--format", "json"];
    let mut following = program(folder.path(), &[]).args(follow).stderr(Stdio::null()).spawn()?;
    let mut lines = BufReader::new(following.stdout.take().ok_or("no standard output")?).lines();
    assert_eq!(run(folder.path(), &["suspend", CONTOSO])?.code, Some(0));
    let suspended = loop {
        let event: Value = serde_json::from_str(&lines.next().ok_or("the log ended")??)?;
        if event["reason"] == "Suspended" {
            break event;
        }
    };
    assert_eq!((suspended["tenant"].as_str(), suspended["well"].as_bool()), (Some(CONTOSO), Some(true)));
    process.end("-TERM")?;
    assert_eq!(following.wait()?.code(), Some(1), "the end of the controller is not the end of its log");
    Ok(())
}

#[test]
fn another_controller_is_asked_by_its_address_and_token() -> TestResult {
    let folder = with_policies()?;
    let elsewhere = tempfile::tempdir()?;
    let token = |name: &str, text: &str| -> Result<String, Box<dyn Error>> {
        let path = elsewhere.path().join(name);
        fs::write(&path, text)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(path.to_string_lossy().into_owned())
    };
    let (right, wrong) = (token("right", "the-first-token-of-all\n")?, token("wrong", "another-token-of-all\n")?);
    let (process, address) = start(folder.path(), &["--token-file", &right])?;
    let url = format!("http://{address}");
    let ask = |arguments: &[&str]| {
        run(elsewhere.path(), &arguments.iter().copied().chain(["--url", &url]).collect::<Vec<_>>())
    };
    assert_eq!(ask(&["status"])?.code, Some(0), "reading needs no token");
    for token in [None, Some(&wrong)] {
        let option = token.map(|file| ["--token-file", file.as_str()]);
        let arguments = ["suspend", CONTOSO].into_iter().chain(option.into_iter().flatten());
        let refused = ask(&arguments.collect::<Vec<_>>())?;
        assert_eq!(refused.code, Some(8), "{}", refused.error);
        assert!(refused.error.contains("--token-file") && !refused.error.contains("token-of-all"), "{}", refused.error);
    }
    assert!(ask(&["status"])?.out.contains("2: 2 in sync"), "nothing was suspended");
    let suspended = ask(&["suspend", CONTOSO, "--token-file", &right])?;
    assert!(suspended.code == Some(0) && suspended.out.contains("suspended"), "{}{}", suspended.out, suspended.error);
    assert_eq!(ask(&["reconcile", FABRIKAM, "--token-file", &right])?.code, Some(0));
    process.end("-TERM")?;
    let silent = ask(&["status"])?;
    assert!(silent.code == Some(1) && silent.error.contains("does not answer"), "{}", silent.error);
    for refused in ["http://192.0.2.1:8780", "file:///etc", "https://user@192.0.2.1"] {
        let ended = run(elsewhere.path(), &["suspend", CONTOSO, "--token-file", &right, "--url", refused])?;
        assert!(ended.code == Some(1) && ended.error.contains("--url is not https://"), "{}", ended.error);
    }
    Ok(())
}
