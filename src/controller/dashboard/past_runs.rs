//! The runs that wrote, as their journals record them: which of them a tenant's page lists, and the page of one.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use minijinja::{Value, context};
use serde_json::{Value as Json, json};
use tokio::sync::Semaphore;

use crate::apply::entry::ApplyEnd;
use crate::apply::run_record::{RequestRecord, RunRecord, TenantRecord, list_runs, read_run};
use crate::base::count::counted;
use crate::base::ids::RunId;
use crate::controller::dashboard::words::{as_of, tenant_path, time, values};
use crate::plan::reversal;
use crate::render::html::page::{Markup, fill};
use crate::render::terminal::history::{NO_END, result_words, state};
use crate::render::text::value::{self, GroupNames};

/// How many of the newest runs are searched for those of a tenant.
const MOST_RUNS: usize = 200;
/// How many runs of a tenant are listed.
const MOST_LISTED: usize = 20;
/// How many requests read journals at the same time.
const READERS: usize = 2;

/// The journals of a folder. A run that has ended is read from its journal once.
#[derive(Debug)]
pub(super) struct PastRuns {
    folder: PathBuf,
    ended: Mutex<BTreeMap<RunId, Arc<RunSummary>>>,
    readers: Semaphore,
}

/// What a run did to each tenant, without its requests.
#[derive(Debug)]
struct RunSummary {
    began: Option<Timestamp>,
    tenants: Vec<TenantSummary>,
}

#[derive(Debug)]
struct TenantSummary {
    tenant: String,
    requests: usize,
    ended: &'static str,
    is_applied: bool,
}

impl PastRuns {
    /// The journals of a folder; nothing is read yet.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, ended: Mutex::default(), readers: Semaphore::new(READERS) }
    }

    /// The newest runs that wrote to a tenant, the newest first, for its page.
    pub(super) async fn of_tenant(self: &Arc<Self>, tenant: &str, now: Timestamp) -> Json {
        let runs = Arc::clone(self);
        let found = self.reading(move || runs.newest()).await;
        let (runs, unreadable) = match found {
            Ok(found) => found,
            Err(error) => return json!({ "why": format!("the journals cannot be read: {error}") }),
        };
        let rows = runs.iter().rev().filter_map(|(run, summary)| {
            let of_tenant = summary.tenants.iter().find(|one| one.tenant == tenant)?;
            let (sign, tone) = if of_tenant.is_applied { ("●", "good") } else { ("◆", "warn") };
            Some(json!({
                "run": run.to_string(), "began": summary.began.map(|at| time(at, now)),
                "requests": of_tenant.requests, "ended": of_tenant.ended, "sign": sign, "tone": tone,
            }))
        });
        let rows: Vec<_> = rows.take(MOST_LISTED).collect();
        json!({ "rows": rows, "most": MOST_RUNS, "unreadable": (unreadable > 0).then(|| counted(unreadable, "journal", "journals")) })
    }

    /// Reads the journal of one run.
    ///
    /// # Errors
    /// When there is none, or its journal cannot be read.
    pub(super) async fn read(self: &Arc<Self>, run: RunId) -> io::Result<RunRecord> {
        let runs = Arc::clone(self);
        self.reading(move || read_run(&runs.folder, &run)).await
    }

    /// Reads files where that holds up no other request.
    async fn reading<T: Send + 'static>(&self, read: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
        let _permit = self.readers.acquire().await.map_err(io::Error::other)?;
        tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
    }

    /// The newest runs, the oldest first, and how many of them cannot be read.
    fn newest(&self) -> io::Result<(BTreeMap<RunId, Arc<RunSummary>>, usize)> {
        let listed = list_runs(&self.folder)?;
        let newest = listed.get(listed.len().saturating_sub(MOST_RUNS)..).unwrap_or_default();
        let mut known = self.ended.lock().unwrap_or_else(PoisonError::into_inner).clone();
        known.retain(|run, _| newest.contains(run));
        let mut runs = known.clone();
        let mut unreadable = 0;
        for run in newest {
            if known.contains_key(run) {
                continue;
            }
            match read_run(&self.folder, run) {
                Ok(record) => {
                    let summary = Arc::new(RunSummary::of(&record));
                    if !record.has_no_end() {
                        known.insert(run.clone(), Arc::clone(&summary));
                    }
                    runs.insert(run.clone(), summary);
                }
                Err(_) => unreadable += 1,
            }
        }
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = known;
        Ok((runs, unreadable))
    }
}

impl RunSummary {
    fn of(record: &RunRecord) -> Self {
        let summary = |known: &TenantRecord| {
            let started = known.started.as_ref()?;
            Some(TenantSummary {
                tenant: started.tenant.clone(),
                requests: known.requests.len(),
                ended: state(known),
                is_applied: known.ended == Some(ApplyEnd::Applied),
            })
        };
        Self { began: record.began, tenants: record.tenants.values().filter_map(summary).collect() }
    }
}

/// The body of the page of a run. Of its tenants those have links that the controller knows; `names` are the groups of a tenant.
/// `number` is that of the last change, and `note` what is wrong with the source.
pub(super) fn body(
    record: &RunRecord,
    is_known: impl Fn(&str) -> bool,
    names: impl Fn(&str) -> GroupNames,
    note: Markup,
    number: &str,
    now: Timestamp,
) -> Markup {
    let tenants = record.tenants.iter().map(|(id, known)| {
        let name = known.started.as_ref().map(|started| started.tenant.as_str());
        let names = name.map(&names).unwrap_or_default();
        json!({
            "name": name.map_or_else(|| id.to_string(), str::to_owned),
            "href": name.filter(|name| is_known(name)).map(tenant_path),
            "policy": known.started.as_ref().map(|started| started.policy.as_str()),
            "planned": known.started.as_ref().map(|started| counted(started.requests, "request", "requests")),
            "ended": state(known),
            "requests": known.requests.iter().map(|done| request(done, &names, now)).collect::<Vec<_>>(),
        })
    });
    let values = values(json!({
            "run": record.run.to_string(),
            "began": record.began.map(|at| time(at, now)),
            "number": number,
            "summary": record.tenants.values().map(state).collect::<Vec<_>>().join(", "),
            "now": as_of(now),
            "open": record.has_no_end().then_some(NO_END),
            "damage": (!record.damaged.is_empty()).then(|| format!("{}; the run may have done more", record.damage())),
            "tenants": tenants.collect::<Vec<_>>(),
    }));
    fill("dashboard-run", context! { note => Value::from(note), ..values })
}

fn request(done: &RequestRecord, names: &GroupNames, now: Timestamp) -> Json {
    let changes = reversal::intended_changes(&done.sent).into_iter().map(|change| {
        let lines = value::change(&change.before, &change.after, names);
        json!({ "setting": change.setting.name, "lines": lines })
    });
    json!({
        "number": done.index + 1,
        "surface": done.sent.surface.name(),
        "reversal": done.is_reversal,
        "at": done.at.map(|at| time(at, now)),
        "result": result_words(done),
        "changes": changes.collect::<Vec<_>>(),
    })
}
