//! The configuration of reviews: the rule levels, limits and rings of a repository, and the date.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

use crate::base::cloud::Cloud;
use crate::base::finding::{Finding, Severity};
use crate::base::ids::TenantName;
use crate::base::source::Place;
use crate::catalog::calendar::{CALENDAR, CalendarEffect};
use crate::catalog::tenant_calendar::TenantCalendar;
use crate::plan::change::Plan;
use crate::policy::check::limited;
use crate::policy::codes::FindingCode;
use crate::policy::repository::config::{DestructiveChange, RuleLevel};
use crate::policy::repository::load::{LocatedCalendarChange, LocatedLimits, Repository, RuleOverride};
use crate::policy::schema;
use crate::policy::suggest::nearest;
use crate::review::impact::ImpactResult;
use crate::review::losing::LosingConfig;
use crate::review::rings::Rings;
use crate::review::rules::Rule;
use crate::review::{limits, losing, rules, waivers};

const UNKNOWN: &str = "unknown-rule";
const ENFORCED: &str = "rule-enforced";

/// The findings about the rule levels of a repository.
pub(crate) const CODES: &[FindingCode] = &[
    FindingCode {
        code: UNKNOWN,
        severity: Severity::Error,
        means: "`ssprctl.yaml` names a rule that does not exist.",
        fix: "Correct the code; `ssprctl explain` lists all of them.",
        example: Some("rules:\n  one-method: error"),
    },
    FindingCode {
        code: ENFORCED,
        severity: Severity::Error,
        means: "`ssprctl.yaml` lowers or turns off a rule about what the service itself refuses or ignores. No configuration changes that.",
        fix: "Remove the entry.",
        example: Some("rules:\n  not-enough-methods: off"),
    },
];

/// The configuration by which plans are reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewConfig {
    today: Date,
    levels: BTreeMap<&'static str, (RuleLevel, Place)>,
    limits: LocatedLimits,
    /// The codes that are allowed; without a place where the caller allows them and no file does.
    allowed: BTreeMap<&'static str, Option<Place>>,
    fleet: usize,
    only_reports: bool,
    rings: Rings,
    calendar: Vec<LocatedCalendarChange>,
}

impl ReviewConfig {
    /// The default configuration, on a date (UTC).
    #[must_use]
    pub fn new(today: Date) -> Self {
        Self {
            today,
            levels: BTreeMap::new(),
            limits: LocatedLimits::default(),
            allowed: BTreeMap::new(),
            fleet: 0,
            only_reports: false,
            rings: Rings::default(),
            calendar: Vec::new(),
        }
    }

    /// The configuration of a repository, and the findings about it.
    #[must_use]
    pub fn from_repository(repository: &Repository, today: Date) -> (Self, Vec<Finding>) {
        let mut findings = repository.findings.clone();
        let mut levels = BTreeMap::new();
        for rule in &repository.rules {
            match known_rule(rule) {
                Ok(code) => drop(levels.insert(code, (rule.level, rule.level_place.clone()))),
                Err(finding) => findings.push(*finding),
            }
        }
        let (rings, wrong) = Rings::from_repository(&repository.rings);
        findings.extend(wrong);
        let allowed =
            repository.limits.allow.iter().map(|(change, place)| (change.code(), Some(place.clone()))).collect();
        let source = findings.first().and_then(|finding| Some(Arc::clone(&finding.at.as_ref()?.place.source)));
        let findings = match source {
            Some(source) => limited(findings, &source),
            None => findings,
        };
        (
            Self {
                today,
                levels,
                limits: repository.limits.clone(),
                allowed,
                fleet: 0,
                only_reports: false,
                rings,
                calendar: repository.calendar.clone(),
            },
            findings,
        )
    }

    /// The same configuration, which also allows the changes with these codes.
    #[must_use]
    pub fn allow<'a>(mut self, codes: impl IntoIterator<Item = &'a str>) -> Self {
        let known = codes.into_iter().filter_map(|code| limits::CODES.iter().find(|known| known.code == code));
        for known in known {
            self.allowed.entry(known.code).or_insert(None);
        }
        self
    }

    /// The level of a rule, and the place where the repository sets it.
    #[must_use]
    pub(crate) fn level(&self, code: &str) -> Option<(RuleLevel, &Place)> {
        self.levels.get(code).map(|(level, place)| (*level, place))
    }

    /// The codes of the changes that are allowed, sorted, each with its place in a file; `None` where the caller of the
    /// run allows it and no file does.
    pub(crate) fn allowed(&self) -> impl Iterator<Item = (&'static str, Option<&Place>)> {
        self.allowed.iter().map(|(code, place)| (*code, place.as_ref()))
    }

    /// How much one apply may change.
    #[must_use]
    pub(crate) fn limits(&self) -> &LocatedLimits {
        &self.limits
    }

    /// The calendar as it holds for a tenant, with what the repository says about it.
    #[must_use]
    pub fn calendar(&self, tenant: &TenantName, cloud: Cloud) -> TenantCalendar {
        TenantCalendar::with_changes(tenant, cloud, &self.calendar)
    }

    /// Whether the repository says anything about dates of the service.
    #[must_use]
    pub(crate) fn has_calendar(&self) -> bool {
        !self.calendar.is_empty()
    }

    /// The rings, in which an apply goes through the tenants.
    #[must_use]
    pub fn rings(&self) -> &Rings {
        &self.rings
    }

    /// The same configuration for a run that only reports: drift is reported however destructive its repair would be.
    #[must_use]
    pub(crate) fn report_only(self) -> Self {
        Self { only_reports: true, ..self }
    }

    /// Whether the run only reports, as `drift` does.
    #[must_use]
    pub(crate) fn only_reports(&self) -> bool {
        self.only_reports
    }

    /// The findings about the destructive changes of a plan; none in a run that only reports.
    #[must_use]
    pub(crate) fn destructive_changes(&self, plan: &Plan) -> Vec<Finding> {
        if self.only_reports {
            Vec::new()
        } else {
            limits::destructive_changes(plan, |code| self.allowed.contains_key(code))
        }
    }

    /// Whether a run reads people, because the repository limits how many may lose the reset. One that only reports does not.
    #[must_use]
    pub(crate) fn reads_people(&self) -> bool {
        self.limits.losing.is_some() && !self.only_reports
    }

    /// The findings about the people whom a plan affects; none in a run that only reports.
    #[must_use]
    pub(crate) fn losing(&self, plan: &Plan, people: &ImpactResult) -> Vec<Finding> {
        let allows = |change: DestructiveChange| self.allowed.contains_key(change.code());
        let config = LosingConfig {
            limit: self.limits.losing.as_ref(),
            more_allowed: allows(DestructiveChange::TooManyLosing),
            nobody_allowed: allows(DestructiveChange::NobodyCanReset),
        };
        if self.only_reports { Vec::new() } else { losing::findings(plan, people, &config) }
    }

    /// The same configuration for a repository with policies for this many tenants.
    #[must_use]
    pub fn with_fleet_size(self, fleet: usize) -> Self {
        Self { fleet, ..self }
    }

    /// How many tenants have a policy.
    #[must_use]
    pub(crate) fn fleet_size(&self) -> usize {
        self.fleet
    }

    /// The finding about a run that changes this many of the tenants with a policy; `None` within the limits.
    #[must_use]
    pub fn limit_exceeded(&self, changing: usize) -> Option<Finding> {
        let allowed = self.allowed.contains_key(limits::TOO_MANY_TENANTS);
        limits::limit_exceeded(&self.limits, changing, self.fleet).filter(|_| !allowed)
    }

    /// The finding about a run that changes more tenants than one run may, or more of one ring; `None` within the limits.
    #[must_use]
    pub(crate) fn limits_exceeded<'a>(&self, changing: impl IntoIterator<Item = &'a TenantName>) -> Option<Finding> {
        let names = self.rings.names();
        let mut by_ring = vec![0; names.len().max(1)];
        for tenant in changing {
            if let Some(many) = by_ring.get_mut(self.rings.of(tenant)) {
                *many += 1;
            }
        }
        let allowed = self.allowed.contains_key(limits::TOO_MANY_TENANTS);
        let of_ring = |(ring, changing): (&&str, &usize)| limits::ring_limit_exceeded(&self.limits, ring, *changing);
        let rings = || names.iter().zip(&by_ring).find_map(of_ring).filter(|_| !allowed);
        self.limit_exceeded(by_ring.iter().sum()).or_else(rings)
    }

    /// The same configuration on another date.
    #[must_use]
    pub(crate) fn on_date(&self, today: Date) -> Self {
        Self { today, ..self.clone() }
    }

    /// The date (UTC) of the review.
    #[must_use]
    pub(crate) fn today(&self) -> Date {
        self.today
    }

    /// Sets the severities of the repository. Returns the findings that count, then those of rules that are turned off.
    #[must_use]
    pub(crate) fn apply_levels(&self, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
        let level = |finding: &Finding| self.levels.get(finding.code).map(|(level, _)| *level);
        let (silenced, counting): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|finding| level(finding) == Some(RuleLevel::Off));
        let levelled = counting.into_iter().map(|finding| match level(&finding) {
            None | Some(RuleLevel::Off) => finding,
            Some(RuleLevel::Error) => Finding { severity: Severity::Error, ..finding },
            Some(RuleLevel::Warning) => Finding { severity: Severity::Warning, ..finding },
        });
        (levelled.collect(), silenced)
    }
}

/// A code for which a repository may set a level.
pub(crate) struct LevelledCode {
    pub(crate) code: &'static str,
    /// The most severe that its findings are where the repository sets no level.
    pub(crate) severity: Severity,
    /// Whether the repository may lower it.
    lowerable: bool,
    says: &'static str,
}

/// Every code for which a repository may set a level.
pub(crate) fn codes() -> impl Iterator<Item = LevelledCode> {
    let rules = rules::ALL.iter().map(|rule| LevelledCode {
        code: rule.code,
        severity: most_severe(rule),
        lowerable: !rule.enforced,
        says: rule.says,
    });
    let waivers = waivers::CODES.iter().filter(|code| code.severity == Severity::Warning);
    rules.chain(waivers.map(|code| LevelledCode {
        code: code.code,
        severity: code.severity,
        lowerable: true,
        says: code.means,
    }))
}

/// A warning about a method that ends becomes an error once it has ended.
fn most_severe(rule: &Rule) -> Severity {
    let ends = CALENDAR.iter().any(|entry| entry.rule == rule.code && matches!(entry.effect, CalendarEffect::Ends(_)));
    if ends { Severity::Error } else { rule.severity }
}

fn known_rule(rule: &RuleOverride) -> Result<&'static str, Box<Finding>> {
    let RuleOverride { code, code_place, level, level_place } = rule;
    match codes().find(|known| known.code == code) {
        Some(known) if known.lowerable || *level == RuleLevel::Error => Ok(known.code),
        Some(LevelledCode { code, .. }) => Err(Box::new(
            Finding::error(ENFORCED, format!("{code} is about what the service itself refuses or ignores"))
                .at(level_place.clone(), "cannot be lowered")
                .hint("remove the entry, and fix the policies that break the rule"),
        )),
        None => {
            let finding = Finding::error(UNKNOWN, format!("there is no rule `{}`", short(code)));
            let hint = match nearest(code, codes().map(|known| known.code)) {
                Some(similar) => format!("did you mean `{similar}`?"),
                None => "`ssprctl explain` lists all of them".to_owned(),
            };
            Err(Box::new(finding.at(code_place.clone(), "unknown").hint(hint)))
        }
    }
}

fn short(code: &str) -> String {
    code.chars().take(60).collect()
}

/// The JSON Schema of `ssprctl.yaml` for editors: that of the loader, with an entry for each rule.
#[must_use]
pub(crate) fn repository_schema() -> Json {
    let mut schema = schema::repository_schema();
    let known: Map<String, Json> = codes()
        .map(|LevelledCode { code, severity: _, lowerable, says }| {
            let level = if lowerable { json!({ "$ref": "#/$defs/RuleLevel" }) } else { json!({ "const": "error" }) };
            let mut entry = Map::from_iter([("description".to_owned(), json!(says))]);
            entry.extend(level.as_object().cloned().unwrap_or_default());
            (code.to_owned(), entry.into())
        })
        .collect();
    if let Some(rules) = schema.pointer_mut("/properties/rules").and_then(Json::as_object_mut) {
        rules.insert("properties".to_owned(), known.into());
        rules.insert("additionalProperties".to_owned(), json!(false));
    }
    schema
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn another_date_changes_nothing_else() {
        let config = ReviewConfig::new(date(2026, 11, 22)).allow(limits::CODES.iter().map(|known| known.code));
        let later = config.on_date(date(2027, 2, 1));
        assert_eq!(later.today(), date(2027, 2, 1));
        assert_eq!(later.allowed().count(), limits::CODES.len());
    }
}
