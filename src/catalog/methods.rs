//! How people prove who they are: the methods, one row for each, and the settings of the upper half of the portal's
//! Authentication methods page.

use std::collections::BTreeSet;

use serde_json::json;

use crate::base::value::Value;
use crate::catalog::scalar::{decode_number, encode_number, in_section};
use crate::catalog::setting::{NoEffectReason, PortalPage, Setting, ValueKind};
use crate::catalog::strength::AuthenticatorStrength;
use crate::policy::document::Method;
use crate::tenant::document::{DecodeError, Document, Patch};
use crate::tenant::surface::{AuditActivity, Surface};

const REQUIRED_KEY: &str = "numberOfAuthenticationMethodsRequired";

/// What is known of one method by which people prove who they are.
#[derive(Debug)]
pub(crate) struct MethodSpec {
    /// The word in policies and reports, as in the policy's JSON Schema.
    pub(crate) word: &'static str,
    /// The key that switches the method in the portal's password reset policy. The keys of the app lack the `Option`
    /// that the others have.
    pub portal_key: &'static str,
    /// The configurations of the authentication methods policy through which people have the method.
    pub configurations: Configurations,
    /// Methods with the same word here count as one towards the required number (concept-sspr-howitworks).
    pub(crate) counts_as: &'static str,
    /// The number of required methods from which the service offers the method.
    pub(crate) offered_from: u32,
    /// How strong the method is as an authenticator.
    pub(crate) strength: AuthenticatorStrength,
    /// What announcements say of the method, to the people who use it.
    pub announcement: Announcement,
}

/// The configurations of the authentication methods policy for one method, by their ids.
#[derive(Debug)]
pub(crate) enum Configurations {
    /// None: the method stays in the password reset policy, as security questions do.
    None,
    /// One that no other method has. It is enabled exactly when the method is allowed.
    Own(&'static str),
    /// At least one that other methods have, too; [`authentication_methods`](crate::catalog::authentication_methods) has what
    /// each method does to them.
    Shared(&'static [&'static str]),
}

impl Configurations {
    #[must_use]
    pub(crate) const fn ids(&self) -> &[&'static str] {
        match self {
            Self::None => &[],
            Self::Own(id) => std::slice::from_ref(id),
            Self::Shared(ids) => ids,
        }
    }
}

/// A method in the words of an announcement.
#[derive(Debug)]
pub(crate) struct Announcement {
    /// What a person does to reset with it.
    pub title: &'static str,
    /// What a person needs in advance.
    pub preparation: &'static str,
}

/// The ids of method configurations in the authentication methods policy (Microsoft Graph).
pub(crate) const EMAIL: &str = "Email";
pub(crate) const SMS: &str = "Sms";
pub(crate) const VOICE: &str = "Voice";
pub(crate) const AUTHENTICATOR: &str = "MicrosoftAuthenticator";
pub(crate) const SOFTWARE_OATH: &str = "SoftwareOath";
/// The configurations that policies write.
pub(crate) const SSPR_CONFIGURATIONS: [&str; 5] = [EMAIL, SMS, VOICE, AUTHENTICATOR, SOFTWARE_OATH];

/// All methods of the Authenticator app count as one.
pub(crate) const APP: &str = "app";

/// A word that no method has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a method that this version knows")]
pub(crate) struct UnknownMethod(String);

impl Method {
    /// Every method, in the order in which the portal lists them.
    pub(crate) const ALL: [Self; 6] = [
        Self::MobileAppNotification,
        Self::MobileAppCode,
        Self::Email,
        Self::MobilePhone,
        Self::OfficePhone,
        Self::SecurityQuestions,
    ];

    /// What is known of the method.
    #[must_use]
    pub(crate) const fn spec(self) -> &'static MethodSpec {
        match self {
            Self::MobileAppNotification => {
                const {
                    &MethodSpec {
                        word: "mobileAppNotification",
                        portal_key: "mobileAppNotificationEnabled",
                        configurations: Configurations::Shared(&[AUTHENTICATOR]),
                        counts_as: APP,
                        offered_from: 2,
                        strength: AuthenticatorStrength::Authenticator,
                        announcement: Announcement {
                            title: "Approve a notification in the Microsoft Authenticator app",
                            preparation: "Install Microsoft Authenticator on your phone first.",
                        },
                    }
                }
            }
            Self::MobileAppCode => {
                const {
                    &MethodSpec {
                        word: "mobileAppCode",
                        portal_key: "mobileAppCodeEnabled",
                        configurations: Configurations::Shared(&[AUTHENTICATOR, SOFTWARE_OATH]),
                        counts_as: APP,
                        offered_from: 1,
                        strength: AuthenticatorStrength::Authenticator,
                        announcement: Announcement {
                            title: "Enter a code from the Microsoft Authenticator app",
                            preparation: "Install Microsoft Authenticator on your phone first; another app that makes codes \
                                          will do, too.",
                        },
                    }
                }
            }
            Self::Email => {
                const {
                    &MethodSpec {
                        word: "email",
                        portal_key: "emailOptionEnabled",
                        configurations: Configurations::Own(EMAIL),
                        counts_as: "email",
                        offered_from: 1,
                        strength: AuthenticatorStrength::NotAllowed,
                        announcement: Announcement {
                            title: "Enter a code that is sent to another e-mail address of yours",
                            preparation: "Have an address ready that you can read without your work account.",
                        },
                    }
                }
            }
            Self::MobilePhone => {
                const {
                    &MethodSpec {
                        word: "mobilePhone",
                        portal_key: "mobilePhoneOptionEnabled",
                        configurations: Configurations::Shared(&[SMS, VOICE]),
                        counts_as: "mobilePhone",
                        offered_from: 1,
                        strength: AuthenticatorStrength::Restricted,
                        announcement: Announcement {
                            title: "Answer a text message or a call on your mobile phone",
                            preparation: "Have the phone with you.",
                        },
                    }
                }
            }
            Self::OfficePhone => {
                const {
                    &MethodSpec {
                        word: "officePhone",
                        portal_key: "officePhoneOptionEnabled",
                        configurations: Configurations::Shared(&[VOICE]),
                        counts_as: "officePhone",
                        offered_from: 1,
                        strength: AuthenticatorStrength::Restricted,
                        announcement: Announcement {
                            title: "Answer a call on your office phone",
                            preparation: "You can use it only while you are at your desk.",
                        },
                    }
                }
            }
            Self::SecurityQuestions => {
                const {
                    &MethodSpec {
                        word: "securityQuestions",
                        portal_key: "securityQuestionsOptionEnabled",
                        configurations: Configurations::None,
                        counts_as: "securityQuestions",
                        offered_from: 1,
                        strength: AuthenticatorStrength::NoAuthenticator,
                        announcement: Announcement {
                            title: "Answer security questions",
                            preparation: "Choose answers that nobody else knows or can look up.",
                        },
                    }
                }
            }
        }
    }

    /// The word in policies and reports.
    #[must_use]
    pub(crate) const fn word(self) -> &'static str {
        self.spec().word
    }

    /// The method with this word in policies and reports.
    ///
    /// # Errors
    /// When no method has the word. To leave such a word out of a set would disable a method unnoticed.
    pub(crate) fn from_word(word: &str) -> Result<Self, UnknownMethod> {
        let found = Self::ALL.into_iter().find(|method| method.word() == word);
        found.ok_or_else(|| UnknownMethod(word.to_owned()))
    }
}

const WORDS: &[&str; Method::ALL.len()] = &{
    let mut words = [""; Method::ALL.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = Method::ALL[at].spec().word;
        at += 1;
    }
    words
};
const PORTAL_KEYS: &[&str; Method::ALL.len()] = &{
    let mut keys = [""; Method::ALL.len()];
    let mut at = 0;
    while at < keys.len() {
        keys[at] = Method::ALL[at].spec().portal_key;
        at += 1;
    }
    keys
};
const QUESTIONS: &MethodSpec = Method::SecurityQuestions.spec();

/// How many methods a reset takes.
pub(crate) static REQUIRED: Setting = Setting {
    name: "methods.required",
    page: PortalPage::AuthenticationMethods,
    portal: "Number of methods required to reset",
    surface: Surface::PasswordReset,
    keys: &[REQUIRED_KEY],
    kind: ValueKind::Number { min: 1, max: 2 },
    default: "1",
    needs: &[],
    source: "How it works: self-service password reset (concept-sspr-howitworks)",
    audit_names: &["NumberOfRequiredContactMethodsForUsers"],
    audit: None,
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::NoLicence, NoEffectReason::NobodyInScope],
    desired: |policy| in_section(&policy.methods, |methods| &methods.required, |count| Value::Number(*count)),
    decode: |document| decode_number(document, REQUIRED_KEY),
    encode: |value, _| encode_number(value, REQUIRED_KEY),
};

/// The methods people may use, in the legacy policy of the portal.
pub(crate) static ALLOWED: Setting = ALLOWED_ROW;

/// The methods that a tenant has in the legacy policy once it has migrated: security questions.
pub(crate) static ALLOWED_AFTER_MIGRATION: Setting = Setting {
    keys: &[QUESTIONS.portal_key],
    kind: ValueKind::Words(&[QUESTIONS.word]),
    decode: |document| {
        let on: bool = document.get(QUESTIONS.portal_key, "true or false")?;
        Ok(Value::Set(on.then(|| QUESTIONS.word.to_owned()).into_iter().collect()))
    },
    encode: |value, _| match value {
        Value::Set(words) => vec![Patch { key: QUESTIONS.portal_key, value: json!(words.contains(QUESTIONS.word)) }],
        _ => Vec::new(),
    },
    audit: None,
    ..ALLOWED_ROW
};

pub(crate) const ALLOWED_ROW: Setting = Setting {
    name: "methods.allowed",
    page: PortalPage::AuthenticationMethods,
    portal: "Methods available to users",
    surface: Surface::PasswordReset,
    keys: PORTAL_KEYS,
    kind: ValueKind::Words(WORDS),
    default: "email, mobilePhone",
    needs: &[],
    source: "How it works: self-service password reset (concept-sspr-howitworks)",
    audit_names: &["SelectedContactMethodsForUsers"],
    audit: Some(|_| &[AuditActivity::UPDATE_SSPR, AuditActivity::METHODS_POLICY]),
    delay_minutes: None,
    off_value: None,
    no_effect: &[NoEffectReason::NoLicence, NoEffectReason::NobodyInScope],
    desired: |policy| {
        in_section(
            &policy.methods,
            |methods| &methods.allowed,
            |allowed| Value::Set(allowed.iter().map(|method| method.word().to_owned()).collect()),
        )
    },
    decode,
    encode,
};

fn decode(document: &Document) -> Result<Value, DecodeError> {
    let mut words = BTreeSet::new();
    for MethodSpec { word, portal_key, .. } in Method::ALL.map(Method::spec) {
        if document.get(portal_key, "true or false")? {
            words.insert((*word).to_owned());
        }
    }
    Ok(Value::Set(words))
}

fn encode(value: &Value, _: &Document) -> Vec<Patch> {
    match value {
        Value::Set(words) if words.iter().all(|word| Method::from_word(word).is_ok()) => {
            let patch =
                |method: Method| Patch { key: method.spec().portal_key, value: json!(words.contains(method.word())) };
            Method::ALL.map(patch).into()
        }
        _ => Vec::new(),
    }
}
