//! The context in which rules run: the values of the settings, as they would be after the policy is applied.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::base::source::Place;
use crate::base::value::Value;
use crate::catalog::calendar::{CalendarEntry, Population};
use crate::catalog::desired::Desired;
use crate::catalog::methods;
use crate::catalog::tenant_calendar::{MethodAvailability, TenantCalendar};
use crate::policy::document::Method;
use crate::tenant::facts::{Migration, TenantFacts};

/// The desired values of a policy, with the actual values of the tenant for unmanaged settings. Without a tenant only the
/// desired values are known.
pub struct RuleContext<'a> {
    desired: &'a Desired,
    actual: Option<&'a BTreeMap<&'static str, Value>>,
    facts: TenantFacts,
    today: Option<Date>,
    calendar: TenantCalendar,
}

/// What a rule must know so that its silence means that nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequiredFacts {
    /// The policy is enough.
    Policy,
    /// How far the tenant has migrated must be known as well.
    Migration,
    /// What the tenant's licences permit must be known as well.
    Licence,
    /// How the tenant is joined to an on-premises directory must be known as well.
    Hybrid,
    /// How many administrators are in the scope's group must be known as well.
    Administrators,
    /// By which rules groups have their members must be known as well.
    Groups,
    /// Whether people sign in with a text message must be known as well.
    SmsSignIn,
}

impl<'a> RuleContext<'a> {
    /// The context of a policy without its tenant.
    #[must_use]
    pub fn policy_only(desired: &'a Desired) -> Self {
        Self::of(desired, None, TenantFacts::default())
    }

    /// The context of a policy and its tenant, whose actual values are `actual`.
    #[must_use]
    pub fn with_tenant(desired: &'a Desired, actual: &'a BTreeMap<&'static str, Value>, facts: &TenantFacts) -> Self {
        Self::of(desired, Some(actual), facts.clone())
    }

    fn of(desired: &'a Desired, actual: Option<&'a BTreeMap<&'static str, Value>>, facts: TenantFacts) -> Self {
        Self { desired, actual, facts, today: None, calendar: TenantCalendar::of(desired.cloud) }
    }

    /// The same context on a date (UTC). Rules that depend on the date are silent without one.
    #[must_use]
    pub fn on(self, today: Date) -> Self {
        Self { today: Some(today), ..self }
    }

    /// The same context with what is known of the dates of the service for the tenant.
    #[must_use]
    pub fn by_calendar(self, calendar: TenantCalendar) -> Self {
        Self { calendar, ..self }
    }

    /// The date (UTC) on which the rules run.
    #[must_use]
    pub(crate) fn today(&self) -> Option<Date> {
        self.today
    }

    /// Whether a date of the service may be in force, with its entry; `None` without a day, and where the calendar of
    /// the tenant's cloud has no such entry.
    #[must_use]
    pub(crate) fn date(&self, id: &str) -> Option<(bool, &'static CalendarEntry)> {
        let (today, entry) = (self.today?, self.calendar.entry(id)?);
        Some((self.calendar.dates(entry).0 <= today, entry))
    }

    /// The date of an entry in words, with what is to be said of its sources.
    #[must_use]
    pub(crate) fn date_words(&self, entry: &CalendarEntry) -> String {
        format!("{}{}", self.calendar.date_words(entry), entry.confidence.words())
    }

    /// The dated changes of the service, as they hold for the tenant.
    #[must_use]
    pub(crate) fn calendar(&self) -> &TenantCalendar {
        &self.calendar
    }

    /// Whether the legacy policy decides with which methods people reset, and with it the limits of that policy; `None` if
    /// it is not known whether it does.
    #[must_use]
    pub(crate) fn legacy_decides(&self) -> Option<bool> {
        self.facts.migration.map(|migration| match migration {
            Migration::PreMigration | Migration::InProgress => true,
            Migration::Complete => false,
        })
    }

    /// Whether a method still works for most people on the date on which the rules run. Without a date it does.
    #[must_use]
    pub(crate) fn works(&self, method: Method) -> bool {
        let ended = |today| self.calendar.availability(method, Population::MostPeople, today);
        !self.today.map(ended).is_some_and(|availability| matches!(availability, MethodAvailability::Ended(_)))
    }

    /// The words of those of `candidates` that a policy with these methods could allow as well: it does not allow them yet,
    /// and people can still use them.
    #[must_use]
    pub(crate) fn addable(&self, allowed: &BTreeSet<Method>, candidates: &[Method]) -> Vec<&'static str> {
        let new = candidates.iter().filter(|method| !allowed.contains(method) && self.works(**method));
        new.map(|method| method.word()).collect()
    }

    /// Whether everything that a rule needs is known.
    #[must_use]
    pub(crate) fn knows(&self, needs: RequiredFacts) -> bool {
        match needs {
            RequiredFacts::Policy => true,
            RequiredFacts::Migration => self.facts.migration.is_some(),
            RequiredFacts::Licence => self.facts.licence.is_some(),
            RequiredFacts::Hybrid => self.facts.hybrid.is_some(),
            RequiredFacts::Administrators => self.facts.administrators_among.is_some(),
            RequiredFacts::Groups => self.facts.frozen_groups.is_some(),
            RequiredFacts::SmsSignIn => self.facts.sms_sign_in.is_some(),
        }
    }

    /// The facts about the tenant; all unknown without one.
    #[must_use]
    pub(crate) fn facts(&self) -> &TenantFacts {
        &self.facts
    }

    /// The policy that the rules check.
    #[must_use]
    pub(crate) fn policy(&self) -> &'a Desired {
        self.desired
    }

    /// The value that a setting would have; `None` if it is not known.
    #[must_use]
    pub(crate) fn value(&self, name: &str) -> Option<&'a Value> {
        self.desired.setting(name).map(|desired_setting| &desired_setting.value).or_else(|| self.actual?.get(name))
    }

    /// Whether the policy manages a setting.
    #[must_use]
    pub(crate) fn manages(&self, name: &str) -> bool {
        self.desired.setting(name).is_some()
    }

    /// Whether the policy asks for another value than the tenant has, or may: without a tenant that is not known.
    #[must_use]
    pub(crate) fn changes(&self, name: &str) -> bool {
        let actual = self.actual.and_then(|actual| actual.get(name));
        self.desired(name).is_some_and(|desired| actual != Some(desired))
    }

    /// The value of a setting, if it is known and a number.
    #[must_use]
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        match self.value(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// The value that the policy asks for; `None` if it does not manage the setting.
    #[must_use]
    pub(crate) fn desired(&self, name: &str) -> Option<&'a Value> {
        self.desired.setting(name).map(|desired_setting| &desired_setting.value)
    }

    /// Whether the policy sets a switch to `on`.
    #[must_use]
    pub(crate) fn sets_switch(&self, name: &str, on: bool) -> bool {
        self.desired(name) == Some(&Value::Bool(on))
    }

    /// Those of `methods` that the policy itself allows, each with its place, in the order of the file.
    #[must_use]
    pub(crate) fn allowed(&self, methods: &[Method]) -> Vec<(Method, &'a Place)> {
        let words =
            self.desired.setting(methods::ALLOWED.name).map(|setting| setting.words.as_slice()).unwrap_or_default();
        let listed = words.iter().filter_map(|(word, place)| Some((Method::from_word(word).ok()?, place)));
        listed.filter(|(method, _)| methods.contains(method)).collect()
    }

    /// The place of one allowed method, or of all methods if the policy does not list it.
    #[must_use]
    pub(crate) fn method_place(&self, method: Method) -> Place {
        let listed = self.allowed(&[method]).pop().map(|(_, place)| place.clone());
        listed.unwrap_or_else(|| self.place(&[methods::ALLOWED.name, methods::REQUIRED.name]))
    }

    /// The methods that would be allowed. `None` if the policy does not manage them and the tenant's legacy policy allows
    /// none, because such a tenant manages them in the authentication methods policy; or if one of them is unknown.
    #[must_use]
    pub(crate) fn methods(&self) -> Option<BTreeSet<Method>> {
        match self.value(methods::ALLOWED.name) {
            Some(Value::Set(words)) if self.manages(methods::ALLOWED.name) || !words.is_empty() => {
                words.iter().map(|word| Method::from_word(word).ok()).collect()
            }
            _ => None,
        }
    }

    /// The place of the first of these settings that the policy manages, or else the place where it names the tenant.
    #[must_use]
    pub(crate) fn place(&self, names: &[&str]) -> Place {
        let managed = names.iter().find_map(|name| self.desired.setting(name));
        managed.map_or_else(|| self.desired.tenant_place.clone(), |desired_setting| desired_setting.place.clone())
    }
}
