//! By which standards findings are judged: the severities that a repository has agreed on, and the day.

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

/// What can be wrong with a repository's agreements.
pub const CODES: &[FindingCode] = &[
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
        means: "`ssprctl.yaml` lowers or silences a rule about what the service itself refuses or ignores. No agreement changes that.",
        fix: "Take the entry out.",
        example: Some("rules:\n  not-enough-methods: off"),
    },
];

/// How findings are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewConfig {
    today: Date,
    levels: BTreeMap<&'static str, RuleLevel>,
    limits: LocatedLimits,
    allowed: BTreeSet<&'static str>,
    fleet: usize,
    only_looking: bool,
    rings: Rings,
}

impl ReviewConfig {
    /// Every rule as it stands, on a day (UTC).
    #[must_use]
    pub fn new(today: Date) -> Self {
        Self {
            today,
            levels: BTreeMap::new(),
            limits: LocatedLimits::default(),
            allowed: BTreeSet::new(),
            fleet: 0,
            only_looking: false,
            rings: Rings::default(),
        }
    }

    /// What a repository has agreed on, and what is wrong with that.
    #[must_use]
    pub fn from_repository(repository: &Repository, today: Date) -> (Self, Vec<Finding>) {
        let mut findings = repository.findings.clone();
        let mut levels = BTreeMap::new();
        for rule in &repository.rules {
            match settled(rule) {
                Ok(code) => drop(levels.insert(code, rule.level)),
                Err(finding) => findings.push(*finding),
            }
        }
        let (rings, wrong) = Rings::from_repository(&repository.rings);
        findings.extend(wrong);
        let allowed = repository.limits.allow.iter().map(|drastic| drastic.code()).collect();
        (
            Self { today, levels, limits: repository.limits.clone(), allowed, fleet: 0, only_looking: false, rings },
            findings,
        )
    }

    /// The same, with more of what limits hold back allowed, by its codes.
    #[must_use]
    pub fn allow<'a>(mut self, codes: impl IntoIterator<Item = &'a str>) -> Self {
        let known = codes.into_iter().filter_map(|code| limits::CODES.iter().find(|known| known.code == code));
        self.allowed.extend(known.map(|known| known.code));
        self
    }

    /// In what order an apply goes through the tenants.
    #[must_use]
    pub fn rings(&self) -> &Rings {
        &self.rings
    }

    /// The same for a run that only looks: a tenant that has moved is told as such, whatever it would take to move it back.
    #[must_use]
    pub fn report_only(self) -> Self {
        Self { only_looking: true, ..self }
    }

    /// What is drastic about a plan.
    #[must_use]
    pub fn destructive_changes(&self, plan: &Plan) -> Vec<Finding> {
        if self.only_looking { Vec::new() } else { limits::destructive_changes(plan, &self.allowed) }
    }

    /// The same for a repository with policies for so many tenants.
    #[must_use]
    pub fn with_fleet_size(self, fleet: usize) -> Self {
        Self { fleet, ..self }
    }

    /// What is wrong with a run that changes so many tenants, out of all that have a policy.
    #[must_use]
    pub fn limit_exceeded(&self, changing: usize) -> Option<Finding> {
        let allowed = self.allowed.contains(limits::TOO_MANY_TENANTS);
        limits::limit_exceeded(&self.limits, changing, self.fleet).filter(|_| !allowed)
    }

    /// The same agreements on another day.
    #[must_use]
    pub fn on_date(&self, today: Date) -> Self {
        Self { today, ..self.clone() }
    }

    /// The day on which is judged.
    #[must_use]
    pub fn today(&self) -> Date {
        self.today
    }

    /// The findings with the severity that was agreed on, without those that nobody wants to hear.
    #[must_use]
    pub fn apply_levels(&self, findings: Vec<Finding>) -> Vec<Finding> {
        let weighed = findings.into_iter().filter_map(|finding| match self.levels.get(finding.code) {
            None => Some(finding),
            Some(RuleLevel::Off) => None,
            Some(RuleLevel::Error) => Some(Finding { severity: Severity::Error, ..finding }),
            Some(RuleLevel::Warning) => Some(Finding { severity: Severity::Warning, ..finding }),
        });
        weighed.collect()
    }
}

/// Every code that an agreement may name, with whether it may be lowered.
fn codes() -> impl Iterator<Item = (&'static str, bool, &'static str)> {
    let rules = rules::ALL.iter().map(|rule| (rule.code, !rule.enforced, rule.says));
    let waivers = waivers::CODES.iter().filter(|code| code.severity == Severity::Warning);
    rules.chain(waivers.map(|code| (code.code, true, code.means)))
}

fn settled(agreed: &RuleOverride) -> Result<&'static str, Box<Finding>> {
    let RuleOverride { code, code_place, level, level_place } = agreed;
    match codes().find(|(known, ..)| known == code) {
        Some((code, lowerable, _)) if lowerable || *level == RuleLevel::Error => Ok(code),
        Some((code, ..)) => Err(Box::new(
            Finding::error(ENFORCED, format!("{code} is about what the service itself refuses or ignores"))
                .at(level_place.clone(), "cannot be lowered")
                .hint("take the entry out, and mend the policies that break the rule"),
        )),
        None => {
            let finding = Finding::error(UNKNOWN, format!("there is no rule `{}`", short(code)));
            let hint = match nearest(code, codes().map(|(known, ..)| known)) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "`ssprctl explain` lists all of them".to_owned(),
            };
            Err(Box::new(finding.at(code_place.clone(), "unknown").hint(hint)))
        }
    }
}

fn short(code: &str) -> String {
    code.chars().take(60).collect()
}

/// The JSON Schema of `ssprctl.yaml` for editors: that of the loader, and every rule by its code.
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
