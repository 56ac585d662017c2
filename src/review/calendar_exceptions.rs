//! What `calendar` of `ssprctl.yaml` says: a date that was moved and a telephony provider make rules say less.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::cloud::Cloud;
use crate::base::ids::TenantName;
use crate::base::source::Place;
use crate::catalog::calendar::SMS_VOICE;
use crate::review::config::ReviewConfig;

/// Tenants with their clouds, and the configuration by which they are reviewed.
#[derive(Clone, Copy)]
pub(crate) struct CalendarSource<'a> {
    pub(crate) tenants: &'a [(TenantName, Cloud)],
    pub(crate) config: &'a ReviewConfig,
}

/// What is said about a date of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarException {
    /// The day to which it was moved, or what a telephony provider sends and to whom.
    pub says: String,
    /// How that is known.
    pub reason: String,
}

/// What is said about a date for some tenants.
#[derive(Clone, Debug)]
pub(crate) struct SaidOfDate {
    /// The id of the date.
    pub(crate) id: &'static str,
    /// Whether it is said that there is a telephony provider, and not that a date was moved.
    pub(crate) is_provider: bool,
    pub(crate) exception: CalendarException,
    pub(crate) place: Option<Place>,
    /// For how many tenants it is said.
    pub(crate) tenants: usize,
    pub(crate) compared: ComparedWithBase,
}

/// How it compares with the base, for the tenant for which it excuses most. From the most to the least.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ComparedWithBase {
    /// The base did not say it.
    New,
    /// The base said this, which excuses less.
    Widened(String),
    /// The base excused as much, or more.
    Unchanged,
    /// There is no base.
    NoBase,
}

/// What is said for these tenants, each of it once.
pub(crate) fn said(now: CalendarSource<'_>, base: Option<CalendarSource<'_>>) -> Vec<SaidOfDate> {
    let mut found: Vec<SaidOfDate> = Vec::new();
    if !now.config.has_calendar() {
        return found;
    }
    // What the base said of a tenant that it did not have counts as nothing.
    let known: Option<BTreeSet<&TenantName>> = base.map(|base| base.tenants.iter().map(|(tenant, _)| tenant).collect());
    for (tenant, cloud) in now.tenants {
        let was_there = known.as_ref().is_some_and(|known| known.contains(tenant));
        let earlier = base.map(|base| if was_there { of_tenant(base, tenant, *cloud) } else { BTreeMap::new() });
        for ((is_provider, id), (exception, place)) in of_tenant(now, tenant, *cloud) {
            let was = earlier.as_ref().map(|earlier| earlier.get(&(is_provider, id)).map(|(was, _)| was.says.clone()));
            let compared = match was {
                None => ComparedWithBase::NoBase,
                Some(None) => ComparedWithBase::New,
                Some(Some(was)) if excuses_more(is_provider, &exception.says, &was) => ComparedWithBase::Widened(was),
                Some(Some(_)) => ComparedWithBase::Unchanged,
            };
            match found.iter_mut().find(|one| (one.is_provider, one.id, &one.place) == (is_provider, id, &place)) {
                Some(one) => {
                    one.tenants += 1;
                    one.compared = one.compared.clone().min(compared);
                }
                None => found.push(SaidOfDate { id, is_provider, exception, place, tenants: 1, compared }),
            }
        }
    }
    found
}

/// What is said about one tenant, by what it is about.
fn of_tenant(
    source: CalendarSource<'_>,
    tenant: &TenantName,
    cloud: Cloud,
) -> BTreeMap<(bool, &'static str), (CalendarException, Option<Place>)> {
    let mut said = BTreeMap::new();
    let calendar = source.config.calendar(tenant, cloud);
    for (id, moved) in &calendar.moved {
        let exception = CalendarException { says: moved.date.to_string(), reason: moved.reason.clone() };
        said.insert((false, *id), (exception, moved.place.clone()));
    }
    if let Some(provider) = &calendar.provider {
        let exception = CalendarException { says: provider.words(), reason: provider.reason.clone() };
        said.insert((true, SMS_VOICE), (exception, provider.place.clone()));
    }
    said
}

/// Whether what is said now excuses more than what was said. Days of the form YYYY-MM-DD sort as they follow each other; what a
/// provider sends to other people may be more, so it counts as more.
fn excuses_more(is_provider: bool, now: &str, was: &str) -> bool {
    if is_provider { now != was } else { now > was }
}
