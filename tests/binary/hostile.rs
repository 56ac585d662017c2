//! Hostile input of every kind that the program reads: 1 MB of it takes at most in proportion as long as 100 KB, ends as it
//! should, and gets a report that a person can read. What is measured is the time of the processor, because other programs
//! take that of the clock. `cargo bench -- hostile` measures the program as it is shipped.

use std::error::Error;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use entra_sandbox::Faults;

use crate::harness::{Harness, TestResult};
use crate::hostile_inputs::{FAULTS, Input, JOURNALS, JSON_FILES, POLICIES, REPOSITORIES, TEMPLATES, TESTS};

pub(crate) const SIZES: [usize; 2] = [100_000, 1_000_000];
/// How many times as long ten times the input may take. Linear is 10.
const MOST_TIMES: u32 = 15;
/// What starting the program may take, in a build without optimisation. Shorter times count as this one.
const START: Duration = Duration::from_millis(150);
/// The longest time of the processor, in a build without optimisation.
const LONGEST: Duration = Duration::from_secs(15);
/// The longest report, in bytes.
pub(crate) const MOST_OUTPUT: usize = 1024 * 1024;
/// The longest document about a journal, which names every line that cannot be read.
const MOST_JSON: usize = 16 * MOST_OUTPUT;
/// The formats of `validate`, all in one run.
const FORMATS: [&str; 4] =
    ["--also=json=o.json", "--also=sarif=o.sarif", "--also=markdown=o.md", "--also=github=o.txt"];

/// Runs a command to its end; its exit code, everything it printed, and the time of the processor that it took.
pub(crate) fn measured(command: &mut Command) -> Result<(Option<i32>, String, Duration), Box<dyn Error>> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (stdout, stderr) = (child.stdout.take().ok_or("no pipe")?, child.stderr.take().ok_or("no pipe")?);
    let printed = |mut from: Box<dyn Read + Send>| {
        thread::spawn(move || {
            let mut text = Vec::new();
            from.read_to_end(&mut text).map(|_| String::from_utf8_lossy(&text).into_owned())
        })
    };
    let readers = [printed(Box::new(stdout)), printed(Box::new(stderr))];
    let time = processor_time(child.id())?;
    let code = child.wait()?.code();
    let mut all = String::new();
    for reader in readers {
        all.push_str(&reader.join().map_err(|_| "the output could not be read")??);
    }
    Ok((code, all, time))
}

/// Waits for the end of a process and returns the time of the processor that it took. The process is not yet reaped then, so
/// that the system still has its figures.
#[cfg(target_os = "linux")]
fn processor_time(process: u32) -> Result<Duration, Box<dyn Error>> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let pid = Pid::from_raw(process.cast_signed()).ok_or("no process")?;
    waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)?;
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no name")?;
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    // Linux counts in hundredths of a second there.
    Ok(Duration::from_millis(10 * ticks))
}

/// Elsewhere the time is not measured.
#[cfg(not(target_os = "linux"))]
fn processor_time(_process: u32) -> Result<Duration, Box<dyn Error>> {
    Ok(Duration::ZERO)
}

/// What is wrong with the times of two sizes.
pub(crate) fn too_long(times: &[Duration]) -> Option<String> {
    let [small, large] = times else { return Some("not two times".to_owned()) };
    let bound = LONGEST.min((*small).max(START) * MOST_TIMES);
    (*large > bound).then(|| format!("{large:?} after {small:?}"))
}

/// Runs a command on each input in both sizes; `write` puts it where the command reads it. Returns how many inputs there were.
fn holds(
    inputs: &[Input],
    (codes, most): (&[i32], usize),
    mut write: impl FnMut(&str) -> TestResult,
    command: impl Fn() -> Command,
) -> Result<usize, Box<dyn Error>> {
    let mut wrong = Vec::new();
    for (name, text) in inputs {
        let mut times = Vec::new();
        for size in SIZES {
            write(&text(size))?;
            let (code, printed, time) = measured(&mut command())?;
            let start: String = printed.chars().take(300).collect();
            if !code.is_some_and(|code| codes.contains(&code)) {
                wrong.push(format!("{name}, {size}: ends with {code:?}: {start}"));
            }
            if printed.len() > most || printed.is_empty() {
                wrong.push(format!("{name}, {size}: prints {} bytes: {start}", printed.len()));
            }
            times.push(time);
        }
        wrong.extend(too_long(&times).map(|why| format!("{name}: {why}")));
    }
    if wrong.is_empty() { Ok(2 * inputs.len()) } else { Err(wrong.join("\n").into()) }
}

fn harness() -> Result<Harness, Box<dyn Error>> {
    Harness::with("methods: { required: 2 }", Faults::none())
}

fn write(path: &Path, text: &str) -> TestResult {
    // A policy may have 1 MiB.
    Ok(fs::write(path, text.get(..1024 * 1024).unwrap_or(text))?)
}

#[test]
fn policies() -> TestResult {
    let harness = harness()?;
    let folder = harness.folder.path().join("hostile");
    fs::create_dir(&folder)?;
    let path = folder.join("p.yaml");
    let run = || {
        let mut command = harness.command(&["validate", "hostile"]);
        command.args(FORMATS);
        command
    };
    let inputs = holds(&POLICIES, (&[3], MOST_OUTPUT), |text| write(&path, text), run)?;
    for file in ["o.json", "o.sarif", "o.md", "o.txt"] {
        let length = fs::metadata(harness.folder.path().join(file))?.len();
        assert!(length < MOST_OUTPUT as u64, "{file}: {length}");
    }
    assert_eq!(inputs, 94);
    Ok(())
}

#[test]
fn other_files() -> TestResult {
    let harness = harness()?;
    let folder = harness.folder.path();
    let [faults, json, template] = ["faults.yaml", "file.json", "template"].map(|name| folder.join(name));
    let mut inputs = holds(
        &FAULTS,
        (&[1], MOST_OUTPUT),
        |text| write(&faults, text),
        || harness.command(&["plan", "--sandbox", "--faults", "faults.yaml"]),
    )?;
    for arguments in [
        &["apply", "--plan", "file.json", "--auto-approve"][..],
        &["plan", "--against", "file.json"],
        &["plan", "--against", "file.json", "--public-key", "file.json"],
    ] {
        inputs +=
            holds(&JSON_FILES, (&[1, 4, 5], MOST_OUTPUT), |text| write(&json, text), || harness.command(arguments))?;
    }
    inputs += holds(
        &TEMPLATES,
        (&[0, 1], MOST_OUTPUT),
        |text| write(&template, text),
        || harness.command(&["announce", "--template", "template"]),
    )?;
    let repository = folder.join("ssprctl.yaml");
    inputs += holds(
        &REPOSITORIES,
        (&[0, 3], MOST_OUTPUT),
        |text| write(&repository, text),
        || harness.command(&["validate"]),
    )?;
    fs::remove_file(&repository)?;
    let test = folder.join("test.yaml");
    let junit = folder.join("o.xml");
    inputs += holds(
        &TESTS,
        (&[0, 1, 3], MOST_OUTPUT),
        |text| write(&test, text),
        || harness.command(&["test", "test.yaml", "--also", "junit=o.xml"]),
    )?;
    assert!(fs::metadata(&junit)?.len() < MOST_OUTPUT as u64);
    assert_eq!(inputs, 72);
    Ok(())
}

#[test]
fn journals() -> TestResult {
    let harness = harness()?;
    assert_eq!(harness.apply()?.code, Some(0));
    let path = harness.journal()?;
    let mut inputs = 0;
    for (arguments, codes) in [
        (&["history"][..], &[0, 1][..]),
        (&["history", "latest"], &[0, 1]),
        (&["history", "--format", "json"], &[0, 1]),
        (&["plan"], &[0]),
        (&["rollback", "latest"], &[0, 1, 4, 8]),
    ] {
        let write = |text: &str| {
            fs::write(&path, text)?;
            Ok(())
        };
        inputs += holds(&JOURNALS, (codes, MOST_JSON), write, || harness.command(arguments))?;
    }
    assert_eq!(inputs, 100);
    Ok(())
}
