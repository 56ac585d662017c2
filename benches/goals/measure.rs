//! Runs the program and takes the time. Medians are compared, because one run that something else on the machine got in
//! the way of must not decide; the lowest and the highest are printed, because they say how far to trust a median.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};
use std::time::Duration;
use std::{fmt, fs, thread};

use ssprctl::testing::base::clock::Stopwatch;

/// The program, built as it is shipped.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_ssprctl");

/// How long one thing took, each time it was done. Never empty.
pub(crate) struct Times(Vec<Duration>);

impl Times {
    /// These; at least one.
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    fn at(&self, index: usize) -> Duration {
        self.0.get(index).copied().unwrap_or_default()
    }

    /// The one in the middle; of an even number the later of the two.
    pub(crate) fn median(&self) -> Duration {
        self.at(self.0.len() / 2)
    }

    /// How many times as long as `other` this takes, by the medians.
    pub(crate) fn ratio(&self, other: &Self) -> f64 {
        self.median().as_secs_f64() / other.median().as_secs_f64()
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, lowest, highest] =
            [self.median(), self.at(0), self.at(self.0.len().saturating_sub(1))].map(|time| time.as_secs_f64() * 1e3);
        write!(f, "{median:.1} ms ({lowest:.1}–{highest:.1})")
    }
}

/// Does two things by turns, `times` times each after once for warming up, so that whatever else the machine does gets in the
/// way of both alike.
pub(crate) fn repeat(
    times: usize,
    mut one: impl FnMut() -> Result<(), Box<dyn Error>>,
    mut other: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<(Times, Times), Box<dyn Error>> {
    let (mut ones, mut others) = (Vec::with_capacity(times), Vec::with_capacity(times));
    one()?;
    other()?;
    for _ in 0..times {
        let watch = Stopwatch::start();
        one()?;
        ones.push(watch.elapsed());
        let watch = Stopwatch::start();
        other()?;
        others.push(watch.elapsed());
    }
    Ok((Times::of(ones), Times::of(others)))
}

/// A program that sees nothing of our environment: neither a proxy, nor somebody's credentials, nor options of ours. Its state
/// is in the folder in which it runs.
pub(crate) fn clean(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("SSPRCTL_STATE", "state");
    command
}

/// Runs a program to its end; what it wrote to standard output.
///
/// # Errors
/// When it does not start or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<String, Box<dyn Error>> {
    let Output { status, stdout, stderr } = command.output()?;
    if status.success() {
        return Ok(String::from_utf8(stdout)?);
    }
    Err(format!("{command:?} ends with {status}: {}", String::from_utf8_lossy(&stderr)).into())
}

/// Runs a program to its end, and the most memory that it held at once, in bytes. Only Linux reports it; the kernel
/// holds the mark, so looking now and then misses at most what comes in the last moment.
pub(crate) fn watch(command: &mut Command) -> Result<(ExitStatus, Option<u64>), Box<dyn Error>> {
    let mut child = command.spawn()?;
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut most = None;
    loop {
        most = most.max(high_water_mark(&status));
        if let Some(ended) = child.try_wait()? {
            return Ok((ended, most));
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn high_water_mark(status: &Path) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let kilobytes = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?;
    Some(kilobytes.parse::<u64>().ok()? * 1024)
}

/// The processor time that all children of this process have taken, those that have ended; in steps of 10 ms. Only Linux
/// reports it so.
pub(crate) fn processor_time_of_children() -> Option<Duration> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // After the name of the program, which is in parentheses and may hold anything: the 14th and the 15th field.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks(13)? + ticks(14)?) * 10))
}

/// So many bytes, to be read.
pub(crate) fn megabytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(
        || "not measured: needs Linux".to_owned(),
        |bytes| format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    )
}
