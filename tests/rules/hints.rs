//! Every hint about methods leads somewhere: over all policies of methods, in every state of the migration and at every date
//! of the calendar, following the hints ends, and none names what is there already.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use ssprctl::testing::base::finding::{Finding, Severity};
use ssprctl::testing::catalog::calendar::CALENDAR;
use ssprctl::testing::catalog::desired::Desired;
use ssprctl::testing::review::rule_context::RuleContext;
use ssprctl::testing::review::rules;
use ssprctl::testing::tenant::facts::{Migration, TenantFacts};

use crate::written::{TestResult, wanted};

const WORDS: [&str; 6] =
    ["mobileAppNotification", "mobileAppCode", "email", "mobilePhone", "officePhone", "securityQuestions"];

/// A policy of methods.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Methods {
    required: u32,
    allowed: BTreeSet<&'static str>,
}

/// Every policy of methods, read once.
type Policies = BTreeMap<Methods, Desired>;

fn policies() -> Result<Policies, Box<dyn std::error::Error>> {
    let mut policies = BTreeMap::new();
    for set in 0..128_u32 {
        let chosen = WORDS.into_iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0);
        let methods = Methods { required: 1 + (set >> 6), allowed: chosen.map(|(_, word)| word).collect() };
        let allowed: Vec<_> = methods.allowed.iter().copied().collect();
        let text = format!("methods: {{ required: {}, allowed: [{}] }}", methods.required, allowed.join(", "));
        policies.insert(methods, wanted(&text)?);
    }
    Ok(policies)
}

/// The rules on one policy in a tenant of this state, at a date.
#[derive(Clone, Copy)]
struct Case<'a> {
    policies: &'a Policies,
    migration: Option<Migration>,
    today: Date,
    /// Whether a target of text messages lets people sign in with one.
    sms_sign_in: bool,
}

impl Case<'_> {
    fn findings(&self, methods: &Methods) -> Result<Vec<Finding>, String> {
        let desired = self.policies.get(methods).ok_or_else(|| format!("{methods:?} is no policy"))?;
        let facts =
            TenantFacts { migration: self.migration, sms_sign_in: Some(self.sms_sign_in), ..TenantFacts::default() };
        let found = rules::check_all(&RuleContext::with_tenant(desired, &BTreeMap::new(), &facts).on(self.today));
        // Whether questions have numbers and texts is not about methods.
        Ok(found.into_iter().filter(|finding| finding.code != "questions-without-counts").collect())
    }

    /// Whoever follows the hint of the first error until there is none arrives.
    fn follow_errors(&self, start: &Methods) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        let mut now = start.clone();
        loop {
            if !seen.insert(now.clone()) {
                return Err(format!("{start:?}: the hints lead in a circle: {seen:?}"));
            }
            let findings = self.findings(&now)?;
            let Some(error) = findings.into_iter().find(|finding| finding.severity == Severity::Error) else {
                return Ok(());
            };
            let hint = error.hint.ok_or_else(|| format!("{}: no way out", error.code))?;
            now = now.follow(&hint).map_err(|why| format!("{}: {why}", error.code))?;
        }
    }

    /// The tenant after a hint that is about it and not about the policy.
    fn follow_in_tenant(&self, hint: &str) -> Option<Self> {
        match () {
            () if hint.starts_with("complete the migration") => {
                Some(Self { migration: Some(Migration::Complete), ..*self })
            }
            () if hint.starts_with("switch off use for sign-in") => Some(Self { sms_sign_in: false, ..*self }),
            () => None,
        }
    }

    /// No warning asks for what is there, and none is followed into an error without a way out.
    fn follow_warnings(&self, start: &Methods) -> Result<(), String> {
        for finding in self.findings(start)? {
            let Some(hint) = finding.hint.filter(|_| finding.severity == Severity::Warning) else { continue };
            if let Some(changed) = self.follow_in_tenant(&hint) {
                if changed.findings(start)?.iter().any(|left| left.code == finding.code) {
                    return Err(format!("{}: `{hint}` leaves it as it was: {start:?}", finding.code));
                }
                changed.follow_errors(start)?;
                continue;
            }
            let next = start.follow(&hint).map_err(|why| format!("{}: {why}", finding.code))?;
            self.follow_errors(&next)?;
        }
        Ok(())
    }
}

impl Methods {
    /// Follows a hint: the first alternative that it names.
    fn follow(&self, hint: &str) -> Result<Self, String> {
        let first = hint.split(", or ").next().unwrap_or(hint);
        let named: Vec<&'static str> = WORDS.into_iter().filter(|word| first.contains(word)).collect();
        let mut next = self.clone();
        if let Some((_, number)) = first.split_once("`required: ") {
            let number = number.chars().next().and_then(|digit| digit.to_digit(10)).ok_or("no number")?;
            if number == self.required {
                return Err(format!("`{hint}` asks for what is there: {self:?}"));
            }
            next.required = number;
            return Ok(next);
        }
        let (remove, add) = match (first.split_once("remove "), first.split_once("allow ")) {
            (Some((_, rest)), None) => (rest.split(';').next().unwrap_or(rest), ""),
            (Some((_, rest)), Some((_, add))) => (rest.split(';').next().unwrap_or(rest), add),
            (None, Some((_, add))) => match add.split_once(" instead of ") {
                Some((add, remove)) => (remove, add),
                None => ("", add),
            },
            (None, None) => return Err(format!("`{hint}` names no way out")),
        };
        for word in named {
            if remove.contains(word) && !next.allowed.remove(word) {
                return Err(format!("`{hint}` removes what is not there: {self:?}"));
            }
            if add.contains(word) && !next.allowed.insert(word) {
                return Err(format!("`{hint}` adds what is there: {self:?}"));
            }
        }
        Ok(next)
    }
}

#[test]
fn no_hint_leads_in_a_circle() -> TestResult {
    let dates = CALENDAR.iter().flat_map(|entry| [entry.date.yesterday().ok(), Some(entry.date), Some(entry.certain)]);
    let dates: BTreeSet<Date> = dates.flatten().collect();
    let states = [None, Some(Migration::PreMigration), Some(Migration::InProgress), Some(Migration::Complete)];
    let policies = policies()?;
    let mut cases = 0;
    let tenants = states.into_iter().flat_map(|migration| [(migration, false), (migration, true)]);
    let tenants: Vec<_> = tenants.collect();
    for today in dates {
        for (migration, sms_sign_in) in tenants.iter().copied() {
            let case = Case { policies: &policies, migration, today, sms_sign_in };
            for start in policies.keys() {
                let followed = case.follow_errors(start).and_then(|()| case.follow_warnings(start));
                followed.map_err(|why| format!("{migration:?}, {today}: {why}"))?;
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 32_768, "policies, states, dates, and whether texts sign people in");
    Ok(())
}
