//! The configuration of reviews: the rule levels, limits and rings of a repository, and the date.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::{Map, Value as Json, json};

use crate::base::finding::{Finding, Severity};
use crate::plan::change::Plan;
use crate::policy::codes::FindingCode;
use crate::policy::repository::config::RuleLevel;
use crate::policy::repository::load::{LocatedLimits, Repository, RuleOverride};
use crate::policy::schema;
use crate::policy::suggest::nearest;
use crate::review::rings::Rings;
use crate::review::{limits, rules, waivers};

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
    levels: BTreeMap<&'static str, RuleLevel>,
    limits: LocatedLimits,
    allowed: BTreeSet<&'static str>,
    fleet: usize,
    only_reports: bool,
    rings: Rings,
}

impl ReviewConfig {
    /// The default configuration, on a date (UTC).
    #[must_use]
    pub fn new(today: Date) -> Self {
        Self {
            today,
            levels: BTreeMap::new(),
            limits: LocatedLimits::default(),
            allowed: BTreeSet::new(),
            fleet: 0,
            only_reports: false,
            rings: Rings::default(),
        }
    }

    /// The configuration of a repository, and the findings about it.
    #[must_use]
    pub fn from_repository(repository: &Repository, today: Date) -> (Self, Vec<Finding>) {
        let mut findings = repository.findings.clone();
        let mut levels = BTreeMap::new();
        for rule in &repository.rules {
            match known_rule(rule) {
                Ok(code) => drop(levels.insert(code, rule.level)),
                Err(finding) => findings.push(*finding),
            }
        }
        let (rings, wrong) = Rings::from_repository(&repository.rings);
        findings.extend(wrong);
        let allowed = repository.limits.allow.iter().map(|change| change.code()).collect();
        (
            Self { today, levels, limits: repository.limits.clone(), allowed, fleet: 0, only_reports: false, rings },
            findings,
        )
    }

    /// The same configuration, which also allows the changes with these codes.
    #[must_use]
    pub fn allow<'a>(mut self, codes: impl IntoIterator<Item = &'a str>) -> Self {
        let known = codes.into_iter().filter_map(|code| limits::CODES.iter().find(|known| known.code == code));
        self.allowed.extend(known.map(|known| known.code));
        self
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

    /// The findings about the destructive changes of a plan; none in a run that only reports.
    #[must_use]
    pub(crate) fn destructive_changes(&self, plan: &Plan) -> Vec<Finding> {
        if self.only_reports { Vec::new() } else { limits::destructive_changes(plan, &self.allowed) }
    }

    /// The same configuration for a repository with policies for this many tenants.
    #[must_use]
    pub fn with_fleet_size(self, fleet: usize) -> Self {
        Self { fleet, ..self }
    }

    /// The finding about a run that changes this many of the tenants with a policy; `None` within the limits.
    #[must_use]
    pub fn limit_exceeded(&self, changing: usize) -> Option<Finding> {
        let allowed = self.allowed.contains(limits::TOO_MANY_TENANTS);
        limits::limit_exceeded(&self.limits, changing, self.fleet).filter(|_| !allowed)
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

    /// The findings with the severities that the repository sets, without those that it turns off.
    #[must_use]
    pub(crate) fn apply_levels(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let levelled = findings.into_iter().filter_map(|finding| match self.levels.get(finding.code) {
            None => Some(finding),
            Some(RuleLevel::Off) => None,
            Some(RuleLevel::Error) => Some(Finding { severity: Severity::Error, ..finding }),
            Some(RuleLevel::Warning) => Some(Finding { severity: Severity::Warning, ..finding }),
        });
        levelled.collect()
    }
}

/// Every code for which a repository may set a level, with whether it may lower it, and its description.
fn codes() -> impl Iterator<Item = (&'static str, bool, &'static str)> {
    let rules = rules::ALL.iter().map(|rule| (rule.code, !rule.enforced, rule.says));
    let waivers = waivers::CODES.iter().filter(|code| code.severity == Severity::Warning);
    rules.chain(waivers.map(|code| (code.code, true, code.means)))
}

fn known_rule(rule: &RuleOverride) -> Result<&'static str, Box<Finding>> {
    let RuleOverride { code, code_place, level, level_place } = rule;
    match codes().find(|(known, ..)| known == code) {
        Some((code, lowerable, _)) if lowerable || *level == RuleLevel::Error => Ok(code),
        Some((code, ..)) => Err(Box::new(
            Finding::error(ENFORCED, format!("{code} is about what the service itself refuses or ignores"))
                .at(level_place.clone(), "cannot be lowered")
                .hint("remove the entry, and fix the policies that break the rule"),
        )),
        None => {
            let finding = Finding::error(UNKNOWN, format!("there is no rule `{}`", short(code)));
            let hint = match nearest(code, codes().map(|(known, ..)| known)) {
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
pub fn repository_schema() -> Json {
    let mut schema = schema::repository_schema();
    let known: Map<String, Json> = codes()
        .map(|(code, lowerable, says)| {
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
