//! The files that a result was made from, with their digests: in the JSON documents, and in the evidence of their pages.

use std::error::Error;
use std::fs;

use entra_sandbox::Faults;
use serde_json::{Value, json};
use ssprctl::testing::base::signature::Digest;

use crate::fleet::{Fleet, name, policy};
use crate::harness::TestResult;

const BASELINE: &str = "\u{feff}version: 1\r\nscope:\r\n  administrators: false\r\n";

const CONFIG: &str = "\u{feff}version: 1\r\nlimits:\r\n  tenants: 100\r\n";

/// Three tenants, of which the first extends a baseline of which no value is left, and limits for all.
fn fleet() -> Result<Fleet, Box<dyn Error>> {
    let fleet = Fleet::of(3, Faults::none())?;
    fs::create_dir(fleet.folder.path().join("shared"))?;
    fleet.write("shared/baseline.yaml", BASELINE)?;
    fleet.write("ssprctl.yaml", CONFIG)?;
    let extends = "extends: [../shared/baseline.yaml]\nscope:\n  administrators: true";
    fleet.write("policies/t0001.yaml", &policy(&name(1), extends))?;
    Ok(fleet)
}

/// Files of the folder as a result names them.
fn named(fleet: &Fleet, paths: &[&str]) -> Result<Value, Box<dyn Error>> {
    let file = |path: &&str| -> Result<Value, Box<dyn Error>> {
        let digest = Digest::of(&fs::read(fleet.folder.path().join(path))?).to_string();
        Ok(json!({ "path": path, "sha256": digest.strip_prefix("sha256:").ok_or("another digest")? }))
    };
    paths.iter().map(file).collect()
}

#[test]
fn results_name_the_files_that_they_were_made_from() -> TestResult {
    let fleet = fleet()?;
    let all =
        ["policies/t0001.yaml", "policies/t0002.yaml", "policies/t0003.yaml", "shared/baseline.yaml", "ssprctl.yaml"];
    for command in ["validate", "plan", "drift", "forecast"] {
        let run = fleet.run(&[command, "--format", "json"])?;
        assert_eq!(run.json()?["policies"], named(&fleet, &all)?, "{command}: {run:#?}");
    }
    for command in ["plan", "drift", "forecast"] {
        for (tenant, files) in [(1, &[all[0], all[3], all[4]][..]), (2, &[all[1], all[4]][..])] {
            let run = fleet.run(&[command, "--tenant", &name(tenant), "--format", "json"])?;
            assert_eq!(run.json()?["policies"], named(&fleet, files)?, "{command}: {run:#?}");
        }
    }
    assert_eq!(fleet.run(&["plan", "--tenant", &name(1), "--out", "review.json"])?.code, Some(0));
    let apply = ["apply", "--auto-approve", "--format", "json"];
    let run = fleet.run(&[&apply[..], &["--plan", "review.json"]].concat())?;
    assert_eq!(run.json()?["policies"], named(&fleet, &[all[0], all[3], all[4]])?, "{run:#?}");
    let run = fleet.run(&apply)?;
    assert_eq!(run.json()?["policies"], named(&fleet, &all)?, "{run:#?}");
    // A rollback is made from a journal, whatever the policies say.
    let run = fleet.run(&["rollback", "latest", "--auto-approve", "--format", "json"])?;
    assert_eq!((run.code, run.json()?.get("policies")), (Some(0), None), "{run:#?}");
    Ok(())
}

/// A digest is that of a whole file, so one that could not be read to its end has none; one that is wrong has.
#[test]
fn a_file_that_was_not_read_whole_has_no_digest() -> TestResult {
    let fleet = fleet()?;
    fs::write(fleet.folder.path().join("policies/t0002.yaml"), b"version: 1\n# \xff\n")?;
    fleet.write("policies/t0003.yaml", "version: [\n")?;
    let run = fleet.run(&["validate", "--format", "json"])?;
    let read = ["policies/t0001.yaml", "policies/t0003.yaml", "shared/baseline.yaml", "ssprctl.yaml"];
    assert_eq!((run.code, &run.json()?["policies"]), (Some(3), &named(&fleet, &read)?), "{run:#?}");
    Ok(())
}

#[test]
fn a_page_shows_the_files_and_one_of_an_older_result_does_without() -> TestResult {
    let fleet = fleet()?;
    let run = fleet.run(&["plan", "--format", "html", "--also", "json=plan.json"])?;
    let saved = fs::read_to_string(fleet.folder.path().join("plan.json"))?;
    let mut document: Value = serde_json::from_str(&saved)?;
    let files = document["policies"].as_array().ok_or("no files")?.clone();
    let shown = |page: &str| {
        let all = files.iter().filter(|file| page.contains(file["sha256"].as_str().unwrap_or("none")));
        (all.count(), page.contains("<dt>Made from</dt>"), page.contains("with their SHA-256</summary>"))
    };
    assert_eq!(shown(&run.stdout), (5, true, false), "{}", run.stdout);
    assert_eq!(fleet.run(&["report", "plan.json"])?.stdout, run.stdout);

    document["policies"] = files.iter().cycle().take(9).cloned().collect();
    fleet.write("plan.json", &document.to_string())?;
    let many = fleet.run(&["report", "plan.json"])?;
    assert_eq!(shown(&many.stdout), (5, true, true), "{}", many.stdout);

    document.as_object_mut().ok_or("no object")?.remove("policies");
    fleet.write("plan.json", &document.to_string())?;
    let older = fleet.run(&["report", "plan.json"])?;
    assert_eq!((older.code, shown(&older.stdout)), (Some(0), (0, false, false)), "{}", older.stderr);
    Ok(())
}

/// Numbers that no tenant has are no reason to stop: sums of them have no end to run over.
#[test]
fn a_page_is_made_of_numbers_that_are_too_large() -> TestResult {
    fn inflate(value: &mut Value) {
        match value {
            Value::Number(number) if number.is_u64() => *value = json!(u64::MAX),
            Value::Array(items) => items.iter_mut().for_each(inflate),
            Value::Object(fields) => {
                let fixed = |key: &str| ["formatVersion", "exitCode"].contains(&key);
                fields.iter_mut().filter(|(key, _)| !fixed(key)).for_each(|(_, field)| inflate(field));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let fleet = fleet()?;
    for command in [&["plan", "--impact"][..], &["forecast"], &["drift"], &["validate"]] {
        let mut document = fleet.run(&[command, &["--format", "json"]].concat())?.json()?;
        inflate(&mut document);
        fleet.write("large.json", &document.to_string())?;
        let run = fleet.run(&["report", "large.json"])?;
        assert!(run.code == Some(0) && run.stdout.contains("</html>"), "{command:?}: {run:#?}");
    }
    Ok(())
}
