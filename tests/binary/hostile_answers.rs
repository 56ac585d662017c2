//! Hostile answers of a service, up to the report, as in `hostile`.

use axum::http::Method;
use entra_sandbox::Faults;
use entra_sandbox::faults::{Action, Fault};
use serde_json::Value;

use crate::harness::{CONTOSO, Harness, POLICY_PATH, TestResult};
use crate::hostile::{MOST_OUTPUT, SIZES, measured, too_long};
use crate::hostile_inputs::{Input, parts};

const SECTIONS: &str = "methods: { required: 2 }";

/// What a service may add to a document, as the text after its first brace.
const ANSWERS: [Input; 9] = [
    ("keys", |size| parts(size, |number| format!("\"k{number}\":1,"))),
    ("one key repeated", |size| "\"k\":1,".repeat(size / 6)),
    ("keys that differ in case", |size| {
        let bit = |number: usize, at: usize| if number >> at & 1 == 1 { 'K' } else { 'k' };
        parts(size, |number| format!("\"{}\":1,", (0..17).map(|at| bit(number, at)).collect::<String>()))
    }),
    ("lists in lists", |size| format!("\"k\":{}{},", "[".repeat(size / 2), "]".repeat(size / 2))),
    ("objects in objects", |size| format!("\"k\":{}1{},", "{\"a\":".repeat(size / 6), "}".repeat(size / 6))),
    ("items", |size| format!("\"k\":[{}1],", "{},".repeat(size / 3))),
    ("a text", |size| format!("\"k\":\"{}\",", "\\u001b".repeat(size / 6))),
    ("digits", |size| format!("\"k\":{},", "9".repeat(size))),
    ("escaped texts", |size| format!("\"k\":\"{}\",", "\\\\\\\"%5C&quot;".repeat(size / 13))),
];

/// Documents of the service, and errors with such a text.
#[test]
fn answers() -> TestResult {
    let shown: Value = serde_json::from_str(&Harness::with(SECTIONS, Faults::none())?.world.show(CONTOSO)?)?;
    let document = shown["passwordReset"].to_string();
    let rest = document.strip_prefix('{').ok_or("no document")?;
    let mut wrong = Vec::new();
    let mut inputs = 0;
    for (status, command, codes) in [
        (200, &["plan"][..], &[0, 1, 8][..]),
        (200, &["plan", "--format", "json"], &[0, 1, 8]),
        (200, &["show"], &[0, 1, 8]),
        (400, &["plan"], &[0, 1, 8]),
    ] {
        for (name, text) in ANSWERS {
            let mut times = Vec::new();
            for size in SIZES {
                let body = format!("{{{}{rest}", text(size));
                let answer = Action::Respond { status, headers: Vec::new(), body };
                let faults = Faults::none().and(Fault::on(Method::GET, POLICY_PATH, answer));
                let harness = Harness::with(SECTIONS, faults)?;
                let mut run = harness.command(command);
                let (code, printed, time) = measured(run.args(["--tenant", CONTOSO]))?;
                if !code.is_some_and(|code| codes.contains(&code)) || printed.len() > MOST_OUTPUT {
                    let start: String = printed.chars().take(300).collect();
                    wrong.push(format!("{name}, {status} {command:?}: {code:?}, {} bytes: {start}", printed.len()));
                }
                times.push(time);
                inputs += 1;
            }
            wrong.extend(too_long(&times).map(|why| format!("{name}, {status} {command:?}: {why}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(inputs, 72);
    Ok(())
}
