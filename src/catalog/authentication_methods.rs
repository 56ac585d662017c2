//! The methods of a tenant that has migrated: the setting `methods.allowed` in the authentication methods policy. Microsoft's own mapping (how-to-authentication-methods-manage) has several configurations for one method and
//! one configuration for several, so the setting falls into parts that are each written and read alone. Security questions
//! have no configuration there and are always in the legacy policy.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::base::value::Value;
use crate::catalog::methods::{self, AUTHENTICATOR, Configurations, SMS, SOFTWARE_OATH, VOICE};
use crate::catalog::setting::{Setting, ValueKind};
use crate::policy::document::Method;
use crate::tenant::document::{DecodeError, Document, Patch};
use crate::tenant::surface::Surface;

/// The configurations that several methods share.
const SHARED: [&str; 4] = [SMS, VOICE, AUTHENTICATOR, SOFTWARE_OATH];

/// How many methods have a configuration of their own.
const OWN: usize = {
    let (mut count, mut at) = (0, 0);
    while at < Method::ALL.len() {
        if let Configurations::Own(_) = Method::ALL[at].spec().configurations {
            count += 1;
        }
        at += 1;
    }
    count
};

/// The words of the methods that have a configuration of their own, and the ids of these configurations.
const OWN_WORDS_AND_IDS: ([&str; OWN], [&str; OWN]) = {
    let (mut words, mut ids) = ([""; OWN], [""; OWN]);
    let (mut count, mut at) = (0, 0);
    while at < Method::ALL.len() {
        let method = Method::ALL[at].spec();
        if let Configurations::Own(id) = method.configurations {
            (words[count], ids[count]) = (method.word, id);
            count += 1;
        }
        at += 1;
    }
    (words, ids)
};
const OWN_WORDS: &[&str] = &OWN_WORDS_AND_IDS.0;
const OWN_IDS: &[&str] = &OWN_WORDS_AND_IDS.1;

/// The configurations that settings read and write.
const MANAGED: &[&str] = &{
    let mut ids = [""; OWN + SHARED.len()];
    let mut at = 0;
    while at < ids.len() {
        ids[at] = if at < OWN { OWN_IDS[at] } else { SHARED[at - OWN] };
        at += 1;
    }
    ids
};

/// Whether a setting reads and writes the configuration with this id. All others are for sign-in alone, or of an unknown
/// type: they are shown and never written.
#[must_use]
pub(crate) fn is_managed(id: &str) -> bool {
    MANAGED.contains(&id)
}

/// The id of the target that means every user.
pub(crate) const ALL_USERS: &str = "all_users";

const fn part(
    keys: &'static [&'static str],
    words: &'static [&'static str],
    decode: fn(&Document) -> Result<Value, DecodeError>,
    encode: fn(&Value, &Document) -> Vec<Patch>,
) -> Setting {
    Setting {
        surface: Surface::AuthenticationMethods,
        keys,
        kind: ValueKind::Words(words),
        decode,
        encode,
        audit: None,
        ..methods::ALLOWED_ROW
    }
}

/// The part of `methods.allowed` for the methods that have a configuration of their own.
pub(crate) static WITH_OWN_CONFIGURATION: Setting = part(
    OWN_IDS,
    OWN_WORDS,
    |document| {
        let mut found = BTreeSet::new();
        for (word, id) in OWN_WORDS.iter().zip(OWN_IDS) {
            if is_on(document, id)? {
                found.insert((*word).to_owned());
            }
        }
        Ok(Value::Set(found))
    },
    |value, _| OWN_WORDS.iter().zip(OWN_IDS).map(|(word, id)| state(id, has(value, word))).collect(),
);

/// The part of `methods.allowed` for mobile phone and office phone. A mobile phone takes texts and calls; an office phone takes calls where they are allowed to
/// it. A policy of the office phone alone still lets Voice call mobile phones: there is no switch against that.
pub(crate) static PHONE: Setting = part(
    &[SMS, VOICE],
    const { &[Method::MobilePhone.word(), Method::OfficePhone.word()] },
    |document| {
        let (sms, voice) = (is_on(document, SMS)?, is_on(document, VOICE)?);
        let office = voice && flag(document, VOICE, "isOfficePhoneAllowed")?;
        words([(Method::MobilePhone, sms || (voice && !office)), (Method::OfficePhone, office)])
    },
    |value, _| {
        let (mobile, office) = (has(value, Method::MobilePhone.word()), has(value, Method::OfficePhone.word()));
        let voice = if mobile || office {
            json!({ "state": "enabled", "isOfficePhoneAllowed": office })
        } else {
            json!({ "state": "disabled" })
        };
        vec![state(SMS, mobile), Patch { key: VOICE, value: voice }]
    },
);

/// The part of `methods.allowed` for notifications and codes of apps. Codes alone come from any code generator, because Microsoft Authenticator cannot be
/// allowed without its notifications.
pub(crate) static APPS: Setting = part(
    &[AUTHENTICATOR, SOFTWARE_OATH],
    const { &[Method::MobileAppNotification.word(), Method::MobileAppCode.word()] },
    |document| {
        let app = is_on(document, AUTHENTICATOR)?;
        let app_codes = app && flag(document, AUTHENTICATOR, "isSoftwareOathEnabled")?;
        let codes = app_codes || is_on(document, SOFTWARE_OATH)?;
        words([(Method::MobileAppNotification, app), (Method::MobileAppCode, codes)])
    },
    |value, _| {
        let (app, codes) = (has(value, Method::MobileAppNotification.word()), has(value, Method::MobileAppCode.word()));
        let configuration = if app {
            json!({ "state": "enabled", "isSoftwareOathEnabled": codes })
        } else {
            json!({ "state": "disabled" })
        };
        // Where the app brings the codes, other generators are left as they are; they are needed or in the way otherwise.
        let generators = (codes != app || !codes).then(|| state(SOFTWARE_OATH, codes));
        [Patch { key: AUTHENTICATOR, value: configuration }].into_iter().chain(generators).collect()
    },
);

/// The targets of each configuration: words such as `Email: all_users`, or a group's id in place of the users.
pub(crate) static TARGETS: Setting = part(
    MANAGED,
    &[],
    |document| {
        let mut found = BTreeSet::new();
        for id in MANAGED {
            found.extend(
                targets(document, id)?.iter().filter_map(|target| Some(target_word(id, target.get("id")?.as_str()?))),
            );
        }
        Ok(Value::Set(found))
    },
    |value, document| {
        let Value::Set(wanted) = value else { return Vec::new() };
        MANAGED.iter().filter_map(|id| added_targets(document, id, wanted)).collect()
    },
);

/// The parts of `methods.allowed` that switch methods.
pub(crate) static METHODS: [&Setting; 3] = [&WITH_OWN_CONFIGURATION, &PHONE, &APPS];

/// The word of [`TARGETS`] for a target of a configuration.
#[must_use]
pub(crate) fn target_word(configuration: &str, target: &str) -> String {
    format!("{configuration}: {}", target.to_ascii_lowercase())
}

/// Whether a configuration is enabled.
///
/// # Errors
/// When the document does not have the configuration, or it has an unknown shape.
pub(crate) fn is_on(document: &Document, id: &str) -> Result<bool, DecodeError> {
    match entry(document, id)?.get("state").and_then(Json::as_str) {
        Some(state) if state.eq_ignore_ascii_case("enabled") => Ok(true),
        Some(state) if state.eq_ignore_ascii_case("disabled") => Ok(false),
        _ => Err(decode_error(id, "with `state` enabled or disabled")),
    }
}

fn added_targets(document: &Document, id: &&'static str, wanted: &BTreeSet<String>) -> Option<Patch> {
    let mut list = targets(document, id).ok()?;
    let has = |word: &str| {
        list.iter().filter_map(|target| target.get("id")?.as_str()).any(|known| target_word(id, known) == word)
    };
    let prefix = format!("{id}: ");
    let missing: Vec<_> = wanted.iter().filter(|word| word.starts_with(&prefix) && !has(word)).collect();
    if missing.is_empty() {
        return None;
    }
    for word in missing {
        let mut target = json!({ "targetType": "group", "id": &word[prefix.len()..], "isRegistrationRequired": false });
        // Nothing more is opened for sign-in than the method itself: no text message as the only factor, and no sign-in without
        // a password.
        match *id {
            SMS => target["isUsableForSignIn"] = false.into(),
            AUTHENTICATOR => target["authenticationMode"] = "push".into(),
            _ => {}
        }
        list.push(target);
    }
    Some(Patch { key: id, value: json!({ "includeTargets": list }) })
}

fn targets(document: &Document, id: &str) -> Result<Vec<Json>, DecodeError> {
    match entry(document, id)?.remove("includeTargets") {
        Some(Json::Array(list)) => Ok(list),
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(_) => Err(decode_error(id, "with a list `includeTargets`")),
    }
}

fn entry(document: &Document, id: &str) -> Result<Map<String, Json>, DecodeError> {
    document.get(id, "a method configuration")
}

fn flag(document: &Document, id: &str, key: &str) -> Result<bool, DecodeError> {
    match entry(document, id)?.get(key) {
        Some(Json::Bool(on)) => Ok(*on),
        _ => Err(decode_error(id, "with its switches true or false")),
    }
}

fn decode_error(id: &str, expected: &'static str) -> DecodeError {
    DecodeError { key: id.to_owned(), found: "a method configuration of another shape".to_owned(), expected }
}

fn words<const N: usize>(methods: [(Method, bool); N]) -> Result<Value, DecodeError> {
    Ok(Value::Set(methods.into_iter().filter(|(_, on)| *on).map(|(method, _)| method.word().to_owned()).collect()))
}

fn has(value: &Value, word: &str) -> bool {
    matches!(value, Value::Set(words) if words.contains(word))
}

fn state(key: &'static str, on: bool) -> Patch {
    Patch { key, value: json!({ "state": if on { "enabled" } else { "disabled" } }) }
}
