//! The only file that prints. Standard output is data, standard error is talk; only terminals get colours.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
#[cfg(unix)]
use std::os::fd::AsFd as TerminalHandle;
#[cfg(windows)]
use std::os::windows::io::AsHandle as TerminalHandle;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;
use terminal_size::{Width, terminal_size_of};
use tokio_util::sync::CancellationToken;

use crate::base::count::counted;
use crate::cli::args::{Color, GlobalArgs};
use crate::cli::format::{CommandFormat, ResultArgs, is_for_comments, is_for_terminals};
use crate::cli::hyperlinks::{are_followed, links};
use crate::cli::reading_time::{about, how_far, too_short};
use crate::engine::progress::{Progress, RingPosition, UnfinishedReading};
use crate::policy::gate::{check_target, write_named, write_named_private};
use crate::render::markdown;
use crate::render::terminal::history;
use crate::render::text::embedded::with_sandbox;
use crate::render::text::notes;
use crate::render::text::width::fit;

/// Writes a result to a file of its own. A link of the repository to a file elsewhere is not followed.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write_file(path: &Path, text: &str) -> io::Result<()> {
    write_named(path, text.as_bytes())
}

/// Checks where such a file would be written, without writing it.
///
/// # Errors
/// When it may not be written there.
pub(crate) fn check_file(path: &Path) -> io::Result<()> {
    check_target(path)
}

/// The narrowest terminal that is heeded, in characters: below it folded lines read worse than broken ones.
const LEAST_WIDTH: usize = 40;

/// How progress is shown.
const LINE: &str = "{wide_msg}";
const LINE_WITH_BAR: &str = "{bar:24} {wide_msg}";

/// Where results and talk go.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    color: Color,
    /// Whether notes and progress are left out (`--quiet`).
    quiet: bool,
    /// Whether the run has `--sandbox`: hints lead to embedded tenants.
    sandbox: bool,
    /// Whether results are about embedded tenants, as also a plan against a snapshot of them is: comments say so.
    embedded: bool,
    file: Option<PathBuf>,
    /// What long work shows on standard error, while it does.
    shown: Arc<Mutex<Option<ProgressBar>>>,
    /// Cancelled when no result is to be written any more.
    abandoned: CancellationToken,
    /// Whether results have names of people, so that their files are for their owner alone.
    personal: bool,
}

impl Output {
    /// As the options say.
    #[must_use]
    pub(crate) fn new(options: &GlobalArgs) -> Self {
        let GlobalArgs { color, quiet, sandbox, output: file, .. } = options;
        Self {
            color: *color,
            quiet: *quiet,
            sandbox: *sandbox,
            embedded: false,
            file: file.clone(),
            shown: Arc::default(),
            abandoned: CancellationToken::new(),
            personal: false,
        }
    }

    /// The same, but no result is written once `abandoned` is cancelled.
    #[must_use]
    pub(crate) fn until(self, abandoned: CancellationToken) -> Self {
        Self { abandoned, ..self }
    }

    /// The same, for results about embedded tenants, or about others.
    #[must_use]
    pub(crate) fn about_embedded(self, embedded: bool) -> Self {
        Self { embedded, ..self }
    }

    /// The same, for results with names of people.
    #[must_use]
    pub(crate) fn personal(self) -> Self {
        Self { personal: true, ..self }
    }

    /// Writes the file of a result, for its owner alone where it has names of people.
    fn write_named(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let write = if self.personal { write_named_private } else { write_named };
        write(path, bytes).map_err(|error| at(path, &error))
    }

    /// Writes a result to standard output or to the file of `--output`.
    ///
    /// # Errors
    /// When it cannot be written. A reader that has gone away, such as `head`, is no error.
    pub(crate) fn write_result(&self, text: &str) -> io::Result<()> {
        match &self.file {
            _ if self.abandoned.is_cancelled() => Err(io::ErrorKind::TimedOut.into()),
            Some(path) => self.write_named(path, without_colour(text).as_bytes()),
            None => forgive_closed_pipe(write_all(self.color, text)),
        }
    }

    /// Writes a result for people, which fits the width of the terminal if it goes to one.
    ///
    /// # Errors
    /// As [`Output::write_result`].
    pub(crate) fn write_text(&self, text: &str) -> io::Result<()> {
        let width = if self.file.is_none() { width_of(&io::stdout()) } else { None };
        let text = self.completed(text);
        let text = links(&text, self.file.is_none() && follows_links(&io::stdout(), self.color));
        self.write_result(&fitted(&text, width))
    }

    /// Writes a part of a result that goes on to standard output; one for people fits the width of a terminal.
    ///
    /// # Errors
    /// When it cannot be written, also where the reader has gone away.
    pub(crate) fn write_part(&self, text: &str, for_people: bool) -> io::Result<()> {
        let width = if for_people { width_of(&io::stdout()) } else { None };
        let text = if for_people { self.completed(text) } else { text.into() };
        let text = links(&text, for_people && follows_links(&io::stdout(), self.color));
        write_all(self.color, &fitted(&text, width))
    }

    /// Writes a result in the format of `--format`, and in those of `--also` to their files.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub(crate) fn result<F: CommandFormat>(
        &self,
        formats: &ResultArgs<F>,
        render: impl Fn(F) -> String,
    ) -> io::Result<()> {
        let render = |format| {
            let text = render(format);
            if self.embedded && is_for_comments(format) { markdown::embedded(&text) } else { text }
        };
        for (also, path) in &formats.also {
            let text = render(*also);
            let text = without_colour(&if is_for_terminals(*also) { self.completed(&text) } else { text.into() });
            if self.abandoned.is_cancelled() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.write_named(path, text.as_bytes())?;
        }
        let text = render(formats.format);
        if is_for_terminals(formats.format) { self.write_text(&text) } else { self.write_result(&text) }
    }

    /// Shows how far long work is, on a line of its own that the next one replaces and that goes away with an empty text; only
    /// where standard error is a terminal. `share` draws a bar: so many of so many.
    pub(crate) fn progress(&self, text: &str, share: Option<(u64, u64)>) {
        if self.quiet || !io::stderr().is_terminal() {
            return;
        }
        let Ok(mut shown) = self.shown.lock() else { return };
        if text.is_empty() {
            shown.take().iter().for_each(ProgressBar::finish_and_clear);
            return;
        }
        let bar = shown.get_or_insert_with(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()));
        let (template, (at, of)) = share.map_or((LINE, (0, 0)), |share| (LINE_WITH_BAR, share));
        // Both templates are ours and valid.
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_length(of);
        bar.set_position(at);
        bar.set_message(text.to_owned());
        bar.tick();
    }

    /// Notes something on standard error that `--quiet` leaves out. A warning it does not.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet || strip_str(text).to_string().starts_with("warning") {
            self.say(text);
        }
    }

    /// Says something on standard error that nobody may miss: an error, a question, or a way to go on. Nobody
    /// is helped if that fails.
    pub(crate) fn say(&self, text: &str) {
        let text = &self.completed(text);
        match self.shown.lock().ok().and_then(|shown| shown.clone()) {
            Some(bar) => bar.suspend(|| say(self.color, text)),
            None => say(self.color, text),
        }
    }

    /// A text for people whose hints lead to the tenants of the run.
    fn completed<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.sandbox { with_sandbox(text) } else { text.into() }
    }

    /// Words what happens while a run works, on standard error.
    pub(crate) fn report(&self, progress: Progress<'_>) {
        match progress {
            Progress::NoTenants => self.note("no tenant is in the part of this run: there is nothing to do"),
            Progress::SettingsSkipped(names) => {
                self.note(&format!("skipped because of --surfaces: {}", names.join(", ")));
            }
            Progress::UnknownKeys(keys) => notes::new_keys(keys).iter().for_each(|line| self.note(line)),
            Progress::WaitingForLock => self.note("another apply of this tenant is running; waiting for it"),
            Progress::ApplyRunning => {
                self.note("warning: an apply of this tenant is running right now; what is read may be half of it");
            }
            Progress::RunInterrupted(run, tenant) => self.note(&history::unfinished(run, tenant)),
            Progress::RunRecovered(run, tenant, result) => self.note(&history::recovered(run, tenant, result)),
            Progress::JournalUnusable(path, error) => {
                let path = path.display();
                self.note(&format!(
                    "warning: the journal {path} cannot be read: {error}; an interrupted run in it would not be seen"
                ));
            }
            Progress::JournalIncomplete(path, why) => {
                let path = path.display();
                self.note(&format!("warning: the journal {path} is incomplete: {why}; nothing is sent any more"));
            }
            Progress::RingStarted(position) => self.note(&ring(position, "")),
            // Nothing happened in a ring that is held back as a whole, which was said when it was started.
            Progress::RingEnded(RingPosition { tenants: 0, .. }, _) => {}
            Progress::RingEnded(position, well) => self.note(&ring(position, &format!("{well} of "))),
            Progress::RunRecorded(run) => self.note(&format!("run {run}; `ssprctl history {run}` shows what it did")),
            Progress::ReadingTakes(users, time, short) => {
                self.note(&format!(
                    "the registration report of about {} takes at least {}, because the service limits requests",
                    counted(users, "user", "users"),
                    about(time)
                ));
                if !short.is_empty() {
                    self.note(&too_short(short));
                }
            }
            Progress::UsersRead(read) => self.progress(&how_far(&read), read.of.map(|of| (read.users, of))),
            Progress::TenantsDone(done, of) if done == of => self.progress("", None),
            Progress::TenantsDone(done, of) => {
                let all = counted(of as u64, "tenant", "tenants");
                self.progress(&format!("{done} of {all}"), Some((done as u64, of as u64)));
            }
            Progress::Unfinished(reading) => self.note(&match reading {
                UnfinishedReading::Stored(users) => format!(
                    "{} read; within an hour the same command with --resume goes on after them",
                    counted(users, "user of the registration report was", "users of the registration report were")
                ),
                UnfinishedReading::NotStored(why) => {
                    format!("what was read of the registration report is not stored for --resume: {why}")
                }
                UnfinishedReading::Resumed(users) => {
                    format!(
                        "goes on after {} of the registration report, which an earlier run has read",
                        counted(users, "user", "users")
                    )
                }
                UnfinishedReading::NotResumed(why) => {
                    format!("--resume: the registration report is read from its beginning: {why}")
                }
            }),
            Progress::ReadingEnded => self.progress("", None),
            Progress::DriftStateUnusable(path, why) => {
                let path = path.display();
                self.note(&format!("warning: {path} is not used: {why}; observations of drift start with this run"));
            }
            Progress::DriftStateNotSaved(path, error) => {
                let path = path.display();
                self.note(&format!(
                    "warning: {path} cannot be written: {error}; the next drift cannot say since when a setting differs"
                ));
            }
            Progress::ReadinessUnusable(path, why) => {
                let path = path.display();
                self.note(&format!(
                    "warning: {path} is not used: {why}; it stays as it is, and the counts of this run are not saved: remove it, or use the version that wrote it"
                ));
            }
            Progress::ReadinessNotSaved(path, error) => {
                let path = path.display();
                self.note(&format!(
                    "warning: {path} cannot be written: {error}; later forecasts miss the counts of this run"
                ));
            }
            Progress::SnapshotUnverified => {
                self.note("warning: the snapshot's signature was not checked; --public-key checks it");
            }
        }
    }
}

/// Says something on standard error, which fits the terminal if that is one.
pub(crate) fn say(color: Color, text: &str) {
    let stderr = io::stderr();
    let text = links(text.trim_end(), follows_links(&stderr, color));
    let text = fitted(&text, width_of(&stderr));
    let _ = writeln!(stream(stderr, color), "{text}");
}

/// The line about a ring of an apply that starts or, where `well` says how many tenants of it are in sync, has ended.
fn ring(RingPosition { ring, number, of, tenants, held_back }: RingPosition<'_>, well: &str) -> String {
    let count = |number| counted(number, "tenant", "tenants");
    let moving = match (tenants, held_back, well) {
        (0, 1, _) => "1 tenant, held back".to_owned(),
        (0, all, _) => format!("{all} tenants, all held back"),
        (_, 0, "") => count(tenants),
        (_, 0, well) => format!("{well}{tenants} in sync"),
        (_, others, "") => format!("{}, {others} held back", count(tenants)),
        (_, others, well) => format!("{well}{tenants} in sync, {others} held back"),
    };
    format!("ring {ring} ({number} of {of}): {moving}")
}

/// The width of a terminal, in characters: what `COLUMNS` says, else what the terminal says. `None` for what is none, such as a
/// file or a pipe.
fn width_of(stream: &(impl IsTerminal + TerminalHandle)) -> Option<usize> {
    if !stream.is_terminal() {
        return None;
    }
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let width = said.or_else(|| terminal_size_of(stream).map(|(Width(columns), _)| columns.into()));
    width.filter(|width| *width >= LEAST_WIDTH)
}

/// A text for people at a terminal of this width; unchanged where there is none.
fn fitted(text: &str, width: Option<usize>) -> Cow<'_, str> {
    width.map_or(Cow::Borrowed(text), |width| fit(text, width).into())
}

fn stream<S: anstream::stream::RawStream>(stream: S, color: Color) -> AutoStream<S> {
    let choice = choice(&stream, color);
    AutoStream::new(stream, choice)
}

/// Writes a whole text to standard output. Where styles are removed, they are removed first: a stream that removes them as it
/// goes writes every piece between two of them by itself.
fn write_all(color: Color, text: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    match choice(&stdout, color) {
        ColorChoice::Never => stdout.write_all(without_colour(text).as_bytes()),
        choice => {
            let text = links(text, follows_links(&stdout, color));
            AutoStream::new(stdout, choice).write_all(text.as_bytes())
        }
    }
}

/// A text without styles. They are removed line by line on all processors: the result of a fleet has very many lines.
fn without_colour(text: &str) -> String {
    let lines = text.par_split_inclusive('\n');
    let add = |mut plain: String, line| {
        plain.extend(strip_str(line));
        plain
    };
    let parts: Vec<String> = lines.fold(String::new, add).collect();
    parts.concat()
}

fn choice<S: anstream::stream::RawStream>(stream: &S, color: Color) -> ColorChoice {
    match color {
        Color::Auto => AutoStream::choice(stream),
        Color::Always => ColorChoice::AlwaysAnsi,
        Color::Never => ColorChoice::Never,
    }
}

/// Whether links are written there: only to a terminal that follows them, and with colours.
fn follows_links<S: anstream::stream::RawStream>(stream: &S, color: Color) -> bool {
    stream.is_terminal() && choice(stream, color) != ColorChoice::Never && are_followed()
}

/// The error of a file with its path in front.
fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn forgive_closed_pipe(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
