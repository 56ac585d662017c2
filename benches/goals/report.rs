//! The page of a fleet: `report` of a saved plan of many tenants.

use std::fs;

use serde_json::{Value, json};

use crate::Measured;
use crate::measure::{PROGRAM, clean, repeat, run};
use crate::row::Row;

const TIMES: usize = 11;
const TENANTS: u32 = 500;
/// The longest time of the whole process, in milliseconds.
const SLOWEST: f64 = 150.0;
const LARGEST: usize = 1_500_000;

/// The plan of one tenant with a change and a finding of its own.
fn tenant(number: u32) -> Value {
    let path = format!("policies/tenant{number}.yaml");
    json!({
        "tenant": format!("tenant{number}.onmicrosoft.com"), "path": path, "complete": true, "applicable": true,
        "changes": [{
            "setting": "registration.reconfirmAfterDays", "before": number % 731, "after": 180, "path": path, "line": 9,
            "column": 23, "requests": [0],
        }],
        "requests": [{ "surface": "passwordReset", "settings": ["registration.reconfirmAfterDays"], "waitsFor": [] }],
        "unchanged": ["methods.required"], "unmanaged": [], "unknown": [],
        "findings": [{
            "code": "one-method-required", "severity": "warning", "message": format!("methods.required is 1 in tenant {number}"),
            "path": path, "line": 6, "column": 13, "endLine": 6, "endColumn": 14, "lineText": "  required: 1",
        }],
        "effects": [{
            "setting": "registration.reconfirmAfterDays", "value": 180, "decidedBy": "password-reset-policy",
        }],
    })
}

pub(crate) fn rows() -> Measured {
    let folder = tempfile::tempdir()?;
    let plan = json!({
        "formatVersion": 1, "command": "plan", "exitCode": 0,
        "summary": {
            "tenants": TENANTS, "unreadable": 0, "changing": TENANTS, "toChange": TENANTS, "unchanged": TENANTS, "unmanaged": 0,
            "unknown": 0, "requests": TENANTS, "errors": 0, "warnings": TENANTS,
        },
        "tenants": (0..TENANTS).map(tenant).collect::<Vec<_>>(),
    });
    fs::write(folder.path().join("plan.json"), plan.to_string())?;
    let mut page = String::new();
    let report = || run(clean(PROGRAM).current_dir(folder.path()).args(["report", "plan.json"]));
    let version = || run(clean(PROGRAM).current_dir(folder.path()).arg("--version"));
    let (times, starts) = repeat(
        TIMES,
        || {
            page = report()?;
            Ok(())
        },
        || version().map(|_| ()),
    )?;
    if !page.contains(&format!("tenant{}.onmicrosoft.com", TENANTS - 1)) {
        return Err("the page does not have every tenant".into());
    }
    let is_fast = times.median().as_secs_f64() * 1e3 < SLOWEST;
    Ok(vec![
        Row {
            what: "page of 500 tenants",
            measured: times.to_string(),
            against: format!("--version: {starts}"),
            ratio: Some(times.ratio(&starts)),
            goal: Some(("under 150 ms", is_fast)),
        },
        Row {
            what: "its size",
            measured: format!("{:.2} MB", page.len() as f64 / 1e6),
            against: String::new(),
            ratio: None,
            goal: Some(("1.5 MB or less", page.len() <= LARGEST)),
        },
    ])
}
