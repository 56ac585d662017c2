//! The pages of results: the same from a saved document, of bounded size, and with nothing of a tenant or a policy as markup.

use std::error::Error;
use std::fs;

use entra_sandbox::{Faults, Person};
use serde_json::{Value, json};

use crate::harness::{FABRIKAM, Harness, TestResult};

const SECTIONS: &str =
    "scope:\n  users: all\nmethods:\n  required: 1\n  allowed: [mobileAppCode, email, mobilePhone]\n";
/// What somebody may write into any text: markup, quotes, what turns or hides text, what a style sheet or a template would take
/// for its own, and no end.
const HOSTILE: [&str; 5] = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"' onmouseover=\"alert(1)\" style='position:fixed'",
    "</style></title></code><svg/onload=alert(1)>--><!--",
    "\u{202e}txt.exe\u{2066}\u{200b}\u{1b}[2J\u{0}{{ 7 * 7 }}{% raw %}",
    "` <b>javascript:alert(1)&lt;",
];

/// Every kind of result of one tenant, in JSON, with the page of the same run.
fn results() -> Result<Vec<(Value, String)>, Box<dyn Error>> {
    let harness = Harness::of(FABRIKAM, SECTIONS, Faults::default(), &Person::Administrator)?;
    let runs: [&[&str]; 5] = [
        &["validate"],
        &["plan", "--impact", "--by", "department"],
        &["forecast", "--by", "department"],
        &["drift"],
        &["show", "--tenant", FABRIKAM, "--registration"],
    ];
    let mut found = Vec::new();
    for run in runs {
        let arguments = [run, &["--format", "html", "--also", "json=result.json"]].concat();
        let ended = harness.run(&arguments)?;
        let file = harness.folder.path().join("result.json");
        let text = fs::read_to_string(&file).map_err(|error| format!("{run:?}: {error}: {}", ended.stderr))?;
        let report = harness.run(&["report", "result.json"])?;
        assert_eq!(
            (report.code, report.stdout.as_str()),
            (Some(0), ended.stdout.as_str()),
            "{run:?}: {}",
            report.stderr
        );
        fs::remove_file(file)?;
        found.push((serde_json::from_str(&text)?, ended.stdout));
    }
    Ok(found)
}

/// The page that `report` makes of documents.
fn page(documents: &[&Value]) -> Result<String, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ssprctl"));
    command.env_clear().current_dir(folder.path()).args(["--as-of", "2026-11-28", "report"]);
    for (number, document) in documents.iter().enumerate() {
        let name = format!("{number}.json");
        fs::write(folder.path().join(&name), document.to_string())?;
        command.arg(name);
    }
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Puts a text in the place of every text of a document that is free, by its key.
fn replace(value: &mut Value, key: &str, text: &str) {
    const FREE: [&str; 20] = [
        "tenant", "path", "message", "hint", "lineText", "reason", "owner", "says", "name", "portal", "page",
        "activity", "value", "before", "after", "expected", "found", "setting", "commit", "what",
    ];
    match value {
        Value::String(free) if FREE.contains(&key) => text.clone_into(free),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, key, text)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| replace(value, key, text)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The markup of a page: everything between `<` and `>`, without the values of attributes.
fn tags(page: &str) -> Vec<String> {
    let tags = page.split('<').skip(1).map(|part| part.split('>').next().unwrap_or_default());
    tags.map(|tag| tag.split('"').step_by(2).collect()).collect()
}

#[test]
fn a_saved_result_has_the_page_of_its_run() -> TestResult {
    for (document, page) in results()? {
        let command = document["command"].as_str().unwrap_or_default();
        assert!(page.len() <= 60_000, "{command}: {} bytes", page.len());
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"), "{command}");
        assert!(!page.contains("cannot be shown") && !page.contains("<script"), "{command}: {page}");
        assert!(page.contains("SHA-256"), "{command}");
    }
    Ok(())
}

/// The numbers of the drawing are those of the forecast: whoever is in a state came from one, and went to one.
#[test]
fn flows_add_up_to_the_rows() -> TestResult {
    for (document, _) in results()? {
        for forecast in [document.pointer("/tenants/0/forecast"), document.pointer("/tenants/0/people/counts/forecast")]
        {
            let Some(forecast) = forecast else { continue };
            let rows = forecast["rows"].as_array().ok_or("no rows")?;
            let flows = forecast["flows"].as_array().ok_or("no flows")?;
            assert!(rows.len() > 1 && !flows.is_empty());
            for (index, row) in rows.iter().enumerate().skip(1) {
                for (who, is_administrator) in [("people", false), ("administrators", true)] {
                    for state in ["able", "short", "unregistered", "notPermitted", "unclear"] {
                        let sum = |end: &str| -> u64 {
                            let flows = flows.iter().filter(|flow| {
                                flow["row"] == index && flow["administrators"] == is_administrator && flow[end] == state
                            });
                            flows.filter_map(|flow| flow["people"].as_u64()).sum()
                        };
                        assert_eq!(Some(sum("after")), row[who][state].as_u64(), "row {index}, {who}, {state}");
                        assert_eq!(
                            Some(sum("before")),
                            rows[index - 1][who][state].as_u64(),
                            "row {index}, {who}, {state}"
                        );
                    }
                }
            }
        }
    }
    Ok(())
}

#[test]
fn no_text_becomes_markup() -> TestResult {
    let documents: Vec<Value> = results()?.into_iter().map(|(document, _)| document).collect();
    let filled = |text: &str| {
        let mut documents = documents.clone();
        documents.iter_mut().for_each(|document| replace(document, "", text));
        page(&documents.iter().collect::<Vec<_>>())
    };
    let plain = filled("harmless")?;
    assert!(plain.matches("harmless").count() > 100);
    let long = "<b>".repeat(3_400);
    for text in HOSTILE.into_iter().chain([long.as_str()]) {
        let page = filled(text)?;
        let differing = tags(&plain).into_iter().zip(tags(&page)).find(|(one, other)| one != other);
        assert_eq!((differing, tags(&page).len()), (None, tags(&plain).len()), "{text}");
        for never in ['\u{202e}', '\u{200b}', '\u{1b}', '\0'] {
            assert!(!page.contains(never), "{text}: {never:?}");
        }
    }
    Ok(())
}

/// 500 tenants with changes and findings of their own are a page of at most 1.5 MB.
#[test]
fn a_fleet_is_a_page_of_bounded_size() -> TestResult {
    let all = results()?;
    for (mut document, _) in all.into_iter().filter(|(document, _)| document["tenants"].is_array()) {
        let one = document["tenants"][0].clone();
        let tenants = (0..500).map(|number| {
            let name = format!("tenant{number}.onmicrosoft.com");
            let path = format!("policies/{name}.yaml");
            let text = one.to_string().replace(FABRIKAM, &name).replace("policies/policy.yaml", &path);
            serde_json::from_str::<Value>(&text)
        });
        document["tenants"] = json!(tenants.collect::<Result<Vec<_>, _>>()?);
        let page = page(&[&document])?;
        assert!(page.len() <= 1_500_000, "{}: {} bytes", document["command"], page.len());
        assert!(page.contains("tenant499.onmicrosoft.com"), "{}", document["command"]);
    }
    Ok(())
}

#[test]
fn what_is_no_result_is_refused_with_its_place() -> TestResult {
    let refused = |document: Value| page(&[&document]).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refused(json!({})).contains("0.json is not a result that has a page"));
    assert!(refused(json!({ "command": "why" })).contains("hint: name files"));
    let (mut plan, _) = results()?.into_iter().find(|(document, _)| document["command"] == "plan").ok_or("no plan")?;
    plan["tenants"][0]["changes"] = json!("<script>");
    let why = refused(plan);
    assert!(why.contains("`/tenants/0/changes` has another form") && !why.contains("<script>"), "{why}");
    Ok(())
}

/// A tenant that was not compared in full is not in sync, and neither are all.
#[test]
fn what_was_not_compared_has_not_stayed() -> TestResult {
    let saved = |name: &str| -> Result<Value, Box<dyn Error>> {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/pages/saved/{name}.json"));
        Ok(serde_json::from_str(&fs::read_to_string(file)?)?)
    };
    let mut document = saved("drift")?;
    document["summary"]["settings"] = json!(0);
    document["summary"]["drifted"] = json!(0);
    let mut tenant = document["tenants"][0].clone();
    tenant["settings"] = json!([]);
    document["tenants"] = json!([tenant.clone(), tenant.clone()]);
    let in_sync = page(&[&document])?;
    assert!(in_sync.contains("No setting has drifted.") && in_sync.matches("no drift<").count() == 2, "{in_sync}");
    document["tenants"][1]["findings"] = json!([saved("validate")?["findings"][0]]);
    let with_errors = page(&[&document])?;
    assert!(with_errors.contains("No setting is known to have drifted."), "{with_errors}");
    assert!(with_errors.contains(" has errors<") && with_errors.matches("no drift<").count() == 1, "{with_errors}");
    Ok(())
}
