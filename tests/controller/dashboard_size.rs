//! How large a page of many tenants is, with numbers of its own for each.

use std::error::Error;
use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::dashboard::{ready, rows};
use crate::process::{Process, controller_folder, request};
use crate::repository::TestResult;

/// The bytes of a text as gzip sends it.
fn compressed(text: &str) -> Result<usize, Box<dyn Error>> {
    let mut gzip = Command::new("gzip").args(["-c", "-6"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut input = gzip.stdin.take().ok_or("no standard input")?;
    let text = text.to_owned();
    let writing = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = gzip.wait_with_output()?;
    writing.join().map_err(|_| "gzip was not written to")??;
    Ok(output.stdout.len())
}

/// A page of 500 tenants with numbers of their own, and its script, are 30 KB as gzip sends them.
#[test]
fn a_page_of_500_tenants_is_small() -> TestResult {
    let folder = tempfile::tempdir()?;
    fs::create_dir_all(folder.path().join("policies"))?;
    let name = |number: usize| format!("school-{:03}.onmicrosoft.com", number * 7919 % 1000);
    for number in 0..500 {
        let policy = format!("version: 1\ntenant: {}\nmethods: {{ required: 1 }}\n", name(number));
        fs::write(folder.path().join(format!("policies/{number}.yaml")), policy)?;
    }
    let config = |controller: &str| {
        let rings = "rings: [{ name: pilot, tenants: [school-1*] }, { name: early, percent: 20 }]";
        fs::write(folder.path().join("ssprctl.yaml"), format!("version: 1\n{rings}\n{controller}"))
    };
    config("controller: { suspend: ['*'] }\n")?;
    let start = || -> Result<(Process, String), Box<dyn Error>> {
        let arguments = ["controller", "--sandbox", "--count-people", "--listen", "127.0.0.1:0"];
        let day = ("SSPRCTL_AS_OF".to_owned(), "2026-11-28".to_owned());
        let process = Process::start(folder.path(), &[day], &arguments)?;
        let address = process.address()?;
        ready(&address)?;
        Ok((process, address))
    };
    start()?.0.end("-TERM")?;
    let path = controller_folder(folder.path())?.join("state.json");
    let read = || -> Result<Value, Box<dyn Error>> { Ok(serde_json::from_str(&fs::read_to_string(&path)?)?) };
    // The revision without suspended tenants; they are suspended by request meanwhile, so that none is compared.
    config("")?;
    let mut state = read()?;
    for tenant in state["tenants"].as_object_mut().into_iter().flat_map(|tenants| tenants.values_mut()) {
        tenant["suspended"] = json!(true);
    }
    fs::write(&path, state.to_string())?;
    start()?.0.end("-TERM")?;
    let mut state = read()?;
    let revision = state["source"]["lastApplied"]["revision"].clone();
    let tenants = state["tenants"].as_object_mut().ok_or("no tenants")?;
    assert_eq!(tenants.len(), 500);
    for (number, tenant) in tenants.values_mut().enumerate() {
        let moment = |date: &str, able: usize, losing: usize| json!({ "date": date, "states": { "able": able }, "losing": losing });
        let able = 200 + number * 7331 % 90_000;
        tenant["people"] = json!({
            "tried": "2026-11-28T01:00:00Z", "day": "2026-11-28",
            "counts": { "counted": "2026-11-28T01:00:00Z", "revision": revision, "today": moment("2026-11-28", able, 0),
                        "afterPlan": moment("2026-11-28", able, 0), "nextCalendarDate": moment("2027-02-01", able / 2, able * 3 / 7) },
            "days": { "2026-11-25": able - number * 53 % 90, "2026-11-27": able - number * 37 % 100, "2026-11-28": able },
        });
        let at = format!("2026-11-28T{:02}:{:02}:09Z", number % 3, number * 17 % 60);
        tenant["lastAttempted"] = json!({ "revision": revision, "at": at });
        (tenant["suspended"], tenant["next"]) = (json!(false), json!("2099-01-01T00:00:00Z"));
        let entry = json!({ "setting": "methods.required", "expected": "1", "found": "2", "place": "a:1:1" });
        tenant["drift"] = json!(vec![entry; number * 13 % 5]);
    }
    fs::write(&path, state.to_string())?;
    let (process, address) = start()?;
    let page = request(&address, "GET", "/", "")?.1;
    assert_eq!(rows(&page).len(), 500);
    assert!(
        page.contains("on 2027-02-01, with the policy applied, ") && page.contains(" more since 2026-11-27"),
        "{page}"
    );
    assert!(
        page.contains("3 counts, from 2026-11-25 to 2026-11-28") && page.contains(" in 500 tenants. Of 1 day"),
        "{page}"
    );
    let (page, script) = (compressed(&page)?, compressed(&request(&address, "GET", "/live.js", "")?.1)?);
    assert!(page + script <= 30_000, "{page} and {script} bytes");
    process.end("-TERM")?;
    Ok(())
}
