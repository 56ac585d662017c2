//! The words for what happens while a run works.

use crate::cli::output::Output;
use crate::engine::progress::Progress;
use crate::render::terminal::history;
use crate::render::text::notes;

/// Shows one event on standard error.
pub(crate) fn show(output: &Output, progress: Progress<'_>) {
    match progress {
        Progress::NoTenants => output.note("no tenant is in the part of this run: there is nothing to do"),
        Progress::SettingsSkipped(names) => {
            output.note(&format!("skipped because of --surfaces: {}", names.join(", ")));
        }
        Progress::UnknownKeys(keys) => notes::new_keys(keys).iter().for_each(|line| output.note(line)),
        Progress::WaitingForLock => output.note("another apply of this tenant is running; waiting for it"),
        Progress::ApplyRunning => {
            output.note("warning: an apply of this tenant is running right now; what is read may be half of it");
        }
        Progress::RunInterrupted(run, tenant) => output.note(&history::unfinished(run, tenant)),
        Progress::RunRecovered(run, tenant, result) => output.note(&history::recovered(run, tenant, result)),
        Progress::JournalUnusable(path, error) => {
            let path = path.display();
            output.note(&format!(
                "warning: the journal {path} cannot be read: {error}; an interrupted run in it would not be seen"
            ));
        }
        Progress::JournalIncomplete(path, why) => {
            let path = path.display();
            output.note(&format!("warning: the journal {path} is incomplete: {why}; nothing is sent any more"));
        }
        Progress::RunRecorded(run) => output.note(&format!("run {run}; `ssprctl history {run}` shows what it did")),
        Progress::UsersCounted(users) => output.progress(&format!("{users} users counted")),
        Progress::CountingEnded => output.progress(""),
        Progress::DriftStateUnusable(path, why) => {
            let path = path.display();
            output.note(&format!("warning: {path} is not used: {why}; observations of drift start with this run"));
        }
        Progress::DriftStateNotSaved(path, error) => {
            let path = path.display();
            output.note(&format!(
                "warning: {path} cannot be written: {error}; the next drift cannot say since when a setting differs"
            ));
        }
        Progress::SnapshotUnverified => {
            output.note("warning: the snapshot's signature was not checked; --public-key checks it");
        }
    }
}
