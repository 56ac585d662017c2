//! What a template can say of a policy: every setting by its own name, and the addresses that people use.

use serde_json::{Map, Value as Json, json};

use crate::base::value::{Question, Value};
use crate::catalog;
use crate::catalog::desired::{Desired, DesiredSetting};
use crate::catalog::methods::{self, Announcement, MethodSpec, UnknownMethod};
use crate::catalog::setting::ValueKind;
use crate::policy::document::Method;
use crate::render::announcement::dates::MailDates;

/// The methods of the app. On the legacy page they are one, and no document says whether they are two after the migration.
pub(super) const APP: [Method; 2] = [Method::MobileAppNotification, Method::MobileAppCode];

/// Everything that a template can use, as one tree: a key that is unmanaged, or that says "none", is `none`.
///
/// # Errors
/// When the policy allows a method that is unknown: the mail would leave it out.
pub(super) fn facts(desired: &Desired, dates: &MailDates) -> Result<Json, UnknownMethod> {
    let Desired {
        tenant,
        cloud,
        settings: _,
        source: _,
        tenant_place: _,
        converged_policy: _,
        waivers: _,
        conditions: _,
        services: _,
        left_out: _,
    } = desired;
    let mut facts = Map::new();
    facts.insert("tenant".to_owned(), json!(tenant.to_string()));
    facts.insert("links".to_owned(), json!({ "reset": cloud.reset_page(), "register": cloud.registration_page() }));
    let allowed = desired.setting(methods::ALLOWED.name).map(|allowed| allowed.words.as_slice()).unwrap_or_default();
    let allowed: Vec<_> = allowed.iter().filter_map(|(word, _)| Method::from_word(word).ok()).collect();
    facts.insert("dates".to_owned(), dates.of(&allowed).into());
    for setting in catalog::ALL {
        let value = desired.setting(setting.name).map(|desired| template_value(desired, dates)).transpose()?;
        put(&mut facts, setting.name, value.unwrap_or(Json::Null));
    }
    let required = desired.setting(methods::REQUIRED.name).map(|required| &required.value);
    let may_count_once = APP.iter().all(|one| allowed.contains(one)) && required != Some(&Value::Number(1));
    put(&mut facts, "methods.appMayCountOnce", may_count_once.into());
    Ok(facts.into())
}

/// Puts a value at the end of a path with dots.
fn put(into: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => drop(into.insert(path.to_owned(), value)),
        Some((first, rest)) => {
            if let Some(inner) = into.entry(first).or_insert_with(|| json!({})).as_object_mut() {
                put(inner, rest, value);
            }
        }
    }
}

fn template_value(desired: &DesiredSetting, dates: &MailDates) -> Result<Json, UnknownMethod> {
    let DesiredSetting { setting, value, words, place: _ } = desired;
    Ok(match value {
        // An id says nothing to anybody who is not an administrator.
        Value::Unset | Value::Group(_) | Value::Groups(_) => Json::Null,
        Value::Set(_) if setting.name == methods::ALLOWED.name => {
            words.iter().map(|(word, _)| method(word, dates)).collect::<Result<_, _>>()?
        }
        Value::Questions(questions) => questions
            .iter()
            .map(|question| match question {
                Question::Predefined(text) | Question::Custom(text) => json!(text),
            })
            .collect(),
        Value::Bool(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::GroupName(_)
        | Value::Set(_)
        | Value::GroupNames(_) => value.to_json(),
    })
}

fn method(word: &str, dates: &MailDates) -> Result<Json, UnknownMethod> {
    let method = Method::from_word(word)?;
    let MethodSpec { word, announcement: Announcement { title, preparation }, .. } = method.spec();
    Ok(json!({ "name": word, "title": title, "prepare": preparation, "ended": dates.has_ended(method) }))
}

/// Every variable that a template can use, with what it holds: the table of the documentation.
#[must_use]
pub fn variables() -> Vec<(String, String)> {
    let fixed = [
        ("tenant", "the tenant, as the policy names it"),
        ("links.reset", "the address at which people reset; `none` outside of the public cloud"),
        ("links.register", "the address at which people register; `none` outside of the public cloud"),
        (
            "dates",
            "a list of the [dates of the service](calendar.md) within half a year that touch the methods; of each `id`, `date` and `says` (a sentence for people)",
        ),
        (
            "methods.appMayCountOnce",
            "`true` where notification and code of the app are both allowed, and not just one method is required: they may count as one; else `false`",
        ),
    ];
    let fixed = fixed.into_iter().map(|(name, holds)| (name.to_owned(), holds.to_owned()));
    let settings = catalog::ALL.iter().map(|setting| (setting.name.to_owned(), holds(setting.name, setting.kind)));
    fixed.chain(settings).collect()
}

fn holds(name: &str, kind: ValueKind) -> String {
    match kind {
        ValueKind::Switch => "`true`, `false` or `none`".to_owned(),
        ValueKind::Number { min, max } => format!("a number from {min} to {max}, or `none`"),
        ValueKind::Choice(words) => format!("`\"{}\"` or `none`", words.join("\"`, `\"")),
        ValueKind::Words(_) if name == methods::ALLOWED.name => {
            "a list, in the order of the policy, or `none`; of each method `name` (the word in policies), `title` and \
             `prepare` (sentences for people), and `ended` (whether it no longer works for most people)"
                .to_owned()
        }
        ValueKind::Words(_) => "a list of words, or `none`".to_owned(),
        ValueKind::Questions => "a list of texts, or `none`".to_owned(),
        ValueKind::Group => "the group's display name; `none` also where the policy has an id".to_owned(),
        ValueKind::Groups => "a list of groups as the policy writes them, or `none`".to_owned(),
        ValueKind::Locations => "a list of named locations as the policy writes them, or `none`".to_owned(),
        ValueKind::Link => "an address of a page or a mailbox, or `none`".to_owned(),
    }
}
