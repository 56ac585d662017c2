//! 1 MB of hostile input of each kind: the slowest of them gets its report within a second.

use std::error::Error;
use std::fs;
use std::process::Output;
use std::time::Duration;

use ssprctl::testing::base::clock::Stopwatch;

use crate::Measured;
use crate::inputs::{FAULTS, Input, JOURNALS, JSON_FILES, POLICIES, REPOSITORIES, TEMPLATES, TESTS};
use crate::measure::{PROGRAM, Times, clean};
use crate::row::Row;

const TIMES: usize = 3;
const SIZE: usize = 1_000_000;
/// The largest file that is read as a policy, in bytes.
const MOST: usize = 1024 * 1024;
const LONGEST: Duration = Duration::from_secs(1);
const POLICY: &str = "version: 1\ntenant: contoso.onmicrosoft.com\nmethods: { required: 2 }\n";

/// What reads inputs of one kind of file.
struct Case {
    what: &'static str,
    inputs: &'static [Input],
    file: &'static str,
    arguments: &'static [&'static str],
}

const ALSO: [&str; 3] = ["--also=json=o.json", "--also=sarif=o.sarif", "--also=markdown=o.md"];
const CASES: [Case; 7] = [
    Case {
        what: "hostile policies",
        inputs: &POLICIES,
        file: "hostile/p.yaml",
        arguments: &["validate", "hostile", ALSO[0], ALSO[1], ALSO[2]],
    },
    Case { what: "hostile ssprctl.yaml", inputs: &REPOSITORIES, file: "ssprctl.yaml", arguments: &["validate"] },
    Case { what: "hostile tests", inputs: &TESTS, file: "test.yaml", arguments: &["test", "test.yaml"] },
    Case {
        what: "hostile faults",
        inputs: &FAULTS,
        file: "faults.yaml",
        arguments: &["plan", "--sandbox", "--faults", "faults.yaml"],
    },
    Case {
        what: "hostile reviews",
        inputs: &JSON_FILES,
        file: "review.json",
        arguments: &["apply", "--sandbox", "--plan", "review.json", "--auto-approve"],
    },
    Case {
        what: "hostile templates",
        inputs: &TEMPLATES,
        file: "template",
        arguments: &["announce", "--template", "template"],
    },
    Case {
        what: "hostile journals",
        inputs: &JOURNALS,
        file: "journal/20261127T090000000Z-1a2b3c4d.jsonl",
        arguments: &["history", "--journal", "journal"],
    },
];

pub(crate) fn rows() -> Measured {
    CASES.iter().map(Case::row).collect()
}

impl Case {
    /// The row of the slowest input, by its median.
    fn row(&self) -> Result<Row, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        for below in ["policies", "hostile", "journal"] {
            fs::create_dir(folder.path().join(below))?;
        }
        fs::write(folder.path().join("policies/policy.yaml"), POLICY)?;
        let path = folder.path().join(self.file);
        let mut slowest: Option<(Times, &str)> = None;
        for (name, text) in self.inputs {
            let text = text(SIZE);
            fs::write(&path, text.get(..MOST).unwrap_or(&text))?;
            let mut times = Vec::new();
            for _ in 0..TIMES {
                let watch = Stopwatch::start();
                let Output { status, stdout, stderr } =
                    clean(PROGRAM).args(self.arguments).current_dir(folder.path()).output()?;
                times.push(watch.elapsed());
                if status.code().is_none() || stdout.is_empty() && stderr.is_empty() {
                    return Err(format!("{}, {name}: ends with {status} and no report", self.what).into());
                }
            }
            let times = Times::of(times);
            if slowest.as_ref().is_none_or(|(known, _)| known.median() < times.median()) {
                slowest = Some((times, name));
            }
        }
        let (times, name) = slowest.ok_or("no input")?;
        Ok(Row {
            what: self.what,
            measured: times.to_string(),
            against: format!("the slowest of {}: {name}", self.inputs.len()),
            ratio: None,
            goal: Some(("under a second", times.median() < LONGEST)),
        })
    }
}
