//! Exceptions: what a repository or the caller of a run switches off, so that a review says less or allows more than by
//! default. They are listed next to the findings, because a change can bring an exception together with what it excuses.

use std::collections::BTreeMap;

use crate::base::cloud::Cloud;
use crate::base::finding::{Finding, Severity};
use crate::base::ids::TenantName;
use crate::base::source::Place;
use crate::catalog::desired::LocatedWaiver;
use crate::policy::repository::config::{LosingLimit, RuleLevel};
use crate::policy::waiver::Waiver;
use crate::review::calendar_exceptions::{self, CalendarException, CalendarSource, ComparedWithBase, SaidOfDate};
use crate::review::config::{ReviewConfig, codes};
use crate::review::limits::PERCENT_FROM;
use crate::review::waivers::{WaivedFinding, is_in_force};

/// What an exception does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExceptionKind {
    /// `rules` of `ssprctl.yaml` turns a rule off.
    RuleOff,
    /// `rules` of `ssprctl.yaml` makes a warning of what is an error by default, or was one.
    RuleLowered,
    /// `limits` of `ssprctl.yaml` lets one run change more than by default, or than before.
    LimitRaised,
    /// `limits.allow` of `ssprctl.yaml`, or `--allow`, lets a destructive change through.
    ChangeAllowed,
    /// A waiver of a policy accepts the findings of a rule until a date.
    Waiver,
    /// `calendar` of `ssprctl.yaml` says that Microsoft moved a date.
    DateMoved,
    /// `calendar` of `ssprctl.yaml` says that a tenant has a telephony provider of its own.
    OwnProvider,
}

/// How an exception compares with an earlier commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExceptionChange {
    /// It was not there.
    New,
    /// It was there and excuses more now: a lower severity, a higher limit, a later day.
    Widened,
    /// It is as it was.
    Unchanged,
}

/// One exception that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The way in which it excuses something, such as a waiver or a limit that was raised.
    pub kind: ExceptionKind,
    /// The code of the rule or of the change, the key of the limit, such as `limits.tenants`, or the id of the date.
    pub name: String,
    /// The place that makes it; `None` for an option of the command line, and for a line that was removed.
    pub place: Option<Place>,
    /// The value of the limit; `None` for a limit that was removed, and for every other kind.
    pub value: Option<u32>,
    /// Whether that value is in percent of people.
    pub percent: bool,
    /// The waiver, for that kind alone.
    pub waiver: Option<Waiver>,
    /// What `calendar` says, for its kinds alone.
    pub calendar: Option<CalendarException>,
    /// How many tenants have it, for a waiver and what `calendar` says; 0 for the kinds that are for all tenants.
    pub tenants: usize,
    /// How many findings of this run it silences, accepts, lowers or allows.
    pub findings: usize,
    /// How it compares with the base; `None` without one, and for options of the command line.
    pub change: Option<ExceptionChange>,
    /// What was in its place at the base, where it was widened: a severity, a number, a day.
    pub was: Option<String>,
}

/// What the exceptions of a run are made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExceptionSources<'a> {
    pub(crate) config: &'a ReviewConfig,
    /// The waivers of all tenants of the run.
    pub(crate) waivers: &'a [(TenantName, LocatedWaiver)],
    /// Every tenant of the run, with its cloud.
    pub(crate) tenants: &'a [(TenantName, Cloud)],
}

/// The exceptions that are in force: those that are new or were widened first, then by kind and place. With a base, also
/// what the base did not have to list because it was stricter than the default.
#[must_use]
pub(crate) fn exceptions(now: ExceptionSources<'_>, base: Option<ExceptionSources<'_>>) -> Vec<Exception> {
    let base_config = base.map(|base| base.config);
    let mut found = rules(now.config, base_config);
    found.extend(limits(now.config, base_config));
    found.extend(allowed(now.config, base_config));
    found.extend(waivers(now, base));
    found.extend(calendar(now, base));
    let rank = |one: &Exception| (one.change.unwrap_or(ExceptionChange::Unchanged), one.kind, one.place.clone());
    found.sort_by_cached_key(|one| (rank(one), one.name.clone()));
    found
}

/// Adds the findings of reviews to the exceptions that are about them.
pub(crate) fn count<'a>(
    exceptions: &mut [Exception],
    findings: impl IntoIterator<Item = &'a Finding>,
    waived: impl IntoIterator<Item = &'a WaivedFinding>,
    silenced: impl IntoIterator<Item = &'a Finding>,
) {
    let mut by_code: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    let counted = findings.into_iter().map(|finding| (false, finding.code));
    for key in counted.chain(silenced.into_iter().map(|finding| (true, finding.code))) {
        *by_code.entry(key).or_default() += 1;
    }
    #[expect(clippy::mutable_key_type, reason = "places are compared by path and span, which never change")]
    let mut by_waiver: BTreeMap<&Place, usize> = BTreeMap::new();
    for WaivedFinding { finding: _, waiver: _, place } in waived {
        *by_waiver.entry(place).or_default() += 1;
    }
    for exception in exceptions {
        let of_code = |silenced| by_code.get(&(silenced, exception.name.as_str())).copied();
        let more = match exception.kind {
            ExceptionKind::RuleOff => of_code(true),
            ExceptionKind::RuleLowered | ExceptionKind::ChangeAllowed => of_code(false),
            ExceptionKind::Waiver => exception.place.as_ref().and_then(|place| by_waiver.get(place).copied()),
            ExceptionKind::LimitRaised | ExceptionKind::DateMoved | ExceptionKind::OwnProvider => None,
        };
        exception.findings += more.unwrap_or_default();
    }
}

impl Exception {
    pub(crate) fn new(kind: ExceptionKind, name: impl Into<String>, place: Option<Place>) -> Self {
        let name = name.into();
        Self {
            kind,
            name,
            place,
            value: None,
            percent: false,
            waiver: None,
            calendar: None,
            tenants: 0,
            findings: 0,
            change: None,
            was: None,
        }
    }

    /// Whether it is new or was widened since the base.
    #[must_use]
    pub(crate) fn is_new(&self) -> bool {
        matches!(self.change, Some(ExceptionChange::New | ExceptionChange::Widened))
    }

    pub(crate) fn changed(self, change: ExceptionChange, was: Option<String>) -> Self {
        let was = was.filter(|_| change == ExceptionChange::Widened);
        Self { change: Some(change), was, ..self }
    }
}

/// The rules with less than their default severity, or than that of the base.
fn rules(now: &ReviewConfig, base: Option<&ReviewConfig>) -> Vec<Exception> {
    let found = codes().filter_map(|known| {
        let default = default_level(known.severity);
        let (level, place) = now.level(known.code).map_or((default, None), |(level, place)| (level, Some(place)));
        let was = base.map(|base| base.level(known.code).map_or(default, |(level, _)| level));
        // The levels are sorted from the strictest to the mildest.
        if level <= default && was.is_none_or(|was| level <= was) {
            return None;
        }
        let kind = if level == RuleLevel::Off { ExceptionKind::RuleOff } else { ExceptionKind::RuleLowered };
        let exception = Exception::new(kind, known.code, place.cloned());
        let Some(was) = was else { return Some(exception) };
        Some(if was >= level {
            exception.changed(ExceptionChange::Unchanged, None)
        } else if was == default {
            exception.changed(ExceptionChange::New, None)
        } else {
            exception.changed(ExceptionChange::Widened, Some(level_name(was).to_owned()))
        })
    });
    found.collect()
}

fn default_level(severity: Severity) -> RuleLevel {
    match severity {
        Severity::Error => RuleLevel::Error,
        Severity::Warning => RuleLevel::Warning,
    }
}

fn level_name(level: RuleLevel) -> &'static str {
    match level {
        RuleLevel::Error => "error",
        RuleLevel::Warning => "warning",
        RuleLevel::Off => "off",
    }
}

/// The limits that let through more than those of the base, or than the default where they have one.
fn limits(now: &ReviewConfig, base: Option<&ReviewConfig>) -> Vec<Exception> {
    let (limits, before) = (now.limits(), base.map(ReviewConfig::limits));
    let mut found = Vec::new();
    for (name, now, was) in [
        ("limits.tenants", &limits.tenants, before.and_then(|before| before.tenants.as_ref())),
        ("limits.perRing", &limits.per_ring, before.and_then(|before| before.per_ring.as_ref())),
        ("limits.percent", &limits.percent, before.and_then(|before| before.percent.as_ref())),
    ] {
        let value = now.as_ref().map(|(value, _)| *value);
        let Some((was, _)) = was.filter(|(was, _)| value.is_none_or(|value| value > *was)) else { continue };
        let exception = Exception::new(ExceptionKind::LimitRaised, name, now.as_ref().map(|(_, place)| place.clone()));
        let exception = Exception { value, ..exception };
        found.push(exception.changed(ExceptionChange::Widened, Some(was.to_string())));
    }
    found.extend(percent_from(now, base));
    found.extend(losing(now, base));
    found
}

/// `limits.losing` lets a plan take the reset from more people than the default, which is nobody, or than before. Without it
/// people are not read, so it excuses something to remove it.
fn losing(now: &ReviewConfig, base: Option<&ReviewConfig>) -> Option<Exception> {
    let value = now.limits().losing.as_ref();
    let was = base.and_then(|base| base.limits().losing.as_ref()).map(|(was, _)| *was);
    let default = LosingLimit::Percent(0);
    let raised = |than: LosingLimit| value.is_some_and(|(value, _)| value.allows_more_than(than));
    let widened = was.is_some_and(|was| value.is_none() || raised(was));
    if !raised(default) && !widened {
        return None;
    }
    let exception = Exception::new(ExceptionKind::LimitRaised, "limits.losing", value.map(|(_, place)| place.clone()));
    let (number, percent) = value.map(|(value, _)| value.number()).unzip();
    let exception = Exception { value: number, percent: percent == Some(true), ..exception };
    Some(match (base, was) {
        (None, _) => exception,
        (Some(_), None) => exception.changed(ExceptionChange::New, None),
        (Some(_), Some(was)) if widened => exception.changed(ExceptionChange::Widened, Some(was.to_string())),
        (Some(_), Some(_)) => exception.changed(ExceptionChange::Unchanged, None),
    })
}

/// `limits.percentFrom` lets a larger repository be without a limit in percent.
fn percent_from(now: &ReviewConfig, base: Option<&ReviewConfig>) -> Option<Exception> {
    let from = |config: &ReviewConfig| config.limits().percent_from.as_ref().map_or(PERCENT_FROM, |(from, _)| *from);
    now.limits().percent.as_ref()?;
    let (value, was) = (from(now), base.filter(|base| base.limits().percent.is_some()).map(from));
    if value <= PERCENT_FROM && was.is_none_or(|was| value <= was) {
        return None;
    }
    let place = now.limits().percent_from.as_ref().map(|(_, place)| place.clone());
    let exception = Exception::new(ExceptionKind::LimitRaised, "limits.percentFrom", place);
    let exception = Exception { value: Some(value), ..exception };
    Some(match (base, was) {
        (None, _) => exception,
        (Some(_), None) => exception.changed(ExceptionChange::New, None),
        (Some(_), Some(was)) if was >= value => exception.changed(ExceptionChange::Unchanged, None),
        (Some(_), Some(was)) => exception.changed(ExceptionChange::Widened, Some(was.to_string())),
    })
}

/// The destructive changes that are allowed.
fn allowed(now: &ReviewConfig, base: Option<&ReviewConfig>) -> Vec<Exception> {
    let found = now.allowed().map(|(code, place)| {
        let exception = Exception::new(ExceptionKind::ChangeAllowed, code, place.cloned());
        let Some(base) = base.filter(|_| place.is_some()) else { return exception };
        let was = base.allowed().any(|(known, _)| known == code);
        exception.changed(if was { ExceptionChange::Unchanged } else { ExceptionChange::New }, None)
    });
    found.collect()
}

/// The waivers in force, each once, however many tenants it is for. It is new if it is so for one of them, such as for one
/// whose policy began to extend the file that has it.
fn waivers(now: ExceptionSources<'_>, base: Option<ExceptionSources<'_>>) -> Vec<Exception> {
    let earlier = base.map(|base| {
        let mut days = BTreeMap::new();
        for (tenant, LocatedWaiver { waiver, .. }) in base.waivers {
            let day = days.entry((tenant, waiver.rule.as_str())).or_insert(waiver.expires);
            *day = waiver.expires.max(*day);
        }
        days
    });
    #[expect(clippy::mutable_key_type, reason = "places are compared by path and span, which never change")]
    let mut found: BTreeMap<&Place, Exception> = BTreeMap::new();
    for (tenant, at) in now.waivers.iter().filter(|(_, at)| is_in_force(at, now.config.today())) {
        let LocatedWaiver { waiver, rule, expires: _ } = at;
        let exception = Exception::new(ExceptionKind::Waiver, waiver.rule.as_str(), Some(rule.clone()));
        let exception = Exception { waiver: Some(waiver.clone()), ..exception };
        let was = earlier.as_ref().map(|days| days.get(&(tenant, waiver.rule.as_str())));
        let exception = match was {
            None => exception,
            Some(None) => exception.changed(ExceptionChange::New, None),
            Some(Some(day)) if *day >= waiver.expires => exception.changed(ExceptionChange::Unchanged, None),
            Some(Some(day)) => exception.changed(ExceptionChange::Widened, Some(day.to_string())),
        };
        let tenants = found.get(rule).map_or(0, |known| known.tenants) + 1;
        let first = found.remove(rule).filter(|known| known.change <= exception.change);
        found.insert(rule, Exception { tenants, ..first.unwrap_or(exception) });
    }
    found.into_values().collect()
}

/// What `calendar` says, each of it once, however many tenants it is for.
fn calendar(now: ExceptionSources<'_>, base: Option<ExceptionSources<'_>>) -> Vec<Exception> {
    let said = calendar_exceptions::said(
        CalendarSource { tenants: now.tenants, config: now.config },
        base.map(|base| CalendarSource { tenants: base.tenants, config: base.config }),
    );
    let exception = |said: SaidOfDate| {
        let SaidOfDate { id, is_provider, exception, place, tenants, compared } = said;
        let kind = if is_provider { ExceptionKind::OwnProvider } else { ExceptionKind::DateMoved };
        let found = Exception { calendar: Some(exception), tenants, ..Exception::new(kind, id, place) };
        match compared {
            ComparedWithBase::NoBase => found,
            ComparedWithBase::New => found.changed(ExceptionChange::New, None),
            ComparedWithBase::Widened(was) => found.changed(ExceptionChange::Widened, Some(was)),
            ComparedWithBase::Unchanged => found.changed(ExceptionChange::Unchanged, None),
        }
    };
    said.into_iter().map(exception).collect()
}
