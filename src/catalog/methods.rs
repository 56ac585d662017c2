//! How people prove who they are: the upper half of the portal's Authentication methods page.

use std::collections::BTreeSet;

use serde_json::json;

use crate::base::value::Value;
use crate::catalog::scalar::{decode_number, encode_number, in_section};
use crate::catalog::setting::{PortalPage, Setting, ValueKind};
use crate::policy::document::Method;
use crate::tenant::document::{DecodeError, Document, Patch};
use crate::tenant::surface::Surface;

const REQUIRED_KEY: &str = "numberOfAuthenticationMethodsRequired";

/// Each method with the key that switches it. The app methods lack the `Option` that the others have.
const FLAGS: [(Method, &str, &str); 6] = [
    (Method::MobileAppNotification, "mobileAppNotification", "mobileAppNotificationEnabled"),
    (Method::MobileAppCode, "mobileAppCode", "mobileAppCodeEnabled"),
    (Method::Email, "email", "emailOptionEnabled"),
    (Method::MobilePhone, "mobilePhone", "mobilePhoneOptionEnabled"),
    (Method::OfficePhone, "officePhone", "officePhoneOptionEnabled"),
    (Method::SecurityQuestions, "securityQuestions", "securityQuestionsOptionEnabled"),
];
const WORDS: &[&str] = &[FLAGS[0].1, FLAGS[1].1, FLAGS[2].1, FLAGS[3].1, FLAGS[4].1, FLAGS[5].1];
const KEYS: &[&str] = &[FLAGS[0].2, FLAGS[1].2, FLAGS[2].2, FLAGS[3].2, FLAGS[4].2, FLAGS[5].2];

/// How many methods a reset takes.
pub static REQUIRED: Setting = Setting {
    name: "methods.required",
    page: PortalPage::AuthenticationMethods,
    portal: "Number of methods required to reset",
    surface: Surface::PasswordReset,
    keys: &[REQUIRED_KEY],
    kind: ValueKind::Number { min: 1, max: 2 },
    default: "1",
    needs: &[],
    source: "How it works: self-service password reset (concept-sspr-howitworks)",
    desired: |policy| in_section(&policy.methods, |methods| &methods.required, |count| Value::Number(*count)),
    decode: |document| decode_number(document, REQUIRED_KEY),
    encode: |value, _| encode_number(value, REQUIRED_KEY),
};

/// The methods people may use, as the legacy policy keeps them.
pub static ALLOWED: Setting = ALLOWED_ROW;

/// What of them stays in the legacy policy of a tenant that has migrated.
pub static ALLOWED_AFTER_MIGRATION: Setting = Setting {
    keys: &[FLAGS[5].2],
    kind: ValueKind::Words(&[FLAGS[5].1]),
    decode: |document| {
        let on: bool = document.get(FLAGS[5].2, "true or false")?;
        Ok(Value::Set(on.then(|| FLAGS[5].1.to_owned()).into_iter().collect()))
    },
    encode: |value, _| match value {
        Value::Set(words) => vec![Patch { key: FLAGS[5].2, value: json!(words.contains(FLAGS[5].1)) }],
        _ => Vec::new(),
    },
    ..ALLOWED_ROW
};

pub(crate) const ALLOWED_ROW: Setting = Setting {
    name: "methods.allowed",
    page: PortalPage::AuthenticationMethods,
    portal: "Methods available to users",
    surface: Surface::PasswordReset,
    keys: KEYS,
    kind: ValueKind::Words(WORDS),
    default: "email, mobilePhone",
    needs: &[],
    source: "How it works: self-service password reset (concept-sspr-howitworks)",
    desired: |policy| {
        in_section(
            &policy.methods,
            |methods| &methods.allowed,
            |allowed| Value::Set(allowed.iter().map(|method| word(*method).to_owned()).collect()),
        )
    },
    decode,
    encode,
};

/// The word for a method.
#[must_use]
pub fn word(method: Method) -> &'static str {
    FLAGS.iter().find(|(known, ..)| *known == method).map_or("", |(_, word, _)| *word)
}

fn decode(document: &Document) -> Result<Value, DecodeError> {
    let mut words = BTreeSet::new();
    for (_, word, key) in FLAGS {
        if document.get(key, "true or false")? {
            words.insert(word.to_owned());
        }
    }
    Ok(Value::Set(words))
}

fn encode(value: &Value, _: &Document) -> Vec<Patch> {
    match value {
        Value::Set(words) => FLAGS.map(|(_, word, key)| Patch { key, value: json!(words.contains(word)) }).into(),
        _ => Vec::new(),
    }
}
